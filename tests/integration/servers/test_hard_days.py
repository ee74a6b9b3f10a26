"""Hard days: restarts under load, a clock that jumps, no descriptors left, no
memory to spare.

Nothing hangs, nobody is logged out, nothing that was acknowledged is lost, and
no answer goes to another request.
"""

import contextlib
import itertools
import os
import random
import resource
import signal
import socket
import threading
import time

import pytest

import fcgi
import gate as gates
import process
import taps
from outages import SAID, serves, SLACK, speak
from taps import LONG

pytestmark = pytest.mark.sanitized(1)


# restarts under load

class Supervisor:
    """Keeps a program on one listening socket, its descriptor 0, running."""

    def __init__(self, folder, settings):
        self.path = os.path.join(folder, "s.sock")
        self.log = os.path.join(folder, "sessgate.log")
        self.env = gates.environment(settings)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(self.path)
        self.sock.listen(256)
        self.starts = 0
        self.is_over = False
        self.child = None
        self.statuses = []
        self._spawn()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _spawn(self):
        self.child = process.Process(
            [gates.binary()], self.log, env=self.env, stdin=self.sock)
        self.starts += 1

    def _watch(self):
        while True:
            self.statuses.append(self.child.popen.wait())
            if self.is_over:
                return
            self._spawn()

    def has_started(self):
        """The child that runs now serves."""
        mark = f"sessgate[{self.child.pid}]: started"
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return mark in file.read()

    def end(self):
        self.is_over = True
        self.child.popen.terminate()
        self.thread.join(10)
        self.sock.close()
        with open(self.log, encoding="utf-8", errors="replace") as file:
            said = gates.SANITIZER_SAYS.search(file.read())
        assert not said


@pytest.fixture
def supervised(place, redis, mysql_server):
    """A supervisor; its program's links to both stores can be cut."""
    folder = place("v")
    with taps.Tap(redis.path, os.path.join(folder, "r.sock")) as redis_tap, \
            taps.Tap(mysql_server.path,
                     os.path.join(folder, "m.sock")) as sql_tap:
        # fifty people of one network log in at once, and links are cut
        supervisor = Supervisor(folder, {
            **gates.UNLIMITED, "redis.url": "unix://" + redis_tap.address,
            "mysql.url": mysql_server.url_through(sql_tap.address)})
        supervisor.taps = (redis_tap, sql_tap)
        yield supervisor
        supervisor.end()


# after a failure, as people pause: fifty threads that insist would leave the
# taps, which run beside them, no time, and then nothing answers in time
PAUSE = 0.1


class Client:
    """Logs in, asks who it is, logs out; believes what was acknowledged."""

    def __init__(self, address, user, number):
        self.gate = gates.Gate.__new__(gates.Gate)
        self.gate.address, self.gate.mount = address, "/sessgate"
        self.user, self.dice = user, random.Random(number)
        self.kept = None
        self.cookie = None  # acknowledged, and not logged out since
        self.ended = []  # acknowledged to be over
        self.counts = {"good": 0, "away": 0, "lost": 0}

    def hang_up(self):
        if self.kept is not None:
            self.kept.close()
        self.kept = None

    def ask(self, method, path, cookie=None, document=None):
        """An answer; None where the connection died before it was whole."""
        body = b"" if document is None else gates.json.dumps(document).encode()
        params = self.gate.params(method, path, cookie=cookie,
                                  CONTENT_LENGTH=str(len(body)))
        if body:
            params["CONTENT_TYPE"] = "application/json"
        keep = self.dice.random() < 0.7
        try:
            if self.kept is None:
                self.kept = self.gate.connect(timeout=20)
            answer = self.kept.ask(params, body, keep=keep)
        except (fcgi.Closed, ConnectionError, BrokenPipeError):
            self.counts["lost"] += 1
            self.hang_up()
            time.sleep(PAUSE)
            return None
        if not keep or self.dice.random() < 0.1:
            self.hang_up()
        if answer.status == 503:
            # a logout takes the cookie from the browser all the same
            assert len(answer.all("Set-Cookie")) == (path == "/logout")
            self.counts["away"] += 1
            time.sleep(PAUSE)
            return None
        self.counts["good"] += 1
        return answer

    def log_in(self):
        answer = self.ask("POST", "/login", document=self.user.login)
        if answer is not None:
            assert answer.status == 200, answer
            assert answer.json()["user"] == self.user.shown
            self.cookie = gates.Cookie(answer.header("Set-Cookie")).pair

    def look(self):
        path = self.dice.choice(("/auth", "/user/me", f"/user/{self.user.id}"))
        answer = self.ask("GET", path, self.cookie)
        if answer is not None:
            assert answer.status == 200, answer
            assert answer.json()["user"] == self.user.shown

    def log_out(self):
        cookie, self.cookie = self.cookie, None  # unknown until it is said
        answer = self.ask("POST", "/logout", cookie)
        if answer is not None:
            assert answer.status == 200, answer
            self.ended.append(cookie)

    def look_back(self):
        answer = self.ask("GET", "/auth", self.dice.choice(self.ended))
        if answer is not None:
            assert (answer.status, answer.code) == (403, "session_invalid")

    def step(self):
        if self.cookie is None:
            self.log_in()
        elif self.dice.random() < 0.05:
            self.log_out()
        elif self.ended and self.dice.random() < 0.2:
            self.look_back()
        else:
            self.look()


