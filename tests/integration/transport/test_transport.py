"""Answers to bytes on a FastCGI connection, record by record.

GET /auth without a cookie is 401 and asks no store: the transport alone.
"""

import pytest

import fcgi
import gate as gates
import process


@pytest.fixture
def line(gate):
    with gate.connect() as connection:
        yield connection


def is_served(answer):
    return (answer.status, answer.code) == (401, "token_missing")


def asks(gate, **more):
    return gate.params(**more)


def still_serves(gate):
    return is_served(gate.get())


# a request, cut and padded in every way

@pytest.mark.parametrize("padding", [0, 1, 7, 255])
@pytest.mark.parametrize("chunk", [1, 3, 17, 65535])
def test_padding_and_split_pairs_change_nothing(gate, line, padding, chunk):
    """Names, lengths and values straddle records; padding is on each."""
    assert is_served(line.ask(asks(gate), padding=padding, chunk=chunk))


def test_a_long_value_has_its_length_split_between_records(gate, line):
    params = asks(gate, HTTP_X_LONG="x" * 300)
    assert is_served(line.ask(params, chunk=1, padding=3))


@pytest.mark.parametrize("size", [1, 5, 8, 100])
def test_a_request_may_come_in_small_writes(gate, line, size):
    line.send_in_pieces(fcgi.request(asks(gate)), size)
    assert is_served(line.read_answer())


def test_a_body_comes_in_records_of_one_byte(gate, line, alice):
    params = asks(gate, method="POST", path="/login", CONTENT_LENGTH="63",
                  CONTENT_TYPE="application/json")
    body = gates.compact(alice.login).encode()
    params["CONTENT_LENGTH"] = str(len(body))
    assert line.ask(params, body, chunk=1, padding=2).status == 200


@pytest.mark.parametrize("rid", [1, 2, 255, 256, 65535])
def test_any_request_id_is_answered_under_itself(gate, line, rid):
    assert is_served(line.ask(asks(gate), rid=rid))


def test_an_answer_ends_complete_and_its_connection_closes(gate, line):
    answer = line.ask(asks(gate))
    assert (answer.protocol_status, answer.app_status) == (0, 0)
    assert answer.stderr == b""
    assert line.is_closed()


def test_of_a_repeated_parameter_the_last_wins(gate, line):
    params = [("SCRIPT_NAME", "/elsewhere"), ("REQUEST_METHOD", "POST"),
              *asks(gate).items()]
    assert is_served(line.ask(params))


def test_an_empty_name_does_no_harm(gate, line):
    answer = line.ask([("", ""), ("", "x"), *asks(gate).items()])
    assert answer.status == 400 or is_served(answer)


# management records

def limits_of(line):
    got = line.read_record()
    assert (got.kind, got.rid) == (fcgi.GET_VALUES_RESULT, 0)
    return fcgi.parse_pairs(got.content)


ALL = ("FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS")
LIMITS = {"FCGI_MAX_CONNS": "1024", "FCGI_MAX_REQS": "1024",
          "FCGI_MPXS_CONNS": "0"}


@pytest.mark.parametrize("padding", [0, 5])
def test_get_values_alone_is_answered_at_once(line, padding):
    line.send(fcgi.get_values(*ALL, padding=padding))
    assert dict(limits_of(line)) == LIMITS
    assert line.is_quiet()


@pytest.mark.parametrize("name", ALL)
def test_get_values_names_only_what_was_asked(line, name):
    line.send(fcgi.get_values(name, "NO_SUCH_NAME"))
    assert limits_of(line) == [(name, LIMITS[name])]


def test_get_values_with_nothing_gets_nothing(line):
    line.send(fcgi.get_values())
    assert limits_of(line) == []


@pytest.mark.parametrize("times", [2, 4, 400])
def test_get_values_takes_repeated_names(gate, line, times):
    line.send(fcgi.get_values(*[ALL[0]] * times))
    assert set(limits_of(line)) == {(ALL[0], "1024")}
    line.send(fcgi.request(asks(gate)))
    assert is_served(line.read_answer())


def test_get_values_tells_the_configured_connections(start_gate):
    gate = start_gate({"server.connections": 100})
    with gate.connect() as line:
        line.send(fcgi.get_values(*ALL))
        assert dict(limits_of(line)) == {
            **LIMITS, "FCGI_MAX_CONNS": "100", "FCGI_MAX_REQS": "100"}


@pytest.mark.parametrize("at", range(4))
def test_get_values_may_come_between_any_two_records(gate, line, at):
    parts = [fcgi.begin(), fcgi.stream(fcgi.PARAMS, fcgi.pairs(asks(gate))),
             fcgi.stream(fcgi.STDIN, b"")]
    parts.insert(at, fcgi.get_values("FCGI_MAX_CONNS"))
    line.send(b"".join(parts))
    kinds = []
    while fcgi.END not in kinds:
        kinds.append(line.read_record().kind)
    answered = fcgi.GET_VALUES_RESULT in kinds
    assert answered or at == 3  # after the whole request: it may have closed
    assert fcgi.STDOUT in kinds


