"""Errors of a real server: could not tell is 503, said plainly, and heals."""

import time

import pytest

import gate as gates
import people
import stack
import taps
from outages import SLACK, is_down

WRITES = {"mysql.password_update":
          "UPDATE users SET password = :hash WHERE id = :id"}


@pytest.fixture
def writer(own_mysql):
    """A server whose account for the program may write."""

    def say(words):
        with own_mysql.admin() as sql:
            sql.execute(f"{words} ON {own_mysql.DATABASE}.* "
                        f"{'FROM' if 'REVOKE' in words else 'TO'} "
                        f"{own_mysql.USER}@localhost")
    say("GRANT UPDATE")
    yield own_mysql
    say("REVOKE UPDATE")


def say(mysql, *statements):
    with mysql.admin() as sql:
        for statement in statements:
            sql.execute(statement)


def rename(gate, cookie, name="Zoë"):
    return gate.ask("PATCH", "/user/me", document={"name": name},
                    cookie=cookie)


def test_a_server_that_is_read_only_takes_changes_again(
        start_gate, writer, bob):
    gate = start_gate({"mysql.url": writer.url})
    cookie = gate.log_in(bob)
    assert rename(gate, cookie).status == 200
    say(writer, "SET GLOBAL read_only = 1")
    is_down(rename(gate, cookie), "mysql_unavailable")
    assert gate.get("/auth", cookie).status == 200
    gate.log_in(bob)
    say(writer, "SET GLOBAL read_only = 0")
    assert rename(gate, cookie).status == 200
    assert "read-only" in gate.first_event("mysql statement failed")
    assert "user_update" in gate.first_event("mysql statement failed")


@pytest.mark.parametrize("path", ["/user/me", "/password"])
def test_a_missing_privilege_is_named(start_gate, own_mysql, bob, path):
    gate = start_gate({**WRITES, **taps.PATIENT, "mysql.url": own_mysql.url})
    cookie = gate.log_in(bob)
    if path == "/password":
        answer = gate.post(path, {"current": bob.password,
                                  "new": "another horse 9"}, cookie)
    else:
        answer = rename(gate, cookie)
    is_down(answer, "mysql_unavailable")
    said = gate.first_event("mysql statement failed")
    assert "UPDATE command denied" in said, said
    assert ("password_update" if path == "/password" else
            "user_update") in said
    assert gate.log_in(bob)


def test_a_missing_right_to_read_is_no_missing_user(
        start_gate, own_mysql, bob):
    """It comes after the links were opened."""
    gate = start_gate({"mysql.url": own_mysql.url, "user.recheck": "200ms"})
    cookie = gate.log_in(bob)
    who = f"{own_mysql.DATABASE}.* {{}} {own_mysql.USER}@localhost"
    say(own_mysql, "REVOKE SELECT ON " + who.format("FROM"))
    try:
        own_mysql.kill_links()
        time.sleep(0.5)
        assert gate.post("/login", bob.login).code == "mysql_unavailable"
        answer = gate.get(cookie=cookie, REQUEST_URI="/",
                          role=gates.fcgi.AUTHORIZER)
        assert answer.status == 200  # what is known stands
        assert "denied" in gate.log_text()
    finally:
        say(own_mysql, "GRANT SELECT ON " + who.format("TO"))
    assert gate.heals(lambda: gate.post("/login", bob.login).status == 200)


