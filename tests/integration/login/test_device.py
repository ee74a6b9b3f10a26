"""The device cookie: the owner's way past the failures of others."""

import base64
import hashlib
import hmac
import time

import pytest

import gate as gates
import people
from taps import together

NAME = "__Host-SESSGATE-DEVICE"
SECRET, OTHER = "s" * 40, "t" * 40
LIMITS = {"login.limit_pair": "5/900", "login.limit_network": "20/900",
          "login.limit_account": "30/86400",
          # a burst waits for its turn, however busy the machine
          "login.hash_timeout": "9s", "server.deadline": "9s",
          "redis.command_timeout": "2s", "redis.connect_timeout": "2s"}
LIFE = 400 * 86400


@pytest.fixture
def keys(place):
    """keys(a, b, ..): the path of a file with these secrets."""

    def write(*lines):
        path = f"{place('k')}/secrets"
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines))
        return path
    return write


@pytest.fixture
def limited(start_gate, keys, redis):
    """limited({..}): a program with limits and a secret."""
    path = keys(SECRET)
    return lambda settings=None: start_gate(
        {**LIMITS, "session.secret_file": path, **(settings or {})})


def text(digest):
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def forge(uid, secret=SECRET, age=0, nonce="n" * 22):
    """A device cookie as the program makes it."""
    value = ".".join((text(hashlib.sha256(str(uid).encode()).digest()), nonce,
                      str(int(time.time()) - age)))
    tag = hmac.new(secret.encode(), f"device-of-id:{value}".encode(), "sha256")
    return f"{NAME}={value}.{text(tag.digest()[:16])}"


def device_of(answer):
    """The device cookie that an answer sets."""
    (line,) = [s for s in answer.all("Set-Cookie") if "DEVICE" in s]
    return gates.Cookie(line)


def guess(gate, user, cookie=None, address="192.0.2.7", password="wrong"):
    return gate.post("/login", {"email": user.email, "password": password},
                     cookie=cookie, address=address).status


def enter(gate, user, cookie=None, address="192.0.2.7"):
    return guess(gate, user, cookie, address, user.password)


def test_a_login_sets_it_beside_the_session(limited, users):
    gate, user = limited(), users.add()
    answer = gate.post("/login", user.login)
    assert [s.split("=")[0] for s in answer.all("Set-Cookie")] == [
        gates.SECURE_COOKIE, NAME]
    cookie = device_of(answer)
    assert cookie.attributes == ["Path=/", f"Max-Age={LIFE}", "HttpOnly",
                                 "Secure", "SameSite=Lax"]
    assert cookie.value.split(".")[0] == text(
        hashlib.sha256(str(user.id).encode()).digest())
    assert user.email not in cookie.value
    form = gate.ask("POST", "/login", body=(
        f"email={user.email}&password=correct+horse").encode(),
        content_type="application/x-www-form-urlencoded",
        HTTP_SEC_FETCH_SITE="same-origin")
    assert form.status == 303 and device_of(form).name == NAME
    plain = limited({"cookie.secure": "off"})
    cookie = device_of(plain.post("/login", user.login))
    assert cookie.name == "SESSGATE-DEVICE"
    assert "Secure" not in cookie.attributes


def test_without_secrets_there_is_none(start_gate, users):
    gate, user = start_gate(LIMITS), users.add()
    assert len(gate.post("/login", user.login).all("Set-Cookie")) == 1


def test_a_neighbour_locks_the_network_but_not_the_owner(limited, users):
    """Both behind one address; the owner was here before."""
    gate, user = limited(), users.add()
    cookie = device_of(gate.post("/login", user.login)).pair
    others = [users.add() for _ in range(4)]
    for _ in range(5):
        assert guess(gate, user) == 401
    for other in others:
        for _ in range(4):
            guess(gate, other)
    assert enter(gate, user) == enter(gate, others[0]) == 429
    assert enter(gate, user, cookie) == 200
    assert enter(gate, others[0], cookie) == 429  # another account


def test_another_spelling_is_the_same_owner(limited, users):
    """Spellings that the collation takes for the account count for it."""
    gate, user = limited(), users.add(email="Älice@example.org")
    cookie = device_of(gate.post("/login", user.login)).pair
    for n in range(20):
        guess(gate, user if n < 5 else users.add())
    other = {**user.login, "email": "alice@example.org"}
    assert gate.post("/login", other).status == 429
    assert gate.post("/login", other, cookie=cookie).status == 200


def test_an_attack_from_everywhere_does_not_lock_the_owner(limited, users):
    gate, user = limited(), users.add()
    cookie = device_of(gate.post("/login", user.login)).pair
    answers = together(60, lambda n: guess(
        gate, user, address=f"198.51.100.{n}"))
    assert sorted(answers) == 30 * [401] + 30 * [429]
    assert enter(gate, user, address="203.0.113.1") == 429
    assert enter(gate, user, cookie, "203.0.113.1") == 200
    # the collation's spellings of the account are the same owner's
    answer = gate.post("/login", {**user.login, "email": user.email.upper()},
                       cookie=cookie, address="203.0.113.1")
    assert answer.status == 200


