"""Input that means harm or nothing: no 5xx, no hang, nothing raw anywhere.

Each case is sent, answered with a plain refusal within two seconds, and has
then reached neither a key of Redis (MONITOR) nor a line of the log as it was.
"""

import json
import re

import pytest

import fcgi
import gate as gates
import process

SECURE = gates.SECURE_COOKIE
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

pytestmark = pytest.mark.sanitized(60)  # each is parsed in its own way


@pytest.fixture
def harmless(gate, redis):
    """harmless(params, body, raw): asks, and looks at what came of it.

    raw is what must not be in a command to Redis nor in the log, as it is.
    """

    def ask(params, body=b"", raw=()):
        logged = len(gate.log_text())
        with redis.watch() as seen, gate.connect() as line:
            answer, took = gates.timed(line.ask, params, body)
        assert answer.status < 500, answer
        assert answer.status not in (200, 204, 303), answer
        assert took < 2 * process.SLACK
        asked = b"\n".join(seen)
        new = gate.log_text()[logged:]
        for text in raw:
            quoted = repr(fcgi.as_bytes(text))[2:-1].encode()
            assert quoted not in asked, seen
            assert fcgi.as_bytes(text) not in new.encode("utf-8", "replace")
        assert not CONTROL.search(new), new
        for record in new.splitlines():
            assert "sessgate[" in record, f"a forged line: {record!r}"
        return answer

    return ask


# cookies

COOKIES = [
    ("a" * 20 + "\r\nSET x y", "SET x y"), ("a" * 20 + "\nb", None),
    ("a" * 20 + "%0d%0aSET x y", "SET x"), ("a" * 20 + "%00b", None),
    ("%00" * 20, None), ("%s%n%x" * 5, "%s%n"), ("%25s%25n" * 5, "%s%n"),
    ("j:{}", "j:{}"), ("j:%7B%7D", "j:"), ('j:{"userId":"42"}', "userId"),
    ("s:" + "a" * 30, "s:aaa"), ("x" * 8192, "x" * 8192),
    ("%" * 40, "%%"), ("%4" * 20, None), ("%zz" * 20, None),
    ("é" * 20, "é"), (b"\xff" * 30, None), ("*" * 43, "***"),
    ("../" * 10, None), ("a" * 20 + " b" * 20, None),
    ('"' + "a" * 20, '"aa'), ("a" * 20 + "\x7f", None),
    ("{42}" * 6, "{42}"), ("a" * 20 + "\x1b[31m", None),
    ("a,b" * 12, None), ("a" * 20 + "\t", None)]


@pytest.mark.parametrize("path", ["/auth", "/user/me"])
@pytest.mark.parametrize("value,raw", COOKIES,
                         ids=lambda text: repr(text and text[:20]))
def test_a_strange_cookie_is_an_invalid_session(
        harmless, gate, value, raw, path):
    cookie = fcgi.as_bytes(SECURE) + b"=" + fcgi.as_bytes(value)
    answer = harmless(gate.params(path=path, cookie=cookie),
                      raw=[raw] if raw else [])
    assert answer.status in (401, 403)
    assert not answer.all("Set-Cookie")


def test_a_cookie_with_nul_is_400(harmless, gate):
    cookie = SECURE + "=" + "a" * 20 + "\0SET"
    assert harmless(gate.params(cookie=cookie)).status == 400


def test_two_cookies_of_a_name_are_refused(harmless, gate):
    cookie = f"{SECURE}={'a' * 43}; {SECURE}={'b' * 43}"
    answer = harmless(gate.params(cookie=cookie), raw=["aaaa", "bbbb"])
    assert answer.status == 403


def test_60_kib_of_cookies_are_read_to_the_end(gate, alice):
    good = gate.log_in(alice)
    many = "; ".join(f"c{n}=x" for n in range(7000))
    assert gate.get("/auth", f"{many}; {good}").status == 200


@pytest.mark.parametrize("cookie", [
    ";" * 50000, "=" * 50000, "a=" * 20000, SECURE * 3000, '"' * 50000,
    f"{SECURE}=;" * 2500, "%" * 50000], ids=lambda text: text[:20])
def test_long_nonsense_takes_no_time(harmless, gate, cookie):
    assert harmless(gate.params(cookie=cookie)).status in (401, 403)


