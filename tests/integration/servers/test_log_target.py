"""The log is full or gone: nothing hangs, and it heals."""

import contextlib
import fcntl
import os
import re
import resource
import signal
import socket
import subprocess
import time

import pytest

import gate as gates
import process
import stack
from outages import SAID, serves, speak

PAGE = resource.getpagesize()


# the log

def test_a_log_that_nobody_reads_holds_nobody_up(
        start_gate, place, alice):
    """A FIFO that is full: lines are counted, and told of later."""
    path = os.path.join(place("l"), "fifo")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4 * PAGE)
    try:
        gate = start_gate({"log.target": f"file:{path}"})
        cookie = gate.log_in(alice)
        speak(gate, 300)
        assert serves(gate, cookie)
        assert 2 * PAGE < len(os.read(reader, 65536)) <= 4 * PAGE
        speak(gate)
        lines = os.read(reader, 65536).splitlines()
        assert b"log lines dropped lines=" in lines[0]
        assert SAID.encode() in lines[1]
        os.close(reader)
        reader = None
        speak(gate, 5)  # now not even somebody who could read
        assert serves(gate, cookie)
    finally:
        if reader is not None:
            os.close(reader)


def test_standard_error_that_nobody_reads_holds_nobody_up(
        start_gate, alice):
    """A supervisor that hangs does not read the log."""
    gate = start_gate()
    cookie = gate.log_in(alice)
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PAGE)
    sock = socket.socket(socket.AF_UNIX)
    path = os.path.join(gate.folder, "t.sock")
    sock.bind(path)
    sock.listen(64)
    with subprocess.Popen(
            [gates.binary()], stdin=sock, stderr=writer,
            env={**gate.env, "SESSGATE_LOG_TARGET": "stderr"}) as mute:
        try:
            os.close(writer)
            there = gates.Gate.__new__(gates.Gate)
            there.address, there.mount = path, gate.mount
            there.settings = gate.settings
            assert process.until(
                lambda: there.get("/auth", cookie).status == 200)
            speak(there, 80)
            assert serves(there, cookie)
            os.close(reader)
            speak(there, 3)
            assert serves(there, cookie)
            assert mute.poll() is None
        finally:
            mute.terminate()
        assert mute.wait(10) == 0
    sock.close()


def test_a_device_that_is_full_holds_nobody_up(start_gate, alice):
    gate = start_gate({"log.target": "file:/dev/full"})
    cookie = gate.log_in(alice)
    speak(gate, 20)
    assert serves(gate, cookie)


@pytest.fixture
def small_disk(place):
    """A file system of 64 KiB."""
    folder = place("d")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
        capture_output=True, text=True, check=False) if stack.IS_ROOT else None
    if made is None or made.returncode != 0:
        pytest.skip("no file system of one's own can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_is_full_holds_nobody_up_and_heals(
        start_gate, small_disk, alice):
    path = os.path.join(small_disk, "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    cookie = gate.log_in(alice)
    ballast = os.path.join(small_disk, "ballast")
    with contextlib.suppress(OSError), open(ballast, "wb", 0) as file:
        while file.write(b"x" * 1024):
            pass
    speak(gate, 60)
    assert os.statvfs(small_disk).f_bavail == 0
    assert serves(gate, cookie)
    os.unlink(ballast)
    before = os.path.getsize(path)
    speak(gate)
    with open(path, "rb") as file:
        new = file.read()[before:]
    assert b"log lines dropped lines=" in new
    assert new.endswith(b"\n") and SAID.encode() in new
    assert_no_line_is_glued(path)


WHOLE = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z sessgate\[\d+\]: ")


def assert_no_line_is_glued(path):
    """Each line has one head at most: its own."""
    with open(path, encoding="ascii") as file:
        for line in file:
            assert len(WHOLE.findall(line)) <= 1, line


def test_a_program_started_after_a_full_disk_begins_a_line(
        start_gate, place):
    """The predecessor has left half a line."""
    path = os.path.join(place("l"), "sessgate.log")
    half = "2026-11-29T10:00:00.000Z sessgate[1]: connection clo"
    for end in ("", "\n"):
        with open(path, "w", encoding="ascii") as file:
            file.write(half + end)
        gate = start_gate({"log.target": f"file:{path}"})
        speak(gate)
        with open(path, encoding="ascii") as file:
            lines = file.read().splitlines()
        assert lines[0] == half and WHOLE.match(lines[1])
        gate.tell(signal.SIGHUP)
        assert process.until(lambda: said(path, "log reopened"))
        assert_no_line_is_glued(path)


def said(path, words):
    with open(path, encoding="ascii") as file:
        return words in file.read()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2])
