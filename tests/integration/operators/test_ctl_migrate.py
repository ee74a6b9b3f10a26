"""sessgatectl migrate: no session is lost, and none that ended comes back."""

import json
import threading
import time

import pytest

import ctl as ctl_module
import gate as gates
import process
from test_node import NodeApplication

WEEK = 604800


def plain(redis, token, user="42", ttl=WEEK, **more):
    """A session as the Node application writes it; its cookie."""
    redis.client.set(f"sess:{token}", json.dumps({
        "userId": user, "createdAt": int(time.time() * 1000) - 5, **more}),
        ex=ttl)
    return f"{gates.PLAIN_COOKIE}={token}"


@pytest.fixture
def moving(ctl):
    return ctl.with_settings({"session.key": "migrate"})


def test_plain_sessions_become_hashed_ones(start_gate, moving, redis, alice):
    gate = start_gate({"session.key": "migrate"})
    tokens = ["x" * 43, "a.b~c+d/e=f-g_h1", gates.hashed("a token")]
    cookies = [plain(redis, token, deviceId="d1") for token in tokens]
    cookies.append(gate.log_in(alice))
    redis.client.set("sess:php-session-of-others", "user|s:1", ex=99)
    redis.client.set("sess:" + "e" * 40, '{"userId":"not an id!"}', ex=99)
    said = moving("migrate", "--dry-run")
    assert said.out == "would move 3, already 1, other 2\n"
    assert redis.client.exists(f"sess:{tokens[0]}")
    said = moving("migrate")
    assert (said.status, said.out) == (0, "moved 3, already 1, other 2\n")
    for token in tokens:
        assert not redis.client.exists(f"sess:{token}")
        key = "sess:" + gates.hashed(token)
        record = json.loads(redis.client.get(key))
        assert record["v"] == 1 and record["deviceId"] == "d1"
        assert WEEK - 20 < redis.client.ttl(key) <= WEEK
    assert [gate.get("/auth", c).status for c in cookies] == [200] * 4
    assert moving("migrate").out == "moved 0, already 4, other 2\n"
    assert ctl_lists(moving) == 4
    # and so they live on where nothing plain is read
    after = start_gate({"session.key": "sha256",
                        "cookie.name": gates.PLAIN_COOKIE})
    assert [after.get("/auth", c).status for c in cookies] == [200] * 4


def ctl_lists(tool):
    return int(tool("sessions", "id:42").lines[-1].split()[0])


def test_what_has_ended_is_not_revived(start_gate, moving, redis, alice):
    gate = start_gate({"session.key": "migrate"})
    old = plain(redis, "o" * 43)
    cookie = gate.log_in(alice)
    gate.post("/logout/all", {}, cookie=cookie)
    redis.client.set("sess:" + "o" * 43, json.dumps(
        {"userId": "42", "createdAt": 1}), ex=99)
    assert gate.get("/auth", old).status == 403
    assert moving("migrate").out == "moved 0, already 0, other 1\n"
    assert gate.get("/auth", old).status == 403
    new = plain(redis, "n" * 43)
    time.sleep(0.02)
    moving("block", "id:42")
    plain(redis, "n" * 43)
    assert moving("migrate").out.startswith("moved 0,")
    moving("unblock", "id:42")
    assert gate.get("/auth", new).status == 403


def test_keys_of_the_program_in_plain_mode_keep_their_generation(
        start_gate, moving, redis, alice):
    cookie = start_gate({"session.key": "plain"}).log_in(alice)
    gate = start_gate({"session.key": "migrate"})
    before = redis.client.get("ugen:{42}")
    assert moving("migrate").out == "moved 1, already 0, other 0\n"
    assert redis.client.get("ugen:{42}") == before
    assert gate.get("/auth", cookie).status == 200
    assert gate.post("/logout/all", {}, cookie=cookie).status == 200
    assert gate.get("/auth", cookie).status == 403


def test_a_plain_configuration_is_refused(ctl, redis):
    plain(redis, "x" * 43)
    said = ctl.with_settings({"session.key": "plain"})("migrate")
    assert said.status == 78 and redis.client.exists("sess:" + "x" * 43)