def under_load(supervisor, users, disturb, seconds, count=50):
    """Has clients ask while disturb() does its harm; the clients."""
    people = [users.add(name=f"Client {i}") for i in range(count)]
    clients = [Client(supervisor.path, user, i)
               for i, user in enumerate(people)]
    over, wrong = threading.Event(), []

    def run(client):
        try:
            while not over.is_set():
                client.step()
        except Exception as why:  # pylint: disable=broad-except
            wrong.append(why)
    threads = [threading.Thread(target=run, args=(c,)) for c in clients]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not wrong:
        disturb()
    over.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a client hangs"
    assert not wrong, wrong[0]
    return clients


def all_that_was_acknowledged_holds(clients):
    """After the storm: every session is good, every ended one is over."""
    for client in clients:
        client.hang_up()

        def answer(cookie, me=client):
            """Within two seconds there is one: the stores are back."""
            came = []
            assert process.until(lambda: came.append(
                me.ask("GET", "/auth", cookie)) or came[-1], 2 * SLACK)
            return came[-1]
        if client.cookie is not None:
            came = answer(client.cookie)
            assert came.status == 200
            assert came.json()["user"] == client.user.shown
        for old in client.ended:
            assert answer(old).code == "session_invalid"
        client.hang_up()
    return True


@pytest.mark.alone
def test_restarts_under_load_lose_nothing_that_was_acknowledged(
        supervised, users):
    """By TERM and by KILL in turn."""
    expected = []  # exit statuses

    def disturb():
        number = signal.SIGKILL if len(expected) % 2 else signal.SIGTERM
        expected.append(0 if number == signal.SIGTERM else -number)
        assert process.until(supervised.has_started, 5) is not None
        time.sleep(0.4)
        starts = supervised.starts
        supervised.child.popen.send_signal(number)
        assert process.until(
            lambda: supervised.starts > starts, 5) is not None
    clients = under_load(supervised, users, disturb, 60 if LONG else 6)
    assert supervised.starts >= 4
    good, lost = (sum(c.counts[k] for c in clients) for k in ("good", "lost"))
    assert good > 1000 / SLACK and lost < good / 5, (good, lost)
    assert all_that_was_acknowledged_holds(clients)
    assert supervised.statuses == expected


@pytest.mark.alone
def test_links_cut_under_load_mix_up_no_answers(supervised, users):
    def disturb():
        time.sleep(random.random() * 0.06)
        random.choice(supervised.taps).drop()
    clients = under_load(supervised, users, disturb, 30 if LONG else 3)
    good = sum(c.counts["good"] for c in clients)
    assert good > 500 / SLACK, [c.counts for c in clients]
    assert sum(c.counts["lost"] for c in clients) == 0
    assert supervised.starts == 1
    assert all_that_was_acknowledged_holds(clients)


