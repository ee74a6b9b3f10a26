"""Many connections, slow ones and rude ones beside a working one."""

import contextlib
import resource
import socket
import select
import statistics
import time

import pytest

import fcgi
import gate as gates
import process

# The least number of workers: a request that holds one is noticed.
FEW = {"server.workers": 10, "server.leaders": 2, "mysql.connections": 1,
       "login.hash_threads": 1}


@pytest.fixture
def few(module_gate, redis):
    return module_gate(FEW)


def is_served(answer):
    return (answer.status, answer.code) == (401, "token_missing")


def latencies(gate, count=20):
    """The seconds that requests on connections of their own took."""
    times = []
    for _ in range(count):
        answer, took = gates.timed(gate.get)
        assert is_served(answer)
        times.append(took)
    return times


def assert_prompt(gate, bound=0.05, count=20):
    times = latencies(gate, count)
    assert statistics.median(times) < bound * process.SLACK, times
    # the machine may stall under one of them
    assert sorted(times)[-2] < 4 * bound * process.SLACK, times


@contextlib.contextmanager
def many(gate, count, **kind):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(gate.connect(**kind))
               for _ in range(count)]


def settled(gate):
    """The sockets it has once its stores are connected."""
    assert process.until(lambda: gate.events("mysql ready")) is not None
    latencies(gate, 5)
    time.sleep(0.05)
    return gate.descriptors()


def let_go(gate, before):
    """True when no socket is open beyond those there were before."""
    return process.until(lambda: gate.descriptors() <= before, 3) is not None


# kept connections

def test_a_kept_connection_serves_one_after_the_other(few):
    with few.connect() as line:
        for turn in range(200):
            rid = turn % 7 + 1
            assert is_served(line.ask(few.params(), keep=True, rid=rid))


def test_a_kept_connection_closes_after_one_without_keep(few):
    with few.connect() as line:
        assert is_served(line.ask(few.params(), keep=True))
        assert is_served(line.ask(few.params()))
        assert line.is_closed()


@pytest.mark.parametrize("count", [2, 16, 17, 64, 100])
def test_pipelined_requests_are_all_answered_in_order(few, count):
    """Beyond 16 in a row a connection steps aside, and comes back."""
    data = b"".join(fcgi.request(few.params(), keep=True, rid=n + 1)
                    for n in range(count))
    with few.connect() as line:
        line.send(data)
        for n in range(count):
            assert is_served(line.read_answer(n + 1))
        assert line.is_quiet(0.02)
        assert is_served(line.ask(few.params()))


def test_a_request_as_long_as_the_buffer_and_another_behind_it(few):
    """One read of 16 KiB ends where the first request ends."""
    short = fcgi.request(few.params(), keep=True)
    filled = fcgi.request({**few.params(), "HTTP_X": "x" * 15000}, keep=True)
    pad = 16384 - len(filled)
    filled = fcgi.request(
        {**few.params(), "HTTP_X": "x" * (15000 + pad)}, keep=True)
    assert len(filled) == 16384
    for _ in range(5):
        with few.connect() as line:
            assert is_served(line.ask(few.params(), keep=True))
            line.send(filled + short)
            for _ in range(2):
                assert is_served(line.read_answer())


def test_pipelined_requests_with_bodies_keep_them_apart(gate, alice):
    """Bytes behind a request in the buffer are not its body."""
    right = gates.compact(alice.login).encode()
    wrong = gates.compact({**alice.login, "password": "x"}).encode()

    def login(body, rid):
        params = gate.params("POST", "/login", CONTENT_LENGTH=str(len(body)),
                             CONTENT_TYPE="application/json")
        return fcgi.request(params, body, keep=True, rid=rid, chunk=20)

    with gate.connect() as line:
        line.send(login(right, 1) + login(wrong, 2) + login(right, 3))
        assert [line.read_answer(n).status for n in (1, 2, 3)] == [
            200, 401, 200]


