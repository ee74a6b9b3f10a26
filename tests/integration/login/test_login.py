"""Stored passwords: what is accepted, what is refused, and for how long."""

import hashlib
import statistics
import threading
import time

import pytest

import gate as gates
import libcrypt
import people
import process
from taps import LONG

PASSWORD = people.PASSWORD


def status(gate, user, password):
    return gate.post("/login", {"email": user.email,
                                "password": password}).status


@pytest.mark.sanitized(2)
@pytest.mark.parametrize("hashed", [
    people.bcrypt(kind="2y"), people.bcrypt(kind="2a"),
    people.bcrypt(kind="2b"), people.bcrypt(cost=5), people.ARGON2ID,
    people.ARGON2I, people.ARGON2ID_OF_PHP], ids=lambda text: text[:20])
def test_what_php_writes_is_accepted(start_gate, users, hashed):
    gate = start_gate()  # each later failure costs what its slowest hash did
    user = users.add(hashed=hashed)
    assert status(gate, user, PASSWORD) == 200
    assert status(gate, user, PASSWORD + "x") == 401
    assert status(gate, user, PASSWORD[:-1]) == 401


GOOD = people.bcrypt()
REFUSED = [
    PASSWORD, "", " ", "*", "!", "*0", "x", "ab",
    libcrypt.crypt(PASSWORD, "ab"),                       # DES
    libcrypt.crypt(PASSWORD, "_J9..rasm"),                # BSDi DES
    libcrypt.crypt(PASSWORD, "$1$saltsalt"),              # MD5
    "$y$j9T$abc$def", "$P$B12345678", "$H$912345678", "$S$D12345",
    "$wp" + GOOD, "pbkdf2_sha256$1$a$b",
    hashlib.md5(PASSWORD.encode()).hexdigest(),
    hashlib.sha1(PASSWORD.encode()).hexdigest(),
    hashlib.sha256(PASSWORD.encode()).hexdigest(),
    "$2$" + GOOD[4:], "$2z" + GOOD[3:], GOOD[:-1],
    GOOD + "x", GOOD[:7], " " + GOOD, GOOD + "\n", GOOD.upper(),
    "$2y$99" + GOOD[6:], "$2y$4$" + GOOD[7:], "$2y$xx" + GOOD[6:],
    people.ARGON2ID[:-1], people.ARGON2ID.replace("19", "16"),
    people.ARGON2ID.replace("m=1024", "m=4294967295"),
    people.ARGON2ID.replace("t=2", "t=4294967295"),
    people.ARGON2ID.replace("p=1", "p=16777215"),
    people.ARGON2ID.replace("m=1024,", ""), "$argon2id$", "$argon2id$v=19$",
    people.ARGON2ID + "x"]


@pytest.mark.parametrize("hashed", REFUSED, ids=repr)
@pytest.mark.sanitized(4)
def test_what_is_not_listed_is_refused(gate, users, hashed):
    """Answered like a wrong password, quickly, without a reason."""
    user = users.add(hashed=hashed)
    answer, took = gates.timed(gate.post, "/login", user.login)
    assert (answer.status, answer.code) == (401, "login_failed")
    assert took < 2 * process.SLACK
    assert hashed not in gate.log_text() or len(hashed) < 8


@pytest.mark.parametrize("password", [
    "correct horse\0", "correct horse\0x", "\0", "\0correct horse",
    "correct horse " + "x" * 4096, "x" * 5000, "x" * 60000])
@pytest.mark.parametrize("hashed", [GOOD, people.ARGON2ID],
                         ids=["bcrypt", "argon2id"])
@pytest.mark.sanitized(6)
def test_nul_and_over_long_passwords_are_wrong(
        gate, users, hashed, password):
    user = users.add(hashed=hashed)
    answer = gate.post("/login", {"email": user.email, "password": password})
    assert (answer.status, answer.code) == (401, "login_failed")


def test_bcrypt_does_not_forgive_the_73rd_byte(gate, users):
    long = "x" * 72
    user = users.add(hashed=people.bcrypt(long))
    assert status(gate, user, long) == 200
    assert status(gate, user, long + "wrong") == 401


@pytest.mark.parametrize("password", [
    "pässwörd ☃ 🙂", " leading and trailing ", "\t\n\\\"", "%00", "x"])
def test_passwords_are_bytes_of_utf8(gate, users, password):
    user = users.add(password=password)
    assert status(gate, user, password) == 200
    assert status(gate, user, password + " ") == 401


def test_the_email_is_matched_in_utf8mb4(gate, users):
    user = users.add(email="bär🙂@example.org")
    assert gate.post("/login", user.login).json()["user"]["email"] == \
        "bär🙂@example.org"


@pytest.mark.alone
def test_an_unknown_user_takes_as_long_as_a_wrong_password(gate, users):
    user = users.add(hashed=people.bcrypt(cost=10))

    def seconds(email):
        times = []
        for _ in range(7):
            answer, took = gates.timed(
                gate.post, "/login", {"email": email, "password": "wrong"})
            assert answer.status == 401
            times.append(took)
        return statistics.median(times)

    known, unknown = seconds(user.email), seconds("nobody@example.org")
    assert 0.5 < unknown / known < 2, (known, unknown)


