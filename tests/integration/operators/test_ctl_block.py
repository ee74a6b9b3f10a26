"""sessgatectl block: nothing is allowed after it, and nothing revives."""

import concurrent.futures
import json
import os
import threading
import time

import pytest

import gate as gates
import process
import stack

LONG = os.environ.get("SESSGATE_LONG") == "1"


@pytest.fixture(params=["sha256", "plain", "migrate"])
def key(request):
    return request.param


def test_block_ends_all_and_refuses_logins(start_gate, ctl, alice, key):
    gate = start_gate({"session.key": key})
    ctl = ctl.with_settings({"session.key": key})
    cookies = [gate.log_in(alice) for _ in range(2)]
    said = ctl("block", alice.email, "--for", "2h", "--reason", "lost laptop",
               SUDO_USER="anna")
    assert said.status == 0 and said.lines[0].endswith(
        ", 2 sessions ended"), said
    assert all(gate.get("/auth", c).status == 403 for c in cookies)
    answer, wrong = (gate.post("/login", {**alice.login, "password": word})
                     for word in (alice.password, "wrong"))
    assert (answer.status, answer.body) == (wrong.status, wrong.body)
    assert answer.status == 401
    assert "reason=closed" in gate.events("login failed")[-2]
    assert ctl("sessions", alice.email).lines[0].startswith("0 sessions")


def test_block_says_what_it_cannot_promise(ctl, alice):
    said = ctl("block", alice.email)
    assert "lost if Redis is emptied" in said.out
    assert "[mysql] user_state" in said.out
    assert ctl("--quiet", "block", alice.email).out == ""


def test_unblock_revives_no_session(start_gate, ctl, redis, alice, key):
    gate = start_gate({"session.key": key})
    ctl = ctl.with_settings({"session.key": key})
    before = gate.log_in(alice)
    record = {k: redis.client.get(k) for k in redis.client.keys("sess:*")}
    ctl("block", alice.email)
    for name, text in record.items():  # as if they had not been deleted
        redis.client.set(name, text)
    if key != "sha256":  # what a Node application opens meanwhile
        redis.client.set("sess:" + "n" * 43, json.dumps(
            {"userId": "42", "createdAt": int(time.time() * 1000)}))
    said = ctl("unblock", alice.email)
    assert (said.status, said.out) == (
        0, "alice@example.org (id 42) may log in again\n")
    name = gates.PLAIN_COOKIE if key != "sha256" else gates.SECURE_COOKIE
    assert gate.get("/auth", before).status == 403
    assert gate.get("/auth", f"{name}={'n' * 43}").status == 403
    assert gate.get("/auth", gate.log_in(alice)).status == 200
    again = ctl("unblock", alice.email)
    assert again.status == 1 and "not blocked" in again.err


@pytest.mark.sanitized(1)
def test_a_block_ends_by_itself_and_revives_nothing(
        start_gate, ctl, redis, alice, key):
    gate = start_gate({"session.key": key})
    ctl = ctl.with_settings({"session.key": key})
    before = gate.log_in(alice)
    record = {k: redis.client.get(k) for k in redis.client.keys("sess:*")}
    ctl("block", alice.email, "--for", "1s")
    for name, text in record.items():
        redis.client.set(name, text)
    redis.client.set("sess:" + "n" * 43, json.dumps(
        {"userId": "42", "createdAt": int(time.time() * 1000)}))
    assert gate.post("/login", alice.login).status == 401
    assert gate.heals(lambda: gate.post("/login", alice.login).status == 200,
                      3)
    name = gates.PLAIN_COOKIE if key != "sha256" else gates.SECURE_COOKIE
    assert gate.get("/auth", before).status == 403
    assert gate.get("/auth", f"{name}={'n' * 43}").status == 403


def test_a_block_outlives_every_session(ctl, redis, alice):
    ctl("block", alice.email, "--for", "1s")
    week = 7 * 86400
    assert redis.client.ttl("ugen:{42}") > week
    ctl("block", alice.email)
    assert redis.client.ttl("ugen:{42}") >= 400 * 86400 - 5


def test_a_logout_everywhere_and_end_all_keep_the_block(gate, ctl, alice):
    cookie = gate.log_in(alice)
    ctl("block", alice.email)
    gate.post("/logout/all", {}, cookie=cookie)
    assert ctl("end", alice.email, "--all").status == 0
    assert gate.post("/login", alice.login).status == 401
    assert len(ctl("--json", "blocked").objects) == 1


