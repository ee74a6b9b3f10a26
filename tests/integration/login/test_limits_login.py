"""Limits on guessing: what is counted, and whom it is counted for."""

import collections
import hashlib
import base64
import json
import statistics
import time

import pytest

import gate as gates
import people
import process
from taps import Clients, together

WINDOW = 900
LIMITS = {"login.limit_pair": f"5/{WINDOW}",
          "login.limit_network": f"20/{WINDOW}",
          "login.limit_account": "100/86400",
          # a burst waits for its turn, however busy the machine
          "login.hash_timeout": "4s", "server.deadline": "4s",
          "redis.command_timeout": "2s", "redis.connect_timeout": "2s"}
NO_SCRIPTS = ("ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all",
              "-@scripting")
SECRET = "s" * 40


def guess(gate, login, password="wrong", address=None, **more):
    return gate.post("/login", {"email": login, "password": password},
                     address=address, **more)


def counted(redis):
    """The value of each counter, by scope; each has a time to live."""
    numbers = collections.defaultdict(list)
    for key in redis.client.keys("rate:*"):
        assert 0 < redis.client.pttl(key) <= 86400_000, key
        numbers[key.split(":")[1]].append(int(redis.client.get(key)))
    return {scope: sorted(found) for scope, found in numbers.items()}


def name_of(*subjects):
    """The beginnings of their hashes, as the counter's key has them."""
    return ":".join(base64.urlsafe_b64encode(
        hashlib.sha256(one.encode()).digest()[:12]).decode()
        for one in subjects)


def refused(answer):
    """It is a 429 as the contract has it; the seconds to wait."""
    assert (answer.status, answer.code) == (429, "limited"), answer
    assert answer.text == '{"message":"Too many requests"}'
    assert not answer.all("Set-Cookie")
    seconds = int(answer.header("Retry-After"))
    assert seconds >= 1
    return seconds


@pytest.fixture(params=["scripts", "transactions"])
def url(request, redis):
    """The url of Redis, for one who may run scripts and for one who may not."""
    if request.param == "scripts":
        yield redis.url
        return
    redis.client.execute_command(*NO_SCRIPTS)
    yield f"unix://app:pw@{redis.path}"
    redis.client.execute_command("ACL", "DELUSER", "app")


@pytest.fixture
def limited(start_gate, url):
    """limited({..}): a program with the default limits, and these settings."""
    return lambda settings=None, **kind: start_gate(
        {**LIMITS, "redis.url": url, **(settings or {})}, **kind)


# the counters

def test_what_is_refused_is_not_counted_and_the_right_password_neither(
        limited, redis, users):
    gate, user = limited(), users.add()
    for _ in range(5):
        assert guess(gate, user.email).status == 401
    for _ in range(3):
        refused(guess(gate, user.email))
        refused(gate.post("/login", user.login))  # not even looked at
    assert counted(redis) == {"pair": [5], "network": [5]}


def test_a_success_gives_back_its_own_count_alone(limited, redis, users):
    gate, user = limited(), users.add()
    for _ in range(4):
        assert guess(gate, user.email).status == 401
    for _ in range(3):
        assert gate.post("/login", user.login).status == 200
    assert counted(redis) == {"pair": [4], "network": [4]}
    assert guess(gate, user.email).status == 401
    refused(gate.post("/login", user.login))


@pytest.mark.plain_build
def test_the_window_begins_with_the_first_and_then_all_is_well(
        limited, redis, users):
    gate = limited({"login.limit_pair": "2/2"})
    user = users.add()
    guess(gate, user.email)
    time.sleep(1)
    guess(gate, user.email)
    assert refused(guess(gate, user.email)) == 1
    assert gate.heals(
        lambda: gate.post("/login", user.login).status == 200, 3)


def test_spellings_of_one_account_have_one_counter(limited, redis, users):
    """Spellings that the table's collation takes for alice count for alice."""
    gate = limited()
    user = users.add(email="Alice.Ä@example.org")
    spellings = ["alice.ä@example.org", "ALICE.Ä@EXAMPLE.ORG",
                 "alice.a@example.org", "álice.Å@example.org",
                 "Alice.Ä@example.org"]
    assert [guess(gate, s).status for s in spellings] == 5 * [401]
    for spelling in [*spellings, "alicé.a@example.org"]:
        refused(guess(gate, spelling))
    assert counted(redis) == {"pair": [5], "network": [5]}
    name = name_of("alice.a@example.org", "192.0.2.7")
    assert redis.client.get(f"rate:pair:{name}") == "5"