def test_pipelined_requests_cut_at_any_byte(few):
    data = fcgi.request(few.params(), keep=True) * 3
    with few.connect() as line:
        for size in (7, 100, len(data) // 3 - 1, len(data) // 3 + 1):
            line.send_in_pieces(data, size, 0.0005)
            for _ in range(3):
                assert is_served(line.read_answer())


def test_greedy_connections_do_not_starve_another(few):
    data = fcgi.request(few.params(), keep=True) * 50
    with many(few, 12) as lines:
        for line in lines:
            line.send_what_fits(data)
        assert_prompt(few, count=10)


def test_parameters_of_one_request_do_not_shine_through(few, users):
    """A cookie of the request before, longer than the next, is gone."""
    with few.connect() as line:
        first = few.params(cookie=f"{gates.SECURE_COOKIE}={'a' * 200}")
        assert line.ask(first, keep=True).status == 403
        assert is_served(line.ask(few.params(), keep=True))


# slow and silent ones

def test_64_idle_connections_beside_a_working_one(few):
    with many(few, 64):
        assert_prompt(few)


def test_64_half_sent_requests_beside_a_working_one(few):
    half = fcgi.request(few.params())[:-11]
    with many(few, 64) as lines:
        for line in lines:
            line.send(half)
        assert_prompt(few)
        for line in lines:
            line.send(fcgi.request(few.params())[-11:])
        for line in lines:
            assert is_served(line.read_answer())


def test_one_byte_a_write_70_a_second_holds_no_worker(few):
    """30 clients, 10 workers; each request takes over a second to come."""
    data = fcgi.request({"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/sessgate",
                         "PATH_INFO": "/auth"}, padding=1)
    with many(few, 30) as lines:
        begin, times = time.monotonic(), []
        for at in range(len(data)):
            for line in lines:
                line.send(data[at:at + 1])
            if at % 5 == 0:
                times += latencies(few, 1)
            due = begin + (at + 1) / 70
            time.sleep(max(0, due - time.monotonic()))
        for line in lines:
            assert is_served(line.read_answer())
    assert statistics.median(times) < 0.05 * process.SLACK, times


def test_peers_that_never_read_hold_no_worker(few):
    """Each sends until the answers it does not read stop the program."""
    data = fcgi.request(few.params(), keep=True) * 2000
    with many(few, 20) as lines:
        for line in lines:
            assert line.send_what_fits(data) > 0
        assert_prompt(few)
        lines[0].sock.settimeout(5)
        assert is_served(lines[0].read_answer())
    assert_prompt(few)


def test_peers_that_do_not_read_their_first_answer(few):
    before = settled(few)
    with many(few, 200) as lines:
        for line in lines:
            line.send(fcgi.request(few.params()))
        assert_prompt(few)
        for line in lines:
            assert is_served(line.read_answer())
    assert let_go(few, before)


def test_a_peer_that_reads_late_gets_every_answer(few):
    count = 300
    with few.connect() as line:
        data = b"".join(fcgi.request(few.params(), keep=True, rid=n + 1)
                        for n in range(count))
        sent = line.send_what_fits(data)
        seen = 0
        while sent < len(data):
            seen += 1
            assert is_served(line.read_answer(seen))
            sent += line.send_what_fits(data[sent:sent + 4000])
        for n in range(seen, count):
            assert is_served(line.read_answer(n + 1))


# ends of streams

@pytest.mark.parametrize("keep", [False, True])
def test_a_half_closed_peer_is_answered(few, keep):
    with few.connect() as line:
        line.send(fcgi.request(few.params(), keep=keep))
        line.end_writing()
        assert is_served(line.read_answer())
        assert line.is_closed()


def test_a_request_and_its_end_of_stream_in_one_packet(start_gate):
    gate = start_gate(how="fd0", tcp=True, settings={"server.tcp_role": "api"})
    for keep, before in ((False, 0), (True, 0), (True, 1), (True, 3)):
        with gate.connect() as line:
            for _ in range(before):
                assert is_served(line.ask(gate.params(), keep=True))
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            line.send(fcgi.request(gate.params(), keep=keep))
            line.end_writing()
            assert is_served(line.read_answer())
            assert line.is_closed()


def test_an_end_of_stream_in_the_middle_closes(few):
    data = fcgi.request(few.params())
    before = settled(few)
    for size in (0, 1, 8, 15, 16, 30, len(data) - 1):
        with few.connect() as line:
            line.send(data[:size])
            line.end_writing()
            assert line.is_closed()
    assert let_go(few, before)


def test_peers_that_leave_before_the_answer_do_no_harm(few):
    before = settled(few)
    for _ in range(50):
        with few.connect() as line:
            line.send(fcgi.request(few.params(), keep=True) * 3)
    assert let_go(few, before)
    assert_prompt(few)


def test_peers_that_reset_do_no_harm(start_gate):
    gate = start_gate(how="fd0", tcp=True, settings={"server.tcp_role": "api"})
    before = settled(gate)
    for _ in range(50):
        with gate.connect() as line:
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 b"\1\0\0\0\0\0\0\0")
            line.send(fcgi.request(gate.params()))
    assert let_go(gate, before)
    assert is_served(gate.get())


def test_no_descriptor_is_left_over(few):
    """After every kind of rudeness there are as many sockets as before."""
    latencies(few, 50)
    before = settled(few)
    whole = fcgi.request(few.params())
    for data in (b"", b"\1", whole[:20], whole, whole * 3,
                 fcgi.begin(fcgi.FILTER), fcgi.begin() + fcgi.record(2),
                 fcgi.record(1, b"", version=9), fcgi.get_values("X"),
                 fcgi.request(few.params(HTTP_X="x" * 70000)),
                 fcgi.request(few.params(CONTENT_LENGTH="x"))):
        for end in (False, True):
            with few.connect() as line:
                line.send_what_fits(data)
                if end:
                    line.end_writing()
                    with contextlib.suppress(fcgi.Closed):
                        while True:
                            line.read_record()
    assert let_go(few, before)


