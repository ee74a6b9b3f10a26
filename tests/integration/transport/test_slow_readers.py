"""Peers that do not read their answers: nobody else notices.

Over TCP the window of the peer says how much the socket takes, so POLLOUT does
not mean that there is room for a whole answer.
"""

import contextlib
import os
import signal
import socket
import time

import pytest

import fcgi
import gate as gates
import process

SLACK = process.SLACK
WRITE_S = 1.5
# The least number of workers: a request that holds one is noticed.
FEW = {"server.workers": 10, "server.leaders": 2, "mysql.connections": 1,
       "login.hash_threads": 1, "server.write_timeout": f"{int(WRITE_S * 1000)}ms",
       "server.tcp_role": "api"}
PEERS = 30
PAGE_BYTES = 56_000


@pytest.fixture(scope="module")
def big_page(tmp_path_factory):
    """A template of the login page whose answer is about as long as any."""
    path = tmp_path_factory.mktemp("page") / "login.html"
    path.write_text(f"<!DOCTYPE html>\n<p>{'x' * PAGE_BYTES}</p>\n",
                    encoding="utf-8")
    path.chmod(0o644)
    return str(path)


@pytest.fixture(params=["tcp", "unix"])
def gate(request, start_gate, big_page):
    kind = {"how": "fd0", "tcp": True} if request.param == "tcp" else {}
    return start_gate({**FEW, "login.page": big_page}, **kind)


def connect(gate, rcvbuf=2048):
    """A connection whose window is small."""
    line = fcgi.Connection.__new__(fcgi.Connection)
    line.unread = bytearray()
    family = socket.AF_INET if isinstance(gate.address, tuple) \
        else socket.AF_UNIX
    line.sock = socket.socket(family)
    line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    if family == socket.AF_INET:  # as from a network: loopback has 64 KB
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    line.sock.settimeout(20 * SLACK)
    line.sock.connect(gate.address)
    return line


def page(gate, **kind):
    return fcgi.request(gate.params(path="/login"), **kind)


def is_page(answer):
    return answer.status == 200 and len(answer.body) > PAGE_BYTES


def assert_prompt(gate, count=20):
    for _ in range(count):
        answer, took = gates.timed(gate.get)
        assert answer.code == "token_missing" and took < 0.5 * SLACK, took


def settled(gate):
    """The sockets it has once its stores are connected."""
    assert process.until(lambda: gate.events("mysql ready")) is not None
    assert_prompt(gate, 5)
    time.sleep(0.1)
    return gate.descriptors()


# requests of a peer that does not read; each fills its socket
MANAGEMENT = fcgi.record(99, b"", rid=0) * 4000
TOO_LONG = {"CONTENT_LENGTH": "9999999"}


def sends(gate):
    """By name, what somebody sends who does not read."""
    many = page(gate, keep=True)
    return {
        "one page": page(gate),
        "a kept page": page(gate, keep=True),
        "pages in a row": many * 40,
        "pages, then 413": many * 8 + fcgi.request(
            gate.params("POST", "/login", **TOO_LONG)),
        "pages, then 431": many * 8 + fcgi.request(
            gate.params(HTTP_X="x" * 70000)),
        "pages, then 400": many * 8 + fcgi.request(
            gate.params(CONTENT_LENGTH="x")),
        "pages, then rubbish": many * 8 + b"\x63" * 100,
        "pages, then half a request": many * 8 + many[:100],
        "management records": MANAGEMENT,
        "management records, then pages": MANAGEMENT + many * 8,
        "pages, then management records": many * 8 + MANAGEMENT,
    }


NAMES = ["one page", "a kept page", "pages in a row", "pages, then 413",
         "pages, then 431", "pages, then 400", "pages, then rubbish",
         "pages, then half a request", "management records",
         "management records, then pages", "pages, then management records"]


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("half_closed", [False, True])
def test_who_reads_nothing_holds_nobody_up(gate, name, half_closed):
    before = settled(gate)
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(connect(gate)) for _ in range(PEERS)]
        for line in lines:
            line.send_what_fits(sends(gate)[name])
            if half_closed:
                line.end_writing()
        assert_prompt(gate)
        assert gate.is_running()
    assert process.until(lambda: gate.descriptors() <= before, 15) is not None


@pytest.mark.sanitized(1)
@pytest.mark.parametrize("name", ["pages in a row", "pages, then 413"])
def test_who_reads_nothing_is_closed_in_time(gate, name):
    before = settled(gate)
    with contextlib.ExitStack() as stack:
        for _ in range(PEERS):
            line = stack.enter_context(connect(gate))
            line.send_what_fits(sends(gate)[name])
        time.sleep(0.3)
        assert gate.descriptors() >= before + PEERS, "they were to be blocked"
        assert process.until(lambda: gate.descriptors() <= before,
                             2 * WRITE_S * SLACK) is not None
        assert gate.events("connection closed")


def test_the_timeout_is_for_the_whole_answer(gate):
    """A peer that reads a little at a time does not extend it."""
    before = settled(gate)
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(connect(gate)) for _ in range(4)]
        for line in lines:
            line.send_what_fits(page(gate, keep=True) * 40)
        assert process.until(
            lambda: gate.descriptors() == before + len(lines)) is not None
        end = time.monotonic() + 3 * WRITE_S * SLACK
        while time.monotonic() < end and gate.descriptors() > before:
            for line in lines:
                with contextlib.suppress(OSError):
                    line.sock.recv(20)
            time.sleep(0.05)
        assert gate.descriptors() <= before


@pytest.mark.sanitized(2)
@pytest.mark.parametrize("keep", [False, True])
def test_who_reads_slowly_gets_every_byte(gate, keep):
    whole = gate.ask("GET", "/login")
    assert is_page(whole)
    with connect(gate) as line:
        count = 6 if keep else 1
        line.send(page(gate, keep=keep) * count)
        for _ in range(count):
            while len(line.unread) < PAGE_BYTES:
                line.unread += line.sock.recv(8192)
                time.sleep(0.01)
            answer = line.read_answer()
            assert answer.body == whole.body
        if keep:
            assert line.ask(gate.params(), keep=True).code == "token_missing"
            line.send(page(gate))
            assert is_page(line.read_answer())
        assert line.is_closed()


def test_what_came_meanwhile_is_answered(gate):
    """Requests that came while an answer was blocked are not forgotten."""
    with connect(gate) as line:
        line.send_what_fits(page(gate, keep=True) * 12)
        time.sleep(0.2)
        line.send(fcgi.request(gate.params(), keep=True, rid=7))
        for _ in range(12):
            assert is_page(line.read_answer())
        assert line.read_answer(7).code == "token_missing"
        assert line.is_quiet(0.05)


def test_a_stop_waits_for_who_reads_and_no_longer(gate, ended):
    with connect(gate) as reader, connect(gate) as mute:
        for line in (reader, mute):
            line.send_what_fits(page(gate, keep=True) * 40)
        assert_prompt(gate)  # so it has accepted both
        time.sleep(0.2)
        gate.tell(signal.SIGTERM)
        time.sleep(0.2)
        assert is_page(reader.read_answer())
        begin = time.monotonic()
        assert ended(gate, 10 * SLACK) == 0
        assert time.monotonic() - begin < (WRITE_S + 4) * SLACK


def test_memory_of_unread_answers_is_bounded(gate):
    assert_prompt(gate)
    before = gate.memory()
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            line = stack.enter_context(connect(gate))
            line.send_what_fits(page(gate, keep=True) * 40)
        if "ASAN_OPTIONS" not in os.environ:
            assert gate.memory() - before < 100 * 256 * 1024
