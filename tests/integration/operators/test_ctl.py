"""sessgatectl: sessions, end, user, ping, config, and what all commands do."""

import json
import os
import re
import time

import pytest

import gate as gates
import process

FIREFOX = ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 "
           "Firefox/140.0")
# a name that moves the cursor, turns the direction and sets a title
HOSTILE = "ev\x1b[2J\x1b]0;x\x07il\u202ecod\u200b\u0085\x7f"


def log_in(gate, user, **more):
    answer = gate.post("/login", user.login, **more)
    assert answer.status == 200, answer
    return gates.Cookie(answer.all("Set-Cookie")[0])


def handle_of(gate, cookie):
    shown = gate.get("/sessions", cookie.pair).json()["sessions"]
    return next(s["handle"] for s in shown if s["current"])


# sessions

def test_sessions_lists_them_last_seen_first(gate, ctl, alice):
    first = log_in(gate, alice)
    time.sleep(0.02)
    second = log_in(gate, alice, address="192.0.2.9", HTTP_USER_AGENT=FIREFOX)
    said = ctl("sessions", alice.email)
    assert said.status == 0, said
    assert said.lines[0].split() == ["HANDLE", "SINCE", "LAST", "SEEN", "ENDS",
                                     "ADDRESS", "AGENT"]
    assert [line.split()[0] for line in said.lines[1:3]] == [
        handle_of(gate, second), handle_of(gate, first)]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d  0 s ago +in 6 d +192\.0\.2\.9"
                     r" +Firefox 140 on Linux$", said.lines[1])
    assert said.lines[3] == "2 sessions of alice@example.org (id 42)"


def test_sessions_of_json_are_those_of_the_api(gate, ctl, alice):
    cookie = log_in(gate, alice)
    shown = gate.get("/sessions", cookie.pair).json()["sessions"][0]
    del shown["current"]
    assert ctl("--json", "sessions", alice.email).objects == [
        {**shown, "userId": "42", "login": alice.email}]


def test_none_is_0_and_no_error(ctl, alice):
    said = ctl("sessions", alice.email)
    assert (said.status, said.out) == (
        0, "0 sessions of alice@example.org (id 42)\n")
    assert ctl("--json", "sessions", alice.email).out == ""


@pytest.mark.parametrize("name", [
    "ALICE@Example.ORG", " alice@example.org ", "id:42", " id:42"])
def test_a_user_is_named_as_a_person_would(gate, ctl, alice, name):
    log_in(gate, alice)
    assert ctl("sessions", name).lines[-1] == (
        "1 session of alice@example.org (id 42)")


def test_a_user_of_a_table_that_tells_letters_apart(
        gate, ctl, mysql, users):
    user = users.add(email="small@example.org")
    by_login = ("SELECT id, email AS login, name, email, image, "
                "password AS hash FROM users WHERE BINARY email = :login")
    ctl = ctl.with_settings({"mysql.user_by_login": by_login})
    assert ctl("sessions", "Small@Example.org").lines == [
        f"0 sessions of small@example.org (id {user.id})"]


def test_who_is_unknown_is_1(ctl):
    said = ctl("sessions", "nobody@example.org")
    assert (said.status, said.out) == (1, "")
    assert "nobody@example.org" in said.err


def test_sessions_that_are_dead_are_not_listed(gate, ctl, redis, alice):
    log_in(gate, alice)
    log_in(gate, alice)
    redis.client.set("ugen:{42}", '{"gen":"another","ms":1}')
    assert ctl("sessions", alice.email).lines == [
        "0 sessions of alice@example.org (id 42)"]


def test_sessions_work_by_id_while_mysql_is_away(gate, ctl, alice):
    log_in(gate, alice)
    away = ctl.with_settings({"mysql.url": "mysql://x@localhost/x?socket=/no"})
    assert away("sessions", alice.email).status == 2
    said = away("sessions", "id:42")
    assert said.status == 0 and said.lines[-1] == "1 session of id 42", said
    assert "MySQL is away" in said.err


# end