def test_a_signal_opens_the_file_anew_and_says_so(
        start_gate, place, number):
    path = os.path.join(place("l"), "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    speak(gate)
    os.rename(path, path + ".1")
    gate.tell(number)
    assert process.until(lambda: os.path.exists(path)
                         and said(path, "log reopened"))
    assert not said(path + ".1", "log reopened")
    os.mkdir(path + ".d")
    os.rename(path, path + ".2")
    os.rename(path + ".d", path)  # it cannot be opened now
    gate.tell(number)
    assert process.until(lambda: said(path + ".2", "log not reopened"))
    assert said(path + ".2", 'reason="Is a directory"')
    assert gate.is_running()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2])
def test_a_signal_says_so_on_standard_error(start_gate, number):
    gate = start_gate()
    speak(gate)
    gate.tell(number)
    assert process.until(lambda: gate.events("log reopened"))


class Syslogd:
    """A listener at /dev/log, of either kind; it may die and come again."""

    def __init__(self, path, kind):
        self.path, self.kind, self.peers, self.sock = path, kind, [], None
        self.start()

    def start(self):
        self.sock = socket.socket(socket.AF_UNIX, self.kind)
        self.sock.bind(self.path)
        if self.kind == socket.SOCK_STREAM:
            self.sock.listen(8)
        self.sock.setblocking(False)

    def stop(self):
        for sock in (*self.peers, self.sock):
            sock.close()
        self.peers = []
        os.unlink(self.path)

    def read(self):
        """All that came since."""
        out = b""
        with contextlib.suppress(BlockingIOError):
            if self.kind == socket.SOCK_STREAM:
                self.peers.append(self.sock.accept()[0])
                self.peers[-1].setblocking(False)
        for sock in (self.peers if self.kind == socket.SOCK_STREAM
                     else [self.sock]):
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while part := sock.recv(65536):
                    out += part + (b"" if self.kind == socket.SOCK_STREAM
                                   else b"\0")
        return out.decode().split("\0")[:-1]

    def hears(self, words, within=3.0):
        lines = []
        return process.until(
            lambda: lines.extend(self.read())
            or any(words in line for line in lines), within * process.SLACK)


OWN_DEV = """
mount -t tmpfs tmpfs "$1/dev" && cd "$1/dev" || exit 1
for name in null urandom random zero full; do
    : >$name && mount --bind /dev/$name $name || exit 1
done
ln -s "$1/log" log && mount --rbind "$1/dev" /dev || exit 1
"""


@pytest.fixture
def own_dev(place):
    """Words before a command, and the path of what is its /dev/log."""
    folder = place("s")
    os.mkdir(os.path.join(folder, "dev"))
    before = ["unshare", "-m", "sh", "-c",
              OWN_DEV + 'cd /; shift; exec "$@"', "sh", folder]
    if not stack.IS_ROOT or subprocess.run(
            [*before, "true"], check=False).returncode != 0:
        pytest.skip("no /dev of one's own can be mounted here")
    return before, os.path.join(folder, "log")


@pytest.fixture(params=[socket.SOCK_DGRAM, socket.SOCK_STREAM])
def syslogd(request, own_dev):
    daemon = Syslogd(own_dev[1], request.param)
    yield daemon
    daemon.sock.close()


