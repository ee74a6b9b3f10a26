"""How long sessions live: idle time, touches, logins that are short."""

import json
import time

import pytest

import gate as gates
import process

SLACK = process.SLACK
LIST = "usess:{42}"


def key_of(cookie):
    return "sess:" + gates.hashed(cookie.partition("=")[2])


def commands(seen, name):
    """The MONITOR lines of a command."""
    return [line for line in seen
            if line.split(b"] ", 1)[1].upper().startswith(b'"%s"' % name)]


@pytest.fixture
def idle(module_gate, redis):
    """A touch is due after a third of it."""
    return module_gate({"session.idle": "3s"})


@pytest.mark.plain_build
def test_a_session_that_is_used_outlives_the_idle_time(idle, redis, alice):
    cookie = idle.log_in(alice)
    assert 2000 < redis.client.pttl(key_of(cookie)) <= 3000
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        assert idle.get("/auth", cookie).status == 200
        time.sleep(0.2)


def test_a_session_that_nobody_uses_ends(module_gate, redis, alice):
    gate = module_gate({"session.idle": "1s"})
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    time.sleep(1.1)
    assert gate.get("/auth", cookie).code == "session_invalid"
    assert not redis.client.exists(key_of(cookie))


def test_touches_are_rare(module_gate, redis, alice):
    gate = module_gate({"session.idle": "60s"})
    cookie = gate.log_in(alice)
    with redis.watch() as seen:
        for _ in range(50):
            gate.get("/auth", cookie)
        assert not commands(seen, b"PEXPIRE") + commands(seen, b"ZADD")
    redis.client.pexpire(key_of(cookie), 35_000)
    with redis.watch() as seen:
        for _ in range(50):
            gate.get("/auth", cookie)
    assert len(commands(seen, b"PEXPIRE")) == 1
    assert 55 < redis.client.ttl(key_of(cookie)) <= 60


def test_a_touch_never_shortens_and_never_passes_the_end(
        module_gate, redis, alice):
    gate = module_gate({"session.idle": "60s"})
    cookie = gate.log_in(alice)
    key = key_of(cookie)
    redis.client.expire(key, 1000)  # as an operator, or another setting, left
    redis.client.delete(LIST)  # so that a touch is due
    assert gate.get("/auth", cookie).status == 200
    assert redis.client.ttl(key) > 990
    record = json.loads(redis.client.get(key))
    record["expiresAt"] = int(time.time() * 1000) + 50_000
    redis.client.set(key, json.dumps(record), px=10_000)
    assert gate.get("/auth", cookie).status == 200
    assert 45 < redis.client.ttl(key) <= 50


def test_the_list_tells_when_a_session_was_seen(start_gate, redis, alice):
    # nobody but us writes lists: a program is not told of it
    gate = start_gate({"cache.memory": 0})
    cookie = gate.log_in(alice)
    name = key_of(cookie).partition(":")[2]
    before = redis.client.zscore(LIST, name)
    record = json.loads(redis.client.get(key_of(cookie)))
    assert before >= record["createdAt"]
    assert 604800 + 86400 - 5 <= redis.client.ttl(LIST) <= 604800 + 86400
    gate.get("/auth", cookie)
    assert redis.client.zscore(LIST, name) == before
    redis.client.zadd(LIST, {name: before - 61_000})
    gate.get("/auth", cookie)
    assert abs(redis.client.zscore(LIST, name) - time.time() * 1000) < 2000


def test_logout_takes_a_session_off_the_list(gate, redis, alice):
    one, other = gate.log_in(alice), gate.log_in(alice)
    gate.post("/logout", cookie=one)
    assert redis.client.zrange(LIST, 0, -1) == [
        key_of(other).partition(":")[2]]


def test_what_is_over_does_not_stay_on_the_list(gate, redis, alice):
    redis.client.zadd(LIST, {"a" * 43: 1000, "b" * 43: 2000})
    cookie = gate.log_in(alice)
    assert redis.client.zrange(LIST, 0, -1) == [
        key_of(cookie).partition(":")[2]]


@pytest.mark.parametrize("value", ["text", "hash"])
def test_a_list_of_another_type_harms_no_session(gate, redis, alice, value):
    if value == "text":
        redis.client.set(LIST, "x", ex=100)
    else:
        redis.client.hset(LIST, "x", "y")
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    assert gate.post("/logout", cookie=cookie).status == 200
    assert gate.get("/auth", cookie).status == 403


def test_a_touch_that_fails_fails_no_check(start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url, "session.idle": "60s"})
    cookie = gate.log_in(alice)
    own_redis.client.pexpire(key_of(cookie), 30_000)
    own_redis.client.delete(LIST)
    own_redis.client.config_set("maxmemory", "1")
    assert all(gate.get("/auth", cookie).status == 200 for _ in range(20))
    own_redis.client.config_set("maxmemory", "0")
    own_redis.client.execute_command(
        "REPLICAOF", "127.0.0.1", str(process.free_port()))
    assert all(gate.get("/auth", cookie).status == 200 for _ in range(20))
    own_redis.client.execute_command("REPLICAOF", "NO", "ONE")
    assert gate.heals(
        lambda: gate.get("/auth", cookie).status == 200 and
        own_redis.client.ttl(key_of(cookie)) > 50, within=4)


def test_a_login_that_is_not_remembered_is_short(module_gate, redis, alice):
    gate = module_gate({"session.short": "2h"})
    answer = gate.post("/login", {**alice.login, "remember": False})
    line = answer.header("Set-Cookie")
    assert "Max-Age" not in line and "Expires" not in line
    cookie = gates.Cookie(line).pair
    record = json.loads(redis.client.get(key_of(cookie)))
    assert record["expiresAt"] - record["createdAt"] == 7200_000
    assert 7195 <= redis.client.ttl(key_of(cookie)) <= 7200
    answer = gate.post("/login", {**alice.login, "remember": True})
    assert "; Max-Age=604800; " in answer.header("Set-Cookie")


def test_records_of_the_node_application_keep_their_end(
        module_gate, redis, alice):
    gate = module_gate({"session.key": "plain", "session.idle": "60s"})
    token = "t" * 40
    redis.client.set("sess:" + token, gates.compact(
        {"userId": "42", "createdAt": int(time.time() * 1000)}), ex=20)
    assert gate.get("/auth", "SESSION-TOKEN=" + token).status == 200
    assert redis.client.ttl("sess:" + token) <= 20
    assert redis.client.zrange(LIST, 0, -1) == [token]
