"""Memory that is refused: a check says what is so, or that it cannot tell.

Each allocation of a check is made to fail in turn, in the program and in its
libraries alike.  "No" to a live session, or "yes" to one that is over, is never
the answer.  The program may exit with 71 (sysexits.h, EX_OSERR), for its
supervisor to start it anew.
"""

import os
import signal
import struct
import subprocess

import pytest

import fcgi
import gate as gates
import process
from test_records import PLAIN, SECURE, plant

EX_OSERR, AT_MOST, IN_A_ROW = 71, 400, 3

pytestmark = pytest.mark.skipif(
    "ASAN_OPTIONS" in os.environ, reason="sanitizers have a malloc of their own")


class Site:
    """The part of a program that plant() of test_records needs."""

    prefix = ""


@pytest.fixture(scope="module")
def preload(place):
    path = os.path.join(place("l"), "failing_malloc.so")
    subprocess.run(
        [process.tool("cc"), "-shared", "-fPIC", "-O1", "-o", path,
         os.path.join(gates.HERE, "failing_malloc.c")], check=True)
    return path


class Failing:
    """A program whose n-th allocation can be told to fail."""

    def __init__(self, place, preload, settings):
        self.folder, self.preload = place("g"), preload
        self.settings = settings
        self.file = os.path.join(self.folder, "at")
        self.gate = None

    def write(self, number):
        with open(self.file, "r+b") as file:
            file.write(struct.pack("i", number))

    def read(self):
        with open(self.file, "rb") as file:
            return struct.unpack("i", file.read())[0]

    def start(self):
        with open(self.file, "wb") as file:
            file.write(struct.pack("i", -1))
        with open(os.path.join(self.folder, "sessgate.log"), "w",
                  encoding="ascii"):
            pass  # of one life at a time
        self.gate = gates.Gate(self.folder, self.settings,
                               LD_PRELOAD=self.preload, FAIL_AT=self.file)
        # failures inside MySQL's library while it connects are not tested here
        assert self.gate.heals(lambda: self.gate.events("mysql ready"), 5)

    def ask(self, number, *request, **more):
        """The answer while the n-th allocation fails, None where it ended;
        and whether there were as many."""
        if self.gate is None:
            self.start()
        self.write(number)
        try:
            answer = self.gate.ask(*request, **more)
        except (OSError, fcgi.Closed):
            answer = None
        came = self.read() < 0
        self.write(-1)
        if answer is None and self.gate.process.wait(
                1 * process.SLACK) is not None:
            self.judge_end(self.gate.process.wait(0))
            self.gate = None
        elif answer is None:
            came = True  # only this connection: closed without an answer
        return answer, came

    def judge_end(self, status):
        """libfcgi asserts that it gets its buffers, and aborts."""
        libfcgis = "fcgiapp.c" in self.gate.log_text()
        assert status == EX_OSERR or (
            libfcgis and status == -signal.SIGABRT), (
                status, self.gate.log_text()[-2000:])

    def stop(self):
        if self.gate is not None:
            self.gate.stop()


@pytest.fixture
def failing(place, preload, stores, redis, alice):
    started = []

    def start(**settings):
        started.append(Failing(place, preload, {
            **stores, "session.key": "migrate", "cookie.compat": "on",
            "server.workers": 11, "server.leaders": 1,
            "mysql.connections": 2, "login.hash_threads": 1, **settings}))
        return started[-1]
    yield start
    for one in started:
        one.stop()


def walk(failing, statuses, *request, **more):
    """Fails each allocation in turn, until there are no more."""
    quiet, seen = 0, set()
    for number in range(AT_MOST):
        answer, came = failing.ask(number, *request, **more)
        status = answer.status if answer is not None else "none"
        seen.add(status)
        assert status in statuses, (number, answer)
        quiet = 0 if came else quiet + 1
        if quiet == IN_A_ROW:
            return seen
    raise AssertionError("it never ends")


def cookie_of(token):
    return f"{PLAIN}={token}; {SECURE}={token}"


GENERATION = '{"gen":"g","ms":0,"more":["a","b",{"c":1.5}]}'
RECORDS = {
    "live": ({"expiresAt": 2 ** 52, "cart": {"a": [1, None, True]}},
             {200, 503, "none"}),
    "expired": ({"expiresAt": 1}, {403, 503, "none"}),
    "of another generation": ({"gen": "h"}, {403, 503, "none"}),
}


# the record, what the process may keep, whether it lies under a hash
@pytest.mark.parametrize("name,memory,hashed", [
    ("live", "0", True), ("live", "0", False), ("live", "8M", True),
    ("expired", "0", True), ("of another generation", "0", False)])
def test_a_check_without_memory_is_never_wrong(
        failing, redis, name, memory, hashed):
    record, statuses = RECORDS[name]
    program = failing(**{"cache.memory": memory})
    token = plant(redis, Site, hashed, record, GENERATION)
    redis.client.set("user:42", '{"id":"42","name":"Alice"}', ex=300)
    seen = walk(program, statuses, "GET", "/user/me", cookie=cookie_of(token))
    assert seen & {200, 403}


def test_a_hash_in_the_cookie_stays_one(failing, redis):
    """A record whose v was lost would be one that lies under its token."""
    program = failing(**{"cache.memory": "0"})
    token = plant(redis, Site, True, {}, GENERATION)
    walk(program, {403, 503, "none"}, "GET", "/auth",
         cookie=cookie_of(gates.hashed(token)))


def test_a_blocked_account_stays_shut(failing, redis):
    program = failing(**{"cache.memory": "0"})
    token = plant(redis, Site, True, {},
                  '{"gen":"g","ms":0,"blocked":%d}' % 2 ** 52)
    walk(program, {403, 503, "none"}, "GET", "/auth", cookie=cookie_of(token))


def test_a_tagged_token_is_not_taken_for_a_forged_one(
        failing, place, redis, alice):
    path = os.path.join(place("k"), "secret")
    with open(path, "w", encoding="ascii") as file:
        file.write("s" * 43 + "\n")
    os.chmod(path, 0o600)
    program = failing(**{"cache.memory": "0", "session.secret_file": path,
                         "session.key": "sha256"})
    program.start()
    cookie = program.gate.log_in(alice)
    walk(program, {200, 503, "none"}, "GET", "/user/me", cookie=cookie)