@pytest.mark.parametrize("value", [
    "a" * 20 + "\r\nX-Evil: 1", "a" * 20 + "\nSet-Cookie: x=y"])
def test_logout_reflects_nothing(gate, value):
    answer = gate.post("/logout", cookie=f"{SECURE}={value}")
    assert answer.status == 200
    assert not answer.all("X-Evil")
    assert all("x=y" not in line for line in answer.all("Set-Cookie"))


# ids

@pytest.mark.parametrize("uid", [
    "01", "+1", "1abc", "1\n", "1\r\nSET x y", "1" * 20, "%s", "1%00", "*",
    "1'or'1'='1", "1;--", "{}", "42}", "ü", b"\xff", "1" * 8000, "\x1b[2J"],
    ids=lambda uid: repr(uid[:20]))
def test_a_strange_id_is_404_without_a_key(harmless, gate, alice, uid):
    params = gate.params(cookie=gate.log_in(alice), REQUEST_URI="/x")
    params["PATH_INFO"] = b"/user/" + fcgi.as_bytes(uid)
    answer = harmless(params, raw=["user:" + uid] if uid != b"\xff" else [])
    assert (answer.status, answer.text) == (
        404, '{"message":"User not found"}')


def test_an_id_with_nul_is_400(harmless, gate, alice):
    cookie = gate.log_in(alice)
    params = gate.params(cookie=cookie, PATH_INFO="/user/1\0",
                         REQUEST_URI="/sessgate/user/1%00")
    assert harmless(params).status == 400
    params = gate.params(cookie=cookie, PATH_INFO="/user/1",
                         REQUEST_URI="/sessgate/user/1%00")
    assert harmless(params).status in (400, 404)


# bodies

