"""One Redis, two programs: the Node application, and this one.

Sessions and cached users of either are good in the other, and a logout on
either side ends both.  Needs node with redis 4, express and cookie-parser:
Debian's node-redis, node-express and node-cookie-parser, or a folder with
npm's that NODE_PATH names.
"""

import http.client
import json
import os
import socket
import subprocess
from types import SimpleNamespace

import pytest

import gate as gates
import people
import process

pytestmark = pytest.mark.plain_build

NODE_PATH = os.pathsep.join(filter(None, [
    os.environ.get("NODE_PATH"), "/usr/share/nodejs", "/usr/lib/nodejs"]))
WEEK = 604800


class UnixHTTP(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class NodeApplication:
    """The running node_application.mjs."""

    def __init__(self, folder, redis, users):
        node = process.tool("node", "nodejs")
        env = {"PATH": process.PATH, "NODE_PATH": NODE_PATH}
        for package in ("redis", "express", "cookie-parser"):
            found = subprocess.run(
                [node, "-e", f"require('{package}')"], env=env, check=False,
                stdin=subprocess.DEVNULL, capture_output=True)
            if found.returncode != 0:
                process.lacking(f"node's package {package}")
        self.path = os.path.join(folder, "n.sock")
        env.update(REDIS_SOCKET=redis.path, LISTEN=self.path,
                   USERS=json.dumps({user.id: user.shown for user in users}))
        self.process = process.Process(
            [node, os.path.join(gates.HERE, "node_application.mjs")],
            os.path.join(folder, "node.log"), env=env)
        self.process.await_ready(lambda: process.can_connect(self.path), 20)

    def ask(self, method, path, cookie=None):
        line = UnixHTTP(self.path)
        headers = {"Cookie": cookie} if cookie else {}
        line.request(method, path, headers=headers)
        response = line.getresponse()
        text = response.read().decode()
        line.close()
        return SimpleNamespace(
            status=response.status, text=text, message=json.loads(text)
            ["message"], document=json.loads(text),
            cookie=response.getheader("Set-Cookie"))

    def log_in(self, user):
        answer = self.ask("POST", "/login/" + user.id)
        return gates.Cookie(answer.cookie).pair


@pytest.fixture(scope="module")
def bob(mysql_server):
    """One user, who is in MySQL and in the table of the Node program."""
    users = people.Users(mysql_server)
    yield users.add(name="Bób")
    users.forget()


@pytest.fixture(scope="module")
def node(place, redis_server, bob):
    application = NodeApplication(place("n"), redis_server, [bob])
    yield application
    application.process.stop()


@pytest.fixture
def gate(module_gate, redis):
    return module_gate({"session.key": "plain"})


def test_its_sessions_are_accepted_here(gate, node, redis, bob):
    cookie = node.log_in(bob)
    answer = gate.get("/auth", cookie)
    assert answer.status == 200
    assert answer.json()["user"] == bob.shown
    session = answer.json()["session"]
    assert abs(session["expiresAt"] - session["createdAt"]
               - WEEK * 1000) < 5000


def test_our_sessions_are_accepted_there(gate, node, bob):
    answer = node.ask("GET", "/auth", gate.log_in(bob))
    assert (answer.status, answer.document) == (
        200, {"message": "Authenticated", "user": bob.shown})


@pytest.mark.parametrize("ours", [True, False])
def test_a_logout_here_ends_both(gate, node, bob, ours):
    cookie = gate.log_in(bob) if ours else node.log_in(bob)
    assert gate.post("/logout", cookie=cookie).status == 200
    there = node.ask("GET", "/auth", cookie)
    here = gate.get("/auth", cookie)
    assert (there.status, there.message) == (
        here.status, here.message) == (403, "Invalid or expired session")


@pytest.mark.parametrize("ours", [True, False])
def test_a_logout_there_ends_both(gate, node, bob, ours):
    cookie = gate.log_in(bob) if ours else node.log_in(bob)
    assert node.ask("POST", "/logout", cookie).status == 200
    assert gate.get("/auth", cookie).status == 403
    assert node.ask("GET", "/auth", cookie).status == 403


def test_its_cached_users_are_used_here(gate, node, bob):
    cookie = node.log_in(bob)
    assert node.ask("GET", "/user/" + bob.id).message == "User fetched"
    answer = gate.get("/user/" + bob.id, cookie)
    assert answer.json() == {
        "message": "User fetched (cache)", "user": bob.shown}


def test_our_cached_users_are_used_there(gate, node, bob):
    cookie = gate.log_in(bob)
    assert gate.get("/user/me", cookie).message == "User fetched"
    assert node.ask("GET", "/user/" + bob.id).document == {
        "message": "User fetched (cache)", "user": bob.shown}


def test_both_write_the_same_cached_row(gate, node, redis, bob):
    node.ask("GET", "/user/" + bob.id)
    theirs = redis.client.get("user:" + bob.id)
    redis.client.delete("user:" + bob.id)
    gate.get("/user/me", gate.log_in(bob))
    assert redis.client.get("user:" + bob.id) == theirs


@pytest.mark.parametrize("cookie", [
    None, "SESSION-TOKEN=", "SESSION-TOKEN=" + "a" * 43, "other=x",
    'SESSION-TOKEN="%s"' % ("a" * 43)])
def test_both_refuse_alike(gate, node, cookie):
    here, there = gate.get("/auth", cookie), node.ask("GET", "/auth", cookie)
    assert (here.status, here.text) == (there.status, there.text)


@pytest.mark.parametrize("form", [
    "SESSION-TOKEN={t}", "a=b; SESSION-TOKEN={t}", 'SESSION-TOKEN="{t}"',
    "SESSION-TOKEN={t}; SESSION-TOKEN=" + "b" * 43,
    "SESSION-TOKEN=" + "b" * 43 + "; SESSION-TOKEN={t}",
    "SESSION-TOKEN={e}", " SESSION-TOKEN = {t} ", "session-token={t}"])
def test_both_read_a_cookie_alike(gate, node, bob, form):
    token = node.log_in(bob).partition("=")[2]
    cookie = form.format(t=token, e=f"%{ord(token[0]):02X}{token[1:]}")
    here, there = gate.get("/auth", cookie), node.ask("GET", "/auth", cookie)
    assert (here.status, here.message) == (there.status, there.message)


def test_logout_says_the_same_and_expires_the_same_cookie(gate, node, bob):
    here = gate.post("/logout", cookie=gate.log_in(bob))
    there = node.ask("POST", "/logout", node.log_in(bob))
    assert (here.status, here.text) == (there.status, there.text)
    ours = gates.Cookie(here.header("Set-Cookie"))
    theirs = gates.Cookie(there.cookie)
    assert ours.pair == theirs.pair == "SESSION-TOKEN="
    assert set(theirs.attributes) <= set(ours.attributes)
    for answer in (gate.post("/logout"), node.ask("POST", "/logout")):
        assert answer.status == 200
