"""Through real web servers: one story, told by HTTP alone."""

import http.client
import json
import os

import pytest

import gate as gates
import stack

pytestmark = pytest.mark.plain_build

MOUNT = "/sessgate"


class Browser:
    """Asks a web server and keeps one cookie."""

    def __init__(self, port):
        self.port, self.cookie = port, None

    def ask(self, method, path, document=None, body=None, **headers):
        if document is not None:
            body = json.dumps(document).encode()
            headers["Content-Type"] = "application/json"
        if self.cookie:
            headers["Cookie"] = self.cookie
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request(method, MOUNT + path, body, headers)
            response = line.getresponse()
            response.text = response.read().decode()
        finally:
            line.close()
        if response.getheader("Set-Cookie"):
            self.cookie = gates.Cookie(response.getheader("Set-Cookie")).pair
        return response


@pytest.fixture(params=["lighttpd", "lighttpd bin-path", "apache"])
def browser(request, start_gate, place, stores, redis):
    """A browser in front of each server; lighttpd's app by spawn-fcgi."""
    folder = place("w")
    if request.param == "lighttpd bin-path":
        env = gates.environment(stores)
        for name in ("PATH", "LANG"):
            env.pop(name)
        web = stack.Lighttpd(folder, os.path.join(folder, "app"),
                             binary=gates.binary(), environment=env)
    else:
        gate = start_gate(
            {"log.target": "file:" + os.path.join(folder, "app.log")},
            how="spawn-fcgi")
        kind = stack.Apache if request.param == "apache" else stack.Lighttpd
        web = kind(folder, gate.path)
    yield Browser(web.port)
    web.stop()


def test_the_whole_story(browser, alice):
    """Log in, be checked, be looked up twice, log out, be refused."""
    came = browser.ask("POST", "/login", alice.login)
    assert (came.status, json.loads(came.text)["message"]) == (
        200, "Logged in successfully")
    assert browser.cookie.startswith(gates.SECURE_COOKIE + "=")
    token = browser.cookie
    assert json.loads(browser.ask("GET", "/user/42").text) == {
        "message": "User fetched", "user": alice.shown}
    assert json.loads(browser.ask("GET", "/user/me").text) == {
        "message": "User fetched (cache)", "user": alice.shown}
    came = browser.ask("GET", "/auth")
    assert (came.status, json.loads(came.text)["user"]) == (200, alice.shown)
    came = browser.ask("POST", "/logout", body=b"")
    assert (came.status, came.text) == (
        200, '{"message":"Logged out successfully"}')
    assert browser.cookie == gates.SECURE_COOKIE + "="
    browser.cookie = token
    came = browser.ask("GET", "/auth")
    assert (came.status, came.text) == (
        403, '{"message":"Invalid or expired session"}')
    assert came.getheader("X-Sessgate-Code") == "session_invalid"
    assert came.getheader("Content-Type") == "application/json; charset=utf-8"
    assert came.getheader("Cache-Control") == "no-store"


def test_refusals_keep_their_status_and_body(browser, alice):
    for method, path, status in (
            ("GET", "/auth", 401), ("GET", "/nowhere", 404),
            ("PUT", "/auth", 405), ("GET", "/healthz", 404)):
        came = browser.ask(method, path)
        assert came.status == status
        assert json.loads(came.text)["message"]
    assert "GET" in browser.ask("OPTIONS", "/auth").getheader("Allow")
    came = browser.ask("HEAD", "/auth")
    assert (came.status, came.text) == (401, "")


@pytest.mark.parametrize("size", [65537, 300_000, 5_000_000])
def test_a_large_body_is_413_and_the_answer_arrives(browser, size):
    for _ in range(5):
        came = browser.ask("POST", "/login", body=b" " * size,
                           **{"Content-Type": "application/json"})
        assert (came.status, came.text) == (
            413, '{"message":"Request body too large"}')


@pytest.mark.parametrize("target,status", [
    ("/user/%34%32", 200), ("/user/1%0a", 404), ("/user/01", 404),
    ("/user/+1", 404), ("/user/1%00", 400), ("/auth?x=1", 200),
    ("/%61uth", 200)])
def test_targets_as_the_servers_decode_them(browser, alice, target, status):
    browser.ask("POST", "/login", alice.login)
    came = browser.ask("GET", target)
    # Apache answers 404 to %00, and 403 or 400 to a newline, by itself
    assert came.status == status or (
        status >= 400 and 400 <= came.status < 405)


@pytest.mark.parametrize("kind", [stack.Lighttpd, stack.Apache])
def test_a_program_that_is_away_is_never_200(
        start_gate, ended, place, alice, kind):
    gate = start_gate(mode="0666")
    web = kind(place("w"), gate.path)
    try:
        browser = Browser(web.port)
        assert browser.ask("POST", "/login", alice.login).status == 200
        gate.tell(15)
        ended(gate)
        assert browser.ask("GET", "/auth").status >= 500
    finally:
        web.stop()
