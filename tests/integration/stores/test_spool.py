"""[session] spool: logouts that Redis could not take are not lost."""

import contextlib
import fcntl
import os
import random
import re
import subprocess
import threading
import time

import pytest

import fcgi
import gate as gates
import process
import stack
import taps
from outages import is_down

LONG = os.environ.get("SESSGATE_LONG") == "1"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def kept_redis(place):
    """A server that loses nothing when it is killed."""
    server = stack.Redis(place("r"), "--appendonly", "yes",
                         "--appendfsync", "always")
    yield server
    server.kill()


@pytest.fixture
def spool(place):
    return os.path.join(place("sp"), "ends")


def spooling(redis, spool):
    return {"redis.url": redis.url, "session.spool": spool}


def log_out_pending(gate, cookie):
    answer = gate.post("/logout", cookie=cookie)
    assert (answer.status, answer.code) == (202, "logout_pending")
    assert answer.header("Status") == "202 Accepted"
    assert answer.text == '{"message":"Logged out successfully"}'
    assert "; Max-Age=0;" in answer.header("Set-Cookie")


def first_verdict(gate, cookie):
    """The answer of the first check that Redis can answer."""
    seen = []

    def is_answered():
        seen[:] = [gate.get("/auth", cookie).status]
        return seen[0] != 503
    assert gate.heals(is_answered, within=10)
    return seen[0]


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_logout_in_an_outage_is_done_before_the_first_check(
        start_gate, kept_redis, spool, alice, ended, is_killed):
    gate = start_gate(spooling(kept_redis, spool))
    cookie, kept = gate.log_in(alice), gate.log_in(alice)
    kept_redis.kill()
    log_out_pending(gate, cookie)
    if is_killed:
        gate.process.kill()
        ended(gate)
        gate = start_gate(spooling(kept_redis, spool))
    kept_redis.start()
    assert first_verdict(gate, cookie) == 403
    assert gate.get("/auth", kept).status == 200
    assert "count=1" in gate.first_event("spool done")
    assert os.path.getsize(spool) == 0


def test_a_form_that_is_spooled_goes_on_as_ever(
        start_gate, kept_redis, spool, alice):
    gate = start_gate(spooling(kept_redis, spool))
    cookie = gate.log_in(alice)
    kept_redis.kill()
    answer = gate.ask("POST", "/logout", cookie=cookie, content_type=FORM,
                      HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.header("Location")) == (
        303, "/sessgate/login")
    assert "; Max-Age=0;" in answer.header("Set-Cookie")


def test_a_half_line_spoils_no_other(
        start_gate, kept_redis, spool, alice):
    gate = start_gate(spooling(kept_redis, spool))
    cookies = [gate.log_in(alice) for _ in range(3)]
    kept_redis.kill()
    log_out_pending(gate, cookies[0])
    with open(spool, "r+b") as file:
        line = file.read()
        assert re.fullmatch(
            rb"v1 - del sess:[\w-]{43} \d{13} [0-9a-f]{8}\n", line)
        file.write(line[:40])
    log_out_pending(gate, cookies[1])
    kept_redis.start()
    assert [first_verdict(gate, c) for c in cookies] == [403, 403, 200]


def test_a_full_spool_and_one_that_cannot_be_written_are_503(
        start_gate, kept_redis, spool, alice):
    gate = start_gate(spooling(kept_redis, spool))
    cookie = gate.log_in(alice)
    kept_redis.kill()
    with open(spool, "wb") as file:
        file.write(b"\n" * (1024 * 1024 - 50))
    is_down(gate.post("/logout", cookie=cookie), "redis_unavailable",
            expires=True)
    assert "File too large" in gate.first_event("spool failed")
    os.unlink(spool)
    os.mkdir(spool)
    is_down(gate.post("/logout", cookie=cookie), "redis_unavailable",
            expires=True)
    os.rmdir(spool)
    log_out_pending(gate, cookie)


def test_a_spool_that_cannot_be_used_is_an_error_at_the_start(stores, place):
    done = gates.run("--listen", "unix:" + place("l") + "/s", settings={
        **stores, "session.spool": place("sp") + "/none/ends"})
    assert done.returncode == 71
    assert "part=spool" in done.stdout + done.stderr
    for key in ("plain", "migrate"):
        done = gates.run("--check-config", settings={
            **stores, "session.spool": place("sp") + "/ends",
            "session.key": key})
        assert "must be sha256 with [session] spool" in (
            done.stdout + done.stderr)


def test_no_kill_at_any_moment_loses_a_logout_that_was_answered(
        start_gate, kept_redis, spool, alice, ended,
        rounds=1000 if LONG else 20):
    gate = start_gate(spooling(kept_redis, spool))
    pending = 0
    delay = 0.005
    for number in range(rounds):
        cookie = gate.log_in(alice)
        kept_redis.kill()
        statuses = []

        def log_out(gate=gate, cookie=cookie, statuses=statuses):
            with contextlib.suppress(OSError, fcgi.Closed):
                statuses.append(gate.post("/logout", cookie=cookie).status)
        thread = threading.Thread(target=log_out)
        thread.start()
        time.sleep(random.random() * delay)
        gate.process.kill()
        thread.join(10)
        ended(gate)
        gate = start_gate(spooling(kept_redis, spool))
        kept_redis.start()
        verdict = first_verdict(gate, cookie)
        answered = 202 in statuses
        if answered:
            pending += 1
            assert verdict == 403, number
        # Near the moment of the answer, whatever the machine does beside.
        delay *= 0.5 if answered else 2
    assert 0 < pending < rounds