@pytest.mark.alone
def test_all_at_once_under_load(supervised, users):
    """Restarts of both kinds, links cut, replies late or cut short."""
    def disturb():
        tap = random.choice(supervised.taps)
        random.choice((
            tap.drop, lambda: tap.jitter(0.03), lambda: tap.cut(20),
            tap.deliver, tap.black_hole,
            lambda: supervised.child.popen.send_signal(random.choice(
                (signal.SIGTERM, signal.SIGKILL)))))()
        time.sleep(random.random() * 0.15)
        for tap in supervised.taps:
            tap.deliver()
        time.sleep(0.05)
    clients = under_load(supervised, users, disturb, 60 if LONG else 3)
    for tap in supervised.taps:
        tap.deliver()
        tap.drop()
    assert sum(c.counts["good"] for c in clients) > 100 / SLACK
    time.sleep(1)
    assert all_that_was_acknowledged_holds(clients)


# the clock

def set_clock(path, words):
    """At once, not torn in the middle."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(words + "\n")
    os.rename(path + ".new", path)


def clockwork(clock):
    """The environment of a program that takes its time of day from a file."""
    sanitizer = os.environ.get("ASAN_OPTIONS", "")  # it wants to be first
    return {"LD_PRELOAD": process.faketime(), "FAKETIME_TIMESTAMP_FILE": clock,
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": sanitizer + ":verify_asan_link_order=0"}


@pytest.mark.parametrize("jump", ["+1d", "-1d", "+400d", "-400d"])
def test_a_clock_that_jumps_logs_nobody_out(
        start_gate, place, redis, users, jump):
    """The clock of this program alone: sessions live by that of Redis.

    In libfaketime each wait of a condition variable by the monotonic clock
    times out at once: what is answered 503 for that is asked again.
    """
    clock = os.path.join(place("f"), "clock")
    set_clock(clock, "+0")
    gate = start_gate(**clockwork(clock))
    numbers = itertools.count(1)

    def answered(ask):
        came = []
        assert gate.heals(
            lambda: came.append(ask()) or came[-1].status != 503), came
        return came[-1]

    def day():
        """The log's day, by a new address: lines come later than answers."""
        address = f"198.51.100.{next(numbers)}"

        def lines():
            with contextlib.suppress(AssertionError):
                speak(gate, address=address)
            return [line for line in gate.events(SAID) if address in line]
        assert gate.heals(lines)
        return lines()[-1].split("T")[0]

    def lives(cookie):
        answer = answered(lambda: gate.get("/auth", cookie))
        assert answer.status == 200
        session = answer.json()["session"]
        now = time.time() * 1000
        assert abs(session["createdAt"] - now) < 60_000
        assert abs(session["expiresAt"] - now - 604_800_000) < 60_000
        record = redis.client.ttl("sess:" + gates.hashed(
            cookie.partition("=")[2]))
        assert 604_700 < record <= 604_800
        return True

    first = users.add()
    assert answered(lambda: gate.post("/login", first.login)).status == 200
    today, cookie = day(), gate.log_in(first)
    assert lives(cookie)
    set_clock(clock, jump)
    assert day() != today  # it did jump
    assert lives(cookie)
    second = users.add()
    later = gate.log_in(second)
    assert lives(later)

    def ask_anew():
        redis.client.delete(f"user:{first.id}")
        return gate.get("/user/me", cookie)
    assert answered(ask_anew).message == "User fetched"
    assert 298 < redis.client.ttl(f"user:{first.id}") <= 300
    assert answered(lambda: gate.post(
        "/logout", cookie=gate.log_in(first))).status == 200
    set_clock(clock, "+0")
    assert day() == today
    assert lives(cookie) and lives(later)
    line, took = gates.timed(gate.get, "/auth", cookie)
    assert line.status in (200, 503) and took < 0.5 * SLACK


def test_the_clock_of_redis_decides_and_not_ours(
        start_gate, place, redis, users):
    """A record that is over by that clock is over, whatever we think."""
    clock = os.path.join(place("f"), "clock")
    set_clock(clock, "-30d")
    gate = start_gate(**clockwork(clock))
    user = users.add()
    assert gate.heals(lambda: gate.post("/login", user.login).status == 200)
    cookie = gate.log_in(user)
    key = "sess:" + gates.hashed(cookie.partition("=")[2])
    record = gates.json.loads(redis.client.get(key))
    record["expiresAt"] = int(time.time() * 1000) - 1000
    redis.client.set(key, gates.json.dumps(record), keepttl=True)
    assert gate.heals(lambda: gate.get("/auth", cookie).status == 403)


