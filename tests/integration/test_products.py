"""The statement sets of etc/sql, each against the product's own table.

The table is as the product makes it (tests/data/products), the stored
passwords were written by the product's code (tests/data/passwords.txt), and
the database account has what the set's GRANT lines give and no more.
"""

import os
import re

import pymysql
import pytest

import gate as gates
import stack

ETC = os.path.join(stack.TOP, "etc", "sql")
DATA = os.path.join(stack.TOP, "tests", "data")
SECRET = "sql-secret"


def text_of(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def stored_forms():
    """Of passwords.txt: name -> (password, what stands in the table)."""
    rows = [line.split("\t") for line in
            text_of(DATA, "passwords.txt").splitlines()
            if line and not line.startswith("#")]
    return {row[0]: (row[2], row[3]) for row in rows if row[4] == "right"}


STORED = stored_forms()


class Product:
    """A product's users: how one is added, found, shown and blocked."""

    def __init__(self, name, insert, *, forms, shown, logins, blocks,
                 strong=None):
        self.name = name
        self.insert = insert  # SQL; %s is the stored form of user 42
        self.forms = forms  # names in passwords.txt
        self.shown = {"id": "42", **shown}
        self.logins = logins  # what may be typed to log in
        self.blocks = blocks  # (SQL that blocks user 42, SQL that takes it back)
        self.strong = strong  # a weak form that rehash makes a strong one of

    @property
    def conf(self):
        return text_of(ETC, self.name + ".conf")

    def with_options(self):
        """The set with everything in it that stands behind a #."""
        text = re.sub(r"^user_update =$", "", self.conf, flags=re.M) \
            if "#user_update" in self.conf else self.conf
        lines, goes_on = [], False
        for line in text.splitlines():
            if goes_on or re.match(r"#[a-z_]+ = ", line):
                goes_on = line.endswith("\\")
                line = line[1:]
            lines.append(line)
        return "\n".join(lines) + "\n"

    def grants(self):
        """The GRANT lines: (what, on which table), a list of columns each."""
        comments = "\n".join(line.lstrip("# ") for line in
                             self.conf.splitlines() if line.startswith("#"))
        return [(kind, re.split(r",\s*", columns), table)
                for kind, columns, table in re.findall(
                    r"GRANT (SELECT|UPDATE) \(([^)]*)\)\s+ON example\.(\w+)"
                    r"\s+TO sessgate@localhost;", comments)]

    def statements(self):
        """The statements that are on, parameters as the server has them."""
        text = self.conf.replace("\\\n", "")
        found = re.findall(r"^user_by_\w+ = +(.*)$", text, re.M)
        return [re.sub(r":(login|id)\b", "?", sql) for sql in found]


PRODUCTS = [
    Product(
        "wordpress",
        "INSERT INTO wp_users (ID, user_login, user_pass, user_nicename, "
        "user_email, user_registered, display_name) VALUES "
        "(42, 'alice', %s, 'alice', 'alice@example.org', NOW(), "
        "'Alice Łoś 🐇'), "
        "(43, 'bob', 'x', 'bob', 'bob@example.org', NOW(), 'Bob'), "
        "(41, 'alice@example.org', 'x', 'm', 'mallory@example.org', NOW(), "
        "'Mallory')",
        forms=["wp-default", "phpass-P", "bcrypt-default"],
        shown={"name": "Alice Łoś 🐇", "email": "alice@example.org"},
        logins=["alice", "ALICE", "alice@example.org", "Alice@Example.org"],
        blocks=[("UPDATE wp_users SET user_status = 1 WHERE ID = 42",
                 "UPDATE wp_users SET user_status = 0 WHERE ID = 42")],
        strong="phpass-P"),
    Product(
        "laravel",
        "INSERT INTO users (id, name, email, password, created_at) VALUES "
        "(42, 'Alice', 'alice@example.org', %s, NOW()), "
        "(43, 'Bob', 'bob@example.org', 'x', NOW())",
        forms=["bcrypt-12", "argon2id-default"],
        shown={"name": "Alice", "email": "alice@example.org"},
        logins=["alice@example.org", "Alice@example.org"],
        blocks=[]),
    Product(
        "phpbb",
        "INSERT INTO phpbb_users (user_id, user_type, username, "
        "username_clean, user_password, user_email, user_avatar, "
        "user_avatar_type, user_permissions, user_sig) VALUES "
        "(42, 0, 'Älice', 'älice', %s, 'alice@example.org', "
        "'42_1700000000.png', 'avatar.driver.upload', '', ''), "
        "(1, 2, 'Anonymous', 'anonymous', 'x', '', '', '', '', '')",
        forms=["bcrypt-default", "argon2id-default", "phpass-H"],
        shown={"name": "Älice", "email": "alice@example.org",
               "image": "/download/file.php?avatar=42_1700000000.png"},
        logins=["Älice", "älice", "ÄLICE"],
        blocks=[
            (f"UPDATE phpbb_users SET user_type = {kind} WHERE user_id = 42",
             "UPDATE phpbb_users SET user_type = 0 WHERE user_id = 42")
            for kind in (1, 2)
        ] + [
            ("INSERT INTO phpbb_banlist (ban_userid, ban_end) "
             f"VALUES (42, {end})", "DELETE FROM phpbb_banlist")
            for end in ("0", "UNIX_TIMESTAMP() + 60")],
        strong="phpass-H"),
    Product(
        "drupal7",
        "INSERT INTO users (uid, name, pass, mail, created, status) VALUES "
        "(42, 'alice', %s, 'alice@example.org', 1, 1), (0, '', '', '', 1, 1)",
        forms=["drupal-default"],
        shown={"name": "alice", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[("UPDATE users SET status = 0 WHERE uid = 42",
                 "UPDATE users SET status = 1 WHERE uid = 42")]),
    Product(
        "drupal10",
        "INSERT INTO users_field_data (uid, langcode, name, pass, mail, "
        "status, created, access, default_langcode) VALUES "
        "(42, 'en', 'alice', %s, 'alice@example.org', 1, 1, 1, 1), "
        "(42, 'pl', 'alice', 'x', 'alice@example.org', 1, 1, 1, 0), "
        "(0, 'en', '', NULL, NULL, 0, 1, 1, 1)",
        forms=["bcrypt-default", "drupal-default"],
        shown={"name": "alice", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[
            ("UPDATE users_field_data SET status = 0 WHERE uid = 42",
             "UPDATE users_field_data SET status = 1 WHERE uid = 42")],
        strong="drupal-default"),
    Product(
        "django",
        "INSERT INTO auth_user (id, password, is_superuser, username, "
        "first_name, last_name, email, is_staff, is_active, date_joined) "
        "VALUES (42, %s, 0, 'alice', 'Alice', 'Liddell', "
        "'alice@example.org', 0, 1, NOW(6)), "
        "(43, '!x', 0, 'bob', '', '', '', 0, 1, NOW(6))",
        forms=["django-600000", "django-default"],
        shown={"name": "Alice Liddell", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[("UPDATE auth_user SET is_active = 0 WHERE id = 42",
                 "UPDATE auth_user SET is_active = 1 WHERE id = 42")]),
]
NAMED = {product.name: product for product in PRODUCTS}
BY_FORM = [(p.name, form) for p in PRODUCTS for form in p.forms]


class Site:
    """A database of its own for a product, and accounts to read it with."""

    def __init__(self, mysql, product):
        self.mysql, self.product = mysql, product
        self.database = "p_" + product.name
        with mysql.admin(database=None) as sql:
            sql.execute(f"CREATE DATABASE {self.database}")
        tables = re.sub(r"^--.*$", "",
                        text_of(DATA, "products", product.name + ".sql"),
                        flags=re.M)
        for statement in filter(str.strip, tables.split(";")):
            self.run(statement)
        self.account("reader", ("SELECT",))
        self.account("writer", ("SELECT", "UPDATE"))

    def account(self, role, kinds):
        who = f"{role}_{self.product.name}@localhost"
        self.run(f"CREATE USER {who} IDENTIFIED BY '{SECRET}'")
        for kind, columns, table in self.product.grants():
            if kind in kinds:
                self.run(f"GRANT {kind} ({', '.join(columns)}) "
                         f"ON {table} TO {who}")

    def run(self, statement, *values):
        with self.mysql.admin(database=self.database) as sql:
            sql.execute(statement, values or None)
            return sql.fetchall()

    def refill(self, form):
        """The rows anew; user 42 has this stored form."""
        password, stored = STORED[form]
        table = self.product.insert.split()[2]
        self.run(f"DELETE FROM {table}")
        self.run(self.product.insert, stored)
        return password

    def url(self, role):
        return (f"mysql://{role}_{self.product.name}:{SECRET}@localhost/"
                f"{self.database}?socket={self.mysql.path}")

    def link(self, role):
        return pymysql.connect(
            unix_socket=self.mysql.path, database=self.database,
            user=f"{role}_{self.product.name}", password=SECRET,
            charset="utf8mb4")


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
            **settings, "mysql.url": site.url(role),
            "redis.url": "unix://" + site.redis.path})
        assert checked.returncode == 0, checked.stderr
        return start_gate({"mysql.url": site.url(role), **settings},
                          args=["--config", path])

    return run


@pytest.fixture
def site(request, sites, redis):
    found = sites(request.param)
    found.redis = redis
    return found


each_product = pytest.mark.parametrize("site", NAMED, indirect=True)
each_form = pytest.mark.parametrize("site,form", BY_FORM, indirect=["site"])


def log_in(gate, login, password):
    return gate.post("/login", {"email": login, "password": password})


@each_form
def test_a_user_of_the_product_logs_in_and_is_shown(site, form, start):
    password = site.refill(form)
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
    password = site.refill(site.product.forms[0])
    gate = start(site, site.product.conf, "reader")
    for login in site.product.logins:
        answer = log_in(gate, login, password)
        assert (answer.status, answer.json().get("user")) == (
            200, site.product.shown), login
    for login in ("", "nobody", "Anonymous", "alice' OR '1'='1", "alic_",
                  "%", "👻", "a\x00"):
        assert log_in(gate, login, password).status in (400, 401), login


@each_product
def test_a_blocked_account_is_nobody(site, start):
    """It does not log in, and the sessions it has are of no use."""
    password = site.refill(site.product.forms[-1])
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
        site.redis.client.delete("user:42", "uauth:{42}")
        answer = gate.get("/auth", cookie)
        assert (answer.status, answer.message) == (
            403, "User not found for session"), block
        site.run(unblock)
        # that nobody is there is remembered for some seconds
        site.redis.client.delete("user:42", "uauth:{42}")
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


@each_product
def test_each_granted_column_is_needed_and_no_other_can_be_read(site):
    """Without any one of them a statement cannot be prepared."""

    def can_prepare():
        with site.link("reader") as link, link.cursor() as sql:
            for number, text in enumerate(site.product.statements()):
                sql.execute("SET @text = %s", (text,))
                sql.execute(f"PREPARE s{number} FROM @text")

    assert len(site.product.statements()) == 2
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
        for wish in (f"SELECT * FROM {table}", f"DELETE FROM {table}"):
            with site.link("reader") as link, link.cursor() as sql:
                with pytest.raises(pymysql.Error):
                    sql.execute(wish)


@each_product
def test_as_shipped_nothing_is_written(site, start):
    password = site.refill(site.product.forms[0])
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
    password = site.refill(site.product.forms[0])
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
    others = [form for form in before if form != STORED[site.product.strong][1]]
    new = [form for form in stored() if form not in others]
    assert len(new) == 1 and new[0].startswith("$2y$12$")
    assert log_in(gate, login, password).status == 200
    assert log_in(gate, login, password + "x").status == 401
