"""Invalidations from Redis are applied; without them no cached value is used.

Each test here fails when the rule that it names is taken out.
"""

import json
import threading
import time

import pytest

import hits
from hits import (CHANNEL, Session, becomes_hot, hold_replies, is_hit, key_of,
                  lose_replies, slack, tap, tapped)
from taps import LONG, Clients, meanwhile

ROUNDS = 2000 if LONG else 200


@pytest.fixture
def own(start_gate, own_redis):
    return start_gate({"redis.url": own_redis.url})


@pytest.fixture
def cookie(own, alice):
    return own.log_in(alice)


@pytest.fixture
def record(own_redis, cookie):
    """The record of Alice's session in Redis."""
    return own_redis.client.get(key_of(cookie))


# an answer that was overtaken

def test_an_invalidation_that_overtakes_its_answer_wins(
        tapped, tap, own_redis, alice):
    gate = tapped()
    cookie = gate.log_in(alice)
    record = own_redis.client.get(key_of(cookie))
    assert becomes_hot(gate, own_redis, cookie)
    session = Session(own_redis, record)
    go, came = hold_replies(tap, b'"userId"')
    with meanwhile(lambda: gate.get("/auth", session.cookie)) as check:
        assert came.wait(5)
        session.delete()
        time.sleep(0.2)  # for the invalidation to pass the tap
        assert gate.get("/auth", cookie).status == 200  # and to be heard
        go.set()
    assert check.result().status == 200
    assert gate.get("/auth", session.cookie).status == 403


# one that lies unread

def test_one_that_lies_unread_is_read_first(tapped, tap, own_redis, alice):
    """The thread that listens is held up: it waits for a probe's reply."""
    gate = tapped({"cache.proof": "6s"})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, own_redis, cookie)
    go, came = hold_replies(tap, b"+OK")
    assert came.wait(5)
    own_redis.client.delete(key_of(cookie))
    time.sleep(0.2)
    answer = gate.get("/auth", cookie)
    go.set()
    assert answer.status == 403


def test_a_change_is_seen_by_the_next_check(own, own_redis, record):
    for _ in range(ROUNDS):
        session = Session(own_redis, record)
        assert own.get("/auth", session.cookie).status == 200
        session.delete()
        assert own.get("/auth", session.cookie).status == 403


def test_a_change_is_seen_by_the_next_check_under_load(
        own, own_redis, record):
    others = [Session(own_redis, record) for _ in range(4)]

    def check(session):
        return lambda: own.get("/auth", session.cookie)
    with Clients(*(check(session) for session in others)):
        for _ in range(ROUNDS // 2):
            session = Session(own_redis, record)
            assert own.get("/auth", session.cookie).status == 200
            session.delete()
            assert own.get("/auth", session.cookie).status == 403


def test_a_part_of_an_invalidation_is_one(tapped, tap, own_redis, alice):
    gate = tapped({"cache.proof": "30s"})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, own_redis, cookie)
    go = threading.Event()

    def halve(client, data):
        if CHANNEL in data and b"sess:" in data:
            client.sendall(data[:30])
            go.wait(10)
            data = data[30:]
        client.sendall(data)
    tap.treat = halve
    own_redis.client.delete(key_of(cookie))
    time.sleep(0.1)
    answer = gate.get("/auth", cookie)
    go.set()
    assert answer.status == 403


# links that are lost

def test_with_the_subscribed_link_killed_redis_is_asked(
        own, own_redis, cookie):
    assert becomes_hot(own, own_redis, cookie)
    hits.kill(own_redis, "P")
    own_redis.client.delete(key_of(cookie))
    assert own.get("/auth", cookie).status == 403


def test_after_a_killed_link_the_cache_is_used_again(own, own_redis, cookie):
    for flag in "Pt":
        assert becomes_hot(own, own_redis, cookie)
        hits.kill(own_redis, flag)
        assert becomes_hot(own, own_redis, cookie)
    assert len(own.events("cache lost")) == 2
    assert len(own.events("cache ready")) == 3


def test_a_change_behind_a_killed_tracking_link_is_seen_within_the_bound(
        own, own_redis, record):
    for _ in range(5):
        session = Session(own_redis, record)
        assert becomes_hot(own, own_redis, session.cookie)
        hits.kill(own_redis, "t")
        session.delete()
        begin = time.monotonic()
        while own.get("/auth", session.cookie).status == 200:
            assert time.monotonic() < begin + slack(1)
        assert own.get("/auth", session.cookie).status == 403


def test_a_change_while_the_links_are_made_anew_is_seen(
        own, own_redis, record):
    """Values cached before the loss are not used after it."""
    for _ in range(5):
        session = Session(own_redis, record)
        assert becomes_hot(own, own_redis, session.cookie)
        hits.kill(own_redis, "t")
        session.delete()
        other = Session(own_redis, record)
        assert becomes_hot(own, own_redis, other.cookie)
        assert own.get("/auth", session.cookie).status == 403


@pytest.mark.parametrize("words", [CHANNEL, b""], ids=["invalidations", "all"])
def test_without_proof_nothing_kept_is_used(
        tapped, tap, own_redis, alice, words):
    """A half-open link: nothing comes, and nothing says so."""
    gate = tapped({"redis.command_timeout": "300ms"})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, own_redis, cookie)
    lose_replies(tap, words)
    begin = time.monotonic()
    own_redis.client.delete(key_of(cookie))
    while (answer := gate.get("/auth", cookie)).status == 200:
        assert time.monotonic() < begin + slack(1.2)
    assert answer.status == (403 if words else 503)
    tap.deliver()
    tap.drop()
    assert gate.heals(lambda: gate.get("/auth", cookie).status == 403)


