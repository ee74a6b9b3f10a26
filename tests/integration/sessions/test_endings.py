"""Seeing and ending sessions: one, all, all others; the cap; at a login."""

import base64
import hashlib
import json
import time

import pytest

import gate as gates
import test_records
from gate import is_good
from test_records import place_of_sites, urls, ways  # fixtures

LIST = "usess:{42}"
PLAIN, SECURE = gates.PLAIN_COOKIE, gates.SECURE_COOKIE


def name_of(cookie):
    return gates.hashed(cookie.partition("=")[2])


def handle_of(name):
    digest = hashlib.sha256(b"handle" + name.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:16]


def now_ms():
    return int(time.time() * 1000)


def sessions(gate, cookie):
    answer = gate.get("/sessions", cookie)
    assert answer.status == 200, answer
    assert list(answer.json()) == ["sessions"]
    return answer.json()["sessions"]


def plant(redis, token, **members):
    """A record of the Node application."""
    record = {"userId": "42", "createdAt": now_ms(), **members}
    redis.client.set("sess:" + token, json.dumps(record), ex=1000)
    return f"{PLAIN}={token}"


@pytest.fixture
def plain(module_gate, redis):
    return module_gate({"session.key": "plain"})


# the list

def test_a_user_sees_their_sessions(gate, redis, alice):
    first = gate.ask("POST", "/login", document=alice.login,
                     address="192.0.2.8", HTTP_USER_AGENT='a "b" <c>')
    time.sleep(0.01)
    second = gate.log_in(alice)
    name = name_of(gates.Cookie(first.header("Set-Cookie")).pair)
    record = json.loads(redis.client.get("sess:" + name))
    mine, other = sessions(gate, second)
    assert mine["current"] is True
    assert mine["handle"] == handle_of(name_of(second))
    assert list(other) == ["handle", "createdAt", "lastSeenAt", "expiresAt",
                           "address", "userAgent", "current"]
    assert other == {
        "handle": handle_of(name), "createdAt": record["createdAt"],
        "lastSeenAt": int(redis.client.zscore(LIST, name)),
        "expiresAt": record["expiresAt"], "address": "192.0.2.8",
        "userAgent": 'a "b" <c>', "current": False}


def test_nobody_sees_the_sessions_of_others(gate, redis, alice, users):
    bob = users.add()
    alices, bobs = gate.log_in(alice), gate.log_in(bob)
    redis.client.zadd("usess:{%s}" % bob.id, {name_of(alices): now_ms()})
    assert [s["current"] for s in sessions(gate, bobs)] == [True]
    handle = handle_of(name_of(alices))
    answer = gate.ask("DELETE", f"/sessions/{handle}", cookie=bobs)
    assert (answer.status, answer.code) == (404, "not_found")
    assert is_good(gate, alices)


def test_what_is_gone_is_not_listed_and_its_name_goes(gate, redis, alice):
    cookie, gone, lost = (gate.log_in(alice) for _ in range(3))
    redis.client.delete("sess:" + name_of(gone))
    assert len(sessions(gate, cookie)) == 2
    assert sorted(redis.client.zrange(LIST, 0, -1)) == sorted(
        [name_of(cookie), name_of(lost)])


def test_a_lost_list_forgets_nobody_who_comes_back(gate, redis, alice):
    one, two = gate.log_in(alice), gate.log_in(alice)
    redis.client.delete(LIST)
    assert len(sessions(gate, one)) == 1
    assert gate.get("/auth", two).status == 200
    assert len(sessions(gate, one)) == 2


@pytest.mark.parametrize("value", [
    "", "x", "{}", '{"userId":"43"}', '{"userId":"42","v":1,"gen":"other"}'])
def test_a_listed_key_that_is_no_session_is_not_shown(
        gate, redis, alice, value):
    cookie = gate.log_in(alice)
    redis.client.set("sess:" + "z" * 43, value, ex=100)
    redis.client.zadd(LIST, {"z" * 43: now_ms()})
    assert len(sessions(gate, cookie)) == 1
    assert redis.client.get("sess:" + "z" * 43) == value


