"""The cache of user rows, and the lease inside user:<id>.

What stands there is the table's row or nothing that anybody would take for
one, whoever reads and writes at the same time, this program or another.
"""

import concurrent.futures
import json
import random
import re
import statistics
import time

import pytest

import gate as gates
import process
from caching import (
    cookie, gate, holds_lease, KEY, LEASE, name_cached, patch,
    redis_tap, shaky, sql_tap)
from outages import SLACK
from taps import LONG, meanwhile, status_of, together


# one read for many

@pytest.mark.parametrize("path", ["/user/42", "/auth"])
def test_a_hundred_parallel_misses_make_one_sql_read(
        gate, mysql, sql_tap, redis, cookie, alice, path):
    """Who waits in vain for a tenth of a second reads beside the lease; where
    the machine stalled for that long, the round is told by the next one."""
    sql_tap.delay(0.03)
    reads = []
    while len(reads) < 3 and 1 not in reads:
        gate.get(path, cookie)
        redis.client.delete(KEY)
        before = mysql.executed()
        answers = together(100, lambda _: gate.get(path, cookie))
        assert {a.status for a in answers} == {200}
        assert all(a.json()["user"] == alice.shown for a in answers)
        assert name_cached(redis) == alice.name
        reads.append(mysql.executed() - before)
    assert 1 in reads, reads


def test_who_waits_for_a_lease_waits_a_tenth_of_a_second(
        gate, mysql, sql_tap, redis, cookie, alice):
    """The row is then read beside the lease, and not kept."""
    redis.client.set(KEY, "0e123", px=1500)
    before = mysql.executed()
    answer, took = gates.timed(gate.get, "/user/42", cookie)
    assert answer.json() == {"message": "User fetched", "user": alice.shown}
    assert 0.08 < took < 0.4 * SLACK
    assert mysql.executed() - before == 1
    assert redis.client.get(KEY) == "0e123"


def test_many_who_wait_for_a_lease_hold_no_worker(
        gate, redis, cookie, alice):
    """Beside 60 that wait, a check is as quick as ever."""
    redis.client.set(KEY, "0e123", px=5000)
    with meanwhile(lambda: together(
            60, lambda _: gate.get("/user/42", cookie).status)) as waiting:
        took = []
        while not waiting.done():
            took.append(gates.timed(gate.get, "/auth", "SESSION-TOKEN=x")[1])
    assert set(waiting.result()) == {200}
    assert statistics.median(took) < 0.05 * SLACK


# the value of the key meanwhile

def test_while_a_row_is_read_the_key_holds_a_lease_of_two_seconds(
        gate, sql_tap, redis, cookie, alice):
    gate.get("/user/42")
    redis.client.delete(KEY)
    sql_tap.delay(0.3)
    with meanwhile(lambda: gate.get("/user/42")) as reading:
        assert process.until(lambda: redis.client.exists(KEY), 1)
        value, left = redis.client.get(KEY), redis.client.pttl(KEY)
        assert not reading.done()
    assert LEASE.fullmatch(value) and 1000 < left <= 2000
    assert json.loads(value) == 0  # to the Node application and to PHP: nothing
    assert reading.result().json()["user"] == alice.shown
    assert name_cached(redis) == alice.name
    assert 299_000 < redis.client.pttl(KEY) <= 300_000


def test_while_a_row_is_changed_the_key_holds_a_lease_of_ten_seconds(
        gate, sql_tap, redis, cookie, alice):
    patch(gate, cookie, name="Warm")
    assert name_cached(redis) == "Warm"
    go = sql_tap.hold_on(b"Changed")
    with meanwhile(lambda: patch(gate, cookie, name="Changed")) as changing:
        assert process.until(lambda: holds_lease(redis), 1)
        left = redis.client.pttl(KEY)
        assert not changing.done()
        go.set()
    assert 9000 < left <= 10_000
    assert changing.result().json() == {
        "message": "User updated", "user": {**alice.shown, "name": "Changed"}}
    assert name_cached(redis) == "Changed"


def test_every_lease_is_another(gate, redis, cookie):
    with redis.watch() as seen:
        for _ in range(5):
            patch(gate, cookie, name="x")
            redis.client.delete(KEY)
            gate.get("/user/42", cookie)
    leases = [m for line in seen
              for m in re.findall(rb'"SET" "user:42" "(0e\d+)"', line)]
    assert len(leases) >= 10
    assert len(set(leases)) == len(leases)


# readers, writers and strangers at once

