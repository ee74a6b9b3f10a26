"""The account page over FastCGI: what it shows, its size, its template."""

import re
import time
import urllib.parse

import pytest

import gate as gates
import stack
import taps
from account import (
    FORM, HERE, LOGIN, OWN, PAGE, Form, fill, gate, leads_to, plant, press,
    refuses, settings)
from test_endings import LIST, handle_of, name_of, sessions


# what it shows

@pytest.mark.parametrize("cookie", [
    None, gates.SECURE_COOKIE + "=" + "a" * 43, gates.SECURE_COOKIE + "=x"])
def test_without_a_session_it_leads_to_the_login_and_back(gate, cookie):
    for method in ("GET", "HEAD"):
        answer = gate.ask(method, PAGE, cookie=cookie)
        leads_to(answer, LOGIN)
        assert not answer.all("Set-Cookie")


def test_it_shows_who_is_logged_in_and_where(gate, redis, alice):
    cookie = gate.log_in(alice)
    plant(redis, cookie, 1, "2001:db8:1:2:3:4:5:6")
    answer = gate.get(PAGE, cookie)
    assert answer.status == 200
    assert "You are logged in as <strong>alice@example.org</strong>" in (
        answer.text)
    mine, other = sorted(re.findall(
        r"<li>([^<]*(?:<b>[^<]*</b>)?)<button", answer.text), reverse=True)
    assert mine == "tests/1\n192.0.2.7, <b>this one</b>"
    assert other == "Firefox, Windows\n2001:db8:1:2::, 1 min"
    for session in sessions(gate, cookie):
        assert f"sessions/{session['handle']}/end" in answer.text
    assert "Your account" in gate.get("/login", cookie).text
    assert gate.ask("HEAD", PAGE, cookie=cookie).body == b""


@pytest.mark.parametrize("ago,words", [
    (0, "1 min"), (-60, "1 min"), (59 * 60, "59 min"), (60 * 60, "1 h"),
    (47 * 3600, "47 h"), (49 * 3600, "2 days"), (6 * 86400, "6 days")])
def test_it_says_how_long_ago_a_session_was_used(
        gate, redis, alice, ago, words):
    cookie = gate.log_in(alice)
    plant(redis, cookie, 1)
    redis.client.zadd(LIST, {"0" * 43: int((time.time() - ago) * 1000)})
    assert f"203.0.113.77, {words}<button" in gate.get(PAGE, cookie).text


def test_what_another_program_wrote_is_shown_as_text_or_not_at_all(
        gate, redis, alice):
    cookie = gate.log_in(alice)
    plant(redis, cookie, 1, "<script>alert(1)</script>", "<b>x</b>\"'&")
    text = gate.get(PAGE, cookie).text
    assert "<script" not in text and "<b>x" not in text
    assert "<li>Unknown device\n1 min<button" in text


def test_nobody_elses_sessions_are_shown(gate, redis, alice, users):
    bobs = gate.log_in(users.add())
    alices = gate.log_in(alice)
    assert handle_of(name_of(bobs)) not in gate.get(PAGE, alices).text


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("address", [
    "203.0.113.177", "2001:db8:1234:5678:9abc:def0:1234:5678"])
def test_a_hundred_sessions_fit_into_16_kib(
        module_gate, settings, redis, alice, language, address):
    """Also with a name of the site, a message and the question for a password."""
    gate = module_gate({
        **settings, "login.title": "Example & Sons", "session.fresh": "1s"})
    cookie = gate.log_in(alice)
    plant(redis, cookie, 99, address)
    time.sleep(1.05)
    answer = gate.get(PAGE, cookie, HTTP_ACCEPT_LANGUAGE=language,
                      QUERY_STRING="done=password")
    assert answer.text.count("<li>") == answer.text.count("formaction=") == 100
    assert answer.text.count("<label") == 4
    assert len(answer.body) <= 16384


def test_it_asks_the_stores_at_most_three_times(
        start_gate, settings, own_redis, place, mysql, alice):
    """A process that knows neither the session nor the user; all is in Redis."""
    tap = taps.Tap(own_redis.path, place("p") + "/r.sock")
    first = start_gate({**settings, "redis.url": own_redis.url})
    gate = start_gate({**settings, "redis.url": f"unix://{tap.path}",
                       "user.recheck": "60s"})
    cookie = first.log_in(alice)
    plant(own_redis, cookie, 99)
    asked = []
    gate.get("/auth", gates.SECURE_COOKIE + "=" + "a" * 43)  # loads the script
    gate.first_event("cache ready")

    def note(data):
        """A question about sessions; its rest may come in a piece of its own."""
        if data[:1] == b"*" and b"sess:" in data:
            asked.append(data)
    tap.watch = note
    before = taps.status_of(mysql, "Com_stmt_execute")
    answer = gate.get(PAGE, cookie)
    assert answer.text.count("<li>") == 100
    after = taps.status_of(mysql, "Com_stmt_execute")
    assert len(asked) + after - before <= 3, [
        re.findall(rb"\r\n([A-Z]{3,})\r\n", data)[:3] for data in asked]
    asked.clear()
    assert gate.get(PAGE, cookie).text.count("<li>") == 100
    assert len(asked) == 2  # the list, and the records


