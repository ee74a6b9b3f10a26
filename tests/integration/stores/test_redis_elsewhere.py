"""A fail-over with the old primary alive: the right server is found by itself.

Two real servers; a name (here the path of a socket, or a name with several
addresses) leads to one of them, then to the other.
"""

import contextlib
import os
import shutil
import socket
import statistics
import threading
import time

import pytest

import faults
import gate as gates
import process
import stack
import taps
from hits import Session, becomes_hot, clients, key_of
from outages import SLACK, UNKNOWN, answers, is_down, is_unready, logs_in

NO_CACHE = {"cache.memory": 0, "ops.access": "192.0.2.7"}


class Pair:
    """A primary and its replica, and a path that leads to the primary."""

    def __init__(self, place):
        self.old = stack.Redis(place("r"), tcp=True)
        self.new = stack.Redis(place("r"), tcp=True)
        self.name = os.path.join(place("n"), "redis.sock")
        os.symlink(self.old.path, self.name)
        self.follow(self.new, self.old)

    @property
    def url(self):
        return "unix://" + self.name

    @staticmethod
    def follow(replica, primary):
        replica.client.execute_command(
            "REPLICAOF", "127.0.0.1", str(primary.port))
        assert process.until(lambda: replica.client.info("replication")[
            "master_link_status"] == "up", 10) is not None

    def promote(self, *, is_cut_off=False):
        """The old one follows the new one, or nobody that is there."""
        assert process.until(self._is_replicated, 10) is not None
        self.new.client.execute_command("REPLICAOF", "NO", "ONE")
        if is_cut_off:
            self.old.client.execute_command(
                "REPLICAOF", "127.0.0.1", str(process.free_port()))
        else:
            self.old.client.execute_command(
                "REPLICAOF", "127.0.0.1", str(self.new.port))

    def _is_replicated(self):
        new, old = (server.client.info("replication")
                    for server in (self.new, self.old))
        return new["slave_repl_offset"] == old["master_repl_offset"]

    def rename(self):
        other = self.name + ".new"
        os.symlink(self.new.path, other)
        os.rename(other, self.name)

    def kill(self):
        self.old.kill()
        self.new.kill()


@pytest.fixture
def pair(place):
    made = Pair(place)
    yield made
    made.kill()


@pytest.fixture(params=["cached", "uncached"])
def gate(request, start_gate, pair):
    return start_gate({"redis.url": pair.url, "ops.access": "192.0.2.7",
                       **(NO_CACHE if request.param == "uncached" else {})})


@pytest.mark.sanitized(1)
def test_the_first_write_after_a_fail_over_succeeds(gate, pair, alice):
    cookie = gate.log_in(alice)
    for _ in range(20):
        gate.get("/auth", cookie)
    pair.promote()
    pair.rename()
    answer, took = gates.timed(gate.post, "/login", alice.login)
    assert answer.status == 200
    assert took < 1 * SLACK
    assert gate.get("/auth", cookie).status == 200
    assert gate.get("/readyz").status == 200
    assert not gate.events("redis lost")
    assert gate.post("/logout", cookie=cookie).status == 200
    assert pair.new.client.exists(key_of(cookie)) == 0


@pytest.mark.sanitized(1)
def test_a_name_that_follows_late_is_waited_for(gate, pair, alice):
    gate.log_in(alice)
    later = threading.Timer(0.06, pair.rename)
    pair.promote()
    later.start()
    assert gate.post("/login", alice.login).status == 200


@pytest.mark.sanitized(1)
def test_where_there_is_no_primary_writes_are_refused_and_reads_go_on(
        gate, pair, alice):
    """A replica that hears of its primary is as good for reading."""
    cookie = gate.log_in(alice)
    pair.promote()
    is_down(gate.post("/login", alice.login), "redis_unavailable")
    assert process.until(lambda: pair.old.client.info("replication")[
        "master_link_status"] == "up", 10) is not None
    time.sleep(2.5)
    for _ in range(10):
        assert gate.get("/auth", cookie).status == 200
    answer, took = gates.timed(gate.post, "/login", alice.login)
    is_down(answer, "redis_unavailable")
    assert took < 0.15 * SLACK
    is_unready(gate, "redis_unavailable")
    assert len(gate.events("redis doubted")) == 1
    pair.rename()
    assert gate.heals(logs_in(gate, alice))
    assert gate.heals(lambda: len(gate.events("redis moved")) == 1)