def test_end_ends_one_and_the_process_hears_of_it(gate, ctl, alice):
    kept, ended = log_in(gate, alice), log_in(gate, alice)
    handle = handle_of(gate, ended)
    said = ctl("end", alice.email, handle)
    assert (said.status, said.out) == (0, "1 session ended\n")
    assert gate.heals(lambda: gate.get("/auth", ended.pair).status == 403)
    assert gate.get("/auth", kept.pair).status == 200
    again = ctl("end", alice.email, handle)
    assert (again.status, again.out) == (1, "")


def test_end_of_anothers_session_is_refused(gate, ctl, alice, users):
    other = users.add()
    handle = handle_of(gate, log_in(gate, other))
    assert ctl("end", alice.email, handle).status == 1
    assert ctl("sessions", other.email).lines[-1].startswith("1 session ")


def test_a_handle_may_begin_with_dashes(ctl, alice):
    for handle in ("--H4wX7wKlYI8dPh", "---------------4", "-a23456789012345"):
        said = ctl("end", alice.email, handle)
        assert said.status == 1 and "no session of this handle" in said.err


def test_end_all_ends_all(gate, ctl, alice):
    cookies = [log_in(gate, alice) for _ in range(3)]
    said = ctl("end", alice.email, "--all")
    assert (said.status, said.out) == (0, "3 sessions ended\n")
    for cookie in cookies:
        assert gate.heals(lambda: gate.get("/auth", cookie.pair).status == 403)
    assert ctl("--json", "end", "id:42", "--all").objects == [{"ended": 0}]


@pytest.mark.parametrize("words", [
    ["end", "a"], ["end", "a", "b", "--all"], ["end"], ["end", "a", "b", "c"],
    ["sessions"], ["sessions", "a", "--all"], ["sessions", "--no-such"], [],
    ["nothing"], ["config"], ["config", "x"], ["--config"], ["--json=1", "ping"]])
def test_wrong_usage_is_64_and_changes_nothing(ctl, words):
    said = ctl(*words)
    assert said.status == 64 and said.out == "" and said.err, said


# what is written about changes

def test_each_change_is_one_line_of_the_audit_trail(
        gate, ctl, alice, place):
    trail = os.path.join(place(), "audit.log")
    ctl = ctl.with_settings({"log.target": f"file:{trail}"})
    handle = handle_of(gate, log_in(gate, alice))
    ctl("sessions", alice.email)
    assert not os.path.exists(trail)
    ctl("end", alice.email, handle, SUDO_USER="ops anna")
    ctl("end", alice.email, "--all", SUDO_USER="ops")
    with open(trail, encoding="utf-8") as file:
        lines = [line.split("]: ")[1] for line in file.read().splitlines()]
    assert lines == [
        f'session ended by="ops anna" id=42 session={handle}',
        "logout all by=ops id=42 revoked=0"]


def test_a_change_that_the_trail_does_not_take_is_told(gate, ctl, alice):
    ctl = ctl.with_settings({"log.target": "file:/no/such/folder/log"})
    said = ctl("end", alice.email, "--all")
    assert said.status == 0
    assert "the audit trail does not have it" in said.err or os.path.exists(
        "/dev/log")


# user

def test_user_prints_what_is_known(gate, ctl, alice):
    log_in(gate, alice)
    gate.get("/auth", log_in(gate, alice).pair)
    said = ctl("user", alice.email)
    shown = dict(re.split(r"  +", line, maxsplit=1) for line in said.lines)
    assert said.status == 0
    assert shown == {
        "id": "42", "login": alice.email, "name": "Alice",
        "email": alice.email, "image": "/a.png", "active": "yes",
        "roles": "-", "password": "bcrypt", "second factor": "no",
        "cached row": "as the table has it", "all ended": "-",
        "blocked": "-", "sessions": "2"}


def test_user_tells_of_a_stale_cached_row(gate, ctl, alice, users):
    gate.get("/auth", log_in(gate, alice).pair)
    users.rename(alice, "Alicia")
    shown = ctl("--json", "user", "id:42").objects[0]
    assert shown["name"] == "Alicia"
    assert shown["cachedRow"] == "differs from the table"
    assert shown["passwordFormat"] == "bcrypt"


