"""Changes in the users table take effect in time, with few questions to SQL."""

import json
import threading
import time

import pytest

import fcgi
import gate as gates
import outages
import people
import process
import taps

SLACK = process.SLACK
KEY = "uauth:{42}"
# disabled where image is NULL; the table of etc/schema.sql has no such column
STATE = ("SELECT image IS NOT NULL AS active, email AS login, name AS roles, "
         "password AS hash FROM users WHERE id = :id")
RECHECK = 1.0
SETTINGS = {"mysql.user_state": STATE, "user.recheck": "1s",
            "gate.rule": "/staff role staff"}
STATEMENTS = 2  # of one question: user_by_id and user_state


@pytest.fixture
def gate(module_gate, redis):
    return module_gate(SETTINGS)


@pytest.fixture(params=["scripts", "transactions"])
def url(request, redis):
    """The url of Redis, for one who may run scripts and for one who may not."""
    if request.param == "scripts":
        yield redis.url
        return
    redis.client.execute_command("ACL", "SETUSER", "app", "on", ">pw", "~*",
                                 "+@all", "-@scripting")
    yield f"unix://app:pw@{redis.path}"
    redis.client.execute_command("ACL", "DELUSER", "app")


def change(mysql, column, value, uid=42):
    with mysql.admin() as sql:
        sql.execute(f"UPDATE users SET {column} = %s WHERE id = %s",
                    (value, uid))


def becomes(claim):
    """It comes to hold within [user] recheck, and a little."""
    return process.until(claim, (RECHECK + 0.5) * SLACK) is not None


def at_gate(gate, cookie, path="/staff"):
    return gate.get(cookie=cookie, REQUEST_URI=path, role=fcgi.AUTHORIZER)


def test_a_user_who_is_disabled_is_out_in_time_and_back_in_time(
        gate, mysql, redis, alice):
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    change(mysql, "image", None)
    assert becomes(lambda: gate.get("/auth", cookie).status != 200)
    answer = gate.get("/auth", cookie)
    assert (answer.status, answer.code) == (403, "session_user_gone")
    assert at_gate(gate, cookie).status == 401
    assert gate.post("/login", alice.login).code == "login_failed"
    change(mysql, "image", "/a.png")
    assert becomes(lambda: gate.get("/auth", cookie).status == 200)


def test_a_user_who_is_deleted_is_out_in_time(gate, users, alice):
    cookie = gate.log_in(alice)
    users.remove(alice)
    assert becomes(
        lambda: gate.get("/auth", cookie).code == "session_user_gone")


def test_a_role_is_gained_and_lost_in_time(gate, mysql, alice):
    cookie = gate.log_in(alice)
    assert at_gate(gate, cookie).status == 403
    change(mysql, "name", "guest, staff")
    assert becomes(lambda: at_gate(gate, cookie).status == 200)
    change(mysql, "name", "guest")
    assert becomes(lambda: at_gate(gate, cookie).status == 403)


def test_no_role_is_one_too_many(module_gate, redis, alice):
    gate = module_gate({**SETTINGS, "mysql.user_state": STATE.replace(
        "name AS", "CONCAT(REPEAT('guest, ', 3000), 'staff') AS")})
    cookie = gate.log_in(alice)
    for _ in range(2):
        assert at_gate(gate, cookie).status == 200


def test_a_hash_that_php_changed_ends_the_sessions_of_before(
        gate, mysql, alice):
    old = gate.log_in(alice)
    change(mysql, "password", people.bcrypt("another one"))
    new = gates.Cookie(gate.post(
        "/login", {"email": alice.email, "password": "another one"}
    ).header("Set-Cookie")).pair
    assert becomes(
        lambda: gate.get("/auth", old).code == "session_invalid")
    time.sleep(RECHECK)
    assert gate.get("/auth", new).status == 200


def test_with_rehash_a_changed_hash_ends_nothing(
        module_gate, redis, mysql, alice):
    gate = module_gate({**SETTINGS, "login.rehash": "on",
                        "mysql.password_update":
                        "UPDATE users SET password = :hash WHERE id = :id"})
    cookie = gate.log_in(alice)
    change(mysql, "password", people.bcrypt("another one"))
    time.sleep(RECHECK + 0.2)
    assert gate.get("/auth", cookie).status == 200


def test_without_sql_what_is_known_stands_and_then_it_is_503(
        start_gate, redis, own_mysql, bob):
    gate = start_gate({**SETTINGS, "mysql.url": own_mysql.url})
    cookie = gate.log_in(bob)
    key = "uauth:{%s}" % bob.id
    assert at_gate(gate, cookie, "/").status == 200
    own_mysql.stop()
    time.sleep(RECHECK + 0.1)
    for _ in range(10):
        answer, took = gates.timed(at_gate, gate, cookie, "/")
        assert answer.status == 200
        assert took < 1.5 * SLACK
    assert 0 < redis.client.ttl(key) <= 600
    redis.client.pexpire(key, 1)
    time.sleep(0.01)
    outages.is_down(gate.get("/auth", cookie), "mysql_unavailable")
    assert at_gate(gate, cookie, "/").status == 503
    own_mysql.start()
    assert gate.heals(lambda: at_gate(gate, cookie, "/").status == 200)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.sanitized(1)
