"""Applications behind the gate, by the recipes of doc/applications.

WordPress behind nginx always; the others, and the measurement in a browser,
with SESSGATE_LONG=1.
"""

import os
import re

import pytest

import applications
import browser as browsers
import process
import sites
from sites import NAVIGATION

pytestmark = pytest.mark.plain_build

LONG = os.environ.get("SESSGATE_LONG") == "1"
BOSS = {"email": "boss", "password": "pw of boss"}
SUB = {"email": "sub", "password": "pw of sub"}


@pytest.fixture(scope="module", params=applications.WORDPRESS)
def wordpress(request, place, stores, mysql_server):
    if request.param != "nginx" and not LONG:
        pytest.skip("SESSGATE_LONG=1 asks for it")
    site = applications.WORDPRESS[request.param](
        place("w"), {**stores, "log.target": "stderr"}, mysql_server)
    yield site
    site.close()


@pytest.fixture
def visitor(wordpress, redis):
    return Visitor(wordpress.port)


class Visitor(sites.Visitor):
    def enter(self, login):
        came = self.ask("POST", "/sessgate/login", login)
        assert came.status == 200, came
        return self

    def ask(self, method, path, *args, **kind):
        """The application's own cookies are not kept."""
        before = self.cookie
        came = super().ask(method, path, *args, **kind)
        if not path.startswith("/sessgate/"):
            self.cookie = before
        return came

    def page(self, path, method="GET", **kind):
        return self.ask(method, path, headers=NAVIGATION, **kind)


def name_shown(came):
    """Whom wp-admin greets."""
    found = re.search(r'class="display-name">([^<]*)<', came.text)
    return found and found[1]


def test_robots_need_a_rule(wordpress, visitor):
    """The rules of the whole host decide here too."""
    assert visitor.ask("GET", "/wp-cron.php").status == 200
    assert visitor.ask(
        "GET", "/.well-known/acme-challenge/x").status in (301, 404)
    assert visitor.ask("GET", "/wp-admin/").status == 401


def test_wordpress_takes_the_gates_word(visitor):
    came = visitor.page("/wp-admin/")
    assert came.status == 303
    assert came.headers["Location"].startswith("/sessgate/login?next=")
    visitor.enter(BOSS)
    came = visitor.page("/wp-admin/")
    assert (came.status, name_shown(came)) == (200, "boss")
    assert "/sessgate/logout?next=" in came.text
    assert "wordpress_" not in str(came.headers.get_all("Set-Cookie"))


def test_wordpress_keeps_its_roles(visitor):
    visitor.enter(SUB)
    assert name_shown(visitor.page("/wp-admin/profile.php")) == "sub"
    assert visitor.page("/wp-admin/users.php").status == 403


def test_permalinks_and_the_front_page_are_public(visitor):
    for path in ("/", "/hello-world/", "/wp-json/", "/index.php/wp-json/"):
        came = visitor.ask("GET", path)
        assert came.status in (200, 301), (path, came)


def test_a_write_over_rest_needs_the_nonce(visitor):
    """WordPress skips it for users whom its own cookie does not name."""
    visitor.enter(BOSS)
    post = {"title": "x", "content": "x", "status": "publish"}
    for path in ("/wp-json/wp/v2/posts", "/?rest_route=/wp/v2/posts",
                 "/index.php?rest_route=/wp/v2/posts"):
        assert visitor.ask("POST", path, post).status == 401, path
    came = visitor.page("/wp-admin/post-new.php")
    nonce = re.search(r'createNonceMiddleware\( "([0-9a-f]+)"', came.text)[1]
    came = visitor.ask("POST", "/wp-json/wp/v2/posts", post,
                       headers=[("X-WP-Nonce", nonce)])
    assert came.status == 201, came
    visitor.enter(BOSS)  # another session
    assert visitor.ask("POST", "/wp-json/wp/v2/posts", post, headers=[
        ("X-WP-Nonce", nonce)]).status == 403


@pytest.mark.parametrize("path", [
    "/wp-login.php", "/wp-login.php?action=register", "//wp-login.php",
    "/wp-login.php/x", "/wp-login.php?action=lostpassword", "/WP-LOGIN.PHP",
    "/Wp-Login.php", "/wp-login.PHP", "/wp-login.php/../Wp-login.php"])
def test_wordpress_has_no_login_of_its_own(visitor, path):
    """Other spellings lead nowhere, or to the gate's login as well."""
    came = visitor.ask("POST", path, kind="application/x-www-form-urlencoded",
                       body=b"log=boss&pwd=pw+of+boss&wp-submit=1")
    for cookie in came.headers.get_all("Set-Cookie", []):
        assert cookie.startswith("wordpress_test_cookie=")
    assert came.status in (301, 303, 401, 404)


def test_xmlrpc_and_basic_passwords_open_nothing(visitor):
    call = ("<methodCall><methodName>wp.getUsers</methodName><params>"
            "<param><value>1</value></param><param><value>boss</value></param>"
            "<param><value>pw of boss</value></param></params></methodCall>")
    came = visitor.ask("POST", "/xmlrpc.php", body=call.encode(),
                       kind="text/xml")
    assert "faultCode" in came.text and "boss@example.org" not in came.text
    came = visitor.ask("GET", "/wp-json/wp/v2/users/me", headers=[
        ("Authorization", "Basic Ym9zczpwdyBvZiBib3Nz")])
    assert came.status == 401


