"""Ended sessions stay ended, whatever several programs do at the same time.

Short here; SESSGATE_LONG=1 runs each for thousands of rounds.
"""

import json
import random
import threading
import time

import pytest

import gate as gates
import people
import taps

PROGRAMS = 3
UPDATE = ("UPDATE users SET password = :hash "
          "WHERE id = :id AND password = :old")
LIST, GENERATION = "usess:{42}", "ugen:{42}"
OTHERS = {"REQUEST_URI": "/sessgate/logout/all?others=1"}


def rounds(short, long):
    return long if taps.LONG else short


def name_of(cookie):
    return gates.hashed(cookie.partition("=")[2])


def is_good(gate, cookie):
    answer = gate.get("/auth", cookie)
    assert answer.status in (200, 403), answer
    return answer.status == 200


@pytest.fixture
def start_several(start_gate):
    def start(settings=None, count=PROGRAMS):
        return [start_gate({**taps.PATIENT, **(settings or {})})
                for _ in range(count)]
    return start


class Checks:
    """Threads that check a cookie, at each program, until they are told."""

    def __init__(self, programs, cookie, threads=2):
        self.stop, self.count, self.odd = threading.Event(), 0, []
        self.threads = [
            threading.Thread(target=self._run, args=(gate, cookie))
            for gate in programs for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self, gate, cookie):
        params = gate.params(cookie=cookie)
        with gate.connect(timeout=30) as line:
            while not self.stop.is_set():
                status = line.ask(params, keep=True).status
                self.count += 1
                if status not in (200, 403):
                    self.odd.append(status)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.odd


# touches

@pytest.fixture(scope="module")
def late_redis(redis_server, place):
    """The run's Redis; what is written to lists comes there late."""
    def dawdle(data):
        if b"ZADD" in data:
            time.sleep(random.random() * 0.02)
    with taps.Tap(redis_server.path, place("p") + "/p.sock") as tap:
        tap.watch = dawdle
        yield "unix://" + tap.address


@pytest.mark.parametrize("how", ["logout", "all", "one"])
def test_no_touch_brings_back_what_was_ended(
        start_several, late_redis, redis, alice, how):
    """Each check is due to touch; 1000 of them against one end."""
    settings = {"session.idle": "1h"}
    programs = start_several(settings, PROGRAMS - 1) + start_several(
        {**settings, "redis.url": late_redis}, 1)
    touches, wanted = 0, rounds(3, 1000)
    for number in range(wanted):
        cookie = programs[number % PROGRAMS].log_in(alice)
        key = "sess:" + name_of(cookie)
        checks = Checks(programs, cookie)
        end_at = rounds(150, 1000) * random.random()
        while checks.count < end_at:
            redis.client.pexpire(key, 10_000)  # due again
        before = checks.count
        ender = programs[random.randrange(PROGRAMS)]
        if how == "logout":
            assert ender.post("/logout", cookie=cookie).status == 200
        elif how == "all":
            assert ender.post("/logout/all", cookie=cookie).status == 200
        else:
            (me,) = [s["handle"] for s in
                     ender.get("/sessions", cookie).json()["sessions"]
                     if s["current"]]
            assert ender.post(
                f"/sessions/{me}/end", cookie=cookie).status == 204
        assert not redis.client.exists(key)
        while checks.count < before + 50:
            redis.client.pexpire(key, 10_000)
        checks.end()
        assert not redis.client.exists(key)
        assert not any(is_good(gate, cookie) for gate in programs)
        touches += checks.count
    assert touches > 50 * wanted


# all sessions ended

