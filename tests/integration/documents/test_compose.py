"""contrib/compose: its services run as plain processes (contrib/compose/try)."""

import os
import subprocess

import pytest

import gate as gates
import process
import stack

pytestmark = pytest.mark.plain_build

FOLDER = os.path.join(stack.TOP, "contrib", "compose")


def test_every_service_runs_as_compose_yaml_says():
    if not stack.IS_ROOT:
        pytest.skip("only root can make mounts")
    pytest.importorskip("yaml")
    for program in ("redis-server", "mariadbd", "lighttpd", "curl"):
        process.tool(program)
    done = subprocess.run(
        [os.path.join(FOLDER, "try"), os.path.dirname(gates.binary())],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=240 * process.SLACK,
        check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("ok ") > 15
    assert "no engine was tried" in done.stdout.splitlines()[-1]