def in_parallel(count, work):
    results = [None] * count

    def one(at):
        results[at] = work(at)
    threads = [threading.Thread(target=one, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def join(threads):
    for thread in threads:
        thread.join(20)


@pytest.mark.alone
def test_hashing_leaves_room_for_checks(start_gate, users):
    """24 logins on one hash thread; checks beside them stay fast."""
    gate = start_gate({"server.workers": 10, "login.hash_threads": 1,
                       "mysql.connections": 1, "login.hash_timeout": "10s",
                       "server.deadline": "10s"})
    user = users.add(hashed=people.bcrypt(cost=7))
    cookie = gate.log_in(user)
    gate.get("/auth", cookie)
    threads, results = in_parallel(24, lambda _: gate.post(
        "/login", user.login).status)
    times = []
    while any(thread.is_alive() for thread in threads):
        answer, took = gates.timed(gate.get, "/auth", cookie)
        assert answer.status == 200
        times.append(took)
    join(threads)
    assert results == [200] * 24
    assert len(times) > 5
    assert statistics.median(times) < 0.1 * process.SLACK, times


def test_logins_beyond_their_turn_are_503(start_gate, users):
    """Those that find no place in time are told to come again."""
    gate = start_gate({"login.hash_threads": 1, "login.hash_timeout": "200ms"})
    user = users.add(hashed=people.bcrypt(cost=11))
    threads, results = in_parallel(16, lambda _: gate.post(
        "/login", user.login))
    join(threads)
    statuses = [answer.status for answer in results]
    assert set(statuses) == {200, 503}, statuses
    for answer in results:
        if answer.status == 503:
            assert answer.code == "busy"
            assert answer.header("Retry-After") == "1"
            assert answer.text == \
                '{"message":"Service temporarily unavailable"}'
            assert not answer.all("Set-Cookie")


def test_a_login_reads_the_row_again_after_hashing(start_gate, users, mysql):
    """A password that was changed meanwhile lets nobody in."""
    gate = start_gate()
    user = users.add(hashed=people.bcrypt(cost=12))
    threads, results = in_parallel(1, lambda _: gate.post(
        "/login", user.login).status)
    before = mysql.executed()
    with mysql.admin() as sql:
        process.until(lambda: mysql.executed() > before, 0.1)
        sql.execute("UPDATE users SET password = %s WHERE id = %s",
                    (people.bcrypt("another"), user.id))
    join(threads)
    assert results == [401]


def test_a_generation_made_during_hashing_ends_the_login(
        start_gate, users, redis):
    """Log-out-everywhere while the password is checked: dead at once."""
    gate = start_gate()
    user = users.add(hashed=people.bcrypt(cost=12))
    cookies = []
    threads, _ = in_parallel(1, lambda _: cookies.append(gate.log_in(user)))
    key = "ugen:{%s}" % user.id
    assert process.until(lambda: redis.client.exists(key), 2) is not None
    redis.client.set(key, '{"gen":"another","ms":1}', ex=100)
    join(threads)
    assert gate.get("/auth", cookies[0]).status == 403


@pytest.mark.alone
def test_a_floor_holds_nobody_up(start_gate, users):
    """Answers that are held back keep neither a place nor a worker."""
    gate = start_gate({"login.floor": "1s", "login.hash_threads": 1,
                       "login.limit_network": "0", "login.limit_pair": "0",
                       "server.workers": 12, "mysql.connections": 1})
    stored = people.bcrypt(cost=4)
    owner, victim = users.add(hashed=stored), users.add(hashed=stored)
    cookie = gate.log_in(owner)
    gate.get("/auth", cookie)
    threads, results = in_parallel(100, lambda _: gates.timed(
        gate.post, "/login", {"email": victim.email, "password": "wrong"}))
    logins = [gate.post("/login", owner.login).status for _ in range(3)]
    checks = [gate.get("/auth", cookie).status for _ in range(50)]
    join(threads)
    assert logins == [200] * 3 and set(checks) == {200}
    assert {answer.status for answer, _ in results} <= {401, 503}
    failed = [took for answer, took in results if answer.status == 401]
    assert len(failed) > 50 and min(failed) >= 1, (len(failed), min(failed))


@pytest.mark.alone
# test_storm.py has 500 logins at once in every run
@pytest.mark.parametrize("failing", [8, 500] if LONG else [8])
@pytest.mark.plain_build
def test_a_floor_leaves_the_owner_time(start_gate, users, failing):
    """Clients that fail without a pause, with the default places."""
    gate = start_gate({"login.floor": "1s", "login.limit_network": "0",
                       "login.limit_pair": "0"})
    stored = people.bcrypt(cost=10)
    owner, victim = users.add(hashed=stored), users.add(hashed=stored)
    gate.log_in(owner)
    is_over = threading.Event()

    def fail(_):
        while not is_over.is_set():
            gate.post("/login", {"email": victim.email, "password": "wrong"})
    threads, _ = in_parallel(failing, fail)
    try:
        time.sleep(0.5)
        logins = [gates.timed(gate.post, "/login", owner.login)
                  for _ in range(5)]
    finally:
        is_over.set()
        join(threads)
    if failing == 8:
        assert {answer.status for answer, _ in logins} == {200}
    # of 500 at once most find no place; nobody waits longer for that answer
    assert {answer.status for answer, _ in logins} <= {200, 503}
    assert max(took for _, took in logins) < (
        2.5 if failing == 8 else 3) * process.SLACK, logins
