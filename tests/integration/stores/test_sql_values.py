"""Columns of all types: is the user active, is it this id."""

import json

import fcgi
import pytest

import gate as gates
import people
import process
import stack

PASSWORD = people.PASSWORD
HASH = people.bcrypt(PASSWORD)
FAST = {"user.recheck": "200ms"}

# of a column: its type, values that let in, values that do not, and whether
# the log has to name the statement for one of the latter
ACTIVE = [
    ("INT", ["1", "2", "-1"], ["0", "NULL"], False),
    ("TINYINT(1)", ["1"], ["0"], False),
    ("INT(3) ZEROFILL", ["1"], ["0"], False),
    ("BIGINT UNSIGNED", ["18446744073709551615"], ["0"], False),
    ("DECIMAL(5,2)", ["1", "0.01"], ["0", "0.001"], False),
    ("FLOAT", ["1", "0.5"], ["0"], False),
    ("DOUBLE", ["1.5"], ["0", "-0.0"], False),
    ("YEAR", ["2026"], ["0"], False),
    ("BIT(1)", ["b'1'"], ["b'0'", "NULL"], False),
    ("BIT(8)", ["b'1'", "b'00110000'", "b'10000000'"], ["b'0'"], False),
    ("BIT(64)", ["b'1'", "18446744073709551615"], ["b'0'"], False),
    ("CHAR(1)", ["'1'"], ["'Y'", "'N'", "''"], True),
    ("CHAR(10)", ["'1'", "' 1'"], ["'0'", "'true'"], True),
    ("VARCHAR(200)", ["'1'", "' 1 '", "'01'", "REPEAT('9', 200)"],
     ["'false'", "'00'", "'0x1'", "'1e0'", "'-0'", "'+0'", "' '", "'no'",
      "REPEAT('0', 200)"], True),
    ("ENUM('Y','N','0','1')", ["'1'"], ["'Y'", "'N'", "'0'"], True),
    ("SET('a','b')", [], ["'a'", "'a,b'", "''"], True),
    ("BINARY(1)", ["'1'"], ["0x01", "0x00"], True),
    ("TEXT", ["'1'"], ["'on'"], True),
    ("DATE", [], ["'2026-01-01'", "'0000-00-00'"], True),
    ("DATETIME", [], ["'2026-01-01 00:00:00'", "'0000-00-00'"], True),
    ("TIME", [], ["'00:00:01'"], True),
    ("JSON", ["'1'"], ["'true'", "'[1]'"], True),
]


@pytest.fixture
def table(own_mysql):
    """table(columns, *rows): a table `people` of the test's own."""

    def make(columns, *rows):
        with own_mysql.admin() as sql:
            sql.execute("SET sql_mode = ''")
            sql.execute("DROP TABLE IF EXISTS people")
            sql.execute(f"CREATE TABLE people ({columns})")
            for row in rows:
                sql.execute(f"INSERT INTO people VALUES ({row})")
    yield make
    with own_mysql.admin() as sql:
        sql.execute("DROP TABLE IF EXISTS people")


def run(mysql, statement):
    with mysql.admin() as sql:
        sql.execute("SET sql_mode = ''")
        sql.execute(statement)


STATE = {"mysql.user_state": "SELECT active, email AS login, NULL AS roles, "
         "password AS hash FROM users JOIN people USING (id) WHERE id = :id"}


@pytest.mark.parametrize("kind,good,bad,is_logged", ACTIVE,
                         ids=[row[0] for row in ACTIVE])
@pytest.mark.sanitized(2)
def test_only_a_number_other_than_0_lets_in(
        start_gate, own_mysql, table, bob, kind, good, bad, is_logged):
    table(f"id INT, active {kind}", f"{bob.id}, NULL")
    gate = start_gate({**STATE, **FAST, "mysql.url": own_mysql.url})
    for value in good:
        run(own_mysql, f"UPDATE people SET active = {value}")
        assert gate.post("/login", bob.login).status == 200, value
    for value in bad:
        run(own_mysql, f"UPDATE people SET active = {value}")
        assert gate.post("/login", bob.login).code == "login_failed", value
    lines = gate.events("mysql active unreadable")
    assert len(lines) == (1 if is_logged else 0), lines
    assert all("user_state" in line for line in lines)


def test_an_expression_may_be_active(start_gate, own_mysql, table, bob):
    table("id INT, active CHAR(1)", f"{bob.id}, 'Y'")
    gate = start_gate({
        **FAST, "mysql.url": own_mysql.url, "mysql.user_state":
        STATE["mysql.user_state"].replace("active", "active = 'Y' AS active",
                                          1)})
    assert gate.post("/login", bob.login).status == 200
    run(own_mysql, "UPDATE people SET active = 'N'")
    assert gate.post("/login", bob.login).code == "login_failed"
    assert not gate.events("mysql active unreadable")


