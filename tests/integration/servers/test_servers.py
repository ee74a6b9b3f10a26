"""Every web server, with the configuration that contrib/ prints for it.

A matrix: each test is run with each server of servers.py.
"""

import os
import re
import socket
import subprocess
import threading
import time

import pytest

import gate as gates
import process
import servers
import stack

EDITOR, SECRET = "sgeditor", "sql-secret"

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def settings(stores, mysql_server):
    """The run's stores, with the rights of etc/schema.sql, for www-data."""
    who = f"{EDITOR}@localhost"
    with mysql_server.admin() as sql:
        sql.execute(f"CREATE USER {who} IDENTIFIED BY '{SECRET}'")
        sql.execute("GRANT SELECT (id, email, name, image, password), "
                    f"UPDATE (name, image) ON users TO {who}")
    os.chmod(mysql_server.data, 0o711)
    yield {**stores, "log.target": "stderr",
           "session.max": "0",  # a quick machine makes hundreds under load
           "mysql.url": f"mysql://{EDITOR}:{SECRET}@localhost/"
                        f"{mysql_server.DATABASE}?socket={mysql_server.path}"}
    with mysql_server.admin() as sql:
        sql.execute(f"DROP USER {who}")


# with sanitizers one that starts the program, one that keeps connections, and
# the one that sends its own kind of records
KINDS = (["lighttpd", "apache-fcgid", "nginx-keep"]
         if "ASAN_OPTIONS" in os.environ else servers.KINDS)


@pytest.fixture(scope="module", params=KINDS)
def front(request, place, settings):
    server = servers.KINDS[request.param](place("w"), settings)
    yield server
    server.close()


@pytest.fixture
def client(front, redis):
    return servers.Client(front.port)


def blocks_of_readme():
    """The configurations in README.md, as lists of lines."""
    with open(os.path.join(stack.TOP, "README.md"), encoding="utf-8") as file:
        found = re.findall(
            r"^```(?:lighttpd|apache|nginx|haproxy)\n(.*?)^```$",
            file.read(), re.M | re.S)
    return [block.split("\n") for block in found]


@pytest.mark.parametrize("name", [
    "lighttpd", "lighttpd-gate", "apache", "apache-fcgid", "nginx", "haproxy",
    "haproxy-frontend"])
@pytest.mark.plain_build
def test_the_readme_shows_what_is_printed(name):
    lines = servers.printed(name).split("\n")
    code = [line for line in lines if not line.startswith("#")]
    while not code[0]:
        code.pop(0)
    assert code in blocks_of_readme()


@pytest.mark.parametrize("words", [
    [], ["iis"], ["nginx", "socket"], ["nginx", "port=/1"],
    ["nginx", "socket=s.sock"], ["nginx", 'socket=/a";b'],
    ["nginx", "socket=/a$b"], ["nginx", "mount=/"], ["nginx", "mount=/a b"],
    ["apache", "socket=/a|b"], ["lighttpd", "program=/a\nb"],
    ["nginx-gate", "folder=/a"], ["nginx-gate", "folder=/a b/"],
    ["nginx-gate", "folder=//"], ["lighttpd-gate", "folder=/a.b/"],
    ["apache-gate", "gate=:9310"], ["apache-gate", "gate=localhost"],
    ["nginx-gate-proxy", "backend=a:b"], ["nginx-gate-proxy", "backend=a;:1"]])
@pytest.mark.plain_build
def test_print_config_prints_nothing_it_was_not_asked_for(words):
    came = subprocess.run([servers.PRINT_CONFIG, *words], check=False,
                          capture_output=True, text=True)
    assert (came.returncode, came.stdout) == (64, "")
    assert came.stderr


@pytest.mark.parametrize("name,path", [
    ("lighttpd-gate", "lighttpd/sessgate-gate.conf"),
    ("lighttpd-gate-host", "lighttpd/sessgate-gate-host.conf"),
    ("apache-gate", "apache/sessgate-gate.conf"),
    ("nginx-check", "nginx/sessgate-check.conf"),
    ("nginx-gate", "nginx/sessgate-gate.conf"),
    ("nginx-gate-proxy", "nginx/sessgate-gate-proxy.conf")])
