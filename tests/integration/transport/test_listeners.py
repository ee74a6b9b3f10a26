"""Listening sockets: their source, their permissions, and the stop."""

import os
import signal
import socket
import stat
import statistics
import subprocess
import time

import pytest

import fcgi
import gate as gates
import people
import process
import taps

UNKNOWN = gates.SECURE_COOKIE + "=" + 43 * "a"


def is_served(answer):
    return (answer.status, answer.code) == (401, "token_missing")


def ask_at(gate, address, source=None, **kind):
    with fcgi.Connection(address, source=source) as line:
        return line.ask(gate.params(), **kind)


@pytest.mark.parametrize("how", [
    "listen", "fd0", "listen_fds", "socket-activate"])
def test_it_serves_however_the_socket_came(start_gate, alice, how):
    gate = start_gate(how=how)
    assert gate.get("/auth", gate.log_in(alice)).status == 200


def test_it_serves_under_spawn_fcgi_and_logs_to_a_file(
        start_gate, place, alice):
    log = os.path.join(place("l"), "log")
    gate = start_gate({"log.target": "file:" + log}, how="spawn-fcgi")
    assert gate.get("/auth", gate.log_in(alice)).status == 200
    with open(log, encoding="utf-8") as file:
        assert f"sessgate[{gate.pid}]: " in file.read()


def test_several_listeners_beside_fd_0(start_gate, place):
    folder, port = place("l"), process.free_port()
    paths = [f"{folder}/a.sock", f"{folder}/b.sock"]
    gate = start_gate(how="fd0", listen=[
        *("unix:" + path for path in paths), f"127.0.0.1:{port},role=api"])
    for address in (gate.address, *paths, ("127.0.0.1", port)):
        assert is_served(ask_at(gate, address))


def test_without_any_socket_it_says_how_to_start_it(stores):
    result = gates.run(settings=stores)
    assert result.returncode == 64
    assert "--listen" in result.stdout + result.stderr


@pytest.mark.parametrize("option,mode", [("", 0o660), (",mode=0666", 0o666)])
def test_the_mode_of_a_unix_socket(start_gate, place, option, mode):
    path = os.path.join(place("l"), "m.sock")
    start_gate(listen=[f"unix:{path}{option}"])
    assert stat.S_IMODE(os.stat(path).st_mode) == mode


def test_a_live_socket_is_never_taken_away(start_gate):
    gate = start_gate()
    second = subprocess.run(
        [gates.binary(), "--listen", "unix:" + gate.path], env=gate.env,
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=10, check=False)
    assert second.returncode == 71
    assert gate.path in second.stderr
    assert is_served(gate.get())