@pytest.mark.sanitized(1)
def test_one_who_only_reads_follows_too(gate, pair, start_gate, alice):
    """A session that was ended on the new primary is over everywhere."""
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    pair.promote(is_cut_off=True)
    pair.rename()
    there = start_gate({"redis.url": pair.new.url})
    assert there.post("/logout", cookie=cookie).status == 200
    assert pair.old.client.exists(key_of(cookie)) == 1
    assert gate.heals(answers(gate, 403, cookie=cookie))


@pytest.mark.sanitized(1)
def test_a_demoted_server_that_is_cut_off_is_not_read_for_ever(
        gate, pair, start_gate, alice):
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    pair.promote(is_cut_off=True)
    there = start_gate({"redis.url": pair.new.url})
    assert there.post("/logout", cookie=cookie).status == 200
    assert gate.heals(answers(gate, 503, cookie=cookie), within=4)
    assert "cut off" in gate.first_event("redis lost")
    pair.rename()
    assert gate.heals(answers(gate, 403, cookie=cookie))
    assert gate.heals(logs_in(gate, alice))


def test_a_demoted_server_is_not_begun_with(start_gate, pair, alice):
    pair.promote(is_cut_off=True)
    gate = start_gate({"redis.url": pair.url, **NO_CACHE})
    is_down(gate.get("/auth", f"{gates.SECURE_COOKIE}={'a' * 43}"),
            "redis_unavailable")
    pair.rename()
    assert gate.heals(logs_in(gate, alice))


def test_the_cache_is_empty_before_another_server_is_trusted(
        start_gate, pair, alice):
    gate = start_gate({"redis.url": pair.url})
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, pair.old, cookie)
    pair.promote()
    pair.rename()
    pair.new.client.delete(key_of(cookie))
    gate.post("/login", alice.login)
    assert gate.get("/auth", cookie).status == 403
    other = gate.log_in(alice)
    assert becomes_hot(gate, pair.new, other)


@pytest.mark.sanitized(1)
def test_links_to_an_older_server_are_closed(gate, pair, alice):
    cookie = gate.log_in(alice)
    for _ in range(40):
        gate.get("/auth", cookie)
    pair.promote()
    pair.rename()
    gate.post("/login", alice.login)

    def is_left():
        for _ in range(40):
            gate.get("/auth", cookie)
        mine = [c for c in pair.old.client.client_list()
                if c["cmd"] in ("subscribe", "client|tracking", "hello",
                                "ping") and "t" in c["flags"]]
        return not mine
    assert gate.heals(is_left)


def test_scripts_refused_a_write_is_run_again_too(
        start_gate, pair, alice):
    for server in (pair.old, pair.new):
        server.client.execute_command(
            "ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all",
            "-@scripting")
    gate = start_gate({"redis.url": f"unix://app:pw@{pair.name}",
                       "login.limit_pair": "5/900", **NO_CACHE})
    cookie = gate.log_in(alice)
    pair.promote()
    pair.rename()
    answer = gate.post("/logout/all", cookie=cookie, QUERY_STRING="others=1")
    assert answer.status == 200, answer
    assert gate.post("/login", alice.login).status == 200


# behind one address that leads to several

