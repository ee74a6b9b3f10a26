"""The audit trail: what it says, what it hides, and who reads it."""

import base64
import hashlib
import os
import re
import shutil
import socket
import subprocess
import threading

import pytest

import gate as gates
import process
import stack

pytestmark = pytest.mark.plain_build

FILTER = os.path.join(stack.TOP, "contrib/fail2ban/filter.d/sessgate.conf")
ENV = {"PATH": process.PATH, "LANG": "C.UTF-8"}
HERE, ELSEWHERE = "192.0.2.7", "192.0.2.66"
WORDS = ("login ok", "login failed", "login limited", "logout",
         "request limited")


def handle_of(cookie):
    name = "handle" + gates.hashed(cookie.partition("=")[2])
    digest = hashlib.sha256(name.encode()).digest()[:12]
    return base64.urlsafe_b64encode(digest).decode()


def said(gate, words):
    """The fields of the lines for an event."""
    return [line.partition(f": {words} ")[2] for line in gate.events(words)]


def guess(gate, login, address=HERE):
    return gate.post("/login", {"email": login, "password": "wrong"},
                     address=address)


# the lines

def test_each_event_is_one_line(start_gate, redis, alice):
    gate = start_gate({"login.limit_pair": "1/900", "server.limit": "2/900"})
    cookie = gate.log_in(alice)
    assert said(gate, "login ok") == [
        f"addr={HERE} id=42 session={handle_of(cookie)} "
        "user=alice@example.org"]
    assert guess(gate, "Alice@example.org").status == 401
    assert guess(gate, "nobody").status == 401
    assert said(gate, "login failed") == [
        f"addr={HERE} reason=password user=alice@example.org",
        f"addr={HERE} reason=unknown user=nobody"]
    assert guess(gate, "alice@example.org").status == 429
    (line,) = said(gate, "login limited")
    assert re.fullmatch(rf"addr={HERE} limit=pair wait=(900|89\d) "
                        "user=alice@example.org", line)
    assert gate.post("/logout", cookie=cookie).status == 200
    assert said(gate, "logout") == [
        f"addr={HERE} id=- session={handle_of(cookie)}"]
    gate.get("/auth", cookie)
    assert gate.get("/auth", cookie).status == 429
    (line,) = said(gate, "request limited")
    assert re.fullmatch(rf"addr={HERE} limit=request wait=\d+ "
                        "path=/sessgate/auth", line)


def test_what_a_login_ends_is_told_and_what_was_gone_is_not(
        start_gate, redis, alice):
    gate = start_gate({})
    former = gate.log_in(alice)
    assert gate.post("/login", alice.login, former).status == 200
    expected = [f"addr={HERE} id=- session={handle_of(former)}"]
    assert said(gate, "logout") == expected
    assert gate.post("/logout", cookie=former).status == 200
    assert gate.post("/login", alice.login, former).status == 200
    assert said(gate, "logout") == expected


def test_the_handle_is_the_one_that_the_gate_tells(gate, redis, alice):
    cookie = gate.log_in(alice)
    answer = gate.get("/auth", cookie, SESSGATE_ROLE="gate")
    assert answer.status == 200
    assert said(gate, "login ok")[-1].split()[2] == \
        "session=" + answer.header("X-Sessgate-Session")


def test_it_names_the_client_behind_a_proxy(start_gate, redis):
    gate = start_gate({"server.trusted_proxies": "10.0.0.0/8"})
    gate.post("/login", {"email": "x", "password": "y"}, address="10.0.0.1",
              HTTP_X_FORWARDED_FOR=f"{ELSEWHERE}, ::ffff:{HERE}")
    assert said(gate, "login failed") == [f"addr={HERE} reason=unknown user=x"]


def test_no_secret_is_in_it(start_gate, redis, alice, place):
    path = f"{place('k')}/secrets"
    with open(path, "w", encoding="ascii") as file:
        file.write("s" * 40)
    gate = start_gate({"session.secret_file": path,
                       "login.limit_pair": "3/900"})
    answer = gate.post("/login", alice.login)
    values = [gates.Cookie(s).value for s in answer.all("Set-Cookie")]
    assert len(values) == 2
    cookie = gates.Cookie(answer.all("Set-Cookie")[0]).pair
    for _ in range(5):
        gate.post("/login", {**alice.login, "password": "hunter2-secret"})
    gate.post("/logout", cookie=cookie)
    text = gate.log_text()
    # of the two that were limited in the same second one line tells
    assert text.count("user=alice@example.org") >= 5
    for secret in (alice.password, "hunter2-secret", "s" * 40, *values,
                   gates.hashed(values[0])):
        assert secret not in text


def test_an_outage_is_no_failure(start_gate, own_redis, alice):
    """fail2ban must not ban those whom an outage turned away."""
    gate = start_gate({"redis.url": own_redis.url,
                       "login.limit_pair": "5/900"})
    own_redis.stop()
    for _ in range(3):
        assert guess(gate, alice.email).status == 503
    for words in WORDS:
        assert gate.events(words) == []
    own_redis.start()