@pytest.mark.plain_build
def test_print_config_changes_what_it_is_told_and_nothing_else(name, path):
    with open(os.path.join(stack.TOP, "contrib", path),
              encoding="utf-8") as file:
        text = file.read()
    assert servers.printed(name) == text
    usual = {"/var/www/html": "/d", "/run/sessgate/sessgate.sock": "/s",
             "/run/php/php-fpm.sock": "/p", "127.0.0.1:9310": "g:1",
             "127.0.0.1:3000": "b:2"}
    lines = [line for line in text.split("\n") if not line.startswith("#")]
    changed = servers.printed(name, docroot="/d", socket="/s", php="/p",
                           gate="g:1", backend="b:2", folder="/f/",
                           mount="/m.n").split("\n")
    changed = [line for line in changed if not line.startswith("#")]
    for i, line in enumerate(lines):
        for old, new in usual.items():
            line = line.replace(old, new)
        line = line.replace("/private/", "/f/").replace(
            '"^/sessgate/', '"^/m[.]n/').replace('"/sessgate/', '"/m.n/')
        assert changed[i] == line
    assert len(changed) == len(lines)


def test_the_whole_story(client, alice):
    """Log in, be checked, be looked up twice, change, log out, be refused."""
    came = client.ask("POST", "/login", alice.login)
    assert (came.status, came.json()) == (
        200, {"message": "Logged in successfully", "user": alice.shown})
    token = client.cookie
    assert token.startswith(gates.SECURE_COOKIE + "=")
    came = client.ask("GET", "/user/42")
    assert (came.status, came.json()) == (
        200, {"message": "User fetched", "user": alice.shown})
    came = client.ask("GET", "/user/me")
    assert (came.status, came.json()) == (
        200, {"message": "User fetched (cache)", "user": alice.shown})
    came = client.ask("GET", "/auth")
    assert (came.status, came.json()["user"]) == (200, alice.shown)
    changed = {**alice.shown, "name": "Алиса 🐇"}
    came = client.ask("PATCH", "/user/me", {"name": changed["name"]})
    assert (came.status, came.json()) == (
        200, {"message": "User updated", "user": changed})
    assert client.ask("GET", "/user/me").json()["user"] == changed
    came = client.ask("POST", "/logout", body=b"")
    assert (came.status, came.text) == (
        200, '{"message":"Logged out successfully"}')
    assert client.cookie == gates.SECURE_COOKIE + "="
    client.cookie = token
    came = client.ask("GET", "/auth")
    assert (came.status, came.text, came.code) == (
        403, '{"message":"Invalid or expired session"}', "session_invalid")
    assert came.headers["Content-Type"] == "application/json; charset=utf-8"
    assert came.headers["Cache-Control"] == "no-store"
    assert came.headers["Vary"] == "Cookie"


def test_the_account_page_is_found_and_its_forms_come_back(
        front, client, alice):
    """By the address that password managers know, and by the browser's."""
    host = servers.Client(front.port)
    host.base = ""
    came = host.ask("GET", "/.well-known/change-password")
    assert came.status in (302, 303)  # HAProxy makes the one of the other
    assert came.headers["Location"] == servers.MOUNT + "/account"
    assert client.ask("GET", "/account").headers["Location"] == (
        servers.MOUNT + "/login?next=%2Fsessgate%2Faccount")
    client.log_in(alice)
    came = client.ask("GET", "/account")
    assert came.status == 200 and alice.email in came.text
    own = re.search(r"formaction=(sessions/[\w-]+/end)", came.text)[1]
    came = client.ask("POST", "/" + own, kind=FORM, headers=[
        ("Sec-Fetch-Site", "same-origin")])
    assert came.status in (302, 303)
    assert came.headers["Location"] == servers.MOUNT + "/login"


def test_refusals_and_other_methods_pass_unchanged(client):
    for method, path, status in (
            ("GET", "/auth", 401), ("GET", "/nowhere", 404),
            ("PUT", "/auth", 405), ("GET", "/healthz", 404)):
        came = client.ask(method, path)
        assert (came.status, came.code is None) == (status, False), came
        assert came.message
    assert "GET" in client.ask("OPTIONS", "/auth").headers["Allow"]
    came = client.ask("HEAD", "/auth")
    assert (came.status, came.text) == (401, "")


def test_a_path_that_only_begins_like_ours_is_not_ours(client):
    client.line.request("GET", servers.MOUNT + "x/auth")
    answer = servers.Answer(client.line.getresponse())
    assert answer.code is None and answer.status >= 400
    client.line.close()


def test_a_body_of_60_KiB_arrives_whole(client):
    """Cut anywhere it would be no JSON, and 400."""
    came = client.ask("POST", "/login",
                      {"email": "a" * 60 * 1024, "password": "x"})
    assert (came.status, came.message) == (401, "Invalid email or password")


@pytest.mark.parametrize("size", [100 << 10, 1 << 20])
def test_a_body_above_64_KiB_is_413_whatever_is_still_being_sent(client, size):
    for _ in range(5):
        came = client.ask("POST", "/login", body=b" " * size)
        assert (came.status, came.text) == (
            413, '{"message":"Request body too large"}')


