"""The statement sets of etc/sql, each against the product's own table."""

import os
import time

import pymysql
import pytest

import fcgi
import gate as gates
import process
import taps
from products import NAMED, PRODUCTS, STORED, Site

pytestmark = pytest.mark.plain_build

RECHECK = 0.5
IN_TIME = {"user.recheck": "500ms"}
# whole names, and what parts of them or of others' would be
ROLES = sorted({"Staff", "shop", "manager", "west", "a:b", "c", "b",
                "GLOBAL_MODERATORS", "anonymous_user"}.union(
                    *(names for p in PRODUCTS for _, names in p.roles)))
RULES = "[gate]\n" + "".join(
    f"rule = /{number} role {name}\n" for number, name in enumerate(ROLES))
BY_HASH = [(p.name, name) for p in PRODUCTS for name in p.hashes]


@pytest.fixture(scope="module")
def sites(mysql_server):
    made = {}

    def site(name):
        if name not in made:
            made[name] = Site(mysql_server, NAMED[name])
        return made[name]

    yield site
    for site in made.values():
        with mysql_server.admin(database=None) as sql:
            sql.execute(f"DROP DATABASE {site.database}")
            for role in ("reader", "writer"):
                sql.execute(f"DROP USER {role}_{site.product.name}@localhost")


@pytest.fixture
def start(start_gate, place):
    """start(site, text, role): the program with these statements."""

    def run(site, text, role, **settings):
        path = os.path.join(place("c"), "sessgate.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        checked = gates.run("--check-config", "--config", path, settings={
            **site.product.settings, **settings, "mysql.url": site.url(role),
            "redis.url": "unix://" + site.redis.path})
        assert checked.returncode == 0, checked.stderr
        # argon2 of 64 MiB takes its time beside other tests
        return start_gate({"mysql.url": site.url(role), "login.floor": "1ms",
                           **taps.PATIENT, **site.product.settings, **settings},
                          args=["--config", path])

    return run


@pytest.fixture
def site(request, sites, redis):
    found = sites(request.param)
    found.redis = redis
    return found


def becomes(claim):
    """It comes to hold within [user] recheck, and a little."""
    return process.until(claim, (RECHECK + 0.5) * process.SLACK) is not None


def stays(claim):
    """It holds for longer than [user] recheck; a slow machine needs no more."""
    end = time.monotonic() + RECHECK + 0.5
    while time.monotonic() < end:
        if not claim():
            return False
        time.sleep(0.05)
    return True


each_product = pytest.mark.parametrize("site", NAMED, indirect=True)
each_hash = pytest.mark.parametrize("site,hashed", BY_HASH, indirect=["site"])


def log_in(gate, login, password):
    return gate.post("/login", {"email": login, "password": password})


def session(gate, site, password):
    answer = log_in(gate, site.product.logins[0], password)
    assert answer.status == 200, answer
    return gates.Cookie(answer.header("Set-Cookie")).pair


@each_hash
def test_a_user_of_the_product_logs_in_and_is_shown(site, hashed, start):
    password = site.refill(hashed)
    gate = start(site, site.product.conf, "reader")
    answer = log_in(gate, site.product.logins[0], password)
    assert (answer.status, answer.json().get("user")) == (
        200, site.product.shown), answer
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    answer = gate.get("/auth", cookie)
    assert (answer.status, answer.json()["user"]) == (
        200, site.product.shown)
    answer = gate.get("/user/me", cookie)
    assert answer.json()["user"] == site.product.shown
    answer = log_in(gate, site.product.logins[0], password + "x")
    assert (answer.status, answer.message) == (
        401, "Invalid email or password")


@each_product
def test_logins_are_taken_as_the_product_takes_them(site, start):
    password = site.refill(site.product.hashes[0])
    gate = start(site, site.product.conf, "reader")
    for login in site.product.logins:
        answer = log_in(gate, login, password)
        assert (answer.status, answer.json().get("user")) == (
            200, site.product.shown), login
    for login in ("", "nobody", "Anonymous", "alice' OR '1'='1", "alic_",
                  "%", "👻", "a\x00"):
        assert log_in(gate, login, password).status in (400, 401), login


@pytest.mark.parametrize("site", ["phpbb", "phpbb4"], indirect=True)
@pytest.mark.parametrize("name, stored, clean", [
    ("Tom & <Jerry>", "Tom &amp; &lt;Jerry&gt;", "tom &amp; &lt;jerry&gt;"),
    ('The "Boss"', "The &quot;Boss&quot;", "the &quot;boss&quot;"),
    ("R&amp;D", "R&amp;amp;D", "r&amp;amp;d"),
    ("Straße", "Straße", "strasse")])