@pytest.mark.parametrize("mount", ["", "/a/b"])
def test_its_forms_go_to_the_mount(module_gate, settings, redis, alice, mount):
    gate = module_gate({**settings, "server.mount": mount})
    cookie = gate.log_in(alice)
    gate.log_in(alice)
    answer = gate.get(PAGE, cookie)
    for path in ("/password", "/logout/all?others=1"):
        assert f'action="{mount}{path}"' in answer.text
    handle = handle_of(name_of(cookie))
    assert Form(answer, "Log out", at=mount + PAGE).target == (
        f"{mount}/sessions/{handle}/end")


def test_without_a_statement_there_is_no_new_password(
        shared_gate, redis, alice):
    cookie = shared_gate.log_in(alice)
    answer = shared_gate.get(PAGE, cookie)
    assert answer.status == 200 and 'type="password"' not in answer.text
    assert shared_gate.ask(
        "POST", "/password", cookie=cookie, content_type=FORM,
        body=b"current=x&new=y", **OWN).status == 404


@pytest.mark.parametrize("word", ["x", "", "ended2", "<b>", "done"])
def test_it_says_only_what_it_knows_to_be_done(gate, redis, alice, word):
    cookie = gate.log_in(alice)
    answer = gate.get(PAGE, cookie, QUERY_STRING=urllib.parse.urlencode(
        {"done": word}))
    assert 'role="status"' not in answer.text


def test_the_well_known_address_leads_there(gate):
    """W3C, A Well-Known URL for Changing Passwords: at the root of the host."""
    known = "/.well-known/change-password"
    for method in ("GET", "HEAD"):
        answer = gate.ask(method, SCRIPT_NAME=known, PATH_INFO="",
                          REQUEST_URI=known)
        leads_to(answer, HERE)
    for path, method in ((known, "POST"), (known + "/", "GET"),
                         ("/sessgate" + known, "GET")):
        assert gate.ask(method, SCRIPT_NAME=path, PATH_INFO="",
                        REQUEST_URI=path).status == 404


# a template of before

OLD = ("{{#login}}Login{{/login}}{{#user}}Hello {{user}}{{/user}}"
       "{{#logout}}Bye{{/logout}}{{#note}}{{message}}{{/note}}")


def test_a_template_of_before_keeps_working(
        start_gate, settings, template, redis, alice):
    path = template(OLD)
    gate = start_gate({**settings, "login.page": path})
    cookie = gate.log_in(alice)
    assert gate.get("/login", cookie).text == f"Hello {alice.email}"
    answer = gate.get(PAGE, cookie)
    assert "<h1>Your account</h1>" in answer.text
    assert "style-src" in answer.header("Content-Security-Policy")
    refuses(press(gate, cookie, "Change password", **fill(current="x")),
            403, "password_wrong", "The current password is wrong.")
    came = gates.run("--check-config", settings={
        **settings, "redis.url": gate.settings["redis.url"],
        "login.page": path})
    assert came.returncode == 0
    assert f"warning: {path}: no {{{{#account}}}}: the account page is the " \
        "built-in one" in came.stderr


def test_a_copy_of_the_template_is_whole(stores):
    came = gates.run("--check-config", settings={
        **stores, "login.page": stack.TOP + "/etc/login.html"})
    assert came.returncode == 0 and "warning" not in came.stderr


def test_a_template_has_an_account_page_of_its_own(
        start_gate, settings, template, redis, alice):
    path = template(OLD + "{{#account}}{{account}}:{{#sessions}} {{handle}}"
                    "{{#current}}*{{/current}}{{/sessions}}{{/account}}")
    gate = start_gate({**settings, "login.page": path})
    cookie, other = gate.log_in(alice), gate.log_in(alice)
    handles = [handle_of(name_of(pair)) for pair in (other, cookie)]
    assert gate.get(PAGE, cookie).text in [
        f"{alice.email}: {handles[0]} {handles[1]}*",
        f"{alice.email}: {handles[1]}* {handles[0]}"]


def test_a_template_whose_list_is_too_long_is_refused(stores, template):
    path = template("{{#account}}{{#sessions}}" + "x" * 600 +
                    "{{/sessions}}{{/account}}")
    came = gates.run("--check-config", "--offline",
                     settings={**stores, "login.page": path})
    assert came.returncode == 78
    assert "a page could become longer than 56 KiB" in came.stderr
