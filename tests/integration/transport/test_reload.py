"""HUP: the program and its configuration anew, under the same process id."""

import os
import signal
import subprocess
import threading
import time

import pytest

import fcgi
import gate as gates
import process
import reloads
from reloads import BAD, LONG, SLACK, changing, start_changing

WAYS = ("listen", "fd0", "listen-fds", "spawn-fcgi", "socket-activate")
OPEN = {"ops.access": "192.0.2.7"}
__all__ = ["changing", "start_changing"]  # fixtures


def health(gate):
    return gate.get("/healthz").status


def said(gate, words):
    return "\n".join(gate.events(words))


@pytest.mark.sanitized(2)
@pytest.mark.parametrize("how", WAYS)
def test_the_new_file_holds_under_the_same_process_id(start_changing, how):
    gate = start_changing(how=how)
    pid = gate.pid
    assert health(gate) == 404
    gate.changing.write({**OPEN, "log.target": f"file:{gate.log}"})
    for number in range(2):
        gate.tell(signal.SIGHUP)
        assert process.until(lambda: health(gate) == 200, 5 * SLACK)
        assert process.until(
            lambda: len(gate.events("reloaded")) > number, 5 * SLACK)
        assert reloads.is_alone(gate)
    assert gate.pid == pid and gate.is_running()


def test_every_listener_is_handed_over(start_changing, place):
    """Several sockets of each kind, each with its role and its site."""
    folder = place("l")
    port = process.free_port()
    gate = start_changing(how="fd0", listen=[
        f"unix:{folder}/a,mode=0600", f"127.0.0.1:{port}",
        f"unix:{folder}/b,role=gate"])
    assert process.until(lambda: gate.events("started"), 5 * SLACK)
    inode = os.stat(f"{folder}/a").st_ino
    gate.changing.write(OPEN)
    for _ in range(2):
        assert reloads.reload(gate)
        for address, status in ((gate.path, 200), (f"{folder}/a", 200),
                                (f"{folder}/b", 403),
                                (("127.0.0.1", port), 403)):
            with fcgi.Connection(address) as line:
                asked = line.ask(gate.params(path="/healthz"))
                assert asked.status == status, address
    assert os.stat(f"{folder}/a").st_ino == inode


def test_what_the_process_was_started_with_stays(start_changing, place):
    gate = start_changing(before=["sh", "-c", f'cd "{place("d")}" && '
                                  'umask 0027 && ulimit -c 7 && exec "$@"',
                                  "sh"])

    def inherited():
        with open(f"/proc/{gate.pid}/status", encoding="ascii") as status:
            umask = [s for s in status if s.startswith("Umask")]
        with open(f"/proc/{gate.pid}/limits", encoding="ascii") as limits:
            return umask, limits.read(), open(
                f"/proc/{gate.pid}/cmdline", "rb").read(), os.readlink(
                    f"/proc/{gate.pid}/cwd")
    before = inherited()
    assert reloads.reload(gate) and reloads.is_alone(gate)
    sockets = gate.descriptors("")
    for _ in range(3):
        assert reloads.reload(gate)
    assert inherited() == before
    with open(f"/proc/{gate.pid}/comm", encoding="ascii") as comm:
        assert comm.read() == "sessgate\n"
    assert reloads.is_alone(gate)
    assert gate.descriptors("") <= sockets + 2


def test_an_upgrade_is_a_new_file_and_hup(start_changing):
    gate = start_changing()
    running = f"/proc/{gate.pid}/exe"
    old = os.stat(running).st_ino
    gate.changing.replace_binary(gate.changing.built)
    assert reloads.reload(gate)
    assert old != os.stat(running).st_ino == os.stat(
        gate.changing.binary).st_ino


def test_a_wrong_file_is_refused_by_its_line(start_changing):
    gate = start_changing()
    with gate.connect() as kept:
        assert kept.ask(gate.params(), keep=True).status == 401
        gate.changing.write(text=BAD)
        assert not reloads.reload(gate)
        assert reloads.is_alone(gate, 0)
        line = said(gate, "reload refused")
        assert f"[{gate.pid}]" in line and "workers" in line, line
        assert f'reason="{gate.changing.file}:' in line
        assert kept.ask(gate.params(), keep=True).status == 401
    gate.changing.write(OPEN)
    assert reloads.reload(gate)
    assert health(gate) == 200


