"""GET /metrics: who may ask, and what it says."""

import contextlib
import json
import time

import pytest

import fcgi
import metrics
import people
# pylint: disable=unused-import
from secured import authority, issued, secured, trusting

OPS = {"ops.access": "192.0.2.7"}


def test_metrics_are_for_ops_access_alone(gate):
    answer = gate.get("/metrics")
    assert answer.status == 200
    assert answer.header("Content-Type") == \
        "text/plain; version=0.0.4; charset=utf-8"
    assert gate.get("/metrics", address="192.0.2.8").status == 404


def test_promtool_finds_nothing_to_complain_of(gate, alice):
    cookie = gate.log_in(alice)
    gate.get("/auth", cookie=cookie)
    body = gate.get("/metrics").body
    assert metrics.promtool("check", "metrics", stdin=body) == ""


def test_requests_are_counted_by_role_route_and_status(gate, alice):
    cookie = gate.log_in(alice)
    assert gate.heals(lambda: gate.get("/auth", cookie=cookie).status == 200)

    def ask():
        gate.get("/auth", cookie=cookie)
        gate.get("/auth")
        gate.get("/user/42", cookie=cookie)
        gate.get("/nowhere")
        gate.ask("PUT", "/auth")

    assert metrics.growth(gate, "requests_total", ask) == {
        'role="api",route="/auth",status="200"': 1,
        'role="api",route="/auth",status="401"': 1,
        'role="api",route="/auth",status="405"': 1,
        'role="api",route="/user/{id}",status="200"': 1,
        'role="api",route="other",status="404"': 1,
        'role="api",route="/metrics",status="200"': 1}


# ---- each event, once ----

def test_checks_say_what_they_came_to_and_from_where(gate, alice):
    cookie = gate.log_in(alice)

    def ask():
        gate.get("/auth", cookie=cookie)
        for _ in range(3):
            gate.get("/auth", cookie=cookie)
        gate.get("/auth")
        gate.get("/auth", cookie="__Host-SESSION-TOKEN=" + "x" * 43)

    assert metrics.growth(gate, "checks_total", ask) == {
        'result="allowed",from="redis"': 1,
        'result="allowed",from="process"': 3,
        'result="denied",from="process"': 1,
        'result="denied",from="redis"': 1}


def test_the_gate_counts_its_answers(gate, alice):
    cookie = gate.log_in(alice)

    def ask():
        for given in (cookie, None):
            gate.get("/x", cookie=given, SESSGATE_ROLE="gate")
        gate.get("/x", SESSGATE_ROLE="login-redirect")
        gate.get("/x", SESSGATE_ROLE="refusal")

    before = metrics.scrape(gate)
    assert set(metrics.growth(gate, "requests_total", ask)) >= {
        'role="gate",route="other",status="200"',
        'role="gate",route="other",status="401"'}
    after = metrics.scrape(gate)
    checks = [sum(one["checks_total"].values()) for one in (before, after)]
    assert checks[1] - checks[0] == 2  # a refusal is explained, not counted
    counted = [one["request_seconds_count"]['role="login_redirect"']
               for one in (before, after)]
    assert counted[1] - counted[0] == 1


def test_a_public_path_counts_as_allowed(start_gate):
    gate = start_gate({**OPS, "gate.rule": "/ public"})
    assert metrics.growth(gate, "checks_total", lambda: gate.get(
        "/x", SESSGATE_ROLE="gate")) == {
            'result="allowed",from="process"': 1}


def test_logins_by_their_outcome(start_gate, alice, users, mysql):
    """One of each; a body that is none is no login."""
    gate = start_gate({
        **OPS, "login.limit_pair": "3/900", "mysql.user_state":
        "SELECT id <> 77 AS active, email AS login, "
        "'' AS roles, password AS hash FROM users "
        "WHERE id = :id"})
    closed = users.add(uid=77, email="closed@example.org")

    def ask():
        gate.post("/login", alice.login)
        gate.post("/login", {**alice.login, "password": "wrong"})
        gate.post("/login", {"email": "nobody@x", "password": "wrong"})
        gate.post("/login", closed.login)
        gate.post("/login", {"email": 1})
        for _ in range(4):
            gate.post("/login", {"email": "tom@x", "password": "wrong"})

    assert metrics.growth(gate, "logins_total", ask) == {
        'result="ok"': 1, 'result="password"': 1, 'result="unknown"': 4,
        'result="closed"': 1, 'result="limited"': 1}


