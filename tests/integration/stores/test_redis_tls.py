"""TLS to Redis: what records may be cut into, and what links live through."""

import os
import socket
import time

import pytest

import faults
import gate as gates
import groups
import process
import stack
from hits import Session, becomes_hot, is_hit, key_of
from outages import SLACK, UNKNOWN, answers, is_down, is_in_time
# pylint: disable=unused-import
from secured import (HERE, Front, authority, issued, secured, trusting,
                     works)
from taps import LONG, together

TLS_PORT = "is this a TLS port?"


# the wrong kind of port

def test_tls_to_a_plain_port_is_told_in_time(trusting, place):
    server = stack.Redis(place("r"), tcp=True)
    try:
        gate = trusting(("127.0.0.1", server.port))
        is_in_time(lambda: gate.get("/auth", UNKNOWN), 3.5,
                   "redis_unavailable")
        assert process.until(lambda: TLS_PORT in gate.log_text(), 5) is not None
    finally:
        server.kill()


def test_tls_to_a_port_that_says_nothing_is_told_in_time(trusting):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        gate = trusting(silent.getsockname())
        is_in_time(lambda: gate.get("/auth", UNKNOWN), 3.5,
                   "redis_unavailable")
        assert process.until(
            lambda: "time-out of TLS: " + TLS_PORT in gate.log_text(), 5)


def test_plain_to_a_tls_port_is_told(start_gate, secured):
    server = secured()
    gate = start_gate({"redis.url": f"redis://127.0.0.1:{server.tls_port}"})
    is_in_time(lambda: gate.get("/auth", UNKNOWN), 1, "redis_unavailable")
    assert gate.heals(lambda: TLS_PORT + " (rediss://)" in gate.log_text())


# half a record is there, and poll says nothing

def test_an_invalidation_that_came_in_half_is_not_overlooked(
        trusting, secured, alice):
    """A record is cut behind each of its bytes; never is a hit stale."""
    server = secured()
    with faults.FaultProxy(server.target) as proxy:
        gate = trusting(proxy.address, {
            "cache.proof": "20s", "redis.command_timeout": "5s",
            "redis.connect_timeout": "5s"})
        cookie = gate.log_in(alice)
        record = server.client.get(key_of(cookie))
        assert becomes_hot(gate, server, cookie)
        stale, behind = [], 0
        counts = range(1, 130) if LONG else [*range(1, 40), *range(40, 130, 6)]

        def cut(count):
            """Deletes a session; (it, what lets the rest through), or None."""
            session = Session(server, record)
            assert becomes_hot(gate, server, session.cookie), gate.log_text()
            ports = {int(c["addr"].rpartition(":")[2])
                     for c in server.client.client_list() if "P" in c["flags"]}
            came, go = proxy.halve(count, ports)
            session.delete()
            if came.wait(5):
                return session, go
            go.set()  # a slow program has another link by now
            return proxy.deliver()
        for count in counts:
            session, go = cut(count) or cut(count)
            behind += not is_hit(gate, server, cookie)
            if gate.get("/auth", session.cookie).status != 403:
                stale.append(count)
            go.set()
            proxy.deliver()
        assert stale == []
        assert behind > len(counts) * 3 / 4  # else nothing was cut
        assert becomes_hot(gate, server, cookie)
        assert not gate.events("redis lost")


def test_every_byte_may_come_alone(trusting, secured, alice):
    server = secured()
    with faults.FaultProxy(server.target) as proxy:
        proxy.drip(0)
        gate = trusting(proxy.address, {"redis.command_timeout": "5s",
                                        "redis.connect_timeout": "5s"})
        assert works(gate, alice)
        assert not gate.events("redis lost")


def test_a_connection_that_ends_behind_any_byte_is_an_outage_and_no_logout(
        trusting, secured, alice):
    server = secured()
    with faults.FaultProxy(server.target) as proxy:
        gate = trusting(proxy.address, {"cache.memory": 0})
        cookie = gate.log_in(alice)
        seen = set()
        for count in [*range(0, 40), *range(40, 2400, 40)]:
            proxy.cut(count)
            proxy.drop()
            answer, took = gates.timed(gate.get, "/auth", cookie)
            assert answer.status == 200 or is_down(
                answer, "redis_unavailable")
            assert took < 1.5 * SLACK
            seen.add(answer.status)
        assert 503 in seen
        proxy.deliver()
        proxy.drop()
        assert gate.heals(answers(gate, 200, cookie=cookie))


FAULTS = {
    "silent": lambda proxy: proxy.black_hole(),
    "dripping": lambda proxy: proxy.drip(0.05),
    "garbage": lambda proxy: proxy.garbage(b"\x16\x03\x03\xff\xff" * 200),
    "an alert": lambda proxy: proxy.garbage(b"\x15\x03\x03\0\2\2\x28"),
    "HTTP": lambda proxy: proxy.garbage(b"HTTP/1.1 400 Bad\r\n\r\n"),
}


@pytest.mark.sanitized(2)
@pytest.mark.parametrize("when,fault", [
    ("at the start", "silent"), *(("later", fault) for fault in FAULTS)])
def test_a_fault_below_tls_ends_in_time(
        trusting, secured, alice, when, fault):
    server = secured()
    with faults.FaultProxy(server.target) as proxy:
        if when == "at the start":
            FAULTS[fault](proxy)
        gate = trusting(proxy.address)
        if when == "later":
            works(gate, alice)
            FAULTS[fault](proxy)
        for _ in range(4):
            is_in_time(lambda: gate.get("/auth", UNKNOWN), 3.5,
                       "redis_unavailable")
        proxy.deliver()
        proxy.drop()
        assert gate.heals(answers(gate, 403), within=4)


