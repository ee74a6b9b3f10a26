"""Records of every shape: each way of reading one says the same.

A check reads by a script, or by two questions where Redis refuses scripts, or
from the process's cache after either; in each key mode; of one site or of
several.  Every row of the tables goes through all of them.
"""

import itertools
import json
import time

import pytest

import gate as gates
import taps

SERIAL = itertools.count()
SECURE, PLAIN = gates.SECURE_COOKIE, gates.PLAIN_COOKIE
GONE = "gone"  # written beside a member's name: the member is left out
NO_SCRIPTS = ["-@scripting"]
NEITHER = ["-@scripting", "-@transaction"]
RIGHTS = {"scripts": [], "questions": NO_SCRIPTS, "neither": NEITHER}
SITE = """
[site "shop"]
redis.key_prefix = shop:
[site "forum"]
redis.key_prefix = forum:
"""
# where a record lies: the key mode, and whether under the token's hash
PLACES = [("sha256", True), ("plain", False), ("migrate", True),
          ("migrate", False)]


def now_ms(ahead=0):
    return int(time.time() * 1000) + ahead


def new_token():
    return f"{next(SERIAL):043}"


class Way:
    """One program, and the prefix of the keys that it reads."""

    def __init__(self, gate, prefix="", **params):
        self.gate, self.prefix, self.params = gate, prefix, params

    def ask(self, token, method="GET", path="/auth", **more):
        cookie = f"{PLAIN}={token}; {SECURE}={token}"
        return self.gate.ask(method, path, cookie=cookie, **more,
                             **self.params)

    def verdict(self, token):
        answer = self.ask(token)
        if answer.status == 200:
            return "good"
        assert answer.status == 403, answer
        return {"session_invalid": "dead",
                "session_user_gone": "gone"}[answer.code]


@pytest.fixture(scope="module")
def urls(redis_server):
    """The run's Redis, for those who may use it in each of these ways."""
    for name, rights in RIGHTS.items():
        redis_server.client.execute_command(
            "ACL", "SETUSER", name, "on", ">pw", "~*", "&*", "+@all", *rights)
    yield {name: f"unix://{name}:pw@{redis_server.path}" for name in RIGHTS}
    for name in RIGHTS:
        redis_server.client.execute_command("ACL", "DELUSER", name)


@pytest.fixture
def ways(module_gate, urls, place_of_sites, redis, alice):
    """All ways of a key mode, by name."""

    def of(mode, *rights):
        common = {"session.key": mode, "cookie.compat": "on",
                  "redis.connect_timeout": "2s", "redis.command_timeout": "2s"}
        found = {}
        for right in rights or RIGHTS:
            for memory, kind in ("0", "cold"), ("8M", "cached"):
                found[f"{mode} {right} {kind}"] = Way(module_gate({
                    **common, "redis.url": urls[right],
                    "cache.memory": memory}))
        found[f"{mode} site"] = Way(
            place_of_sites(common), "forum:", SESSGATE_SITE="forum")
        return found
    return of


@pytest.fixture(scope="module")
def place_of_sites(place, stores):
    """A program with two sites for each key mode."""
    running = {}

    def start(settings):
        name = settings["session.key"]
        if name not in running:
            folder = place("s")
            conf = folder + "/sites.conf"
            with open(conf, "w", encoding="ascii") as file:
                file.write("".join(
                    f"[{k.partition('.')[0]}]\n{k.partition('.')[2]} = {v}\n"
                    for k, v in {**stores, **settings}.items()) + SITE)
            running[name] = gates.Gate(folder, args=["--config", conf])
        return running[name]
    yield start
    for gate in running.values():
        assert gate.stop() == 0


def text_of(record, hashed):
    """The text of a record: as it is, or with these members changed."""
    if not isinstance(record, dict):
        return record
    members = {"userId": "42", "createdAt": now_ms(-1000), "gen": "g",
               **({"v": 1} if hashed else {}), **record}
    return json.dumps({k: v for k, v in members.items() if v != GONE})


