"""sessgatectl password and login: passwords from terminals, pipes and files."""

import os
import subprocess

import pytest

import ctl as ctl_module
import gate as gates
import people
import taps

UPDATE = "UPDATE users SET password = :hash WHERE id = :id AND password = :old"


@pytest.fixture
def writer(ctl, mysql):
    """The tool with a statement and the right to set passwords."""
    with mysql.admin() as sql:
        sql.execute("GRANT UPDATE ON sg.users TO sessgate@localhost")
    yield ctl.with_settings({"mysql.password_update": UPDATE})
    with mysql.admin() as sql:
        sql.execute("REVOKE UPDATE ON sg.users FROM sessgate@localhost")


def stored(place, stored_hash):
    path = os.path.join(place(), "hash")
    with open(path, "w", encoding="utf-8") as file:
        file.write(stored_hash + "\n")
    return path


# hash and verify

def test_a_hash_that_was_made_opens(ctl, place):
    said = ctl("password", "hash", stdin="correct horse\nanother line\n")
    assert said.status == 0 and said.out.startswith("$2y$12$"), said
    path = stored(place, said.out.strip())
    assert ctl("password", "verify", path, stdin="correct horse\r\n").status == 0
    said = ctl("password", "verify", path, stdin="wrong")
    assert (said.status, said.out) == (1, "wrong\n")
    said = ctl("--json", "password", "verify", path, stdin="correct horse")
    assert said.objects == [{"right": True, "verdict": "right"}]


@pytest.mark.sanitized(1)
@pytest.mark.parametrize("format_, mark", [
    ("bcrypt", "$2y$12$"), ("argon2id", "$argon2id$v=19$m=65536,t=4,p=1$"),
    ("yescrypt", "$y$")])
def test_hashes_of_other_formats_open(ctl, place, format_, mark):
    for password in ("correct horse", "x" * 72):
        said = ctl("password", "hash", "--format", format_, stdin=password)
        assert said.status == 0 and said.out.startswith(mark), said
        path = stored(place, said.out.strip())
        assert ctl("password", "verify", path, stdin=password).status == 0
        assert ctl("password", "verify", path, stdin="wrong").status == 1
    assert ctl("password", "hash", "--format", "md5", stdin="x").status == 64


def test_a_hash_that_is_none_is_told(ctl, place):
    said = ctl("password", "verify", stored(place, "plain text"), stdin="x")
    assert said.status == 1 and "not supported" in said.out
    assert ctl("password", "verify", "/no/such", stdin="x").status == 77


def test_a_password_from_a_file_or_a_terminal(ctl, place):
    path = stored(place, people.bcrypt())
    secret = stored(place, people.PASSWORD)
    assert ctl("password", "verify", path, "--password-file",
               secret).status == 0
    said = ctl.on_terminal("password", "verify", path,
                           typed=[people.PASSWORD])
    assert said.status == 0 and people.PASSWORD not in said.out, said
    said = ctl.on_terminal("password", "hash", typed=["one one", "two two"])
    assert said.status == 1 and "differ" in said.out, said
    said = ctl.on_terminal("password", "hash", typed=["one one"] * 2)
    assert said.status == 0 and "$2y$12$" in said.out, said
    said = ctl.on_terminal("password", "verify", path, typed=["\x03"])
    assert said.status == 1, said


@pytest.mark.parametrize("password", ["", "x" * 73, "a\0b"])
def test_an_unfit_password_is_refused(ctl, password):
    said = ctl("password", "hash", stdin=password + "\n")
    assert said.status in (1, 64) and said.out == "", said