def test_without_scripts_it_works_too(moving, redis, start_gate, alice):
    redis.client.acl_setuser(
        "thin", enabled=True, passwords=["+pw"], keys=["*"], channels=["*"],
        commands=["+@all", "-eval", "-evalsha"])
    try:
        thin = moving.with_settings(
            {"redis.url": redis.url.replace("unix://", "unix://thin:pw@")})
        cookie = plain(redis, "x" * 43)
        assert thin("migrate").out == "moved 1, already 0, other 0\n"
        gate = start_gate({"session.key": "migrate"})
        assert gate.get("/auth", cookie).status == 200
    finally:
        redis.client.acl_deluser("thin")


def test_the_rate_is_kept_and_json_counts(moving, redis):
    for number in range(30):
        plain(redis, f"{number:043}", user=str(number + 1))
    said, took = gates.timed(moving, "--json", "migrate", "--rate", "50")
    assert said.objects == [{"moved": 30, "already": 0, "other": 0}]
    assert took >= 0.5
    for number in range(1200):
        plain(redis, f"m{number:042}", user=str(number + 1))
    assert moving("migrate").out == "moved 1,200, already 30, other 0\n"


def test_an_interrupted_one_is_resumed(moving, redis):
    import subprocess
    tokens = [f"{number:043}" for number in range(2000)]
    for number, token in enumerate(tokens):
        plain(redis, token, user=str(number + 1))
    run = subprocess.Popen(
        [ctl_module.binary(), "migrate", "--rate", "3000"],
        env=gates.environment(moving.settings), stdout=subprocess.DEVNULL)
    assert process.until(lambda: redis.client.exists(
        *["sess:" + token for token in tokens]) < len(tokens), 10)
    run.kill()
    run.wait()
    done = moving("migrate", "--json").objects[0]
    assert done["moved"] + done["already"] == 2000 and done["other"] == 0
    assert 0 < done["moved"] < 2000
    assert redis.client.zcard("usess:{1}") == 1


def test_no_session_is_lost_beside_the_node_application(
        place, redis, start_gate, moving, users):
    """Its sessions stay good in the program while they are moved."""
    people = [users.add() for _ in range(4)]
    node = NodeApplication(place("n"), redis, people)
    gate = start_gate({"session.key": "migrate"})
    cookies, ended, lost, stop = [], [], [], threading.Event()

    def log_in():
        count = 0
        while not stop.is_set():
            count += 1
            cookie = node.log_in(people[count % 4])
            if count % 3 == 0:
                gate.post("/logout", {}, cookie=cookie)
                ended.append(cookie)
            else:
                cookies.append(cookie)

    def check():
        while not stop.is_set():
            for cookie in cookies[-40:]:
                answer = gate.get("/auth", cookie)
                if answer.status != 200:
                    lost.append((cookie, answer.status))
                time.sleep(0.002)

    threads = [threading.Thread(target=work) for work in (log_in, check, check)]
    try:
        for thread in threads:
            thread.start()
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert moving("migrate").status == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        node.process.stop()
    assert moving("migrate").status == 0
    assert len(cookies) > 10 and len(ended) > 5 and not lost
    after = start_gate({"session.key": "sha256",
                        "cookie.name": gates.PLAIN_COOKIE,
                        "session.max": "0"})
    assert all(after.get("/auth", c).status == 200 for c in cookies[-100:])
    assert all(after.get("/auth", c).status == 403 for c in ended)


def test_a_logout_during_the_move_ends_it(start_gate, moving, redis, alice):
    """Neither form is left, whichever of the two comes first."""
    gate = start_gate({"session.key": "migrate"})
    end = time.monotonic() + 2 * process.SLACK
    rounds = 0
    while rounds < 30 and time.monotonic() < end:
        rounds += 1
        tokens = [f"{rounds:03}{number:040}" for number in range(40)]
        cookies = [plain(redis, token) for token in tokens]
        mover = threading.Thread(target=moving, args=("migrate",))
        mover.start()
        for cookie in cookies:
            gate.post("/logout", {}, cookie=cookie)
        mover.join()
        left = [t for t in tokens if redis.client.exists(
            f"sess:{t}", "sess:" + gates.hashed(t))]
        assert left == []
