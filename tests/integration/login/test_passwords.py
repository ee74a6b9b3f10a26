"""Every family of stored passwords through the program; floor and rehash."""

import contextlib
import hashlib
import os
import re
import statistics
import threading

import pytest

import faults
import fcgi
import gate as gates
import libcrypt
import people
import process
import stack
from people import stored
from taps import LONG, PATIENT

PASSWORD = people.PASSWORD
ALL = ("bcrypt, argon2, yescrypt, scrypt, sha512crypt, sha256crypt, "
       "wordpress, phpbb, drupal, django, mediawiki, pbkdf2, werkzeug, "
       "magento, md5, sha1, sha256, sha512, magentosha256, joomla, "
       "mediawikimd5, mybb, opencart")
COLUMN = 255  # characters of users.password
MD5 = "3cb4e732631f47e6eb961f34554b7cde"  # of PASSWORD
UPDATE = "UPDATE users SET password = :hash WHERE id = :id"
UPDATE_OLD = UPDATE + " AND password = :old"
NOBODY = "nobody@example.org"


def unescape(text):
    return re.sub(r"\\(\\|x[0-9a-f]{2})".encode(),
                  lambda m: b"\\" if m[1] == b"\\" else
                  bytes([int(m[1][1:], 16)]), text.encode()).decode()


def mark(hashed):
    """The family of a stored hash: $2y$, pbkdf2_sha256$, or its length."""
    is_hex = re.fullmatch("[0-9a-f]+", hashed)
    return len(hashed) if is_hex else re.match(r"\W?\w{,24}\W?", hashed)[0]


def one_of_each_kind(params):
    """Rows of tests/unit/test_vectors.c; slow ones make failures slow."""
    kinds = {}
    for param in params:
        _, hashed, verdict = param.values
        family = mark(hashed) if verdict == "right" else hashed[:2]
        kinds.setdefault(family, param)
    return sorted(kinds.values(), key=lambda one: one.values[2] == "right")


def vectors():
    """(name, password, hashed, verdict) of tests/data/passwords.txt."""
    path = os.path.join(stack.TOP, "tests", "data", "passwords.txt")
    with open(path, encoding="ascii") as file:
        rows = [line.rstrip("\n").split("\t") for line in file
                if not line.startswith("#")]
    found = [pytest.param(unescape(row[2]), unescape(row[3]), row[4], id=row[0])
             for row in rows if row[2] and len(unescape(row[3])) <= COLUMN]
    return found if LONG else one_of_each_kind(found)


@pytest.fixture(scope="module")
def own_users(mysql_server):
    users = people.Users(mysql_server)
    yield users
    users.forget()


@pytest.fixture
def writable(mysql):
    """The program's database user may write passwords."""
    who = [f"'{mysql.USER}'@'{host}'" for host in ("localhost", "127.0.0.1")]
    with mysql.admin() as sql:
        for user in who:
            sql.execute(f"GRANT UPDATE (password) ON users TO {user}")
    yield mysql
    with mysql.admin() as sql:
        for user in who:
            sql.execute(f"REVOKE UPDATE (password) ON users FROM {user}")


def log_in(gate, email, password):
    return gate.post("/login", {"email": email, "password": password})


def phpbb_hash(password, salt="saltstri"):
    """phpass with MD5, 2^9 times (openwall.com/phpass)."""
    digest = hashlib.md5((salt + password).encode()).digest()
    for _ in range(1 << 9):
        digest = hashlib.md5(digest + password.encode()).digest()
    return "$H$7" + salt + itoa64(digest)


def itoa64(data):
    """crypt(3)'s base64: of three bytes the lowest six bits first."""
    letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    text = ""
    for at in range(0, len(data), 3):
        group = data[at:at + 3]
        value = int.from_bytes(group, "little")
        for _ in range(len(group) + 1):
            text += letters[value & 63]
            value >>= 6
    return text


@pytest.mark.parametrize("password, hashed, verdict", vectors())
@pytest.mark.plain_build
def test_every_vector_through_the_program(
        module_gate, own_users, password, hashed, verdict):
    gate = module_gate({"login.formats": ALL, "login.floor": "1ms", **PATIENT})
    user = own_users.add(password=password, hashed=hashed)
    answer = log_in(gate, user.email, password)
    if verdict == "right":
        assert answer.status == 200
        answer = log_in(gate, user.email, password + "!")
    assert (answer.status, answer.code) == (401, "login_failed")


