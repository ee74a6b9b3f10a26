"""The meaning of each error of Redis: none refuses a live session.

All errors are made by real servers.  Only what a key holds (another type, a
value too long, another shape) says anything about a session; every other error
is "could not tell", nested in a script's reply or not: 503 and one log line.
"""

import contextlib
import os
import shutil
import threading
import time

import pytest

import gate as gates
import process
import stack
from hits import key_of
from outages import UNKNOWN, answers, is_down, is_unready, logs_in
from taps import PATIENT
from test_redis import ACL

PATTERNS = [word for word in ACL.split() if word.startswith("~")]
COMMANDS = [word for word in ACL.split() if word.startswith("+")]
NO_CACHE = {"cache.memory": 0, "ops.access": "192.0.2.7"}


def app(redis, rights):
    redis.client.execute_command(
        "ACL", "SETUSER", "app", "reset", "on", ">pw", *rights)
    return f"unix://app:pw@{redis.path}"


# an ACL that lacks something

def is_never_no(gate, cookie):
    """A live session: let in, or "could not tell"."""
    for path in ("/auth", "/user/me", "/sessions"):
        answer = gate.get(path, cookie)
        assert answer.status in (200, 503), (path, answer)
        if answer.status == 503:
            is_down(answer, "redis_unavailable")
    return True


@pytest.mark.parametrize("key", ["sha256", "plain"])
@pytest.mark.parametrize("lacking", [*PATTERNS, *COMMANDS])
@pytest.mark.sanitized(6)
def test_a_right_that_is_lacking_ends_no_session(
        start_gate, own_redis, alice, lacking, key):
    whole = start_gate({"redis.url": own_redis.url, "session.key": key,
                        "cookie.name": "S", "cookie.secure": "off",
                        **PATIENT})
    cookie = whole.log_in(alice)
    rights = [word for word in ACL.split() if word != lacking]
    gate = start_gate({"redis.url": app(own_redis, rights),
                       "session.key": key, "cookie.name": "S",
                       "cookie.secure": "off", "session.idle": "1h",
                       "server.workers": 20, **NO_CACHE, **PATIENT})
    own_redis.client.script_flush()
    for _ in range(3):
        assert is_never_no(gate, cookie)
    if gate.get("/auth", cookie).status == 503:
        assert gate.events("redis refused")
        kind = lacking[1:].partition("*")[0]
        said = " ".join(gate.events("redis refused"))
        assert kind in said.lower()
    gate.post("/login", alice.login)
    assert gate.post("/logout", cookie=cookie).status in (200, 503)


@pytest.mark.parametrize("lacking", PATTERNS)
def test_check_config_names_the_keys_that_an_acl_lacks(
        stores, own_redis, lacking):
    rights = [word for word in ACL.split() if word != lacking]
    done = gates.run("--check-config", settings={
        **stores, "redis.url": app(own_redis, rights)})
    assert done.returncode == 78
    assert lacking[1:] in done.stderr
    assert "[redis] url: works" not in done.stdout


OPTIONAL = {"+eval", "+evalsha", "+client|tracking", "+subscribe",
            "+client|id"}
UNUSED = {"+setex", "+unlink", "+ttl", "+select", "+hello", "+auth", "+ping",
          "+client|setname", "+script|load", "+multi", "+exec", "+watch",
          "+role"}


@pytest.mark.sanitized(6)
@pytest.mark.parametrize("lacking", COMMANDS)
def test_check_config_names_the_command_that_an_acl_lacks(
        stores, own_redis, lacking):
    rights = [word for word in ACL.split() if word != lacking]
    done = gates.run("--check-config", settings={
        **stores, "redis.url": app(own_redis, rights)})
    if lacking in UNUSED:
        assert done.returncode == 0, done.stderr
        return
    assert lacking[1:].split("|")[-1] in done.stderr.lower()
    assert done.returncode == (0 if lacking in OPTIONAL else 78)
    assert ("[redis] url: works" in done.stdout) == (lacking in OPTIONAL)


# states of the server, each by its error

