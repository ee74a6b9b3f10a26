"""Services that refuse commands of Redis, and versions that lack some.

The services themselves are not asked: a real Redis from which the commands
that their manuals name were taken away stands for each (doc/managed-redis.md).
"""

import re

import pytest

import gate as gates
import stack
import taps
from hits import becomes_hot, is_hit


# What each service refuses, by its manual, or by a report of a user.
ADMIN = ["BGREWRITEAOF", "BGSAVE", "CONFIG", "DEBUG", "MIGRATE", "REPLICAOF",
         "SAVE", "SHUTDOWN", "SLAVEOF", "SYNC", "PSYNC", "ACL", "MONITOR",
         "FAILOVER", "MODULE"]
REFUSED = {
    "ElastiCache": [*ADMIN, "CLUSTER"],
    "Memorystore": [*ADMIN, "CLIENT", "LASTSAVE", "MEMORY"],
    "Azure": [*ADMIN, "CLUSTER"],
    "Upstash": [*ADMIN, "CLIENT", "ROLE", "WAIT", "LATENCY"],
    "without scripts": [*ADMIN, "EVAL", "EVALSHA", "SCRIPT"],
    "without HELLO": [*ADMIN, "HELLO", "ROLE"],
}


@pytest.fixture(params=REFUSED)
def service(request, place):
    options = [word for name in REFUSED[request.param]
               for word in ("--rename-command", name, "")]
    server = stack.Redis(place("r"), *options)
    server.refuses = REFUSED[request.param]
    yield server
    server.kill()


def test_a_service_that_refuses_commands_is_worked_with(
        start_gate, service, alice):
    gate = start_gate({"redis.url": service.url})
    cookie = gate.log_in(alice)
    for _ in range(5):
        assert gate.get("/auth", cookie).status == 200
    if "CLIENT" in service.refuses:
        assert gate.heals(lambda: gate.events("cache refused"), within=5)
        assert not is_hit(gate, service, cookie)
    else:
        assert becomes_hot(gate, service, cookie)
    assert gate.post("/logout", cookie=cookie).status == 200
    assert gate.get("/auth", cookie).status == 403
    assert not gate.events("redis lost")


def test_a_check_of_the_configuration_says_what_is_missed(service, stores):
    done = gates.run("--check-config", settings={
        **stores, "redis.url": service.url})
    assert "[redis] url: works" in done.stdout, done.stderr
    warned = done.stderr.splitlines()
    assert any("CLIENT TRACKING does not work, every check asks" in line
               for line in warned) == ("CLIENT" in service.refuses), warned
    assert any("scripts are refused" in line for line in warned) == (
        "EVAL" in service.refuses), warned


class OldServer(taps.Tap):
    """A server before 7.0: another version, and SET NX GET is no syntax."""

    def __init__(self, target, path):
        super().__init__(target, path)
        self.treat = self._age

    @staticmethod
    def _age(client, data):
        client.sendall(re.sub(rb"\r\n[7-9]\.", b"\r\n6.", data))

    def _forward(self, client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data.replace(
                    b"$2\r\nNX\r\n$3\r\nGET\r\n", b"$2\r\nNX\r\n$3\r\nGOT\r\n"))
        except OSError:
            pass
        self._end(client, server)


def test_a_redis_before_7_is_told_in_one_line(
        start_gate, own_redis, place, stores):
    line = "this Redis is older than 7.0"
    with OldServer(own_redis.path, place("p") + "/p.sock") as tap:
        url = f"unix://{tap.address}"
        done = gates.run("--check-config", settings={
            **stores, "redis.url": url})
        assert f"[redis] url: {line}" in done.stderr
        gate = start_gate({"redis.url": url})
        assert gate.heals(lambda: gate.events("redis refused"))
        assert line in gate.first_event("redis refused")
