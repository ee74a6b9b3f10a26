"""Ends of sessions around an outage and a fail-over of Redis."""

import contextlib
import os
import random
import time

import pytest

import gate as gates
import otp
import process
import taps
from outages import is_down
from taps import Clients, together

LONG = os.environ.get("SESSGATE_LONG") == "1"
FORM = "application/x-www-form-urlencoded"
STILL_OPEN = {"en": "The server could not end the session yet",
              "de": "Der Server konnte die Sitzung noch nicht beenden"}


@pytest.mark.parametrize("language", STILL_OPEN)
def test_a_form_that_logs_out_in_an_outage_loses_its_cookie_and_is_told(
        start_gate, own_redis, alice, language):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.process.kill()
    answer = gate.ask("POST", "/logout", cookie=cookie, content_type=FORM,
                      HTTP_ACCEPT_LANGUAGE=language,
                      HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.code) == (503, "redis_unavailable")
    assert STILL_OPEN[language] in answer.text
    expired = answer.all("Set-Cookie")
    assert [one.split("=")[0] for one in expired] == [gates.SECURE_COOKIE]
    assert "; Max-Age=0;" in expired[0]


# a new primary that lacks what the old one took


def stop_replication(replica):
    """It keeps what it has, and Sentinels go on taking it for good."""
    replica.client.config_set("masterauth", "wrong")
    replica.client.execute_command("CLIENT", "KILL", "TYPE", "master")
    assert process.until(
        lambda: replica.client.role()[3] != "connected", 5) is not None


def lose_the_end(group, end):
    """Runs end() on a primary that dies before it has replicated it."""
    old = group.primary
    new = next(s for s in group.servers if s is not old)
    assert process.until(
        lambda: new.client.role()[4] == old.client.role()[1], 5) is not None
    stop_replication(new)
    end()
    old.kill()
    found, _ = group.successor(old)
    assert found is new
    return new


@pytest.mark.sanitized(1)
@pytest.mark.parametrize("key", ["sha256", "plain"])
def test_a_logout_that_was_not_replicated_holds_on_the_new_primary(
        start_gate, group, alice, key):
    gate = start_gate({"redis.url": group.url, "session.key": key})
    ended, kept = gate.log_in(alice), gate.log_in(alice)

    def end():
        assert gate.post("/logout", cookie=ended).status == 200
    new = lose_the_end(group, end)
    assert gate.heals(lambda: gate.get("/auth", kept).status == 200)
    assert gate.get("/auth", ended).status == 403
    assert len(new.client.keys("sess:*")) == 1
    assert "count=1" in gate.last_event("ends repeated")


@pytest.mark.sanitized(1)
@pytest.mark.parametrize("script", ["+@scripting", "-@scripting"])
def test_a_logout_everywhere_that_was_not_replicated_holds_there_too(
        start_gate, group, alice, users, script):
    """The other session is in no list, so only its generation ends it."""
    gate = start_gate({"redis.url": group.url})
    for server in group.servers:
        server.client.execute_command("ACL", "SETUSER", "default", script)
    own, other = gate.log_in(alice), gate.log_in(alice)
    kept = gate.log_in(users.add())
    group.primary.client.delete("usess:{42}")
    new = lose_the_end(group, lambda: gate.post("/logout/all", cookie=own))
    assert gate.heals(lambda: gate.get("/auth", kept).status == 200)
    assert len(new.client.keys("sess:*")) == 2  # not own
    for cookie in (own, other):
        assert gate.get("/auth", cookie).status == 403


@pytest.mark.parametrize("script", ["+@scripting", "-@scripting"])
def test_a_code_whose_use_was_not_replicated_does_not_work_again(
        start_gate, group, factors, alice, users, script):
    gate = start_gate({**otp.SETTINGS, "redis.url": group.url})
    for server in group.servers:
        server.client.execute_command("ACL", "SETUSER", "default", script)
    kept = gate.log_in(users.add())
    factors.give(alice)
    step = otp.step_now()
    used, other = otp.code(step + 1), otp.code(step)  # for 60 s, for 30 s

    def use():
        assert otp.log_in(gate, alice, used).status == 200
    new = lose_the_end(group, use)
    assert gate.heals(lambda: gate.get("/auth", kept).status == 200)
    assert len(new.client.keys("sess:*")) == 1  # the login itself is lost
    assert otp.log_in(gate, alice, used).status == 401
    assert time.time() < 30 * (step + 3), "too slow to tell"
    if time.time() < 30 * (step + 2):
        assert otp.log_in(gate, alice, other).status == 200


