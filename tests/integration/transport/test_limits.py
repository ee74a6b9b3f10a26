"""Sizes: lengths that lie, what is too long, and CONTENT_LENGTH."""

import struct

import pytest

import fcgi
import gate as gates
import process

KIB = 1024


@pytest.fixture
def line(gate):
    with gate.connect() as connection:
        yield connection


def asks(gate, **more):
    return gate.params(**more)


def is_served(answer):
    return (answer.status, answer.code) == (401, "token_missing")


def still_serves(gate):
    return is_served(gate.get())


# lengths that lie

def lie(name, value):
    return struct.pack("!II", name | 0x80000000, value | 0x80000000)


LIES = [(2 ** 31 - 1, 0), (0, 2 ** 31 - 1), (2 ** 31 - 1, 2 ** 31 - 1),
        (2 ** 30, 2 ** 30), (65536, 65536), (5, 100000), (100, 0)]


@pytest.mark.parametrize("name,value", LIES)
def test_a_lying_length_is_refused_and_costs_no_memory(
        gate, line, name, value):
    before = gate.memory()
    line.send(fcgi.begin() + fcgi.stream(fcgi.PARAMS, lie(name, value) + b"ab")
              + fcgi.record(fcgi.STDIN))
    try:
        assert line.read_answer().status in (400, 431)
    except fcgi.Closed:
        pass
    assert still_serves(gate)
    assert gate.memory() - before < 4 * KIB * KIB * process.SLACK


@pytest.mark.parametrize("name,value", LIES)
def test_a_lying_length_that_waits_for_more_costs_no_memory(
        gate, line, name, value):
    before = gate.memory()
    line.send(fcgi.begin() + fcgi.record(fcgi.PARAMS, lie(name, value)))
    line.is_quiet(0.02)
    assert still_serves(gate)
    assert gate.memory() - before < 4 * KIB * KIB * process.SLACK


def test_the_last_pair_is_cut(gate, line):
    params = fcgi.pairs(asks(gate))[:-1]
    line.send(fcgi.begin() + fcgi.stream(fcgi.PARAMS, params)
              + fcgi.record(fcgi.STDIN))
    try:
        assert line.read_answer().status == 400
    except fcgi.Closed:
        pass
    assert still_serves(gate)


def test_params_of_60_kib_are_served(gate, line):
    assert is_served(line.ask(asks(gate, HTTP_X="x" * 60 * KIB), chunk=8000))


@pytest.mark.parametrize("size", [65, 100, 1024, 8192])
def test_params_above_64_kib_are_431(gate, line, size):
    answer = line.ask(asks(gate, HTTP_X="x" * size * KIB))
    assert (answer.status, answer.code) == (431, "params_too_large")
    assert answer.text == '{"message":"Request header fields too large"}'
    assert answer.protocol_status == 0


def test_params_above_64_kib_in_many_names_are_431(gate, line):
    params = {**asks(gate), **{f"HTTP_X_{n}": "x" * 20 for n in range(4000)}}
    assert line.ask(params, chunk=500).status == 431


def login(gate, size, declared=None):
    return gate.params("POST", "/login", CONTENT_TYPE="application/json",
                       CONTENT_LENGTH=str(declared or size))


def test_a_body_of_64_kib_is_read_to_its_end(gate, line, alice):
    body = gates.compact(alice.login).encode().ljust(64 * KIB)
    assert line.ask(login(gate, len(body)), body).status == 200


@pytest.mark.parametrize("size", [64 * KIB + 1, 100_000, 2_000_000])
@pytest.mark.parametrize("keep", [False, True])
def test_a_body_above_64_kib_is_413(gate, line, size, keep):
    """All of it is sent first: none of the answer may be lost to a reset."""
    answer = line.ask(login(gate, size), b"x" * size, keep=keep)
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert answer.text == '{"message":"Request body too large"}'
    assert line.is_closed()


def test_a_long_body_without_content_length_is_413(gate, line):
    params = login(gate, 0)
    del params["CONTENT_LENGTH"]
    assert line.ask(params, b" " * 70_000).status == 413


def test_a_long_body_sent_in_bits_is_413(gate, line):
    line.send_in_pieces(
        fcgi.request(login(gate, 80_000), b" " * 80_000, chunk=1000), 500)
    assert line.read_answer().status == 413


def test_what_is_never_read_ends_after_16_mib(gate, line):
    part = fcgi.record(fcgi.STDIN, b"x" * 65000)
    line.send(fcgi.begin() + fcgi.stream(
        fcgi.PARAMS, fcgi.pairs(login(gate, 2 ** 30))))
    sent = 0
    with pytest.raises(OSError):
        while sent < 64 * KIB * KIB:
            sent += len(part)
            line.send(part)
    assert sent < 32 * KIB * KIB
    assert still_serves(gate)


# CONTENT_LENGTH

@pytest.mark.parametrize("text", [
    "-1", "-9223372036854775808", "+5", " 5", "5 ", "0x5", "5.0", "1e1", "x",
    "5,5", "٣"])
def test_a_content_length_that_is_no_number_is_400(gate, line, text):
    answer = line.ask(login(gate, 2, text), b"{}")
    assert (answer.status, answer.code) == (400, "bad_request")
    assert answer.text == '{"message":"Bad request"}'


@pytest.mark.parametrize("text", [
    "65537", "2147483648", "4294967298", "9223372036854775807",
    "18446744073709551618", "9" * 40])
def test_a_huge_content_length_is_refused(gate, line, text):
    assert line.ask(login(gate, 2, text), b"{}").status in (400, 413)


def test_a_body_shorter_than_content_length_is_400(gate, line, alice):
    body = gates.compact(alice.login).encode()
    answer = line.ask(login(gate, len(body) + 1), body)
    assert (answer.status, answer.code) == (400, "bad_request")


def test_a_body_longer_than_content_length_is_cut_there(gate, line, alice):
    body = gates.compact(alice.login).encode()
    assert line.ask(login(gate, len(body)), body + b"}}").status == 200


def test_a_kept_connection_survives_a_longer_body(gate, line, alice):
    body = gates.compact(alice.login).encode()
    line.send(fcgi.request(login(gate, len(body)), body + b"x" * 3000,
                           keep=True, chunk=50))
    assert line.read_answer().status == 200
    line.send(fcgi.request(asks(gate), rid=2))
    assert is_served(line.read_answer(2))


@pytest.mark.parametrize("length", [None, ""])
def test_without_content_length_the_body_is_all_that_came(
        gate, line, alice, length):
    body = gates.compact(alice.login).encode()
    params = {**login(gate, 0), "CONTENT_LENGTH": length}
    if length is None:
        del params["CONTENT_LENGTH"]
    assert line.ask(params, body).status == 200


def test_of_two_content_lengths_the_last_wins(gate, line, alice):
    """nginx sends the original and then an empty one with a sub-request."""
    body = gates.compact(alice.login).encode()
    params = [("CONTENT_LENGTH", "7"), *login(gate, len(body)).items()]
    assert line.ask(params, body).status == 200


def test_content_length_bytes_are_a_whole_request(gate, line, alice):
    """The end of STDIN need not have come."""
    body = gates.compact(alice.login).encode()
    line.send(fcgi.begin()
              + fcgi.stream(fcgi.PARAMS, fcgi.pairs(login(gate, len(body))))
              + fcgi.stream(fcgi.STDIN, body, end=False))
    assert line.read_answer().status == 200