@contextlib.contextmanager
def out_of_memory(redis):
    redis.client.config_set("maxmemory", "1")
    yield "OOM"
    redis.client.config_set("maxmemory", "0")


@contextlib.contextmanager
def lacking_replicas(redis):
    redis.client.config_set("min-replicas-to-write", "1")
    yield "NOREPLICAS"
    redis.client.config_set("min-replicas-to-write", "0")


@contextlib.contextmanager
def disk_full(redis):
    """The last save failed: Redis answers a PING, too, with MISCONF."""
    folder = os.path.join(redis.folder, "saves")
    os.mkdir(folder)
    redis.client.config_set("dir", folder)
    redis.client.config_set("save", "3600 1000000")
    shutil.rmtree(folder)
    with contextlib.suppress(stack.redis_py.ResponseError):
        redis.client.bgsave()
    assert process.until(lambda: redis.client.info("persistence")[
        "rdb_last_bgsave_status"] == "err", 5) is not None
    with pytest.raises(stack.redis_py.ResponseError, match="MISCONF"):
        redis.client.ping()
    yield "MISCONF"
    redis.client.config_set("save", "")
    redis.client.config_set("stop-writes-on-bgsave-error", "no")


@contextlib.contextmanager
def read_only(redis):
    redis.client.execute_command(
        "REPLICAOF", "127.0.0.1", str(process.free_port()))
    yield "READONLY"
    redis.client.execute_command("REPLICAOF", "NO", "ONE")


WRITES_REFUSED = [out_of_memory, lacking_replicas, disk_full]


@pytest.fixture
def protected(place):
    server = stack.Redis(place("r"), "--enable-protected-configs", "yes")
    yield server
    server.kill()


@pytest.mark.parametrize("state", WRITES_REFUSED)
def test_where_writes_are_refused_checks_go_on(
        start_gate, protected, alice, state):
    gate = start_gate({"redis.url": protected.url, **NO_CACHE})
    cookie = gate.log_in(alice)
    with state(protected) as word:
        for _ in range(3):
            is_down(gate.post("/login", alice.login), "redis_unavailable")
            is_unready(gate, "redis_unavailable")
            assert gate.get("/auth", cookie).status == 200
        assert word in gate.log_text()
        late = start_gate({"redis.url": protected.url, **NO_CACHE})
        assert late.heals(answers(late, 200, cookie=cookie))
        assert late.get("/auth", UNKNOWN).status == 403
        assert not late.events("redis lost")
    assert gate.heals(logs_in(gate, alice))
    assert gate.heals(answers(gate, 200, "/readyz"))
    assert not gate.events("redis lost")


@pytest.mark.parametrize("state", WRITES_REFUSED + [read_only])
def test_check_config_says_that_writes_are_refused(stores, protected, state):
    settings = {**stores, "redis.url": protected.url}
    with state(protected) as word:
        done = gates.run("--check-config", settings=settings)
        assert done.returncode == 78
        assert "[redis] url: works" not in done.stdout
        assert (word if word != "READONLY" else "replica") in done.stderr
    done = gates.run("--check-config", settings=settings)
    assert done.returncode == 0, done.stderr


def test_a_breaker_that_opened_closes_while_writes_are_refused(
        start_gate, protected, alice):
    gate = start_gate({"redis.url": protected.url, **NO_CACHE})
    cookie = gate.log_in(alice)
    with disk_full(protected):
        protected.freeze()
        for _ in range(6):
            gate.get("/auth", cookie)
        assert gate.events("redis lost")
        protected.thaw()
        assert gate.heals(answers(gate, 200, cookie=cookie))


def test_a_script_that_does_not_end_is_an_outage(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url, **NO_CACHE})
    cookie = gate.log_in(alice)
    own_redis.client.config_set("busy-reply-threshold", "10")
    looping = threading.Thread(target=lambda: pytest.raises(
        Exception, own_redis.client.eval, "while true do end", 0))
    looping.start()
    time.sleep(0.3)
    is_down(gate.get("/auth", cookie), "redis_unavailable")
    own_redis.client.script_kill()
    looping.join(10)
    assert gate.heals(answers(gate, 200, cookie=cookie))