def test_processes_share_a_spool(start_gate, kept_redis, spool, alice):
    """Whichever finds Redis first does what all have written."""
    several = [start_gate(spooling(kept_redis, spool)) for _ in range(3)]
    cookies = [several[0].log_in(alice) for _ in range(15)]
    kept_redis.kill()
    taps.together(15, lambda i: log_out_pending(several[i % 3], cookies[i]))
    with open(spool, encoding="ascii") as file:
        assert len(file.readlines()) == 15
    kept_redis.start()
    for i, cookie in enumerate(cookies):
        assert first_verdict(several[(i + 1) % 3], cookie) == 403


# disks


@pytest.fixture
def disk(place):
    """A file system of 64 KiB, which a test may fill or make read-only."""
    if not stack.IS_ROOT:
        pytest.skip("root mounts a file system")
    folder = place("disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755",
                           "none", folder], check=False)
    if done.returncode != 0:
        process.lacking("mount -t tmpfs")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_503_and_room_is_enough(
        start_gate, kept_redis, disk, alice):
    path = os.path.join(disk, "ends")
    gate = start_gate(spooling(kept_redis, path))
    cookies = [gate.log_in(alice) for _ in range(3)]
    kept_redis.kill()
    log_out_pending(gate, cookies[0])
    size = os.path.getsize(path)
    with contextlib.suppress(OSError), open(
            os.path.join(disk, "filler"), "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    with open(path, "r+b") as file:  # up to the end of its block
        file.seek(0, os.SEEK_END)
        file.write(b"\n" * (4096 - size))
    is_down(gate.post("/logout", cookie=cookies[1]), "redis_unavailable",
            expires=True)
    assert "No space left on device" in gate.first_event("spool failed")
    assert os.path.getsize(path) == 4096
    os.unlink(os.path.join(disk, "filler"))
    log_out_pending(gate, cookies[1])
    kept_redis.start()
    assert [first_verdict(gate, c) for c in cookies] == [403, 403, 200]


def test_what_a_disk_has_that_turned_read_only_is_done_again_and_again(
        start_gate, kept_redis, disk, alice):
    path = os.path.join(disk, "ends")
    gate = start_gate(spooling(kept_redis, path))
    ended, kept = gate.log_in(alice), gate.log_in(alice)
    kept_redis.kill()
    log_out_pending(gate, ended)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    is_down(gate.post("/logout", cookie=kept), "redis_unavailable",
            expires=True)
    kept_redis.start()
    assert first_verdict(gate, ended) == 403
    assert gate.events("spool failed")
    assert gate.heals(lambda: len(gate.events("spool done")) > 1, within=4)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert gate.heals(lambda: os.path.getsize(path) == 0, within=4)


def test_a_spool_that_cannot_be_read_is_an_outage_with_its_reason(
        start_gate, kept_redis, spool, alice):
    """A line of it may end the very session that asks."""
    gate = start_gate(spooling(kept_redis, spool))
    cookie, kept = gate.log_in(alice), gate.log_in(alice)
    kept_redis.kill()
    log_out_pending(gate, cookie)
    os.rename(spool, spool + ".away")
    os.mkdir(spool)
    kept_redis.start()
    said = "spool: Is a directory: no session is accepted before"
    assert gate.heals(lambda: gate.events("spool failed"))
    time.sleep(0.5)
    line, = gate.events("spool failed")
    assert said in line and f"file={spool} " in line
    is_down(gate.get("/auth", cookie), "redis_unavailable")
    os.rmdir(spool)
    os.rename(spool + ".away", spool)
    assert first_verdict(gate, cookie) == 403
    assert gate.get("/auth", kept).status == 200


# before the start


def check_of(stores, place, spool):
    path = os.path.join(place("c"), "s.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"[session]\nspool = {spool}\n")
    done = gates.run("--check-config", "--config", path, settings=stores)
    return path, done.returncode, done.stdout + done.stderr


def test_a_check_of_the_configuration_tries_the_spool_and_leaves_none(
        stores, place):
    folder = place("sp")
    path, status, said = check_of(stores, place, folder + "/ends")
    assert status == 0 and f"{path}:2: [session] spool: works" in said
    assert os.listdir(folder) == []
    for bad, why in ((folder + "/none/ends", "No such file or directory"),
                     (folder, "Is a directory")):
        path, status, said = check_of(stores, place, bad)
        assert status == 78
        assert f"{path}:2: [session] spool: {bad}: {why}" in said


def test_a_check_on_a_disk_that_takes_nothing_says_so(stores, place, disk):
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    path, status, said = check_of(stores, place, disk + "/ends")
    assert status == 78
    assert (f"{path}:2: [session] spool: {disk}/ends: Read-only file system"
            in said)


def test_a_spool_that_is_locked_is_only_warned_of(stores, place, spool):
    with open(spool, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _, status, said = check_of(stores, place, spool)
    assert status == 0
    assert f"{spool}: another process holds its lock" in said


def test_the_doctor_tries_the_spool(ctl, place):
    bad = place("sp") + "/none/ends"
    said = ctl.with_settings({"session.spool": bad})("doctor", "--quick").out
    assert f"[session] spool: {bad}: No such file or directory" in said