def plant(redis, way, hashed, record, generation='{"gen":"g","ms":0}',
          token=None):
    """The token of a record that lies where this way looks for it."""
    token = token or new_token()
    key = way.prefix + "sess:" + (gates.hashed(token) if hashed else token)
    redis.client.delete(way.prefix + "ugen:{42}", way.prefix + "uauth:{42}")
    if isinstance(record, list):  # a key of another type
        redis.client.execute_command(record[0], key, *record[1:])
        redis.client.expire(key, 1000)
    else:
        redis.client.set(key, text_of(record, hashed), ex=1000)
    if isinstance(generation, list):
        redis.client.execute_command(
            generation[0], way.prefix + "ugen:{42}", *generation[1:])
    elif generation is not None:
        redis.client.set(way.prefix + "ugen:{42}", generation, ex=1000)
    return token


def judge(ways, redis, expected, record, *generation):
    """Each way in each place says what is expected there; all that differ."""
    wrong = []
    for (mode, hashed), verdict in zip(PLACES, expected):
        for name, way in ways(mode, "scripts", "questions").items():
            token = plant(redis, way, hashed, record, *generation)
            said = {way.verdict(token) for _ in range(3)}
            if said != {verdict}:
                wrong.append((name, hashed, said, "not", verdict))
    assert not wrong, wrong


def same(verdict):
    return [verdict] * len(PLACES)


GOOD, DEAD = same("good"), same("dead")
# without a generation of its own: not in sha256
BARE = ["dead", "good", "good", "good"]
# a record that lies where its mark says that it does not belong
MARKED = ["good", "dead", "good", "dead"]