SPELLINGS = {
    "case": ("Nobody@example.org", "nobody@example.org",
             "NOBODY@EXAMPLE.ORG"),
    "blanks": ("nobody@example.org ", "nobody@example.org",
               "nobody@example.org   "),
    "accents": ("nöbody@example.org", "nobody@example.org",
                "NÖBODÝ@example.org"),
    "marks": ("no\u0308body@example.org", "nobody@example.org"),
    "sharp s": ("stra\u00dfe@example.org", "STRASSE@example.org",
                "stra\u1e9ee@example.org"),
    "widths": ("\uff4eobody@example.org", "nobody@example.org"),
    "Cyrillic": ("\u041f\u0440\u0438", "\u043f\u0440\u0438"),
}


@pytest.mark.parametrize("kind", SPELLINGS)
@pytest.mark.sanitized(2)
def test_spellings_do_not_tell_who_exists(limited, redis, users, kind):
    """Known or not: the sixth try is refused, whatever it is spelled like."""
    gate, found = limited(), {}
    spellings = SPELLINGS[kind]
    for is_known in (False, True):
        if is_known:
            users.add(email=spellings[0])
        found[is_known] = [
            guess(gate, spellings[n % len(spellings)]).status
            for n in range(7)], counted(redis)
        redis.client.flushall()
    assert found[True] == found[False] == (
        5 * [401] + 2 * [429], {"pair": [5], "network": [5]})


def test_a_login_that_is_another_is_counted_apart(limited, redis):
    gate = limited()
    for login in ("nobody@example.org", "nobodi@example.org"):
        assert guess(gate, login).status == 401
    assert counted(redis)["pair"] == [1, 1]


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("document", [
    {"email": "", "password": "x"}, {"email": "a", "password": ""},
    {"email": "a"}, {"password": "x"}, {"email": 1, "password": "x"}, []],
    ids=str)
def test_what_is_no_login_is_counted_nowhere(limited, redis, document):
    gate = limited()
    for _ in range(7):
        assert gate.post("/login", document).status == 400
    assert counted(redis) == {}


def test_an_over_long_password_is_a_wrong_one(limited, redis, users):
    gate, user = limited(), users.add()
    for password in ("x" * 5000, "a\0b", "x", "y", "z"):
        assert guess(gate, user.email, password).status == 401
    refused(gate.post("/login", user.login))


def test_a_login_that_waits_for_its_turn_is_counted_once(
        limited, redis, users):
    """It is requeued for want of a place, and is run again from its start."""
    gate = limited({"login.hash_threads": 1, "login.limit_pair": "8/900",
                    "login.hash_timeout": "20s", "server.deadline": "20s"})
    user = users.add(hashed=people.bcrypt(cost=6))
    answers = together(8, lambda _: guess(gate, user.email))
    assert {answer.status for answer in answers} == {401}
    assert counted(redis) == {"pair": [8], "network": [8]}


def test_keys_have_the_prefix(limited, redis, users):
    gate = limited({"redis.key_prefix": "shop:"})
    guess(gate, users.add().email)
    assert {":".join(key.split(":")[:3])
            for key in redis.client.keys("*:rate:*")} \
        == {"shop:rate:pair", "shop:rate:network"}


def test_a_counter_without_an_end_gets_one(limited, redis, users):
    """A counter as another program or a restore may leave it."""
    gate, user = limited(), users.add()
    key = f"rate:pair:{name_of(user.email, '192.0.2.7')}"
    redis.client.set(key, 3)
    assert guess(gate, user.email).status == 401
    assert 0 < redis.client.ttl(key) <= WINDOW
    redis.client.set(key, 5)
    refused(guess(gate, user.email))
    assert 0 < redis.client.ttl(key) <= WINDOW