def test_no_secret_is_printed(gate, ctl, redis, alice):
    cookie = log_in(gate, alice)
    secrets = [cookie.value, gates.hashed(cookie.value), "sql-secret", "$2y$",
               json.loads(redis.client.get("ugen:{42}"))["gen"]]
    for words in (["sessions", "id:42"], ["user", "id:42"],
                  ["config", "print"], ["config", "check"]):
        for said in (ctl(*words), ctl("--json", *words)):
            assert not [s for s in secrets if s in said.out + said.err], words


# hostile data

def is_safe(text):
    return not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f]",
        text)


def test_hostile_data_does_not_reach_the_terminal(gate, ctl, users):
    user = users.add(name=HOSTILE, email="h@example.org")
    log_in(gate, user, HTTP_USER_AGENT=HOSTILE)
    for run in (ctl, ctl.on_terminal):
        for words in (["sessions", user.email], ["user", user.email],
                      ["sessions", HOSTILE]):
            said = run(*words)
            assert is_safe(said.out + said.err), (words, said)
            assert "\\x1b[2J" in said.out + said.err, (words, said)
    for words in (["sessions", user.email], ["user", user.email]):
        said = ctl("--json", *words)
        assert is_safe(said.out)
        assert HOSTILE in said.objects[0].values()


def test_no_command_passes_it_on(gate, ctl, users, redis):
    """Hostile logins, agents, reasons, keys, and what is typed."""
    user = users.add(name=HOSTILE, email="b\x1b[2J\u202e@example.org")
    cookie = log_in(gate, user, HTTP_USER_AGENT=HOSTILE, address="192.0.2.9")
    redis.client.set("sess:\x1b]0;x\x07\u202e", HOSTILE)
    redis.client.set("ugen:{\x1b[2J}", '{"gen":"x","ms":1,"blocked":9e99}')
    redis.client.zadd("usess:{\x1b[2J}", {"\x1b[2J": int(time.time() * 1000)})
    commands = [
        ["sessions", user.email], ["who"], ["count"], ["user", user.email],
        ["limits", user.email], ["limits", HOSTILE], ["doctor"],
        ["login", user.email], ["login", HOSTILE], ["unblock", HOSTILE],
        ["end", user.email, HOSTILE], ["end", f"id:{HOSTILE}", "--all"],
        ["audit", "--user", HOSTILE], ["ping", "--socket", "/" + HOSTILE],
        ["password", "verify", "/" + HOSTILE], [HOSTILE],
        ["--" + HOSTILE], ["--config", "/" + HOSTILE, "count"],
        ["--site", HOSTILE, "count"], ["web", HOSTILE],
        ["login", user.email, "--path", "/" + HOSTILE],
        ["block", user.email, "--reason", HOSTILE], ["blocked"],
        ["migrate"], ["end", user.email, "--all"]]
    for words in commands:
        for more in ([], ["--json"]):
            said = ctl(*more, *words, stdin="a password\n")
            assert is_safe(said.out + said.err), (words, said)
            assert 0 <= said.status <= 78, (words, said)


def test_a_name_of_60_kilobytes_is_cut_on_a_terminal(gate, ctl, users, redis):
    user = users.add()
    cookie = log_in(gate, user)
    key = "sess:" + gates.hashed(cookie.value)
    record = json.loads(redis.client.get(key))
    record["agent"] = "\u4e2d" * 20000
    redis.client.set(key, json.dumps(record, ensure_ascii=False))
    said = ctl.on_terminal("sessions", user.email, columns=100)
    assert said.status == 0 and max(map(len, said.lines)) < 100, said
    assert said.lines[1].endswith("...")
    said = ctl("--json", "sessions", user.email)
    assert said.objects[0]["userAgent"] == record["agent"]


def test_bytes_that_are_no_utf_8_are_shown_as_bytes(gate, ctl, redis, alice):
    cookie = log_in(gate, alice)
    key = "sess:" + gates.hashed(cookie.value)
    text = redis.client.get(key).replace("tests/1", "tests/\\ud800")
    redis.client.set(key, text)
    said = ctl("sessions", "id:42")
    assert said.status == 0 and is_safe(said.out)
    said = ctl("sessions", b"caf\xe9".decode("utf-8", "surrogateescape"))
    assert said.status == 1 and "caf\\xe9" in said.err, said