def test_blocked_lists_them(ctl, redis, users, alice):
    other = users.add()
    assert ctl("blocked").out == "0 accounts are blocked\n"
    reason = ctl("block", alice.email, "--reason", "ev\x1b[2Jil \u202e",
                 SUDO_USER="anna")
    span = ctl("block", f"id:{other.id}", "--for", "7d")
    assert (reason.status, span.status) == (0, 0), (reason, span)
    redis.client.set("ugen:{990077}", '{"gen":"x","ms":1,"blocked":1}')  # is over
    redis.client.set("ugen:{990078}", '{"gen":"x","ms":1,"blocked":"?"}')
    redis.client.set("ugen:{990079}", '{"gen":"\\"blocked\\"","ms":1}')
    redis.client.set("ugen:odd", '{"blocked":"?"}')
    redis.client.lpush("ugen:{990080}", "a list")
    said = ctl("blocked")
    assert said.status == 0 and said.lines[-1] == "3 accounts are blocked", said
    row = next(line for line in said.lines if line.startswith("42 "))
    assert alice.email in row and "anna" in row and row.endswith(
        "ev\\x1b[2Jil \\u202e")
    rows = {r["userId"]: r for r in ctl("--json", "blocked").objects}
    assert set(rows) == {"42", other.id, "990078"}
    left = rows["42"]["blockedUntil"] - rows["42"]["blockedAt"]
    assert left == 400 * 86400 * 1000
    assert "blockedUntil" not in rows["990078"]


def test_who_has_no_row_cannot_be_blocked(ctl, redis):
    assert ctl("block", "nobody@example.org").status == 1
    assert ctl("block", "id:4242").status == 1
    assert redis.client.keys("ugen:*") == []
    away = ctl.with_settings({"mysql.url": "mysql://x@localhost/x?socket=/no"})
    assert away("block", "id:42").status == 0
    assert away("unblock", "id:42").status == 0


@pytest.mark.parametrize("span", ["0", "401d", "x", "-1s", ""])
def test_a_time_that_is_none_is_64(ctl, redis, alice, span):
    assert ctl("block", alice.email, "--for", span).status == 64
    assert redis.client.keys("ugen:*") == []


def test_a_block_survives_a_restart_of_redis(place, start_gate, ctl, alice):
    server = stack.Redis(place("r"), "--appendfsync", "always",
                         "--appendonly", "yes")
    settings = {"redis.url": server.url}
    try:
        gate = start_gate(settings)
        cookie = gate.log_in(alice)
        assert ctl.with_settings(settings)("block", alice.email).status == 0
        server.kill()
        os.unlink(server.path)
        server.start()
        assert gate.heals(
            lambda: gate.get("/auth", cookie).status == 403, 4)
        assert gate.post("/login", alice.login).status == 401
    finally:
        server.kill()


# races

class Crowd:
    """Threads that log in, log out everywhere and check what they have."""

    def __init__(self, gate_list, user, size):
        self.gates, self.user = gate_list, user
        self.pool = concurrent.futures.ThreadPoolExecutor(size)
        self.size = size
        self.lock = threading.Lock()

    def round(self, block):
        """(cookies that were given out, logins that came back after block)"""
        cookies, late, blocked = [], [], threading.Event()
        start = threading.Barrier(self.size + 1)

        def one(number):
            gate = self.gates[number % len(self.gates)]
            start.wait()
            begun_blocked = blocked.is_set()
            answer = gate.post("/login", self.user.login)
            if answer.status != 200:
                return
            cookie = gates.Cookie(answer.all("Set-Cookie")[0]).pair
            with self.lock:
                cookies.append(cookie)
                if begun_blocked:
                    late.append(cookie)
            if number % 4 == 0:
                gate.post("/logout/all?others=1", {}, cookie=cookie,
                          QUERY_STRING="others=1")

        tasks = [self.pool.submit(one, n) for n in range(self.size)]
        start.wait()
        block()
        blocked.set()
        allowed = [c for gate in self.gates for c in list(cookies)
                   if gate.get("/auth", c).status == 200]
        for task in tasks:
            task.result()
        return cookies, late, allowed


@pytest.mark.plain_build
def test_nothing_is_allowed_after_block_returned(start_gate, ctl, users):
    """64 logins and log-outs everywhere at once, against two processes."""
    user = users.add()
    both = [start_gate({"session.max": "0"}) for _ in range(2)]
    crowd = Crowd(both, user, 64)
    rounds = 1000 if LONG else 10
    end = time.monotonic() + 8  # of a busy machine
    given = done = 0
    for _ in range(rounds):
        if not LONG and time.monotonic() > end:
            break
        done += 1
        cookies, late, allowed = crowd.round(
            lambda: ctl("block", user.email).status)
        assert not late and not allowed
        # those that were under way have come back: still nothing
        assert [c for c in cookies for gate in both
                if gate.get("/auth", c).status == 200] == []
        assert ctl("unblock", user.email).status == 0
        assert [c for c in cookies for gate in both
                if gate.get("/auth", c).status == 200] == []
        given += len(cookies)
    crowd.pool.shutdown()
    assert done >= min(rounds, 5) and given > 0


def test_block_against_unblock_leaves_one_of_them(ctl, redis, alice):
    """The last word counts, and an unblock undoes no block that came later."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            said = list(pool.map(
                lambda n: ctl("block" if n % 2 else "unblock", "id:42"),
                range(8)))
            assert all(s.status in (0, 1) for s in said)
            value = json.loads(redis.client.get("ugen:{42}"))
            assert value["gen"]
    assert ctl("block", "id:42").status == 0
    assert "blocked" in redis.client.get("ugen:{42}")
