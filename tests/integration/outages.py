"""Asserts for the time while a store is unavailable, and for its return.

A store that is away is never a logout and never a login: 503 with its code and
without Set-Cookie (but for POST /logout, which expires the cookie), within the
deadline; once it is there again, it is used within two seconds, without a
restart.
"""

import json
import secrets
import statistics
import time

import redis as redis_py

import gate as gates
import process

SLACK = process.SLACK
UNKNOWN = f"{gates.SECURE_COOKIE}={'a' * 43}"
DOWN = '{"message":"Service temporarily unavailable"}'
# the bound of the contract is 5 ms; a loaded machine is forgiven this much
REFUSAL_S = 0.05


def is_down(answer, code, *, expires=False):
    """A logout takes the cookie from the browser all the same."""
    assert (answer.status, answer.code, answer.text) == (503, code, DOWN)
    assert answer.header("Retry-After") == "1"
    cookies = answer.all("Set-Cookie")
    assert len(cookies) == expires, cookies
    assert all("; Max-Age=0;" in cookie for cookie in cookies)
    return True


def is_unready(gate, code):
    """The answer of /readyz; the last one counts for a second."""
    assert process.until(lambda: gate.get("/readyz").status == 503, 3 * SLACK)
    answer = gate.get("/readyz")
    assert (answer.status, answer.code) == (503, code), answer
    assert answer.header("Retry-After") == "1"
    assert set(json.loads(answer.text)) == {"message", "redis", "mysql"}
    assert answer.all("Set-Cookie") == []
    return answer


def is_in_time(call, bound, code, *, expires=False):
    """A refusal that comes within the bound."""
    answer, took = gates.timed(call)
    is_down(answer, code, expires=expires)
    assert took < bound * SLACK, took
    return took


def refusals_are_quick(call, code):
    """With the breaker open: nobody waits for a store that is away."""
    times = [is_in_time(call, 2, code) for _ in range(20)]
    assert statistics.median(times) < REFUSAL_S * SLACK, times
    assert min(times) < 0.005 * SLACK, times


def answers(gate, status, path="/auth", cookie=UNKNOWN):
    return lambda: gate.get(path, cookie).status == status


def logs_in(gate, user):
    return lambda: gate.post("/login", user.login).status == 200


# A line that is written for each event, however many there are.
SAID = "logout"


def speak(gate, times=1, **more):
    """Has lines logged: sessions are made, and end by a logout each."""
    redis = redis_py.Redis.from_url(gate.settings["redis.url"])
    for _ in range(times):
        token = secrets.token_urlsafe(32)
        redis.set("sess:" + gates.hashed(token), json.dumps(
            {"userId": "42", "createdAt": int(time.time() * 1000), "v": 1,
             "gen": "x"}), ex=60)
        answer = gate.post(
            "/logout", cookie=f"{gates.SECURE_COOKIE}={token}", **more)
        assert answer.status == 200


def serves(gate, cookie):
    """Everything works, and at once."""
    for _ in range(5):
        answer, took = gates.timed(gate.get, "/auth", cookie)
        assert answer.status == 200 and took < 1 * SLACK
    return True