def test_a_syslogd_that_comes_again_hears_again(
        start_gate, own_dev, syslogd, alice):
    gate = start_gate({"log.target": "syslog"}, before=own_dev[0])
    cookie = gate.log_in(alice)
    speak(gate)
    assert syslogd.hears(SAID)
    syslogd.stop()
    speak(gate, 3)
    assert serves(gate, cookie)
    syslogd.start()
    assert process.until(lambda: speak(gate) or any(
        "log lines dropped lines=" in line for line in syslogd.read()),
        3 * process.SLACK)
    speak(gate)
    assert syslogd.hears(SAID)
    assert gate.descriptors() < 60


def test_a_signal_connects_to_a_new_syslogd_at_once(
        start_gate, own_dev, syslogd):
    gate = start_gate({"log.target": "syslog"}, before=own_dev[0])
    speak(gate)
    syslogd.stop()
    speak(gate, 2)  # it has tried within this second
    syslogd.start()
    gate.tell(signal.SIGHUP)
    assert syslogd.hears("log reopened", 0.9)


@pytest.mark.plain_build
def test_a_syslogd_that_is_away_is_tried_once_a_second(
        start_gate, own_dev, syslogd):
    gate = start_gate({"log.target": "syslog"}, before=own_dev[0])
    speak(gate)
    syslogd.stop()
    trace = os.path.join(gate.folder, "trace")
    strace = process.Process(
        [process.tool("strace"), "-f", "-qq", "-e", "trace=connect", "-o",
         trace, "-p", str(gate.pid)], os.path.join(gate.folder, "strace.log"))
    try:
        time.sleep(0.5)
        begin = time.monotonic()
        for _ in range(60):
            speak(gate)
            time.sleep(0.02)
        took = time.monotonic() - begin
    finally:
        strace.stop()
    with open(trace, encoding="ascii", errors="replace") as file:
        tries = file.read().count('"/dev/log"')
    assert 1 <= tries <= 2 * took + 2  # of two types where one is refused


def test_a_syslogd_that_does_not_read_holds_nobody_up(
        start_gate, own_dev, syslogd, alice):
    gate = start_gate({"log.target": "syslog"}, before=own_dev[0])
    cookie = gate.log_in(alice)
    speak(gate, 1500)
    assert serves(gate, cookie)
    assert process.until(lambda: syslogd.read() and (speak(gate) or any(
        "log lines dropped lines=" in line for line in syslogd.read())))
    lines = syslogd.read()
    assert all(line.startswith("<") for line in lines), lines[:3]


def test_a_syslogd_that_starts_later_is_found(start_gate, own_dev, alice):
    """[log] target = auto with fd 2 on /dev/null, as spawn-fcgi has it."""
    before, path = own_dev
    gate = start_gate({"log.target": "auto"}, before=[
        *before, "sh", "-c", 'exec "$@" 2>/dev/null', "sh"])
    cookie = gate.log_in(alice)
    speak(gate)
    daemon = Syslogd(path, socket.SOCK_DGRAM)
    assert process.until(lambda: speak(gate) or any(
        SAID in line for line in daemon.read()), 3 * process.SLACK)
    assert serves(gate, cookie)
    daemon.sock.close()


def test_a_stop_after_signals_still_ends_well(start_gate, ended):
    gate = start_gate()
    for number in (signal.SIGUSR2, signal.SIGHUP, signal.SIGUSR2):
        gate.tell(number)
    gate.tell(signal.SIGTERM)
    assert ended(gate) == 0


