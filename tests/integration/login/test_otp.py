"""The second factor: who gets in with which code, and how often."""

import json
import os
import re
import time

import pytest

import fcgi
import gate as gates
import otp
import process
import taps
from account import without
from otp import SECRET, code, cookie_of, log_in, step_now
from test_docs import manual, read

WRONG = '{"message":"Invalid email or password"}'
RULES = "/admin login otp\n/staff user alice@example.org otp\n/ login"
FORM = "application/x-www-form-urlencoded"
LONG = os.environ.get("SESSGATE_LONG") == "1"


@pytest.fixture
def gate(module_gate, factors, redis):
    return module_gate({**otp.SETTINGS, "gate.rule": RULES})


@pytest.fixture
def alice(alice, factors):
    return factors.give(alice)


def refused(answer):
    """A login that failed for the client: one answer, whatever was wrong."""
    assert (answer.status, answer.text) == (401, WRONG), answer
    assert not answer.all("Set-Cookie")
    return True


def sessions(redis):
    return len(redis.client.keys("sess:*"))


def record(redis):
    (name,) = redis.client.keys("sess:*")
    return json.loads(redis.client.get(name))


def test_a_code_and_the_password_open_a_session(gate, redis, alice):
    answer = log_in(gate, alice, code(step_now()))
    assert answer.status == 200, answer
    assert record(redis)["otp"] == 1


@pytest.mark.parametrize("given", [
    None, "", "000000", "12345", "1234567", "abcdef", "０００００", "' OR 1"])
def test_without_the_right_code_nobody_gets_in(gate, redis, alice, given):
    assert refused(log_in(gate, alice, given))
    assert sessions(redis) == 0


def test_a_code_of_another_type_is_no_request(gate, alice):
    assert log_in(gate, alice, 123456).status == 400
    assert log_in(gate, alice, [code(step_now())]).status == 400
    assert refused(gate.post("/login", {**alice.login, "code": None}))


def test_the_code_of_another_user_is_wrong(gate, users, factors, alice):
    other = factors.give(users.add(), "JBSWY3DPEHPK3PXP")
    step = step_now()
    assert refused(log_in(gate, other, code(step)))
    assert log_in(gate, other, code(step, "JBSWY3DPEHPK3PXP")).status == 200


@pytest.mark.parametrize("none", [None, ""])
def test_a_user_without_a_secret_needs_no_code(
        gate, redis, users, factors, none):
    user = factors.give(users.add(), none)
    assert log_in(gate, user).status == 200
    assert "otp" not in record(redis)
    assert log_in(gate, user, "123456").status == 200


@pytest.mark.parametrize("bad", ["no secret!", "GEZD", " ", "0" * 32])
def test_a_secret_that_cannot_be_read_shuts_the_account(
        gate, redis, users, factors, bad):
    user = factors.give(users.add(), bad)
    for given in (None, "", code(step_now()), "000000"):
        assert refused(log_in(gate, user, given))
    assert sessions(redis) == 0
    assert any(f"user={user.id}" in line
               for line in gate.events("totp unreadable"))