def test_logins_while_a_store_is_away(start_gate, own_redis, alice):
    gate = start_gate({**OPS, "redis.url": own_redis.url})
    gate.log_in(alice)
    own_redis.stop()
    found = metrics.growth(
        gate, "logins_total", lambda: gate.post("/login", alice.login))
    assert found == {'result="away"': 1}


def test_a_login_without_a_place_is_busy(start_gate, own_mysql, bob):
    """The table is locked: nobody gives a place back in time."""
    gate = start_gate({
        **OPS, "mysql.url": own_mysql.url, "mysql.connections": "1",
        "server.workers": "10", "login.hash_threads": "1",
        "server.deadline": "1200ms", "login.hash_timeout": "900ms"})
    gate.log_in(bob)
    before = metrics.scrape(gate)
    login = fcgi.request(
        gate.params("POST", "/login", CONTENT_TYPE="application/json",
                    CONTENT_LENGTH=str(len(json.dumps(bob.login)))),
        json.dumps(bob.login).encode())
    with own_mysql.admin() as sql, contextlib.ExitStack() as stack:
        sql.execute("LOCK TABLES users WRITE")
        connections = [stack.enter_context(gate.connect())
                       for _ in range(12)]
        for connection in connections:
            connection.send(login)
        assert gate.heals(lambda: metrics.scrape(gate)[
            "places_waiting"]['kind="hash"'] > 0)
        for connection in connections:
            connection.read_answer()
        sql.execute("UNLOCK TABLES")
    after = metrics.scrape(gate)
    grown = {name: {labels: value - before[name][labels]
                    for labels, value in after[name].items()}
             for name in ("logins_total", "places_refused_total")}
    assert grown["logins_total"]['result="busy"'] > 0
    assert sum(grown["places_refused_total"].values()) \
        == grown["logins_total"]['result="busy"']


def test_sessions_that_end_by_what_ended_them(
        start_gate, ctl, alice, place, changer):
    file = f"{place()}/counters"
    settings = {**OPS, "session.max": "3", "ops.counters": file,
                "mysql.url": changer.url(), "mysql.password_update":
                "UPDATE users SET password = :hash WHERE id = :id"}
    gate = start_gate(settings)

    def handle_of(cookie):
        return next(one["handle"] for one in gate.get(
            "/sessions", cookie=cookie).json()["sessions"]
            if one["current"] == (cookie is not None))

    def ask():
        gate.post("/logout", cookie=gate.log_in(alice), document={})
        cookies = [gate.log_in(alice) for _ in range(4)]  # one over the cap
        gate.post("/logout/all", cookie=cookies[3], document={})
        cookie = gate.log_in(alice)
        gate.ask("DELETE", f"/sessions/{handle_of(cookie)}", cookie=cookie,
                 document={})
        cookies = [gate.log_in(alice) for _ in range(3)]
        answer = gate.post("/password", {
            "current": people.PASSWORD, "new": "another horse"},
            cookie=cookies[0])
        assert answer.status == 200, answer
        assert ctl.with_settings(settings)(
            "end", alice.email, "--all").status == 0

    assert metrics.growth(gate, "sessions_ended_total", ask) == {
        'how="logout"': 1, 'how="cap"': 1, 'how="all"': 3, 'how="handle"': 1,
        'how="password"': 2, 'how="operator"': 1}


def test_hits_and_misses_of_the_cache(gate, alice):
    cookie = gate.log_in(alice)
    gate.get("/auth", cookie=cookie)
    gate.get("/auth", cookie=cookie)
    assert metrics.growth(gate, "cache_hits_total", lambda: gate.get(
        "/auth", cookie=cookie)) == {
            'what="session"': 1, 'what="generation"': 1, 'what="account"': 1,
            'what="user"': 1}
    assert metrics.growth(gate, "cache_misses_total", lambda: gate.get(
        "/auth", cookie="__Host-SESSION-TOKEN=" + "y" * 43)) == {"": 1}
    assert metrics.scrape(gate)["cache_bytes"][""] > 0
    assert gate.heals(lambda: metrics.scrape(gate)["cache_current"][""] == 1)


@pytest.mark.parametrize("command, kind", [
    ("REPLICAOF 127.0.0.1 1", "readonly"),
    ("CONFIG SET maxmemory 1", "oom"),
    ("ACL SETUSER default -set", "noperm")])
