"""A Redis Cluster of six nodes, of which one slot is used."""

import time

import pytest

import gate as gates
from groups import Cluster, failures, first_success, gap, load_of
from hits import becomes_hot, key_of
from outages import SLACK, answers, is_down, logs_in

PREFIX = "{sg}:"
PROBE = PREFIX + "probe:slot"
CHECKS, WRITES = range(4), range(4, 8)


@pytest.fixture(scope="module")
def made_cluster(place):
    made = Cluster(place)
    yield made
    made.kill()


@pytest.fixture
def cluster(made_cluster):
    made_cluster.restore()
    return made_cluster


@pytest.fixture
def start(start_gate, cluster):
    def start(settings=None, url=None):
        return start_gate({"redis.url": url or cluster.url(),
                           "redis.key_prefix": PREFIX, "session.max": 0,
                           **(settings or {})})
    return start


def test_the_owner_of_the_slot_is_found_from_any_node(start, cluster, alice):
    for node in cluster.nodes:
        gate = start(url=cluster.url(node))
        cookie = gate.log_in(alice)
        assert gate.get("/auth", cookie).status == 200
        assert gate.post("/logout/all", cookie=cookie).status == 200
        assert gate.get("/auth", cookie).status == 403
        assert not gate.events("redis refused")
        assert gate.heals(lambda: gate.events("cache ready"))


def test_a_check_of_the_configuration_names_what_is_wrong(cluster, stores):
    def check(settings):
        return gates.run("--check-config", settings={
            **stores, "redis.url": cluster.url(), **settings})
    done = check({"redis.key_prefix": PREFIX})
    assert "[redis] url: works" in done.stdout, done.stderr
    done = check({"redis.key_prefix": "sg:"})
    assert "a Cluster needs a key_prefix with a tag, as {sg}:" in done.stderr


def test_a_slot_that_moves_ends_no_session_and_revives_none(
        start, cluster, alice):
    """With both sessions in the cache of the process."""
    gate = start()
    owner = cluster.owner(PROBE)
    target = next(m for m in cluster.nodes if m is not owner and
                  m.client.role()[0] == "master")
    kept, ended = gate.log_in(alice), gate.log_in(alice)
    for cookie in (kept, ended):
        assert gate.heals(lambda: all(
            gate.get("/auth", cookie).status == 200 for _ in range(5)))
    steps = cluster.move(PROBE, target)
    next(steps)
    assert gate.get("/auth", kept).status == 200
    next(steps)
    is_down(gate.get("/auth", kept), "redis_unavailable")
    is_down(gate.post("/login", alice.login), "redis_unavailable")
    pipe = target.client.pipeline(transaction=False)
    pipe.execute_command("ASKING")
    pipe.delete(PREFIX + key_of(ended))
    assert pipe.execute()[-1] == 1
    list(steps)
    assert gate.heals(logs_in(gate, alice))
    for _ in range(20):
        assert gate.get("/auth", ended).status == 403
        assert gate.get("/auth", kept).status == 200
    assert len(gate.events("redis moved")) == 1


def test_a_planned_fail_over_fails_no_check_and_stops_writes_briefly(
        start, cluster, alice):
    gate = start({"cache.memory": 0})
    cookie = gate.log_in(alice)
    replica = cluster.replica_of(cluster.owner(PROBE))
    with load_of(gate, alice, cookie) as load:
        time.sleep(0.5)
        replica.client.execute_command("CLUSTER", "FAILOVER")
        assert gate.heals(lambda: cluster.owner(PROBE) is replica, 5)
        time.sleep(1)
    assert not failures(load.of(*CHECKS))
    assert gap(load.of(*WRITES)) < 1 * SLACK
    assert not gate.events("redis lost")


def test_another_node_takes_over_when_the_owner_dies(start, cluster, alice):
    gate = start({"cache.memory": 0})
    cookie = gate.log_in(alice)
    owner = cluster.owner(PROBE)
    with load_of(gate, alice, cookie) as load:
        time.sleep(0.5)
        owner.kill()
        while cluster.owner(PROBE) is None:
            time.sleep(0.01)
        back = time.monotonic()
        time.sleep(2 * SLACK)
    seen = load.of(*CHECKS, *WRITES)
    assert {status for *_, status in seen} <= {200, 503}
    assert first_success(load.of(*CHECKS), back) < 2 * SLACK
    assert first_success(load.of(*WRITES), back) < 2 * SLACK


def test_a_cluster_that_is_down_is_an_outage_and_no_logout(
        start, cluster, alice):
    gate = start({"cache.memory": 0})
    cookie = gate.log_in(alice)
    slot, owner = cluster.slot(PROBE), cluster.owner(PROBE)
    owner.client.execute_command("CLUSTER", "DELSLOTS", slot)
    assert gate.heals(answers(gate, 503, cookie=cookie))
    is_down(gate.post("/login", alice.login), "redis_unavailable")
    assert gate.heals(lambda: "CLUSTERDOWN" in " ".join(
        gate.events("redis lost")))
    owner.client.execute_command("CLUSTER", "ADDSLOTS", slot)
    assert gate.heals(logs_in(gate, alice), within=4)
    assert gate.get("/auth", cookie).status == 200


def test_the_cache_is_empty_before_another_owner_is_trusted(
        start, cluster, alice):
    gate = start()
    cookie = gate.log_in(alice)
    owner = cluster.owner(PROBE)
    assert becomes_hot(gate, owner, cookie)
    replica = cluster.replica_of(owner)
    cluster.fail_over(PROBE, replica)
    assert replica.client.delete(PREFIX + key_of(cookie)) == 1
    ended = time.monotonic()
    allowed = [0.0]
    while time.monotonic() < ended + 2:
        asked = time.monotonic()
        if gate.get("/auth", cookie).status == 200:
            allowed.append(asked - ended)
        time.sleep(0.002)
    assert max(allowed) < 0.5 * SLACK