@pytest.mark.parametrize("path", [
    "/WP-JSON/wp/v2/users/me", "/Wp-Json/wp/v2/posts",
    "/?REST_ROUTE=/wp/v2/users/me", "/?rest_route=/WP/V2/users/me",
    "/INDEX.PHP/wp-json/wp/v2/users/me", "/XMLRPC.PHP", "/WP-ADMIN/users.php"])
def test_twins_in_other_letters_lead_nowhere(visitor, path):
    """Neither names a user of WordPress nor writes, without a login."""
    for method in ("GET", "POST"):
        came = visitor.ask(method, path, headers=[
            ("Authorization", "Basic Ym9zczpwdyBvZiBib3Nz")])
        assert "boss@example.org" not in came.text
        assert came.status in (200, 301, 302, 303, 401, 403, 404, 405), came
        if came.status == 200:  # the front page, or what strangers may read
            assert '"id":1,"name":"boss"' not in came.text
            assert name_shown(came) is None


def test_wordpresses_own_cookie_names_nobody(visitor, wordpress):
    """One that WordPress itself signed, as before the gate came."""
    cookie = applications.php("""
$_SERVER['HTTP_HOST'] = $argv[2];
require $argv[1] . '/wp-load.php';
echo LOGGED_IN_COOKIE, '=', rawurlencode(
    wp_generate_auth_cookie(1, time() + 999, 'logged_in')), '; ',
    AUTH_COOKIE, '=', rawurlencode(
    wp_generate_auth_cookie(1, time() + 999, 'auth'));
""", wordpress.root, f"127.0.0.1:{wordpress.port}")
    visitor.cookie = cookie
    assert visitor.page("/wp-admin/").status == 303
    assert visitor.ask("GET", "/wp-json/wp/v2/users/me").status == 401
    visitor.cookie = None
    visitor.enter(SUB)
    visitor.cookie += "; " + cookie
    assert name_shown(visitor.page("/wp-admin/profile.php")) == "sub"


def test_a_user_who_is_blocked_is_out(visitor, wordpress, mysql, redis):
    visitor.enter(SUB)
    assert visitor.page("/wp-admin/profile.php").status == 200
    with mysql.admin(database="wordpress") as sql:
        sql.execute("UPDATE wp_users SET user_status = 1 "
                    "WHERE user_login = 'sub'")
    redis.client.delete(*redis.client.keys("uauth:*"))
    try:
        assert visitor.page("/wp-admin/profile.php").status == 303
    finally:
        with mysql.admin(database="wordpress") as sql:
            sql.execute("UPDATE wp_users SET user_status = 0")


def test_one_logout_ends_both(visitor):
    visitor.enter(BOSS)
    came = visitor.page("/wp-login.php?action=logout")
    assert came.headers["Location"].startswith("/sessgate/logout?next=")
    cookie = visitor.cookie
    visitor.log_out()
    visitor.cookie = cookie
    assert visitor.page("/wp-admin/").status == 303


def test_a_stranger_gets_the_applications_own_headers(visitor):
    came = visitor.ask("GET", "/wp-json/")
    assert "private" not in (came.headers["Cache-Control"] or "")


TRANSFERRED = """return performance.getEntriesByType('resource')
  .map(e => e.transferSize).reduce((a, b) => a + b, 0)"""
LARGEST = """return performance.getEntriesByType('resource')
  .map(e => [e.transferSize, e.name]).sort((a, b) => b[0] - a[0]).slice(0, 3)
  .join(' ')"""


@pytest.mark.skipif(not LONG, reason="SESSGATE_LONG=1 asks for it")
def test_a_browser_loads_the_dashboard_once(
        wordpress, place, redis, record_property):
    base = f"http://127.0.0.1:{wordpress.port}"
    browser = browsers.Browser(place("b"), base)

    def is_loaded():
        return browser.driver.execute_script(
            "return document.readyState") == "complete"

    try:
        browser.open("/sessgate/login?next=%2Fwp-admin%2F")
        browser.log_in(BOSS["email"], BOSS["password"])
        assert browser.path == "/wp-admin/"
        assert process.until(is_loaded, 30) is not None
        first = browser.driver.execute_script(TRANSFERRED)
        browser.open("/wp-admin/")
        assert process.until(is_loaded, 30) is not None
        second = browser.driver.execute_script(TRANSFERRED)
        print(browser.driver.execute_script(LARGEST))
        record_property("bytes", (first, second))
        print(f"first view {first} bytes, second {second}")
        assert first > 200_000 and second <= 20_000
        browser.open("/sessgate/logout")
        browser.press("Log out")
        browser.open("/wp-admin/")
        assert "Dashboard" not in browser.driver.page_source
        browser.back()
        assert "display-name" not in browser.driver.page_source
    finally:
        browser.close()