@pytest.mark.parametrize("steps,works", [
    (-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(gate, alice, steps, works):
    answer = log_in(gate, alice, code(step_now() + steps))
    assert answer.status == 200 if works else refused(answer)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_is_good_once(gate, redis, alice, steps):
    """At the beginning, in the middle and at the end of its 90 s."""
    given = code(step_now() + steps)
    assert log_in(gate, alice, given).status == 200
    assert refused(log_in(gate, alice, given))
    assert refused(log_in(gate, alice, f" {given[:3]} {given[3:]}"))
    assert sessions(redis) == 1
    (claim,) = redis.client.keys("rate:totp:*")
    assert 110 < redis.client.ttl(claim) <= 120  # beyond the three steps


@pytest.mark.parametrize("seconds", [1, 29, 61, 89])
def test_a_code_does_not_work_again_so_much_later(gate, redis, alice, seconds):
    """The claim outlives the code, which fits for 90 s at most.

    Time passes for the claim alone; with SESSGATE_LONG it does for both.
    """
    given = code(step_now(29 if LONG else 4) + 1)
    assert log_in(gate, alice, given).status == 200
    (claim,) = redis.client.keys("rate:totp:*")
    if LONG:
        time.sleep(seconds)
    else:
        redis.client.pexpire(claim, redis.client.pttl(claim) - seconds * 1000)
    assert redis.client.exists(claim)
    assert refused(log_in(gate, alice, given))


def test_a_code_is_good_once_in_all_processes(
        gate, start_gate, redis, alice):
    other = start_gate(otp.SETTINGS)
    given = code(step_now())
    assert log_in(other, alice, given).status == 200
    assert refused(log_in(gate, alice, given))


@pytest.mark.plain_build
def test_a_hundred_parallel_logins_with_one_code_open_one_session(
        gate, start_gate, redis, alice):
    gates_here = [gate, start_gate(otp.SETTINGS)]
    patient = {"timeout": 30 * process.SLACK}
    given = code(step_now())

    def once(number):
        return gates_here[number % 2].post(
            "/login", {**alice.login, "code": given}, **patient).status

    statuses = taps.together(100, once)
    assert statuses.count(200) == 1, statuses
    assert set(statuses) <= {200, 401, 503}, statuses
    assert sessions(redis) == 1


def test_a_wrong_password_does_not_use_a_code_up(gate, alice):
    given = code(step_now())
    assert refused(log_in(gate, alice, given, password="no"))
    assert log_in(gate, alice, given).status == 200


def test_both_are_counted_alike(gate, start_gate, redis, alice):
    strict = start_gate({**otp.SETTINGS, "login.limit_pair": "3/900"})
    assert refused(log_in(strict, alice, "000000"))
    assert refused(log_in(strict, alice, code(step_now()), password="no"))
    assert refused(log_in(strict, alice))
    assert log_in(strict, alice, code(step_now())).status == 429


def test_the_log_says_which_was_wrong_and_never_a_code(gate, alice):
    step = step_now()
    log_in(gate, alice, "000000")
    log_in(gate, alice, "000000", password="no")
    lines = gate.events("login failed")[-2:]
    assert "reason=code" in lines[0] and "reason=password" in lines[1]
    log_in(gate, alice, code(step))
    assert code(step) not in gate.log_text().replace("rate:", "")
    assert SECRET not in gate.log_text()


def test_while_redis_cannot_claim_a_code_nobody_gets_in(
        start_gate, own_redis, alice):
    own_redis.client.execute_command(
        "ACL", "SETUSER", "limited", "on", ">pw", "~*", "&*", "+@all")
    gate = start_gate({**otp.SETTINGS, "redis.url":
                       own_redis.url.replace("unix://", "unix://limited:pw@")
                       .replace("redis://", "redis://limited:pw@")})
    own_redis.client.execute_command(
        "ACL", "SETUSER", "limited", "resetkeys",
        "%R~*", "~sess:*", "~ugen:*", "~usess:*", "~uauth:*", "~user:*",
        "~probe:*", "~rate:pair:*", "~rate:network:*")
    answer = log_in(gate, alice, code(step_now()))
    assert (answer.status, answer.code) == (503, "redis_unavailable")
    assert not own_redis.client.keys("sess:*")


@pytest.mark.alone
def test_wrong_password_and_wrong_code_take_as_long(gate, alice, users):
    kinds = {"password": lambda: log_in(gate, alice, "000000", password="no"),
             "code": lambda: log_in(gate, alice, "000000"),
             "unknown": lambda: gate.post("/login", {
                 "email": "no@example.org", "password": "x", "code": "1"})}
    otp.take_as_long(kinds, refused)


# ---- the page

def test_the_page_has_a_field_for_it(gate):
    page = gate.get("/login", HTTP_ACCEPT="text/html").text
    field = re.search(r'<input id="code"[^>]*>', page)[0]
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field and "required" not in field
    assert '<label for="code">Code, if you use one</label>' in page


def test_a_form_logs_in_with_a_code(gate, redis, alice):
    def send(given):
        return gate.post(
            "/login", f"email=alice%40example.org&password=correct+horse&"
            f"code={given}", content_type=FORM,
            HTTP_SEC_FETCH_SITE="same-origin")

    page = send("000000")
    assert page.status == 401 and page.code == "login_failed"
    assert "or wrong code" in page.text and 'name="code"' in page.text
    assert "000000" not in page.text
    given = code(step_now())
    assert send(given[:3] + "+" + given[3:]).status == 303
    assert record(redis)["otp"] == 1


def test_without_the_column_nothing_changes(gate, shared_gate, redis, users):
    """The default configuration: no field, no variable, code is ignored."""
    for page in (shared_gate.get("/login"),
                 shared_gate.post("/login", "email=a", content_type=FORM,
                                  HTTP_SEC_FETCH_SITE="same-origin")):
        assert not re.search("code\"|Code,|one-time", page.text)
    user = users.add()
    answer = shared_gate.post("/login", {**user.login, "code": 5})
    assert answer.status == 200
    assert "otp" not in record(redis)
    cookie = cookie_of(answer)
    let_in = shared_gate.get("/", cookie, role=fcgi.AUTHORIZER)
    assert let_in.status == 200 and not let_in.all("Variable-SESSGATE_OTP")


def without_the_factor(template):
    """A template that has never heard of it."""
    names = ("asks_code", "factor", "can_factor", "done_factor",
             "done_factor_removed", "qr", "recovery", "otp_needed")
    return re.sub(r"\{\{[\^/](%s)\}\}" % "|".join(names), "",
                  without(template, *names))


def test_without_the_column_each_page_is_as_before(
        start_gate, template, redis, users):
    """Byte for byte as from a template without the second factor."""
    path = template(without_the_factor(read("etc/login.html")))
    user = users.add()
    form = {"content_type": FORM, "HTTP_SEC_FETCH_SITE": "same-origin"}

    def answers(gate):
        redis.client.flushall()
        yield gate.get("/login")
        yield gate.get("/login", HTTP_ACCEPT_LANGUAGE="de")
        yield gate.post("/login", "email=a", **form)
        yield gate.post("/login", "email=a&password=b&code=1&recovery=2", **form)
        yield gate.post("/login", {**user.login, "password": "x", "code": 5})
        answer = gate.post("/login", {**user.login, "code": "1"})
        cookie = cookie_of(answer)
        yield answer
        yield gate.get("/login", cookie)
        yield gate.get("/account", cookie)
        yield gate.get("/account/totp", cookie)
        yield gate.post("/account/totp", "user=42&current=x", cookie, **form)
        yield gate.get("/logout")
        yield gate.get("/reset")

    def shape(answer):
        """The answer without random values and the hashes of the styles."""
        return (answer.status, [name for name, _ in answer.headers], re.sub(
            r"sessions/[\w-]{16}/end", "sessions/ID/end", answer.text))

    now = [shape(answer) for answer in answers(start_gate())]
    before = [shape(answer) for answer in answers(
        start_gate({"login.page": path}))]
    assert now == before
    assert [status for status, _, _ in now] == [
        200, 200, 400, 401, 401, 200, 200, 200, 404, 404, 200, 404]


# ---- the gate

def enters(gate, cookie, path, **more):
    return gate.get(path, cookie, REQUEST_URI=path, SCRIPT_NAME=path,
                    PATH_INFO="", role=fcgi.AUTHORIZER, **more)


def test_a_rule_with_otp_wants_a_session_with_a_code(
        gate, redis, alice, users):
    with_code = cookie_of(log_in(gate, alice, code(step_now())))
    without = cookie_of(log_in(gate, users.add()))
    for path in ("/admin", "/admin/x", "/staff"):
        let_in = enters(gate, with_code, path)
        assert let_in.status == 200
        assert let_in.header("Variable-SESSGATE_OTP") == "1"
    assert enters(gate, without, "/").header("Variable-SESSGATE_OTP") == "0"
    answer = enters(gate, without, "/admin/x")
    assert (answer.status, answer.code) == (403, "otp_needed")
    answer = enters(gate, without, "/staff")
    assert (answer.status, answer.code) == (403, "forbidden")
    assert enters(gate, None, "/admin").status == 401


def test_a_session_from_before_has_no_code(gate, redis, factors, users):
    """A user who gets a secret later, and a record without the member."""
    user = users.add()
    cookie = cookie_of(log_in(gate, user))
    factors.give(user)
    assert enters(gate, cookie, "/").status == 200
    assert enters(gate, cookie, "/admin").code == "otp_needed"


def test_the_page_of_the_refusal_leads_to_a_login_with_a_code(
        gate, redis, users, factors):
    user = users.add()
    cookie = cookie_of(log_in(gate, user))
    page = enters(gate, cookie, "/admin/x?a=1",
                  HTTP_SEC_FETCH_MODE="navigate", HTTP_ACCEPT="text/html")
    assert page.status == 403
    assert "<h1>Please log in again with a code</h1>" in page.text
    form = re.search(
        r'<form method="post" action="/sessgate/logout">\s*'
        r'<input type="hidden" name="next" value="([^"]*)">\s*'
        r'<button type="submit">Log in with a code</button>', page.text)
    assert form[1] == "/admin/x?a=1"
    answer = gate.post("/logout", "next=%2Fadmin%2Fx%3Fa%3D1", cookie,
                       content_type=FORM, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status == 303
    assert answer.header("Location") == "/admin/x?a=1"
    answer = enters(gate, None, "/admin/x?a=1",
                    HTTP_SEC_FETCH_MODE="navigate", HTTP_ACCEPT="text/html")
    assert answer.header("Location") == \
        "/sessgate/login?next=%2Fadmin%2Fx%3Fa%3D1"


def test_a_changed_password_keeps_the_code(
        start_gate, changer, redis, alice):
    gate = start_gate({
        **otp.SETTINGS, "mysql.url": changer.url(),
        "mysql.password_update":
            "UPDATE users SET password = :hash WHERE id = :id"})
    cookie = cookie_of(log_in(gate, alice, code(step_now())))
    assert gate.post("/password", {
        "current": alice.password, "new": "battery staple"}, cookie
        ).status == 200
    assert record(redis)["otp"] == 1


def test_the_example_of_the_manual_is_a_configuration(
        place, mysql_server, redis_server, changer):
    said = manual("second-factor")
    with mysql_server.admin() as sql:
        sql.execute("ALTER TABLE users ADD totp VARCHAR(200)")
    try:
        path = os.path.join(place("r"), "sessgate.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{said}[redis]\nurl = {redis_server.url}\n")
        done = gates.run("--check-config", "--config", path,
                         DATABASE_URL=changer.url())
        assert done.returncode == 0, done.stderr
    finally:
        with mysql_server.admin() as sql:
            sql.execute("ALTER TABLE users DROP totp")


def test_otp_without_a_column_is_a_configuration_error(stores):
    done = gates.run("--check-config", settings={
        **stores, "gate.rule": "/admin login otp"})
    assert done.returncode == 78
    assert "otp needs a column totp in [mysql] user_by_login" in done.stderr
    done = gates.run("--check-config", settings={
        **stores, "gate.rule": "/admin public otp"})
    assert done.returncode == 78 and "otp stands behind" in done.stderr
