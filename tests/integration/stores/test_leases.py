"""The lock that Redis holds for us: one owner, for a while (redis/lease.c)."""

import os
import re
import subprocess
import time

import pytest

import gate as gates
import process
import taps

KEY, COUNTER = "lease-of-a-test", "counter-of-a-test"


class Client:
    """A process with a lease of its own."""

    def __init__(self, redis):
        build = os.path.dirname(os.path.dirname(gates.binary()))
        path = os.path.join(build, "tests", "integration", "lease_client")
        if not os.access(path, os.X_OK):
            process.lacking("lease_client (make check builds it)")
        self.process = subprocess.Popen(
            [path, redis.path, KEY], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *words):
        """(ok or miss, the text)"""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        return tuple(self.process.stdout.readline().rstrip("\n").split(" ", 1))

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        return status


@pytest.fixture(params=["scripts", "transactions"])
def redis(request, own_redis):
    """One that runs scripts, and one that refuses them."""
    if request.param == "transactions":
        own_redis.client.execute_command(
            "ACL", "SETUSER", "default", "-@scripting")
    return own_redis


@pytest.fixture
def start(redis):
    clients = []

    def run():
        clients.append(Client(redis))
        return clients[-1]
    yield run
    assert [client.close() for client in clients] == [0] * len(clients)


@pytest.fixture
def one(start):
    return start()


@pytest.fixture
def other(start):
    return start()


def test_one_owner_at_a_time(redis, one, other):
    said, text = one.ask("take", 5000)
    assert said == "ok" and re.fullmatch(r"0e\d{20}", text)
    assert redis.client.get(KEY) == text
    assert 4000 < redis.client.pttl(KEY) <= 5000
    assert other.ask("take", 5000) == ("miss", text)
    assert one.ask("release")[0] == "ok"
    assert not redis.client.exists(KEY)
    said, another = other.ask("take", 5000)
    assert said == "ok" and another != text


def test_what_stands_there_is_told_and_stays(redis, one):
    redis.client.set(KEY, "value", ex=100)
    assert one.ask("take", 5000) == ("miss", "value")
    assert redis.client.get(KEY) == "value"
    redis.client.delete(KEY)
    redis.client.hset(KEY, "a", "b")
    assert one.ask("take", 5000)[0] == "miss"
    assert redis.client.type(KEY) == "hash"


def test_who_came_too_late_changes_nothing(redis, one, other):
    one.ask("take", 30)
    time.sleep(0.05)
    _, text = other.ask("take", 5000)
    assert one.ask("replace", "late", 1000)[0] == "ok"
    assert one.ask("release")[0] == "ok"
    assert redis.client.get(KEY) == text
    assert other.ask("replace", "value", 1000)[0] == "ok"
    assert redis.client.get(KEY) == "value"
    assert 0 < redis.client.pttl(KEY) <= 1000
    assert other.ask("release")[0] == "ok"
    assert redis.client.get(KEY) == "value"


def test_who_dies_holds_it_no_longer_than_its_life(redis, start, one):
    dead = start()
    dead.ask("take", 300)
    dead.process.kill()
    dead.process.wait(5)
    dead.close = lambda: 0
    assert one.ask("take", 5000)[0] == "miss"
    assert process.until(
        lambda: one.ask("take", 5000)[0] == "ok", 2) is not None


def test_by_force_it_is_taken_from_anybody(redis, one, other):
    one.ask("take", 5000)
    said, text = other.ask("seize", 5000)
    assert said == "ok" and redis.client.get(KEY) == text
    one.ask("replace", "late", 1000)
    one.ask("release")
    assert redis.client.get(KEY) == text


def test_a_deleted_key_breaks_it(redis, one):
    one.ask("take", 5000)
    redis.client.delete(KEY)
    assert one.ask("replace", "late", 1000)[0] == "ok"
    assert not redis.client.exists(KEY)


def test_a_value_is_claimed_once_and_keeps_its_life(redis, one, other):
    redis.client.set(KEY, "old", px=5000)
    assert one.ask("claim", "old", "mine")[0] == "ok"
    assert other.ask("claim", "old", "theirs")[0] == "miss"
    assert redis.client.get(KEY) == "mine"
    assert 0 < redis.client.pttl(KEY) <= 5000
    redis.client.delete(KEY)
    assert other.ask("claim", "mine", "theirs")[0] == "miss"
    assert not redis.client.exists(KEY)


def test_a_key_of_another_type_is_not_touched(redis, one):
    one.ask("take", 5000)
    redis.client.delete(KEY)
    redis.client.hset(KEY, "a", "b")
    assert one.ask("replace", "late", 1000)[0] == "ok"
    assert one.ask("release")[0] == "ok"
    assert one.ask("claim", "old", "mine")[0] == "miss"
    assert redis.client.type(KEY) == "hash"
    redis.client.delete(KEY)
    assert one.ask("take", 5000)[0] == "ok"  # and the connection is of use


def test_what_is_read_and_written_with_it_held_loses_no_change(
        redis, start):
    clients = [start() for _ in range(4)]
    times = 3000 if taps.LONG else 100
    said = taps.together(
        4, lambda i: clients[i].ask("count", times, COUNTER)[0])
    assert said == ["ok"] * 4
    assert int(redis.client.get(COUNTER)) == 4 * times
