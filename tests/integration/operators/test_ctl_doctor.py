"""sessgatectl doctor: each fault is seeded, and named; healthy is silent."""

import contextlib
import re

import pytest

import ctl as ctl_module
import gate as gates
import groups
import illnesses
import people
import process
import stack
from illnesses import FAULTS, Patient, session


@pytest.fixture(scope="module")
def sick_redis(place):
    """A Redis as it should be, which a test may make ill."""
    server = stack.Redis(place("r"), "--appendonly", "yes",
                         "--enable-protected-configs", "yes", tcp=True)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def sick_mysql(place, mysql_template):
    server = stack.MySQL(place("m"), mysql_template)
    with server.admin() as sql:
        for host in ("localhost", "127.0.0.1"):
            sql.execute(f"REVOKE ALL ON sg.* FROM 'sessgate'@'{host}'")
            sql.execute("GRANT SELECT (id, email, name, image, password), "
                        "UPDATE (name, image) ON sg.users "
                        f"TO 'sessgate'@'{host}'")
        for number in range(30):
            sql.execute("INSERT INTO users (email, name, password) VALUES "
                        "(%s, 'A', %s)",
                        (f"u{number}@example.org", people.bcrypt()))
    yield server
    server.kill()


@pytest.fixture
def patient(sick_redis, sick_mysql, place):
    sick_redis.restore()
    sick_redis.client.flushall()
    with contextlib.ExitStack() as undo:
        yield Patient(sick_redis, sick_mysql, place, undo)


def findings(said):
    return [f"{o['level']} {o['area']} {o['finding']}"
            + (f": {o['todo']}" if "todo" in o else "") for o in said.objects]


def test_there_are_thirty_faults_and_more():
    assert len(FAULTS) >= 30


def test_healthy_is_silent(patient, start_gate):
    session(patient, addr="192.0.2.7")
    gate = start_gate(patient.settings)
    patient.args = ["--socket", gate.path]
    said = patient.run()
    assert (said.status, said.out, said.err) == (0, "", ""), said
    patient.args.append("--verbose")
    said = patient.run()
    assert said.status == 0 and len(said.lines) >= 10
    assert all(line.startswith("ok  ") for line in said.lines), said


@pytest.mark.sanitized(24)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_a_fault_is_named(patient, fault):
    fault(patient)
    if hasattr(patient, "settings_file"):
        patient.args += ["--config", patient.settings_file]
    said = patient.run("--json")
    found = findings(said)
    wanted = re.compile(fault.__doc__)
    named = [line for line in found if wanted.match(line)]
    assert named, (found, said.err)
    is_bad = any(line.startswith("BAD ") for line in found)
    assert said.status == (1 if is_bad else 0), said


def test_doctor_and_config_check_agree(patient):
    """What one calls ill is not well for the other."""
    for seed in (illnesses.redis_lacks_a_command, illnesses.mysql_table_is_missing, illnesses.page_is_broken):
        with contextlib.ExitStack() as undo:
            one = Patient(patient.redis, patient.mysql, patient.place, undo)
            seed(one)
            tool = ctl_module.Ctl(one.settings)
            assert tool("config", "check").status == 78, seed
            assert tool("doctor").status == 1, seed


def test_all_sessions_of_this_host_mean_that_a_proxy_is_not_named(patient):
    for number in range(5):
        session(patient, number, addr="127.0.0.1" if number else "::1")
    said = patient.run("--json")
    assert said.status == 0
    assert findings(said) == [
        "warn host all sessions come from this host itself: limits on "
        "guessing take everybody for one: name the proxy in [server] "
        "trusted_proxies"]
    patient.settings["server.trusted_proxies"] = "192.0.2.1"
    assert patient.run("--json").out == ""
    del patient.settings["server.trusted_proxies"]
    session(patient, 5, addr="192.0.2.7")
    assert patient.run("--json").out == ""


def test_a_primary_that_takes_writes_without_replicas(patient, place):
    process.tool("redis-sentinel")
    group = groups.Group(place, sentinels=1)
    patient.undo.callback(group.kill)
    patient.settings["redis.url"] = group.url
    wanted = ("warn redis a primary that is cut off from its replicas goes on "
              "taking writes, and they are lost: set min-replicas-to-write 1 "
              "and min-replicas-max-lag 10")
    assert wanted in findings(patient.run("--json"))
    group.primary.client.config_set("min-replicas-to-write", 1)
    assert process.until(lambda: group.primary.client.info("replication")[
        "min_slaves_good_slaves"] == 1) is not None
    assert wanted not in findings(patient.run("--json"))
    assert "no writes" in patient.run("--verbose").out


def test_quick_leaves_out_what_takes_time(patient):
    patient.redis.client.zadd("usess:{1}", {"x": 1})
    patient.args = ["--quick"]
    said = patient.run()
    assert (said.status, said.out) == (0, "")


def test_lines_are_for_people(patient):
    patient.redis.client.zadd("usess:{ev\x1b[2Jil}", {"x": 1})
    said = patient.run()
    assert said.status == 0
    assert len(said.lines) == 1 and re.fullmatch(
        r"warn  redis  1 of \d keys never expire, as usess:{ev\\x1b\[2Jil}: "
        "find the program that writes such keys", said.lines[0]), said


def test_no_name_of_a_session_is_shown(patient):
    """It may be the token; each finding has a key of its own kind."""
    token = "s3cretTokenOfAnotherProgram"
    patient.redis.client.set("sess:" + token, "no record", ex=60)
    patient.redis.client.zadd("usess:{7}", {"x": 1})
    printed = patient.run().out
    assert "keys never expire, as usess:{7}: " in printed
    assert "another program's, as sess:s3cr*: " in printed
    assert token not in printed
