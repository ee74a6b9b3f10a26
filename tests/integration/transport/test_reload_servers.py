"""HUP behind each web server and starter, under load: no request fails.

SESSGATE_LONG=1: a minute each, with 20 reloads, of which 3 find another binary
and 2 more a bad file.
"""

import os
import signal
import time

import pytest

import gate as gates
import process
import reloads
import servers
from reloads import BAD, LONG, SLACK
from taps import PATIENT

KINDS = ("lighttpd", "lighttpd-bin-path", "apache", "apache-reuse",
         "apache-fcgid", "nginx", "nginx-keep", "haproxy")
HUPS, SECONDS = (20, 60) if LONG else (3, 2)


class Upgradable:
    """The program behind a web server, whose binary can be replaced."""

    def __init__(self, front, folder, monkeypatch):
        self.front, self.built = front, gates.binary()
        self.binary = getattr(front, "copy", None)
        if self.binary is None:
            self.binary = os.path.join(folder, "sessgate")
            reloads.copy_program(self.built, self.binary)
            monkeypatch.setattr(gates, "binary", lambda: self.binary)
            front.restart_program()

    def replace_binary(self):
        reloads.copy_program(self.built, self.binary)

    def spoil(self):
        with open(self.front.config, encoding="utf-8") as file:
            self.good = file.read()
        self.write(self.good + BAD)

    def mend(self):
        self.write(self.good)

    def write(self, text):
        with open(self.front.config, "w", encoding="utf-8") as file:
            file.write(text)

    def mains(self):
        """The processes without the bridges."""
        all_of_them = self.front.programs()
        parents = {pid: parent_of(pid) for pid in all_of_them}
        return [pid for pid, parent in parents.items()
                if parent and parent not in all_of_them]


def parent_of(pid):
    """0: the process has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return int(file.read().rpartition(") ")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


@pytest.fixture(params=KINDS)
def upgradable(request, place, stores, redis, alice, monkeypatch):
    front = servers.KINDS[request.param](
        place("w"), {**stores, **PATIENT})
    try:
        yield Upgradable(front, place("u"), monkeypatch)
    finally:
        front.close()


def hup(upgradable):
    for pid in upgradable.mains():
        os.kill(pid, signal.SIGHUP)


def checks(front, alice, *, keep):
    client = servers.Client(front.port, keep=keep)
    client.log_in(alice)
    return lambda: client.ask("GET", "/auth")


def logins(front, alice):
    client = servers.Client(front.port, keep=True)
    return lambda: client.ask("POST", "/login", alice.login)


@pytest.mark.sanitized(2)
def test_no_request_fails(upgradable, alice, record_property):
    front = upgradable.front
    acts = [checks(front, alice, keep=True), checks(front, alice, keep=True),
            checks(front, alice, keep=False), logins(front, alice)]
    upgrades = {3, 9, 16} if LONG else {0, 2}
    spoilt = {6, 12} if LONG else {1}
    before = upgradable.mains()
    with reloads.Load(*acts) as load:
        for number in range(HUPS):
            time.sleep(SECONDS / HUPS)
            if number in upgrades:
                upgradable.replace_binary()
            if number in spoilt:
                upgradable.spoil()
            hup(upgradable)
            if number in spoilt:
                time.sleep(0.5)
                upgradable.mend()
        time.sleep(0.5)
    record_property("requests", load.count())
    record_property("slowest", [round(max(took), 3) for took in load.took])
    print(front.names, load.count(), "requests, slowest",
          [round(max(took), 3) for took in load.took], "stall", load.stall)
    assert not load.failed, (len(load.failed), load.failed[:5])
    is_fcgid = isinstance(front, servers.ApacheFcgid)
    # mod_fcgid waits for a second whenever it starts one more process; other
    # tests run beside the short form
    assert load.is_too_busy() or is_fcgid or (
        load.slowest(0, 1, 2) < (0.1 if LONG else 0.5) * SLACK)
    after = process.until(
        lambda: upgradable.mains() == front.programs(), 3 * SLACK)
    assert after is not None, "a bridge is left"
    assert is_fcgid or upgradable.mains() == before
