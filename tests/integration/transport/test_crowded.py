"""All connections are taken: who asks now is served all the same."""

import contextlib
import socket
import time

import pytest

import fcgi
import gate as gates
import process
import servers

SLACK = process.SLACK
CONNECTIONS = 40
FEW = {"server.connections": CONNECTIONS, "server.workers": 10,
       "server.leaders": 2, "mysql.connections": 1, "login.hash_threads": 1}
WITHIN_S = 2


@pytest.fixture(scope="module")
def gate(module_gate):
    return module_gate(FEW)


def limited(descriptors):
    """Sets the limit of `ulimit -n`."""
    return [process.tool("prlimit"), f"--nofile={descriptors}:{descriptors}"]


def slow_post(gate):
    return fcgi.request(
        gate.params("POST", "/login", CONTENT_LENGTH="100",
                    CONTENT_TYPE="application/json"), b"{", stdin=False)


def kept(gate, line):
    line.ask(gate.params(), keep=True)


# by name, what those do who take the connections and give none back
HOLDERS = {
    "send nothing": lambda gate, line: None,
    "send a slow body": lambda gate, line: line.send(slow_post(gate)),
    "send slow headers": lambda gate, line: line.send(
        fcgi.request(gate.params())[:60]),
    "send half a record header": lambda gate, line: line.send(b"\1\1\0"),
    "keep theirs": kept,
    "do not read": lambda gate, line: line.send_what_fits(
        fcgi.request(gate.params(), keep=True) * 3000),
    "were refused and stay": lambda gate, line: line.send(
        fcgi.request(gate.params(HTTP_X="x" * 70000))[:66000]),
}


def is_served_in_time(gate, bound=WITHIN_S):
    with gate.connect(timeout=20 * SLACK) as line:
        answer, took = gates.timed(line.ask, gate.params())
    assert answer.code == "token_missing" and took < bound * SLACK, took


@contextlib.contextmanager
def held(gate, count, hold):
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(gate.connect(timeout=20 * SLACK))
                 for _ in range(count)]
        for line in lines:
            with contextlib.suppress(OSError, fcgi.Closed):
                hold(gate, line)
        yield lines


@pytest.mark.sanitized(2)
@pytest.mark.parametrize("name", HOLDERS)
def test_others_are_served_within_two_seconds(gate, name):
    more = 0 if name == "keep theirs" else CONNECTIONS // 10
    with held(gate, CONNECTIONS + more, HOLDERS[name]):
        for _ in range(3):
            is_served_in_time(gate)
    assert gate.is_running()


def is_open(line):
    return not line.is_closed(0.01)


@pytest.mark.plain_build
def test_who_has_been_sending_for_longest_goes_first(start_gate):
    gate = start_gate(FEW)
    with held(gate, CONNECTIONS // 2, HOLDERS["keep theirs"]) as kept_lines:
        with held(gate, 4, HOLDERS["send a slow body"]) as first:
            time.sleep(0.3)
            with held(gate, CONNECTIONS // 2 - 4,
                      HOLDERS["send a slow body"]) as then:
                time.sleep(1.5 * SLACK)
                for _ in range(4):
                    is_served_in_time(gate)
                    # a peer let in beyond the limit has left again: fill it
                    kept_lines.append(gate.connect())
                    kept(gate, kept_lines[-1])
                assert not any(is_open(line) for line in first)
                assert all(is_open(line) for line in then[4:])
                assert all(is_open(line) for line in kept_lines)
    assert gate.events("connections closed")


def test_nobody_is_closed_while_there_is_room(start_gate):
    gate = start_gate(FEW)
    with held(gate, CONNECTIONS - 2, HOLDERS["send a slow body"]) as lines:
        time.sleep(1.5)
        for _ in range(30):
            is_served_in_time(gate)
        assert all(is_open(line) for line in lines)


def test_a_request_that_is_sent_in_time_is_not_closed(start_gate):
    """A second is enough for any web server that has the request."""
    gate = start_gate(FEW)
    with held(gate, CONNECTIONS, HOLDERS["send a slow body"]), \
            gate.connect(timeout=20 * SLACK) as late:
        request = fcgi.request(gate.params())
        late.send(request[:20])
        time.sleep(0.4)
        late.send(request[20:])
        assert late.read_answer().code == "token_missing"


def test_more_slow_bodies_than_connections_for_ever(start_gate):
    """Each that is closed comes again; others are served in between."""
    gate = start_gate(FEW)
    body = slow_post(gate)
    with held(gate, 2 * CONNECTIONS, HOLDERS["send a slow body"]) as lines:
        end = time.monotonic() + 4
        while time.monotonic() < end:
            is_served_in_time(gate, 2 * WITHIN_S)
            for n, line in enumerate(lines):
                if not is_open(line):
                    lines[n] = gate.connect()
                    lines[n].send(body)
        for line in lines:
            line.close()


def test_few_descriptors_leave_the_stores_theirs(start_gate, own_redis, alice):
    """`ulimit -n 300`, 400 idle connections, and links that must be opened."""
    gate = start_gate({"redis.url": own_redis.url}, before=limited(300))
    assert gate.heals(lambda: gate.events("descriptors few"))
    said = gate.events("descriptors few")
    assert " limit=300 " in said[0] and " connections=" in said[0]
    with held(gate, 400, HOLDERS["send nothing"]):
        time.sleep(0.5)
        cookie = gate.log_in(alice)
        for _ in range(20):
            own_redis.client.execute_command("CLIENT", "KILL", "TYPE",
                                             "normal")
            with gate.connect(timeout=20 * SLACK) as line:
                params = gate.params(cookie=cookie)
                assert process.until(lambda p=params, at=line: at.ask(
                    p, keep=True).status == 200, 2 * SLACK) is not None
    assert not [s for s in gate.log_text().splitlines() if "Too many" in s]


@pytest.mark.parametrize("limit", [64, 100])
def test_hardly_any_descriptors_still_serve(start_gate, alice, limit):
    gate = start_gate({"server.workers": 10, "mysql.connections": 1,
                       "login.hash_threads": 1}, before=limited(limit))
    with held(gate, 16, kept):
        cookie = gate.log_in(alice)
        assert gate.get("/auth", cookie).status == 200


SLOW_POST = (f"POST {servers.MOUNT}/login HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
             "{").encode()


@pytest.mark.alone
def test_slow_posts_through_haproxy_hold_nobody_up(place, stores, alice):
    """More than the default connections; HAProxy hands each on at once."""
    front = servers.HAProxy(place("w"), stores)
    with contextlib.ExitStack() as held_open:
        held_open.callback(front.close)
        client = servers.Client(front.port, timeout=20)
        client.log_in(alice)
        for _ in range(1100):
            line = held_open.enter_context(
                socket.create_connection(("127.0.0.1", front.port), 20))
            line.sendall(SLOW_POST)
        for _ in range(10):
            came, took = gates.timed(client.ask, "GET", "/auth")
            assert came.status == 200 and took < WITHIN_S * SLACK, (came, took)
