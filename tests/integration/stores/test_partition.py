"""A primary behind a cable that is cut, and found again later.

It lives on, and takes itself for the primary; the Sentinels are on the other
side and promote the replica there.
"""

import os
import time

import pytest

import groups
import process
import stack
from hits import becomes_hot, key_of
from networks import Network
from outages import SLACK

LONG = os.environ.get("SESSGATE_LONG") == "1"


class Sides:
    """The old primary on one host; its replica and Sentinels on another."""

    def __init__(self, place):
        self.net = Network(2)
        here, there = self.net.hosts
        self.servers = []
        for host in (here, there):
            with host:
                self.servers.append(stack.Redis(
                    place("r"), "--bind", host.address, "--protected-mode",
                    "no", "--repl-diskless-sync-delay", "0",
                    "--repl-timeout", "3", tcp=True))
        self.old, self.new = self.servers
        self.new.client.execute_command(
            "REPLICAOF", here.address, self.old.port)
        with there:
            self.sentinels = [
                groups.Sentinel(place("s"), self.old, own=there.address,
                                host=here.address) for _ in range(3)]
            assert process.until(self._are_formed, 30) is not None
        hosts = ",".join(f"{there.address}:{s.port}" for s in self.sentinels)
        self.url = f"redis+sentinel://{hosts}/{groups.NAME}"

    def _are_formed(self):
        return all((s.state["num-slaves"], s.state["num-other-sentinels"]) ==
                   ("1", "2") for s in self.sentinels) and (
                       self.new.client.role()[3] == "connected")

    def links_to_old(self):
        """Of the program; the hub is where it runs."""
        return [one for one in self.old.client.client_list()
                if one["addr"].startswith("10.77.0.1:")]

    def changes_of_old(self):
        return self.old.client.info(
            "persistence")["rdb_changes_since_last_save"]

    def close(self):
        for one in (*self.sentinels, *self.servers):
            one.kill()
        self.net.close()


@pytest.fixture
def sides(place):
    process.tool("redis-sentinel")
    process.tool("ip")
    made = Sides(place)
    yield made
    made.close()


@pytest.mark.sanitized(1)
@pytest.mark.parametrize("reaches_old", [
    True, pytest.param(False, marks=pytest.mark.skipif(
        not LONG, reason="SESSGATE_LONG is not set"))])
def test_a_primary_that_was_parted_is_not_written_to_and_proves_nothing(
        start_gate, sides, alice, reaches_old):
    """Whether the program reaches both sides, or the new primary alone."""
    with sides.net.hub:
        gate = start_gate({"redis.url": sides.url, "session.max": 0})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, sides.old, cookie)
    assert sides.links_to_old()
    assert process.until(lambda: sides.new.client.exists(key_of(cookie)), 5)
    if reaches_old:
        sides.net.part()
    else:
        sides.net.cut(sides.net.hosts[0])
    with groups.load_of(gate, alice, cookie) as load:
        assert process.until(lambda: sides.new.role == "master",
                             15, pause=0.005) is not None
        promoted = time.monotonic()
        assert gate.heals(lambda: gate.events("redis moved") or
                          gate.events("redis lost"), within=3)
        assert gate.heals(lambda: sides.new.client.exists(
            key_of(gate.log_in(alice))))
        before = sides.changes_of_old()
        assert sides.old.role == "master"
        time.sleep(0.5)
        sides.new.client.delete(key_of(cookie))
        ended = time.monotonic()
        time.sleep(0.5)
        sides.net.part(False)
        sides.net.cut(sides.net.hosts[0], False)
        time.sleep(15 if LONG else 1.5)
    assert sides.changes_of_old() == before or LONG
    assert not sides.links_to_old()
    writes, checks = load.of(4, 5, 6, 7), load.of(0, 1, 2, 3)
    assert groups.first_success(writes, promoted) < 0.3 * SLACK
    accepted = [begin for begin, _, status in checks
                if status == 200 and begin > ended + 0.1 * SLACK]
    assert not accepted
    assert sides.old.client.exists(key_of(cookie)) or LONG
    assert [status for begin, _, status in checks if begin > ended][-1] == 403
    if LONG:
        assert process.until(
            lambda: sides.old.role == "slave", 20) is not None
        assert not sides.old.client.exists(key_of(cookie))
