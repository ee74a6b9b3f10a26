"""sessgatectl who, count, end --everybody: walks over all keys."""

import json
import threading
import time

import pytest

import gate as gates
import process


def fill(redis, users, *, sessions=1, prefix=""):
    """Sessions of that many users, as the program writes them."""
    now = int(time.time() * 1000)
    pipe = redis.client.pipeline(transaction=False)
    for user in range(1000, 1000 + users):
        pipe.set(f"{prefix}ugen:{{{user}}}", '{"gen":"g","ms":0}', ex=700000)
        for one in range(sessions):
            name = gates.hashed(f"{user}-{one}")
            pipe.set(f"{prefix}sess:{name}", json.dumps({
                "userId": str(user), "createdAt": now, "v": 1,
                "expiresAt": now + 10 ** 8, "login": f"u{user}", "gen": "g"}),
                px=10 ** 8)
            pipe.zadd(f"{prefix}usess:{{{user}}}", {name: now - user})
        if user % 500 == 0:
            pipe.execute()
    pipe.execute()


def test_count_counts_the_live_ones(gate, ctl, redis, alice, users):
    assert ctl("count").out == "0 sessions of 0 users\n"
    gate.log_in(alice)
    gate.log_in(alice)
    other = users.add()
    gate.log_in(other)
    assert ctl("count").out == "3 sessions of 2 users\n"
    redis.client.set(f"ugen:{{{other.id}}}", '{"gen":"another","ms":1}')
    redis.client.set("sess:foreign-application", "serialized")
    redis.client.lpush("sess:" + "l" * 43, "a list")
    assert ctl("--json", "count").objects == [{"sessions": 2, "users": 1}]


def test_count_is_right_for_many(ctl, redis):
    fill(redis, 3000, sessions=2)
    assert ctl("count").out == "6000 sessions of 3000 users\n"


def test_who_was_seen_lately(gate, ctl, redis, alice, users):
    other = users.add()
    gate.log_in(alice)
    time.sleep(0.01)
    gate.log_in(other, )
    said = ctl("--json", "who")
    assert [r["login"] for r in said.objects] == [other.email, alice.email]
    assert set(said.objects[0]) == {
        "lastSeenAt", "login", "userId", "handle", "address", "userAgent"}
    assert ctl("who").lines[-1] == "2 sessions seen in the last 15 min"
    assert len(ctl("--json", "who", "--limit", "1").objects) == 1
    name = redis.client.zrange("usess:{42}", 0, 0)[0]
    redis.client.zadd("usess:{42}", {name: int(time.time() * 1000) - 3600_000})
    assert len(ctl("--json", "who").objects) == 1
    assert len(ctl("--json", "who", "--since", "2h").objects) == 2


def test_who_shows_the_newest_of_many(ctl, redis):
    fill(redis, 3000, sessions=2)
    said = ctl("--json", "who", "--limit", "30")
    seen = [r["lastSeenAt"] for r in said.objects]
    assert seen == sorted(seen, reverse=True)
    assert {r["userId"] for r in said.objects} == {
        str(n) for n in range(1000, 1015)}


@pytest.mark.parametrize("mode", ["sha256", "plain", "migrate"])
def test_end_everybody_ends_all(start_gate, ctl, redis, alice, users, mode):
    settings = {"session.key": mode}
    gate, ctl = start_gate(settings), ctl.with_settings(settings)
    cookies = [gate.log_in(alice), gate.log_in(users.add())]
    name = gates.PLAIN_COOKIE if mode != "sha256" else gates.SECURE_COOKIE
    redis.client.set("sess:" + "n" * 43, json.dumps(
        {"userId": alice.id, "createdAt": int(time.time() * 1000) - 5}))
    cookies.append(f"{name}={'n' * 43}")
    redis.client.set("sess:foreign-application", "serialized")
    redis.client.delete("usess:{42}")
    said = ctl("end", "--everybody", "--yes")
    assert said.status == 0, said
    for cookie in cookies:
        assert gate.heals(lambda: gate.get("/auth", cookie).status == 403)
    assert redis.client.get("sess:foreign-application") == "serialized"
    assert gate.get("/auth", gate.log_in(alice)).status == 200


def test_end_everybody_keeps_blocks(gate, ctl, alice):
    gate.log_in(alice)
    ctl("block", alice.email)
    ctl("end", "--everybody", "--yes")
    assert gate.post("/login", alice.login).status == 401
    assert len(ctl("--json", "blocked").objects) == 1


def test_end_everybody_asks_first(gate, ctl, alice, redis):
    cookie = gate.log_in(alice)
    said = ctl("end", "--everybody", stdin="everybody\n")
    assert said.status == 64 and "--yes" in said.err
    said = ctl.on_terminal("end", "--everybody", typed=["yes"])
    assert said.status == 1 and "nobody was logged out" in said.out, said
    assert gate.get("/auth", cookie).status == 200
    said = ctl.on_terminal("end", "--everybody", typed=["everybody"])
    assert said.status == 0 and "1 session ended" in said.out, said
    assert gate.heals(lambda: gate.get("/auth", cookie).status == 403)


def test_end_everybody_of_a_site_leaves_the_others(ctl, redis):
    fill(redis, 10, prefix="one:")
    fill(redis, 10, prefix="*:")
    one = ctl.with_settings({"redis.key_prefix": "*:"})
    assert one("end", "--everybody", "--yes").out == "10 sessions ended\n"
    two = ctl.with_settings({"redis.key_prefix": "one:"})
    assert two("count").out == "10 sessions of 10 users\n"


@pytest.mark.alone
def test_no_walk_blocks_redis(ctl, redis):
    """A step takes a millisecond or so; a busy machine may stop one or two."""
    fill(redis, 20000)
    redis.client.config_resetstat()
    redis.client.config_set("slowlog-log-slower-than", 10000)
    redis.client.slowlog_reset()
    try:
        for words in (["count"], ["who"], ["blocked"], ["limits", "x"],
                      ["end", "--everybody", "--yes"]):
            said = ctl(*words)
            assert said.status == 0, said
        slow = redis.client.slowlog_get()
    finally:
        redis.client.config_set("slowlog-log-slower-than", 10 ** 9)
    scans = redis.client.info("commandstats")["cmdstat_scan"]
    assert scans["calls"] > 100 and scans["usec_per_call"] < 10000, scans
    assert len([s for s in slow if s["command"].startswith(b"SCAN")]) <= 2
    assert ctl("count").out == "0 sessions of 0 users\n"


def test_progress_is_for_terminals(ctl, redis):
    fill(redis, 5000)
    assert ctl("count").err == ""
    said = ctl.on_terminal("count")
    assert "keys" in said.out and said.out.endswith(
        "5000 sessions of 5000 users\n")
    assert "keys" not in ctl.on_terminal("--quiet", "count").out


def test_a_walk_goes_on_beside_writers(ctl, gate, redis, users):
    """Those who log in meanwhile are kept, and those before are not."""
    fill(redis, 5000)
    user = users.add()
    cookies, stop = [], threading.Event()

    def log_in():
        while not stop.is_set():
            cookies.append((time.time(), gate.log_in(user)))

    thread = threading.Thread(target=log_in)
    thread.start()
    try:
        process.until(lambda: len(cookies) > 3)
        begin = time.time()
        assert ctl("end", "--everybody", "--yes").status == 0
        end = time.time()
        process.until(lambda: cookies[-1][0] > end)
    finally:
        stop.set()
        thread.join()
    for at, cookie in cookies:
        if at < begin:
            assert gate.get("/auth", cookie).status == 403
    assert gate.get("/auth", cookies[-1][1]).status == 200