DEEP = 100_000
BODIES = [
    b"", b" ", b"{", b"}", b"{}", b"[]", b"null", b"42", b'"x"', b"\0",
    b'{"email":"a@b","password":"c"', b'{"email":"a@b","password":',
    b'{"email":"a@b","password":"c"}x', b'{"email":"a@b","password":"c"}\0',
    b'\xef\xbb\xbf{"email":"a@b","password":"c"}',
    b'{"email":"a@b","pass\0word":"c"}', b'{"email":"a\0b","password":"c"}',
    b'{"email":"\xff\xfe","password":"c"}', b'{"email":"a@b"}',
    b'{"password":"c"}', b'{"email":"","password":"c"}',
    b'{"email":"a@b","password":""}', b'{"email":1,"password":"c"}',
    b'{"email":"a@b","password":2}', b'{"email":null,"password":null}',
    b'{"email":["a@b"],"password":"c"}', b'{"email":{},"password":{}}',
    b'{"email":true,"password":"c"}', b"{'email':'a@b','password':'c'}",
    b'{"email":"a@b","password":"c",}', b'{"email":NaN,"password":"c"}',
    b'{"email\\u0000":"a@b","password\\u0000":"c"}',
    b'{"Email":"a@b","Password":"c"}', b"email=a@b&password=c",
    b'{"email":"\\ud800","password":"c"}'[:-1], b"/**/{}",
    b'{"email":"a@b" "password":"c"}', b'{"email":"\\x41","password":"c"}',
    b'{"email":"a\nb","password":"c"}', b'[{"email":"a@b","password":"c"}]',
    b"[" * DEEP, b"[" * (DEEP // 2) + b"]" * (DEEP // 2),
    (b'{"a":' * (DEEP // 10)) + b"1" + b"}" * (DEEP // 10)]


def login_params(gate, body, **more):
    return gate.params("POST", "/login", CONTENT_TYPE="application/json",
                       **{"CONTENT_LENGTH": str(len(body)), **more})


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:30]))
def test_a_body_that_is_no_login_is_400(harmless, gate, body):
    answer = harmless(login_params(gate, body), body)
    if len(body) > 65536:
        assert answer.status == 413
    else:
        assert (answer.status, answer.code) == (400, "bad_request")
        assert answer.text == '{"message":"Bad request"}'


SURROGATES = ["\\ud800", "\\udc00", "\\ud800\\ud800", "x\\udfffy", "\\ud83d"]


@pytest.mark.parametrize("text", SURROGATES)
@pytest.mark.parametrize("member", ["email", "password"])
def test_a_lone_surrogate_opens_nothing(
        harmless, gate, alice, member, text):
    parts = {k: json.dumps(v) for k, v in alice.login.items()}
    parts[member] = f'"{text}"'
    body = "{%s}" % ",".join(f'"{k}":{v}' for k, v in parts.items())
    answer = harmless(login_params(gate, body), body.encode())
    assert answer.status in (400, 401)


@pytest.mark.parametrize("email", [
    "alice@example.org\0", "alice@example.org\0x", "\0", "a" * 60000,
    "' OR 1=1 -- ", "%", "_", "alice@example.org\r\nfake: line",
    "x\n2026-01-01T00:00:00Z sessgate[1]: login ok", "\x1b[31m", "\ufeff",
    "😀" * 50, "\U0002d800", '"\U0001d800', "\uffff"])
def test_a_strange_email_is_a_wrong_one(harmless, gate, alice, email):
    body = json.dumps({"email": email, "password": alice.password})
    answer = harmless(login_params(gate, body), body.encode())
    assert answer.status in (400, 401)


@pytest.mark.parametrize("length,sent,statuses", [
    ("-1", b"{}", {400}), ("x", b"{}", {400}), ("9" * 30, b"{}", {400, 413}),
    ("1000", b"{}", {400}), ("1", b"{}", {400}), ("", b"{}", {400}),
    ("0", b"{}", {400})])
def test_a_content_length_that_lies(harmless, gate, length, sent, statuses):
    answer = harmless(login_params(gate, sent, CONTENT_LENGTH=length), sent)
    assert answer.status in statuses


def test_no_content_length_and_no_body_is_400(harmless, gate):
    params = login_params(gate, b"")
    del params["CONTENT_LENGTH"]
    assert harmless(params).status == 400


def test_other_endpoints_do_not_look_at_a_body(gate, alice):
    cookie = gate.log_in(alice)
    for method, path in (("GET", "/auth"), ("POST", "/logout")):
        body = b"[" * 60000
        params = gate.params(method, path, cookie=cookie,
                             CONTENT_LENGTH=str(len(body)),
                             CONTENT_TYPE="application/json")
        with gate.connect() as line:
            assert line.ask(params, body).status in (200, 400)


# the rest of a request

@pytest.mark.parametrize("name,value", [
    ("REQUEST_METHOD", ""), ("REQUEST_METHOD", "G" * 5000),
    ("REQUEST_METHOD", "GET\r\nX: y"), ("SCRIPT_NAME", ""),
    ("PATH_INFO", "/" + "a" * 30000), ("PATH_INFO", "/auth\r\nX: y"),
    ("PATH_INFO", "/../auth"), ("PATH_INFO", "%s%n"), ("PATH_INFO", "\xff"),
    ("REMOTE_ADDR", "x\r\ny"), ("REMOTE_ADDR", "1" * 5000),
    ("REQUEST_URI", "/%zz"), ("HTTP_HOST", "a\r\nb"),
    ("HTTP_USER_AGENT", "\x1b]0;x\x07"), ("CONTENT_TYPE", "\r\n")])
def test_strange_parameters_are_refused_quietly(harmless, gate, name, value):
    answer = harmless({**gate.params(), name: value})
    assert answer.status in (400, 401, 404, 405)
    assert not answer.all("X")


def test_nothing_at_all_is_refused(harmless):
    assert harmless({}).status in (400, 404, 405)


def test_a_record_in_redis_with_strange_members_does_not_reach_the_log_raw(
        gate, redis, alice):
    token = "a" * 43
    redis.client.set("sess:" + gates.hashed(token), 'x\r\nfake sessgate[1]:',
                     ex=60)
    logged = len(gate.log_text())
    assert gate.get("/auth", f"{SECURE}={token}").status == 403
    for record in gate.log_text()[logged:].splitlines():
        assert "sessgate[" in record and not record.startswith("fake")
        assert token not in record


def test_the_log_knows_no_secret(gate, alice):
    cookie = gate.log_in(alice)
    gate.get("/auth", cookie)
    gate.post("/login", {**alice.login, "password": "hidden-wrong-one"})
    gate.post("/logout", cookie=cookie)
    text = gate.log_text()
    for secret in (cookie.partition("=")[2], alice.password,
                   "hidden-wrong-one", "sql-secret", "$2y$"):
        assert secret not in text
