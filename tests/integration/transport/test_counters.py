"""The counters' file: shared by processes, kept over their deaths, refused."""

import os
import signal
import socket
import time

import pytest

import gate as gates
import metrics
import process
import taps

OPS = {"ops.access": "192.0.2.7"}


@pytest.fixture
def file(place):
    return os.path.join(place(), "counters")


@pytest.fixture
def start(start_gate, file):
    """start(): a process that counts in `file`."""
    return lambda **kind: start_gate({**OPS, "ops.counters": file}, **kind)


def answered(gate, path="/auth"):
    """The number of requests for a path that all processes answered."""
    totals = metrics.scrape(gate).get("requests_total", {})
    return sum(value for labels, value in totals.items()
               if f'route="{path}"' in labels)


def events(gate):
    """The lines that say why it does not count in the file."""
    assert gate.heals(lambda: gate.events("counters not shared"))
    return gate.events("counters not shared")


def kill(gate, ended):
    gate.tell(signal.SIGKILL)
    assert ended(gate) == -9


def test_processes_of_a_host_are_one(start):
    first, second = start(), start()
    for gate in (first, second, second):
        gate.get("/auth")
    for gate in (first, second):
        assert answered(gate) == 3
        assert metrics.scrape(gate)["processes"] == {"": 2}


def test_nothing_is_lost_when_processes_are_killed(start, ended, file):
    """Four processes under load, three of which die and come back, twice."""
    gates = [start() for _ in range(4)]
    sent = 0
    for _ in range(2):
        for gate in gates:
            with gate.connect() as connection:
                for _ in range(50):
                    connection.ask(gate.params(), keep=True)
            sent += 50
        size = os.path.getsize(file)
        for gate in gates[1:]:
            kill(gate, ended)
        assert answered(gates[0]) == sent
        assert metrics.scrape(gates[0])["processes"] == {"": 1}
        gates[1:] = [start() for _ in range(3)]
        assert answered(gates[3]) == sent
        assert metrics.scrape(gates[3])["processes"] == {"": 4}
        assert os.path.getsize(file) == size


def test_nothing_is_lost_however_early_a_start_is_killed(start, place):
    """A start folds the slots of dead ones, and may die at any step of it."""
    watcher = start()
    for _ in range(7):
        watcher.get("/auth")
    for pause_ms in range(24):
        victim = process.Process(
            [gates.binary(), "--listen", f"unix:{place()}/s"],
            f"{place()}/log", env=watcher.env)
        time.sleep(pause_ms / 1000)
        victim.kill()
    assert answered(watcher) == 7
    assert metrics.scrape(watcher)["processes"] == {"": 1}
    last = start()
    assert answered(last) == 7
    assert metrics.scrape(last)["processes"] == {"": 2}


def test_no_counter_goes_back_while_processes_come_and_die(start, ended):
    """A scrape that goes on all the time never sees a lower value."""
    watcher, seen = start(), []

    def watch():
        seen.append(answered(watcher))
        time.sleep(0.005)

    sent = 0
    with taps.Clients(watch):
        for _ in range(4):
            gate = start()
            for _ in range(5):
                gate.get("/auth")
                sent += 1
            kill(gate, ended)
    assert len(seen) > 4 and seen == sorted(seen)
    assert answered(watcher) == sent


def test_a_gauge_of_a_dead_process_does_not_count(start, ended):
    first, second = start(), start()
    connections = [second.connect() for _ in range(5)]
    # a gauge is there from the first look of the watchdog on
    counted = lambda: metrics.scrape(first).get("connections", {"": 0})[""]
    assert first.heals(lambda: counted() >= 5)
    kill(second, ended)
    assert first.heals(lambda: counted() < 5)
    for connection in connections:
        connection.close()


# ---- files that are none of ours ----

def make_link(path, folder):
    os.symlink(os.path.join(folder, "elsewhere"), path)


def make_fifo(path, _folder):
    os.mkfifo(path)


def make_socket(path, _folder):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)


def make_folder(path, _folder):
    os.mkdir(path)


def make_text(path, _folder):
    with open(path, "wb") as text:
        text.write(b"root:x:0:0\n" * 1000)


def make_empty(path, _folder):
    with open(path, "wb"):
        pass


def make_other_owner(path, _folder):
    make_text(path, None)
    os.chown(path, 12345, 12345)


def make_second_name(path, folder):
    make_text(path, None)
    os.link(path, os.path.join(folder, "second"))