def test_many_checks_of_many_programs_ask_one_question_a_recheck(
        start_gate, url, redis, mysql, alice, known):
    gates_ = [start_gate({**SETTINGS, **taps.PATIENT, "redis.url": url,
                          "user.recheck": "500ms"})
              for _ in range(4)]
    cookie = gates_[0].log_in(alice)
    for one in gates_:
        one.get("/auth", cookie)
    if known:
        time.sleep(0.55)
    else:
        redis.client.delete(KEY)
    seconds = 3 if taps.LONG else 2
    before, end = mysql.executed(), time.monotonic() + seconds

    def check(number):
        gate, count = gates_[number % 4], 0
        with gate.connect() as line:
            params = gate.params(cookie=cookie, SESSGATE_ROLE="gate",
                                 REQUEST_URI="/")
            while time.monotonic() < end:
                assert line.ask(params, keep=True).status == 200
                count += 1
                time.sleep(0.005)
        return count
    assert sum(taps.together(16, check)) > 200
    questions = (mysql.executed() - before) / STATEMENTS
    assert seconds <= questions <= 2 * seconds + 1, questions


def test_a_question_under_way_does_not_outlive_a_deleted_key(
        start_gate, url, redis, mysql, place, users, alice):
    """PHP changes the row, then sends DEL; the old answer comes after both."""
    go, asked = threading.Event(), threading.Event()

    def hold(client, data):
        asked.set()
        go.wait(5)
        client.sendall(data)
    with taps.Tap(mysql.path, place("p") + "/p.sock") as tap:
        gate = start_gate({"redis.url": url,
                           "mysql.url": mysql.url_through(tap.address)})
        cookie = gate.log_in(alice)
        redis.client.delete(KEY)
        asked.clear()
        tap.treat = hold
        with taps.meanwhile(lambda: gate.get("/auth", cookie)) as answer:
            assert asked.wait(2)
            lease = redis.client.get(KEY)
            users.remove(alice)
            assert redis.client.delete(KEY) == 1
            tap.be_plain()
            go.set()
            answer.result()
        assert lease.startswith("0e")
        value = redis.client.get(KEY)
        assert value is None or not json.loads(value)["active"]
        assert gate.get("/auth", cookie).code == "session_user_gone"


@pytest.mark.parametrize("member", ["at", "asking"])
def test_a_time_far_ahead_does_not_keep_sql_from_being_asked(
        gate, mysql, redis, alice, member):
    """The clock of Redis was set back since."""
    cookie = gate.log_in(alice)
    known = json.loads(redis.client.get(KEY))
    known["at"] -= 5000
    known[member] = int(time.time() * 1000) + 3600_000
    redis.client.set(KEY, json.dumps(known), ex=600)
    change(mysql, "image", None)
    gate.get("/auth", cookie)
    assert gate.get("/auth", cookie).code == "session_user_gone"


@pytest.mark.parametrize("value", [
    "", "x", "{}", "[]", '{"at":1}', '{"at":1,"active":"yes"}', "0e123"])
def test_what_cannot_be_read_is_asked_anew(gate, redis, alice, value):
    cookie = gate.log_in(alice)
    redis.client.set(KEY, value, px=500)
    assert gate.get("/auth", cookie).status == 200


@pytest.mark.parametrize("memory", ["32M", "0"])
def test_without_scripts_sql_is_asked_as_seldom(
        start_gate, own_redis, mysql, alice, memory):
    """Without scripts, checks do not depend on SQL either."""
    own_redis.client.execute_command(
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all",
        "-@scripting")
    gate = start_gate({**SETTINGS, "user.recheck": "5m",
                       "cache.memory": memory,
                       "redis.url": f"unix://app:pw@{own_redis.path}"})
    cookie = gate.log_in(alice)
    assert gate.get("/user/me", cookie).json()["message"] == "User fetched"
    before = mysql.executed()
    for _ in range(10):
        answer = gate.get("/user/me", cookie)
        assert answer.json()["message"] == "User fetched (cache)"
    assert mysql.executed() == before
    assert json.loads(own_redis.client.get(KEY))["active"] is True
    # a DEL of PHP's keeps out what is asked just now, without scripts too
    change(mysql, "image", None)
    own_redis.client.delete(KEY)
    assert gate.get("/auth", cookie).code == "session_user_gone"