ROWS = {
    "as written": ({}, GOOD),
    "user as a number": ({"userId": 42}, GOOD),
    "user as a fraction": ({"userId": 42.0}, DEAD),
    "user as a large number": ('{"userId":42e0,"gen":"g","v":1}', DEAD),
    "user empty": ({"userId": ""}, DEAD),
    "user of another alphabet": ({"userId": "4x"}, DEAD),
    "user with a zero before": ({"userId": "042"}, DEAD),
    "user with a blank": ({"userId": "42 "}, DEAD),
    "user with a brace": ({"userId": "42}"}, DEAD),
    "user null": ({"userId": None}, DEAD),
    "user true": ({"userId": True}, DEAD),
    "user in a list": ({"userId": ["42"]}, DEAD),
    "user negative": ({"userId": -42}, DEAD),
    "user zero": ({"userId": 0}, DEAD),
    "no user": ({"userId": GONE}, DEAD),
    "user a lone surrogate": ({"userId": "\ud800"}, DEAD),
    "user with a NUL": ({"userId": "42\0"}, DEAD),
    "user beyond a double": (
        {"userId": 9007199254740993, "gen": GONE},
        ["dead", "gone", "gone", "gone"]),
    "user who is not there": (
        {"userId": "43", "gen": GONE}, ["dead", "gone", "gone", "gone"]),
    "created as a date": ({"createdAt": "2026-01-01T00:00:00.000Z"}, GOOD),
    "created as digits": ({"createdAt": "1795475664506"}, GOOD),
    "created as a fraction": ({"createdAt": 1795475664506.5}, GOOD),
    "created null": ({"createdAt": None}, GOOD),
    "created below 0": ({"createdAt": -1}, GOOD),
    "created far ahead": ({"createdAt": 10 ** 30}, GOOD),
    "created 1e12": ('{"userId":"42","createdAt":1e12,"gen":"g"}', GOOD),
    "created as an object": ({"createdAt": {}}, GOOD),
    "not created": ({"createdAt": GONE}, GOOD),
    "v in a plain one": ({"v": 1}, MARKED),
    "v null": ({"v": None}, MARKED),
    "v a text": ({"v": "x"}, MARKED),
    "no v": ({"v": GONE}, GOOD),
    "no gen": ({"gen": GONE}, BARE),
    "gen wrong": ({"gen": "h"}, DEAD),
    "gen empty": ({"gen": ""}, DEAD),
    "gen a number": ({"gen": 1}, DEAD),
    "gen null": ({"gen": None}, DEAD),
    "gen a lone surrogate": ({"gen": "\ud800"}, DEAD),
    "gen of another case": ({"gen": "G"}, DEAD),
    "expired": ({"expiresAt": 1}, DEAD),
    "expires ahead": ({"expiresAt": now_ms(10 ** 8)}, GOOD),
    "expires as a text": ({"expiresAt": "1"}, DEAD),
    "expires null": ({"expiresAt": None}, DEAD),
    "expires as a fraction": ({"expiresAt": 1.5}, DEAD),
    "expires below 0": ({"expiresAt": -1}, DEAD),
    "pw of another type": ({"pw": 7}, DEAD),
    "login an object": ({"login": {"a": 1}}, GOOD),
    "agent a number": ({"agent": 7}, GOOD),
    "addr null": ({"addr": None}, GOOD),
    "agent a lone surrogate": ({"agent": "\udc00"}, GOOD),
    "unknown members": ({"cart": [1, {"x": None}], "n": 1.5}, GOOD),
    "unknown lone surrogate": ({"x": "a\ud800b", "y": ["\udfff"]}, GOOD),
    "a name with a lone surrogate": ({"\ud800": 1}, GOOD),
    "a name with a NUL": ({"a\0b": 1}, GOOD),
    "a name with a NUL behind userId": ({"userId\0": "43"}, GOOD),
    "an empty name": ({"": 1}, GOOD),
    "an unknown number of 400 digits": (
        '{"x":%s,"userId":"42","gen":"g"}' % ("9" * 400), GOOD),
    "an unknown member 500 deep": (
        '{"x":%s%s,"userId":"42","gen":"g"}' % ("[" * 500, "]" * 500), GOOD),
    "bytes that are no UTF-8, unread": (
        b'{"x":"\xff\xed\xa0\x80","userId":"42","gen":"g"}', GOOD),
    "bytes that are no UTF-8, read": (
        b'{"userId":"42\xff","gen":"g"}', DEAD),
    "a member twice, the last counts": (
        '{"userId":"41","userId":"42","gen":"h","gen":"g"}', GOOD),
    "a member twice, the last is wrong": (
        '{"userId":"42","gen":"g","gen":"h"}', DEAD),
    "an escaped name": ('{"\\u0075serId":"42","gen":"g"}', GOOD),
    "blanks": (' {\n"userId" : "42" ,\t"gen":"g"}\r\n', GOOD),
    "no JSON": ("x", DEAD),
    "nothing": ("", DEAD),
    "an array": ('["42"]', DEAD),
    "a text": ('"42"', DEAD),
    "null": ("null", DEAD),
    "an empty object": ("{}", DEAD),
    "cut short": ('{"userId":"42","gen":"g"', DEAD),
    "a comma too many": ('{"userId":"42","gen":"g",}', DEAD),
    "no comma": ('{"userId":"42" "gen":"g"}', DEAD),
    "a colon too many": ('{"userId"::"42","gen":"g"}', DEAD),
    "brackets that do not match": ('{"userId":"42","gen":"g","x":[}]}', DEAD),
    "two values": ('{"userId":"42","gen":"g"}{}', DEAD),
    "a comment": ('{"userId":"42",/**/"gen":"g"}', DEAD),
    "single quotes": ("{'userId':'42','gen':'g'}", DEAD),
    "a BOM": (b'\xef\xbb\xbf{"userId":"42","gen":"g"}', DEAD),
    "64 KiB": (
        '{"userId":"42","gen":"g","x":"%s"}' % ("x" * 65536), DEAD),
    "just below 64 KiB": (
        '{"userId":"42","gen":"g","x":"%s"}' % ("x" * 65000), GOOD),
    "another application's": (
        '{"cookie":{"originalMaxAge":1},"passport":{"user":42}}', DEAD),
    "a hash": (["HSET", "userId", "42"], DEAD),
    "a list": (["RPUSH", '{"userId":"42","gen":"g"}'], DEAD),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.sanitized(12)
def test_each_way_reads_a_record_alike(ways, redis, name):
    record, expected = ROWS[name]
    judge(ways, redis, expected, record)


# (what ugen holds, the members of the record, the verdicts)
GENERATIONS = {
    "none": (None, {}, DEAD),
    "none, none asked for": (None, {"gen": GONE}, BARE),
    "never ended, none asked for": ('{"gen":"g","ms":0}', {"gen": GONE}, BARE),
    "ended before": ('{"gen":"h","ms":1}', {"gen": GONE}, BARE),
    "ended before, not created": (
        '{"gen":"h","ms":1}', {"gen": GONE, "createdAt": GONE}, DEAD),
    "ended before, created as a date": (
        '{"gen":"h","ms":1}', {"gen": GONE, "createdAt": "2026-01-01"}, DEAD),
    "ended after": (
        '{"gen":"h","ms":%d}' % now_ms(10 ** 8), {"gen": GONE}, DEAD),
    "created too far ahead": (
        '{"gen":"h","ms":1}',
        {"gen": GONE, "createdAt": now_ms(10 ** 8)}, DEAD),
    **{f"unreadable, asked for: {text}": (text, {}, DEAD) for text in (
        "", "x", "{}", "[]", "null", '{"gen":"","ms":0}', '{"gen":1,"ms":0}',
        '{"gen":"g"}', '{"gen":"g","ms":"0"}', '{"gen":"g","ms":-1}',
        '{"gen":"g","ms":0.5}', '{"gen":null,"ms":0}')},
    **{f"unreadable, none asked for: {text}": (text, {"gen": GONE}, DEAD)
       for text in ("", "x", "{}", '{"gen":"","ms":0}', '{"gen":"g"}',
                    '{"gen":"g","ms":"0"}', '{"gen":null,"ms":0}')},
    "of another type": (["HSET", "gen", "g"], {}, DEAD),
    "of another type, none asked for": (
        ["RPUSH", "g"], {"gen": GONE}, DEAD),
    "unknown members": ('{"gen":"g","ms":0,"x":"\\ud800"}', {}, GOOD),
    "blocked: for a day": (
        '{"gen":"g","ms":0,"blocked":%d}' % now_ms(10 ** 8), {}, DEAD),
    **{f"blocked: {until}": ('{"gen":"g","ms":0,"blocked":%s}' % until,
                             {}, DEAD)
       for until in (10 ** 18, "1e999", '"x"', "true", "[]",
                     "99999999999999999999", "0.5", '""')},
    "blocked, none asked for": (
        '{"gen":"h","ms":0,"blocked":%d}' % now_ms(10 ** 8),
        {"gen": GONE}, DEAD),
    "blocked, without a generation": (
        '{"blocked":%d}' % now_ms(10 ** 8), {"gen": GONE}, DEAD),
    **{f"the block is over: {until}": (
        '{"gen":"g","ms":0,"blocked":%s}' % until, {}, GOOD)
       for until in ("1", "0", "-5", "null")},
    "the block is over, none asked for": (
        '{"gen":"h","ms":%d,"blocked":1}' % now_ms(10 ** 8),
        {"gen": GONE}, DEAD),
}


@pytest.mark.parametrize("name", GENERATIONS)
@pytest.mark.sanitized(8)
def test_each_way_judges_a_generation_alike(ways, redis, name):
    generation, record, expected = GENERATIONS[name]
    judge(ways, redis, expected, record, generation)


# values of uauth: one that cannot be read makes the program ask SQL
ACCOUNTS = {
    "not active": ('{"at":%d,"active":false}', "gone"),
    "active": ('{"at":%d,"active":true}', "good"),
    "active as a number": ('{"at":%d,"active":0}', "good"),
    "active as a text": ('{"at":%d,"active":"false"}', "good"),
    "no active": ('{"at":%d}', "good"),
    "no time": ('{"active":false,"x":%d}', "good"),
    "time as a text": ('{"at":"%d","active":false}', "good"),
    "roles as a text": ('{"at":%d,"active":false,"roles":"a"}', "good"),
    "a role of another type": (
        '{"at":%d,"active":false,"roles":["a",1]}', "good"),
    "another fingerprint": ('{"at":%d,"active":true,"pw":"other"}', "dead"),
    "no JSON": ("x%d", "good"),
    "another type": (["HSET", "at", "1"], "good"),
}


@pytest.mark.sanitized(6)
@pytest.mark.parametrize("name", ACCOUNTS)
def test_each_way_judges_an_account_alike(ways, redis, name):
    value, verdict = ACCOUNTS[name]
    wrong = []
    for mode, hashed in PLACES:
        for way_name, way in ways(mode, "scripts", "questions").items():
            token = plant(redis, way, hashed, {"pw": "mine"})
            key = way.prefix + "uauth:{42}"
            if isinstance(value, list):
                redis.client.execute_command(value[0], key, *value[1:])
            else:
                redis.client.set(key, value % now_ms(), ex=600)
            said = {way.verdict(token) for _ in range(2)}
            if said != {verdict}:
                wrong.append((way_name, hashed, said))
    assert not wrong, wrong


# a hash that is sent as a cookie

@pytest.mark.parametrize("mode", ["sha256", "migrate", "plain"])
def test_a_hash_in_the_cookie_opens_nothing_and_ends_nothing(
        ways, redis, mode):
    """The same holds if the process has just seen the session it names."""
    for name, way in ways(mode).items():
        token = plant(redis, way, mode != "plain", {})
        key = way.prefix + "sess:" + gates.hashed(token)
        for _ in range(3):
            assert way.verdict(token) == "good", name
            assert way.verdict(gates.hashed(token)) == "dead", name
        if mode == "plain":
            token = plant(redis, way, True, {})
            key = way.prefix + "sess:" + gates.hashed(token)
        assert way.verdict(gates.hashed(token)) == "dead", name
        for path in ("/logout", "/login"):
            way.ask(gates.hashed(token), "POST", path, document={
                "email": "alice@example.org", "password": "wrong"})
            assert redis.client.exists(key), (name, path)


def test_a_record_that_moves_to_the_other_form_is_read_anew(ways, redis):
    for name, way in ways("migrate").items():
        token = plant(redis, way, False, {})
        assert way.verdict(token) == "good", name
        redis.client.delete(way.prefix + "sess:" + token)
        assert way.verdict(token) == "dead", name
        plant(redis, way, True, {}, token=token)
        assert way.verdict(token) == "good", name
        assert way.verdict(gates.hashed(token)) == "dead", name


def test_what_is_known_of_one_site_is_nothing_in_another(ways, redis):
    way = ways("sha256")["sha256 site"]
    other = Way(way.gate, "shop:", SESSGATE_SITE="shop")
    token = plant(redis, way, True, {})
    plant(redis, other, True, {"gen": "h"}, token=token)
    assert way.verdict(token) == "good"
    assert other.verdict(token) == "dead"
    assert way.verdict(token) == "good"


# an account that an operator has shut

def block(redis, way, ms=0, until=None, ttl=10 ** 7):
    text = json.dumps({"gen": "shut", "ms": ms,
                       "blocked": until or now_ms(ttl * 1000)})
    redis.client.set(way.prefix + "ugen:{42}", text, ex=ttl)
    return text


def stands(redis, way, text):
    """The block as it was written, and for as long."""
    assert redis.client.get(way.prefix + "ugen:{42}") == text
    return redis.client.ttl(way.prefix + "ugen:{42}") > 9 * 10 ** 6


@pytest.mark.parametrize("mode", ["sha256", "plain", "migrate"])
def test_nobody_gets_into_a_blocked_account(ways, redis, alice, mode):
    """A right password is answered as a wrong one is; the block stays."""
    for name, way in ways(mode).items():
        token = plant(redis, way, mode != "plain", {})
        assert way.verdict(token) == "good", name
        text = block(redis, way)
        assert way.verdict(token) == "dead", name
        right, wrong = (way.gate.post(
            "/login", {**alice.login, **more}, **way.params)
            for more in ({}, {"password": "wrong"}))
        assert right.status == 401, name
        assert (right.headers, right.body) == (wrong.headers, wrong.body)
        assert stands(redis, way, text), name
        assert len(redis.client.keys(way.prefix + "sess:*")) == 1
        redis.client.flushall()
        if way.prefix == "":
            assert way.gate.events("login failed")[-2].count("reason=closed")


@pytest.mark.parametrize("text", ['{"blocked":"?"}', '{"gen":1,"blocked":{}}'])
def test_a_block_that_cannot_be_read_stays(ways, redis, alice, text):
    for name, way in ways("sha256").items():
        redis.client.set(way.prefix + "ugen:{42}", text, ex=10 ** 7)
        assert way.gate.post(
            "/login", alice.login, **way.params).status == 401, name
        assert stands(redis, way, text), name


ROUNDS = 20 if taps.LONG else 7
PACE = 400 * ROUNDS  # a block comes up to 2.5 ms after a logout has begun


@pytest.mark.parametrize("path", [
    "/logout/all", "/logout/all?others=1", "/login"])
@pytest.mark.sanitized(1)
def test_a_block_survives_whatever_ends_or_opens_sessions_meanwhile(
        ways, redis, alice, path):
    """It comes while the request is under way; scripts refused or not."""
    bare, _, query = path.partition("?")
    target = {"REQUEST_URI": "/sessgate" + path, "QUERY_STRING": query}
    for name, way in ways("sha256").items():
        for number in range(ROUNDS):
            redis.client.delete(way.prefix + "ugen:{42}")
            cookie = gates.Cookie(way.gate.post(
                "/login", alice.login, **way.params).all("Set-Cookie")[0]).pair

            def act(which, cookie=cookie, way=way, number=number):
                if which == 0:
                    time.sleep(number / PACE if bare != "/login" else 0.01)
                    return block(redis, way)
                return way.gate.post(
                    bare, alice.login if bare == "/login" else None, cookie,
                    **way.params, **target).status
            text, status = taps.together(2, act)
            assert status in (200, 401, 403), name
            assert stands(redis, way, text), (name, status)
            assert way.gate.get("/auth", cookie, **way.params).status == 403


@pytest.mark.plain_build
def test_a_block_ends_by_itself_and_revives_nothing(ways, redis, alice):
    for name, way in ways("plain").items():
        token = plant(redis, way, False, {})
        foreign = plant(redis, way, False, {"gen": GONE})
        block(redis, way, ms=now_ms(), until=now_ms(700))
        time.sleep(0.8)
        assert way.gate.post(
            "/login", alice.login, **way.params).status == 200, name
        assert way.verdict(token) == way.verdict(foreign) == "dead", name


@pytest.mark.parametrize("value", ["x", '{"gen":"","ms":0}', None])
@pytest.mark.sanitized(1)
def test_a_login_after_an_unreadable_generation_revives_nothing(
        ways, redis, alice, value):
    for name, way in ways("plain").items():
        generation = ["RPUSH", "x"] if value is None else value
        token = plant(redis, way, False, {"gen": GONE}, generation)
        assert way.verdict(token) == "dead", name
        assert way.gate.post(
            "/login", alice.login, **way.params).status == 200, name
        assert way.verdict(token) == "dead", name
