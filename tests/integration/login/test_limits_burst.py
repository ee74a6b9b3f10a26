"""Limits on guessing in a burst: exact, over processes, and never for ever."""

import collections
import signal
import threading

import pytest

import fcgi
import people
import process
# limited and url are fixtures
from test_limits_login import WINDOW, counted, guess, limited, refused, url
from taps import together


@pytest.mark.parametrize("processes", [1, 3])
def test_of_a_burst_exactly_as_many_are_hashed_as_may_be(
        limited, redis, users, processes):
    """100 at once against a limit of 5: what is 401 was hashed."""
    many = [limited() for _ in range(processes)]
    user = users.add()
    answers = together(100, lambda n: guess(many[n % processes], user.email))
    statuses = collections.Counter(answer.status for answer in answers)
    assert statuses == {401: 5, 429: 95}
    for answer in answers:
        if answer.status == 429:
            assert WINDOW - 5 <= refused(answer) <= WINDOW
    assert counted(redis) == {"pair": [5], "network": [5]}


def test_a_network_is_exact_over_accounts_and_processes(
        limited, redis, users):
    many = [limited() for _ in range(2)]
    logins = [users.add().email for _ in range(10)]
    answers = together(80, lambda n: guess(many[n % 2], logins[n % 10]))
    statuses = collections.Counter(answer.status for answer in answers)
    assert set(statuses) == {401, 429}
    if "app:" not in many[0].settings["redis.url"]:
        assert statuses[401] == 20
    assert statuses[401] <= 20
    assert counted(redis)["network"] == [statuses[401]]
    assert sum(counted(redis)["pair"]) == statuses[401]


def test_right_ones_in_a_burst_leave_nothing_behind(limited, redis, users):
    """Each holds its count only while its password is looked at."""
    gate = limited({"login.limit_pair": "64/900", "login.limit_network": "0"})
    user = users.add()
    guess(gate, user.email)
    answers = together(40, lambda _: gate.post("/login", user.login))
    assert {answer.status for answer in answers} == {200}
    assert counted(redis) == {"pair": [1]}


def test_right_ones_in_a_burst_do_not_reach_the_limit(
        limited, redis, users, url):
    """More at once than may fail: of one person, and of one network.

    A transaction counts before it knows, so it may refuse one too many.
    """
    may_be = {200} if url == redis.url else {200, 429}
    gate, people_here = limited(), [users.add() for _ in range(4)]
    answers = together(12, lambda _: gate.post("/login", people_here[0].login))
    assert {answer.status for answer in answers} <= may_be
    answers = together(
        32, lambda n: gate.post("/login", people_here[n % 4].login))
    assert {answer.status for answer in answers} <= may_be
    assert not any(sum(found) for found in counted(redis).values())


def test_wrong_ones_in_a_burst_shut_out_the_right_ones_behind_them(
        limited, redis, users):
    """A right one that waited is refused by what failed meanwhile."""
    gate, user = limited(), users.add(hashed=people.bcrypt(cost=9))
    answers = together(30, lambda n: guess(
        gate, user.email, people.PASSWORD if n % 10 == 0 else "wrong"))
    statuses = collections.Counter(answer.status for answer in answers)
    assert statuses[401] == 5
    assert statuses[429] + statuses[200] == 25
    assert statuses[200] <= 3
    assert counted(redis) == {"pair": [5], "network": [5]}


def test_killed_in_a_burst_it_leaves_no_counter_for_ever(
        limited, redis, users, ended):
    for _ in range(4):
        gate = limited({"login.limit_pair": "1000/900",
                        "login.limit_network": "1000/900"})
        user = users.add(hashed=people.bcrypt(cost=8))

        def insist(_, gate=gate, user=user):
            while True:
                try:
                    guess(gate, user.email)
                except (OSError, fcgi.Closed, AssertionError):
                    return
        threads = [threading.Thread(target=insist, args=(n,))
                   for n in range(16)]
        for thread in threads:
            thread.start()
        assert process.until(lambda: counted(redis).get("pair"), 5)
        gate.tell(signal.SIGKILL)
        ended(gate)
        for thread in threads:
            thread.join(20)
        assert counted(redis)["pair"]  # and each has a time to live