def test_one_link_that_is_not_let_in_is_no_outage(
        start_gate, own_redis, alice):
    """Those that are in go on; the breaker stays closed."""
    gate = start_gate({"redis.url": own_redis.url, "server.workers": 20,
                       **NO_CACHE})
    cookie = gate.log_in(alice)
    admin = own_redis.client
    admin.config_set("maxclients", str(len(admin.client_list())))
    seen = set()
    threads = [threading.Thread(target=lambda: seen.add(
        gate.get("/auth", cookie).status)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen <= {200, 503}
    assert not gate.events("redis lost")
    admin.config_set("maxclients", "1000")
    assert gate.heals(answers(gate, 200, cookie=cookie))


@pytest.mark.parametrize("word", ["NOAUTH", "WRONGPASS"])
def test_a_password_that_changed_shuts_out_no_link_that_is_in(
        start_gate, own_redis, alice, word):
    if word == "WRONGPASS":
        own_redis.client.acl_setuser(
            "app", enabled=True, passwords=["+pw"], keys="*",
            commands=["+@all"], channels="*")
    url = {"NOAUTH": own_redis.url,
           "WRONGPASS": f"unix://app:pw@{own_redis.path}"}[word]
    gate = start_gate({"redis.url": url, "server.workers": 20, **NO_CACHE})
    cookie = gate.log_in(alice)
    admin = own_redis.client
    admin.ping()
    if word == "NOAUTH":
        admin.execute_command("CONFIG", "SET", "requirepass", "x")
        admin = stack.redis_py.Redis(
            unix_socket_path=own_redis.path, password="x")
    else:
        admin.execute_command("ACL", "SETUSER", "app", "resetpass", ">new")
    statuses = {gate.get("/auth", cookie).status for _ in range(60)}
    assert statuses <= {200, 503}
    admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert gate.heals(answers(gate, 503, cookie=cookie))
    assert gate.heals(lambda: word in gate.log_text())
    if word == "NOAUTH":
        admin.execute_command("CONFIG", "SET", "requirepass", "")
    else:
        admin.execute_command("ACL", "SETUSER", "app", ">pw")
    assert gate.heals(answers(gate, 200, cookie=cookie))


@pytest.mark.parametrize("word", ["CLUSTERDOWN", "MOVED"])
def test_a_cluster_is_told_and_ends_no_session(
        start_gate, place, alice, word):
    buses = [str(process.free_port()) for _ in range(2)]
    server, other = [
        stack.Redis(place("r"), "--cluster-enabled", "yes",
                    "--cluster-port", bus, tcp=True) for bus in buses]
    try:
        if word == "MOVED":
            server.client.execute_command(
                "CLUSTER", "MEET", "127.0.0.1", str(other.port), buses[1])
            other.client.execute_command(
                "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            assert process.until(lambda: "cluster_state:ok" in str(
                server.client.execute_command("CLUSTER", "INFO")), 20)
        gate = start_gate({"redis.url": server.url, **NO_CACHE})
        for _ in range(3):
            is_down(gate.get("/auth", UNKNOWN), "redis_unavailable")
        assert process.until(lambda: word in gate.log_text(), 3)
        assert len(gate.events("redis lost")) == 0
        assert len(gate.events("redis refused")) <= 35
    finally:
        server.kill()
        other.kill()


# values of a key

MIB = 1 << 20


SPOILT = {
    "sess: long": lambda c, k: c.set(k, "x" * (10 * MIB), keepttl=True),
    "sess: just too long": lambda c, k: c.set(k, "x" * 65537, keepttl=True),
    "sess: a list": lambda c, k: (c.delete(k), c.lpush(k, "x")),
    "sess: no JSON": lambda c, k: c.set(k, "{", keepttl=True),
    "ugen: long": lambda c, k: c.set("ugen:{42}", "x" * (10 * MIB)),
    "ugen: a list": lambda c, k: (c.delete("ugen:{42}"),
                                  c.lpush("ugen:{42}", "x")),
    "ugen: no JSON": lambda c, k: c.set("ugen:{42}", "{"),
}
HARMLESS = {
    "uauth: long": lambda c, k: c.set("uauth:{42}", "x" * (10 * MIB)),
    "uauth: a list": lambda c, k: (c.delete("uauth:{42}"),
                                   c.lpush("uauth:{42}", "x")),
    "uauth: no JSON": lambda c, k: c.set("uauth:{42}", "{"),
    "user: long": lambda c, k: c.set("user:42", "x" * (10 * MIB)),
    "user: a list": lambda c, k: (c.delete("user:42"),
                                  c.lpush("user:42", "x")),
    "usess: long": lambda c, k: c.zadd("usess:{42}", {"x" * (10 * MIB): 1}),
    "usess: many": lambda c, k: c.zadd(
        "usess:{42}", {f"{i:060000}": i for i in range(300)}),
    "usess: a list": lambda c, k: (c.delete("usess:{42}"),
                                   c.lpush("usess:{42}", "x")),
}


def rights_of(scripts):
    return ["~*", "&*", "+@all", *([] if scripts else ["-@scripting"])]


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "questions"])
@pytest.mark.parametrize("how", [*SPOILT, *HARMLESS])
@pytest.mark.sanitized(4)
def test_a_value_that_cannot_be_read_is_noticed_by_nobody_else(
        start_gate, own_redis, alice, users, how, scripts):
    bob = users.add()
    gate = start_gate({
        "redis.url": app(own_redis, rights_of(scripts)), **NO_CACHE,
        **PATIENT})
    cookie, others = gate.log_in(alice), gate.log_in(bob)
    for _ in range(3):
        gate.get("/user/me", cookie)
    memory = gate.memory()
    {**SPOILT, **HARMLESS}[how](own_redis.client, key_of(cookie))
    for _ in range(5):
        for path in ("/auth", "/user/me", "/sessions"):
            answer = gate.get(path, cookie)
            assert answer.status == (403 if how in SPOILT else 200), (
                path, answer)
            assert gate.get(path, others).status == 200
    assert not gate.events("redis lost")
    # sanitizers keep what was freed
    assert gate.memory() - memory < (
        64 if "ASAN_OPTIONS" in os.environ else 8) * MIB
    if how in SPOILT:
        assert "reason=" in gate.first_event("session unreadable")
    assert gate.heals(logs_in(gate, alice))
    assert gate.post("/logout", cookie=cookie).status == 200
    assert gate.post("/logout/all", cookie=gate.log_in(alice)).status == 200


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "questions"])
@pytest.mark.parametrize("how", ["long", "a list", "no JSON"])
def test_a_generation_that_cannot_be_read_revives_nobody(
        start_gate, own_redis, alice, how, scripts):
    """With key = plain a session of the Node application has no generation."""
    gate = start_gate({
        "redis.url": app(own_redis, rights_of(scripts)),
        "session.key": "plain", **NO_CACHE, **PATIENT})
    token = "t" * 43
    own_redis.client.set("sess:" + token, gates.compact(
        {"userId": "42", "createdAt": int(time.time() * 1000)}), ex=600)
    cookie = f"{gates.PLAIN_COOKIE}={token}"
    assert gate.get("/auth", cookie).status == 200
    SPOILT["ugen: " + how](own_redis.client, "")
    for _ in range(3):
        assert gate.get("/auth", cookie).status == 403
    assert gate.events("session unreadable")
    gate.log_in(alice)  # makes one that can
    assert "gen" in own_redis.client.get("ugen:{42}")


def test_a_limit_that_is_no_counter_is_could_not_tell(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url,
                       "login.limit_pair": "5/900", **NO_CACHE})
    gate.post("/login", {"email": alice.email, "password": "no"})
    for key in own_redis.client.keys("rate:*"):
        own_redis.client.delete(key)
        own_redis.client.lpush(key, "x")
    is_down(gate.post("/login", alice.login), "redis_unavailable")
