"""A machine that others keep busy: logins end, checks stay quick."""

import contextlib
import os
import statistics
import subprocess
import sys
import time

import pytest

import gate as gates
import people
import process
from taps import LONG
from test_passwords import medians

pytestmark = pytest.mark.alone
CPUS = os.cpu_count() or 1
DEADLINE = 3  # seconds: [server] deadline by default


def others():
    """How many processes are running that are not of this test."""
    def running():
        time.sleep(0.02)
        with open("/proc/loadavg", encoding="ascii") as file:
            return int(file.read().split()[3].split("/")[0]) - 1
    return statistics.median_low(running() for _ in range(25))


@contextlib.contextmanager
def busy(burners_a_cpu=6):
    """So many busy processes, those of others included, for 60 s at most."""
    burn = ("import time\nend = time.monotonic() + 60\n"
            "while time.monotonic() < end: pass")
    burners = [subprocess.Popen([sys.executable, "-c", burn])
               for _ in range(burners_a_cpu * CPUS - others())]
    try:
        time.sleep(0.5)
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


# the dearer one includes the cheaper one
@pytest.mark.parametrize("cost", [10, 12] if LONG else [12])
def test_logins_end_beside_busy_processes(start_gate, users, cost):
    gate = start_gate()
    user = users.add(hashed=people.bcrypt(cost=cost))
    cookie = gate.log_in(user)
    gate.get("/auth", cookie)
    with busy():
        logins = [gates.timed(gate.post, "/login", user.login)
                  for _ in range(2)]
        checks = [gates.timed(gate.get, "/auth", cookie) for _ in range(30)]
    took = [seconds for _, seconds in logins]
    print(cost, took, statistics.median(s for _, s in checks))
    assert [answer.status for answer, _ in logins] == [200] * 2, took
    assert max(took) < DEADLINE * process.SLACK, took
    assert {answer.status for answer, _ in checks} == {200}
    assert statistics.median(s for _, s in checks) < 0.1 * process.SLACK


def test_failed_logins_look_alike_beside_busy_processes(start_gate, users):
    """Logins are padded with processor time: a wait would show other load."""
    gate = start_gate()
    dear = users.add(hashed=people.bcrypt(cost=10))
    cheap = users.add(hashed=people.bcrypt(cost=4))
    gate.log_in(dear)
    with busy(1):
        for _ in range(5):
            took = medians(gate, {"unknown": ("nobody@example.org", "wrong"),
                                  "dear": (dear.email, "wrong"),
                                  "cheap": (cheap.email, "wrong")})
            if max(took.values()) < 1.2 * min(took.values()):
                return
    pytest.fail(f"they differ: {took}")
