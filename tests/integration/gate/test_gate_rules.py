"""Path rules, as each web server passes paths on and answers through."""

import pytest

import process
import sites
from sites import FOLDER, NAVIGATION, PAGE

pytestmark = pytest.mark.plain_build

OPEN, STAFF, BOSS = (FOLDER + name for name in ("open/", "staff/", "boss/"))
RULES = f"{OPEN} public\nrule = {STAFF} role staff\nrule = {BOSS} user root"
# the table of etc/schema.sql has no roles: a name says enough here
STATE = ("SELECT 1 AS active, email AS login, name AS roles, "
         "password AS hash FROM users WHERE id = :id")


@pytest.fixture(scope="module", params=sites.KINDS)
def site(request, place, stores, frail_redis):
    made = sites.KINDS[request.param](place("w"), {
        **stores, "log.target": "stderr", "gate.rule": RULES,
        "mysql.user_state": STATE, "redis.url": frail_redis.url})
    yield made
    made.close()


@pytest.fixture
def visitor(site, frail_redis):
    frail_redis.restore()
    frail_redis.client.flushall()
    yield sites.Visitor(site.port)
    frail_redis.restore()


def is_barred(visitor, path):
    came = visitor.ask("GET", path, headers=NAVIGATION)
    return came.status == 403 and PAGE not in came.text


def test_what_is_public_is_shown_to_everybody(site, visitor, alice):
    assert visitor.ask("GET", OPEN + "page.html").text == PAGE
    assert site.who(visitor.see(OPEN + "who.php")) == {}
    visitor.log_in(alice)
    assert site.who(visitor.see(OPEN + "who.php"))["user"] == alice.email


def test_a_forged_identity_is_none_on_a_public_page_either(site, visitor):
    seen = visitor.see(OPEN + "who.php", headers=[
        ("X-Sessgate-User", "root"), ("Remote-User", "root"),
        ("Variable-Remote-User", "root"),
        ("Authorization", "Basic cm9vdDp4")])
    assert site.who(seen) == {}


def test_who_is_not_named_is_barred(site, visitor, users):
    visitor.log_in(users.add(name="staff"))
    ran = site.runs()
    for name in ("who.php", "page.html", ""):
        assert is_barred(visitor, BOSS + name)
    assert site.runs() == ran
    assert visitor.ask("GET", STAFF + "page.html").text == PAGE
    visitor.see(STAFF + "who.php")
    visitor.log_in(users.add(name="guest"))
    ran = site.runs()
    assert is_barred(visitor, STAFF + "who.php")
    assert site.runs() == ran
    visitor.log_in(users.add(email="root"))
    visitor.see(BOSS + "who.php")


@pytest.mark.parametrize("path", [
    f"/{FOLDER}open/../staff/@", f"{OPEN}../staff/@", f"{OPEN}%2e%2e/staff/@",
    f"{OPEN}..%2fstaff/@", f"/{STAFF}@", f"{FOLDER}%73taff/@",
    f"{FOLDER}open/./../staff/@", f"/.{STAFF}@", f"{OPEN};/../staff/@"])
def test_no_disguise_makes_a_path_public(site, visitor, path):
    ran = site.runs()
    for name in ("who.php", "page.html"):
        came = visitor.ask("GET", path.replace("@", name))
        assert came.status >= 400 and PAGE not in came.text
    assert site.runs() == ran


def test_without_redis_public_pages_are_shown_and_name_nobody(
        site, visitor, frail_redis, alice):
    visitor.log_in(alice)
    frail_redis.stop()
    assert site.who(visitor.see(OPEN + "who.php")) == {}
    assert visitor.ask("GET", FOLDER + "who.php").status >= 500
    frail_redis.start()
    assert process.until(
        lambda: visitor.ask("GET", FOLDER + "who.php").status == 401,
        5) is not None