@pytest.mark.parametrize("digest, family", [
    (MD5, "md5"),
    ("2f9e53523b62abc141a2b4d6019d23cba835dbd0", "sha1")])
def test_bare_digests_need_to_be_listed(
        gate, module_gate, users, digest, family):
    user = users.add(hashed=digest)
    listed = module_gate({"login.formats": f"bcrypt, {family}"})
    assert log_in(gate, user.email, PASSWORD).status == 401
    assert log_in(listed, user.email, PASSWORD).status == 200
    assert log_in(listed, user.email, PASSWORD + "x").status == 401
    assert gate.events("password format refused")


@pytest.mark.parametrize("hashed, password, reason, family", [
    ("abhfCpXqd4GrI", PASSWORD, "format_unsupported", "des"),
    ("$1$saltsalt$NuzA7WTAelpl95xgBGWN60", PASSWORD, "format_unsupported",
     "md5crypt"),
    (people.bcrypt(cost=4).replace("$04$", "$31$"), PASSWORD,
     "format_unsupported", "bcrypt_beyond_bounds"),
    (PASSWORD, PASSWORD, "format_unsupported", "unknown"),
    (MD5, PASSWORD, "format_unsupported", None),  # not in [login] formats
    (people.bcrypt("a" * 72), "a" * 73, "bcrypt_72", None),
    ("1|" + people.bcrypt("a" * 72), "a" * 73, "bcrypt_72", None),
    (people.bcrypt("a" * 72), "a" * 71, "password", None)])
def test_the_log_says_what_no_answer_does(
        start_gate, users, hashed, password, reason, family):
    gate = start_gate()
    user = users.add(hashed=hashed)
    answer = log_in(gate, user.email, password)
    wrong = log_in(gate, users.add().email, "wrong")
    assert (answer.status, answer.text) == (wrong.status, wrong.text)
    assert {name.lower() for name, _ in answer.headers} == \
        {name.lower() for name, _ in wrong.headers}
    assert f" reason={reason} " in gate.first_event("login failed")
    refused = gate.events("password format refused")
    assert len(refused) == (reason == "format_unsupported")
    assert family is None or f"format={family}" in refused[0]


def test_a_password_that_its_product_prepares_is_not_rehashed(
        rehashing, users, mysql):
    """phpBB would hash it with entities, and not know the new hash."""
    gate = rehashing(UPDATE_OLD)
    password = "a&b"
    weak = phpbb_hash("a&amp;b")
    user = users.add(password=password, hashed=weak)
    assert log_in(gate, user.email, password).status == 200
    assert stored(mysql, user) == weak


def test_a_family_that_is_not_listed_is_a_wrong_password(module_gate, users):
    gate = module_gate({"login.formats": "bcrypt"})
    listed = users.add()
    other = users.add(hashed=people.ARGON2ID)
    assert log_in(gate, listed.email, PASSWORD).status == 200
    right = log_in(gate, other.email, PASSWORD)
    wrong = log_in(gate, listed.email, "wrong")
    assert (right.status, right.text) == (wrong.status, wrong.text)


# the floor

def medians(gate, logins, tries=15 if LONG else 5):
    """The median seconds of each failing login, asked by turns."""
    times = {name: [] for name in logins}
    for _ in range(tries):
        for name, (email, password) in logins.items():
            answer, took = gates.timed(log_in, gate, email, password)
            assert (answer.status, answer.code) == (401, "login_failed")
            times[name].append(took)
    return {name: statistics.median(took) for name, took in times.items()}


@pytest.mark.alone
@pytest.mark.parametrize("dear", [
    people.bcrypt(cost=10), people.ARGON2ID_OF_PHP], ids=["bcrypt", "argon2"])
