"""The user cache while a store is away, and where scripts are refused."""

import statistics
import time

import pytest

import gate as gates
import process
from caching import (
    cookie, gate, holds_lease, KEY, name_cached, name_in_table, patch,
    redis_tap, shaky, sql_tap)
from outages import SLACK, is_down
from taps import LONG, meanwhile, PATIENT


# stores away in the middle of a change

def test_a_delete_that_fails_is_503_and_nobody_reads_the_old_row(
        shaky, own_redis, redis_tap, mysql, alice):
    cookie = shaky.log_in(alice)
    assert shaky.get("/user/42").json()["user"]["name"] == "Alice"
    redis_tap.cut_on(b"\r\nDEL\r\n")
    is_down(patch(shaky, cookie, name="New"), "redis_unavailable")
    assert name_in_table(mysql) == "New"
    assert holds_lease(own_redis)
    assert 8000 < own_redis.client.pttl(KEY) <= 10_000
    redis_tap.be_plain()
    assert shaky.heals(lambda: shaky.get("/user/42").status == 200)
    assert shaky.get("/user/42").json()["user"]["name"] == "New"
    assert holds_lease(own_redis)
    if LONG:
        time.sleep(10)
    else:
        own_redis.client.pexpire(KEY, 1)
        time.sleep(0.01)
    assert shaky.get("/user/42").json() == {
        "message": "User fetched", "user": {**alice.shown, "name": "New"}}
    assert name_cached(own_redis) == "New"


def test_a_delete_whose_answer_is_lost_is_sent_again(
        shaky, own_redis, redis_tap, alice):
    """A link that dies under a command is replaced, once."""
    cookie = shaky.log_in(alice)
    shaky.get("/user/42")
    cut = []

    def look(data):
        if b"\r\nDEL\r\n" in data and not cut:
            cut.append(data)
            own_redis.client.delete(KEY)  # it did arrive
            raise ConnectionError("cut")
    redis_tap.watch = look
    answer = patch(shaky, cookie, name="New")
    assert cut
    assert (answer.status, answer.json()["user"]["name"]) == (200, "New")


def test_a_lease_that_cannot_be_taken_is_503_and_nothing_is_written(
        shaky, own_redis, redis_tap, mysql, alice):
    cookie = shaky.log_in(alice)
    shaky.get("/user/42")
    redis_tap.cut_on(b"\r\n0e")
    is_down(patch(shaky, cookie, name="New"), "redis_unavailable")
    redis_tap.be_plain()
    assert name_in_table(mysql) == "Alice"
    assert name_cached(own_redis) == "Alice"
    assert shaky.heals(
        lambda: patch(shaky, cookie, name="New").status == 200)


def test_a_change_without_redis_is_503_and_nothing_is_written(
        start_gate, own_redis, changer, mysql, alice):
    gate = start_gate({"redis.url": own_redis.url, "mysql.url": changer.url()})
    cookie = gate.log_in(alice)
    own_redis.freeze()
    is_down(patch(gate, cookie, name="New"), "redis_unavailable")
    own_redis.thaw()
    own_redis.stop()
    is_down(patch(gate, cookie, name="New"), "redis_unavailable")
    assert name_in_table(mysql) == "Alice"


@pytest.mark.parametrize("setting,value", [
    ("maxmemory", "1"), ("min-replicas-to-write", "1")])
def test_a_redis_that_takes_no_writes_refuses_changes_and_serves_reads(
        start_gate, own_redis, changer, mysql, alice, setting, value):
    gate = start_gate({"redis.url": own_redis.url, "mysql.url": changer.url()})
    cookie = gate.log_in(alice)
    own_redis.client.config_set(setting, value)
    is_down(patch(gate, cookie, name="New"), "redis_unavailable")
    assert name_in_table(mysql) == "Alice"
    for _ in range(5):
        assert gate.get("/user/me", cookie).json() == {
            "message": "User fetched", "user": alice.shown}
    own_redis.client.config_set(setting, "0")
    assert gate.heals(lambda: patch(gate, cookie, name="New").status == 200)


def test_a_change_whose_outcome_is_unknown_is_503_and_bars_the_cache(
        gate, mysql, sql_tap, redis, cookie):
    """The table took it, its answer was lost: nobody may read the old row."""
    patch(gate, cookie, name="Warm")

    def look(data):
        if b"Changed" in data:
            sql_tap.treat = lambda client, data: (_ for _ in ()).throw(
                ConnectionError("cut"))
    sql_tap.watch = look
    is_down(patch(gate, cookie, name="Changed"), "mysql_unavailable")
    sql_tap.be_plain()
    assert holds_lease(redis)
    assert name_in_table(mysql) == "Changed"
    assert gate.heals(lambda: gate.get("/user/42").status == 200)
    assert gate.get("/user/42").json()["user"]["name"] == "Changed"


