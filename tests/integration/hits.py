"""Shared by the tests of the cache of the process.

A check that was answered without a question to Redis is a hit; whether Redis
was asked, its own counters tell.  Sessions can be planted, as many as a test
wants, as copies of one that a login made.
"""

import itertools
import os
import threading

import pytest

import gate as gates
import process
import taps

CHANNEL = b"__redis__:invalidate"
SERIAL = itertools.count()


def reads(redis):
    """How often Redis was asked for a value so far."""
    stats = redis.client.info("commandstats")
    return sum(stats[name]["calls"]
               for name in ("cmdstat_get", "cmdstat_mget") if name in stats)


def is_hit(gate, redis, cookie, path="/auth"):
    """One check: was it good, and asked nobody?"""
    before = reads(redis)
    return gate.get(path, cookie).status == 200 and reads(redis) == before


def becomes_hot(gate, redis, cookie, path="/auth"):
    return gate.heals(lambda: is_hit(gate, redis, cookie, path), within=5)


def key_of(cookie):
    return "sess:" + gates.hashed(cookie.partition("=")[2])


class Session:
    """A copy, under a token of its own, of the session of a login."""

    def __init__(self, redis, record, life=600_000):
        self.token = f"{next(SERIAL):043}"
        self.cookie = f"{gates.SECURE_COOKIE}={self.token}"
        self.key = "sess:" + gates.hashed(self.token)
        self.redis = redis
        redis.client.set(self.key, record, px=life)

    def delete(self):
        assert self.redis.client.delete(self.key) == 1


@pytest.fixture
def tap(own_redis, place):
    """Between the program and own_redis; what Redis says can be held."""
    with taps.Tap(own_redis.path, os.path.join(place("p"), "p.sock")) as made:
        yield made


@pytest.fixture
def tapped(start_gate, tap):
    """start_gate for a program behind the tap, with time to hold replies."""

    def start(settings=None):
        return start_gate({"redis.url": "unix://" + tap.address,
                           "redis.command_timeout": "4s",
                           "redis.connect_timeout": "4s", **(settings or {})})
    return start


def hold_replies(tap, words):
    """Replies with these words wait until the event that is returned is set.

    The second one says when such a reply has come.
    """
    go, came = threading.Event(), threading.Event()

    def late(client, data):
        if words in data:
            came.set()
            go.wait(10)
        client.sendall(data)
    tap.treat = late
    return go, came


def lose_replies(tap, words):
    """Replies with these words never arrive."""

    def lossy(client, data):
        if words not in data:
            client.sendall(data)
    tap.treat = lossy


def clients(redis, flag):
    """The ids of the connections whose flags have this letter."""
    return [c["id"] for c in redis.client.client_list() if flag in c["flags"]]


def kill(redis, flag):
    """Ends such connections: P is subscribed, t tracks."""
    ids = clients(redis, flag)
    assert ids
    for one in ids:
        redis.client.client_kill_filter(_id=one)


def slack(seconds):
    return seconds * process.SLACK