# Servers that take 80 KB of headers; the others have smaller limits:
# lighttpd's 431, a 400 of nginx and HAProxy, a 500 of mod_fcgid, whose
# parameters must fit one record.
OWN_HEADER_LIMIT = {"lighttpd": 431, "lighttpd-bin-path": 431, "nginx": 400,
                    "nginx-keep": 400, "haproxy": 400, "apache-fcgid": 500}


def test_headers_above_64_KiB_are_refused(client, request):
    kind = request.node.callspec.params["front"]
    came = client.ask("GET", "/auth", headers=[
        (f"X-Junk-{i}", "x" * 1000) for i in range(80)])
    if kind in OWN_HEADER_LIMIT:
        # or 431, as newer ones of them say
        assert came.status in (OWN_HEADER_LIMIT[kind], 431)
        return
    assert (came.status, came.message, came.code) == (
        431, "Request header fields too large", "params_too_large")


def drip(port, user, answers):
    """A login that takes a second to send its body."""
    body = gates.json.dumps(user.login).encode()
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(
            f"POST {servers.MOUNT}/login HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode())
        for i in range(10):
            at, end = (len(body) * j // 10 for j in (i, i + 1))
            sock.sendall(body[at:end])
            time.sleep(0.1)
        answers.append(sock.makefile("rb").readline())


@pytest.mark.sanitized(1)
def test_clients_that_drip_hinder_nobody_and_are_served(front, client, alice):
    client.log_in(alice)
    answers = []
    slow = [threading.Thread(target=drip, args=(front.port, alice, answers))
            for _ in range(10)]
    for thread in slow:
        thread.start()
    time.sleep(0.2)
    slowest = 0
    for _ in range(20):
        came, took = gates.timed(client.ask, "GET", "/auth")
        assert came.status == 200
        slowest = max(slowest, took)
    assert not answers, "the slow ones were not slow"
    for thread in slow:
        thread.join()
    assert slowest < 0.5 * process.SLACK
    assert [a.split()[1] for a in answers] == [b"200"] * 10


def test_requests_at_the_same_time_are_all_served(front, redis, alice):
    cookie = servers.Client(front.port).log_in(alice)
    statuses = []

    def ask():
        mine = servers.Client(front.port, keep=True)
        mine.cookie = cookie
        for _ in range(20):
            statuses.append(mine.ask("GET", "/auth").status)
        mine.line.close()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 320


def test_connections_are_kept_where_the_configuration_says_so(front, client):
    if front.starts_program:
        return  # each has a socket of its own
    for _ in range(20):
        client.ask("GET", "/auth")
    time.sleep(0.05)
    assert (front.gate.connected() > 0) == front.is_kept


def test_there_are_as_many_processes_as_configured(front, request):
    """After the tests before this one, which asked for more at once."""
    many = request.node.callspec.params["front"] == "apache-fcgid"
    assert 1 <= len(front.programs()) <= (8 if many else 1)


@pytest.mark.parametrize("order", [1, -1])
def test_two_cookie_headers_are_one_cookie(
        front, client, request, alice, order):
    cookie = client.log_in(alice)
    client.cookie = None
    came = client.ask("GET", "/auth", headers=[
        ("Cookie", cookie), ("Cookie", "theme=dark")][::order])
    if request.node.callspec.params["front"].startswith("apache"):
        # Apache joins them with a comma, which parts no cookies.  No browser
        # sends two; what HTTP/2 takes apart mod_http2 joins with semicolons.
        assert came.status in (401, 403)
    else:
        assert came.status == 200
    assert client.ask("GET", "/auth", headers=[
        ("Cookie", "theme=dark; " + cookie)]).status == 200


def test_headers_that_mean_harm_do_none(front, client, alice):
    """None of them becomes a parameter that the program or libc reads."""
    client.log_in(alice)
    junk = [("Proxy", "http://192.0.2.1/"), ("Sessgate-Role", "gate"),
            ("SESSGATE_ROLE", "gate"), ("Sessgate-Site", "other"),
            ("Remote-Addr", "192.0.2.9"), ("Remote-User", "root"),
            ("Redis-Url", "redis://192.0.2.1"), ("Content_Length", "7"),
            ("Script-Name", "/etc"), ("X-Forwarded-For", "192.0.2.9"),
            ("Forwarded", "for=192.0.2.9"), ("Authorization", "Basic eDp5"),
            ("Ld-Preload", "/x.so"), ("X_Sessgate_User", "root"),
            ("Variable-REMOTE_USER", "root"), ("X-Empty", "")]
    came = client.ask("GET", "/auth", headers=junk)
    if (came.status, came.code) == (400, None):
        # newer servers turn such names away themselves
        junk = [(name, value) for name, value in junk if "_" not in name]
        came = client.ask("GET", "/auth", headers=junk)
    assert (came.status, came.json()["user"]) == (200, alice.shown)
    client.cookie = None
    assert client.ask("GET", "/auth", headers=junk).status == 401


def test_the_session_knows_the_address_of_the_client(front, redis, alice):
    client = servers.Client(front.port, source="127.0.0.77")
    answer = client.ask("POST", "/login", alice.login, headers=[
        ("X-Forwarded-For", "192.0.2.9"), ("User-Agent", "tests/2")])
    assert answer.status == 200
    token = client.cookie.partition("=")[2]
    record = gates.json.loads(
        redis.client.get("sess:" + gates.hashed(token)))
    assert (record["addr"], record["agent"]) == ("127.0.0.77", "tests/2")


class Load:
    """Clients that log in, ask and change, and remember what they were told.

    acknowledged: cookies of logins that were answered with 200; names: what
    PATCH was told was stored; lost: what was answered with 5xx or not at all;
    wrong: any other answer.
    """

    def __init__(self, front, user):
        self.front, self.user = front, user
        self.acknowledged, self.names = [], [-1]
        self.served, self.lost, self.wrong = 0, [], []
        self.stopping = threading.Event()
        self.writer = self.client()
        self.writer.log_in(user)
        self.threads = [threading.Thread(target=self.read)
                        for _ in range(3)]
        self.threads.append(threading.Thread(target=self.write))
        for thread in self.threads:
            thread.start()

    def client(self):
        return servers.Client(self.front.port, keep=True, timeout=3)

    def is_heavy(self):
        """Enough has been acknowledged to be lost."""
        return len(self.acknowledged) > 10 and len(self.names) > 10

    def ask(self, client, *args):
        try:
            answer = client.ask(*args)
        except OSError as why:
            self.lost.append(repr(why))
        except servers.http.client.HTTPException as why:
            self.lost.append(repr(why))
        else:
            if answer.status == 200:
                self.served += 1
                return True
            (self.lost if answer.status >= 500 else self.wrong).append(
                (args[:2], answer))
        return False

    def read(self):
        client = self.client()
        while not self.stopping.is_set():
            client.cookie = None
            if self.ask(client, "POST", "/login", self.user.login):
                self.acknowledged.append(client.cookie)
            for _ in range(5 if client.cookie else 0):
                self.ask(client, "GET", "/auth")
                time.sleep(0.005)
        client.line.close()

    def write(self):
        client = self.writer
        number = 0
        while not self.stopping.is_set():
            if self.ask(client, "PATCH", "/user/me", {"name": str(number)}):
                self.names.append(number)
            number += 1
            time.sleep(0.005)
        client.line.close()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def name_in(mysql, user):
    with mysql.admin() as sql:
        sql.execute("SELECT name FROM users WHERE id = %s", (user.id,))
        return sql.fetchone()[0]


@pytest.mark.sanitized(1)
def test_a_restart_under_load_loses_nothing_that_was_acknowledged(
        front, client, mysql, alice, record_property):
    """Sessions of before and of between are good, changes are stored.

    Where the socket is kept and each request has a connection of its own,
    nothing is lost at all; else a few requests may be refused.
    """
    before = client.log_in(alice)
    load = Load(front, alice)
    try:
        for _ in range(front.restarts):
            time.sleep(0.4)
            assert process.until(load.is_heavy, 10) is not None
            front.restart_program()
        time.sleep(0.4)
    finally:
        load.stop()
    record_property("served", load.served)
    record_property("lost", len(load.lost))
    print(f"{load.served} served, {len(load.lost)} lost: {load.lost[:5]}")
    assert not load.wrong
    if not front.is_kept and not front.starts_program:
        assert not load.lost
    assert load.served > 5 * len(load.lost)
    assert process.until(
        lambda: client.ask("GET", "/auth").status < 500, 5) is not None
    for cookie in [before, *load.acknowledged]:
        client.cookie = cookie
        assert client.ask("GET", "/auth").status == 200
    assert int(name_in(mysql, alice)) >= load.names[-1]


def test_a_program_that_is_killed_is_replaced_and_sessions_live(
        front, client, alice):
    client.log_in(alice)
    front.kill_program()
    took = process.until(lambda: client.ask("GET", "/auth").status == 200, 10)
    assert took is not None and took < 3 * process.SLACK


def test_a_program_that_is_away_is_5xx_and_found_again(front, client, alice):
    client.log_in(alice)
    front.take_program_away()
    try:
        for _ in range(3):
            assert client.ask("GET", "/auth").status >= 500
    finally:
        front.bring_program_back()
    took = process.until(lambda: client.ask("GET", "/auth").status == 200, 10)
    assert took is not None and took < 5 * process.SLACK