def test_names_of_phpbb_are_taken_as_the_board_shows_them(
        site, start, name, stored, clean):
    password = site.refill("phpbb-bcrypt-html-table")
    site.run("UPDATE phpbb_users SET username = %s, username_clean = %s "
             "WHERE user_id = 42", stored, clean)
    site.ask_anew()
    gate = start(site, site.product.conf, "reader")
    for login in (name, name.upper() if "ß" not in name else name):
        answer = log_in(gate, login, password)
        assert answer.status == 200, answer
        assert answer.json()["user"]["name"] == name
    assert log_in(gate, stored, password).status == (
        401 if stored != name else 200)


@pytest.mark.parametrize("site", ["wordpress"], indirect=True)
@pytest.mark.parametrize("hashed", [
    "wp-default", "phpass-P", "bcrypt-default"])
def test_a_password_is_trimmed_as_wordpress_does(site, hashed, start):
    password = site.refill(hashed)
    gate = start(site, site.product.conf, "reader")
    for typed in (" " + password, password + "\t", "\n\v" + password + "\r\n"):
        assert log_in(gate, "alice", typed).status == 200, repr(typed)
    for typed in ("\u00a0" + password, password + "\f", password + "."):
        assert log_in(gate, "alice", typed).status == 401, repr(typed)


@each_product
def test_a_blocked_account_is_nobody(site, start):
    """It does not log in, and the sessions it has are of no use."""
    password = site.refill(site.product.hashes[-1])
    gate = start(site, site.product.conf, "reader")
    login = site.product.logins[0]
    for block, unblock in site.product.blocks:
        answer = log_in(gate, login, password)
        assert answer.status == 200
        cookie = gates.Cookie(answer.header("Set-Cookie")).pair
        site.run(block)
        answer = log_in(gate, login, password)
        assert (answer.status, answer.message) == (
            401, "Invalid email or password"), block
        site.ask_anew()
        answer = gate.get("/auth", cookie)
        assert (answer.status, answer.message) == (
            403, "User not found for session"), block
        site.run(unblock)
        # that nobody is there is remembered for some seconds
        site.ask_anew()
        assert gate.get("/auth", cookie).status == 200


@pytest.mark.parametrize("site", ["phpbb"], indirect=True)
def test_a_ban_that_is_over_and_a_founder_s_ban_block_nobody(site, start):
    password = site.refill("bcrypt-default")
    gate = start(site, site.product.conf, "reader")
    ban = "INSERT INTO phpbb_banlist (ban_userid, ban_end) VALUES (42, {})"
    site.run(ban.format("UNIX_TIMESTAMP() - 1"))
    assert log_in(gate, "Älice", password).status == 200
    site.run(ban.format(0))
    assert log_in(gate, "Älice", password).status == 401
    site.run("UPDATE phpbb_users SET user_type = 3")
    assert log_in(gate, "Älice", password).status == 200
    site.run("DELETE FROM phpbb_banlist")


@pytest.mark.parametrize("site", [
    p.name for p in PRODUCTS if p.blocks], indirect=True)
def test_a_user_who_is_disabled_is_out_in_time(site, start):
    password = site.refill(site.product.hashes[-1])
    gate = start(site, site.product.conf, "reader", **IN_TIME)
    cookie = session(gate, site, password)
    for block, unblock in site.product.blocks:
        site.ask_anew()
        assert gate.get("/auth", cookie).status == 200
        assert site.state()["active"] == 1
        site.run(block)
        assert becomes(lambda: gate.get("/auth", cookie).code ==
                       "session_user_gone"), block
        state = site.state()
        assert not state or not state["active"]
        site.run(unblock)


@each_product
def test_a_hash_that_the_product_changed_ends_the_sessions_of_before(
        site, start):
    """Sessions opened after the change stay."""
    password = site.refill(site.product.hashes[-1])
    gate = start(site, site.product.conf, "reader", **IN_TIME)
    old = session(gate, site, password)
    assert gate.get("/auth", old).status == 200
    password = site.change_hash(site.product.hashes[0])
    assert becomes(lambda: gate.get("/auth", old).status == 403), \
        gate.get("/auth", old)
    new = session(gate, site, password)
    assert stays(lambda: gate.get("/auth", new).status == 200)


def roles_at(gate, cookie):
    """Those of ROLES with which the gate lets this session in."""
    found = set()
    for number, name in enumerate(ROLES):
        answer = gate.get(cookie=cookie, REQUEST_URI=f"/{number}",
                          role=fcgi.AUTHORIZER)
        assert answer.status in (200, 403), answer
        if answer.status == 200:
            found.add(name)
    return found


