"""Redis behind Sentinels: fail-overs under load, and Sentinels away.

Two or three real servers, three real Sentinels.
"""

import contextlib
import os
import re
import time

import pytest
import redis as redis_py

import gate as gates
import groups
import process
from groups import (Group, Sentinel, failures, first_success, gap,
                    load_of)
from hits import becomes_hot, key_of
from outages import SLACK, is_down, logs_in

LONG = os.environ.get("SESSGATE_LONG") == "1"
NO_CACHE = {"cache.memory": 0, "session.max": 0}


@pytest.fixture
def gate(start_gate, group):
    return start_gate({"redis.url": group.url, **NO_CACHE})


CHECKS, WRITES = range(4), range(4, 8)


def fail_over(group, old):
    """As an operator asks for one; the time is that of the promotion."""
    assert process.until(lambda: is_asked(group), 30) is not None
    return group.successor(old)


def is_asked(group):
    """A Sentinel refuses while it knows no good replica, or is busy."""
    try:
        return group.sentinels[0].client.execute_command(
            "SENTINEL", "FAILOVER", groups.NAME)
    except groups.redis_py.ResponseError:
        return False


def test_a_planned_fail_over_fails_no_check_and_stops_writes_briefly(
        gate, group, alice):
    cookie = gate.log_in(alice)
    old = group.primary
    with load_of(gate, alice, cookie) as load:
        time.sleep(0.5)
        new, promoted = fail_over(group, old)
        if LONG:  # 10 s after it: the Sentinels demote the old one
            assert process.until(
                lambda: old.role == "slave", 20) is not None
        time.sleep(1)
    checks, writes = load.of(*CHECKS), load.of(*WRITES)
    assert not failures(checks)
    assert gap(writes) < 1 * SLACK
    assert first_success(writes, promoted) < 0.3 * SLACK
    assert new.client.dbsize() > 1
    assert not gate.events("redis lost")
    assert len(gate.events("redis moved")) == 1
    assert f":{new.port} " in gate.first_event("redis moved")


def test_writes_go_on_soon_after_the_successor_of_a_dead_one_is_promoted(
        gate, group, alice):
    cookie = gate.log_in(alice)
    old = group.primary
    with load_of(gate, alice, cookie) as load:
        time.sleep(0.5)
        old.kill()
        _, promoted = group.successor(old)
        time.sleep(1.5)
    for clients in (CHECKS, WRITES):
        seen = load.of(*clients)
        assert first_success(seen, promoted) < 0.3 * SLACK
        late = [one for one in failures(seen) if one[0] > promoted + 0.3 * SLACK]
        assert not late


@pytest.mark.plain_build
def test_a_thawed_primary_that_was_replaced_is_not_written_to(
        gate, group, alice):
    """It calls itself the primary until a Sentinel tells it otherwise."""
    cookie = gate.log_in(alice)
    old = group.primary
    old.freeze()
    with load_of(gate, alice, cookie) as load:
        _, promoted = group.successor(old)
        time.sleep(0.5)
        old.thaw()
        thawed = time.monotonic()
        changes = set()
        while old.role != "slave" and time.monotonic() < thawed + 5:
            with contextlib.suppress(redis_py.ConnectionError):
                # a new connection is served after what was sent to it frozen
                changes.add(old.one_more_client().info("persistence")[
                    "rdb_changes_since_last_save"])
            time.sleep(0.01)
    assert len(changes) == 1, changes
    assert first_success(load.of(*WRITES), promoted) < 0.3 * SLACK
    late = [one for one in failures(load.of(*range(8))) if one[0] > thawed]
    assert not late


def test_a_session_that_ends_on_the_new_primary_is_over_at_once(
        start_gate, group, alice):
    """What the cache was told on the old primary counts no more."""
    gate = start_gate({"redis.url": group.url})
    cookie = gate.log_in(alice)
    old = group.primary
    assert becomes_hot(gate, old, cookie)
    new, _ = fail_over(group, old)
    assert process.until(lambda: new.client.delete(key_of(cookie)), 2)
    ended = time.monotonic()
    allowed = [0.0]
    while time.monotonic() < ended + 2:
        asked = time.monotonic()
        if gate.get("/auth", cookie).status == 200:
            allowed.append(asked - ended)
        time.sleep(0.002)
    assert max(allowed) < 0.5 * SLACK
    other = gate.log_in(alice)
    assert becomes_hot(gate, new, other)


def test_sentinels_that_are_away_are_no_outage(gate, group, alice):
    primary = group.primary
    gate.log_in(alice)
    for sentinel in group.sentinels[:2]:
        sentinel.freeze()
    group.sentinels[2].kill()
    assert gate.heals(lambda: gate.events("sentinel lost"), within=4)
    cookie = gate.log_in(alice)
    primary.process.kill()
    primary.restore()
    assert gate.heals(logs_in(gate, alice), within=3)
    assert gate.get("/auth", cookie).status == 403
    assert len(gate.events("sentinel lost")) == 1
    group.sentinels[0].thaw()
    assert gate.heals(lambda: gate.events("sentinel ready"), within=4)


