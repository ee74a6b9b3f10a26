"""Redis far away: each reply takes a while to come."""

import os
import statistics
import time

import pytest

import faults
import gate as gates
import people
from hits import becomes_hot
from process import SLACK
from taps import together

pytestmark = pytest.mark.alone

AWAY = 0.02  # seconds; one way, as good as half of it both ways


@pytest.fixture
def far(place, own_redis):
    """A way to own_redis that takes its time."""
    with faults.FaultProxy(own_redis.path,
                           os.path.join(place("p"), "p.sock")) as proxy:
        proxy.delay(AWAY)
        yield proxy


@pytest.fixture
def start(start_gate, far):
    settings = {"redis.url": "unix://" + far.address,
                "redis.command_timeout": "2s", "redis.connect_timeout": "2s"}
    return lambda more=None: start_gate({**settings, **(more or {})})


def test_hits_do_not_hear_of_it(start, own_redis, alice):
    gate = start()
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, own_redis, cookie)
    times = [gates.timed(gate.get, "/auth", cookie)[1] for _ in range(50)]
    assert statistics.median(times) < AWAY / 4 * SLACK


def test_checks_that_ask_wait_beside_one_another(start, alice):
    """All workers ask Redis at the same time, not one after another."""
    gate = start({"cache.memory": 0, "server.workers": 32})
    cookie = gate.log_in(alice)
    together(32, lambda _: gate.get("/auth", cookie).status)  # connects
    begin = time.monotonic()
    came = together(64, lambda _: gate.get("/auth", cookie).status)
    assert came == [200] * 64
    assert time.monotonic() - begin < 64 * AWAY / 2 * SLACK


def test_who_is_too_far_is_refused_soon_and_used_again(
        start_gate, far, alice):
    """The breaker opens after three time-outs, and a probe closes it."""
    gate = start_gate({"redis.url": "unix://" + far.address,
                       "redis.command_timeout": "0"})
    cookie = gate.log_in(alice)
    far.delay(0.3)
    for _ in range(6):
        gate.get("/auth", cookie)
    took = [gates.timed(gate.post, "/logout", None, "x=1; "
                        f"{gates.SECURE_COOKIE}={'a' * 43}")
            for _ in range(20)]
    assert {answer.status for answer, _ in took} == {503}
    assert statistics.median(t for _, t in took) < 0.005 * SLACK
    far.deliver()
    assert gate.heals(lambda: gate.get("/auth", cookie).status == 200)


@pytest.mark.alone  # within the deadlines by default
def test_logins_wait_for_it_beside_one_another(start, far, users):
    """No place for hashing, nor for SQL, is held while Redis is asked."""
    gate = start({"login.limit_network": "0", "login.limit_pair": "0"})
    user = users.add(hashed=people.bcrypt(cost=4))
    far.delay(0.1)
    began = time.monotonic()
    assert together(20, lambda _: gate.post("/login", user.login).status) \
        == [200] * 20
    assert time.monotonic() - began < 3 * SLACK