@pytest.mark.plain_build
def test_failed_logins_cannot_be_told_apart_by_time(start_gate, users, dear):
    """Unknown, cheap, dear and refused take the same, within 15 %."""
    gate = start_gate()
    dear_user = users.add(hashed=dear)
    cheap_user = users.add(
        hashed=libcrypt.crypt(PASSWORD, "$6$saltsaltsaltsalt"))
    plain_user = users.add(hashed=PASSWORD)
    assert log_in(gate, dear_user.email, PASSWORD).status == 200
    for _ in range(5):  # a machine with other work to do may need them
        took = medians(gate, {
            "unknown": (NOBODY, "wrong"),
            "dear": (dear_user.email, "wrong"),
            "cheap": (cheap_user.email, "wrong"),
            "refused": (plain_user.email, PASSWORD)})
        middle = statistics.median(took.values())
        spread = max(abs(seconds - middle) for seconds in took.values())
        if spread < 0.15 * middle * process.SLACK:
            return
    pytest.fail(f"they differ: {took}")


@pytest.mark.alone
def test_the_floor_can_be_set(start_gate, users):
    gate = start_gate({"login.floor": "150ms"})
    user = users.add()
    for email, password in (
            (NOBODY, "wrong"), (user.email, "wrong"), (NOBODY, "x\0y")):
        answer, took = gates.timed(log_in, gate, email, password)
        assert answer.status == 401
        assert 0.145 < took < 0.145 + 0.3 * process.SLACK
    answer, took = gates.timed(log_in, gate, user.email, PASSWORD)
    assert answer.status == 200
    assert took < 0.15 * process.SLACK


@pytest.mark.alone
def test_checks_go_on_while_failures_wait(start_gate, users):
    """The floor is waited out in the place for hashes, not in workers."""
    gate = start_gate({"login.floor": "400ms", "login.hash_threads": 1,
                       "server.workers": 17})
    user = users.add()
    cookie = gate.log_in(user)
    gate.get("/auth", cookie)
    with contextlib.ExitStack() as stack_:
        for _ in range(12):
            connection = stack_.enter_context(gate.connect())
            body = b'{"email":"nobody@example.org","password":"wrong"}'
            connection.send(fcgi.request(gate.params(
                "POST", "/login", CONTENT_TYPE="application/json",
                CONTENT_LENGTH=str(len(body))), body))
        times = []
        for _ in range(20):
            answer, took = gates.timed(gate.get, "/auth", cookie)
            assert answer.status == 200
            times.append(took)
    assert statistics.median(times) < 0.05 * process.SLACK, times


# rehash

@pytest.fixture
def rehashing(start_gate, writable):
    """rehashing(**settings): a gate that writes better hashes."""
    def start(update=UPDATE, **more):
        return start_gate({"login.rehash": "on", "login.formats": ALL,
                           "login.floor": "1ms",
                           "mysql.password_update": update, **more})
    return start


WEAK = [people.bcrypt(), people.bcrypt(cost=10), MD5, people.ARGON2ID,
        libcrypt.crypt(PASSWORD, "$6$saltsaltsaltsalt"),
        "$P$984478476IagS59wHZvyQMArzfx58u."]


@pytest.mark.parametrize("weak", WEAK, ids=lambda text: text[:12])
@pytest.mark.sanitized(2)
def test_a_login_upgrades_a_weak_hash(rehashing, users, mysql, weak):
    gate = rehashing(UPDATE_OLD)
    password = "hashcat" if weak.startswith("$P$") else PASSWORD
    user = users.add(password=password, hashed=weak)
    bystander = users.add(hashed=weak)
    assert log_in(gate, user.email, password).status == 200
    better = stored(mysql, user)
    assert better.startswith("$2y$12$") and len(better) == 60
    assert libcrypt.crypt(password, better) == better
    assert stored(mysql, bystander) == weak
    assert log_in(gate, user.email, password).status == 200
    assert stored(mysql, user) == better
    assert len(gate.events("password rehashed")) == 1
    assert better not in gate.log_text()


@pytest.mark.parametrize("strong", [
    people.BCRYPT_12, people.BCRYPT_12.replace("$2y", "$2b"),
    people.ARGON2ID_OF_PHP], ids=lambda text: text[:12])
