"""Links to MySQL are set up whatever the server's settings say."""

import re

import pytest

import gate as gates
import people
import process
import taps
from taps import LONG

pytestmark = pytest.mark.plain_build

STATE = ("SELECT image IS NOT NULL AS active, email AS login, name AS roles, "
         "password AS hash FROM users WHERE id = :id")
SETTINGS = {**taps.PATIENT, "mysql.user_state": STATE, "user.recheck": "200ms",
            "login.floor": "1ms",
            "mysql.timeout": "3s",
            "mysql.password_update":
            "UPDATE users SET password = :hash WHERE id = :id"}
RIGHTS = "SELECT, UPDATE"

# values of a global variable or init_connect; each breaks, or would break,
# a link that is not set up
GLOBALS = {
    "autocommit": "0",
    "tx_isolation": "'SERIALIZABLE'",
    "tx_read_only": "1",
    "completion_type": "'RELEASE'",
    "sql_select_limit": "0",
    "sql_safe_updates": "1",
    "sql_auto_is_null": "1",
    "sql_big_selects": "0",
    "max_join_size": "1",
    "group_concat_max_len": "4",
    "max_statement_time": "0.0001",
    "lock_wait_timeout": "86400",
    "innodb_lock_wait_timeout": "3600",
    "sql_mode": "'ANSI,ORACLE'",
    "time_zone": "'+13:00'",
    "collation_connection": "'latin1_german2_ci'",
    "character_set_client": "'latin1'",
    "character_set_results": "'latin1'",
    "div_precision_increment": "0",
    "query_cache_type": "'ON'",
}
# of these, the ones on which it depends whether a change is kept
TRANSACTIONS = ("autocommit", "tx_isolation", "tx_read_only",
                "completion_type", "sql_safe_updates")
INITS = [
    "SET autocommit=0",
    "SET autocommit=0; SET completion_type='CHAIN'",
    "SET autocommit=0; SELECT 1",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
    "START TRANSACTION READ ONLY",
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
    "SET NAMES latin1",
    "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
    "SET character_set_results=NULL",
    "SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
    "SET sql_mode='PAD_CHAR_TO_FULL_LENGTH,IGNORE_SPACE,"
    "HIGH_NOT_PRECEDENCE,REAL_AS_FLOAT'",
    "SET sql_mode=''",
    "SET sql_select_limit=1",
    "SET sql_select_limit=0",
    "SET sql_safe_updates=1, sql_big_selects=0, max_join_size=1",
    "SET group_concat_max_len=4",
    "SET max_statement_time=0.0001",
    "SET time_zone='-08:00'",
    "SET completion_type='RELEASE'",
]


@pytest.fixture
def writer(own_mysql):
    """The program's account may write, and init_connect is for it too."""
    with own_mysql.admin() as sql:
        sql.execute(f"GRANT {RIGHTS} ON {own_mysql.DATABASE}.* TO "
                    f"{own_mysql.USER}@localhost")
    yield own_mysql
    with own_mysql.admin() as sql:
        sql.execute("SET GLOBAL init_connect=''")
        sql.execute(f"REVOKE UPDATE ON {own_mysql.DATABASE}.* FROM "
                    f"{own_mysql.USER}@localhost")


def change(mysql, statement, *values):
    with mysql.admin() as sql:
        sql.execute(statement, values)


def becomes(claim):
    return process.until(claim, 2.0 * process.SLACK) is not None


def everything_works(gate, mysql, bob, *, with_password):
    """A login, a disabled user, passwords, ALTER TABLE.

    with_password: also the change of a password, whose hash costs 250 ms.
    """
    cookie = gate.log_in(bob)
    assert gate.get("/auth", cookie).status == 200
    assert gate.ask("PATCH", "/user/me", document={"name": "Zoë 😀"},
                    cookie=cookie).json()["user"]["name"] == "Zoë 😀"
    change(mysql, "UPDATE users SET image = NULL WHERE id = %s", bob.id)
    assert becomes(
        lambda: gate.get("/auth", cookie).code == "session_user_gone")
    assert gate.post("/login", bob.login).code == "login_failed"
    change(mysql, "UPDATE users SET image = 'x' WHERE id = %s", bob.id)
    assert becomes(lambda: gate.get("/auth", cookie).status == 200)
    if with_password:
        changed = gate.post("/password", {"current": bob.password,
                                          "new": "another horse 9"}, cookie)
        assert changed.status == 200, changed
        with mysql.admin() as sql:
            sql.execute("SELECT password FROM users WHERE id = %s", (bob.id,))
            assert sql.fetchone()[0].startswith("$2y$12$")
    bob.password = "yet another one"
    change(mysql, "UPDATE users SET password = %s WHERE id = %s",
           people.bcrypt(bob.password), bob.id)
    cookie = gate.log_in(bob)
    with mysql.admin() as sql:
        sql.execute("SET lock_wait_timeout = 2")
        sql.execute("ALTER TABLE users ADD COLUMN extra INT")
        sql.execute("ALTER TABLE users DROP COLUMN extra")
    change(mysql, "DELETE FROM users WHERE id = %s", bob.id)
    assert becomes(
        lambda: gate.get("/auth", cookie).code == "session_user_gone")