# deadlines and limits of connections

def test_deadlines_close_what_does_not_come(start_gate):
    gate = start_gate({"server.read_timeout": "300ms",
                       "server.idle": "300ms"})
    with gate.connect() as silent, gate.connect() as half, \
            gate.connect() as kept:
        half.send(fcgi.request(gate.params())[:40])
        assert is_served(kept.ask(gate.params(), keep=True))
        begin = time.monotonic()
        assert half.is_quiet(0.15)
        for line in (half, kept, silent):
            assert line.is_closed(3 * process.SLACK)
        assert time.monotonic() - begin < 3 * process.SLACK


def test_a_dripping_request_does_not_move_its_deadline(start_gate):
    gate = start_gate({"server.read_timeout": "500ms"})
    data = fcgi.request(gate.params(HTTP_X="x" * 1000))
    begin = time.monotonic()
    with gate.connect() as line, pytest.raises(OSError):
        line.send_in_pieces(data, 1, 0.02)
    assert time.monotonic() - begin < 3 * process.SLACK


def test_a_peer_that_never_reads_is_closed_in_the_end(start_gate):
    gate = start_gate({"server.write_timeout": "300ms"})
    before = settled(gate)
    with gate.connect() as line:
        line.send_what_fits(fcgi.request(gate.params(), keep=True) * 2000)
        assert let_go(gate, before)


def test_connections_above_the_limit_wait_their_turn(start_gate):
    gate = start_gate({"server.connections": 16})
    with many(gate, 16) as lines:
        for line in lines:
            assert is_served(line.ask(gate.params(), keep=True))
        with gate.connect() as late:
            late.send(fcgi.request(gate.params()))
            assert late.is_quiet(0.2)
            assert is_served(lines[0].ask(gate.params()))
            assert is_served(late.read_answer())
    assert_prompt(gate)


def test_it_survives_running_out_of_descriptors(start_gate):
    """EMFILE: those who have a connection are served, the others later."""
    gate = start_gate()
    latencies(gate, 50)
    room = gate.descriptors("") + 8
    resource.prlimit(gate.pid, resource.RLIMIT_NOFILE, (room, room))
    with many(gate, 40) as lines:
        time.sleep(0.3)
        assert is_served(lines[0].ask(gate.params(), keep=True))
        ticks = cpu_ticks(gate)
        time.sleep(0.3)
        assert cpu_ticks(gate) - ticks < 15, "it spins"
    assert gate.heals(lambda: is_served(gate.get()))
    assert gate.is_running()


def test_it_takes_as_many_descriptors_as_its_connections_need(start_gate):
    """1,024 is all that many systems give where nobody asks for more."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    gate = start_gate({"server.connections": 1500})
    soft = resource.prlimit(gate.pid, resource.RLIMIT_NOFILE)[0]
    assert soft >= min(hard, 1500 + 64)
    assert bool(gate.events("descriptors few")) == (hard < 1500 + 64)


def cpu_ticks(gate):
    with open(f"/proc/{gate.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_it_sleeps_when_nobody_asks(few):
    with many(few, 10) as lines:
        for line in lines:
            line.ask(few.params(), keep=True)
        time.sleep(0.05)
        ticks = cpu_ticks(few)
        time.sleep(0.5)
        assert cpu_ticks(few) - ticks <= 2


def test_replies_that_nobody_reads_hold_no_worker(few):
    """Replies to management records fill a socket before any answer does."""
    asked = fcgi.record(99, b"", rid=0)

    def fits(count):
        with few.connect() as line:
            line.send(asked * count)
            return not line_has_ended(line)

    def line_has_ended(line, within=0.1):
        poller = select.poll()
        poller.register(line.sock, select.POLLHUP | select.POLLRDHUP)
        return bool(poller.poll(within * 1000))

    least, most = 1, 4096
    while most - least > 1:
        middle = (least + most) // 2
        least, most = ((middle, most) if fits(middle) else (least, middle))
    with many(few, FEW["server.workers"] + 2) as lines:
        for line in lines:
            line.send(asked * least + fcgi.request(few.params(), keep=True))
        time.sleep(0.2)
        assert_prompt(few)


def test_records_of_no_request_have_an_end(gate):
    """Late records are skipped, but not for ever."""
    stray = fcgi.record(5, b"x" * 60000, rid=77)
    with gate.connect() as line:
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for _ in range(400):
                line.send(stray)
    assert gate.get("/auth", None).status == 401