def test_a_counter_that_cannot_be_read_lets_nobody_guess(
        limited, redis, users):
    gate, user = limited(), users.add()
    key = f"rate:pair:{name_of(user.email, '192.0.2.7')}"
    for value in ("x", None):
        redis.client.delete(key)
        if value is None:
            redis.client.lpush(key, "x")
        else:
            redis.client.set(key, value)
        answer = gate.post("/login", user.login)
        assert (answer.status, answer.code) == (503, "redis_unavailable")


# whom it is counted for

def test_an_ipv6_network_is_a_64_and_mapped_ones_are_ipv4(
        limited, redis, users):
    gate, user = limited(), users.add()
    for n in range(5):
        assert guess(gate, user.email,
                     address=f"2001:db8:1:2:{n}::{n}").status == 401
    refused(guess(gate, user.email, address="2001:DB8:1:2:ffff::"))
    assert guess(gate, user.email, address="2001:db8:1:3::1").status == 401
    for address in ("192.0.2.9", "::ffff:192.0.2.9", "::FFFF:c000:209",
                    "192.0.2.9", "::ffff:192.0.2.9"):
        assert guess(gate, user.email, address=address).status == 401
    refused(guess(gate, user.email, address="192.0.2.9"))
    assert redis.client.exists(
        f"rate:pair:{name_of(user.email, '2001:db8:1:2::/64')}",
        f"rate:network:{name_of('192.0.2.9')}") == 2


def test_x_forwarded_for_is_a_trusted_proxys_word_alone(
        limited, redis, users):
    gate = limited({"server.trusted_proxies": "10.0.0.0/8"})
    plain, user = limited(), users.add()
    chain = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9, 10.0.0.2"}
    cookie = gates.Cookie(gate.post(
        "/login", user.login, address="10.0.0.1", **chain)
        .header("Set-Cookie")).pair
    (key,) = redis.client.keys("sess:*")
    assert json.loads(redis.client.get(key))["addr"] == "203.0.113.9"
    assert gate.get("/auth", cookie).status == 200
    for n in range(5):
        assert guess(gate, user.email, address="10.0.0.1", **{
            "HTTP_X_FORWARDED_FOR": f"192.0.2.{n}, 203.0.113.9"}
            ).status == 401
    refused(guess(gate, user.email, address="10.0.0.1", **chain))
    refused(guess(gate, user.email, address="203.0.113.9"))
    assert guess(gate, user.email, address="198.51.100.1").status == 401
    # a peer that is no proxy is not believed
    for n in range(5):
        more = {"HTTP_X_FORWARDED_FOR": f"192.0.2.{n}"}
        assert guess(gate, user.email, address="192.0.2.99", **more
                     ).status == 401
    refused(guess(gate, user.email, address="192.0.2.99"))
    refused(guess(plain, user.email, address="192.0.2.99", **chain))


def test_health_is_for_the_client_not_for_its_proxy(start_gate):
    gate = start_gate({"server.trusted_proxies": "127.0.0.1",
                       "ops.access": "127.0.0.1, 192.0.2.50"})
    ask = lambda client: gate.get("/healthz", address="127.0.0.1", **{
        "HTTP_X_FORWARDED_FOR": client} if client else {}).status
    assert [ask(None), ask("192.0.2.50"), ask("192.0.2.51"),
            ask("127.0.0.1, 192.0.2.51")] == [200, 200, 404, 404]


# the account as a whole

def test_an_account_is_limited_over_networks_with_secrets_only(
        limited, redis, users, place):
    path = f"{place('k')}/secrets"
    with open(path, "w", encoding="ascii") as file:
        file.write(SECRET)
    user = users.add()
    settings = {"login.limit_account": "6/86400"}
    bare, gate = limited(settings), limited(
        {**settings, "session.secret_file": path})
    for n in range(8):
        assert guess(bare, user.email, address=f"192.0.2.{n}").status == 401
    assert "account" not in counted(redis)
    for n in range(6):
        assert guess(gate, user.email, address=f"203.0.113.{n}").status == 401
    assert refused(guess(gate, user.email, address="198.51.100.1")) > 86000
    assert counted(redis)["account"] == [6]