def test_a_dead_socket_is_replaced(start_gate, place):
    path = os.path.join(place("l"), "d.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    gate = start_gate(listen=["unix:" + path])
    assert is_served(ask_at(gate, path))


def test_what_is_no_socket_is_left_alone(place, stores):
    path = os.path.join(place("l"), "precious")
    with open(path, "w", encoding="ascii") as file:
        file.write("keep me")
    assert gates.run("--listen", "unix:" + path,
                     settings=stores).returncode == 71
    with open(path, encoding="ascii") as file:
        assert file.read() == "keep me"


@pytest.mark.parametrize("text", [
    "", "nonsense", "unix:", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0x50",
    "127.0.0.1:65536", "127.0.0.1:80x", "unix:/x,role=king", "unix:/x,mode=9",
    "unix:/x,colour=red", "unix:/" + "x" * 120])
def test_an_address_that_makes_no_sense_is_a_usage_error(stores, text):
    result = gates.run("--listen", text, settings=stores)
    assert result.returncode == 64
    assert result.stderr


# peers over TCP

@pytest.fixture
def port():
    return process.free_port()


@pytest.mark.parametrize("option", ["", ",role=gate"])
def test_a_tcp_listener_is_for_the_gate_alone(start_gate, port, option):
    gate = start_gate(listen=[f"127.0.0.1:{port}{option}"])
    answer = ask_at(gate, ("127.0.0.1", port))
    assert (answer.status, answer.code) == (403, "forbidden")
    assert ask_at(gate, ("127.0.0.1", port),
                  role=fcgi.AUTHORIZER).status == 401


def test_a_tcp_listener_with_role_api_serves_the_api(start_gate, port):
    gate = start_gate(listen=[f"127.0.0.1:{port},role=api"])
    assert is_served(ask_at(gate, ("127.0.0.1", port)))


def test_a_unix_listener_may_be_for_the_gate_alone(start_gate, place):
    path = os.path.join(place("l"), "g.sock")
    gate = start_gate(listen=[f"unix:{path},role=gate"])
    assert ask_at(gate, path).status == 403
    assert is_served(gate.get())


def test_of_two_passed_sockets_the_one_over_tcp_is_the_gate(start_gate):
    gate = start_gate(how="socket-activate")
    assert is_served(gate.get())
    answer = ask_at(gate, gate.second)
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("how", ["fd0", "listen_fds"])
@pytest.mark.parametrize("role,served", [
    (None, False), ("gate", False), ("api", True)])
def test_tcp_role_is_of_inherited_sockets(start_gate, how, role, served):
    settings = {"server.tcp_role": role} if role else {}
    gate = start_gate(settings, how=how, tcp=True)
    assert gate.get().status == (401 if served else 403)


def test_tcp_role_does_not_open_a_listener_of_our_own(start_gate, port):
    gate = start_gate({"server.tcp_role": "api"},
                      listen=[f"127.0.0.1:{port}"])
    assert ask_at(gate, ("127.0.0.1", port)).status == 403


def test_only_the_named_web_servers_may_connect(start_gate):
    gate = start_gate({"server.tcp_role": "api"}, how="fd0", tcp=True,
                      FCGI_WEB_SERVER_ADDRS="127.0.0.3,127.0.0.2")
    for source, served in (("127.0.0.2", True), ("127.0.0.3", True),
                           ("127.0.0.1", False)):
        with gate.connect(source=(source, 0)) as line:
            if served:
                assert is_served(line.ask(gate.params()))
            else:
                assert line.is_closed()


def test_named_web_servers_do_not_bind_unix_sockets(start_gate):
    gate = start_gate(FCGI_WEB_SERVER_ADDRS="127.0.0.2")
    assert is_served(gate.get())


# the end

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
@pytest.mark.parametrize("kept", [0, 5])
def test_idle_it_ends_at_once(start_gate, ended, number, kept):
    gate = start_gate()
    lines = [gate.connect() for _ in range(kept)]
    for line in lines:
        assert is_served(line.ask(gate.params(), keep=True))
    gate.tell(number)
    begin = time.monotonic()
    assert ended(gate) == 0
    assert time.monotonic() - begin < 0.5 * process.SLACK
    for line in lines:
        assert line.is_closed()
        line.close()


@pytest.fixture
def slow_user(users):
    """One whose password takes most of a second to check."""
    return users.add(hashed=people.bcrypt(cost=13))


@pytest.fixture
def slow_login(slow_user):
    def send(gate, line, keep=False):
        body = gates.compact(slow_user.login).encode()
        params = gate.params("POST", "/login", CONTENT_LENGTH=str(len(body)),
                             CONTENT_TYPE="application/json")
        line.send(fcgi.request(params, body, keep=keep))
    return send


@pytest.mark.parametrize("signals, keep", [
    ([signal.SIGTERM], False), ([signal.SIGTERM], True),
    ([signal.SIGUSR1], False), ([signal.SIGTERM, signal.SIGTERM], True),
    ([signal.SIGTERM, signal.SIGUSR1, signal.SIGTERM], False)])
@pytest.mark.sanitized(1)
def test_what_is_in_flight_is_finished(
        start_gate, ended, slow_login, signals, keep):
    """mod_fcgid sends a second TERM after a second: it is no abort."""
    gate = start_gate()
    with gate.connect() as line:
        slow_login(gate, line, keep)
        time.sleep(0.1)
        for number in signals:
            gate.tell(number)
            time.sleep(0.03)
        assert line.read_answer().status == 200
        assert line.is_closed()
    assert ended(gate) == 0


def test_a_request_that_has_just_come_is_served_at_the_end(
        start_gate, ended):
    """It lies unread in a parked connection when the signal comes."""
    gate = start_gate()
    with gate.connect() as line:
        assert is_served(line.ask(gate.params(), keep=True))
        gate.process.freeze()
        line.send(fcgi.request(gate.params(), keep=True))
        gate.tell(signal.SIGTERM)
        gate.process.thaw()
        assert is_served(line.read_answer())
        assert line.is_closed()
    assert ended(gate) == 0


def test_a_request_that_has_begun_is_served_at_the_end(start_gate):
    gate = start_gate()
    request = fcgi.request(gate.params())
    with gate.connect() as begun, gate.connect() as fresh:
        begun.send(request[:40])
        assert is_served(gate.get())  # so it has accepted both
        gate.tell(signal.SIGTERM)
        fresh.send(request)
        time.sleep(0.1)
        begun.send(request[40:])
        for line in (fresh, begun):
            assert line.read_answer().status == 401


def test_it_takes_no_new_connections_at_the_end(
        start_gate, ended, slow_login):
    gate = start_gate(how="fd0")
    assert is_served(gate.get())  # it has started
    with gate.connect() as line, gate.connect() as late:
        slow_login(gate, line)
        time.sleep(0.1)
        gate.tell(signal.SIGTERM)
        time.sleep(0.05)
        assert line.read_answer().status == 200
        late.end_writing()
    assert ended(gate) == 0


def test_stop_timeout_bounds_the_end(start_gate, ended, slow_login):
    gate = start_gate({"server.stop_timeout": "200ms"})
    with gate.connect() as line:
        slow_login(gate, line)
        time.sleep(0.1)
        gate.tell(signal.SIGTERM)
        begin = time.monotonic()
        ended(gate)
        assert time.monotonic() - begin < 2 * process.SLACK


def test_hup_and_pipe_do_not_end_it(gate):
    gate.tell(signal.SIGHUP)
    gate.tell(signal.SIGPIPE)
    time.sleep(0.05)
    assert is_served(gate.get())


def test_who_comes_with_a_slow_one_does_not_wait_for_it(
        start_gate, own_redis, place):
    """Both lie in the backlog when the worker is told, once, of a connection:
    it answers one, or passes the other on before it waits for Redis."""
    with taps.Tap(own_redis.path, os.path.join(place("p"), "p.sock")) as tap:
        gate = start_gate({"redis.url": "unix://" + tap.address,
                           "redis.command_timeout": "3s"})
        gate.get("/auth", UNKNOWN)
        tap.delay(0.15)
        took = []
        for _ in range(8):
            gate.process.freeze()
            with gate.connect() as slow, gate.connect() as quick:
                slow.send(fcgi.request(gate.params(cookie=UNKNOWN)))
                quick.send(fcgi.request(gate.params()))
                begin = time.monotonic()
                gate.process.thaw()
                assert is_served(quick.read_answer())
                took.append(time.monotonic() - begin)
                assert slow.read_answer().status == 403
        # else the watchdog tells of it, but within 50 ms: 25 in the middle
        assert statistics.median(took) < 0.012, took


@pytest.fixture
def siblings(place, stores):
    """Three programs on one socket, as under spawn-fcgi -F; and its path."""
    path = os.path.join(place("l"), "f.sock")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        sock.listen(128)
        env = gates.environment(stores)
        logs = [os.path.join(place("l"), "log") for _ in range(3)]
        programs = [process.Process([gates.binary()], log, env=env,
                                    stdin=sock) for log in logs]
    for program in programs:  # a signal would end it before
        program.await_ready(lambda p=program: " started " in p.log_text())
    yield programs, path
    assert [program.stop() for program in programs] == [0, 0, 0]


def assert_shared(path, count):
    probe = fcgi.request({"REQUEST_METHOD": "GET",
                          "SCRIPT_NAME": "/sessgate/auth"})
    for _ in range(count):
        with fcgi.Connection(path) as line:
            line.send(probe)
            assert is_served(line.read_answer())


def test_siblings_share_a_socket(siblings):
    """A connection wakes one of them."""
    assert_shared(siblings[1], 100)


def test_a_frozen_sibling_keeps_no_connection(siblings):
    """Not even those that it was woken for."""
    programs, path = siblings
    assert_shared(path, 10)
    for frozen in programs[:2]:
        frozen.freeze()
    try:
        begin = time.monotonic()
        assert_shared(path, 20)
        assert time.monotonic() - begin < 20 * 0.2 * process.SLACK
    finally:
        for frozen in programs[:2]:
            frozen.thaw()
