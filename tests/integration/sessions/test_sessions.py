"""Session records in Redis, the cookies that open them, and their checks."""

import json
import time

import pytest

import gate as gates
from gate import is_good

WEEK = 604800
SECURE, PLAIN = gates.SECURE_COOKIE, gates.PLAIN_COOKIE
TOKEN = "abcDEF0123456789-_abcDEF0123456789-_abcDEF0"


@pytest.fixture
def plain(module_gate, redis):
    return module_gate({"session.key": "plain"})


@pytest.fixture
def migrate(module_gate, redis):
    return module_gate({"session.key": "migrate"})


def now_ms():
    return int(time.time() * 1000)


def token_of(cookie):
    return cookie.partition("=")[2]


def only(redis, pattern):
    """(key, value, ttl) of the only key like this."""
    (key,) = redis.client.keys(pattern)
    return key, redis.client.get(key), redis.client.ttl(key)


def plant(redis, token=TOKEN, *, hashed=False, ttl=WEEK, **members):
    """A record as the Node application, or another program, would leave it."""
    record = {"userId": "42", "createdAt": now_ms(), **members}
    record = {k: v for k, v in record.items() if v is not None}
    key = gates.hashed(token) if hashed else token
    redis.client.set("sess:" + key, json.dumps(record), ex=ttl)
    return f"{PLAIN}={token}"


# the record

def test_the_record_stands_under_the_hash_of_the_token(gate, redis, alice):
    before = now_ms()
    cookie = gate.log_in(alice)
    key, value, ttl = only(redis, "sess:*")
    assert key == "sess:" + gates.hashed(token_of(cookie))
    assert WEEK - 5 <= ttl <= WEEK
    record = json.loads(value)
    assert list(record) == ["userId", "createdAt", "v", "expiresAt", "login",
                            "gen", "pw", "addr", "agent"]
    assert before - 1 <= record["createdAt"] <= now_ms() + 1
    assert record == {
        "userId": "42", "createdAt": record["createdAt"], "v": 1,
        "expiresAt": record["createdAt"] + WEEK * 1000,
        "login": "alice@example.org", "gen": record["gen"],
        "pw": record["pw"], "addr": "192.0.2.7", "agent": "tests/1"}
    assert value == gates.compact(record)
    assert token_of(cookie) not in value


def test_the_login_in_the_record_is_as_the_table_spells_it(
        gate, redis, users):
    user = users.add(email="As.In.Table@example.org")
    gate.post("/login", {**user.login, "email": "AS.IN.TABLE@EXAMPLE.ORG"})
    _, value, _ = only(redis, "sess:*")
    assert json.loads(value)["login"] == "As.In.Table@example.org"


def test_the_generation_is_made_at_login_and_lives_a_day_longer(
        gate, redis, alice):
    gate.log_in(alice)
    key, value, ttl = only(redis, "ugen:*")
    assert key == "ugen:{42}"
    assert WEEK + 86400 - 5 <= ttl <= WEEK + 86400
    generation = json.loads(value)
    assert list(generation) == ["gen", "ms"]
    assert generation["ms"] == 0
    assert generation["gen"]
    _, record, _ = only(redis, "sess:*")
    assert json.loads(record)["gen"] == generation["gen"]


def test_the_next_login_keeps_the_generation_and_renews_its_life(
        gate, redis, alice):
    first = gate.log_in(alice)
    value = redis.client.get("ugen:{42}")
    redis.client.expire("ugen:{42}", 100)
    second = gate.log_in(alice)
    assert redis.client.get("ugen:{42}") == value
    assert redis.client.ttl("ugen:{42}") > WEEK
    assert is_good(gate, first) and is_good(gate, second)


def test_parallel_first_logins_get_the_same_generation(gate, redis, alice):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        cookies = list(pool.map(lambda _: gate.log_in(alice), range(8)))
    assert all(is_good(gate, cookie) for cookie in cookies)


def test_life_is_an_option(module_gate, redis, alice):
    gate = module_gate({"session.life": "2h"})
    line = gate.post("/login", alice.login).header("Set-Cookie")
    assert "; Max-Age=7200; " in line
    _, value, ttl = only(redis, "sess:*")
    record = json.loads(value)
    assert record["expiresAt"] - record["createdAt"] == 7200_000
    assert 7195 <= ttl <= 7200


def test_every_key_has_the_prefix(module_gate, redis, alice):
    gate = module_gate({"redis.key_prefix": "shop:"})
    gate.get("/auth", gate.log_in(alice))

    def keys():
        return [key for key in redis.client.keys("*")
                if not key.startswith("probe:")]  # of other programs
    assert gate.heals(lambda: len(keys()) == 6)  # a probe comes now and then
    assert {key.rpartition(":")[0] for key in keys()} == {
        "shop:sess", "shop:ugen", "shop:uauth", "shop:usess", "shop:user",
        "shop:probe"}
    assert all(redis.client.ttl(key) > 0 for key in keys())


