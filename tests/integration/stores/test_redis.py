"""Redis away, frozen, slow, wrong, full: see outages.py for what must hold."""

import os
import threading
import time

import pytest

import faults
import gate as gates
import process
import stack
from test_hard_days import clockwork, set_clock
from outages import (SLACK, UNKNOWN, answers, is_down, is_in_time, logs_in,
                     refusals_are_quick)


def test_redis_away_at_the_start(start_gate, place, alice):
    server = stack.Redis(place("r"))
    server.stop()
    gate = start_gate({"redis.url": server.url})
    try:
        is_in_time(lambda: gate.get("/auth", UNKNOWN), 0.5,
                   "redis_unavailable")
        is_in_time(lambda: gate.post("/login", alice.login), 1,
                   "redis_unavailable")
        is_in_time(lambda: gate.post("/logout", cookie=UNKNOWN), 0.5,
                   "redis_unavailable", expires=True)
        assert gate.get("/auth").code == "token_missing"
        server.start()
        assert gate.heals(answers(gate, 403))
        assert gate.get("/auth", gate.log_in(alice)).status == 200
    finally:
        server.kill()


def test_redis_stopped_and_started(start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    own_redis.stop()
    is_in_time(lambda: gate.get("/auth", cookie), 0.5, "redis_unavailable")
    refusals_are_quick(lambda: gate.get("/auth", cookie),
                       "redis_unavailable")
    refusals_are_quick(lambda: gate.get("/user/me", cookie),
                       "redis_unavailable")
    own_redis.start()
    assert gate.heals(answers(gate, 403, cookie=cookie))  # it was not saved


def test_redis_restarted_between_two_requests_is_not_noticed(
        start_gate, own_redis):
    """Links that died while nobody asked are no reason to refuse."""
    gate = start_gate({"redis.url": own_redis.url})
    for _ in range(20):
        gate.get("/auth", UNKNOWN)
    own_redis.stop()
    own_redis.start()
    assert [gate.get("/auth", UNKNOWN).status for _ in range(40)] == [403] * 40


def test_redis_frozen(start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.freeze()
    is_in_time(lambda: gate.get("/auth", cookie), 1, "redis_unavailable")
    for _ in range(5):
        gate.get("/auth", cookie)
    refusals_are_quick(lambda: gate.get("/auth", cookie),
                       "redis_unavailable")
    assert gate.get("/auth").code == "token_missing"
    own_redis.thaw()
    assert gate.heals(answers(gate, 200, cookie=cookie))


def test_a_login_with_redis_frozen_is_refused(start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    assert gate.heals(lambda: gate.events("redis ready"))
    own_redis.freeze()
    is_in_time(lambda: gate.post("/login", alice.login), 1.5,
               "redis_unavailable")
    own_redis.thaw()
    assert gate.heals(logs_in(gate, alice))


def test_frozen_redis_under_many_clients(start_gate, own_redis, alice):
    """Nobody waits longer than a deadline, however many there are."""
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.freeze()
    took = []

    def client():
        for _ in range(5):
            took.append(gates.timed(gate.get, "/auth", cookie)[1])
    threads = [threading.Thread(target=client) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(took) == 200
    assert max(took) < 2 * SLACK
    own_redis.thaw()
    assert gate.heals(answers(gate, 200, cookie=cookie))


@pytest.fixture
def redis_proxy(own_redis, place):
    path = os.path.join(place("p"), "p.sock")
    with faults.FaultProxy(
            own_redis.target, None if own_redis.tls_port else path) as proxy:
        yield proxy


@pytest.fixture
def proxied(start_gate, own_redis, redis_proxy):
    return start_gate({
        "redis.url": own_redis.url_through(redis_proxy.address),
        "redis.command_timeout": "0"})


def test_redis_somewhat_slow_is_used(proxied, redis_proxy, alice):
    redis_proxy.delay(0.02)
    assert proxied.get("/auth", proxied.log_in(alice)).status == 200


FAULTS = {
    "slow": lambda proxy: proxy.delay(0.7),
    "silent": lambda proxy: proxy.black_hole(),
    "dripping": lambda proxy: proxy.drip(0.05),
    "refusing": lambda proxy: proxy.refuse(),
    "cut at once": lambda proxy: proxy.cut(0),
    "cut in a reply": lambda proxy: proxy.cut(5),
    "not Redis": lambda proxy: proxy.garbage(b"HTTP/1.1 400 Bad\r\n\r\n"),
    "NULs": lambda proxy: proxy.garbage(bytes(100)),
    "an endless bulk": lambda proxy: proxy.garbage(b"$2147483647\r\nxx"),
    "a negative bulk": lambda proxy: proxy.garbage(b"$-5\r\n"),
    "a huge array": lambda proxy: proxy.garbage(b"*2147483647\r\n"),
    "deep arrays": lambda proxy: proxy.garbage(b"*1\r\n" * 100),
    "RESP3": lambda proxy: proxy.garbage(b"%1\r\n+a\r\n+b\r\n"),
    "a wrong type": lambda proxy: proxy.garbage(b":1\r\n" * 9),
    "an unknown error": lambda proxy: proxy.garbage(b"-ODD x\r\n" * 9)}


@pytest.mark.sanitized(8)
@pytest.mark.parametrize("fault", FAULTS)
def test_redis_answers_badly(proxied, redis_proxy, alice, fault):
    cookie = proxied.log_in(alice)
    memory = proxied.memory()
    FAULTS[fault](redis_proxy)
    for _ in range(4):
        answer, took = gates.timed(proxied.get, "/auth", cookie)
        assert took < 1.5 * SLACK
        if fault == "a wrong type":
            assert answer.status in (403, 503)
        else:
            is_down(answer, "redis_unavailable")
    assert proxied.memory() - memory < 8 << 20
    redis_proxy.deliver()
    redis_proxy.drop()
    assert proxied.heals(answers(proxied, 200, cookie=cookie))


def test_idle_redis_links_that_were_killed_are_replaced(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    for _ in range(3):
        for _ in range(20):
            assert gate.get("/auth", cookie).status == 200
        own_redis.client.execute_command("CLIENT", "KILL", "TYPE", "normal")


def test_redis_over_tcp_with_user_password_and_database(
        start_gate, place, alice):
    server = stack.Redis(place("r"), tcp=True)
    try:
        server.client.acl_setuser(
            "al@ce", enabled=True, passwords=["+p:ss/w%rd"], keys="*",
            commands=["+@all"])
        url = (f"redis://al%40ce:p%3Ass%2Fw%25rd@127.0.0.1:{server.port}/5")
        gate = start_gate({"redis.url": url, "cache.memory": "0"})
        assert gate.get("/auth", gate.log_in(alice)).status == 200
        assert server.client.info("keyspace")["db5"]["keys"] == 5
        assert "p:ss" not in gate.log_text()
    finally:
        server.kill()


def test_a_wrong_redis_password_is_told_once_and_heals(
        start_gate, place, alice):
    server = stack.Redis(place("r"), tcp=True)
    try:
        server.client.config_set("requirepass", "right")
        gate = start_gate({"redis.url":
                           f"redis://:wrong-pw@127.0.0.1:{server.port}"})
        for _ in range(10):
            is_in_time(lambda: gate.get("/auth", UNKNOWN), 1,
                       "redis_unavailable")
        assert len(gate.events("redis lost")) <= 1
        assert "WRONGPASS" in gate.log_text()
        assert "wrong-pw" not in gate.log_text()
        right = stack.redis_py.Redis(unix_socket_path=server.path,
                                     password="right")
        right.config_set("requirepass", "wrong-pw")
        assert gate.heals(answers(gate, 403), within=3)
    finally:
        server.kill()


# the ACL that the manual prints for a limited Redis user
ACL = ("~sess:* ~user:* ~ugen:* ~uauth:* ~usess:* ~rate:* ~probe:* ~reset:* "
       "+get +set +setex +del +unlink +expire +pexpire +ttl +pttl +incr +decr "
       "+zadd +zrem +zrange +zcard +zscore +zremrangebyscore "
       "+mget +select +time +ping +hello +auth +client|id +client|setname "
       "+eval +evalsha +script|load +multi +exec +watch "
       "+client|tracking +subscribe +role &__redis__:invalidate")


def test_a_redis_user_limited_to_what_is_needed_is_enough(
        start_gate, own_redis, alice):
    own_redis.client.execute_command(
        "ACL", "SETUSER", "app", "on", ">pw", *ACL.split())
    own_redis.client.execute_command("ACL", "LOG", "RESET")
    for mode in ("sha256", "plain", "migrate"):
        gate = start_gate({
            "redis.url": f"unix://app:pw@{own_redis.path}",
            "session.key": mode, "ops.access": "192.0.2.7",
            "login.limit_pair": "5/900", "login.limit_network": "20/900"})
        cookie = gate.log_in(alice)
        for path in ("/auth", "/user/me", "/user/me", "/readyz"):
            assert gate.get(path, cookie).status == 200
        assert gate.post("/logout", cookie=cookie).status == 200
        assert gate.get("/auth", cookie).status == 403
    assert own_redis.client.execute_command("ACL", "LOG") == []


def test_no_key_is_searched_for(gate, redis, alice):
    with redis.watch() as seen:
        cookie = gate.log_in(alice)
        gate.get("/user/me", cookie)
        gate.post("/logout", cookie=cookie)
    commands = {line.split(b"] ", 1)[1].split()[0].upper() for line in seen}
    assert not commands & {b'"KEYS"', b'"SCAN"', b'"CONFIG"', b'"FLUSHALL"'}


def test_a_check_that_is_not_in_the_cache_is_one_question(
        start_gate, redis, alice):
    gate = start_gate({"cache.memory": 0})
    cookie = gate.log_in(alice)
    gate.get("/user/me", cookie)
    with redis.watch() as seen:
        assert b"(cache)" in gate.get("/user/me", cookie).body
    asked = [line.split(b"] ", 1)[1].split()[0].upper() for line in seen
             if b" lua]" not in line]
    assert asked == [b'"EVALSHA"']  # which reads the user's row, too
    redis.client.script_flush()
    with redis.watch() as seen:
        assert gate.get("/auth", cookie).status == 200
    asked = [line.split(b"] ", 1)[1].split()[0].upper() for line in seen
             if b" lua]" not in line]
    assert asked[:2] == [b'"EVALSHA"', b'"EVAL"'], asked


def test_where_scripts_are_refused_a_check_is_two_questions(
        start_gate, own_redis, alice):
    own_redis.client.execute_command(
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-@scripting")
    gate = start_gate({"redis.url": f"unix://app:pw@{own_redis.path}",
                       "cache.memory": 0, "server.workers": 20})
    cookie = gate.log_in(alice)
    for _ in range(40):  # each worker finds it out by itself
        assert gate.get("/auth", cookie).status == 200
    with own_redis.watch() as seen:
        assert gate.get("/auth", cookie).status == 200
    asked = [line.split(b"] ", 1)[1].split()[0].upper() for line in seen
             if b'"AUTH"' not in line]  # a worker's first
    assert asked[:3] == [b'"GET"', b'"PTTL"', b'"TIME"'], asked
    assert b'"MGET"' in asked
    assert not gate.events("redis refused")


def test_scripts_are_used_again_after_a_refusal_that_passed(
        start_gate, place, own_redis):
    """A minute later, in limits and reads: the program's clock is moved."""
    user = ["ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all"]
    own_redis.client.execute_command(*user, "-@scripting")
    clock = os.path.join(place("f"), "clock")
    set_clock(clock, "+0")
    environment = {**clockwork(clock), "FAKETIME_DONT_FAKE_MONOTONIC": "0",
                   "DONT_FAKE_MONOTONIC": "0"}
    gate = start_gate({"redis.url": f"unix://app:pw@{own_redis.path}",
                       "cache.memory": 0, "server.limit": "100000/60",
                       "server.workers": 11, "server.leaders": 1,
                       "mysql.connections": 2, "login.hash_threads": 1},
                      **environment)

    def asked():
        """The commands of many requests, beside those of scripts."""
        with own_redis.watch() as seen:
            for _ in range(100):  # each worker has some
                gate.get("/auth", UNKNOWN)
        return {line.split(b"] ", 1)[1].split()[0].upper() for line in seen
                if b" lua]" not in line}
    assert asked() >= {b'"MULTI"', b'"GET"'}
    own_redis.client.execute_command(*user, "+@scripting")
    set_clock(clock, "+61s")
    assert gate.heals(lambda: b'"EVALSHA"' in asked())
    assert not asked() & {b'"MULTI"', b'"GET"'}


def test_redis_read_only_refuses_logins_and_serves_checks(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.client.execute_command(
        "REPLICAOF", "127.0.0.1", str(process.free_port()))
    is_down(gate.post("/login", alice.login), "redis_unavailable")
    assert gate.get("/user/me", cookie).message == "User fetched"
    assert gate.get("/auth", cookie).status == 200
    is_down(gate.post("/logout", cookie=cookie), "redis_unavailable",
            expires=True)
    own_redis.client.execute_command("REPLICAOF", "NO", "ONE")
    assert gate.heals(logs_in(gate, alice))


def test_redis_that_serves_no_stale_data_is_away(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.client.config_set("replica-serve-stale-data", "no")
    own_redis.client.execute_command(
        "REPLICAOF", "127.0.0.1", str(process.free_port()))
    is_down(gate.get("/auth", cookie), "redis_unavailable")
    own_redis.client.execute_command("REPLICAOF", "NO", "ONE")
    assert gate.heals(answers(gate, 200, cookie=cookie))


def test_redis_out_of_memory_refuses_logins_and_serves_checks(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    own_redis.client.config_set("maxmemory", "1")
    is_down(gate.post("/login", alice.login), "redis_unavailable")
    assert gate.get("/user/me", cookie).message == "User fetched"
    own_redis.client.config_set("maxmemory", "0")
    assert gate.heals(logs_in(gate, alice))


def test_redis_loading_is_away_until_it_has_loaded(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url})
    cookie = gate.log_in(alice)
    client = own_redis.client
    client.execute_command("DEBUG", "POPULATE", "3000", "junk", "100")
    client.execute_command("SAVE")
    client.config_set("key-load-delay", "500")
    client.config_set("loading-process-events-interval-bytes", "1024")
    loading = threading.Thread(
        target=client.execute_command, args=("DEBUG", "RELOAD", "NOSAVE"))
    loading.start()
    assert process.until(lambda: client.info("persistence")["loading"], 5)
    answer, took = gates.timed(gate.get, "/auth", cookie)
    loading.join(20)
    is_down(answer, "redis_unavailable")
    assert took < 1 * SLACK
    assert gate.heals(answers(gate, 200, cookie=cookie))


def test_redis_is_logged_once_a_change_of_state(start_gate, own_redis):
    gate = start_gate({"redis.url": own_redis.url,
                       "redis.command_timeout": "5s",  # sixty at a time
                       "redis.connect_timeout": "5s", "server.deadline": "8s"})

    def ask_often():
        threads = [threading.Thread(target=gate.get, args=("/auth", UNKNOWN))
                   for _ in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

    ask_often()
    assert len(gate.events("redis ready")) == 1
    assert len(gate.events("redis lost")) == 0
    own_redis.stop()
    ask_often()
    time.sleep(0.5)
    ask_often()
    assert len(gate.events("redis lost")) == 1
    assert "reason=" in gate.first_event("redis lost")
    own_redis.start()
    assert gate.heals(answers(gate, 403))
    ask_often()
    assert len(gate.events("redis ready")) == 2
    assert len(gate.events("redis lost")) == 1