# descriptors

def settled_descriptors(gate):
    """The numbers of those that are open, when none comes or goes any more."""
    seen = [set(), {-1}]

    def are_settled():
        seen.append({int(n) for n in os.listdir(f"/proc/{gate.pid}/fd")})
        time.sleep(0.2)
        return seen[-1] == seen[-2] == seen[-3]
    assert gate.heals(are_settled)
    return seen[-1]


@pytest.mark.alone
def test_without_descriptors_it_waits_and_heals(
        start_gate, own_redis, alice):
    """None for clients, none for a link: 503 at worst, and nobody is out."""
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    was = resource.prlimit(gate.pid, resource.RLIMIT_NOFILE)
    with gate.connect() as kept, gate.connect() as other:
        ask = gate.params(path="/auth", cookie=cookie)
        for line in (kept, other):
            assert line.ask(ask, keep=True).status == 200
        taken = settled_descriptors(gate)
        # no hole is left below, which one after the other would go through
        room = min(set(range(len(taken) + 1)) - taken)
        resource.prlimit(gate.pid, resource.RLIMIT_NOFILE, (room, was[1]))
        try:
            crowd = [gate.connect(timeout=20) for _ in range(60)]
            for line in crowd:
                line.send(fcgi.request(ask))
            for line in (kept, other) * 5:  # a worker may lack a link
                answer, took = gates.timed(line.ask, ask, keep=True)
                assert answer.status in (200, 503) and took < 1 * SLACK
            with pytest.raises(socket.timeout):
                crowd[-1].sock.settimeout(0.3)
                crowd[-1].read_answer()
            crowd[-1].sock.settimeout(20)
            own_redis.client.execute_command("CLIENT", "KILL", "TYPE",
                                             "normal")
            for line in (kept, other) * 3:
                answer, took = gates.timed(line.ask, ask, keep=True)
                assert answer.status in (200, 503) and took < 1 * SLACK
        finally:
            resource.prlimit(gate.pid, resource.RLIMIT_NOFILE, was)
        for line in crowd:  # they waited, and are served now
            assert line.read_answer().status in (200, 503)
            line.close()
        assert gate.heals(
            lambda: kept.ask(ask, keep=True).status == 200)
    assert serves(gate, cookie)


# memory

def test_memory_is_the_same_after_thousands_of_requests(
        start_gate, mysql, redis, alice, rounds=50 if taps.LONG else 10):
    """400 a round; it grows by less than 160 bytes a request."""
    account = taps.Account(mysql, "memory_editor")
    try:
        gate = start_gate({**taps.PATIENT, "mysql.url": account.url()})
        cookie = gate.log_in(alice)
        wrong = gates.json.dumps({**alice.login, "password": "x"}).encode()
        change = gates.json.dumps({"name": "N" * 190}).encode()

        def params(method="GET", path="/auth", body=b"", **more):
            if body:
                more["CONTENT_TYPE"] = "application/json"
                more["CONTENT_LENGTH"] = str(len(body))
            return (gate.params(method, path, **more), body)
        batch = 96 * [params(cookie=cookie)] + [
            params(path="/user/me", cookie=cookie),
            params("PATCH", "/user/me", change, cookie=cookie),
            params("POST", "/login", wrong),
            params(path="/auth", cookie="x" * 50_000)]
        script = b"".join(fcgi.request(*one, keep=True) for one in batch)

        def ask(times):
            with gate.connect(timeout=20) as line:
                for _ in range(times):
                    sender = threading.Thread(target=line.send, args=(script,))
                    sender.start()
                    statuses = [line.read_answer().status for _ in batch]
                    sender.join()
                    assert statuses == 97 * [200] + [200, 401, 401], statuses

        def ask_on_all(times):
            threads = [threading.Thread(target=ask, args=(times,))
                       for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        ask_on_all(10)
        before = gate.memory()
        # a sanitizer looks for what is lost, at the end
        ask_on_all(rounds if "ASAN_OPTIONS" not in os.environ else 5)
        grown = gate.memory() - before
        if "ASAN_OPTIONS" not in os.environ:  # it keeps what was freed
            assert grown < 160 * 400 * rounds, grown
        assert gate.descriptors("") < 120
    finally:
        account.drop()