# tickets, KeyUpdate, sessions that cannot be resumed

@pytest.fixture
def front(own_redis, issued):
    with Front(own_redis, issued(*HERE)) as made:
        yield made


def test_new_keys_on_silent_links_are_nothing(
        trusting, front, own_redis, alice):
    gate = trusting(front.address)
    cookie = gate.log_in(alice)
    assert becomes_hot(gate, own_redis, cookie)
    for _ in range(5):
        front.update_keys()
        time.sleep(0.05)
        assert gate.get("/auth", cookie).status == 200
    assert is_hit(gate, own_redis, cookie)
    assert gate.post("/logout", cookie=cookie).status == 200
    assert gate.get("/auth", cookie).status == 403
    assert not gate.events("redis lost") and not gate.events("cache lost")
    assert not gate.events("redis refused")


def test_an_idle_program_does_not_spin_over_tls(trusting, secured, alice):
    gate = trusting(secured())
    gate.log_in(alice)

    def spent():
        with open(f"/proc/{gate.pid}/stat", encoding="ascii") as file:
            words = file.read().rpartition(") ")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    before = spent()
    time.sleep(1)
    assert spent() - before < 0.1 * SLACK


def test_links_are_resumed(trusting, front, alice):
    gate = trusting(front.address, {"cache.memory": 0})
    gate.log_in(alice)
    together(16, lambda _: gate.get("/auth", UNKNOWN).status)
    front.drop()
    before = front.full
    together(16, lambda _: gate.get("/auth", UNKNOWN).status)
    assert gate.heals(answers(gate, 403))
    assert front.resumed > front.full - before


def test_a_server_that_cannot_resume_is_asked_anew(trusting, front, alice):
    gate = trusting(front.address, {"cache.memory": 0})
    cookie = gate.log_in(alice)
    front.refuses_to_resume = True
    front.drop()
    assert gate.heals(answers(gate, 200, cookie=cookie))
    front.refuses_to_resume = False
    resumed = front.resumed

    def resumes():
        front.drop()
        together(8, lambda _: gate.get("/auth", cookie).status)
        return front.resumed > resumed
    assert gate.heals(resumes)


# under load

def test_links_that_are_cut_under_load_are_replaced(
        trusting, secured, alice):
    server = secured()
    gate = trusting(server, {"cache.memory": 0})
    cookie = gate.log_in(alice)
    admin, seen = server.client, []

    def load(_):
        for _ in range(60):
            seen.append(gate.get("/auth", cookie).status)
            if len(seen) == 240:
                admin.execute_command("CLIENT", "KILL", "TYPE", "normal")
    together(8, load)
    assert len(seen) == 480
    assert set(seen) == {200}
    assert not gate.events("redis lost")


def test_a_server_without_room_for_one_more_is_not_lost(
        trusting, secured, alice):
    """It closes in the handshake; those who have a link go on."""
    server = secured()
    gate = trusting(server, {"cache.memory": 0})
    cookie = gate.log_in(alice)
    admin = server.client
    asks = lambda: together(32, lambda _: gate.get("/auth", cookie).status)
    assert gate.heals(  # more than half of the workers have a link
        lambda: asks() and len(admin.client_list()) > 20, within=5)
    admin.config_set("maxclients", len(admin.client_list()))
    seen = set()  # a few workers may answer all at once: those without a link
    assert gate.heals(lambda: seen.update(asks()) or 200 in seen)
    assert seen <= {200, 503}
    assert not gate.events("redis lost")
    admin.config_set("maxclients", 1000)
    assert gate.heals(lambda: set(asks()) == {200})


def test_sentinels_and_the_primary_they_name_over_tls(
        secured, place, trusting, start_gate, alice):
    """Both are verified; an authority that is not theirs finds nobody."""
    primary = secured(tcp=True)
    sentinel = groups.Sentinel(place("s"), primary, quorum=1)
    url = f"rediss+sentinel://127.0.0.1:{sentinel.tls_port}/{groups.NAME}"
    try:
        gate = trusting(primary, {"redis.url": url})
        assert works(gate, alice)
        assert process.until(lambda: "tls=TLSv1.3" in gate.log_text())
        stranger = start_gate({"redis.url": url})
        assert stranger.get("/auth", UNKNOWN).status == 503
        assert process.until(lambda: "tls_ca" in stranger.log_text())
    finally:
        sentinel.kill()


def test_a_cluster_is_followed_from_node_to_node_over_tls(
        place, authority, issued, trusting, start_gate, alice):
    """Each node is verified; MOVED names the ports for TLS."""
    cluster = groups.Cluster(place, masters=2,
                             tls=(authority, issued(*HERE), False))
    settings = {"redis.key_prefix": "{sg}:"}
    try:
        for node in cluster.masters:
            gate = trusting(node, {
                "redis.url": cluster.url(node), **settings})
            cookie = gate.log_in(alice)
            assert gate.get("/auth", cookie).status == 200
            assert gate.post("/logout", cookie=cookie).status == 200
            assert gate.get("/auth", cookie).status == 403
            assert "tls=TLSv1.3" in gate.first_event("redis ready")
            assert not gate.events("redis refused")
        stranger = start_gate({"redis.url": cluster.url(), **settings})
        assert stranger.get("/auth", UNKNOWN).status == 503
        assert process.until(lambda: "tls_ca" in stranger.log_text())
    finally:
        cluster.kill()