def test_a_strong_hash_stays(rehashing, users, mysql, strong):
    gate = rehashing()
    user = users.add(hashed=strong)
    assert log_in(gate, user.email, PASSWORD).status == 200
    assert stored(mysql, user) == strong


def test_a_session_survives_the_rehash(rehashing, users):
    gate = rehashing()
    user = users.add(hashed=MD5)
    cookie = gate.log_in(user)
    assert gate.get("/auth", cookie).status == 200
    again = gate.log_in(user)
    assert gate.get("/auth", cookie).status == 200
    assert gate.get("/auth", again).status == 200


def test_a_wrong_password_rewrites_nothing(rehashing, users, mysql):
    gate = rehashing()
    user = users.add(hashed=MD5)
    assert log_in(gate, user.email, "wrong").status == 401
    assert stored(mysql, user) == MD5


def test_without_rehash_nothing_is_written(start_gate, writable, users):
    gate = start_gate({"login.formats": ALL, "mysql.password_update": UPDATE})
    user = users.add(hashed=MD5)
    assert log_in(gate, user.email, PASSWORD).status == 200
    assert stored(writable, user) == MD5


@pytest.mark.parametrize("update, reason", [
    (UPDATE, "no privilege"),
    ("UPDATE nowhere SET password = :hash WHERE id = :id", None),
    ("UPDATE users SET nothing = :hash WHERE id = :id", None)],
    ids=["privilege", "table", "column"])
def test_a_write_that_fails_fails_no_login(
        start_gate, users, mysql, update, reason):
    """Reads work as well: only the writing statement fails."""
    gate = start_gate({"login.rehash": "on", "login.formats": ALL,
                       "mysql.password_update": update})
    user = users.add(hashed=MD5)
    assert log_in(gate, user.email, PASSWORD).status == 200
    assert log_in(gate, user.email, PASSWORD).status == 200
    assert stored(mysql, user) == MD5
    (first, *_) = gate.events("password not rehashed")
    assert reason is None or reason in first


def test_a_privilege_given_later_is_used(start_gate, users, mysql, request):
    gate = start_gate({"login.rehash": "on", "login.formats": ALL,
                       "mysql.password_update": UPDATE})
    user = users.add(hashed=MD5)
    assert log_in(gate, user.email, PASSWORD).status == 200
    assert stored(mysql, user) == MD5
    request.getfixturevalue("writable")
    assert log_in(gate, user.email, PASSWORD).status == 200
    assert stored(mysql, user).startswith("$2y$12$")


@pytest.fixture
def narrow(mysql):
    """A password column that no bcrypt fits into, in a lax server."""
    with mysql.admin() as sql:
        sql.execute("SELECT @@GLOBAL.sql_mode")
        mode = sql.fetchone()[0]
        sql.execute("SET GLOBAL sql_mode = ''")
        sql.execute("CREATE TABLE narrow (id INT, password VARCHAR(40))")
        sql.execute("INSERT INTO narrow VALUES (7, %s)", (MD5,))
        sql.execute(f"GRANT UPDATE ON narrow TO '{mysql.USER}'@'localhost'")
    yield mysql
    with mysql.admin() as sql:
        sql.execute("SET GLOBAL sql_mode = %s", (mode,))
        sql.execute(f"REVOKE UPDATE ON narrow FROM "
                    f"'{mysql.USER}'@'localhost'")
        sql.execute("DROP TABLE narrow")


def test_a_hash_is_never_cut_to_fit_its_column(start_gate, narrow):
    """It would lock the user out: a lax server is told to be strict."""
    gate = start_gate({
        "login.rehash": "on", "login.formats": ALL,
        "mysql.user_by_login":
            "SELECT id, :login AS login, 'N' AS name, 'n@example.org' AS "
            "email, NULL AS image, password AS hash FROM narrow",
        "mysql.user_by_id":
            "SELECT id, 'n' AS login, 'N' AS name, NULL AS email, NULL AS "
            "image FROM narrow WHERE id = :id",
        "mysql.password_update":
            "UPDATE narrow SET password = :hash WHERE id = :id"})
    for _ in range(2):
        assert log_in(gate, "n@example.org", PASSWORD).status == 200
    with narrow.admin() as sql:
        sql.execute("SELECT password FROM narrow")
        assert sql.fetchone()[0] == MD5
    assert "too narrow" in gate.first_event("password not rehashed")


