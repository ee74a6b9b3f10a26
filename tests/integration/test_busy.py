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

pytestmark = pytest.mark.alone
BURNERS = 8 * (os.cpu_count() or 1)  # at the usual priority
DEADLINE = 3  # seconds: [server] deadline by default


@contextlib.contextmanager
def busy():
    """Burners, which end by themselves where the test does not end them."""
    burn = ("import time\nend = time.monotonic() + 60\n"
            "while time.monotonic() < end: pass")
    burners = [subprocess.Popen([sys.executable, "-c", burn])
               for _ in range(BURNERS)]
    try:
        time.sleep(0.5)
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


@pytest.mark.parametrize("cost", [10, 12])
def test_logins_end_beside_busy_processes(start_gate, users, cost):
    gate = start_gate()
    user = users.add(hashed=people.bcrypt(cost=cost))
    cookie = gate.log_in(user)
    gate.get("/auth", cookie)
    with busy():
        logins = [gates.timed(gate.post, "/login", user.login)
                  for _ in range(3)]
        checks = [gates.timed(gate.get, "/auth", cookie) for _ in range(30)]
    took = [seconds for _, seconds in logins]
    print(cost, took, statistics.median(s for _, s in checks))
    assert [answer.status for answer, _ in logins] == [200] * 3, took
    assert max(took) < DEADLINE * process.SLACK, took
    assert {answer.status for answer, _ in checks} == {200}
    assert statistics.median(s for _, s in checks) < 0.1 * process.SLACK