def test_a_program_that_starts_without_sentinels_finds_them_later(
        start_gate, group, alice):
    for sentinel in group.sentinels:
        sentinel.stop()
    gate = start_gate({"redis.url": group.url, **NO_CACHE})
    is_down(gate.post("/login", alice.login), "redis_unavailable")
    assert "no Sentinel answers" in gate.first_event("redis lost")
    group.sentinels[1].start()
    assert gate.heals(logs_in(gate, alice), within=3)


def test_one_frozen_sentinel_delays_no_fail_over(start_gate, group, alice):
    old = group.primary
    group.sentinels[2].freeze()
    gate = start_gate({"redis.url": group.url, **NO_CACHE})
    cookie = gate.log_in(alice)
    with load_of(gate, alice, cookie) as load:
        time.sleep(0.3)
        _, promoted = fail_over(group, old)
        time.sleep(1)
    assert not failures(load.of(*CHECKS))
    assert first_success(load.of(*WRITES), promoted) < 0.3 * SLACK


# what the configuration says


def rights():
    """Those that sessgate(8) gives the user at the Sentinels."""
    with open(os.path.join(groups.stack.TOP, "man", "sessgate.8"),
              encoding="ascii") as file:
        block = re.search(r'^\.\\" test sentinel-acl\n(.*?)^\.\\" end',
                          file.read(), re.M | re.S)[1]
    words = block.split()
    return " ".join(words[words.index(">PASSWORD") + 1:words.index(".Ed")])


@pytest.fixture
def guarded(place, own_redis):
    """A Sentinel with an ACL, before a server with another one."""
    process.tool("redis-sentinel")
    server = groups.stack.Redis(place("r"), "--requirepass", "pw", tcp=True)
    sentinel = Sentinel(
        place("s"), server, f"sentinel auth-pass {groups.NAME} pw",
        f"user watcher on >secret {rights()}", "user default off")
    yield sentinel
    sentinel.kill()
    server.kill()


def test_sentinels_have_a_user_of_their_own(start_gate, guarded, alice):
    gate = start_gate({
        "redis.url": f"redis+sentinel://:pw@127.0.0.1:{guarded.port}/"
                     f"{groups.NAME}",
        "redis.sentinel_user": "watcher",
        "redis.sentinel_password": "secret"})
    assert gate.get("/auth", gate.log_in(alice)).status == 200
    time.sleep(1.5)
    assert not gate.events("sentinel lost")


def test_a_check_of_the_configuration_names_what_is_wrong(guarded, stores):
    def check(name, **settings):
        done = gates.run("--check-config", settings={
            **stores,
            "redis.url": f"redis+sentinel://:pw@127.0.0.1:{guarded.port}/"
                         f"{name}",
            **{f"redis.{key}": value for key, value in settings.items()}})
        return done.stdout + done.stderr
    good = {"sentinel_user": "watcher", "sentinel_password": "secret"}
    assert "[redis] url: works" in check(groups.NAME, **good)
    assert "no Sentinel knows other" in check("other", **good)
    assert "no Sentinel answers: NOAUTH" in check(groups.NAME)
    assert "no Sentinel answers: WRONGPASS" in check(
        groups.NAME, sentinel_user="watcher", sentinel_password="wrong")


# the long counts: on a busy machine Sentinels take the living for dead

@pytest.fixture
def steady_group(place):
    process.tool("redis-sentinel")
    made = Group(place, servers=3, down_after=3)
    yield made
    made.kill()


@pytest.mark.skipif(not LONG, reason="SESSGATE_LONG is not set")
def test_a_hundred_dead_primaries_are_each_followed_at_once(
        start_gate, steady_group, alice, rounds=100):
    gate = start_gate({"redis.url": steady_group.url, **NO_CACHE})
    for number in range(rounds):
        old = steady_group.primary
        cookie = gate.log_in(alice)
        with load_of(gate, alice, cookie) as load:
            time.sleep(0.2)
            old.kill()
            new, promoted = steady_group.successor(old, within=60)
            time.sleep(1)
        # a login that was not replicated is lost with its primary
        assert {one[2] for one in failures(load.of(*range(8)))} <= {503, 403}
        writes = load.of(*WRITES)
        assert first_success(writes, promoted) < 0.3 * SLACK, number
        late = [one for one in failures(writes)
                if one[0] > promoted + 0.3 * SLACK]
        assert not late, (number, late[:3])
        steady_group.agree_on(new)
        old.start()
        old.client.execute_command("REPLICAOF", "127.0.0.1", new.port)


@pytest.mark.skipif(not LONG, reason="SESSGATE_LONG is not set")
def test_twenty_planned_fail_overs_fail_no_check(
        start_gate, steady_group, alice, rounds=20):
    gate = start_gate({"redis.url": steady_group.url, **NO_CACHE})
    cookie = gate.log_in(alice)
    for number in range(rounds):
        old = steady_group.primary
        with load_of(gate, alice, cookie) as load:
            time.sleep(0.2)
            new, _ = fail_over(steady_group, old)
            steady_group.agree_on(new)
            steady_group.form()
        assert not failures(load.of(*CHECKS)), number
        assert gap(load.of(*WRITES)) < 1 * SLACK, number
