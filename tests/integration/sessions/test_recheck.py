"""SQL is asked about known accounts beside the checks, and not in bursts."""

import json
import time

import pytest

import gate as gates
import people
import process
import taps
import faults
import test_sites
from test_sites import start, tables, write  # fixtures

SLACK = process.SLACK
RECHECK = 1.0
FAST = {"user.recheck": "1s"}
WAIT = 0.1  # what a check may wait for an answer that would be fresher


def at_gate(gate, cookie):
    return gate.get(cookie=cookie, REQUEST_URI="/", role=gates.fcgi.AUTHORIZER)


def check_for(seconds, gate, cookie, pause=0.02):
    """Checks for so long; all are let in; how long each took, longest last."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        answer, took = gates.timed(at_gate, gate, cookie)
        assert answer.status == 200, answer
        times.append(took)
        time.sleep(pause)
    return sorted(times)


@pytest.mark.alone
def test_a_frozen_mysql_holds_up_no_check_of_a_known_user(
        start_gate, own_mysql, bob):
    """Time-outs that are far apart hold up no check either."""
    gate = start_gate({**FAST, "mysql.url": own_mysql.url})
    cookie = gate.log_in(bob)
    assert at_gate(gate, cookie).status == 200
    own_mysql.freeze()
    times = check_for(6 if taps.LONG else 4, gate, cookie)
    own_mysql.thaw()
    assert times[-1] < 0.3 * SLACK, times[-5:]
    assert sum(took > WAIT / 2 for took in times) <= 3, times[-5:]
    assert len(times) > 60 / SLACK


def test_a_slow_mysql_is_asked_all_the_same(
        start_gate, own_mysql, bob, place):
    """Its answers come too late to be waited for, and count."""
    with faults.FaultProxy(own_mysql.path, place("p") + "/p.sock") as proxy:
        gate = start_gate({**FAST, "mysql.timeout": "3s", "mysql.url":
                           own_mysql.url_through(proxy.address)})
        cookie = gate.log_in(bob)
        proxy.delay(0.3)
        check_for(2.5, gate, cookie)
        people.Users(own_mysql).remove(bob)
        assert process.until(lambda: at_gate(gate, cookie).status == 401,
                             (RECHECK + 2) * SLACK)


@pytest.mark.plain_build
def test_an_answer_in_time_counts_at_once(start_gate, redis, own_mysql, bob):
    """A user who returns after long is not let in by old account data.

    On a machine that has no 100 ms for an answer it counts at the next check.
    """
    gate = start_gate({**FAST, "mysql.url": own_mysql.url})
    cookie = gate.log_in(bob)
    at_once = 0
    for _ in range(5 if taps.LONG else 3):
        assert gate.heals(lambda: at_gate(gate, cookie).status == 200)
        people.Users(own_mysql).remove(bob)
        time.sleep(RECHECK + 0.1)
        at_once += at_gate(gate, cookie).status == 401
        assert gate.heals(lambda: at_gate(gate, cookie).status == 401,
                          within=0.5)
        with own_mysql.admin() as sql:
            sql.execute("INSERT INTO users (id, email, name, password) "
                        "VALUES (%s, %s, 'Bob', %s)",
                        (bob.id, bob.email, people.bcrypt()))
        time.sleep(RECHECK + 0.1)
    assert at_once > 0


@pytest.mark.alone
def test_many_users_of_a_frozen_mysql_leave_workers_to_others(
        start_gate, redis, own_mysql, bob):
    gate = start_gate({**FAST, "mysql.url": own_mysql.url,
                       "server.workers": 12, "mysql.connections": 2,
                       "login.hash_threads": 2})
    users = people.Users(own_mysql)
    cookies = [gate.log_in(users.add()) for _ in range(40)]
    for cookie in cookies:
        assert at_gate(gate, cookie).status == 200
    time.sleep(RECHECK + 0.1)
    own_mysql.freeze()
    begin = time.monotonic()

    def check(number):
        return gates.timed(at_gate, gate, cookies[number])
    results = taps.together(len(cookies), check)
    own_mysql.thaw()
    users.forget()
    assert all(answer.status == 200 for answer, _ in results)
    assert max(took for _, took in results) < 0.5 * SLACK
    assert time.monotonic() - begin < 2 * SLACK


@pytest.mark.plain_build
def test_users_first_seen_together_are_asked_about_one_after_another(
        start_gate, redis, own_mysql):
    """One recheck interval after a restart there is no burst of questions."""
    recheck, count = 6 if taps.LONG else 4, 120
    gate = start_gate({**taps.PATIENT, "mysql.url": own_mysql.url,
                       "user.recheck": f"{recheck}s"})
    users = people.Users(own_mysql)
    cookies = [gate.log_in(users.add()) for _ in range(count)]
    own_redis = redis.client
    now = own_redis.time()
    at = now[0] * 1000 + now[1] // 1000
    for uid in users.ids:
        key = "uauth:{%s}" % uid
        known = json.loads(own_redis.get(key))
        own_redis.set(key, json.dumps({**known, "at": at}), ex=600)
    begin, asked = time.monotonic(), []
    while time.monotonic() - begin < recheck + 1:
        before = own_mysql.executed()
        second = time.monotonic()
        while time.monotonic() - second < 1:
            for cookie in cookies:
                assert at_gate(gate, cookie).status == 200
            time.sleep(0.02)
        asked.append(own_mysql.executed() - before)
    users.forget()
    assert sum(asked) >= count, asked
    assert max(asked) < count * 3 / 4, asked


def test_it_stops_in_time_while_a_question_hangs(
        start_gate, own_mysql, bob, ended):
    gate = start_gate({**FAST, "mysql.url": own_mysql.url})
    cookie = gate.log_in(bob)
    own_mysql.freeze()
    check_for(RECHECK + 0.2, gate, cookie)
    begin = time.monotonic()
    gate.tell(15)
    status = ended(gate)
    own_mysql.thaw()
    assert time.monotonic() - begin < 2 * SLACK
    assert status == 0


def plant(redis, site, uid):
    """The cookie of a session whose account was asked for long ago."""
    token, now = f"{uid:043}", int(time.time() * 1000)
    for key, value in {
            f"sess:{gates.hashed(token)}": {
                "userId": str(uid), "createdAt": now - 1000, "v": 1,
                "gen": "g"},
            f"ugen:{{{uid}}}": {"gen": "g", "ms": 0},
            f"uauth:{{{uid}}}": {"at": now - 100000, "active": True,
                                 "login": f"{uid}@x"}}.items():
        redis.client.set(f"{site}:{key}", json.dumps(value), ex=100)
    return f"{test_sites.NAMES[site]}={token}"


@pytest.mark.alone
def test_slow_sql_of_one_site_holds_up_no_recheck_of_another(
        start, redis, tables):
    """More of the forum's accounts are asked for than there are threads."""
    gate = start(text=test_sites.CONF.replace(
        "FROM forum_users WHERE id = :id",
        "FROM forum_users WHERE id = :id AND SLEEP(0.6) = 0"))
    ids = range(1000, 1060)
    with tables.admin() as sql:
        sql.executemany(
            "INSERT INTO forum_users (id, email, name, password) "
            "VALUES (%s, %s, 'Eve', 'x')", [(i, f"{i}@x") for i in ids])
    cookie = plant(redis, "shop", 42)
    for other in [plant(redis, "forum", i) for i in ids]:
        assert gate.get("/auth", other, SESSGATE_ROLE="gate",
                        **test_sites.FORUM).status == 200
    with tables.admin() as sql:
        sql.execute("UPDATE shop_users SET id = 43 WHERE id = 42")
    _, took = gates.timed(process.until, lambda: gate.get(
        "/auth", cookie, SESSGATE_ROLE="gate",
        **test_sites.SHOP).status == 401, 20)
    with tables.admin() as sql:
        sql.execute("UPDATE shop_users SET id = 42 WHERE id = 43")
        sql.execute("DELETE FROM forum_users WHERE id >= 1000")
    assert took < 0.7 * process.SLACK