@pytest.mark.parametrize("more, words", [
    ({"login.page": "/nowhere.html"}, "/nowhere.html"),
    ({"session.secret_file": "/nowhere"}, "/nowhere"),
    ({"log.target": "file:/nowhere/log"}, "[log] target"),
    ({"mysql.user_by_id": "SELECT :nonsense"}, "nonsense"),
])
def test_what_else_is_wrong_is_refused_by_its_name(start_changing, more,
                                                   words):
    gate = start_changing()
    gate.changing.write(more)
    assert not reloads.reload(gate)
    assert words in said(gate, "reload refused")
    assert reloads.is_alone(gate, 0) and health(gate) == 404


@pytest.mark.parametrize("make, words", [
    (lambda path: os.unlink(path), "No such file"),
    (lambda path: os.chmod(path, 0o644), "cannot be executed"),
])
def test_a_program_that_cannot_be_started_is_refused(start_changing, make,
                                                     words):
    gate = start_changing()
    make(gate.changing.binary)
    assert not reloads.reload(gate)
    assert words in said(gate, "reload refused")
    assert health(gate) == 404


def test_a_program_that_never_serves_is_ended(start_changing, place, alice):
    """Nothing of it is left; it takes no TERM.  Meanwhile all is served."""
    source, made = os.path.join(place("h"), "h.c"), place("h") + "/hangs"
    with open(source, "w", encoding="ascii") as file:
        file.write("#include <unistd.h>\n"
                   "int main(void) { for (;;) pause(); }\n")
    subprocess.run([process.tool("cc", "gcc"), "-o", made, source],
                   check=True)
    gate = start_changing()
    cookie = gate.log_in(alice)
    gate.changing.replace_binary(made)
    begin = time.monotonic()
    with reloads.Load(lambda: gate.get("/auth", cookie)) as load:
        assert not reloads.reload(gate, 14)
    assert not load.failed, load.failed[:3]
    assert 9 < time.monotonic() - begin < 12 * SLACK
    assert "within 10 s" in said(gate, "reload refused")
    assert reloads.is_alone(gate, 0) and load.count() > 100


def test_a_store_that_answered_must_answer_the_new_program(start_changing):
    """The urls are in the environment, which no reload changes."""
    gate = start_changing()
    assert gate.heals(lambda: gate.events("mysql ready"))
    gate.changing.write({
        "mysql.user_by_login": "SELECT id FROM nowhere WHERE id = :login"})
    gate.tell(signal.SIGHUP)
    assert process.until(lambda: reloads.children(gate.pid), 2 * SLACK)
    for _ in range(5):
        time.sleep(0.1)
        assert gate.get("/auth").status == 401
        assert reloads.children(gate.pid) and not gate.events("reloaded")
    if LONG:
        assert process.until(
            lambda: "mysql: it does not answer" in said(
                gate, "reload refused"), 12 * SLACK)
        assert reloads.is_alone(gate, 0)


def test_a_kept_connection_goes_on(start_changing, alice):
    """No end of file comes, whenever its next request does."""
    gate = start_changing()
    cookie = gate.log_in(alice)
    with gate.connect() as kept, gate.connect() as silent:
        params = gate.params(cookie=cookie)
        for _ in range(3):
            assert kept.ask(params, keep=True).status == 200
            assert reloads.reload(gate)
        assert reloads.is_alone(gate)
        assert kept.is_quiet() and silent.is_quiet()
        assert kept.ask(params, keep=True).status == 200
        assert silent.ask(params).status == 200


# as long as a new program has to serve, and longer than a usual pause
@pytest.mark.parametrize("mode,pause", [
    ("bridge", 0.5), ("drain", 0.5), ("drain", 9.3),
    pytest.param("bridge", 9.3, marks=pytest.mark.skipif(
        not LONG, reason="SESSGATE_LONG is not set"))])
