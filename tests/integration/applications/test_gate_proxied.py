"""An application behind the gate of nginx and of Apache, in both ways.

WebSockets, events as they come, who the client is, and who the user is.
"""

import os
import socket
import sys
import time

import pytest

import gate as gates
import process
import sites
import stack
from sites import FOLDER

pytestmark = pytest.mark.plain_build

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "websocket"),
           ("Sec-WebSocket-Version", "13"),
           ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]


class Application(stack.Server):
    def __init__(self, folder):
        os.mkdir(folder)
        self.folder, self.port = folder, process.free_port()
        self.start()

    def launch(self):
        self.process = process.Process(
            [sys.executable, "-B", os.path.join(gates.HERE, "application.py"),
             str(self.port)], os.path.join(self.folder, "application.log"))
        self.process.await_ready(
            lambda: process.can_connect(("127.0.0.1", self.port)))


def own(kind):
    class Own(kind):
        def printed(self, name):
            if self.application is None:
                self.application = Application(
                    os.path.join(self.folder, "app"))
                self.more["backend"] = f"127.0.0.1:{self.application.port}"
            return super().printed(name)
    return Own


KINDS = {"nginx": own(sites.NginxProxy), "apache": own(sites.ApacheProxy),
         "apache-module": own(sites.ApacheModuleProxy)}


@pytest.fixture(scope="module", params=KINDS)
def site(request, place, stores):
    made = KINDS[request.param](
        place("w"), {**stores, "log.target": "stderr"})
    yield made
    made.close()


@pytest.fixture
def visitor(site, redis):
    return sites.Visitor(site.port)


def headers_of(visitor, path, headers=()):
    """By name in small letters; of one that came twice, both."""
    came = visitor.ask("GET", path, headers=list(headers))
    assert came.status == 200, came
    found = {}
    for name, value in gates.json.loads(came.text):
        found.setdefault(name.lower(), []).append(value)
    return found


class WebSocket:
    """A client of RFC 6455 that knows short texts."""

    def __init__(self, site, path, cookie=None, headers=()):
        self.sock = socket.create_connection(
            ("127.0.0.1", site.port), 10 * process.SLACK)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{site.port}"]
        lines += [f"{name}: {value}" for name, value in (*UPGRADE, *headers)]
        if cookie:
            lines.append(f"Cookie: {cookie}")
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = self.sock.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = []
        while (line := self.file.readline().strip()):
            self.headers.append(line.decode().lower())

    def say(self, text):
        self.sock.sendall(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" +
                          text.encode())

    def hear(self):
        """A text, the code of a close, or None at the end."""
        head = self.file.read(2)
        if len(head) < 2:
            return None
        data = self.file.read(head[1])
        return int.from_bytes(data[:2], "big") if head[0] & 15 == 8 else (
            data.decode())

    def close(self):
        self.file.close()
        self.sock.close()


def test_a_websocket_is_one(site, visitor, alice):
    cookie = visitor.log_in(alice)
    line = WebSocket(site, FOLDER + "socket", cookie)
    assert line.status == 101
    assert "upgrade: websocket" in line.headers
    assert line.hear() == alice.email
    for text in ("one", "two"):
        line.say(text)
        assert line.hear() == text
    line.close()


def test_a_websocket_without_a_session_is_none(site, redis):
    for cookie in (None, gates.SECURE_COOKIE + "=" + "a" * 43):
        line = WebSocket(site, FOLDER + "socket", cookie)
        assert line.status == 401
        line.close()
    line = WebSocket(site, "/open/socket")  # nobody, where no login is asked
    assert (line.status, line.hear()) == (101, "")
    line.close()


def test_a_forged_user_of_a_websocket_is_none(site, visitor, alice):
    forged = [("X-Sessgate-User", "root")]
    line = WebSocket(site, "/open/socket", headers=forged)
    assert (line.status, line.hear()) == (101, "")
    line.close()
    cookie = visitor.log_in(alice)
    line = WebSocket(site, FOLDER + "socket", cookie, forged)
    assert line.hear() == alice.email
    line.close()