@pytest.mark.parametrize("name", GLOBALS)
def test_a_global_setting_changes_nothing(start_gate, writer, bob, name):
    with writer.admin() as sql:
        sql.execute("SHOW GLOBAL VARIABLES LIKE %s", (name,))
        found = sql.fetchone()
        if found is None:
            pytest.skip("this server has no such variable")
    saved = found[1]
    try:
        with writer.admin() as sql:
            sql.execute(f"SET GLOBAL {name} = {GLOBALS[name]}")
        gate = start_gate({**SETTINGS, "mysql.url": writer.url})
        everything_works(gate, Set(writer), bob,
                         with_password=LONG or name in TRANSACTIONS)
    finally:
        value = saved if re.fullmatch(r"[0-9.]+", saved) else f"'{saved}'"
        with Set(writer).admin() as sql:
            sql.execute(f"SET GLOBAL {name} = {value}")


class Set:
    """A server whose admin is not hurt by what is tried on the program."""

    def __init__(self, mysql):
        self.mysql = mysql

    def admin(self):
        return GoodAdmin(self.mysql)


class GoodAdmin:
    def __init__(self, mysql):
        self.context = mysql.admin()

    def __enter__(self):
        sql = self.context.__enter__()
        sql.execute("SET SESSION autocommit=1, sql_mode='', "
                    "sql_safe_updates=0, sql_select_limit=1000000, "
                    "completion_type=0, max_join_size=1000000, "
                    "max_statement_time=0, sql_big_selects=1")
        sql.execute("SET SESSION TRANSACTION READ WRITE")
        sql.execute("SET NAMES utf8mb4")
        return sql

    def __exit__(self, *why):
        return self.context.__exit__(*why)


@pytest.mark.parametrize("init", INITS)
def test_an_init_connect_changes_nothing(start_gate, writer, bob, init):
    change(writer, "SET GLOBAL init_connect = %s", init)
    gate = start_gate({**SETTINGS, "mysql.url": writer.url})
    everything_works(gate, writer, bob,
                     with_password=LONG or "autocommit" in init)


def test_an_init_connect_that_fails_is_an_outage(start_gate, writer, bob):
    change(writer, "SET GLOBAL init_connect = 'nonsense'")
    gate = start_gate({**SETTINGS, "mysql.url": writer.url})
    assert gate.post("/login", bob.login).code == "mysql_unavailable"
    assert gate.heals(lambda: gate.events("mysql lost"))
    change(writer, "SET GLOBAL init_connect = ''")
    assert gate.heals(lambda: gate.post("/login", bob.login).status == 200)


def test_links_are_set_to_what_the_manual_says(start_gate, writer, bob):
    change(writer, "SET GLOBAL init_connect = %s", INITS[-1])
    gate = start_gate({
        "mysql.url": writer.url, "mysql.timeout": "2s",
        "mysql.user_by_id":
        "SELECT id, email AS login, CONCAT_WS(' ', @@autocommit, "
        "@@tx_isolation, @@tx_read_only, @@sql_mode, @@sql_select_limit, "
        "@@character_set_client, @@character_set_results, "
        "@@group_concat_max_len, @@lock_wait_timeout, "
        "@@innodb_lock_wait_timeout, @@max_statement_time, @@completion_type)"
        " AS name, email, image FROM users WHERE id = :id"})
    cookie = gate.log_in(bob)
    assert gate.get("/user/me", cookie).json()["user"]["name"] == (
        "ON READ-COMMITTED OFF STRICT_ALL_TABLES 18446744073709551615 utf8mb4 "
        "utf8mb4 1048576 2 2 2.000000 NO_CHAIN")


def test_roles_are_never_cut(start_gate, writer, bob):
    """A role that is cut might be another one."""
    change(writer, "SET GLOBAL init_connect = 'SET group_concat_max_len=4'")
    gate = start_gate({
        "mysql.url": writer.url, "gate.rule": "/staff role staff-readers",
        "mysql.user_state": "SELECT 1 AS active, u.email AS login, "
        "(SELECT GROUP_CONCAT(r SEPARATOR ',') FROM "
        "(SELECT 'staff-readers' AS r) t) AS roles, u.password AS hash "
        "FROM users u WHERE u.id = :id"})
    cookie = gate.log_in(bob)
    assert gate.get(cookie=cookie, REQUEST_URI="/staff",
                    role=gates.fcgi.AUTHORIZER).status == 200


def test_links_that_read_let_alter_table_through(start_gate, writer, bob):
    """None keeps a transaction open, and so a metadata lock."""
    change(writer, "SET GLOBAL init_connect = 'SET autocommit=0'")
    gate = start_gate({**SETTINGS, "mysql.url": writer.url})
    gate.log_in(bob)
    with writer.admin() as sql:
        sql.execute("SELECT COUNT(*) FROM information_schema.innodb_trx")
        assert sql.fetchone()[0] == 0
