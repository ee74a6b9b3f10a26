"""The pages over FastCGI: who is shown what, and whose template it is."""

import base64
import hashlib
import html
import os
import re
import urllib.parse

import pytest

import gate as gates
import stack
from saying import says_no

FORM = "application/x-www-form-urlencoded"
BUILT_IN = os.path.join(stack.TOP, "etc", "login.html")


def fill(**fields):
    return urllib.parse.urlencode(fields).encode()


def fields_of(answer):
    """The fields of the page's form: name -> [values]."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", answer.text):
        name = re.search(r' name="(\w+)"', tag)[1]
        value = re.search(r' value="([^"]*)"', tag)
        found.setdefault(name, []).append(
            html.unescape(value[1]) if value else None)
    return found


def policy(answer):
    line = answer.header("Content-Security-Policy")
    return dict(rule.split(" ", 1) for rule in line.split("; "))


# contents

def test_the_form_asks_for_what_post_login_reads(gate):
    answer = gate.get("/login", QUERY_STRING="next=%2Fa%3Fb%3D1%26c%3D%2520")
    assert answer.status == 200
    assert fields_of(answer) == {
        "next": ["/a?b=1&c=%20"], "email": [""], "password": [None],
        "remember": ["1", "0"]}
    assert '<form method="post" action="">' in answer.text


@pytest.mark.parametrize("mount", ["", "/a/b"])
def test_the_buttons_go_to_the_mount(module_gate, redis, alice, mount):
    gate = module_gate({"server.mount": mount})
    assert f'action="{mount}/logout"' in gate.get(
        "/login", gate.log_in(alice)).text
    assert f'action="{mount}/logout"' in gate.get("/logout").text


def test_a_session_of_the_node_application_is_shown_by_its_mail_address(
        module_gate, redis, alice):
    gate = module_gate({"session.key": "plain"})
    token = "t" * 24
    redis.client.set(f"sess:{token}", '{"userId":"42","createdAt":1}', ex=99)
    answer = gate.get("/login", f"{gates.PLAIN_COOKIE}={token}")
    assert alice.email in answer.text


def test_while_redis_is_away_nobody_is_told_to_log_in(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.kill()
    answer = gate.get("/login", cookie, QUERY_STRING="next=/a%3Fb")
    assert (answer.status, answer.code) == (503, "redis_unavailable")
    assert answer.header("Retry-After") == "1"
    assert "<form" not in answer.text and not answer.all("Set-Cookie")
    assert 'href="/sessgate/login?next=%2Fa%3Fb"' in answer.text
    assert gate.get("/login").status == 200
    assert gate.get("/logout", cookie).status == 200


def test_who_guessed_too_often_is_told_how_long_to_wait(start_gate, alice):
    gate = start_gate({"login.limit_pair": "1/600"})
    for status in (401, 429):
        answer = gate.ask(
            "POST", "/login", content_type=FORM,
            HTTP_SEC_FETCH_SITE="same-origin",
            body=fill(email=alice.email, password="wrong", next="/a"))
        assert answer.status == status
        assert fields_of(answer)["next"] == ["/a"]
    assert int(answer.header("Retry-After")) <= 600
    assert "Too many wrong passwords." in answer.text
    assert "in about 10 min." in answer.text


def test_a_page_to_log_out_ends_nothing(gate, alice):
    cookie = gate.log_in(alice)
    for method in ("GET", "HEAD"):
        answer = gate.ask(method, "/logout", cookie=cookie)
        assert answer.status == 200 and not answer.all("Set-Cookie")
    assert gate.get("/auth", cookie).status == 200


def test_the_longest_input_still_gets_a_page(gate):
    target = "/" + "'" * 2047
    answer = gate.ask(
        "POST", "/login", content_type=FORM, HTTP_SEC_FETCH_SITE="same-origin",
        body=fill(email="'" * 256, password="x", next=target))
    assert (answer.status, answer.code) == (401, "login_failed")
    assert fields_of(answer)["next"] == [target]
    assert fields_of(answer)["email"] == ["'" * 256]


# forms that pass: the headers of browsers over the years

OWN = [
    {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_SEC_FETCH_MODE": "navigate",
     "HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_USER": "?1",
     "HTTP_ORIGIN": "https://www.example.org"},
    {"HTTP_ORIGIN": "https://www.example.org",
     "HTTP_REFERER": "https://www.example.org/sessgate/login"},
    {"HTTP_ORIGIN": "https://www.example.org"},
    # Chromium, where the referrer policy of a site says no-referrer
    {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "null"}]
FOREIGN = [
    {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate",
     "HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_SEC_FETCH_SITE": "same-site",
     "HTTP_ORIGIN": "https://shop.example.org"},
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "https://shop.example.org"},
    {"HTTP_ORIGIN": "https://www.example.org.evil.example"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "null"},
    {"HTTP_REFERER": "https://evil.example/"},
    {"HTTP_REFERER": "https://www.example.org/sessgate/login"},
    {}]


@pytest.mark.parametrize("headers", OWN)
def test_the_pages_own_forms_pass(gate, alice, headers):
    answer = gate.ask("POST", "/login", body=fill(**alice.login),
                      content_type=FORM, **headers)
    assert answer.status == 303
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    answer = gate.ask("POST", "/logout", cookie=cookie, content_type=FORM,
                      **headers)
    assert (answer.status, answer.header("Location")) == (
        303, "/sessgate/login")
    assert gate.get("/auth", cookie).status == 403


@pytest.mark.parametrize("headers", FOREIGN)
def test_nobody_elses_forms_log_in_or_out(gate, redis, alice, headers):
    cookie = gate.log_in(alice)
    before = redis.client.keys("sess:*")
    for path, body in (("/login", fill(next="/mallory", **alice.login)),
                       ("/logout", b"")):
        answer = gate.ask("POST", path, body=body, cookie=cookie,
                          content_type=FORM, **headers)
        assert (answer.status, answer.code) == (403, "cross_site")
        assert not answer.all("Set-Cookie")
        for word in (alice.email, "mallory", "<form"):
            assert word not in answer.text
    assert redis.client.keys("sess:*") == before
    assert gate.get("/auth", cookie).status == 200


# the template

def test_the_built_in_one_is_the_file_in_etc(start_gate, gate):
    with open(BUILT_IN, encoding="utf-8") as file:
        styles = re.findall(r"<style>(.*?)</style>", file.read(), re.S)
    named = start_gate({"login.page": BUILT_IN})
    for path in ("/login", "/logout"):
        assert named.get(path).text == gate.get(path).text
    digests = [hashlib.sha256(style.encode()).digest() for style in styles]
    assert policy(gate.get("/login")) == {
        "default-src": "'none'", "form-action": "'self'",
        "frame-ancestors": "'none'", "base-uri": "'none'",
        "style-src": " ".join(
            f"'sha256-{base64.b64encode(digest).decode()}'"
            for digest in digests)}


def test_words_are_ones_own(start_gate, template, alice):
    gate = start_gate({"login.page": template(
        "{{#login}}Anmelden{{#login_failed}}: falsch{{/login_failed}}"
        "{{/login}}{{#user}}Hallo {{user}}{{/user}}{{^message}}.{{/message}}")})
    assert gate.get("/login").text == "Anmelden."
    assert gate.get("/login", gate.log_in(alice)).text == (
        f"Hallo {alice.email}.")
    answer = gate.ask("POST", "/login", body=b"email=a&password=b",
                      content_type=FORM, HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.text) == (401, "Anmelden: falsch")
    assert "style-src" not in policy(answer)


@pytest.mark.parametrize("text,error", [
    ("\n\n<p>{{emial}}</p>", ":3: there is no {{emial}}"),
    ("{{#login}}\n", ":1: a section has no end: {{/login}}"),
    ("<style>a{}\n</style><style>b{{next}}</style>",
     ":2: there can be no {{ within a <style>"),
    ("x" * 65537, ": is longer than 64 KiB"),
    ("{{next}}" * 5, ": a page could become longer than 56 KiB: name long "
     "values, next and again, less often, and say less of a session"),
    ("<style></style>" * 17, ": has more than 16 <style>"),
    ("a\x00", ":1: a control character, or no UTF-8")])
@pytest.mark.parametrize("args", [["--check-config"],
                                  ["--listen", "unix:/nowhere/s.sock"]])
def test_a_bad_template_is_told_at_the_start(
        stores, template, args, text, error):
    path = template(text)
    came = gates.run(*args, settings={**stores, "login.page": path})
    assert came.returncode == 78
    assert path + error in came.stderr.splitlines()


def test_a_template_that_is_not_there_is_told(stores):
    for args in (["--check-config"], ["--listen", "unix:/nowhere/s.sock"]):
        came = gates.run(
            *args, settings={**stores, "login.page": "/nowhere/page.html"})
        assert came.returncode == 78
        assert "/nowhere/page.html: No such file or directory" in came.stderr


def test_other_refusals_stay_json(gate):
    says_no(gate.ask("PUT", "/login"), 405, "Method not allowed",
            "method_not_allowed")
    says_no(gate.get("/nowhere"), 404, "Not found", "not_found")
