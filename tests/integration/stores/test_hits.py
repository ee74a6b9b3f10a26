"""Checks that ask nobody: which they are, and how long they are."""

import time

import pytest

import gate as gates
import hits
import people
import process
from hits import becomes_hot, is_hit, key_of, reads

PLAIN = f"{gates.PLAIN_COOKIE}={'p' * 43}"


@pytest.fixture
def cookie(gate, alice):
    return gate.log_in(alice)


def checks(gate, cookie, count, path="/auth"):
    """So many checks of one token on one connection; the statuses."""
    params = gate.params("GET", path, cookie=cookie)
    with gate.connect() as line:
        return {line.ask(params, keep=True).status for _ in range(count)}


def gets(seen, key):
    """The GETs of a key among what was watched, by scripts as well."""
    return [line for line in seen if b'"GET" "' + key + b'"' in line]


def test_ten_thousand_checks_of_one_token_are_one_question(
        gate, redis, cookie):
    with redis.watch() as seen:
        assert checks(gate, cookie, 10_000, "/user/me") == {200}
    key = key_of(cookie).encode()
    assert len(gets(seen, key)) <= 1
    assert len(gets(seen, b"user:42")) <= 3  # asked, filled, kept


@pytest.mark.parametrize("path", ["/auth", "/user/me", "/user/42"])
def test_a_hit_says_what_redis_would(gate, redis, cookie, path):
    first = gate.get(path, cookie)
    for _ in range(3):
        gate.get(path, cookie)
    assert becomes_hot(gate, redis, cookie, path)
    hit = gate.get(path, cookie)
    assert hit.json()["user"] == first.json()["user"]
    assert hit.json().get("session") == first.json().get("session")
    if path != "/auth":
        assert hit.message == "User fetched (cache)"


def test_the_gate_answers_from_what_is_kept(gate, redis, cookie):
    ask = lambda: gate.get("/x", cookie, SESSGATE_ROLE="gate")
    first = ask()
    assert first.status == 200
    before = reads(redis)
    hit = ask()
    assert reads(redis) == before
    for name in ("User", "User-Id", "Email", "Session"):
        assert hit.header(f"X-Sessgate-{name}") == \
            first.header(f"X-Sessgate-{name}")
    assert 0 <= int(first.header("X-Sessgate-Expires-In")) - \
        int(hit.header("X-Sessgate-Expires-In")) <= 1


def test_near_misses_of_a_token_are_no_hits(gate, redis, cookie):
    assert becomes_hot(gate, redis, cookie)
    token = cookie.partition("=")[2]
    for wrong in (token[:-1], token + "A", token[:-1] + "~",
                  token[:20] + "~" + token[21:], token.swapcase()):
        answer = gate.get("/auth", f"{gates.SECURE_COOKIE}={wrong}")
        assert answer.status == 403
    assert is_hit(gate, redis, cookie)


def test_a_session_of_another_prefix_is_no_hit(
        gate, module_gate, redis, cookie):
    other = module_gate({"redis.key_prefix": "shop:"})
    assert becomes_hot(gate, redis, cookie)
    assert other.get("/auth", cookie).status == 403


def test_no_memory_is_no_cache(start_gate, redis, alice):
    gate = start_gate({"cache.memory": 0})
    cookie = gate.log_in(alice)
    for _ in range(3):
        gate.get("/auth", cookie)
    assert not is_hit(gate, redis, cookie)
    assert not hits.clients(redis, "t") or gate.events("cache ready") == []


def test_what_is_kept_is_bounded(start_gate, redis, alice):
    gate = start_gate({"cache.memory": "64K"})
    record = redis.client.get(key_of(gate.log_in(alice)))
    sessions = [hits.Session(redis, record) for _ in range(600)]
    for session in sessions:
        assert gate.get("/auth", session.cookie).status == 200
    assert not is_hit(gate, redis, sessions[0].cookie)
    assert becomes_hot(gate, redis, sessions[-1].cookie)


# time goes on while nobody is asked

def test_an_entry_dies_with_its_key_though_nobody_tells(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    record = own_redis.client.get(key_of(gate.log_in(alice)))
    own_redis.client.execute_command("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    session = hits.Session(own_redis, record, life=700)
    begin = time.monotonic()
    assert becomes_hot(gate, own_redis, session.cookie)
    while time.monotonic() < begin + 0.75:
        gate.get("/auth", session.cookie)
        time.sleep(0.005)
    assert gate.get("/auth", session.cookie).status == 403


def test_a_kept_row_dies_with_its_key_though_nobody_tells(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    gate.get("/user/me", cookie)
    own_redis.client.execute_command("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    own_redis.client.pexpire("user:42", 700)
    begin = time.monotonic()
    assert becomes_hot(gate, own_redis, cookie, "/user/me")
    while time.monotonic() < begin + 0.75:
        gate.get("/user/me", cookie)
        time.sleep(0.005)
    gate.get("/user/me", cookie)  # found gone, and filled again
    assert own_redis.client.pttl("user:42") > 200_000


def test_what_a_key_has_left_to_live_shrinks_on_a_hit(
        module_gate, redis, alice):
    gate = module_gate({"session.key": "plain"})
    redis.client.set("sess:" + "p" * 43, '{"userId":"42"}', px=600_000)
    assert becomes_hot(gate, redis, PLAIN)
    ends = set()
    for _ in range(5):
        ends.add(gate.get("/auth", PLAIN).json()["session"]["expiresAt"])
        time.sleep(0.1)
    left = redis.client.pttl("sess:" + "p" * 43)
    seconds, micros = redis.client.time()
    end = seconds * 1000 + micros // 1000 + left
    assert all(abs(one - end) < hits.slack(60) for one in ends), (ends, end)


def test_what_is_old_is_read_again(start_gate, redis, alice):
    gate = start_gate({"cache.age": "400ms"})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, redis, cookie)
    with redis.watch() as seen:
        begin = time.monotonic()
        while time.monotonic() < begin + 2.2:
            assert gate.get("/auth", cookie).status == 200
            time.sleep(0.005)
    assert 4 <= len(gets(seen, key_of(cookie).encode())) <= 6


def test_an_account_is_asked_for_again_in_its_time(
        start_gate, redis, mysql, users):
    gate = start_gate({"user.recheck": "500ms"})
    someone = users.add(hashed=people.bcrypt())
    cookie = gate.log_in(someone)
    assert becomes_hot(gate, redis, cookie)
    users.remove(someone)
    gone = process.until(
        lambda: gate.get("/auth", cookie).code == "session_user_gone",
        hits.slack(2))
    assert gone is not None