def test_a_log_that_was_removed_is_made_anew_on_usr2(
        start_gate, place, alice):
    """A rotation as logrotate does it; the folder may be gone for a while."""
    folder = place("l")
    path = os.path.join(folder, "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    cookie = gate.log_in(alice)
    os.rename(path, path + ".1")
    speak(gate)  # still to the old one
    assert not os.path.exists(path)
    gate.tell(signal.SIGUSR2)
    assert process.until(lambda: os.path.exists(path))
    speak(gate)
    assert os.path.getsize(path) > 0
    os.unlink(path)
    os.unlink(path + ".1")
    os.rename(folder, folder + ".away")
    gate.tell(signal.SIGUSR2)
    speak(gate, 3)
    assert serves(gate, cookie)
    os.rename(folder + ".away", folder)
    gate.tell(signal.SIGUSR2)
    assert process.until(lambda: os.path.exists(path))
    speak(gate)
    with open(path, encoding="ascii") as file:
        assert SAID in file.read()


def test_many_hups_lose_no_line_and_leak_no_descriptor(
        start_gate, place, alice):
    path = os.path.join(place("l"), "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    cookie = gate.log_in(alice)
    speak(gate)
    for _ in range(200):
        gate.tell(signal.SIGHUP)
    for _ in range(20):
        speak(gate)
        gate.tell(signal.SIGHUP)
    assert serves(gate, cookie)
    with open(path, encoding="ascii") as file:
        assert file.read().count(SAID) == 21
    assert gate.heals(lambda: gate.descriptors(path) == 1)


# a client that floods

def test_a_client_over_its_limit_does_not_fill_the_log(
        start_gate, place, redis):
    """One line a second, whose counts add up to all that was refused."""
    path = os.path.join(place("l"), "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}",
                       "login.limit_pair": "1/900"})
    body = {"email": "x" * 100, "password": "wrong"}
    assert gate.post("/login", body, address="192.0.2.7").status == 401
    refused, begin = 0, time.monotonic()
    while time.monotonic() < begin + 3:
        assert gate.post("/login", body, address="192.0.2.7").status == 429
        refused += 1
        time.sleep(0.005)
    took = time.monotonic() - begin
    assert refused > 20
    assert os.path.getsize(path) < 300 * (took + 2) + 1000
    assert process.until(lambda: limited_count(path) == refused)


def limited_count(path):
    """The refusals that the lines stand for."""
    with open(path, encoding="ascii") as file:
        lines = [s for s in file if " login limited " in s]
    assert all("login limited addr=192.0.2.7 " in s for s in lines)
    return sum(int((re.findall(r" count=(\d+)$", s) or [1])[0])
               for s in lines)


FROZEN = """
dd if=/dev/zero of="$1/disk" bs=1M count=16 2>/dev/null &&
mkfs.ext4 -q "$1/disk" && mkdir "$1/on" && mount -o loop "$1/disk" "$1/on"
"""


@pytest.fixture
def freezable(place):
    """A file system that can be made to hang."""
    folder = place("z")
    made = subprocess.run(["sh", "-c", FROZEN, "sh", folder],
                          capture_output=True, check=False)
    if not stack.IS_ROOT or made.returncode != 0:
        pytest.skip("no file system of one's own can be mounted here")
    on = os.path.join(folder, "on")
    yield on
    subprocess.run(["fsfreeze", "-u", on], capture_output=True, check=False)
    subprocess.run(["umount", "-l", on], check=True)


def test_a_file_system_that_hangs_holds_nobody_up(
        start_gate, freezable, alice):
    path = os.path.join(freezable, "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    cookie = gate.log_in(alice)
    speak(gate, 3)
    subprocess.run(["fsfreeze", "-f", freezable], check=True)
    try:
        begin = time.monotonic()
        speak(gate, 2500)  # more than the buffer takes
        assert time.monotonic() - begin < 25 * process.SLACK
        assert serves(gate, cookie)
        gate.tell(signal.SIGHUP)
        assert serves(gate, cookie)
    finally:
        subprocess.run(["fsfreeze", "-u", freezable], check=True)
    assert process.until(lambda: said(path, "log reopened"))
    speak(gate)
    assert said(path, "log lines dropped lines=")
    assert_no_line_is_glued(path)
