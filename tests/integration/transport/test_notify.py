"""Messages to the service manager: sd_notify(3), without systemd."""

import os
import re
import signal
import socket
import time

import pytest

import process
import reloads
from reloads import BAD, SLACK, changing, start_changing

__all__ = ["changing", "start_changing"]  # fixtures


class Manager:
    """The socket of a service manager, and what came to it."""

    def __init__(self, name):
        self.name = name
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(name.replace("@", "\0", 1))
        self.sock.settimeout(0.01)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.came, self.pids = [], set()

    def read(self):
        try:
            while True:
                data, control, _, _ = self.sock.recvmsg(4096, 64)
                self.pids.add(int.from_bytes(control[0][2][:4], "little"))
                self.came.append(data.decode())
        except socket.timeout:
            return self.came

    def heard(self, text, within=5):
        """Waits for a message with the text; what came before it is gone."""
        took = process.until(
            lambda: any(text in one for one in self.read()), within * SLACK)
        if took is None:
            return None
        at = next(i for i, one in enumerate(self.came) if text in one)
        found = self.came[at]
        del self.came[:at + 1]
        return found


@pytest.fixture(params=["path", "abstract"])
def manager(request, place):
    path = os.path.join(place("n"), "notify")
    made = Manager(path if request.param == "path" else "@" + path)
    yield made
    made.sock.close()


def test_ready_reloading_and_stopping(start_changing, manager, ended):
    gate = start_changing(NOTIFY_SOCKET=manager.name)
    pid = gate.pid
    assert manager.heard("READY=1") == "READY=1\nSTATUS=serving"
    gate.tell(signal.SIGHUP)
    before = time.monotonic_ns() // 1000
    message = manager.heard("RELOADING=1")
    usec = int(re.search(r"^MONOTONIC_USEC=(\d+)$", message, re.M).group(1))
    assert abs(usec - before) < 1_000_000 * SLACK
    assert manager.heard("READY=1") == "READY=1\nSTATUS=serving"
    gate.changing.write(text=BAD)
    gate.tell(signal.SIGHUP)
    assert manager.heard("RELOADING=1")
    message = manager.heard("READY=1")
    assert f"STATUS=reload refused: {gate.changing.file}:" in message
    gate.tell(signal.SIGTERM)
    assert manager.heard("STOPPING=1")
    assert ended(gate) == 0
    assert manager.pids == {pid}, "a bridge speaks, too"


def test_it_is_ready_although_the_stores_are_away(start_gate, manager,
                                                  own_redis, place):
    address = own_redis.url
    own_redis.kill()
    begin = time.monotonic()
    gate = start_gate({"redis.url": address,
                       "mysql.url": f"mysql://a:b@c/d?socket={place('n')}/n"},
                      NOTIFY_SOCKET=manager.name)
    assert manager.heard("READY=1") == (
        "READY=1\nSTATUS=serving, but neither Redis nor MySQL answers")
    assert time.monotonic() - begin < 3 * SLACK
    own_redis.start()
    assert manager.heard("STATUS=serving, but MySQL does not answer")
    assert gate.get("/auth").status == 401


def test_the_watchdog_hears_of_idle_and_of_busy_workers(start_gate, manager):
    gate = start_gate(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="1000000")
    for _ in range(3):
        assert manager.heard("WATCHDOG=1", 1)
    with reloads.Load(lambda: gate.get("/login")):
        for _ in range(3):
            assert manager.heard("WATCHDOG=1", 1)


def test_the_watchdog_hears_nothing_of_a_frozen_process(start_gate, manager):
    gate = start_gate(WATCHDOG_USEC="1000000", NOTIFY_SOCKET=manager.name)
    assert manager.heard("WATCHDOG=1")
    gate.process.freeze()
    manager.read()
    manager.came.clear()
    time.sleep(1)
    assert "WATCHDOG=1" not in manager.read()
    gate.process.thaw()
    assert manager.heard("WATCHDOG=1")


def test_a_watchdog_of_another_process_is_none_of_ours(start_gate, manager):
    start_gate(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="200000",
               WATCHDOG_PID="1")
    assert manager.heard("READY=1")
    time.sleep(0.5)
    assert not [one for one in manager.read() if "WATCHDOG" in one]


def test_during_a_reload_the_watchdog_is_fed(start_changing, manager):
    gate = start_changing(NOTIFY_SOCKET=manager.name,
                          WATCHDOG_USEC="1000000")
    assert manager.heard("READY=1")
    last = time.monotonic()
    gaps = []
    for _ in range(2):
        gate.tell(signal.SIGHUP)
        begin = time.monotonic()
        while time.monotonic() < begin + SLACK:
            if any("WATCHDOG" in one for one in manager.read()):
                gaps.append(time.monotonic() - last)
                last = time.monotonic()
            manager.came.clear()
    gaps.append(time.monotonic() - last)
    assert max(gaps) < 1 * SLACK, gaps