def test_no_password_is_in_the_list_of_processes(ctl, place):
    """There is no option that takes one."""
    for option in ("--password", "--password=x", "--pass"):
        assert ctl("password", "hash", option).status == 64
    run = subprocess.Popen(
        [ctl_module.binary(), "password", "hash"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, env=gates.environment(ctl.settings))
    run.stdin.write(b"correct horse\n")
    run.stdin.flush()
    try:
        with open(f"/proc/{run.pid}/cmdline", "rb") as file:
            assert b"correct" not in file.read()
        with open(f"/proc/{run.pid}/environ", "rb") as file:
            assert b"correct" not in file.read()
    except PermissionError:
        pass  # not dumpable: nobody but root may look
    run.communicate(timeout=10)


# set

def test_password_set_changes_it_and_ends_sessions(
        writer, start_gate, alice, mysql):
    gate = start_gate({"mysql.password_update": UPDATE})
    cookies = [gate.log_in(alice) for _ in range(2)]
    said = writer("password", "set", alice.email, stdin="a new password\n")
    assert said.status == 0, said
    assert said.out == ("the password of alice@example.org (id 42) is "
                        "changed, 2 sessions ended\n")
    for cookie in cookies:
        assert gate.heals(lambda: gate.get("/auth", cookie).status == 403)
    assert gate.post("/login", alice.login).status == 401
    new = {**alice.login, "password": "a new password"}
    answer = gate.post("/login", new)
    assert answer.status == 200
    cookie = gates.Cookie(answer.all("Set-Cookie")[0]).pair
    assert gate.get("/auth", cookie).status == 200


def test_a_write_whose_answer_is_lost_leaves_no_login_of_before(
        writer, start_gate, alice, place, mysql_server):
    """Somebody logs in with the old password just before it is replaced."""
    gate = start_gate()
    cookies = []
    with taps.Tap(mysql_server.path, place() + "/m.sock") as tap:

        def look(data):
            if b"$2y$12$" in data:
                cookies.append(gate.log_in(alice))
                tap.cut(0)
        tap.watch = look
        said = writer.with_settings(
            {"mysql.url": mysql_server.url_through(tap.address)})(
                "password", "set", alice.email, stdin="a new password\n")
    assert said.status == 2 and "may have been changed" in said.err, said
    assert len(cookies) == 1
    assert gate.heals(lambda: gate.get("/auth", cookies[0]).status == 403)
    assert gate.post("/login", alice.login).status == 401
    assert gate.post("/login", {
        **alice.login, "password": "a new password"}).status == 200


def test_password_set_refuses_what_the_api_refuses(writer, alice, place):
    denied = stored(place, "password1234")
    writer = writer.with_settings({"login.password_denied": denied})
    assert writer("password", "set", "id:42", stdin="short\n").status == 1
    said = writer("password", "set", "id:42", stdin="password1234\n")
    assert said.status == 1 and "password_denied" in said.err
    assert writer("password", "set", "id:43", stdin="x" * 20).status == 1


def test_password_set_without_the_statement_or_the_right(ctl, gate, alice):
    said = ctl("password", "set", "id:42", stdin="a new password\n")
    assert said.status == 78 and "password_update" in said.err
    said = ctl.with_settings({"mysql.password_update": UPDATE})(
        "password", "set", "id:42", stdin="a new password\n")
    assert said.status == 77 and "UPDATE command denied" in said.err, said
    assert gate.post("/login", alice.login).status == 200


# login

def steps(said):
    return {r["step"]: r["ok"] for r in said.objects}


def test_login_walks_through_and_opens_nothing(ctl, redis, alice):
    said = ctl("login", alice.email, stdin=alice.password)
    assert said.status == 0, said
    assert said.lines[-1] == "this login works"
    assert [k for k in redis.client.keys("*") if "probe:" not in k] == []
    said = ctl("--json", "login", "id:42", "--from", "192.0.2.7", "--path",
               "/x", stdin=alice.password)
    assert steps(said) == {
        "row": True, "limit network": True, "limit pair": True,
        "format": True, "password": True, "account": True, "block": True,
        "path": True}


def test_login_tells_which_step_says_no(ctl, gate, alice, users, redis):
    said = ctl("--json", "login", alice.email, stdin="wrong")
    assert said.status == 1 and steps(said)["password"] is False
    said = ctl("--json", "login", "nobody", stdin="x")
    assert said.status == 1 and steps(said) == {"row": False}
    ctl("block", alice.email)
    said = ctl("--json", "login", alice.email, stdin=alice.password)
    assert said.status == 1 and steps(said)["block"] is False
    odd = users.add(hashed="plain")
    said = ctl("--json", "login", odd.email, stdin="plain")
    assert said.status == 1 and steps(said)["format"] is False
    odd = users.add(hashed="5f4dcc3b5aa765d61d8327deb882cf99")
    said = ctl("login", odd.email, stdin="password")
    assert said.status == 1 and "md5: not in [login] formats" in said.out


def test_login_tells_of_full_limits(start_gate, ctl, alice):
    settings = {"login.limit_pair": "2/900", "login.limit_network": "0"}
    gate, ctl = start_gate(settings), ctl.with_settings(settings)
    for _ in range(2):
        gate.post("/login", {**alice.login, "password": "no"})
    said = ctl("login", alice.email, "--from", "192.0.2.7",
               stdin=alice.password)
    assert said.status == 1 and "full: 2 of 2, for " in said.out, said
    said = ctl("login", alice.email, "--from", "192.0.2.8",
               stdin=alice.password)
    assert said.status == 0, said
    assert ctl("login", alice.email, "--from", "x", stdin="x").status == 64


def test_login_tells_the_account_and_the_rule(ctl, alice):
    ctl = ctl.with_settings({
        "mysql.user_state": "SELECT name <> 'Alice' AS active, email AS login,"
                            " 'staff, editors' AS roles, password AS hash FROM users "
                            "WHERE id = :id",
        "gate.rule": "/admin role admins\n/staff role editors"})
    said = ctl("--json", "login", alice.email, "--path", "/staff/x",
               stdin=alice.password)
    assert said.status == 1, said
    assert steps(said)["account"] is False and steps(said)["path"] is True
    said = ctl("--json", "login", alice.email, "--path", "/admin",
               stdin=alice.password)
    assert steps(said)["path"] is False