def test_error_replies_of_redis_by_kind(
        start_gate, own_redis, alice, command, kind):
    gate = start_gate({**OPS, "redis.url": own_redis.url})
    gate.log_in(alice)
    own_redis.client.execute_command(command)
    assert f'kind="{kind}"' in metrics.growth(
        gate, "redis_errors_total",
        lambda: gate.post("/login", alice.login))


def test_a_frozen_redis_is_timed_out_and_a_dead_one_refused(
        start_gate, own_redis, alice):
    gate = start_gate({**OPS, "redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    up = lambda: metrics.scrape(gate).get("redis_up", {}).get("")
    assert gate.heals(lambda: up() == 1)

    def ask_frozen():
        own_redis.freeze()
        for _ in range(3):
            gate.get("/sessions", cookie=cookie)

    assert 'kind="time_out"' in metrics.growth(
        gate, "redis_errors_total", ask_frozen)
    assert gate.heals(lambda: up() == 0)
    own_redis.thaw()
    assert gate.heals(lambda: up() == 1, within=5)

    def ask_dead():
        own_redis.stop()
        gate.get("/sessions", cookie=cookie)

    assert set(metrics.growth(gate, "redis_errors_total", ask_dead)) \
        <= {'kind="refused"', 'kind="other"'}
    assert gate.heals(lambda: up() == 0)


def test_mysql_is_counted_and_its_absence_seen(start_gate, own_mysql, bob):
    gate = start_gate({**OPS, "mysql.url": own_mysql.url})
    gate.log_in(bob)
    value = lambda name: metrics.scrape(gate).get(name, {}).get("")
    assert gate.heals(lambda: value("mysql_up") == 1)
    assert gate.heals(lambda: value("mysql_links") > 0)
    assert value("mysql_seconds_count") > 0

    def ask():
        own_mysql.kill()
        gate.post("/login", bob.login)
        assert gate.heals(lambda: value("mysql_up") == 0)

    assert metrics.growth(gate, "mysql_errors_total", ask)[""] > 0


def test_hashes_are_timed_by_family(gate, alice, users):
    argon = users.add(email="a@example.org", hashed=people.ARGON2ID)
    before = metrics.scrape(gate).get("hash_seconds_count", {})
    gate.post("/login", alice.login)
    gate.post("/login", argon.login)
    after = metrics.scrape(gate)["hash_seconds_count"]
    for family in ("bcrypt", "argon2"):
        label = f'family="{family}"'
        assert after[label] == before.get(label, 0) + 1


def test_requests_that_are_refused_before_they_are_whole_count(gate):
    big = {"HTTP_X": "x" * 70000}

    assert metrics.growth(
        gate, "requests_total", lambda: gate.get("/auth", **big))[
            'role="api",route="other",status="431"'] == 1


def test_connections_are_a_gauge(gate):
    with contextlib.ExitStack() as stack:
        for _ in range(7):
            stack.enter_context(gate.connect())
        assert gate.heals(
            lambda: metrics.scrape(gate).get(
                "connections", {}).get("", 0) >= 7)


def test_log_lines_that_are_dropped_count(start_gate):
    gate = start_gate({**OPS, "log.target": "file:/dev/full"})
    count = lambda: metrics.scrape(gate)["log_lines_dropped_total"][""]
    assert gate.heals(lambda: count() > 0)


def test_when_the_certificate_of_redis_expires(secured, trusting, alice):
    gate = trusting(secured(days=40), OPS)
    gate.log_in(alice)
    left = lambda: metrics.scrape(gate).get(
        "certificate_expiry_time_seconds", {}).get(
            'store="redis"', 0) - time.time()
    assert gate.heals(lambda: 38 * 86400 < left() < 41 * 86400)


# ---- several sites, and bounds ----

def test_sites_have_a_label(start_gate, alice, place):
    file = f"{place()}/two.conf"
    with open(file, "w", encoding="ascii") as conf:
        for name in ("one", "two"):
            conf.write(f'[site "{name}"]\nredis.key_prefix = {name}:\n')
    gate = start_gate(OPS, args=("--config", file))
    gate.get("/auth", SESSGATE_SITE="one")
    gate.get("/auth", SESSGATE_SITE="nowhere")
    found = metrics.scrape(gate, SESSGATE_SITE="two")
    requests = found["requests_total"]
    assert requests['site="one",role="api",route="/auth",status="401"'] == 1
    assert requests['role="api",route="other",status="403"'] == 1
    assert found["logins_total"]['site="two",result="ok"'] == 0