def test_a_generation_that_changed_since_is_not_replaced(
        start_gate, group, alice):
    gate = start_gate({"redis.url": group.url})
    own = gate.log_in(alice)
    old = group.primary
    key = old.client.keys("ugen:*")[0]
    new = next(s for s in group.servers if s is not old)

    def end():
        assert gate.post("/logout/all", cookie=own).status == 200
        new.client.config_set("replica-read-only", "no")
        new.client.set(key, "another")
    lose_the_end(group, end)
    assert gate.heals(lambda: gate.events("ends repeated"), within=5)
    assert new.client.get(key) == "another"


def is_done_after_the_outage(gate, redis, ended, kept):
    is_down(gate.post("/logout", cookie=ended), "redis_unavailable",
            expires=True)
    redis.thaw()
    assert gate.heals(lambda: gate.get("/auth", kept).status == 200)
    assert gate.get("/auth", ended).status == 403


def test_a_logout_in_a_short_outage_is_done_when_redis_is_back(
        start_gate, own_redis, alice):
    """The process has noted it, although Redis was never asked."""
    gate = start_gate({"redis.url": own_redis.url, "cache.memory": 0})
    ended, kept = gate.log_in(alice), gate.log_in(alice)
    own_redis.freeze()
    for _ in range(4):
        gate.get("/auth", kept)
    is_done_after_the_outage(gate, own_redis, ended, kept)


def test_a_logout_while_a_probe_waits_is_done_when_redis_is_back(
        start_gate, own_redis, alice):
    """The probe began before the time-outs, and its answer ends the outage."""
    gate = start_gate({"redis.url": own_redis.url, "cache.memory": 0,
                       "redis.command_timeout": "2s"})
    ended, kept = gate.log_in(alice), gate.log_in(alice)
    own_redis.freeze()
    for answer in together(3, lambda _: gate.get("/auth", kept)):
        is_down(answer, "redis_unavailable")
    is_done_after_the_outage(gate, own_redis, ended, kept)


def test_a_logout_that_got_no_answer_is_done_soon(
        start_gate, own_redis, alice, place):
    """A lost command opens no breaker, and the probe finds no other server."""
    with taps.Tap(own_redis.path, place("p") + "/p.sock") as tap:
        gate = start_gate({"redis.url": f"unix://{tap.address}",
                           "cache.memory": 0})
        ended, kept = gate.log_in(alice), gate.log_in(alice)
        tap.cut_on(b"DEL")
        is_down(gate.post("/logout", cookie=ended), "redis_unavailable",
                expires=True)
        tap.be_plain()
        assert gate.get("/auth", kept).status == 200
        assert gate.heals(lambda: gate.get("/auth", ended).status == 403)


class Leaving(Clients):
    """Users that log out at some pace, and those for whom it was answered."""

    def __init__(self, gate, cookies):
        self.gate, self.left, self.answered = gate, list(cookies), []
        super().__init__(*[self._leave] * 4)

    def _leave(self):
        with contextlib.suppress(IndexError):  # all have gone
            cookie = self.left.pop()
            if self.gate.post("/logout", cookie=cookie).status == 200:
                self.answered.append(cookie)
        time.sleep(0.005)


@pytest.mark.plain_build
def test_no_kill_of_a_primary_undoes_an_end_that_was_acknowledged(
        start_gate, group, alice, rounds=100 if LONG else 2, users=60):
    """Each dies while users log out; the last ends are not replicated."""
    gate = start_gate({"redis.url": group.url, "session.max": 0,
                       "cache.memory": 0})
    answered = repeated = 0
    for number in range(rounds):
        old = group.primary
        new = next(s for s in group.servers if s is not old)
        cookies = [gate.log_in(alice) for _ in range(users)]
        assert process.until(
            lambda a=old, b=new: b.client.role()[4] == a.client.role()[1],
            5) is not None
        seen = len(gate.events("ends repeated"))
        with Leaving(gate, cookies) as leaving:
            time.sleep(random.random() * 0.02)
            stop_replication(new)
            time.sleep(0.01 + random.random() * 0.03)
            old.kill()
            found, _ = group.successor(old, within=60)
        assert found is new
        assert gate.heals(lambda: gate.get("/auth", cookies[0]).status != 503,
                          within=10)
        accepted = [one for one in leaving.answered
                    if gate.get("/auth", one).status != 403]
        assert not accepted, (number, len(accepted), len(leaving.answered))
        answered += len(leaving.answered)
        repeated += len(gate.events("ends repeated")) - seen
        new.client.config_set("masterauth", "")
        group.agree_on(new)
        old.start()
        old.client.execute_command("REPLICAOF", "127.0.0.1", new.port)
    assert answered > rounds * users / 10
    assert repeated >= rounds