@pytest.mark.parametrize("count", [150, 700])
def test_of_many_sessions_the_last_seen_are_shown(
        gate, redis, alice, count):
    cookie = gate.log_in(alice)
    text = redis.client.get("sess:" + name_of(cookie))
    before = now_ms() - 1000
    with redis.client.pipeline() as pipe:
        for i in range(count):
            pipe.set(f"sess:{i:043}", text, ex=1000)
            pipe.zadd(LIST, {f"{i:043}": before - i})
        pipe.execute()
    shown = sessions(gate, cookie)
    assert len(shown) == 100
    assert shown[1]["handle"] == handle_of(f"{0:043}")
    last = handle_of(f"{count - 1:043}")
    assert gate.post(f"/sessions/{last}/end", cookie=cookie).status == 204
    assert not redis.client.exists(f"sess:{count - 1:043}")
    answer = gate.post("/logout/all", cookie=cookie)
    assert answer.json()["revoked"] == count
    assert not redis.client.keys("sess:*") + redis.client.keys("usess:*")


# ending one

@pytest.mark.parametrize("method,path", [
    ("DELETE", "/sessions/{}"), ("POST", "/sessions/{}/end")])
def test_one_session_is_ended_by_its_handle(
        gate, redis, alice, method, path):
    mine, other, third = (gate.log_in(alice) for _ in range(3))
    target = path.format(handle_of(name_of(other)))
    answer = gate.ask(method, target, cookie=mine)
    assert (answer.status, answer.body) == (204, b"")
    assert not answer.all("Set-Cookie")
    assert not is_good(gate, other)
    assert is_good(gate, mine) and is_good(gate, third)
    assert gate.ask(method, target, cookie=mine).status == 404
    own = gate.ask(
        method, path.format(handle_of(name_of(mine))), cookie=mine)
    assert own.status == 204
    assert "Max-Age=0" in own.header("Set-Cookie")
    assert not is_good(gate, mine)


@pytest.mark.parametrize("handle", [
    "x", "a" * 16, "*", "%00", "a" * 3000, "..", "a b"])
def test_a_handle_of_nobody_is_404(gate, alice, handle):
    cookie = gate.log_in(alice)
    answer = gate.ask("DELETE", "/sessions/" + handle, cookie=cookie,
                      REQUEST_URI="/sessgate/sessions/x")
    assert (answer.status, answer.code) == (404, "not_found")


# all

def test_all_sessions_are_ended(gate, redis, alice):
    cookies = [gate.log_in(alice) for _ in range(5)]
    answer = gate.post("/logout/all", cookie=cookies[2])
    assert answer.text == '{"message":"Logged out successfully","revoked":5}'
    assert "Max-Age=0" in answer.header("Set-Cookie")
    assert not any(is_good(gate, cookie) for cookie in cookies)
    assert redis.client.keys("sess:*") == []
    generation = json.loads(redis.client.get("ugen:{42}"))
    assert abs(generation["ms"] - now_ms()) < 2000
    assert redis.client.ttl("ugen:{42}") > 604800
    assert is_good(gate, gate.log_in(alice))


def test_all_others_are_ended(gate, redis, alice):
    cookies = [gate.log_in(alice) for _ in range(4)]
    before = redis.client.pttl("sess:" + name_of(cookies[0]))
    answer = gate.post("/logout/all", cookie=cookies[0],
                       REQUEST_URI="/sessgate/logout/all?others=1")
    assert answer.text == '{"message":"Logged out successfully","revoked":3}'
    assert not answer.all("Set-Cookie")
    assert [is_good(gate, cookie) for cookie in cookies] == [
        True, False, False, False]
    assert redis.client.pttl("sess:" + name_of(cookies[0])) <= before
    assert len(redis.client.keys("sess:*")) == 1


