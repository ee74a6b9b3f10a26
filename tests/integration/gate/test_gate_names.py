"""The name and the roles of a user, from MariaDB to a page, on each server."""

import pytest

import people
import sites
from sites import FOLDER, NAVIGATION, PAGE

pytestmark = pytest.mark.plain_build

TABLES = [
    "CREATE TABLE staff (user_id BIGINT UNSIGNED, role VARCHAR(40)) "
    "CHARSET utf8mb4",
    "CREATE TABLE raw_users (id BIGINT UNSIGNED PRIMARY KEY, "
    "login VARBINARY(64), email VARCHAR(190), hash VARCHAR(255))"]
STATE = ("SELECT 1 AS active, email AS login, (SELECT GROUP_CONCAT(role "
         "ORDER BY role) FROM staff WHERE user_id = users.id) AS roles, "
         "password AS hash FROM users WHERE id = :id")
RAW = "SELECT id, login, NULL AS name, email, NULL AS image{} FROM raw_users"
RAW_SETTINGS = {
    "mysql.user_by_login":
        RAW.format(", hash") + " WHERE email = :login",
    "mysql.user_by_id": RAW.format("") + " WHERE id = :id",
    "mysql.user_update": ""}
CLAIMED = [(name, "root") for name in (
    "X-Sessgate-Name", "X-Sessgate-Roles", "Sessgate-Name", "Sessgate-Roles",
    "Variable-SESSGATE_NAME", "Variable-SESSGATE_ROLES")]
# newer ones of lighttpd refuse two headers that become one variable of CGI
CLAIMS = (CLAIMED, [("SESSGATE_ROLES", "root")])


@pytest.fixture(scope="module", autouse=True)
def tables(mysql_server):
    with mysql_server.admin() as sql:
        for statement in TABLES:
            sql.execute(statement)
    yield
    with mysql_server.admin() as sql:
        sql.execute("DROP TABLE staff, raw_users")


@pytest.fixture(scope="module", params=sites.KINDS)
def kind(request):
    return sites.KINDS[request.param]


@pytest.fixture(scope="module")
def site(kind, place, stores, tables):
    made = kind(place("w"), {
        **stores, "log.target": "stderr", "mysql.user_state": STATE})
    yield made
    made.close()


@pytest.fixture
def add(users, mysql):
    def one(name, *roles):
        user = users.add(name=name)
        with mysql.admin() as sql:
            for role in roles:
                sql.execute("INSERT INTO staff VALUES (%s, %s)",
                            (user.id, role))
        return user
    return one


def name_and_roles(site, seen):
    """The name and the roles that a page was told."""
    begin = site.identity["id"].removesuffix("USER_ID")
    server = seen["server"]
    assert not [key for key, value in server.items() if value == "root"
                and key.removeprefix("HTTP_").startswith(
                    ("SESSGATE_", "X_SESSGATE_"))
                and key.startswith(begin)]
    return server.get(begin + "NAME"), server.get(begin + "ROLES")


@pytest.mark.parametrize("name,roles", [
    ("Alice Müller", ["editor", "staff"]), ("", []), ("日本 ✓", ["staff"]),
    ("O'Brien \"x\" \\ ; $a & %2c", ["a.b", "ü"])])
def test_a_page_is_told_the_name_and_the_roles(site, redis, add, name, roles):
    visitor = sites.Visitor(site.port)
    visitor.log_in(add(name, *roles))
    for headers in ([], *CLAIMS):
        shown, listed = name_and_roles(site, visitor.see(headers=headers))
        assert (shown or "") == name
        assert (listed or "") == ",".join(roles)


@pytest.mark.parametrize("name", ["a\nb", "a\rX-Other: 1", "\x1b[2J", "\x7f"])
def test_a_name_with_control_bytes_is_missing(site, redis, add, name):
    visitor = sites.Visitor(site.port)
    user = add(name, "staff")
    visitor.log_in(user)
    for headers in CLAIMS:
        seen = visitor.see(headers=headers)
        shown, listed = name_and_roles(site, seen)
        assert not shown and listed == "staff"
        assert site.who(seen)["user"] == user.email


@pytest.mark.parametrize("headers", CLAIMS, ids=["with hyphens", "without"])
def test_what_clients_claim_tells_nothing_of_nobody(site, redis, headers):
    visitor = sites.Visitor(site.port)
    if not site.has_open_pages:
        assert visitor.ask("GET", FOLDER + "who.php",
                           headers=headers).status == 401
        return
    seen = visitor.see("/who.php", headers=headers)
    shown, listed = name_and_roles(site, seen)
    assert not shown and not listed


# a login that is no UTF-8

def test_two_logins_that_differ_in_bytes_alone_are_both_refused(
        kind, place, stores, redis, mysql):
    """Mended to UTF-8 both would be one."""
    raw = [b"m\xfcller", b"m\xf6ller"]
    with mysql.admin() as sql:
        for uid, login in enumerate(raw, 7001):
            sql.execute("REPLACE INTO raw_users VALUES (%s, %s, %s, %s)", (
                uid, login, f"raw{uid}@example.org", people.bcrypt()))
    site = kind(place("w"), {
        **stores, "log.target": "stderr", **RAW_SETTINGS})
    try:
        for uid in (7001, 7002):
            visitor = sites.Visitor(site.port)
            visitor.log_in(people.User(
                uid, f"raw{uid}@example.org", None, None, people.PASSWORD))
            ran = site.runs()
            for page in ("page.html", "who.php"):
                for headers in ([], NAVIGATION):
                    came = visitor.ask("GET", FOLDER + page, headers=headers)
                    assert came.status == 403 and PAGE not in came.text
            assert site.runs() == ran
            assert any("gate refused" in line and f"id={uid}" in line
                       for line in site.gate.log_text().splitlines())
    finally:
        site.close()
