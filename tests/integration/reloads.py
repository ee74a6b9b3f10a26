"""Shared by the tests of reloads: a program that can be changed, and load.

A Changing is a program with a configuration file and a binary of its own, so
that a test can write the one and replace the other.
"""

import functools
import os
import shutil
import signal
import time

import pytest

import gate as gates
import process
import servers
import taps

SLACK = process.SLACK
LONG = os.environ.get("SESSGATE_LONG") == "1"
BAD = "[server]\nworkers = many\n"
# clients think between two requests, or they take the processors from others
PAUSE_S = 0 if LONG else 0.004


def children(pid):
    """The ids of the running children of a process."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                state, parent = file.read().rpartition(") ")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(entry))
    return found


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def copy_program(source, path):
    """Puts another file under the same name, as an upgrade does."""
    shutil.copy(source, path + ".new")
    os.chmod(path + ".new", 0o755)
    os.rename(path + ".new", path)


class Changing:
    """The files of a program: its configuration, its binary."""

    def __init__(self, folder, settings):
        self.folder, self.settings = folder, settings
        self.file = os.path.join(folder, "sessgate.conf")
        self.binary = os.path.join(folder, "sessgate")
        shutil.copy(gates.binary(), self.binary)
        self.write()

    def write(self, more=None, text=""):
        """The file anew, at once, with other settings or bad lines."""
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            file.write(servers.as_file(
                {**gates.UNLIMITED, **taps.PATIENT, **self.settings,
                 **(more or {})}) + text)
        os.chmod(self.file + ".new", 0o644)
        os.rename(self.file + ".new", self.file)

    def replace_binary(self, source=None):
        copy_program(source or gates.binary(), self.binary)


@pytest.fixture
def changing(place, stores, monkeypatch):
    """The files of a program; those started later run this binary."""
    files = Changing(place("c"), stores)
    built = gates.binary()
    monkeypatch.setattr(gates, "binary", lambda: built)
    files.replace_binary()
    monkeypatch.setattr(gates, "binary", lambda: files.binary)
    files.built = built
    return files


@pytest.fixture
def start_changing(changing, start_gate):
    """start_changing(how=..): a program with the files of `changing`."""

    def start(**kind):
        kind.setdefault("args", [])
        kind["args"] = [*kind["args"], "--config", changing.file]
        gate = start_gate(**kind)
        gate.changing = changing
        return gate
    return start


def finished(gate):
    """The number of reloads that were done, and of those refused."""
    return len(gate.events("reloaded")), len(gate.events("reload refused"))


def reload(gate, within=11):
    """HUP, until the log tells how it went: done or not."""
    before = finished(gate)
    gate.tell(signal.SIGHUP)
    assert process.until(
        lambda: finished(gate) != before, within * SLACK), gate.log_text()
    return finished(gate)[0] > before[0]


def is_alone(gate, within=2):
    """No other process of the program is left."""
    return process.until(
        lambda: not children(gate.pid), within * SLACK) is not None


class Load(taps.Clients):
    """Clients that ask again and again; what failed, and how long it took."""

    def __init__(self, *acts):
        self.failed, self.took = [], [[] for _ in acts]
        self.stall = 0  # the longest time that the machine took from us
        super().__init__(self._witness, *[
            functools.partial(self._ask, act, took)
            for act, took in zip(acts, self.took)])

    def _witness(self):
        begin = time.monotonic()
        time.sleep(0.001)
        self.stall = max(self.stall, time.monotonic() - begin)

    def _ask(self, act, took):
        begin = time.monotonic()
        try:
            answer = act()
            if answer.status != 200:
                self.failed.append(answer)
        except Exception as why:  # pylint: disable=broad-except
            self.failed.append(repr(why))
        took.append(time.monotonic() - begin)
        time.sleep(PAUSE_S)

    def count(self):
        return sum(map(len, self.took))

    def slowest(self, *numbers):
        """The longest of these clients, but for what the machine took."""
        return max(max(self.took[n]) for n in numbers) - 2 * self.stall

    def is_too_busy(self):
        """The machine stalls us as long as what is to be measured."""
        return self.stall > 0.05 * SLACK