def test_a_burst_with_it_is_as_exact(limited, redis, users):
    many, user = [limited(), limited()], users.add()
    cookie = forge(user.id)
    answers = together(60, lambda n: guess(
        many[n % 2], user, cookie, f"198.51.100.{n}"))
    assert sorted(answers) == 5 * [401] + 55 * [429]
    (key,) = redis.client.keys("rate:*")
    assert key.startswith("rate:device:") and redis.client.get(key) == "5"
    assert enter(many[0], user, cookie) == 429  # it has no more than others
    assert enter(many[0], user) == 200


def test_it_keeps_its_count_over_a_success(limited, users):
    gate, user = limited(), users.add()
    cookie = forge(user.id)
    for _ in range(4):
        assert guess(gate, user, cookie) == 401
    answer = gate.post("/login", user.login, cookie=cookie)
    assert answer.status == 200
    cookie = device_of(answer).pair
    assert guess(gate, user, cookie) == 401
    assert enter(gate, user, cookie) == 429


@pytest.mark.parametrize("make", [
    lambda user: forge(user.id, OTHER),
    lambda user: forge(user.id, age=LIFE + 60),
    lambda user: forge("4711"),
    lambda user: forge(user.id)[:-1],
    lambda user: forge(user.id) + "; " + forge(user.id, OTHER),
    lambda user: forge(user.id).replace("__Host-", ""),
    lambda user: NAME + "=" + "x" * 5000,
    lambda user: NAME + "=....", lambda user: NAME + "="],
    ids=["secret", "age", "account", "tag", "two", "name", "long", "points",
         "empty"])
@pytest.mark.sanitized(1)
def test_one_that_is_not_ours_is_none(limited, users, make):
    gate, user = limited(), users.add()
    for n in range(30):
        assert guess(gate, user, address=f"198.51.100.{n}") == 401
    assert enter(gate, user, make(user)) == 429
    assert enter(gate, user, forge(user.id)) == 200


def test_it_grants_nothing_else(limited, users):
    gate, user = limited(), users.add()
    cookie = forge(user.id)
    answer = gate.get("/auth", cookie)
    assert (answer.status, answer.code) == (401, "token_missing")
    answer = gate.post("/logout", cookie=cookie)
    assert (answer.status, answer.all("Set-Cookie")) == (200, [])


def test_new_secrets_take_those_of_the_old(limited, keys, users):
    user = users.add()
    cookie = device_of(limited().post("/login", user.login)).pair
    gate = limited({"session.secret_file": keys(OTHER, SECRET)})
    for n in range(30):
        guess(gate, user, address=f"198.51.100.{n}")
    answer = gate.post("/login", user.login, cookie=cookie)
    assert answer.status == 200
    newer = device_of(answer).pair
    after = limited({"session.secret_file": keys(OTHER)})
    assert enter(after, user, cookie) == 429
    assert enter(after, user, newer) == 200


@pytest.fixture
def sensitive(mysql):
    """A table of two users whose logins differ in case alone; its SELECT."""
    with mysql.admin() as sql:
        sql.execute("CREATE TABLE owners (id INT PRIMARY KEY, email "
                    "VARCHAR(190) COLLATE utf8mb4_bin UNIQUE, "
                    "password VARCHAR(255))")
        sql.execute("INSERT INTO owners VALUES (1, 'boss', %s), "
                    "(2, 'Boss', %s)", (people.bcrypt(),
                                        people.bcrypt("another")))
    yield ("SELECT id, email AS login, email AS name, email, NULL AS image, "
           "password AS hash FROM owners WHERE ")
    with mysql.admin() as sql:
        sql.execute("DROP TABLE owners")


def test_a_case_sensitive_table_has_two_owners(limited, redis, sensitive):
    """The owner of boss, with a device cookie, guesses at Boss as anybody."""
    boss, other = (people.User(uid, name, name, None, password)
                   for uid, name, password in (
                       (1, "boss", people.PASSWORD), (2, "Boss", "another")))
    gate = limited({"mysql.user_by_login": sensitive + "email = :login",
                    "mysql.user_by_id": sensitive + "id = :id"})
    cookie = device_of(gate.post("/login", boss.login)).pair
    answers = [guess(gate, other, cookie) for _ in range(7)]
    assert answers == 5 * [401] + 2 * [429]
    assert not redis.client.keys("rate:device:*")
    assert enter(gate, boss, cookie) == 200  # his own count is untouched
    assert enter(gate, other, forge(2)) == 200