@pytest.mark.sanitized(1)
@pytest.mark.parametrize("user", ["", "app:pw@"])
def test_a_link_that_leads_to_a_demoted_server_is_not_believed(
        start_gate, place, pair, alice, user):
    """The prober's own link leads to the primary all the while."""
    for server in (pair.old, pair.new):
        server.client.execute_command(
            "ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all")
    address = os.path.join(place("p"), "redis.sock")
    with faults.FaultProxy(pair.old.path, address) as proxy:
        gate = start_gate({"redis.url": f"unix://{user}{address}", **NO_CACHE})
        cookie = gate.log_in(alice)
        pair.promote(is_cut_off=True)
        proxy.target = pair.new.path
        proxy.drop()
        assert gate.heals(answers(gate, 200, cookie=cookie))
        assert gate.heals(logs_in(gate, alice))
        assert gate.heals(lambda: any(
            one["cmd"] == "ping" for one in pair.new.client.client_list()), 4)
        pair.new.client.delete(key_of(cookie))
        proxy.target = pair.old.path
        for one in pair.new.client.client_list():
            if one["cmd"] not in ("hello", "ping", "client|list"):
                pair.new.client.client_kill_filter(_id=one["id"])
        for _ in range(20):
            is_down(gate.get("/auth", cookie), "redis_unavailable")
        proxy.target = pair.new.path
        assert gate.heals(answers(gate, 403, cookie=cookie))
        assert gate.heals(logs_in(gate, alice))