@pytest.mark.parametrize("size", [0, 8, 1000])
def test_an_unknown_management_type_does_not_lose_the_request(
        gate, line, size):
    line.send(fcgi.record(77, b"x" * size, rid=0)
              + fcgi.request(asks(gate)))
    got = line.read_record()
    assert (got.kind, got.rid) == (fcgi.UNKNOWN_TYPE, 0)
    assert got.content[0] == 77 and len(got.content) == 8
    assert is_served(line.read_answer())


def test_malformed_get_values_does_not_harm(gate, line):
    line.send(fcgi.record(fcgi.GET_VALUES, b"\xff\xff\xff\xff\x05abc", rid=0))
    line.is_quiet(0.05)
    assert still_serves(gate)


# ABORT in every state

def pieces(gate, keep, rid=1):
    params = fcgi.stream(fcgi.PARAMS, fcgi.pairs(asks(gate)), rid=rid)
    return [fcgi.begin(keep=keep, rid=rid), params[:-8], params[-8:]]


@pytest.mark.parametrize("state", ["begun", "params", "all params", "stdin"])
def test_abort_of_an_unfinished_request_ends_it(gate, line, state):
    begun, params, end = pieces(gate, keep=True)
    said = {"begun": begun, "params": begun + params,
            "all params": begun + params + end,
            "stdin": begun + params + end + fcgi.record(fcgi.STDIN, b"x"),
            }[state]
    line.send(said + fcgi.record(fcgi.ABORT))
    answer = line.read_answer()
    assert answer.protocol_status == fcgi.REQUEST_COMPLETE
    assert answer.body == b""
    line.send(fcgi.request(asks(gate), rid=2))
    assert is_served(line.read_answer(2))


def test_abort_without_keep_closes(gate, line):
    line.send(fcgi.begin() + fcgi.record(fcgi.ABORT))
    line.read_answer()
    assert line.is_closed()


@pytest.mark.parametrize("rid", [1, 9])
def test_abort_of_nothing_is_passed_over(gate, line, rid):
    line.send(fcgi.record(fcgi.ABORT, rid=rid) + fcgi.request(asks(gate)))
    assert is_served(line.read_answer())


def test_abort_in_the_middle_of_a_pair(gate, line):
    line.send(fcgi.begin(keep=True)
              + fcgi.record(fcgi.PARAMS, b"\x0e\x03REQUEST_M")
              + fcgi.record(fcgi.ABORT))
    assert line.read_answer().body == b""
    line.send(fcgi.request(asks(gate)))
    assert is_served(line.read_answer())


def test_late_records_of_an_answered_request_are_passed_over(gate, line):
    line.send(fcgi.request(asks(gate), keep=True))
    assert is_served(line.read_answer())
    line.send(fcgi.record(fcgi.ABORT) + fcgi.record(fcgi.STDIN, b"late")
              + fcgi.record(fcgi.STDIN) + fcgi.request(asks(gate), rid=2))
    assert is_served(line.read_answer(2))


def test_abort_right_behind_a_whole_request(gate, line):
    """The answer may be on its way already; the next request is served."""
    line.send(fcgi.request(asks(gate), keep=True) + fcgi.record(fcgi.ABORT)
              + fcgi.request(asks(gate), rid=2))
    line.read_answer(1)
    assert is_served(line.read_answer(2))


# roles, versions, ids

@pytest.mark.parametrize("role", [0, fcgi.FILTER, 4, 255, 65535])
def test_an_unknown_role_is_refused_as_such(gate, line, role):
    line.send(fcgi.request(asks(gate), role=role, keep=True)
              + fcgi.request(asks(gate), rid=2))
    answer = line.read_answer(1)
    assert answer.protocol_status == fcgi.UNKNOWN_ROLE
    assert answer.status is None
    assert is_served(line.read_answer(2))


def test_an_unknown_role_without_keep_closes(gate, line):
    line.send(fcgi.begin(fcgi.FILTER))
    assert line.read_answer().protocol_status == fcgi.UNKNOWN_ROLE
    assert line.is_closed()


@pytest.mark.parametrize("version", [0, 2, 72, 255])
def test_another_version_is_closed(gate, line, version):
    line.send(fcgi.record(fcgi.BEGIN, bytes(8), version=version))
    assert line.is_closed()
    assert still_serves(gate)


def test_another_version_in_the_middle_is_closed(gate, line):
    line.send(fcgi.begin() + fcgi.record(fcgi.PARAMS, version=2))
    assert line.is_closed()
    assert still_serves(gate)