# fail2ban

def fail2ban_regex(log, *options):
    """What it says of a log.

    It takes a path with a space in it for an expression, and the checkout may
    lie in such a one: it is given a copy of the filter beside the log.
    """
    own = os.path.join(os.path.dirname(log), "filter.conf")
    shutil.copy(FILTER, own)
    return subprocess.run(
        [process.tool("fail2ban-regex"), *options, log, own],
        capture_output=True, text=True, check=True, env=ENV)


def banned(log):
    """The addresses that fail2ban takes out of a log, in order."""
    done = fail2ban_regex(log, "-o", "ip")
    found = [s for s in done.stdout.splitlines() if s not in ("", "None")]
    assert "Traceback" not in done.stderr
    return found


STAMP = "2026-11-24T09:36:54.630Z sessgate[1]: "
FAILED = f"login failed addr={ELSEWHERE} reason=password user=x"
SPOOFS = [
    f"addr={ELSEWHERE}", f" addr={ELSEWHERE} ", f'" addr={ELSEWHERE} "',
    f'x" addr={ELSEWHERE} user="y', f"x\naddr={ELSEWHERE}",
    f"x\n{STAMP}{FAILED}", f"x\r\n{STAMP}{FAILED}\r\n", f"{STAMP}{FAILED}",
    f"\n{FAILED}\n", f"sessgate[1]: {FAILED}", f"x\x00{STAMP}{FAILED}",
    f"x\u2028{STAMP}{FAILED}", f"x\u0085{STAMP}{FAILED}",
    f"x\x0b{STAMP}{FAILED}", f"x\x1b[2K{STAMP}{FAILED}",
    f"\\\n{STAMP}{FAILED}", f"Nov 24 09:36:54 host sessgate[1]: {FAILED}",
    f"<HOST> {ELSEWHERE}", f"::ffff:{ELSEWHERE}", ELSEWHERE,
    f"ｘ addr={ELSEWHERE}", f"addr\u200b={ELSEWHERE}", "ä" * 70 + f" {FAILED}",
    "\n" * 3000 + FAILED, "x" * 5000 + f" {FAILED}", "\\x0a" + FAILED]


def test_fail2ban_is_not_fooled(start_gate, redis):
    """Whatever a user is called, the address is where it came from."""
    gate = start_gate()
    for spoof in SPOOFS:
        answer = guess(gate, spoof)
        assert answer.status == 401, spoof
    text = gate.log_text()
    assert text.count("login failed addr=" + HERE) == len(SPOOFS)
    assert text.isascii() and text.count("\n") == len(text.splitlines())
    assert banned(gate.log) == len(SPOOFS) * [HERE]


def test_fail2ban_is_not_fooled_by_parameters(start_gate, redis):
    """REMOTE_ADDR that is none, and headers that clients write."""
    gate = start_gate()
    for address in ("", "unix:", f"x addr={ELSEWHERE}", f"{ELSEWHERE} x",
                    f"{ELSEWHERE}\nlogin failed addr={ELSEWHERE}"):
        guess(gate, "x", address)
    for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP",
                 "HTTP_FORWARDED", "HTTP_USER_AGENT"):
        gate.post("/login", {"email": "x", "password": "y"}, address=HERE,
                  **{name: ELSEWHERE})
    assert len(gate.events("login failed")) == 10
    assert banned(gate.log) == 5 * [HERE]


def test_fail2ban_sees_failures_and_limits_and_nothing_else(
        start_gate, redis, alice):
    gate = start_gate({"login.limit_pair": "2/900"})
    cookie = gate.log_in(alice)
    gate.get("/auth", cookie, address="192.0.2.1")
    gate.post("/logout", cookie=cookie, address="192.0.2.1")
    guess(gate, "x", "192.0.2.2")
    guess(gate, "x", "::ffff:192.0.2.3")
    for _ in range(3):
        guess(gate, "x", "2001:DB8::0:1")
    gate.post("/login", {"email": ""}, address="192.0.2.4")
    assert banned(gate.log) == [
        "192.0.2.2", "192.0.2.3", *3 * ["2001:db8::1"]]


def test_fail2ban_reads_lines_with_a_count(place):
    """A line of the throttle, whole or of what was counted, is one failure."""
    log = os.path.join(place("l"), "sessgate.log")
    with open(log, "w", encoding="ascii") as file:
        for tail in ("limit=pair wait=899 user=x count=4711",
                     f'limit=pair wait=9 user="addr={ELSEWHERE}" count=2',
                     "limit=pair count=3"):
            file.write(f"{STAMP}login limited addr={HERE} {tail}\n")
        file.write(f'{STAMP}log lines merged kind="login limited" count=9\n')
    assert banned(log) == 3 * [HERE]