@pytest.mark.parametrize("kind,status,words", [
    ("INT", 0, None), ("BIT(1)", 0, None), ("DECIMAL(5,2)", 0, None),
    ("CHAR(1)", 0, "active is a text"), ("ENUM('Y','N')", 0, "is a text"),
    ("JSON", 0, "active is a text"),
    ("DATE", 78, "a date or a time"), ("TIMESTAMP NULL", 78, "a date"),
    ("TIME", 78, "a date or a time")])
def test_check_config_looks_at_the_type_of_active(
        stores, own_mysql, table, kind, status, words):
    table(f"id INT, active {kind}")
    said = gates.run("--check-config", settings={
        **stores, **STATE, "mysql.url": own_mysql.url})
    assert said.returncode == status, said
    assert (words is None) == ("user_state" not in said.stderr)
    assert words is None or words in said.stderr


# ids

IDS = {
    "mysql.user_by_login": "SELECT id, login, name, login AS email, "
    "NULL AS image, hash FROM people WHERE login = :login",
    "mysql.user_by_id": "SELECT id, login, name, login AS email, "
    "NULL AS image FROM people WHERE id = :id",
    "mysql.user_update": "UPDATE people SET name = IF(:name_given, :name, "
    "name) WHERE id = :id",
    "mysql.password_update": "UPDATE people SET hash = :hash WHERE id = :id",
    **FAST}
COLUMNS = ", login VARCHAR(60), name VARCHAR(60), hash VARCHAR(100)"


def person(uid, login):
    return f"{uid}, '{login}', '{login}', '{HASH}'"


@pytest.fixture
def rights(own_mysql):
    with own_mysql.admin() as sql:
        sql.execute(f"GRANT UPDATE ON {own_mysql.DATABASE}.* TO "
                    f"{own_mysql.USER}@localhost")
    yield
    with own_mysql.admin() as sql:
        sql.execute(f"REVOKE UPDATE ON {own_mysql.DATABASE}.* FROM "
                    f"{own_mysql.USER}@localhost")


def enter(gate, login):
    answer = gate.post("/login", {"email": login, "password": PASSWORD})
    assert answer.status == 200, answer
    return gates.Cookie(answer.all("Set-Cookie")[0]).pair


# type of the column, [user] id_type, an id, another row that SQL takes for it
OTHERS = [
    ("VARCHAR(20)", "integer", "42", "42x"),
    ("VARCHAR(20)", "integer", "42", "042"),
    ("VARCHAR(20)", "integer", "42", "42 "),
    ("VARCHAR(20)", "integer", "42", " 42"),
    ("VARCHAR(20)", "integer", "42", "42.0"),
    ("VARCHAR(20)", "integer", "42", "4.2e1"),
    ("CHAR(20)", "integer", "42", "42x"),
    ("TEXT", "integer", "42", "42x"),
    ("VARCHAR(20)", "text", "anna", "Anna"),
    ("VARCHAR(20)", "text", "anna", "änna"),
    ("VARCHAR(20)", "text", "anna", "anna "),
    ("VARCHAR(40) COLLATE utf8mb4_unicode_ci", "uuid",
     "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
     "3F2504E0-4F89-11D3-9A0C-0305E82C3301"),
    ("INT", "text", "42", None),
]


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("kind,id_type,uid,other", OTHERS)
def test_a_row_of_another_id_is_no_row(
        start_gate, own_mysql, table, rights, kind, id_type, uid, other):
    table(f"id {kind}{COLUMNS}", person(f"'{uid}'", "old"))
    gate = start_gate({**IDS, "mysql.url": own_mysql.url,
                       "user.id_type": id_type})
    cookie = enter(gate, "old")
    assert gate.get("/user/me", cookie).json()["user"]["id"] == uid
    assert gate.get("/auth", cookie).json()["user"]["id"] == uid
    run(own_mysql, "DELETE FROM people")
    if other:
        run(own_mysql, f"INSERT INTO people VALUES ({person(repr(other), 'new')})")
    assert gate.ask("PATCH", "/user/me", document={"name": "stolen"},
                    cookie=cookie).status != 200
    assert process.until(
        lambda: gate.get("/auth", cookie).code == "session_user_gone",
        2 * process.SLACK)
    assert process.until(
        lambda: gate.get(cookie=cookie, REQUEST_URI="/",
                         role=fcgi.AUTHORIZER).status == 401,
        2 * process.SLACK)
    with own_mysql.admin() as sql:
        sql.execute("SELECT COUNT(*) FROM people WHERE name = 'stolen'")
        assert sql.fetchone()[0] == 0


def test_two_ids_that_are_one_number_are_two_users(
        start_gate, own_mysql, table, rights):
    table(f"id VARCHAR(20) PRIMARY KEY{COLUMNS}", person("'42'", "one"),
          person("'42x'", "two"), person("'042'", "three"))
    gate = start_gate({**IDS, "mysql.url": own_mysql.url})
    cookie = enter(gate, "one")
    assert gate.ask("PATCH", "/user/me", document={"name": "mine"},
                    cookie=cookie).json()["user"]["name"] == "mine"
    assert gate.post("/password", {"current": PASSWORD, "new": "new horse 9"},
                     cookie).status == 200
    with own_mysql.admin() as sql:
        sql.execute("SELECT id, name, hash = %s FROM people ORDER BY login",
                    (HASH,))
        assert sql.fetchall() == (("42", "mine", 0), ("042", "three", 1),
                                  ("42x", "two", 1))