class Lane:
    """One user, and rounds of readers and writers of that row."""

    def __init__(self, gate, redis, mysql, user, sql):
        self.gate, self.redis, self.mysql = gate, redis.client, mysql
        self.user, self.sql = user, sql
        self.cookie = gate.log_in(user)
        self.dice = random.Random(f"lane {user.id}")
        self.rows_cached = 0
        self.serial = 0

    def name(self, who):
        self.serial += 1
        return f"{who}{self.serial}"

    def read(self):
        answer = self.gate.get(f"/user/{self.user.id}")
        assert answer.status == 200, answer

    def patch(self, name):
        answer = patch(self.gate, self.cookie, name=name)
        assert answer.status == 200, answer

    def stranger(self, names):
        """Like the Node application: the table, then DEL, without a lease."""
        for name in names:
            self.sql.execute("UPDATE users SET name = %s WHERE id = %s",
                             (name, self.user.id))
            time.sleep(self.dice.random() * 0.005)
            self.redis.delete(f"user:{self.user.id}")

    def acts(self):
        dice = self.dice
        acts = [self.read for _ in range(dice.randint(1, 4))]
        for _ in range(dice.choice((0, 0, 1, 1, 2))):
            acts.append(lambda name=self.name("patch"): self.patch(name))
        if len(acts) < 3 or dice.random() < 0.7:
            names = [self.name("node") for _ in range(dice.randint(1, 2))]
            acts.append(lambda: self.stranger(names))
        return acts

    def round(self, pool):
        if self.dice.random() < 0.5:
            self.redis.delete(f"user:{self.user.id}")

        def late(act, pause):
            time.sleep(pause)
            act()
        for done in [pool.submit(late, act, self.dice.random() * 0.03)
                     for act in self.acts()]:
            done.result(20)
        self.sql.execute("SELECT name FROM users WHERE id = %s",
                         (self.user.id,))
        name = self.sql.fetchone()[0]
        value = self.redis.get(f"user:{self.user.id}")
        if value is not None:
            self.rows_cached += 1
            assert json.loads(value)["name"] == name
        answer = self.gate.get(f"/user/{self.user.id}")
        assert answer.json()["user"]["name"] == name