def test_the_database_number_of_the_url_is_used(
        start_gate, redis, alice):
    gate = start_gate({"redis.url": redis.url + (
        "/3" if redis.tls_port else "?db=3")})
    gate.log_in(alice)
    others = redis.client.keys("*")  # other programs write their probes
    assert all("probe:" in key for key in others)
    assert redis.client.info("keyspace")["db3"]["keys"] >= 4


@pytest.mark.parametrize("agent", [
    "a" * 5000, 'x"\\\n\r\t', "ü\udce9".encode("utf-8", "surrogateescape"),
    b"\xff\xfe\x80", b"\xed\xa0\x80", "%s%n"], ids=range(6))
def test_a_strange_user_agent_leaves_a_record_that_is_json(
        gate, redis, alice, agent):
    with gate.connect() as line:
        body = gates.compact(alice.login).encode()
        answer = line.ask(gate.params(
            "POST", "/login", CONTENT_TYPE="application/json",
            CONTENT_LENGTH=str(len(body)), HTTP_USER_AGENT=agent), body)
    assert answer.status == 200
    _, value, _ = only(redis, "sess:*")
    assert len(value) < 2000
    json.loads(value)
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    assert is_good(gate, cookie)


# checks of a session

def test_another_generation_ends_the_session(gate, redis, alice):
    cookie = gate.log_in(alice)
    assert is_good(gate, cookie)
    redis.client.set("ugen:{42}", '{"gen":"another","ms":1}', ex=100)
    assert not is_good(gate, cookie)
    assert len(redis.client.keys("sess:*")) == 1


def test_a_lost_generation_ends_the_session_for_good(gate, redis, alice):
    cookie = gate.log_in(alice)
    redis.client.delete("ugen:{42}")
    assert not is_good(gate, cookie)
    assert is_good(gate, gate.log_in(alice))
    assert not is_good(gate, cookie)


@pytest.mark.parametrize("value", [
    "", "x", "{}", "[]", "null", '{"gen":1}', '{"gen":""}', '{"ms":0}'])
def test_a_generation_that_cannot_be_read_opens_nothing(
        gate, redis, alice, value):
    cookie = gate.log_in(alice)
    redis.client.set("ugen:{42}", value, ex=100)
    assert gate.get("/auth", cookie).status == 403


def test_a_record_past_its_end_is_no_session(gate, redis, alice):
    cookie = gate.log_in(alice)
    key, value, _ = only(redis, "sess:*")
    record = json.loads(value)
    record["expiresAt"] = now_ms() - 1
    redis.client.set(key, json.dumps(record), ex=1000)
    assert not is_good(gate, cookie)


def test_a_record_that_redis_let_expire_is_no_session(gate, redis, alice):
    cookie = gate.log_in(alice)
    key, _, _ = only(redis, "sess:*")
    redis.client.pexpire(key, 1)
    time.sleep(0.01)
    assert not is_good(gate, cookie)


def test_sha256_takes_no_record_without_a_generation(gate, redis, alice):
    plant(redis, hashed=True, v=1)
    assert not is_good(gate, f"{SECURE}={TOKEN}")


def test_sha256_never_looks_for_the_plain_token(gate, redis, alice):
    plant(redis)
    with redis.watch() as seen:
        assert not is_good(gate, f"{SECURE}={TOKEN}")
    assert not [line for line in seen if TOKEN.encode() in line]


UNREADABLE = [
    "", "x", "null", "[]", '"42"', "42", "{}", '{"userId":""}', "{",
    '{"userId":null,"createdAt":1}', '{"userId":{},"createdAt":1}',
    '{"userId":"42"', '{"userId":"4 2"}', '{"userId":"0"}', '{"userId":42.5}',
    "{'userId':'42'}", "[" * 3000, '{"userId":"\\u0000"}',
    '{"cookie":{"originalMaxAge":86400000},"passport":{"user":42}}']


@pytest.mark.parametrize("value", UNREADABLE)
@pytest.mark.parametrize("mode", ["sha256", "plain"])
def test_a_record_that_cannot_be_read_is_no_session_and_stays(
        gate, plain, redis, alice, value, mode):
    which = plain if mode == "plain" else gate
    key = TOKEN if mode == "plain" else gates.hashed(TOKEN)
    redis.client.set("sess:" + key, value, ex=1000)
    name = PLAIN if mode == "plain" else SECURE
    assert not is_good(which, f"{name}={TOKEN}")
    assert redis.client.get("sess:" + key) == value


def test_a_record_of_another_type_is_no_session_and_stays(
        gate, redis, alice):
    key = "sess:" + gates.hashed(TOKEN)
    redis.client.hset(key, "userId", "42")
    assert not is_good(gate, f"{SECURE}={TOKEN}")
    assert redis.client.type(key) == "hash"