def test_a_request_that_is_half_sent_is_answered(
        start_changing, alice, mode, pause):
    gate = start_changing()
    gate.changing.write({"server.reload": mode, "server.read_timeout": "15s"})
    assert reloads.reload(gate)
    cookie = gate.log_in(alice)
    whole = fcgi.request(gate.params(cookie=cookie), keep=True)
    cuts = (1, 8, 9, 30, len(whole) - 9, len(whole) - 1)
    lines = [gate.connect() for _cut in cuts]
    for line, cut in zip(lines, cuts):
        line.send(whole[:cut])
    time.sleep(0.1)
    gate.tell(signal.SIGHUP)
    time.sleep(pause)
    for line, cut in zip(lines, cuts):
        line.send(whole[cut:])
        assert line.read_answer().status == 200
    for line in lines:
        assert line.ask(gate.params(cookie=cookie), keep=True).status == 200
        line.close()
    assert process.until(lambda: len(gate.events("reloaded")) == 2, 5 * SLACK)


@pytest.fixture
def locked(mysql):
    """locked(seconds): nobody reads the users meanwhile."""

    def lock(seconds):
        with mysql.admin() as sql:
            sql.execute("LOCK TABLES users WRITE")
            time.sleep(seconds)
            sql.execute("UNLOCK TABLES")
    return lock


def hold_a_login(gate, alice, locked, seconds=2):
    """A login that waits for a lock; (its answers, the thread's join)."""
    came = []

    def log_in():
        came.append(gate.post("/login", alice.login, timeout=20))
    holder = threading.Thread(target=locked, args=(seconds,))
    login = threading.Thread(target=log_in)
    holder.start()
    time.sleep(0.1)
    login.start()
    time.sleep(0.1)

    def join():
        holder.join(20)
        login.join(20)
        return came[0].status
    return join


def test_checks_wait_for_no_login(start_changing, alice, locked):
    """One held for 2 s by a lock is answered by the program that took it."""
    gate = start_changing()
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie).status == 200
    join = hold_a_login(gate, alice, locked)
    with reloads.Load(*[lambda: gate.get("/auth", cookie)] * 2) as load:
        assert reloads.reload(gate)
        assert join() == 200
    assert not load.failed, load.failed[:3]
    assert load.is_too_busy() or load.slowest(0, 1) < 0.1 * SLACK
    assert reloads.is_alone(gate)


def test_a_file_that_is_spoilt_on_the_way_stops_nothing(
        start_changing, alice, locked):
    """The bridge read a good one; the process that execs reads a bad one."""
    gate = start_changing()
    join = hold_a_login(gate, alice, locked)
    gate.tell(signal.SIGHUP)
    assert process.until(lambda: len(gate.events("started")) == 2, 5 * SLACK)
    gate.changing.write(text=BAD)
    assert join() == 200
    assert process.until(lambda: gate.events("reload refused"), 5 * SLACK)
    assert gate.changing.file in said(gate, "reload refused")
    assert gate.is_running() and gate.get("/auth").status == 401
    gate.tell(signal.SIGHUP)  # still bad
    assert process.until(
        lambda: len(gate.events("reload refused")) == 2, 5 * SLACK)
    assert gate.get("/auth").status == 401
    gate.changing.write(OPEN)
    assert reloads.reload(gate)
    assert reloads.is_alone(gate) and health(gate) == 200


def test_without_a_good_file_the_bridge_is_stopped_too(
        start_changing, alice, locked, ended):
    gate = start_changing()
    join = hold_a_login(gate, alice, locked, 1)
    gate.tell(signal.SIGHUP)
    assert process.until(lambda: len(gate.events("started")) == 2, 5 * SLACK)
    gate.changing.write(text=BAD)
    assert join() == 200
    assert process.until(lambda: gate.events("reload refused"), 5 * SLACK)
    [bridge] = reloads.children(gate.pid)
    gate.tell(signal.SIGTERM)
    assert ended(gate) == 0
    assert not reloads.runs(bridge)