def test_a_frozen_redis_is_believed_no_longer_than_the_bound(
        own, own_redis, cookie):
    assert becomes_hot(own, own_redis, cookie)
    own_redis.freeze()
    time.sleep(slack(1.1))
    answer = own.get("/auth", cookie)
    own_redis.thaw()
    assert answer.status == 503
    assert becomes_hot(own, own_redis, cookie)


def test_a_redis_that_was_replaced_is_asked_anew(own, own_redis, cookie):
    assert becomes_hot(own, own_redis, cookie)
    own_redis.stop()
    assert own.get("/auth", cookie).status == 503
    own_redis.start()
    assert own.heals(lambda: own.get("/auth", cookie).status == 403)


def test_an_emptied_redis_is_seen_by_the_next_check(own, own_redis, cookie):
    for command in ("FLUSHALL", "FLUSHDB"):
        assert becomes_hot(own, own_redis, cookie)
        saved = own_redis.client.get(key_of(cookie))
        ugen = own_redis.client.get("ugen:{42}")
        own_redis.client.execute_command(command)
        assert own.get("/auth", cookie).status == 403
        own_redis.client.set(key_of(cookie), saved, px=600_000)
        own_redis.client.set("ugen:{42}", ugen, px=600_000)


# writes of other programs

def test_a_record_written_anew_is_read_anew(own, own_redis, cookie, record):
    assert becomes_hot(own, own_redis, cookie)
    document = json.loads(record)
    document["expiresAt"] -= 1000
    own_redis.client.set(key_of(cookie), json.dumps(document), px=600_000)
    session = own.get("/auth", cookie).json()["session"]
    assert session["expiresAt"] == document["expiresAt"]


def test_a_user_whose_sessions_all_ended_is_out_at_once(
        own, own_redis, cookie):
    assert becomes_hot(own, own_redis, cookie)
    own_redis.client.set("ugen:{42}", '{"gen":"other","ms":1}', ex=1000)
    assert own.get("/auth", cookie).status == 403


def test_an_account_that_was_closed_is_out_at_once(own, own_redis, cookie):
    assert becomes_hot(own, own_redis, cookie)
    account = json.loads(own_redis.client.get("uauth:{42}"))
    account["active"] = False
    own_redis.client.set("uauth:{42}", json.dumps(account), ex=600)
    assert own.get("/auth", cookie).code == "session_user_gone"


def test_a_row_that_php_deleted_is_read_anew(
        own, own_redis, cookie, alice, users):
    for name in ("Ada", "Bea"):
        assert becomes_hot(own, own_redis, cookie, "/user/me")
        users.rename(alice, name)
        own_redis.client.delete("user:42")
        assert own.get("/user/me", cookie).json()["user"]["name"] == name


# writes of the program itself

def deaf(tapped, tap, own_redis, alice, settings=None):
    """A program that is told nothing, and believes for long that it is."""
    gate = tapped({"cache.proof": "60s", **(settings or {})})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, own_redis, cookie, "/user/me")
    lose_replies(tap, CHANNEL)
    return gate, cookie


def test_ones_own_logout_needs_nobody_to_tell(tapped, tap, own_redis, alice):
    gate, cookie = deaf(tapped, tap, own_redis, alice)
    assert is_hit(gate, own_redis, cookie)
    assert gate.post("/logout", cookie=cookie).status == 200
    assert gate.get("/auth", cookie).status == 403


def test_ones_own_change_of_a_row_needs_nobody_to_tell(
        tapped, tap, own_redis, mysql, alice):
    gate, cookie = deaf(tapped, tap, own_redis, alice, {
        "mysql.url": f"mysql://root@localhost/{mysql.DATABASE}"
                     f"?socket={mysql.path}"})
    answer = gate.ask("PATCH", "/user/me", cookie=cookie,
                      document={"name": "Changed"})
    assert answer.status == 200
    for _ in range(3):
        shown = gate.get("/user/me", cookie).json()["user"]
        assert shown["name"] == "Changed"


def test_a_fault_that_nobody_sees_ends_with_age(
        tapped, tap, own_redis, alice):
    gate, cookie = deaf(tapped, tap, own_redis, alice,
                        {"cache.age": "1s"})
    own_redis.client.delete(key_of(cookie))
    assert gate.get("/auth", cookie).status == 200  # it cannot know
    assert gate.heals(lambda: gate.get("/auth", cookie).status == 403, 1.5)


# where Redis does not tell

OUR_KEYS = "~sess:* ~user:* ~ugen:* ~uauth:* ~usess:* ~rate:*"


@pytest.mark.sanitized(2)
@pytest.mark.parametrize("rights", [
    "~* &* +@all -client", "~* &* +@all -client|tracking",
    "~* &* +@all -subscribe", "~* resetchannels +@all",
    OUR_KEYS + " &* +@all"], ids=range(5))
def test_where_tracking_is_refused_it_runs_without(
        start_gate, own_redis, alice, rights):
    own_redis.client.execute_command(
        "ACL", "SETUSER", "app", "reset", "on", ">pw", *rights.split())
    gate = start_gate({"redis.url": f"unix://app:pw@{own_redis.path}"})
    cookie = gate.log_in(alice)
    assert gate.heals(lambda: gate.events("cache refused"), 5)
    for _ in range(3):
        assert gate.get("/auth", cookie).status == 200
    assert not is_hit(gate, own_redis, cookie)
    own_redis.client.delete(key_of(cookie))
    assert gate.get("/auth", cookie).status == 403
    time.sleep(1)
    assert len(gate.events("cache refused")) == 1
    assert not gate.events("cache ready")