# plain: one Redis with a Node application

def test_plain_writes_key_and_shape_of_the_node_application(
        plain, redis, alice):
    line = plain.post("/login", alice.login).header("Set-Cookie")
    cookie = gates.Cookie(line)
    assert line == (f"SESSION-TOKEN={cookie.value}; Path=/; Max-Age=604800; "
                    "HttpOnly; Secure; SameSite=Lax")
    key, value, ttl = only(redis, "sess:*")
    assert key == "sess:" + cookie.value
    assert WEEK - 5 <= ttl <= WEEK
    assert list(json.loads(value)) == [
        "userId", "createdAt", "expiresAt", "login", "gen", "pw", "addr", "agent"]


@pytest.mark.parametrize("uid", ["42", 42])
def test_plain_takes_records_of_the_node_application(plain, redis, alice, uid):
    cookie = plant(redis, userId=uid)
    answer = plain.get("/auth", cookie)
    assert answer.status == 200
    assert answer.json()["user"] == alice.shown


def test_of_a_record_of_the_node_application_the_end_is_the_keys(
        plain, redis, alice):
    created = now_ms() - 5000
    cookie = plant(redis, createdAt=created, ttl=1000)
    session = plain.get("/auth", cookie).json()["session"]
    assert session["createdAt"] == created
    assert abs(session["expiresAt"] - (now_ms() + 1000_000)) < 2000


def test_a_hash_seen_in_a_dump_is_no_token(plain, migrate, gate, redis, alice):
    """A record with v that lies under a plain key was hashed for somebody."""
    secret = gate.log_in(alice)
    seen = gates.hashed(token_of(secret))
    for which in (plain, migrate):
        assert not is_good(which, f"{PLAIN}={seen}")


@pytest.mark.parametrize("ended,created,good", [
    (None, -1000, True), (0, -1000, True), (-2000, -1000, True),
    (-1000, -1000, False), (-500, -1000, False), (-2000, None, False),
    (0, None, True), (-2000, 30_000, True), (-2000, 90_000, False)])
def test_a_record_without_generation_against_the_last_end_of_all(
        plain, redis, alice, ended, created, good):
    """Times in ms from now: when all sessions ended, when this one began."""
    now = now_ms()
    if ended is not None:
        ms = ended and now + ended
        redis.client.set("ugen:{42}", '{"gen":"g","ms":%d}' % ms, ex=1000)
    cookie = plant(redis, createdAt=created and now + created)
    assert is_good(plain, cookie) is good


def test_plain_logout_deletes_a_record_of_the_node_application(
        plain, redis, alice):
    cookie = plant(redis)
    answer = plain.post("/logout", cookie=cookie)
    assert answer.header("Set-Cookie").startswith("SESSION-TOKEN=; Path=/; ")
    assert redis.client.keys("sess:*") == []


# migrate: from plain to sha256

def test_migrate_writes_hashed_and_reads_both(migrate, redis, alice):
    new = migrate.log_in(alice)
    key, value, _ = only(redis, "sess:*")
    assert key == "sess:" + gates.hashed(token_of(new))
    assert json.loads(value)["v"] == 1
    assert new.startswith(PLAIN + "=")
    old = plant(redis)
    assert is_good(migrate, new) and is_good(migrate, old)


def test_migrate_logout_deletes_both_forms(migrate, redis, alice):
    cookie = plant(redis)
    plant(redis, hashed=True, v=1)
    migrate.post("/logout", cookie=cookie)
    assert redis.client.keys("sess:*") == []


# cookies

def test_by_default_only_the_secure_name_is_read(gate, alice):
    token = token_of(gate.log_in(alice))
    answer = gate.get("/auth", f"{PLAIN}={token}")
    assert (answer.status, answer.code) == (401, "token_missing")


@pytest.mark.parametrize("mode", ["plain", "migrate"])
def test_compat_is_on_by_itself_where_node_shares(
        module_gate, redis, alice, mode):
    gate = module_gate({"session.key": mode})
    token = token_of(gate.log_in(alice))
    assert is_good(gate, f"{PLAIN}={token}")
    assert is_good(gate, f"{SECURE}={token}")


def test_compat_on_reads_both_names(module_gate, redis, alice):
    gate = module_gate({"cookie.compat": "on"})
    token = token_of(gate.log_in(alice))
    assert is_good(gate, f"{PLAIN}={token}")
    assert is_good(gate, f"{SECURE}={token}")


def test_compat_off_reads_one(module_gate, redis, alice):
    gate = module_gate({"session.key": "plain", "cookie.compat": "off"})
    token = token_of(gate.log_in(alice))
    assert is_good(gate, f"{PLAIN}={token}")
    assert gate.get("/auth", f"{SECURE}={token}").code == "token_missing"