def test_http_on_the_socket_is_closed(gate, line):
    line.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert line.is_closed()


def test_begin_with_id_0_is_no_request(gate, line):
    line.send(fcgi.request(asks(gate), rid=0))
    line.end_writing()
    with pytest.raises(fcgi.Closed):
        while True:
            assert line.read_record().kind == fcgi.UNKNOWN_TYPE
    assert still_serves(gate)


@pytest.mark.parametrize("size", [0, 7, 9])
def test_begin_of_another_size_is_no_request(gate, line, size):
    body = (b"\0\1" + bytes(7))[:size]
    line.send(fcgi.record(fcgi.BEGIN, body)
              + fcgi.stream(fcgi.PARAMS, fcgi.pairs(asks(gate))))
    line.end_writing()
    assert line.is_closed()
    assert still_serves(gate)


def test_a_second_request_in_between_cannot_be_multiplexed(gate, line):
    begun, params, end = pieces(gate, keep=False)
    line.send(begun + params + fcgi.request(asks(gate), rid=2))
    refused = line.read_answer(2)
    assert refused.protocol_status == fcgi.CANT_MPX_CONN
    assert refused.status is None
    line.send(end + fcgi.record(fcgi.STDIN))
    assert is_served(line.read_answer(1))


def test_a_second_begin_of_the_same_id_hangs_nothing(gate, line):
    line.send(fcgi.begin() + fcgi.request(asks(gate)))
    line.end_writing()
    try:
        line.read_answer()
    except fcgi.Closed:
        pass
    assert still_serves(gate)


@pytest.mark.parametrize("kind", [
    fcgi.PARAMS, fcgi.STDIN, fcgi.STDOUT, fcgi.END, fcgi.DATA,
    fcgi.GET_VALUES_RESULT, 200])
def test_records_out_of_place_do_no_harm(gate, line, kind):
    line.send(fcgi.record(kind, b"x" * 8, rid=5))
    line.send(fcgi.begin() + fcgi.record(kind, b"\1\1ab"))
    line.end_writing()
    try:
        while True:
            line.read_record()
    except fcgi.Closed:
        pass
    assert still_serves(gate)


# bytes that C strings would cut

CUT = [("A=B", "x"), ("=", "x"), ("A\0B", "x"), ("\0", ""),
       ("HTTP_X", "a\0b"), ("HTTP_X", "\0"), ("HTTP_COOKIE", "a=b\0c")]


@pytest.mark.parametrize("name,value", CUT)
def test_a_name_with_equals_or_nul_or_a_value_with_nul_is_400(
        gate, line, name, value):
    answer = line.ask([*asks(gate).items(), (name, value)])
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("name,value", CUT)
def test_at_an_authorizer_they_are_403(gate, line, name, value):
    answer = line.ask([*asks(gate).items(), (name, value)],
                      role=fcgi.AUTHORIZER)
    assert answer.status == 403


# the gate: the role comes before method and path

def as_role(params, how):
    """The FastCGI role, and what stands in params, for one way to ask."""
    if how == "AUTHORIZER":
        return fcgi.AUTHORIZER
    params["SESSGATE_ROLE"] = how
    return fcgi.RESPONDER


# how it is asked: what it answers without a session, and with one
WAYS = {"AUTHORIZER": (401, 200), "gate": (401, 200),
        "login-redirect": (401, 401), "api": (403, 403), "Gate": (403, 403),
        "x": (403, 403)}


@pytest.mark.parametrize("path", [
    "/auth", "/healthz", "/readyz", "/login", "/user/me", "/", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("how", WAYS)
def test_the_gate_opens_for_a_session_alone(
        gate, alice, how, method, path):
    for cookie, status in zip((None, gate.log_in(alice)), WAYS[how]):
        params = asks(gate, method=method, path=path, cookie=cookie)
        with gate.connect() as line:
            answer = line.ask(params, role=as_role(params, how))
        assert answer.status == status
        variables = [n for n, _ in answer.headers
                if n.startswith(("Variable-", "X-Sessgate-U"))]
        assert bool(variables) == (status == 200)


@pytest.mark.parametrize("how", ["AUTHORIZER", "gate", "login-redirect"])
def test_the_gate_does_not_wait_for_a_body(gate, line, how):
    """Apache sends authorizers no STDIN; nginx a CONTENT_LENGTH, no body."""
    params = asks(gate, CONTENT_LENGTH="7")
    role = as_role(params, how)
    line.send(fcgi.request(params, role=role, stdin=False))
    assert line.read_answer().status == 401


def test_a_client_header_cannot_ask_for_a_role(gate, line):
    assert is_served(line.ask(asks(gate, HTTP_SESSGATE_ROLE="gate")))


def test_slack_is_sane():
    """A forgotten SESSGATE_TEST_SLACK would let every bound pass."""
    assert process.SLACK <= 10