@pytest.mark.plain_build
def test_none_that_was_ended_elsewhere_is_accepted_past_the_bound(
        gate, pair, alice):
    """The bound: it is seen within a second, and read for two more."""
    record = pair.old.client.get(key_of(gate.log_in(alice)))
    sessions = [Session(pair.old, record) for _ in range(12)]
    ended, accepted = {}, []
    stop = threading.Event()

    def check(mine):
        while not stop.is_set():
            for session in mine:
                asked = time.monotonic()
                if gate.get("/auth", session.cookie).status == 200:
                    accepted.append((asked, session.key))
                time.sleep(0.002)
    threads = [threading.Thread(target=check, args=(sessions[i::3],))
               for i in range(3)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        pair.promote(is_cut_off=True)
        demoted = time.monotonic()
        for session in sessions:  # the last ones after the bound
            assert pair.new.client.delete(session.key) == 1
            ended[session.key] = time.monotonic()
            time.sleep((3 * SLACK + 2) / len(sessions))
        time.sleep(1)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert {key for _, key in accepted} == set(ended)
    late = [asked - demoted for asked, key in accepted
            if asked > max(ended[key], demoted + 3 * SLACK)]
    assert not late, late
    assert max(asked for asked, _ in accepted) < demoted + 3 * SLACK


class Named:
    """Names of one's own, for programs that are started by it.

    They see a copy of /etc with these lines as its hosts.
    """

    def __init__(self, folder, *lines):
        etc = os.path.join(folder, "etc")
        shutil.copytree("/etc", etc, symlinks=True)
        with open(os.path.join(etc, "hosts"), "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in
                            ("127.0.0.1 localhost", *lines))
        self.before = [process.tool("unshare"), "-m", "sh", "-c",
                       "mount --bind \"$0\" /etc && exec \"$@\"", etc]
        done = process.subprocess.run([*self.before, "true"], check=False)
        if done.returncode != 0:
            process.lacking("unshare -m")


TWO_ADDRESSES = ("127.0.0.2 redis.test", "127.0.0.3 redis.test")


def test_a_gate_goes_on_to_the_next_address_of_a_name(
        start_gate, place, alice):
    """First where nobody is at the first address, then at the second."""
    named = Named(place("h"), *TWO_ADDRESSES)
    port = process.free_port()

    def server(address):
        return stack.Redis(
            place("r"), "--port", str(port), "--bind", address)
    second = server("127.0.0.3")
    first = None
    try:
        gate = start_gate({"redis.url": f"redis://redis.test:{port}",
                           "ops.access": "192.0.2.7"}, before=named.before)
        cookie = gate.log_in(alice)
        assert gate.get("/auth", cookie).status == 200
        first = server("127.0.0.2")
        second.kill()
        assert gate.heals(logs_in(gate, alice), within=3)
        assert gate.get("/auth", cookie).status == 403
    finally:
        second.kill()
        if first is not None:
            first.kill()


@pytest.mark.plain_build
def test_addresses_that_do_not_answer_put_off_no_look(start_gate, place):
    """A second for both of them, and 1.2 s at most from look to look."""
    named = Named(place("h"), *TWO_ADDRESSES)
    port = process.free_port()
    silent = [socket.create_server((address, port), backlog=100)
              for address in ("127.0.0.2", "127.0.0.3")]
    gate = start_gate({"redis.url": f"redis://redis.test:{port}"},
                      before=named.before)

    def looks():
        count = 0
        silent[0].setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                silent[0].accept()[0].close()
                count += 1
        return count
    assert gate.heals(lambda: gate.events("redis lost"), within=5)
    looks()
    time.sleep(8)
    assert looks() >= 6


@pytest.mark.plain_build
def test_a_breaker_that_opens_right_after_a_look_is_probed_soon(
        start_gate, own_redis, place):
    took = []
    with taps.Tap(own_redis.path, place("p") + "/p.sock") as tap:
        gate = start_gate({"redis.url": f"unix://{tap.address}", **NO_CACHE})

        def works():
            return gate.get("/auth", UNKNOWN).status == 403

        def refuse_after(data):
            if b"PING" in data:
                tap.watch = lambda data: None
                timer.start()
        for _ in range(12 if taps.LONG else 5):
            assert gate.heals(works)
            timer = threading.Timer(0.001, tap.refuse)
            tap.watch = refuse_after
            assert gate.heals(timer.finished.is_set)
            timer.join()
            assert gate.heals(lambda: not works())
            lost = time.monotonic()
            tap.deliver()
            assert gate.heals(works)
            took.append(time.monotonic() - lost)
    assert statistics.median(took) < 0.8, took  # 0.12, and not a second


def test_every_address_of_a_name_is_tried(place, stores, alice):
    """The replica stands first."""
    first = stack.Redis(place("r"), "--bind", "127.0.0.1", tcp=True)
    second = stack.Redis(
        place("r"), "--port", str(first.port), "--bind", "127.0.0.2")
    named = Named(place("h"), "127.0.0.1 redis.test", "127.0.0.2 redis.test")
    try:
        first.client.execute_command("REPLICAOF", "127.0.0.2",
                                     str(first.port))
        done = process.subprocess.run(
            [*named.before, gates.binary(), "--check-config"],
            env=gates.environment({
                **stores,
                "redis.url": f"redis://redis.test:{first.port}"}),
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "[redis] url: works" in done.stdout
    finally:
        first.kill()
        second.kill()


def test_a_host_that_only_reads_may_use_a_replica(start_gate, pair, alice):
    writer = start_gate({"redis.url": pair.old.url})
    reader = start_gate({"redis.url": pair.new.url, "redis.role": "any",
                         **NO_CACHE})
    cookie = writer.log_in(alice)
    assert reader.heals(answers(reader, 200, cookie=cookie))
    answer, took = gates.timed(reader.post, "/login", alice.login)
    is_down(answer, "redis_unavailable")
    assert took < 0.15 * SLACK
    assert not reader.events("redis doubted")
    assert writer.post("/logout", cookie=cookie).status == 200
    assert reader.heals(answers(reader, 403, cookie=cookie))


# the tracking link

def test_a_killed_tracking_link_and_a_change_are_seen_together(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    record_cookie = gate.log_in(alice)
    record = own_redis.client.get(key_of(record_cookie))
    accepted = 0
    for _ in range(40):
        session = Session(own_redis, record)
        assert becomes_hot(gate, own_redis, session.cookie)
        pipe = own_redis.client.pipeline(transaction=False)
        for one in clients(own_redis, "t"):
            pipe.execute_command("CLIENT", "KILL", "ID", one)
        pipe.delete(session.key)
        pipe.execute()
        accepted += gate.get("/auth", session.cookie).status == 200
    assert accepted == 0