def test_a_link_killed_at_rest_costs_no_rehash(rehashing, users, mysql):
    gate = rehashing()
    first, second = users.add(hashed=MD5), users.add(hashed=MD5)
    assert log_in(gate, first.email, PASSWORD).status == 200
    assert mysql.kill_links() > 0
    assert log_in(gate, second.email, PASSWORD).status == 200
    assert stored(mysql, second).startswith("$2y$12$")


def test_a_write_whose_answer_is_lost_is_not_sent_again(
        start_gate, writable, users, redis):
    """It may have been done: the login goes on, the log says so."""
    with writable.admin() as sql:
        sql.execute("CREATE TABLE writes (id INT)")
        sql.execute("CREATE TRIGGER count_writes AFTER UPDATE ON users "
                    "FOR EACH ROW INSERT INTO writes VALUES (NEW.id)")
    path = os.path.join(writable.folder, "p.sock")
    try:
        with faults.FaultProxy(writable.path, path) as proxy:
            gate = start_gate({
                "mysql.url": writable.url_through(path),
                "login.rehash": "on", "login.formats": ALL,
                "mysql.connections": 1,
                # the server is done before its answer is thrown away
                "mysql.password_update":
                    "UPDATE users SET password = IF(SLEEP(0.3), '', :hash) "
                    "WHERE id = :id"})
            user = users.add(hashed=MD5)
            key = "ugen:{%s}" % user.id
            thread, answers = in_background(
                lambda: log_in(gate, user.email, PASSWORD))
            process.until(lambda: redis.client.exists(key), 2)
            process.until(lambda: redis.client.keys("sess:*"), 2)
            # the session is there: what comes now is the write
            process.until(lambda: is_sleeping(writable), 2)
            proxy.drop()
            thread.join(10)
            assert answers[0].status == 200
            process.until(lambda: not is_sleeping(writable), 2)
            with writable.admin() as sql:
                sql.execute("SELECT COUNT(*) FROM writes")
                assert sql.fetchone()[0] <= 1
            assert "mysql unavailable" in \
                gate.first_event("password not rehashed")
            assert gate.heals(
                lambda: log_in(gate, user.email, PASSWORD).status == 200)
    finally:
        with writable.admin() as sql:
            sql.execute("DROP TRIGGER count_writes")
            sql.execute("DROP TABLE writes")


def in_background(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    return thread, results


def is_sleeping(mysql):
    with mysql.admin() as sql:
        sql.execute("SELECT COUNT(*) FROM information_schema.processlist "
                    "WHERE info LIKE 'UPDATE%%SLEEP%%' AND user = %s",
                    (mysql.USER,))
        return sql.fetchone()[0] > 0


# --check-config

def check(stores, **settings):
    return gates.run("--check-config", settings={
        **stores, **{k.replace("__", "."): v for k, v in settings.items()}})


def test_check_config_names_what_is_missing(stores, mysql):
    done = check(stores, login__rehash="on")
    assert done.returncode == 78
    assert "on needs [mysql] password_update" in done.stderr
    done = check(stores, mysql__password_update="UPDATE users SET password = "
                                                "'x' WHERE id = :id")
    assert "password_update: parameter :hash is missing" in done.stderr
    done = check(stores, mysql__password_update=UPDATE)
    assert done.returncode != 0
    assert "password_update: " in done.stderr and "denied" in done.stderr
    done = check(stores, login__formats="bcrypt, des")
    assert done.returncode == 78
    assert "FORMATS" in done.stderr and "is no list of" in done.stderr


def test_check_config_takes_what_is_granted(stores, writable):
    done = check(stores, mysql__password_update=UPDATE, login__rehash="on")
    assert (done.returncode, done.stderr) == (0, done.stderr)
    assert "[mysql] url: works" in done.stdout


def test_check_config_refuses_a_statement_that_reads(stores):
    done = check(stores, mysql__password_update="SELECT id FROM users WHERE "
                                                "id = :id AND :hash = ''")
    assert done.returncode != 0
    assert "password_update: it returns columns" in done.stderr