def test_one_failure_is_not_remembered_for_a_day(
        limited, redis, users, place):
    """An account's counter fades: of 100 a day one failure is a hundredth."""
    path = f"{place('k')}/secrets"
    with open(path, "w", encoding="ascii") as file:
        file.write(SECRET)
    gate = limited({"login.limit_account": "100/86400",
                    "session.secret_file": path})
    if "app:" in gate.settings["redis.url"]:
        pytest.skip("without scripts it stays for the whole window")
    email = users.add().email
    lives = []
    for n in range(3):
        assert guess(gate, email, address=f"203.0.113.{n}").status == 401
        (key,) = redis.client.keys("rate:account:*")
        lives.append(redis.client.pttl(key) / 1000)
    assert [round(life / 864) for life in lives] == [1, 2, 3], lives
    assert redis.client.get(key) == "3"
    for key in redis.client.keys("rate:*"):
        assert redis.client.memory_usage(key) < 150, key


# beside all this

def test_without_redis_nothing_is_guessed(
        start_gate, own_redis, users):
    gate = start_gate({**LIMITS, "redis.url": own_redis.url})
    user = users.add()
    assert guess(gate, user.email).status == 401
    own_redis.stop()
    for login in (user.login, {**user.login, "password": "wrong"}):
        answer = gate.post("/login", login)
        assert (answer.status, answer.code) == (503, "redis_unavailable")
    own_redis.start()
    assert gate.heals(lambda: gate.post("/login", user.login).status == 200)


def test_who_is_over_the_limit_holds_nobody_up(limited, redis, users):
    """No place is taken for them: one hash thread still serves others."""
    gate = limited({"login.hash_threads": 1, "login.limit_pair": "1/900",
                    "server.workers": 12, "mysql.connections": 1})
    victim, user = users.add(), users.add()
    assert guess(gate, victim.email).status == 401

    def hammer():
        refused(guess(gate, victim.email))
    with Clients(*[hammer] * 8):
        times = [gates.timed(gate.post, "/login", user.login)
                 for _ in range(20)]
    assert {answer.status for answer, _ in times} == {200}
    assert statistics.median(took for _, took in times) < 0.3 * process.SLACK


@pytest.mark.plain_build
def test_unknown_and_wrong_take_the_same_time_and_steps(
        limited, redis, users):
    gate = limited({"login.limit_pair": "1000/900",
                    "login.limit_network": "1000/900"})
    user = users.add(hashed=people.bcrypt(cost=10))

    def steps(login):
        with redis.watch() as lines:
            guess(gate, login)
        return [line.split(b'"')[1] for line in lines
                if b"lua]" not in line
                and b'"AUTH"' not in line]  # a worker's first

    def seconds(login):
        return statistics.median(
            gates.timed(guess, gate, login)[1] for _ in range(7))
    wrong, unknown = seconds(user.email), seconds("nobody@example.org")
    assert 0.5 < unknown / wrong < 2, (wrong, unknown)
    known, not_known = steps(user.email), steps("nobody@example.org")
    assert len(known) - len(not_known) == 1  # SET, EXPIRE; a DEL of nothing
    assert known[:5] == not_known[:5]


# requests

def test_requests_are_limited_where_it_says_so(limited, redis, alice):
    gate = limited({"server.limit": "10/60", "ops.access": "192.0.2.7"})
    cookie = gate.log_in(alice)
    answers = together(40, lambda _: gate.get("/auth", cookie))
    statuses = collections.Counter(answer.status for answer in answers)
    assert statuses == {200: 10, 429: 30}
    for path in ("/user/me", "/logout"):
        assert 55 <= refused(gate.get(path, cookie) if path == "/user/me"
                             else gate.post(path, cookie=cookie)) <= 60
    assert gate.get("/healthz").status == 200
    assert gate.log_in(alice)
    assert gate.get("/auth", cookie, address="192.0.2.8").status == 200
    assert gate.get("/nowhere").status == 404
    assert counted(redis)["request"] == [1, 10]


def test_requests_that_wait_for_a_lease_are_counted_once(
        limited, redis, alice):
    """Sixty that miss the cache at once are requeued, and run again."""
    gate = limited({"server.limit": "1000/60"})
    cookie = gate.log_in(alice)
    answers = together(60, lambda _: gate.get("/user/me", cookie))
    assert {answer.status for answer in answers} == {200}
    assert counted(redis)["request"] == [60]