def test_another_writer_does_not_open_the_cache_to_an_unknown_outcome(
        gate, mysql, sql_tap, redis, cookie):
    """B's UPDATE is under way while A changes, reads and caches the row."""
    patch(gate, cookie, name="Warm")
    go = sql_tap.hold_on(b"By B")
    with meanwhile(lambda: patch(gate, cookie, name="By B")) as b_changes:
        assert process.until(lambda: holds_lease(redis), 1)
        assert patch(gate, cookie, name="By A").status == 200
        assert not b_changes.done()

        def lose(_client, data):
            raise ConnectionError("cut")
        sql_tap.treat = lose
        go.set()
    assert b_changes.result().status == 503
    sql_tap.be_plain()
    assert process.until(lambda: name_in_table(mysql) == "By B", 2)
    assert gate.heals(lambda: gate.get("/user/42").status == 200)
    assert gate.get("/user/42").json()["user"]["name"] == "By B"


def test_a_change_that_waits_for_a_lock_is_given_up_for_good(
        gate, mysql, redis, cookie):
    """503 in time; and it must not come to pass when the lock is gone."""
    patch(gate, cookie, name="Warm")
    with mysql.admin() as sql:
        sql.execute("START TRANSACTION")
        sql.execute("SELECT * FROM users WHERE id = 42 FOR UPDATE")
        answer, took = gates.timed(patch, gate, cookie, name="Late")
        assert answer.status == 503 and took < 2 * SLACK
        assert gate.get("/user/42").json()["user"]["name"] == "Warm"
        time.sleep(0.3)
        sql.execute("ROLLBACK")
    time.sleep(0.3)
    assert name_in_table(mysql) == "Warm"


def test_without_mysql_the_cache_serves_until_it_ends(
        start_gate, changer, sql_tap, redis, alice):
    gate = start_gate({"mysql.url": changer.url(sql_tap.address)})
    try:
        cookie = gate.log_in(alice)
        gate.get("/user/me", cookie)
        sql_tap.refuse()
        assert gate.get("/user/me", cookie).message == "User fetched (cache)"
        redis.client.delete(KEY)
        is_down(gate.get("/user/me", cookie), "mysql_unavailable")
        assert not redis.client.exists(KEY)  # its lease was given back
    finally:
        sql_tap.be_plain()
    assert gate.heals(lambda: gate.get("/user/me", cookie).status == 200)


# a Redis user that may run no scripts, and one with no transactions either

@pytest.fixture
def gate_for(start_gate, own_redis, changer):
    """gate_for("-@scripting"): a program whose user in Redis may less."""

    def start(*forbidden, through=own_redis.path):
        own_redis.client.execute_command(
            "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", *forbidden)
        return start_gate({"redis.url": f"unix://app:pw@{through}",
                           "mysql.url": changer.url(), **PATIENT})
    return start


def test_without_scripts_rows_are_cached_all_the_same(
        gate_for, own_redis, alice):
    gate = gate_for("-@scripting")
    cookie = gate.log_in(alice)
    assert gate.get("/user/me", cookie).message == "User fetched"
    assert name_cached(own_redis) == "Alice"
    assert 290_000 < own_redis.client.pttl(KEY) <= 300_000
    assert gate.get("/user/me", cookie).message == "User fetched (cache)"
    assert patch(gate, cookie, name="New").json()["user"]["name"] == "New"
    assert gate.get("/user/me", cookie).json()["user"]["name"] == "New"
    assert not gate.events("redis lost")
    assert not gate.events("redis refused")


@pytest.mark.parametrize("refused", [
    "-@transaction", "-watch", "-multi", "-exec"])
def test_without_scripts_and_transactions_nothing_is_cached_and_all_works(
        gate_for, own_redis, alice, refused):
    gate = gate_for("-@scripting", refused)
    cookie = gate.log_in(alice)
    took = []
    for _ in range(10):
        answer, seconds = gates.timed(gate.get, "/user/me", cookie)
        took.append(seconds)
        assert answer.json()["user"] == alice.shown
        assert not own_redis.client.exists(KEY)
    assert statistics.median(took) < 0.05 * SLACK  # no lease to wait for
    assert patch(gate, cookie, name="New").json()["user"]["name"] == "New"
    assert gate.get("/user/me", cookie).json()["user"]["name"] == "New"
    assert not gate.events("redis lost")


@pytest.mark.parametrize("cut", [False, True], ids=["", "and cut off"])
def test_a_transaction_that_somebody_overtakes_writes_nothing(
        gate_for, own_redis, redis_tap, alice, cut):
    """A request sent again over another connection would have no WATCH."""
    gate = gate_for("-@scripting", through=redis_tap.address)
    cookie = gate.log_in(alice)
    overtaken = []

    def overtake(data):
        if b"\r\nEXEC\r\n" in data and not overtaken:
            overtaken.append(data)
            own_redis.client.set(KEY, "0e999", px=9000)
            if cut:
                raise ConnectionError("cut")
    redis_tap.watch = overtake
    assert gate.get("/user/me", cookie).json()["user"] == alice.shown
    assert KEY.encode() in overtaken[0]
    assert own_redis.client.get(KEY) == "0e999"
    own_redis.client.delete(KEY)
    assert gate.get("/user/me", cookie).message == "User fetched"
    assert gate.get("/user/me", cookie).message == "User fetched (cache)"