class Story:
    """When the logins of one round were asked for and answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.logins = []  # cookie, asked, answered
        self.ended = []  # asked, answered

    def log_in(self, gate, user):
        asked = time.monotonic()
        cookie = gate.log_in(user)
        with self.lock:
            self.logins.append((cookie, asked, time.monotonic()))
        return cookie

    def end_all(self, gate, cookie, **more):
        asked = time.monotonic()
        answer = gate.post("/logout/all", cookie=cookie, **more)
        assert answer.status in (200, 403), answer
        if answer.status == 200:
            self.ended.append((asked, time.monotonic()))
        return answer

    def judge(self, programs, kept=()):
        """Sessions opened before an end are dead, those begun after it live."""
        for cookie, asked, answered in self.logins:
            states = {is_good(gate, cookie) for gate in programs}
            assert len(states) == 1, "programs disagree"
            if cookie in kept:
                continue
            if any(answered < begun for begun, _ in self.ended):
                assert states == {False}, "it survived"
            if all(asked > done for _, done in self.ended):
                assert states == {True}, "it was ended by nobody"


@pytest.mark.parametrize("mode", ["sha256", "plain"])
def test_ending_all_against_logins_touches_and_checks(
        start_several, redis, alice, mode):
    programs = start_several({"session.key": mode, "session.idle": "30s",
                              "login.hash_threads": "2"})
    for _ in range(rounds(4, 2000)):
        story = Story()
        first = story.log_in(programs[0], alice)
        checks = Checks(programs[1:], first, 1)

        def act(number, story=story, first=first):
            gate = programs[number % PROGRAMS]
            time.sleep(random.random() * 0.03)
            if number == 0:
                story.end_all(gate, first)
            else:
                story.log_in(gate, alice)
        taps.together(9, act)
        checks.end()
        story.log_in(programs[0], alice)
        story.judge(programs)
        stands = json.loads(redis.client.get(GENERATION))["gen"]
        for key in redis.client.keys("sess:*"):  # what Node would let in
            assert json.loads(redis.client.get(key))["gen"] == stands
        redis.client.flushall()


@pytest.mark.parametrize("allowed", [[], ["-@scripting"]])
def test_ending_all_others_at_once_from_several(
        start_several, own_redis, alice, allowed):
    """At most one of those who keep their own is left."""
    redis = own_redis
    redis.client.execute_command(
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", *allowed)
    programs = start_several({"redis.url": f"unix://app:pw@{redis.path}"})
    for _ in range(rounds(5, 2000)):
        cookies = [programs[i % PROGRAMS].log_in(alice) for i in range(4)]
        answers = taps.together(4, lambda i, cookies=cookies: programs[
            i % PROGRAMS].post("/logout/all", cookie=cookies[i], **OTHERS))
        assert {a.status for a in answers} <= {200, 403}
        good = [is_good(programs[0], cookie) for cookie in cookies]
        assert sum(good) == 1
        assert answers[good.index(True)].status == 200
        redis.client.flushall()


def test_ending_all_against_ending_all_others(start_several, redis, alice):
    """An end of all sessions is not undone by an end of all others."""
    programs = start_several()
    for _ in range(rounds(5, 2000)):
        one, two = (programs[0].log_in(alice) for _ in range(2))
        begun = threading.Barrier(2)

        def act(number, one=one, two=two, begun=begun):
            begun.wait(10)
            more = OTHERS if number else {}
            return programs[number].post(
                "/logout/all", cookie=two if number else one, **more)
        all_of_them, others = taps.together(2, act)
        if all_of_them.status == 200 and others.status == 200:
            # its own was kept before all were ended; after, it is refused
            assert not is_good(programs[2], two)
        assert not is_good(programs[2], one)
        redis.client.flushall()


def test_ending_one_session_does_not_end_another(
        start_several, redis, alice):
    programs = start_several()
    for _ in range(rounds(3, 1000)):
        mine = programs[0].log_in(alice)
        others = [programs[i % PROGRAMS].log_in(alice) for i in range(6)]
        handles = [s["handle"] for s in programs[0].get(
            "/sessions", mine).json()["sessions"] if not s["current"]]
        answers = taps.together(12, lambda i, mine=mine, handles=handles:
                                programs[i % PROGRAMS].ask(
                                    "DELETE", "/sessions/" + handles[i % 6],
                                    cookie=mine).status)
        assert sorted(answers) == [204] * 6 + [404] * 6
        assert is_good(programs[1], mine)
        assert not any(is_good(programs[1], other) for other in others)
        redis.client.flushall()


def test_the_cap_holds_against_parallel_logins(start_several, redis, alice):
    programs = start_several({"session.max": "3"})
    for _ in range(rounds(3, 500)):
        cookies = taps.together(
            9, lambda i: programs[i % PROGRAMS].log_in(alice))
        assert sum(is_good(programs[0], cookie) for cookie in cookies) == 3
        assert redis.client.zcard(LIST) == 3
        redis.client.flushall()


def test_a_lost_generation_ends_all_and_brings_none_back(
        start_several, redis, alice):
    programs = start_several()
    for _ in range(rounds(3, 1000)):
        before = [gate.log_in(alice) for gate in programs]
        checks = Checks(programs, before[0], 1)
        redis.client.delete(GENERATION)
        after = taps.together(3, lambda i: programs[i].log_in(alice))
        checks.end()
        assert not any(is_good(gate, cookie)
                       for gate in programs for cookie in before)
        assert all(is_good(gate, cookie)
                   for gate in programs for cookie in after)
        redis.client.flushall()


# a password changed while somebody logs in with the old one

@pytest.fixture
def changing(changer):
    return {"mysql.password_update": UPDATE, "mysql.url": changer.url()}


def change(gate, cookie, current, new):
    return gate.post("/password", {"current": current, "new": new}, cookie)


def test_a_login_held_before_its_record_does_not_survive_a_change(
        start_gate, start_several, changing, own_redis, place, alice):
    """It has verified the old password, and read the row again."""
    with taps.Tap(own_redis.path, place("p") + "/p.sock") as tap:
        slow = start_gate({**taps.PATIENT, **changing,
                           "redis.url": "unix://" + tap.address})
        (quick,) = start_several(
            {**changing, "redis.url": own_redis.url}, 1)
        mine = quick.log_in(alice)
        go = tap.hold_on(b"\r\n$2\r\nPX\r\n$9\r\n604800000\r\n")
        with taps.meanwhile(lambda: slow.log_in(alice)) as login:
            time.sleep(0.3)
            assert not login.done()
            answer = change(quick, mine, alice.password, "battery staple")
            assert answer.status == 200
            go.set()
            late = login.result()
        tap.be_plain()
        assert not is_good(quick, late) and not is_good(slow, late)
        assert is_good(quick, gates.Cookie(
            answer.header("Set-Cookie")).pair)
        assert len(own_redis.client.keys("sess:*")) == 1


def test_a_login_between_the_generations_does_not_survive_a_change(
        start_gate, start_several, changing, changer, mysql, redis, place,
        alice):
    """The UPDATE is held: the old password is still the right one."""
    with taps.Tap(mysql.path, place("p") + "/p.sock") as tap:
        slow = start_gate({**taps.PATIENT, **changing,
                           "mysql.url": changer.url(tap.address)})
        (quick,) = start_several(changing, 1)
        mine = slow.log_in(alice)
        go = tap.hold_on(b"$2y$12$")
        with taps.meanwhile(lambda: change(
                slow, mine, alice.password, "battery staple")) as changed:
            before = redis.client.get(GENERATION)
            while redis.client.get(GENERATION) == before:
                time.sleep(0.005)
            between = quick.log_in(alice)
            assert is_good(quick, between)
            go.set()
            answer = changed.result()
        tap.be_plain()
        assert answer.status == 200
        assert not is_good(quick, between) and not is_good(slow, between)
        assert is_good(quick, gates.Cookie(
            answer.header("Set-Cookie")).pair)


def test_a_login_in_the_hash_pool_does_not_survive_a_change(
        start_several, changing, mysql, redis, users):
    """One hash thread; the old password waits in its queue."""
    user = users.add(hashed=people.bcrypt(cost=11))
    slow, quick = start_several(
        {**changing, "login.hash_threads": "1"}, 2)
    mine = quick.log_in(user)
    for _ in range(rounds(1, 50)):
        with mysql.admin() as sql:
            sql.execute("UPDATE users SET password = %s WHERE id = %s",
                        (people.bcrypt(cost=11), user.id))
        redis.client.delete("uauth:{%s}" % user.id)
        mine = quick.log_in(user)

        def log_in(_):
            return slow.post("/login", user.login)
        threads = 3
        with taps.meanwhile(
                lambda: taps.together(threads, log_in)) as logins:
            time.sleep(random.random() * 0.3)
            answer = change(quick, mine, user.password, "battery staple")
            assert answer.status == 200, answer
            asked = logins.result()
        for login in asked:
            assert login.status in (200, 401)
            if login.status == 200:
                cookie = gates.Cookie(login.header("Set-Cookie")).pair
                assert not is_good(quick, cookie)
        assert slow.post("/login", user.login).status == 401


def test_a_session_that_is_ended_has_no_successor(
        start_several, changing, redis, users):
    """POST /password of one, while another ends it: one of them wins."""
    programs = start_several(changing)
    for _ in range(rounds(5, 500)):
        user = users.add()
        mine, other = (gate.log_in(user) for gate in programs[:2])
        (handle,) = [
            s["handle"] for s in
            programs[2].get("/sessions", mine).json()["sessions"]
            if s["current"]]
        with taps.meanwhile(lambda user=user, mine=mine: change(
                programs[0], mine, user.password, "battery staple")) as changed:
            time.sleep(random.random() * 0.4)
            ended = programs[1].post(
                f"/sessions/{handle}/end", cookie=other)
            answer = changed.result()
        assert (answer.status, ended.status) in (
            (403, 204), (200, 204), (200, 403), (200, 404))
        if ended.status == 204:
            # that of the other, or none
            assert len(redis.client.keys("sess:*")) == (
                answer.status == 403)
        redis.client.flushdb()


def test_two_changes_at_once_leave_one_password(
        start_several, changing, mysql, redis, users):
    programs = start_several(changing)
    for _ in range(rounds(2, 300)):
        user = users.add()
        cookies = [gate.log_in(user) for gate in programs]
        answers = taps.together(PROGRAMS, lambda i, cookies=cookies: change(
            programs[i], cookies[i], people.PASSWORD, f"new secret {i}"))
        won = [i for i, a in enumerate(answers) if a.status == 200]
        assert len(won) == 1, answers
        assert {a.status for a in answers} == {200, 403}
        for i in range(PROGRAMS):
            login = programs[0].post("/login", {
                "email": user.email, "password": f"new secret {i}"})
            assert (login.status == 200) == (i in won)
        assert not any(is_good(programs[0], cookie) for cookie in cookies)
        assert is_good(programs[0], gates.Cookie(
            answers[won[0]].header("Set-Cookie")).pair)