@pytest.mark.parametrize("words,undo", [
    ("ALTER TABLE users RENAME COLUMN password TO pass",
     "ALTER TABLE users RENAME COLUMN pass TO password"),
    ("RENAME TABLE users TO users2", "RENAME TABLE users2 TO users"),
    ("SET GLOBAL max_connections = 10", "SET GLOBAL max_connections = 151"),
])
def test_what_the_server_refuses_is_an_outage_and_heals(
        start_gate, own_mysql, bob, words, undo):
    gate = start_gate({"mysql.url": own_mysql.url})
    cookie = gate.log_in(bob)
    say(own_mysql, words)
    try:
        answer = gate.post("/login", bob.login)
        assert answer.status in (200, 503), answer
        assert gate.get("/auth", cookie).status in (200, 503)
    finally:
        say(own_mysql, undo)
    assert gate.heals(lambda: gate.post("/login", bob.login).status == 200)


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("signal,status,code", [
    (1205, 503, "mysql_unavailable"), (1213, 503, "mysql_unavailable"),
    (1047, 503, "mysql_unavailable"), (1317, 503, "mysql_unavailable"),
    (1021, 503, "mysql_unavailable"), (1114, 503, "mysql_unavailable"),
    (1836, 503, "mysql_unavailable"), (3101, 503, "mysql_unavailable"),
    (1062, 400, "bad_request"), (1366, 400, "bad_request"),
    (1406, 400, "bad_request"), (1644, 400, "bad_request")])
def test_an_error_of_a_change_is_what_its_number_says(
        start_gate, writer, bob, signal, status, code):
    """A trigger says it, by number, as the server would."""
    gate = start_gate({"mysql.url": writer.url})
    cookie = gate.log_in(bob)
    say(writer, "CREATE TRIGGER seeded BEFORE UPDATE ON users FOR EACH ROW "
        "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = %d, "
        "MESSAGE_TEXT = 'seeded'" % signal)
    try:
        answer = rename(gate, cookie, "not written")
        assert (answer.status, answer.code) == (status, code)
    finally:
        say(writer, "DROP TRIGGER seeded")
    with writer.admin() as sql:
        sql.execute("SELECT name FROM users WHERE id = %s", (bob.id,))
        assert sql.fetchone()[0] == bob.name
    if status == 503:
        assert "seeded" in gate.first_event("mysql statement failed")
    assert rename(gate, cookie).status == 200


def test_a_lock_is_waited_for_and_given_up_on_the_server_too(
        start_gate, writer, bob):
    """Nothing is written after the answer."""
    gate = start_gate({"mysql.url": writer.url})
    cookie = gate.log_in(bob)
    with writer.admin() as sql:
        sql.execute("START TRANSACTION")
        sql.execute("SELECT id FROM users WHERE id = %s FOR UPDATE",
                    (bob.id,))
        is_down(rename(gate, cookie, "too late"), "mysql_unavailable")
        time.sleep(1.2 * SLACK)
        sql.execute("COMMIT")
    time.sleep(0.3)
    with writer.admin() as sql:
        sql.execute("SELECT name FROM users WHERE id = %s", (bob.id,))
        assert sql.fetchone()[0] == bob.name


class Logging(stack.MySQL):
    """A server that logs statements: InnoDB takes no change in READ
    COMMITTED there."""

    def launch(self):
        super().launch()
        with self.admin(database=None) as sql:
            sql.execute("SELECT @@log_bin")
            assert sql.fetchone()[0] == 1


def test_changes_work_where_statements_are_logged(
        start_gate, place, mysql_template, monkeypatch):
    begin = stack.process.Process

    def process(argv, *args, **more):
        argv = [a for a in argv if a != "--skip-log-bin"]
        if "mariadbd" in argv[0] or "mysqld" in argv[0]:
            argv += ["--log-bin", "--binlog-format=STATEMENT"]
        return begin(argv, *args, **more)
    monkeypatch.setattr(stack.process, "Process", process)
    server = Logging(place("m"), mysql_template)
    monkeypatch.undo()
    try:
        say(server, f"GRANT UPDATE ON {server.DATABASE}.* TO "
            f"{server.USER}@localhost")
        gate = start_gate({**WRITES, **taps.PATIENT, "mysql.url": server.url})
        user = people.Users(server).add()
        cookie = gate.log_in(user)
        for name in ("one", "two"):
            assert rename(gate, cookie, name).json()["user"]["name"] == name
        assert gate.post("/password", {"current": user.password,
                                       "new": "another horse 9"},
                         cookie).status == 200
    finally:
        server.kill()