def test_an_application_can_end_a_websocket_with_the_session(
        place, stores, redis, alice):
    """By the seconds that it was told; the gate is not asked again."""
    site = KINDS["nginx"](place("w"), {
        **stores, "log.target": "stderr", "session.life": "2s",
        "session.short": "2s"})
    try:
        cookie = sites.Visitor(site.port).log_in(alice)
        line = WebSocket(site, FOLDER + "socket", cookie)
        assert line.hear() == alice.email
        begin = time.monotonic()
        assert line.hear() == 1008
        assert time.monotonic() - begin < 4 * process.SLACK
        line.close()
    finally:
        site.close()


def test_events_come_as_they_are_sent(site, visitor, alice):
    cookie = visitor.log_in(alice)
    with socket.create_connection(("127.0.0.1", site.port), 10) as sock:
        sock.sendall(f"GET {FOLDER}events HTTP/1.1\r\nHost: localhost\r\n"
                     f"Cookie: {cookie}\r\n\r\n".encode())
        file = sock.makefile("rb")
        seen, begin = [], time.monotonic()
        while len(seen) < 2:
            line = file.readline()
            assert line
            if line.startswith(b"data:"):
                seen.append(time.monotonic() - begin)
    assert seen[1] - seen[0] > 1, "both came at once"


def test_the_client_is_who_the_server_saw(site, visitor, alice):
    visitor.log_in(alice)
    forged = [(name, "192.0.2.9") for name in (
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Server",
        "Forwarded", "X-Real-IP")]
    forged.append(("X-Forwarded-Proto", "https"))
    for path in (FOLDER + "who", "/who"):
        headers = headers_of(visitor, path, forged)
        assert headers["x-forwarded-for"] == ["127.0.0.1"]
        assert headers["x-forwarded-proto"] == ["http"]
        assert headers["x-forwarded-host"] == [f"127.0.0.1:{site.port}"]
        assert headers["host"] == [f"127.0.0.1:{site.port}"]
        for name in ("forwarded", "x-real-ip", "x-forwarded-server"):
            assert "192.0.2.9" not in headers.get(name, [])


def test_a_client_cannot_take_a_header_out_by_its_connection(
        site, visitor, alice):
    visitor.log_in(alice)
    headers = headers_of(visitor, FOLDER + "who", [
        ("Connection", "close, X-Sessgate-User, X-Sessgate-User-Id")])
    assert headers["x-sessgate-user"] == [alice.email]
    assert headers["x-sessgate-user-id"] == [alice.id]


@pytest.mark.parametrize("name", [
    "X_Sessgate_User", "x-sessgate_user", "X_Sessgate-User", "X.Sessgate.User",
    "X-Sessgate_User_Id", "X_SESSGATE_ROLES"])
@pytest.mark.parametrize("path", [FOLDER + "who", "/who"])
def test_no_other_spelling_of_the_name_reaches_the_application(
        site, visitor, alice, path, name):
    """Many frameworks read X_Sessgate_User as X-Sessgate-User."""
    visitor.log_in(alice)
    came = visitor.ask("GET", path, headers=[(name, "root")])
    assert "root" not in came.text
    assert came.status in (200, 400, 403)


def test_a_clients_authorization_is_dropped_behind_the_gate(
        site, visitor, alice):
    visitor.log_in(alice)
    basic = [("Authorization", "Basic YWRtaW46eA==")]
    assert "authorization" not in headers_of(visitor, FOLDER + "who", basic)
    assert headers_of(visitor, "/who", basic)["authorization"] == [basic[0][1]]


def test_a_refusal_of_the_application_reaches_the_browser(
        visitor, alice):
    visitor.log_in(alice)
    came = visitor.ask("GET", FOLDER + "own401", headers=sites.NAVIGATION)
    assert (came.status, came.text) == (401, "own")