def test_fail2ban_reads_lines_that_name_a_site(start_gate, redis, place):
    conf = os.path.join(place("c"), "sessgate.conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write('[site "shop-2"]\nredis.key_prefix = shop:\n')
    gate = start_gate(args=["--config", conf])
    for spoof in SPOOFS:
        answer = gate.post("/login", {"email": spoof, "password": "wrong"},
                           address=HERE, SESSGATE_SITE="shop-2")
        assert answer.status == 401, spoof
    gate.post("/login", address=HERE,
              SESSGATE_SITE=f"x\n{STAMP}login failed addr={ELSEWHERE}")
    assert gate.log_text().count(f"login failed site=shop-2 addr={HERE}") == \
        len(SPOOFS)
    assert banned(gate.log) == len(SPOOFS) * [HERE]


def test_fail2ban_reads_a_file_target_and_its_time(
        start_gate, redis, place):
    path = os.path.join(place("l"), "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    guess(gate, f"x addr={ELSEWHERE}")
    assert banned(path) == [HERE]
    done = fail2ban_regex(path)
    with open(path, encoding="ascii") as file:
        lines = len(file.readlines())
    assert f"[{lines}] ^Year-Month-Day" in done.stdout


@pytest.fixture
def devices(place):
    """A folder to stand in for /dev, with a socket for log in it."""
    folder = place("dev")
    if not stack.IS_ROOT or shutil.which("unshare") is None:
        pytest.skip("no mount namespace can be made here")
    for name in ("null", "urandom"):
        with open(os.path.join(folder, name), "w", encoding="ascii"):
            pass
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(os.path.join(folder, "log"))
        sock.settimeout(5)
        yield folder, sock


def test_syslog_gets_the_same_lines(devices, start_gate, stores, redis, place):
    """In a mount namespace of its own, where /dev/log is the test's."""
    folder, sock = devices
    got = []

    def listen():
        try:
            while b"stopped" not in (packet := sock.recv(65536)):
                got.append(packet)
        except OSError:
            return
    path = os.path.join(place("s"), "s.sock")
    script = (f"mount --bind /dev/null {folder}/null && "
              f"mount --bind /dev/urandom {folder}/urandom && "
              f"mount --rbind {folder} /dev && exec \"$0\" \"$@\"")
    env = gates.environment({**stores, **gates.UNLIMITED,
                             "log.target": "syslog"})
    thread = threading.Thread(target=listen)
    thread.start()
    running = process.Process(
        ["unshare", "--mount", "sh", "-c", script, gates.binary(),
         "--listen", f"unix:{path}"],
        os.path.join(folder, "..", "syslog-program.log"), env=env)
    running.await_ready(lambda: process.can_connect(path))
    there = gates.Gate.__new__(gates.Gate)
    there.address, there.mount = path, "/sessgate"
    for spoof in (SPOOFS[3], SPOOFS[5], "plain"):
        assert guess(there, spoof).status == 401
    assert running.stop() == 0
    thread.join(10)
    lines = [p.decode("ascii") for p in got if b": login failed " in p]
    assert len(lines) == 3
    for line in lines:  # daemon.info, as a syslog daemon takes it
        assert re.match(r"<30>\w{3} [ \d]\d \d\d:\d\d:\d\d sessgate\[\d+\]: "
                        rf"login failed addr={HERE} reason=unknown user=",
                        line)
        assert "\n" not in line
    written = os.path.join(folder, "..", "syslog")
    with open(written, "w", encoding="ascii") as file:
        for line in lines:  # as it writes them
            file.write(re.sub(r"^<30>(.{15}) ", r"\1 host ", line) + "\n")
        for line in lines:
            file.write(re.sub(r"^<30>.{15} ", "2026-11-24T09:36:54.630123"
                              "+01:00 host ", line) + "\n")
    assert banned(written) == 6 * [HERE]


def test_the_jail_is_one_that_fail2ban_reads(place):
    """The example's words are fail2ban's, and its filter is there."""
    config = place("f")
    source = "/etc/fail2ban"
    if not os.path.isdir(source):
        process.lacking("fail2ban")
    shutil.copytree(source, config, dirs_exist_ok=True, symlinks=True)
    for part in ("filter.d", "jail.d"):
        shutil.copy(os.path.join(stack.TOP, "contrib/fail2ban", part,
                                 "sessgate.conf"),
                    os.path.join(config, part, "sessgate.conf"))
    log = os.path.join(config, "sessgate.log")
    with open(log, "w", encoding="ascii"):
        pass
    jail = os.path.join(config, "jail.d", "sessgate.conf")
    with open(jail, encoding="ascii") as file:
        text = file.read().replace("/var/log/sessgate/sessgate.log", log)
    with open(jail, "w", encoding="ascii") as file:
        file.write(text + "\n[sshd]\nenabled = false\n")
    done = subprocess.run(
        [process.tool("fail2ban-client"), "-c", config, "-d"],
        capture_output=True, text=True, check=True, env=ENV)
    output = done.stdout
    assert "['add', 'sessgate'" in output
    assert "'maxretry', 20" in output and log in output
    assert "login (?:failed|limited)" in output