def test_sessions_that_are_not_listed_end_as_well(gate, redis, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    redis.client.delete(LIST)
    assert gate.post("/logout/all", cookie=mine).json()["revoked"] == 1
    assert not is_good(gate, other)


def test_all_needs_a_session_and_one_of_ones_own_pages(gate, alice):
    assert gate.post("/logout/all").status == 401
    cookie = gate.log_in(alice)
    answer = gate.post("/logout/all", cookie=cookie,
                       HTTP_SEC_FETCH_SITE="same-site")
    assert answer.code == "cross_site"
    assert is_good(gate, cookie)


def test_an_old_login_has_to_log_in_again(module_gate, redis, alice):
    gate = module_gate({"session.fresh": "1s"})
    cookie = gate.log_in(alice)
    time.sleep(1.05)
    answer = gate.post("/logout/all", cookie=cookie)
    assert (answer.status, answer.code) == (403, "login_too_old")
    assert is_good(gate, cookie)
    assert gate.post("/logout/all", cookie=gate.log_in(alice)).status == 200


def test_without_scripts_all_others_are_ended_too(
        start_gate, own_redis, alice):
    own_redis.client.execute_command(
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-@scripting")
    gate = start_gate({"redis.url": f"unix://app:pw@{own_redis.path}"})
    one, two = gate.log_in(alice), gate.log_in(alice)
    answer = gate.post("/logout/all", cookie=one,
                       REQUEST_URI="/sessgate/logout/all?others=1")
    assert answer.json()["revoked"] == 1
    assert is_good(gate, one) and not is_good(gate, two)


# sessions of the Node application

def test_sessions_of_the_node_application_are_listed_when_first_seen(
        plain, redis, alice):
    cookie = plant(redis, "n" * 40)
    (one,) = sessions(plain, cookie)
    assert one["handle"] == handle_of("n" * 40)
    assert one["current"] is True
    assert "address" not in one


def test_ending_all_deletes_what_node_would_read(plain, redis, alice):
    seen, unseen = plant(redis, "s" * 40), plant(redis, "u" * 40)
    assert is_good(plain, seen)
    mine = plain.log_in(alice)
    assert plain.post("/logout/all", cookie=mine).json()["revoked"] == 2
    assert redis.client.keys("sess:*") == ["sess:" + "u" * 40]
    assert not is_good(plain, unseen)


@pytest.mark.parametrize("key", ["plain", "migrate"])
def test_what_ended_sessions_of_the_node_application_outlives_them(
        module_gate, redis, alice, key):
    """They live for a week, however short ours do."""
    gate = module_gate({"session.key": key, "session.life": "1h",
                        "session.short": "1h"})
    cookie = plant(redis, "l" * 40)
    gate.post("/logout/all", cookie=gate.log_in(alice))
    assert not is_good(gate, cookie)
    for name in ("ugen:{42}", "usess:{42}"):
        gate.log_in(alice)
        assert redis.client.ttl(name) > 604800


@pytest.mark.parametrize("ahead,good", [
    (-3600_000, False),  # behind: until the clock has come so far
    (-1, False), (1000, True), (59_000, True),
    (61_500, False), (3600_000, False)])
def test_a_login_at_node_after_all_were_ended(
        plain, redis, alice, ahead, good):
    """Node's clock runs so much ahead of Redis'."""
    plain.post("/logout/all", cookie=plain.log_in(alice))
    ended = json.loads(redis.client.get("ugen:{42}"))["ms"]
    cookie = plant(redis, "m" * 40, createdAt=ended + ahead)
    assert is_good(plain, cookie) is good


def test_the_time_of_the_last_end_never_goes_back(plain, redis, alice):
    cookie = plain.log_in(alice)
    generation = json.loads(redis.client.get("ugen:{42}"))
    generation["ms"] = now_ms() + 3600_000  # by a clock that was set back
    redis.client.set("ugen:{42}", json.dumps(generation), ex=1000)
    plain.post("/logout/all", cookie=cookie)
    assert json.loads(
        redis.client.get("ugen:{42}"))["ms"] == generation["ms"]


def test_a_session_of_the_node_application_is_kept_with_all_that_is_in_it(
        plain, redis, alice):
    mine = plant(redis, "k" * 40, cart=[1, {"a": "ü"}], flash=None)
    other = plain.log_in(alice)
    answer = plain.post("/logout/all", cookie=mine,
                        REQUEST_URI="/sessgate/logout/all?others=1")
    assert answer.json()["revoked"] == 1
    assert is_good(plain, mine) and not is_good(plain, other)
    record = json.loads(redis.client.get("sess:" + "k" * 40))
    assert record["cart"] == [1, {"a": "ü"}] and record["flash"] is None
    plain.post("/logout/all", cookie=plain.log_in(alice))
    assert not is_good(plain, mine)


# the cap

def test_a_login_beyond_the_cap_ends_the_least_recently_seen(
        module_gate, redis, alice):
    gate = module_gate({"session.max": "3"})
    cookies = []
    for _ in range(3):
        cookies.append(gate.log_in(alice))
        time.sleep(0.003)
    redis.client.zadd(LIST, {name_of(cookies[0]): now_ms()})
    cookies.append(gate.log_in(alice))
    assert [is_good(gate, cookie) for cookie in cookies] == [
        True, False, True, True]


def test_the_dead_do_not_count_against_the_cap(module_gate, redis, alice):
    gate = module_gate({"session.max": "2"})
    one, two = gate.log_in(alice), gate.log_in(alice)
    redis.client.delete("sess:" + name_of(two))
    three = gate.log_in(alice)
    assert is_good(gate, one) and is_good(gate, three)
    assert redis.client.zcard(LIST) == 2


def test_a_cap_that_was_lowered_holds_after_one_login(
        module_gate, gate, redis, alice):
    cookies = [gate.log_in(alice) for _ in range(10)]
    capped = module_gate({"session.max": "2"})
    cookies.append(capped.log_in(alice))
    assert len(redis.client.keys("sess:*")) == 2
    assert is_good(capped, cookies[-1])


def test_parallel_logins_keep_to_the_cap(module_gate, redis, alice):
    from concurrent.futures import ThreadPoolExecutor
    gate = module_gate({"session.max": "3"})
    with ThreadPoolExecutor(8) as pool:
        cookies = list(pool.map(lambda _: gate.log_in(alice), range(16)))
    assert sum(is_good(gate, cookie) for cookie in cookies) == 3


# at a login

def test_a_login_ends_the_session_of_the_cookie_that_came(
        gate, redis, alice, users):
    old, other = gate.log_in(alice), gate.log_in(alice)
    answer = gate.post("/login", users.add().login, cookie=old)
    assert answer.status == 200
    assert not is_good(gate, old)
    assert is_good(gate, other)


def test_a_login_that_fails_ends_nothing(gate, alice):
    old = gate.log_in(alice)
    answer = gate.post(
        "/login", {**alice.login, "password": "wrong"}, cookie=old)
    assert answer.status == 401
    assert is_good(gate, old)


@pytest.mark.parametrize("mode", ["sha256", "plain", "migrate"])
def test_a_preset_cookie_never_becomes_a_session(
        module_gate, redis, alice, mode):
    gate = module_gate({"session.key": mode, "cookie.compat": "on"})
    for name in (SECURE, PLAIN):
        preset = f"{name}={'p' * 43}"
        answer = gate.post("/login", alice.login, cookie=preset)
        assert answer.status == 200
        assert gates.Cookie(answer.header("Set-Cookie")).value != "p" * 43
        assert not is_good(gate, preset)


# records under a token's plain key that are no session of anybody's: another
# application's, or a hash that was sent as a token
STRANGE = {
    "user as a fraction", "user as a large number", "user empty",
    "user of another alphabet", "user with a zero before", "user with a blank",
    "user with a brace", "user null", "user true", "user in a list",
    "user negative", "user zero", "no user", "user a lone surrogate",
    "user with a NUL", "v in a plain one", "v null", "v a text",
    "bytes that are no UTF-8, read", "no JSON", "nothing", "an array",
    "a text", "null", "an empty object", "cut short", "a comma too many",
    "no comma", "a colon too many", "brackets that do not match",
    "two values", "a comment", "single quotes", "a BOM", "64 KiB",
    "another application's", "a hash", "a list"}


@pytest.mark.parametrize("name", test_records.ROWS)
@pytest.mark.sanitized(8)
def test_a_logout_ends_what_is_ours_and_nothing_else(ways, redis, name):
    """However spoilt the record is; where it says whose it is, it is ours."""
    wrong = []
    for mode, hashed in test_records.PLACES:
        for way_name, way in ways(mode, "scripts").items():
            token = test_records.plant(
                redis, way, hashed, test_records.ROWS[name][0])
            key = "sess:" + (gates.hashed(token) if hashed else token)
            assert way.ask(token, "POST", "/logout").status == 200
            stays = redis.client.exists(way.prefix + key) == 1
            if stays != (name in STRANGE and not hashed):
                wrong.append((way_name, hashed, stays))
    assert not wrong, wrong
