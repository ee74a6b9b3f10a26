"""Many at once: a storm of logins, a cold start, and the checks beside them."""

import json
import statistics
import threading

import pytest

import fcgi
import gate as gates
import people
import process
from process import SLACK

pytestmark = pytest.mark.alone

MIB = 1 << 20
ARGON2_MIB = 64  # of the hashes below, each while it is checked
CLIENTS = 500
COLD = 256


def send_all(gate, requests):
    """The connections, each with its request sent and nothing read yet."""
    lines = []
    for data in requests:
        lines.append(gate.connect(timeout=30))
        lines[-1].send(data)
    return lines


def answers(lines):
    """Theirs, in turn; every connection is closed."""
    for line in lines:
        with line:
            yield line.read_answer()


class Beside:
    """Checks of a session in a thread of their own, until the block ends."""

    def __init__(self, gate, cookie):
        self.gate, self.cookie = gate, cookie
        self.statuses, self.times, self.memory = set(), [], 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.is_over.is_set():
            answer, took = gates.timed(self.gate.get, "/auth", self.cookie)
            self.statuses.add(answer.status)
            self.times.append(took)
            self.memory = max(self.memory, self.gate.memory())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join(30)


def login_request(gate, user):
    body = json.dumps(user.login).encode()
    return fcgi.request(gate.params(
        "POST", "/login", CONTENT_TYPE="application/json",
        CONTENT_LENGTH=str(len(body))), body)


def test_500_logins_at_once_are_bounded_and_hinder_no_check(
        start_gate, users):
    """A hash takes 64 MiB: there are as many at a time as threads for them."""
    threads = 2
    gate = start_gate({"login.hash_threads": threads,
                       "server.connections": 600})
    user = users.add(hashed=people.ARGON2ID_OF_PHP)
    cookie = gate.log_in(user)
    quiet = gate.memory()
    with Beside(gate, cookie) as checks:
        came = [answer.status for answer in answers(send_all(
            gate, [login_request(gate, user)] * CLIENTS))]
    assert set(came) <= {200, 503} and came.count(200) > 0
    assert checks.statuses == {200}
    assert statistics.median(checks.times) < 0.1 * SLACK, checks.times
    bound = (threads * ARGON2_MIB + 96) * MIB
    if SLACK == 1:  # sanitizers keep what was freed
        assert checks.memory - quiet < bound, (checks.memory, quiet)
    assert process.until(
        lambda: gate.post("/login", user.login).status == 200, 10)


def test_256_logins_at_once_with_cheap_hashes_all_succeed(start_gate, users):
    gate = start_gate({"login.formats": "bcrypt"})
    stored = people.bcrypt()
    requests = [login_request(gate, users.add(hashed=stored))
                for _ in range(COLD)]
    statuses = [answer.status for answer in answers(send_all(gate, requests))]
    assert statuses == [200] * COLD


@pytest.fixture
def crowd(users, redis):
    """Sessions of as many users, of whom nothing is known in Redis."""
    stored = people.bcrypt()
    cookies = []
    for number in range(COLD):
        user = users.add(hashed=stored)
        token = f"cold-start-of-user-{number:05}"
        redis.client.set("sess:" + token, json.dumps(
            {"userId": str(user.id), "createdAt": 1795478538908}), ex=600)
        cookies.append(f"SESSION-TOKEN={token}")
    return cookies


def test_a_cold_start_with_256_clients_queues_and_fails_nobody(
        start_gate, users, crowd):
    gate = start_gate({"session.key": "plain"})
    cookie = gate.log_in(users.add())
    assert gate.get("/auth", cookie).status == 200
    with Beside(gate, cookie) as checks:
        came = list(answers(send_all(gate, [
            fcgi.request(gate.params("GET", "/user/me", cookie=one))
            for one in crowd])))
    assert [answer.status for answer in came] == [200] * COLD
    assert {answer.json()["message"] for answer in came} == {"User fetched"}
    assert checks.statuses == {200}
    assert statistics.median(checks.times) < 0.1 * SLACK, checks.times