# exit statuses

def test_a_store_that_is_away_is_2(ctl, alice):
    for setting in ({"redis.url": "unix:///no/such/socket"},
                    {"mysql.url": "mysql://x@localhost/x?socket=/no"}):
        said = ctl.with_settings(setting)("sessions", alice.email)
        assert said.status == 2 and said.out == "", said
        assert "away" in said.err


def test_a_frozen_mysql_is_2_in_time(ctl, alice, own_mysql, bob):
    ctl = ctl.with_settings({"mysql.url": own_mysql.url,
                             "mysql.timeout": "3s"})
    own_mysql.freeze()
    said, took = gates.timed(ctl, "sessions", bob.email)
    own_mysql.thaw()
    assert said.status == 2, said
    assert took < 5 * process.SLACK


def test_a_wrong_configuration_is_78(ctl, place):
    path = os.path.join(place(), "c.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[server]\nmont = /x\n")
    said = ctl("--config", path, "sessions", "id:42")
    assert said.status == 78 and f"{path}:2:" in said.err, said
    assert ctl("--config", "/no/such", "config", "print").status == 78
    assert ctl.with_settings({"mysql.user_by_id": "SELECT 1"})(
        "sessions", "id:42").status == 78


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user")
def test_a_configuration_that_may_not_be_read_is_77(ctl, place):
    import ctl as module
    import subprocess
    path = os.path.join(place(), "c.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[server]\nmount = /x\n")
    os.chmod(path, 0o600)
    done = subprocess.run(
        [process.tool("setpriv"), "--reuid", "nobody", "--clear-groups", "--",
         module.binary(), "--config", path, "config", "print"],
        capture_output=True, text=True, check=False, timeout=10)
    if "failed to execute" in done.stderr:
        pytest.skip("the build folder is closed to nobody")
    assert done.returncode == 77, done
    assert path in done.stderr and "sudo -u sessgate" in done.stderr


def test_what_redis_forbids_is_77_and_the_verb_is_named(ctl, redis, alice):
    redis.client.acl_setuser(
        "thin", enabled=True, passwords=["+pw"], keys=["*"],
        commands=["+@all", "-zrange"])
    try:
        thin = ctl.with_settings(
            {"redis.url": redis.url.replace("unix://", "unix://thin:pw@")})
        said = thin("sessions", alice.email)
        assert said.status == 77 and "+zrange" in said.err, said
        wrong = ctl.with_settings(
            {"redis.url": redis.url.replace("unix://", "unix://thin:no@")})
        assert wrong("sessions", alice.email).status == 77
    finally:
        redis.client.acl_deluser("thin")


def test_what_mysql_forbids_is_77_and_the_grant_is_named(ctl, mysql, alice):
    with mysql.admin() as sql:
        sql.execute("CREATE USER thin@localhost IDENTIFIED BY 'pw'")
        sql.execute("GRANT SELECT (id) ON sg.users TO thin@localhost")
    try:
        url = mysql.url.replace("sessgate:sql-secret@", "thin:pw@")
        said = ctl.with_settings({"mysql.url": url})("user", alice.email)
        assert said.status == 77 and "SELECT command denied" in said.err, said
        url = mysql.url.replace(":sql-secret@", ":wrong@")
        said = ctl.with_settings({"mysql.url": url})("user", alice.email)
        assert said.status == 77 and "Access denied" in said.err, said
    finally:
        with mysql.admin() as sql:
            sql.execute("DROP USER thin@localhost")


def test_a_full_disk_is_71(ctl, alice):
    import ctl as module
    import subprocess
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(
            [module.binary(), "sessions", alice.email], stdout=full,
            env=gates.environment(ctl.settings), check=False, timeout=10,
            stderr=subprocess.PIPE)
    assert done.returncode == 71, done


# config, ping