@each_product
def test_the_gate_lets_in_by_the_roles_of_the_product(site, start):
    password = site.refill(site.product.hashes[-1])
    gate = start(site, site.product.conf + RULES, "reader")
    cookie = session(gate, site, password)
    for change, roles in site.product.roles:
        site.run(change)
        site.ask_anew()
        assert roles_at(gate, cookie) == set(roles), change


@pytest.mark.parametrize("site", ["laravel"], indirect=True)
def test_a_column_of_roles_can_be_added(site, start):
    password = site.refill(site.product.hashes[0])
    site.run("ALTER TABLE users ADD role varchar(255) NOT NULL DEFAULT ''")
    site.run("GRANT SELECT (role) ON users TO reader_laravel@localhost")
    text = site.product.conf.replace("NULL AS roles", "role AS roles")
    gate = start(site, text + RULES, "reader")
    cookie = session(gate, site, password)
    assert roles_at(gate, cookie) == set()
    site.run("UPDATE users SET role = 'administrator' WHERE id = 42")
    site.ask_anew()
    assert roles_at(gate, cookie) == {"administrator"}
    site.run("REVOKE SELECT (role) ON users FROM reader_laravel@localhost")
    site.run("ALTER TABLE users DROP role")


@each_product
def test_each_granted_column_is_needed_and_no_other_can_be_read(site):
    """Without any one of them a statement cannot be prepared."""

    def can_prepare():
        with site.link("reader") as link, link.cursor() as sql:
            for number, text in enumerate(site.product.statements()):
                sql.execute("SET @text = %s", (text,))
                sql.execute(f"PREPARE s{number} FROM @text")

    assert len(site.product.statements()) == 3
    can_prepare()
    who = f"reader_{site.product.name}@localhost"
    for kind, columns, table in site.product.grants():
        if kind != "SELECT":
            continue
        for column in columns:
            site.run(f"REVOKE SELECT ({column}) ON {table} FROM {who}")
            with pytest.raises(pymysql.Error):
                can_prepare()
            site.run(f"GRANT SELECT ({column}) ON {table} TO {who}")
        wishes = [f"DELETE FROM {table}"]
        if len(columns) < len(site.run(f"SHOW COLUMNS FROM {table}")):
            wishes.append(f"SELECT * FROM {table}")
        for wish in wishes:
            with site.link("reader") as link, link.cursor() as sql:
                with pytest.raises(pymysql.Error):
                    sql.execute(wish)


@each_product
def test_as_shipped_nothing_is_written(site, start):
    password = site.refill(site.product.hashes[0])
    gate = start(site, site.product.conf, "reader")
    answer = log_in(gate, site.product.logins[0], password)
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    answer = gate.ask("PATCH", "/user/me", cookie=cookie,
                      document={"name": "Eve"})
    assert answer.status in (403, 404, 405)
    assert gate.get("/user/me", cookie).json()["user"] == site.product.shown


@pytest.mark.parametrize("site", [
    p.name for p in PRODUCTS if "#user_update" in p.conf], indirect=True)
def test_the_name_can_be_opened_to_change(site, start):
    password = site.refill(site.product.hashes[0])
    gate = start(site, site.product.with_options(), "writer")
    answer = log_in(gate, site.product.logins[0], password)
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    changed = {**site.product.shown, "name": "Élise 🎩"}
    answer = gate.ask("PATCH", "/user/me", cookie=cookie,
                      document={"name": changed["name"]})
    assert (answer.status, answer.json().get("user")) == (200, changed)
    assert gate.get("/user/me", cookie).json()["user"] == changed
    answer = gate.ask("PATCH", "/user/me", cookie=cookie,
                      document={"image": "/x.png"})
    assert answer.status == 400
    assert gate.get("/user/43", cookie).status == 404


@pytest.mark.parametrize("site", [
    p.name for p in PRODUCTS if p.strong], indirect=True)
def test_a_weak_stored_form_can_be_made_strong(site, start):
    """With the statement and the GRANT that the set has for it."""
    password = site.refill(site.product.strong)
    gate = start(site, site.product.with_options(), "writer",
                 **{"login.rehash": "on"})
    login = site.product.logins[0]
    table = site.product.insert.split()[2]
    column = next(columns[0] for kind, columns, _ in site.product.grants()
                  if kind == "UPDATE" and "pass" in columns[0])

    def stored():
        return sorted(row[0] or "" for row in
                      site.run(f"SELECT {column} FROM {table}"))

    before = stored()
    assert log_in(gate, login, password).status == 200
    assert gate.heals(lambda: stored() != before)
    weak = STORED[site.product.strong][1]
    others = [hashed for hashed in before if hashed != weak]
    new = [hashed for hashed in stored() if hashed not in others]
    assert len(new) == 1 and new[0].startswith("$2y$12$")
    assert log_in(gate, login, password).status == 200
    assert log_in(gate, login, password + "x").status == 401
