"""Stored values that are long, or grow when they are escaped: no 500."""

import json
import time

import pytest

import fcgi
import gate as gates
import taps

PLAIN = gates.PLAIN_COOKIE
BY_ID = ("SELECT id, email AS login, {name} AS name, email, {image} AS image "
         "FROM users WHERE id = :id")
BY_LOGIN = ("SELECT id, email AS login, {name} AS name, email, "
            "{image} AS image, password AS hash FROM users "
            "WHERE email = :login")


def showing(module_gate, **columns):
    columns = {"name": "name", "image": "image", **columns}
    return module_gate({"mysql.user_by_id": BY_ID.format(**columns),
                        "mysql.user_by_login": BY_LOGIN.format(**columns)})


def at_the_gate(gate, cookie):
    return gate.ask("GET", "/page", cookie=cookie, role=fcgi.AUTHORIZER,
                    REQUEST_URI="/page")


# the value of the column, and its form in the answer
VALUES = {
    "control bytes": ("REPEAT(CHAR(1), 20000)", "\x01" * 20000),
    "control bytes to the bound": ("REPEAT(CHAR(127), 65535)",
                                   "\x7f" * 65535),
    "quotes": ("REPEAT('\"', 65536)", '"' * 65536),
    "letters": ("REPEAT('x', 65536)", "x" * 65536),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_profile_of_any_length_is_shown(
        module_gate, redis, alice, name):
    """In each answer that shows it, from the table and from the cache."""
    column, shown = VALUES[name]
    gate = showing(module_gate, name=column, image=column)
    login = gate.post("/login", alice.login)
    assert login.status == 200
    cookie = gates.Cookie(login.header("Set-Cookie")).pair
    asked = [login, *(gate.get(path, cookie)
                      for path in ("/auth", "/user/me", "/user/42") * 2)]
    for answer in asked:
        assert answer.status == 200, answer.status
        user = answer.json()["user"]
        assert (user["name"], user["image"]) == (shown, shown)
    assert gate.ask("HEAD", "/auth", cookie=cookie).status == 200


def test_a_column_above_the_bound_is_left_out_and_fails_nothing(
        module_gate, redis, alice):
    gate = showing(module_gate, image="REPEAT('x', 200000)")
    cookie = gate.log_in(alice)
    for path in ("/auth", "/user/me"):
        answer = gate.get(path, cookie)
        assert answer.status == 200, answer
        assert "image" not in answer.json()["user"]
        assert answer.json()["user"]["name"] == "Alice"
    assert at_the_gate(gate, cookie).status == 200
    assert gate.events("mysql column left out")


def test_at_the_gate_what_is_too_long_for_a_head_is_left_out(
        module_gate, redis, alice):
    """nginx takes 4 KiB of a head; who it is still arrives."""
    by_id = ("SELECT id, email AS login, name, REPEAT('x', 5000) AS email, "
             "image FROM users WHERE id = :id")
    gate = module_gate({"mysql.user_by_id": by_id})
    cookie = gate.log_in(alice)
    answer = at_the_gate(gate, cookie)
    assert answer.status == 200
    assert answer.header("Variable-REMOTE_USER") == "alice@example.org"
    assert answer.header("Variable-SESSGATE_EMAIL") is None
    assert sum(len(k) + len(v) + 4 for k, v in answer.headers) < 4000


def test_a_user_name_too_long_for_a_head_is_refused_not_cut(
        module_gate, redis, alice):
    by_id = ("SELECT id, REPEAT('x', 5000) AS login, name, email, image "
             "FROM users WHERE id = :id")
    gate = module_gate({"mysql.user_by_id": by_id})
    cookie = gate.log_in(alice)
    assert at_the_gate(gate, cookie).status == 403
    assert gate.events("gate refused")


def test_a_hundred_sessions_with_long_agents_are_all_listed(
        module_gate, redis, alice):
    gate = module_gate({"session.key": "plain", **taps.PATIENT})
    own = gate.log_in(alice)
    now = int(time.time() * 1000)
    record = {"userId": "42", "createdAt": now, "agent": "\x01" * 5000,
              "addr": "\x02" * 5000}
    for number in range(99):
        token = f"agent-{number:030}"
        redis.client.set("sess:" + token, json.dumps(record), ex=1000)
        redis.client.zadd("usess:{42}", {token: now - number})
    answer = gate.get("/sessions", own)
    assert answer.status == 200
    listed = answer.json()["sessions"]
    assert len(listed) == 100
    assert max(len(s["userAgent"]) for s in listed) == 256
    assert f"{PLAIN}=" not in str(answer.body)


def test_by_default_a_user_has_a_hundred_sessions_at_most(
        gate, redis, alice):
    record, now = None, int(time.time() * 1000)
    first = gate.log_in(alice)
    record = redis.client.get(redis.client.keys("sess:*")[0])
    for number in range(120):
        name = gates.hashed(f"{number:043}")
        redis.client.set("sess:" + name, record, ex=1000)
        redis.client.zadd("usess:{42}", {name: now - 1000 * (number + 1)})
    last = gate.log_in(alice)
    assert redis.client.zcard("usess:{42}") == 100
    assert len(redis.client.keys("sess:*")) == 100
    assert gate.get("/auth", first).status == 200
    assert gate.get("/auth", last).status == 200
