"""POST /password: who may, what it writes, and what it ends."""

import json
import time

import pytest

import gate as gates
import libcrypt
import people
import process
import taps
from people import stored

UPDATE = ("UPDATE users SET password = :hash "
          "WHERE id = :id AND password = :old")
NEW = "battery staple"


@pytest.fixture
def settings(changer):
    return {"mysql.url": changer.url(), "mysql.password_update": UPDATE}


@pytest.fixture
def gate(module_gate, settings, redis):
    return module_gate(settings)


def change(gate, cookie, current=people.PASSWORD, new=NEW, **more):
    return gate.post(
        "/password", {"current": current, "new": new}, cookie, **more)


def is_good(gate, cookie):
    return gate.get("/auth", cookie).status == 200


def logs_in(gate, user, password):
    return gate.post("/login", {"email": user.email, "password": password}
                     ).status == 200


def test_a_password_is_changed(gate, redis, mysql, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = change(gate, mine)
    assert (answer.status, answer.text) == (
        200, '{"message":"Password changed"}')
    fresh = gates.Cookie(answer.header("Set-Cookie"))
    assert "Max-Age=604800" in fresh.attributes
    assert fresh.pair != mine
    assert is_good(gate, fresh.pair)
    assert not is_good(gate, mine) and not is_good(gate, other)
    assert len(redis.client.keys("sess:*")) == 1
    assert stored(mysql, alice).startswith("$2y$12$")
    assert logs_in(gate, alice, NEW)
    assert not logs_in(gate, alice, alice.password)


def test_the_new_form_is_what_crypt_makes(gate, mysql, alice):
    change(gate, gate.log_in(alice))
    form = stored(mysql, alice)
    assert libcrypt.crypt(NEW, form) == form


def test_the_kept_session_is_not_ended_by_the_next_question(
        module_gate, settings, redis, alice):
    """pw in its record is that of the new form, by user_state, too."""
    gate = module_gate({
        **settings, "user.recheck": "0",
        "mysql.user_state": "SELECT 1 AS active, email AS login, "
                            "'' AS roles, password AS hash "
                            "FROM users WHERE id = :id"})
    answer = change(gate, gate.log_in(alice))
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    for _ in range(3):
        assert is_good(gate, cookie)
        time.sleep(0.02)


def test_a_wrong_current_one_is_403(gate, mysql, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    before = stored(mysql, alice)
    answer = change(gate, mine, current="wrong")
    assert (answer.status, answer.code) == (403, "password_wrong")
    assert not answer.all("Set-Cookie")
    assert stored(mysql, alice) == before
    assert is_good(gate, mine) and is_good(gate, other)


def test_guesses_count_as_those_of_a_login(
        module_gate, settings, redis, alice):
    gate = module_gate({**settings, "login.limit_pair": "5/900"})
    cookie = gate.log_in(alice)
    codes = [change(gate, cookie, current=f"wrong {i}").code
             for i in range(6)]
    assert codes == ["password_wrong"] * 5 + ["limited"]
    assert change(gate, cookie).code == "limited"
    assert gate.post("/login", alice.login).code == "limited"
    assert is_good(gate, cookie)


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("new,status", [
    ("", 400), ("seven77", 400), ("eight888", 200), ("a" * 72, 200),
    ("a" * 73, 400), ("ü" * 36, 200), ("ü" * 37, 400), ("nul\0nul nul", 400)])
def test_a_new_one_is_whole_or_refused(gate, mysql, alice, new, status):
    before = stored(mysql, alice)
    answer = change(gate, gate.log_in(alice), new=new)
    assert answer.status == status
    if status == 200:
        assert logs_in(gate, alice, new)
    else:
        assert stored(mysql, alice) == before


def test_one_of_the_denied_is_refused(
        start_gate, settings, place, mysql, alice):
    path = place("d") + "/denied.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write("12345678\niloveyou\nBattery Staple\n")
    gate = start_gate({**settings, "login.password_denied": path})
    mine, before = gate.log_in(alice), stored(mysql, alice)
    for new in ("ILoveYou", NEW):
        answer = change(gate, mine, new=new)
        assert (answer.status, answer.code) == (400, "password_denied")
    assert stored(mysql, alice) == before and is_good(gate, mine)
    assert change(gate, mine, new=NEW + "s").status == 200


def test_without_a_statement_there_is_no_such_path(module_gate, redis, alice):
    gate = module_gate({})
    answer = change(gate, gate.log_in(alice))
    assert (answer.status, answer.code) == (404, "not_found")
    assert gate.ask("OPTIONS", "/password").status == 404


def test_without_the_privilege_nothing_changes(start_gate, redis, alice):
    gate = start_gate({"mysql.password_update": UPDATE})
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = change(gate, mine)
    assert (answer.status, answer.code) == (503, "mysql_unavailable")
    assert is_good(gate, mine)
    assert logs_in(gate, alice, alice.password)


def test_an_old_login_has_to_log_in_again(
        module_gate, settings, redis, alice):
    gate = module_gate({**settings, "session.fresh": "1s"})
    cookie = gate.log_in(alice)
    time.sleep(1.05)
    assert change(gate, cookie).code == "login_too_old"
    assert change(gate, gate.log_in(alice)).status == 200


def test_redis_that_takes_no_writes_lets_nothing_be_written(
        start_gate, settings, own_redis, mysql, alice):
    gate = start_gate({**settings, "redis.url": own_redis.url,
                       "login.limit_pair": "0/1", "login.limit_network": "0/1"})
    cookie = gate.log_in(alice)
    before = stored(mysql, alice)
    own_redis.client.config_set("maxmemory", "1")
    answer = change(gate, cookie)
    assert (answer.status, answer.code) == (503, "redis_unavailable")
    assert stored(mysql, alice) == before
    own_redis.client.config_set("maxmemory", "0")
    assert gate.heals(lambda: is_good(gate, cookie))


@pytest.mark.parametrize("mode", ["plain", "migrate"])
def test_what_node_would_read_is_deleted(
        module_gate, settings, redis, alice, mode):
    gate = module_gate({**settings, "session.key": mode})
    token = "n" * 40
    redis.client.set("sess:" + token, json.dumps(
        {"userId": "42", "createdAt": int(time.time() * 1000)}), ex=1000)
    node = "SESSION-TOKEN=" + token
    assert is_good(gate, node)
    answer = change(gate, gate.log_in(alice))
    assert not redis.client.exists("sess:" + token)
    assert not is_good(gate, node)
    assert is_good(gate, gates.Cookie(answer.header("Set-Cookie")).pair)


def test_a_session_of_the_node_application_changes_it_as_well(
        module_gate, settings, redis, alice):
    gate = module_gate({**settings, "session.key": "plain"})
    token = "o" * 40
    redis.client.set("sess:" + token, json.dumps(
        {"userId": "42", "createdAt": int(time.time() * 1000)}), ex=1000)
    answer = change(gate, "SESSION-TOKEN=" + token)
    assert answer.status == 200
    assert is_good(gate, gates.Cookie(answer.header("Set-Cookie")).pair)
    assert not redis.client.exists("sess:" + token)


@pytest.mark.sanitized(1)
@pytest.mark.parametrize("connections", [1, 8])
def test_without_a_place_for_sql_the_answer_comes_in_time(
        start_gate, own_mysql, bob, redis, connections):
    """Nothing is counted, and nothing done: each is run again till then."""
    account = taps.Account(own_mysql, "pw_changer")
    gate = start_gate({
        "mysql.url": account.url(), "mysql.password_update": UPDATE,
        "mysql.connections": connections, "mysql.timeout": "1s",
        "login.limit_pair": "5/900"})
    mine = gate.log_in(bob)
    with own_mysql.admin() as sql:
        sql.execute("LOCK TABLES users WRITE")
        answers = taps.together(
            12, lambda _: gates.timed(change, gate, mine, "wrong"))
        sql.execute("UNLOCK TABLES")
    for answer, took in answers:
        assert (answer.status, answer.code) in (
            (503, "mysql_unavailable"), (503, "busy")), answer
        assert took < 3.5 * process.SLACK
    assert not [int(n) for n in redis.client.mget(
        redis.client.keys("rate:*") or ["none"]) if n]
    assert gate.heals(lambda: change(gate, mine).status == 200)
    account.drop()