def test_drain_keeps_connections_and_starts_no_second(start_changing, alice):
    gate = start_changing()
    gate.changing.write({"server.reload": "drain"})
    assert reloads.reload(gate)
    cookie = gate.log_in(alice)
    lines = [gate.connect() for _line in range(20)]
    params = gate.params(cookie=cookie)
    for line in lines:
        assert line.ask(params, keep=True).status == 200
    with reloads.Load(*[lambda: gate.get("/auth", cookie)] * 2) as load:
        for _ in range(3):
            assert reloads.reload(gate)
            for line in lines:
                assert line.ask(params, keep=True).status == 200
    assert not load.failed, load.failed[:3]
    gate.changing.write(text=BAD)
    assert not reloads.reload(gate)
    assert lines[0].ask(params).status == 200
    for line in lines:
        line.close()


def test_fifty_hups_in_a_second(start_changing, alice):
    """At most one reload at a time; none is fatal, no request fails."""
    gate = start_changing()
    cookie = gate.log_in(alice)
    most = 0
    with reloads.Load(*[lambda: gate.get("/auth", cookie)] * 2) as load:
        for _hup in range(50):
            gate.tell(signal.SIGHUP)
            time.sleep(0.02)
            most = max(most, len(reloads.children(gate.pid)))
        assert reloads.reload(gate)
    assert not load.failed, load.failed[:3]
    assert most == 1 and reloads.is_alone(gate)
    assert gate.get("/auth", cookie).status == 200


def test_a_stop_during_a_reload_stops_both(start_changing, ended):
    gate = start_changing()
    gate.tell(signal.SIGHUP)
    assert process.until(lambda: reloads.children(gate.pid), 2 * SLACK)
    [bridge] = reloads.children(gate.pid)
    gate.tell(signal.SIGTERM)
    assert ended(gate) == 0
    assert process.until(lambda: not reloads.runs(bridge), 2 * SLACK)


# after the bridge was seen, in ms: before it serves, about then, after it
MOMENTS = range(0, 200, 4) if LONG else (0, 15, 30, 60, 100)


def await_bridge(gate, later_ms):
    gate.tell(signal.SIGHUP)
    assert process.until(
        lambda: reloads.children(gate.pid), 2 * SLACK, 0.001)
    bridge = reloads.children(gate.pid)[0]
    time.sleep(later_ms / 1000)
    return bridge


def test_a_bridge_that_is_killed_leaves_the_process_serving(
        start_changing, alice):
    gate = start_changing()
    cookie = gate.log_in(alice)
    for later_ms in MOMENTS:
        before = sum(reloads.finished(gate))
        bridge = await_bridge(gate, later_ms)
        try:
            os.kill(bridge, signal.SIGKILL)
        except ProcessLookupError:
            pass
        assert process.until(
            lambda: gate.get("/auth", cookie).status == 200, 1 * SLACK)
        assert process.until(
            lambda: sum(reloads.finished(gate)) > before, 5 * SLACK)
        assert process.until(lambda: not reloads.runs(bridge), 2 * SLACK)
        assert reloads.is_alone(gate)
    assert gate.is_running()


@pytest.mark.parametrize("later_ms", MOMENTS)
def test_of_a_process_that_is_killed_nothing_is_left(
        start_changing, ended, later_ms):
    gate = start_changing()
    bridge = await_bridge(gate, later_ms)
    gate.tell(signal.SIGKILL)
    assert ended(gate) in (-9, 137)
    assert process.until(lambda: not reloads.runs(bridge), 2 * SLACK)