def test_a_bad_secure_cookie_is_not_saved_by_the_other_name(
        plain, redis, alice):
    good = plain.log_in(alice)
    for other in ("a" * 43, "short"):
        assert not is_good(plain, f"{good}; {SECURE}={other}")
        assert not is_good(plain, f"{SECURE}={other}; {good}")


def test_logout_ends_and_expires_every_name_that_came(plain, redis, alice):
    one, two = (token_of(plain.log_in(alice)) for _ in range(2))
    answer = plain.post("/logout", cookie=f"{PLAIN}={one}; {SECURE}={two}")
    assert {gates.Cookie(line).pair for line in answer.all("Set-Cookie")} == {
        PLAIN + "=", SECURE + "="}
    assert redis.client.keys("sess:*") == []


def test_of_two_plain_cookies_the_first_wins(plain, redis, alice):
    good = plain.log_in(alice)
    bad = f"{PLAIN}={'b' * 43}"
    assert is_good(plain, f"{good}; {bad}")
    assert not is_good(plain, f"{bad}; {good}")


def test_two_secure_cookies_must_agree(gate, alice):
    good = gate.log_in(alice)
    other = gate.log_in(alice)
    assert is_good(gate, f"{good}; {good}")
    assert not is_good(gate, f"{good}; {other}")
    assert not is_good(gate, f"{other}; {good}")


def test_several_cookie_headers_are_joined(gate, alice):
    """nginx sends one HTTP_COOKIE parameter for each."""
    good = gate.log_in(alice)
    rest = list(gate.params().items())
    for order in ([("HTTP_COOKIE", "a=b"), ("HTTP_COOKIE", good)],
                  [("HTTP_COOKIE", good), ("HTTP_COOKIE", "a=b")]):
        with gate.connect() as line:
            assert line.ask(rest + order).status == 200


@pytest.mark.parametrize("form", [
    "{name}={token}", "a=b; {name}={token}; c=d", "a=b;{name}={token};c=d",
    '{name}="{token}"', "  {name}  =  {token}  ; x", "{name}={token};",
    ";;; {name}={token}", "{name}={encoded}", 'x="; {name}={token}',
    "a=b;\t{name}={token}"])
def test_cookies_are_read_as_browsers_and_the_node_application_write_them(
        gate, alice, form):
    cookie = gate.log_in(alice)
    name, _, token = cookie.partition("=")
    encoded = f"%{ord(token[0]):02X}%{ord(token[1]):02x}{token[2:]}"
    text = form.format(name=name, token=token, encoded=encoded)
    assert is_good(gate, text)


@pytest.mark.parametrize("token,asked", [
    ("a" * 15, False), ("a" * 16, True), ("a" * 256, True), ("a" * 257, False),
    ("A-Z_a.z~0+9/=" * 2, True), ("a" * 20 + "!", False),
    ("a" * 20 + ",", False), ("a" * 20 + "*", False), ("a" * 20 + ":", False)])
def test_only_what_can_be_a_token_reaches_redis(
        plain, redis, token, asked):
    with redis.watch() as seen:
        assert not is_good(plain, f"{PLAIN}={token}")
    assert bool([line for line in seen if b'"sess:' in line]) is asked


@pytest.mark.parametrize("settings,line", [
    ({"cookie.secure": "off"},
     "SESSION-TOKEN={}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"),
    ({"cookie.name": "SID"},
     "SID={}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax"),
    ({"cookie.domain": "example.org"},
     "SESSION-TOKEN={}; Path=/; Max-Age=604800; Domain=example.org; "
     "HttpOnly; Secure; SameSite=Lax"),
    ({"cookie.samesite": "Strict"},
     "__Host-SESSION-TOKEN={}; Path=/; Max-Age=604800; HttpOnly; Secure; "
     "SameSite=Strict"),
    ({"cookie.path": "/app", "cookie.secure": "off"},
     "SESSION-TOKEN={}; Path=/app; Max-Age=604800; HttpOnly; SameSite=Lax")])
def test_the_cookie_is_as_configured(
        module_gate, redis, alice, settings, line):
    """Attributes in any order, these and no other."""
    gate = module_gate(settings)
    came = gate.post("/login", alice.login).header("Set-Cookie")
    cookie = gates.Cookie(came)
    first, *rest = line.format(cookie.value).split("; ")
    assert cookie.pair == first
    assert sorted(cookie.attributes) == sorted(rest)
    assert is_good(gate, cookie.pair)
    bye = gates.Cookie(
        gate.post("/logout", cookie=cookie.pair).header("Set-Cookie"))
    kept = [a for a in rest if not a.startswith("Max-Age")]
    assert bye.pair == cookie.name + "="
    assert sorted(bye.attributes) == sorted(
        [*kept, "Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