@pytest.mark.parametrize("make, reason", [
    (make_link, "it is a symbolic link"),
    (make_fifo, "it is no regular file"),
    (make_socket, "No such device or address"),
    (make_folder, "Is a directory"),
    (make_text, "it is no file of counters"),
    (make_empty, "it is no file of counters"),
    (make_other_owner, "it belongs to another user"),
    (make_second_name, "it has another name too")],
    ids=lambda value: getattr(value, "__name__", None))
def test_what_is_no_file_of_counters_is_refused(start, file, make, reason):
    make(file, os.path.dirname(file))
    before = os.lstat(file)
    gate = start()
    line, = events(gate)
    assert reason in line and file in line
    gate.get("/auth")
    assert answered(gate) == 1  # it counts for itself
    after = os.lstat(file)
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)


def test_a_folder_that_is_not_there_is_said(start_gate, place):
    gate = start_gate(
        {**OPS, "ops.counters": os.path.join(place(), "no", "counters")})
    line, = events(gate)
    assert "No such file or directory" in line


def test_a_file_above_the_limit_of_sizes_is_not_made(start, file):
    gate = start(before=("prlimit", "--fsize=10000000"))
    assert "File too large" in events(gate)[0]
    assert not os.path.exists(file)


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_file_cut_short_under_it_stops_no_process(start, file, size):
    gate = start()
    gate.get("/auth")
    os.truncate(file, size)
    assert gate.get("/auth").status == 401
    assert gate.heals(lambda: gate.events("counters lost"))
    count = answered(gate)
    gate.get("/auth")
    assert answered(gate) == count + 1
    refused = start()
    assert events(refused)


def test_sites_keep_their_names_when_the_file_is_cut_short(
        start, file, place):
    sites = f"{place()}/two.conf"
    with open(sites, "w", encoding="ascii") as conf:
        for name in ("one", "two"):
            conf.write(f'[site "{name}"]\nredis.key_prefix = {name}:\n')
    gate = start(args=("--config", sites))
    assert gate.heals(lambda: gate.events("started"))
    os.truncate(file, 0)
    assert gate.heals(lambda: gate.events("counters lost"))
    for site in ("one", "two", "two"):
        gate.get("/auth", SESSGATE_SITE=site)
    found = metrics.scrape(gate, SESSGATE_SITE="one")["requests_total"]
    for site, count in (("one", 1), ("two", 2)):
        labels = f'site="{site}",role="api",route="/auth",status="401"'
        assert found[labels] == count


def test_a_file_of_another_version_is_replaced(start, ended, file):
    gate = start()
    gate.get("/auth")
    gate.stop()
    ended(gate)
    with open(file, "r+b") as raw:
        raw.seek(8)
        raw.write(b"\1\2\3\4\5\6\7\0")
    gate = start()
    gate.get("/auth")
    assert not gate.events("counters not shared")
    assert answered(gate) == 1
    assert os.stat(file).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("seed", range(4))
def test_a_file_full_of_nonsense_stops_no_process(start, ended, file, seed):
    """A right head, and anything behind it."""
    gate = start()
    gate.stop()
    ended(gate)
    with open(file, "r+b") as raw:
        raw.seek(32)
        raw.write(bytes((seed * 89 + i * 31) % 256 for i in range(300000)))
    gate = start()
    gate.get("/auth")
    assert gate.get("/metrics").status == 200


def test_reloads_count_and_lose_nothing(start_gate, file, place, stores):
    """One process before and after each, and a file that is wrong once."""
    conf = f"{place()}/sessgate.conf"

    def write(more=""):
        with open(conf, "w", encoding="ascii") as out:
            out.write(f"[redis]\nurl = {stores['redis.url']}\n"
                      f"[mysql]\nurl = {stores['mysql.url']}\n"
                      f"[ops]\naccess = 192.0.2.7\ncounters = {file}\n{more}")

    write()
    gate = start_gate(args=("--config", conf))
    counted = lambda: metrics.scrape(gate)["reloads_total"]
    for number in range(1, 4):
        gate.get("/auth")
        gate.tell(signal.SIGHUP)
        assert gate.heals(lambda: len(gate.events("reloaded")) == number, 10)
        assert gate.heals(lambda: metrics.scrape(gate)["processes"][""] == 1)
        assert answered(gate) == number
    assert counted() == {'result="ok"': 3, 'result="refused"': 0}
    write("[nonsense]\n")
    gate.tell(signal.SIGHUP)
    assert gate.heals(lambda: counted()['result="refused"'] == 1, 10)
    assert answered(gate) == 3
