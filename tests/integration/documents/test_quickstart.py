"""contrib/quickstart --check: each web server before a site of its own."""

import os
import subprocess

import pytest

import gate as gates
import process
import stack

pytestmark = pytest.mark.plain_build

QUICKSTART = os.path.join(stack.TOP, "contrib", "quickstart")


def check(folder, *arguments):
    """It builds what it runs: only where that is what is tested."""
    if gates.binary() != os.path.join(stack.TOP, "build", "src", "sessgate"):
        pytest.skip("quickstart runs the program in build/")
    return subprocess.run(
        [QUICKSTART, *arguments, "--check"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=120 * process.SLACK, check=False,
        env={"PATH": process.PATH, "LANG": "C", "TMPDIR": folder,
             "HOME": "/nonexistent"})


@pytest.mark.parametrize("server,program", [
    ("lighttpd", "lighttpd"), ("apache", "apache2"), ("nginx", "nginx")])
def test_quickstart_does_what_it_says_and_leaves_nothing(
        place, server, program):
    process.tool(program)
    process.tool_like("php-fpm*")
    folder = place("q")
    done = check(folder, "--server", server)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("ok ") > 10
    assert os.listdir(folder) == []


@pytest.mark.parametrize("arguments", [
    ["--server", "iis"], ["--server"], ["--cheque"], ["lighttpd"]])
def test_it_knows_what_it_can_do(arguments):
    done = subprocess.run(
        [QUICKSTART, *arguments], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 64
    assert "lighttpd|apache|nginx" in done.stderr
