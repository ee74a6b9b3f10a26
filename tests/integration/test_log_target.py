"""The log is full or gone: nothing hangs, and it heals."""

import contextlib
import fcntl
import os
import resource
import signal
import socket
import subprocess

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
    """As under a supervisor that hangs."""
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


def test_a_log_that_was_removed_is_made_anew_on_hup(
        start_gate, place, alice):
    """As logrotate does it; the folder may even be gone for a while."""
    folder = place("l")
    path = os.path.join(folder, "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    cookie = gate.log_in(alice)
    os.rename(path, path + ".1")
    speak(gate)  # still to the old one
    assert not os.path.exists(path)
    gate.tell(signal.SIGHUP)
    assert process.until(lambda: os.path.exists(path))
    speak(gate)
    assert os.path.getsize(path) > 0
    os.unlink(path)
    os.unlink(path + ".1")
    os.rename(folder, folder + ".away")
    gate.tell(signal.SIGHUP)
    speak(gate, 3)
    assert serves(gate, cookie)
    os.rename(folder + ".away", folder)
    gate.tell(signal.SIGHUP)
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
    assert gate.descriptors(path) == 1
