"""/readyz, --check-config and doctor have the same words for the same fault."""

import contextlib
import json
import re
import threading

import pytest

import ctl as ctl_module
import gate as gates
import illnesses
import process
import stack
from illnesses import Patient
from outages import answers, is_unready

# each seeds a fault in the servers of a running program: the store that it is
# about, and a pattern of the words


def redis_is_full(patient):
    """redis SET probe:\\*: OOM command not allowed"""
    illnesses.redis_is_full(patient)


def redis_is_a_replica(patient):
    """redis it is a replica that is cut off from its primary"""
    illnesses.redis_is_a_replica(patient)


def redis_cannot_save(patient):
    """redis SET probe:\\*: MISCONF Redis is configured to save"""
    patient.config("save", "900 1")
    illnesses.redis_cannot_dump(patient)


def redis_takes_no_write(patient):
    """redis SET probe:\\*: NOPERM .* has no permissions to run"""
    patient.redis.client.execute_command("ACL", "SETUSER", "ill", "-@write")


def redis_closed_the_probe_key(patient):
    """redis SET probe:\\*: NOPERM"""
    patient.redis.client.execute_command(
        "ACL", "SETUSER", "ill", "resetkeys", "~sess:*")


def redis_is_loading(patient):
    """redis LOADING Redis is loading the dataset in memory"""
    client = patient.redis.client
    client.execute_command("DEBUG", "POPULATE", "50000", "junk", "10")
    client.execute_command("SAVE")
    client.config_set("loading-process-events-interval-bytes", "1024")
    client.config_set("key-load-delay", "100")  # microseconds for each key
    loading = threading.Thread(
        target=client.execute_command, args=("DEBUG", "RELOAD", "NOSAVE"))
    loading.start()
    patient.undo.callback(loading.join, 20)
    other = patient.redis.client
    patient.undo.callback(other.config_set, "key-load-delay", "0")
    assert process.until(lambda: other.info("persistence")["loading"])


def redis_is_stopped(patient):
    """redis No such file or directory|redis Connection refused"""
    patient.redis.stop()
    patient.undo.callback(patient.redis.start)


def mysql_is_stopped(patient):
    """mysql Can't connect to .*server"""
    patient.mysql.stop()
    patient.undo.callback(patient.mysql.start)


def mysql_has_another_table(patient):
    """mysql user_by_login: .*users.* doesn't exist"""
    patient.sql("RENAME TABLE sg.users TO sg.former",
                undo=["RENAME TABLE sg.former TO sg.users"])


def mysql_lacks_a_column(patient):
    """mysql user_by_login: Unknown column .*image"""
    patient.sql("ALTER TABLE sg.users RENAME COLUMN image TO picture",
                undo=["ALTER TABLE sg.users RENAME COLUMN picture TO image"])


FAULTS = [fault for _, fault in sorted(globals().items()) if callable(fault)
          and re.match(r"(redis|mysql) ", getattr(fault, "__doc__", "") or "")]


@pytest.fixture(scope="module")
def sick_redis(place):
    server = stack.Redis(place("r"), "--enable-protected-configs", "yes")
    yield server
    server.kill()


@pytest.fixture
def patient(sick_redis, own_mysql, place):
    sick_redis.restore()
    sick_redis.client.flushall()
    with contextlib.ExitStack() as undo:
        one = Patient(sick_redis, own_mysql, place, undo)
        one.acl()
        one.settings.update({  # while it loads Redis answers slowly
            "ops.access": "192.0.2.7", "redis.connect_timeout": "2s",
            "redis.command_timeout": "2s"})
        yield one


def said_by_check_config(patient, store):
    done = gates.run("--check-config", settings=patient.settings)
    assert done.returncode == 78, done
    begin = f"[{store}] url: "
    return [line.removeprefix(begin) for line in done.stderr.splitlines()
            if line.startswith(begin)]


def said_by_doctor(patient, store):
    tool = ctl_module.Ctl(patient.settings)
    begin = f"[{store}] url: "
    return [one["finding"].removeprefix(begin)
            for one in tool("doctor", "--quick", "--json").objects
            if one["level"] == "BAD" and one["finding"].startswith(begin)]


@pytest.mark.sanitized(4)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_has_the_same_words_everywhere(patient, start_gate, fault):
    gate = start_gate(patient.settings)
    fault(patient)
    store = fault.__doc__.partition(" ")[0]
    is_unready(gate, f"{store}_unavailable")
    shown = {}

    def settles():  # a link that is cut is first shown as that
        shown.update(json.loads(gate.get("/readyz").text))
        return re.match(fault.__doc__, f"{store} {shown[store]}")
    assert process.until(settles, 3 * process.SLACK), shown
    assert shown["mysql" if store == "redis" else "redis"] == "works"
    assert said_by_check_config(patient, store) == [shown[store]]
    assert said_by_doctor(patient, store) == [shown[store]]
    assert "secret" not in str(shown)


def test_it_heals_and_costs_one_write_a_second(patient, start_gate):
    gate = start_gate(patient.settings)
    assert gate.heals(answers(gate, 200, "/readyz"))
    with contextlib.ExitStack() as undo:
        patient.undo = undo
        illnesses.redis_is_full(patient)
        is_unready(gate, "redis_unavailable")
    assert gate.heals(answers(gate, 200, "/readyz"))
    patient.redis.client.config_resetstat()
    for _ in range(200):
        assert gate.get("/readyz").status == 200
    stats = patient.redis.client.info("commandstats")
    assert stats.get("cmdstat_set", {"calls": 0})["calls"] <= 2 * process.SLACK