def test_no_interleaving_leaves_a_row_that_the_table_has_not(
        module_gate, sql_tap, changer, redis, mysql, users):
    """Readers x writers x a stranger that only does UPDATE and DEL."""
    lanes_wanted, rounds = 8, 10_000 if LONG else 320
    sql_tap.be_plain()
    gate = module_gate({"mysql.url": changer.url(sql_tap.address),
                        "user.access": "public", "mysql.connections": "32",
                        "server.workers": "64"})
    nobody = {"email": "x", "password": "x"}
    together(32, lambda _: gate.post("/login", nobody))
    with concurrent.futures.ThreadPoolExecutor(64) as pool, \
            concurrent.futures.ThreadPoolExecutor(lanes_wanted) as driver:
        def drive(user):
            with mysql.admin() as sql:
                lane = Lane(gate, redis, mysql, user, sql)
                for _ in range(rounds // lanes_wanted):
                    lane.round(pool)
            return lane.rows_cached
        people = [users.add(name="first") for _ in range(lanes_wanted)]
        sql_tap.jitter(0.03)
        try:
            cached = sum(driver.map(drive, people))
        finally:
            sql_tap.be_plain()
    assert cached > rounds / 10  # else nothing was tried


def test_writers_who_meet_change_the_row_once_each(
        gate, mysql, sql_tap, cookie):
    sql_tap.jitter(0.03)
    before = status_of(mysql, "Com_update")
    answers = together(20, lambda i: patch(gate, cookie, name=f"n{i}"))
    assert {a.status for a in answers} == {200}
    assert status_of(mysql, "Com_update") - before == 20


def test_who_has_written_does_not_step_back_and_write_again(
        shaky, own_redis, redis_tap, mysql, alice):
    """Another writer's lease stands when the row is read for the answer."""
    cookie = shaky.log_in(alice)
    before, deleted = status_of(mysql, "Com_update"), []

    def look(data):
        if b"\r\nDEL\r\n" in data:
            deleted.append(data)
        elif b"\r\nGET\r\n" in data and deleted:
            own_redis.client.set(KEY, "0e1", px=60, nx=True)
    redis_tap.watch = look
    answer = patch(shaky, cookie, name="New")
    assert (answer.status, answer.json()["user"]["name"]) == (200, "New")
    assert status_of(mysql, "Com_update") - before == 1
    assert len(deleted) == 1


def test_a_read_that_began_before_a_change_does_not_outlive_it(
        gate, sql_tap, redis, cookie):
    """The slow reader's row is the old one: its answer, not the cache's."""
    sql_tap.delay(0.3)
    with meanwhile(lambda: gate.get("/user/42")) as reading:
        assert process.until(lambda: holds_lease(redis), 1)
        time.sleep(0.05)
        sql_tap.deliver()
        assert patch(gate, cookie, name="New").status == 200
        assert not reading.done()
    assert reading.result().status == 200
    assert name_cached(redis) == "New"


def test_a_read_that_began_before_a_strangers_change_does_not_outlive_it(
        gate, mysql, sql_tap, redis, cookie, users, alice):
    sql_tap.delay(0.3)
    with meanwhile(lambda: gate.get("/user/42")) as reading:
        assert process.until(lambda: holds_lease(redis), 1)
        time.sleep(0.05)
        users.rename(alice, "New")
        redis.client.delete(KEY)
        assert not reading.done()
    assert reading.result().json()["user"]["name"] == "Alice"
    assert name_cached(redis) is None
    assert gate.get("/user/42").json()["user"]["name"] == "New"


# ids that nobody has

def test_an_unknown_id_is_remembered_for_15_s(gate, mysql, redis, cookie):
    answer = gate.get("/user/4242", cookie)
    assert (answer.status, answer.code) == (404, "user_not_found")
    assert redis.client.get("user:4242") == "null"
    assert 14_000 < redis.client.pttl("user:4242") <= 15_000
    before = mysql.executed()
    for _ in range(5):
        assert gate.get("/user/4242", cookie).status == 404
    assert mysql.executed() == before


def test_a_new_user_is_seen_when_somebody_deletes_the_key(
        gate, redis, users, cookie):
    assert gate.get("/user/4243", cookie).status == 404
    user = users.add(uid=4243)
    assert gate.get("/user/4243", cookie).status == 404
    redis.client.delete("user:4243")
    answer = gate.get("/user/4243", cookie)
    assert (answer.status, answer.json()["user"]) == (200, user.shown)


def test_a_new_user_is_seen_when_the_memory_ends(gate, redis, users, cookie):
    assert gate.get("/user/4244", cookie).status == 404
    users.add(uid=4244)
    redis.client.pexpire("user:4244", 1)
    time.sleep(0.01)
    assert gate.get("/user/4244", cookie).status == 200


# values of other programs

STRINGS = ["", "x", "0", "0e", "0e12x", "0E123", " 0e1", "[1]", "{}", "true",
           '"42"', '{"id":"43","name":"Eve","email":"e","image":null}',
           '{"id":"42","name":["Eve"]}', '{"id":"42","name":"Eve"',
           '{"id":42.5,"name":"Eve"}', "null ", "nul", "O:8:\"stdClass\":0:{}",
           "{" * 5000]


@pytest.mark.parametrize("value", STRINGS, ids=lambda value: repr(value[:24]))
def test_a_strange_value_is_a_miss_and_stays(
        gate, mysql, redis, cookie, alice, value):
    redis.client.set(KEY, value, px=100_000)
    before = mysql.executed()
    for _ in range(3):
        answer = gate.get("/user/42", cookie)
        assert answer.json() == {
            "message": "User fetched", "user": alice.shown}
    assert mysql.executed() - before == 3
    assert redis.client.get(KEY) == value
    assert 90_000 < redis.client.pttl(KEY) <= 100_000


@pytest.mark.parametrize("kind", ["list", "hash", "set", "zset", "stream"])
def test_a_key_of_another_type_is_a_miss_and_stays(
        gate, redis, cookie, alice, kind):
    {"list": lambda c: c.rpush(KEY, "x"),
     "hash": lambda c: c.hset(KEY, "id", "42"),
     "set": lambda c: c.sadd(KEY, "x"),
     "zset": lambda c: c.zadd(KEY, {"x": 1}),
     "stream": lambda c: c.xadd(KEY, {"x": "y"})}[kind](redis.client)
    for _ in range(2):
        assert gate.get("/user/42", cookie).json() == {
            "message": "User fetched", "user": alice.shown}
    assert redis.client.type(KEY) == kind


@pytest.mark.parametrize("spoil", [
    lambda client: client.set(KEY, "x"),
    lambda client: client.rpush(KEY, "x"),
    lambda client: client.set(KEY, "0e77", px=60_000)])
def test_a_change_takes_the_key_whatever_stands_there(
        gate, redis, cookie, alice, spoil):
    """What a DEL of the Node application does."""
    spoil(redis.client)
    answer = patch(gate, cookie, name="Mine")
    assert (answer.status, answer.json()["user"]["name"]) == (200, "Mine")
    assert name_cached(redis) == "Mine"


def test_the_lease_of_a_dead_process_runs_out(gate, redis, cookie, alice):
    redis.client.set(KEY, "0e" + "7" * 20, px=400)
    answer, took = gates.timed(gate.get, "/user/42", cookie)
    assert answer.json()["user"] == alice.shown and took < 0.4 * SLACK
    assert process.until(lambda: not redis.client.exists(KEY), 1)
    assert gate.get("/user/42", cookie).message == "User fetched"
    assert gate.get("/user/42", cookie).message == "User fetched (cache)"