def test_config_check_and_print_are_the_programs_own(ctl):
    for words, option in ((["config", "check"], "--check-config"),
                          (["config", "print"], "--print-config")):
        mine = ctl(*words)
        its = gates.run(option, settings=ctl.settings)
        logged = re.sub(r"(?m)^\S+ sessgate\[\d+\]: .*\n", "", its.stderr)
        assert (mine.status, mine.out, mine.err) == (
            its.returncode, its.stdout, logged)


def test_config_check_in_json(ctl, place):
    assert ctl("--json", "config", "check").objects[-2:] == [
        {"level": "ok", "what": what, "text": "works"}
        for what in ("[redis] url", "[mysql] url")]
    away = ctl.with_settings({"redis.url": "unix:///no/such/socket",
                              "server.trusted_proxies": "0.0.0.0/0"})
    said = away("--json", "config", "check")
    assert said.status == 78 and said.err == "", said
    by_what = {(o["level"], o.get("what")): o["text"] for o in said.objects}
    assert by_what["bad", "[redis] url"] == "No such file or directory"
    assert "trusted_proxies" in by_what["warn", None]
    said = away("--json", "config", "check", "--offline")
    assert said.status == 0
    assert {o["level"] for o in said.objects} == {"warn"}


def test_config_print_in_json_has_what_the_file_has(ctl, place):
    path = os.path.join(place(), "c.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[gate]\nrule = /a public\nrule = /b login\n"
                   '[site "one"]\nredis.key_prefix = one:\n')
    said = ctl("--json", "--config", path, "config", "print")
    assert said.status == 0, said
    shown = {(o.get("site"), o["option"]): o for o in said.objects}
    assert len(shown) == len(said.lines)
    assert shown["one", "redis.key_prefix"] == {
        "site": "one", "option": "redis.key_prefix", "value": "one:",
        "set": True}
    assert shown[None, "gate.rule"]["value"] == "/a public\n/b login"
    assert shown[None, "mysql.url"] == {"option": "mysql.url", "set": True}
    assert shown[None, "server.mount"] == {
        "option": "server.mount", "value": "/sessgate", "set": False}
    assert shown[None, "server.leaders"]["inForce"].isdigit()
    printed = re.findall(r"(?m)^#?([\w.]+) = ",
                         ctl("--config", path, "config", "print").out)
    # two rules are two lines
    assert len(printed) == len(said.objects) + 1


def test_config_check_offline_asks_no_store(ctl):
    away = ctl.with_settings({"redis.url": "unix:///no/such/socket",
                              "mysql.url": "mysql://x@localhost/x?socket=/no"})
    assert away("config", "check").status == 78
    assert away("config", "check", "--offline").status == 0


def test_ping_speaks_to_a_process(gate, ctl):
    said = ctl("ping", "--socket", gate.path)
    assert said.status == 0, said
    assert re.fullmatch(
        r"SESSGATE OK - it answers \| time=0\.\d{4}s\n", said.out)
    said = ctl("ping", "--socket", "/no/such/socket")
    assert said.status == 2
    assert said.out.startswith("SESSGATE CRITICAL - /no/such/socket: No such")


def test_ping_tells_of_a_store_that_is_away(start_gate, ctl):
    gate = start_gate({"ops.access": "127.0.0.1"})
    said = ctl("ping", "--socket", gate.path)
    assert "both stores answer" in said.out and said.status == 0
    gate = start_gate({"ops.access": "127.0.0.1",
                       "mysql.url": "mysql://x@localhost/x?socket=/no"})
    said = ctl("ping", "--socket", gate.path)
    assert said.status == 2 and "a store is away" in said.out, said


def test_ping_of_a_frozen_process_is_critical_in_time(start_gate, ctl):
    gate = start_gate()
    gate.process.freeze()
    said, took = gates.timed(ctl, "ping", "--socket", gate.path)
    gate.process.thaw()
    assert said.status == 2 and "no answer in time" in said.out, said
    assert took < 5 * process.SLACK


# time

def test_sessions_takes_little_time(gate, ctl, alice):
    log_in(gate, alice)
    took = min(gates.timed(ctl, "sessions", alice.email)[1] for _ in range(10))
    assert took < 0.03 * process.SLACK, took