STATE_BY_ID = ("SELECT {} 1 AS active, 'x' AS login, 'staff' AS roles, "
               "hash FROM people WHERE id = :id")


@pytest.mark.parametrize("column,status", [("'43' AS id,", 401),
                                           ("id,", 200), ("", 200)])
def test_a_state_that_names_an_id_must_name_this_one(
        start_gate, own_mysql, table, column, status):
    table(f"id INT{COLUMNS}", person("42", "old"))
    gate = start_gate({**IDS, "mysql.url": own_mysql.url,
                       "mysql.user_state": STATE_BY_ID.format(column)})
    answer = gate.post("/login", {"email": "old", "password": PASSWORD})
    assert answer.status == status


@pytest.mark.sanitized(3)
@pytest.mark.parametrize("kind", [
    "INT", "INT(8) ZEROFILL", "BIGINT UNSIGNED",
    "BIGINT(20) UNSIGNED ZEROFILL", "DECIMAL(20,0)", "VARCHAR(30)",
    "CHAR(30)", "BINARY(2)"])
def test_a_column_of_any_type_may_hold_an_id(
        start_gate, own_mysql, table, rights, kind):
    table(f"id {kind} PRIMARY KEY{COLUMNS}", person("'42'", "old"))
    gate = start_gate({**IDS, "mysql.url": own_mysql.url})
    cookie = enter(gate, "old")
    assert gate.ask("PATCH", "/user/42", document={"name": "mine"},
                    cookie=cookie).json()["user"] == {
                        "id": "42", "name": "mine", "email": "old"}


BIG = ["9223372036854775807", "9223372036854775808", "12345678901234567890",
       "18446744073709551614", "18446744073709551615"]


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("uid", BIG)
@pytest.mark.parametrize("kind", ["BIGINT UNSIGNED", "DECIMAL(20,0)",
                                  "VARCHAR(20)"])
def test_ids_have_up_to_20_digits(
        start_gate, own_mysql, table, rights, kind, uid):
    """Its neighbour is another user, even where doubles are the same."""
    table(f"id {kind} PRIMARY KEY{COLUMNS}", person(uid, "big"),
          person(str(int(uid) - 1), "neighbour"))
    gate = start_gate({**IDS, "mysql.url": own_mysql.url,
                       "session.key": "migrate", "cookie.secure": "off"})
    cookie = enter(gate, "big")
    assert gate.ask("PATCH", f"/user/{uid}", document={"name": "mine"},
                    cookie=cookie).json()["user"]["id"] == uid
    assert gate.get("/auth", cookie).json()["user"]["id"] == uid
    with own_mysql.admin() as sql:
        sql.execute("SELECT COUNT(*) FROM people WHERE name = 'mine'")
        assert sql.fetchone()[0] == 1


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("uid,status", [
    ('"42"', 200), ("42", 200), ('"042"', 403), ('" 42"', 403),
    ('"42 "', 403), ('"42x"', 403), ('"4.2e1"', 403), ("42.0", 403),
    ("4.2e1", 403), ("-42", 403), ('"+42"', 403), ("[42]", 403),
    ("18446744073709551615", 200), ("18446744073709551616", 403),
    ("1e1", 403), ("true", 403)])
def test_a_session_of_node_names_its_user_by_the_id(
        start_gate, redis, own_mysql, table, uid, status):
    table(f"id VARCHAR(20){COLUMNS}", person("'42'", "a"),
          person("'18446744073709551615'", "b"))
    gate = start_gate({**IDS, "mysql.url": own_mysql.url,
                       "session.key": "migrate", "cookie.secure": "off"})
    redis.client.set("sess:" + "T" * 32,
                     f'{{"userId":{uid},"createdAt":1}}', ex=60)
    answer = gate.get("/auth", "SESSION-TOKEN=" + "T" * 32)
    assert answer.status == status, answer
    if status == 200:
        assert answer.json()["user"]["id"] == str(json.loads(uid))


def test_a_text_for_an_id_uses_the_index(own_mysql, table):
    """The id goes to SQL as a text, to columns of numbers too."""
    table(f"id BIGINT UNSIGNED PRIMARY KEY{COLUMNS}", person("42", "a"),
          person("43", "b"), person("44", "c"))
    with own_mysql.admin() as sql:
        if stack.IS_ORACLES:
            sql.execute("SET explain_format = 'TRADITIONAL'")
        sql.execute("PREPARE s FROM 'EXPLAIN SELECT * FROM people "
                    "WHERE id = ?'")
        sql.execute("SET @id = '42'")
        sql.execute("EXECUTE s USING @id")
        plan = sql.fetchone()
        assert "const" in plan and "PRIMARY" in plan, plan