def test_a_new_secret_file_holds_and_sessions_stay(start_changing, alice,
                                                   place):
    gate = start_changing()
    cookie = gate.log_in(alice)
    secrets = os.path.join(place("k"), "secrets")
    with open(secrets, "w", encoding="ascii") as file:
        file.write("a" * 43 + "\n")
    os.chmod(secrets, 0o600)
    gate.changing.write({"session.secret_file": secrets})
    assert reloads.reload(gate)
    answer = gate.post("/login", alice.login)
    assert any("DEVICE" in line for line in answer.all("Set-Cookie"))
    with open(secrets, "w", encoding="ascii") as file:
        file.write("b" * 43 + "\n" + "a" * 43 + "\n")
    assert reloads.reload(gate)
    assert gate.get("/auth", answer.all("Set-Cookie")[0].partition(";")[0]
                    ).status == 200
    # of the time before: its token has no tag
    assert gate.get("/auth", cookie).status == 403


def test_nothing_of_the_configuration_shows_in_the_process_list(
        start_changing):
    """Neither arguments nor environment of the bridge hold more than ours."""
    gate = start_changing()
    bridge = await_bridge(gate, 0)
    with open(f"/proc/{bridge}/cmdline", "rb") as file:
        arguments = file.read()
    with open(f"/proc/{gate.pid}/cmdline", "rb") as file:
        assert file.read() == arguments
    assert process.until(lambda: gate.events("reloaded"), 5 * SLACK)


def test_sessgatectl_waits_for_the_outcome(start_changing, changing, ctl,
                                           monkeypatch):
    """And its exit status tells it; without a name, of all processes."""
    gate = start_changing()
    monkeypatch.setattr(reloads.gates, "binary", lambda: changing.built)
    done = ctl("reload", gate.pid)
    assert done.status == 0 and len(gate.events("reloaded")) == 1, done
    assert done.out.startswith(f"{gate.pid}: reloaded in ")
    changing.write(text=BAD)
    refused = ctl("reload", gate.pid)
    assert refused.status == 1
    assert refused.err == (f"sessgatectl: {gate.pid}: "
                           f"reload refused: {changing.file}:"
                           + refused.err.partition(f"{changing.file}:")[2])
    assert "workers" in refused.err
    shown = ctl("--json", "reload", gate.pid).objects
    assert shown[0]["pid"] == gate.pid and shown[0]["ok"] is False
    assert ctl("reload", "x").status == 64
    assert ctl("reload", 2 ** 22 - 1).status == 71  # no such process


def started_by_many(argv, path, env):
    """Starts processes on one socket; their ids."""
    log = path + ".log"
    starter = process.Process(argv, log, env=env)
    assert process.until(lambda: len([
        line for line in process.text_of(log).splitlines()
        if " started " in line]) == 2, 10 * SLACK), process.text_of(log)
    pids = sorted({int(line.partition("sessgate[")[2].partition("]")[0])
                   for line in process.text_of(log).splitlines()
                   if " started " in line})
    assert len(pids) == 2
    return starter, pids, log


@pytest.mark.parametrize("starter", ["multiwatch", "spawn-fcgi"])
def test_each_of_several_processes_reloads(changing, place, redis, ctl,
                                           monkeypatch, starter):
    """One after the other, under the same ids, whoever started them."""
    path = os.path.join(place("s"), "s.sock")
    env = gates.environment({"log.target": f"file:{path}.log"})
    program = [changing.binary, "--config", changing.file]
    spawn = [process.tool("spawn-fcgi"), "-s", path, "-M", "0666"]
    if starter == "multiwatch":
        argv = [*spawn, "-n", "--", process.tool("multiwatch"), "-f", "2",
                "--", *program]
    else:
        argv = [*spawn, "-F", "2", "--", *program]
    daemon, pids, log = started_by_many(argv, path, env)
    monkeypatch.setattr(reloads.gates, "binary", lambda: changing.built)
    try:
        said = ctl("reload", *pids, timeout=30)
        assert said.status == 0 and len(said.lines) == 2, said
        assert process.text_of(log).count(" reloaded ") == 2
        assert all(reloads.runs(pid) for pid in pids)
        assert process.can_connect(path)
    finally:
        if starter == "multiwatch":
            daemon.stop()
        for pid in pids:
            if reloads.runs(pid):
                os.kill(pid, signal.SIGTERM)
        assert process.until(
            lambda: not any(map(reloads.runs, pids)), 5 * SLACK)
