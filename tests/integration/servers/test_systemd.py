"""The files of make install, and contrib/systemd without a booted systemd.

contrib/prove-systemd boots one and logs in there.
"""

import glob
import os
import re
import stat
import subprocess

import pytest

import ctl
import gate as gates
import process
import stack

pytestmark = pytest.mark.plain_build

UNITS = os.path.join(stack.TOP, "contrib", "systemd")
NAMES = ["sessgate-gate.socket", "sessgate.service", "sessgate.socket"]


def say(*argv, **more):
    """The output of a program, with its exit status."""
    done = subprocess.run(
        [process.tool(argv[0]), *argv[1:]], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=30 * process.SLACK, check=False, **more)
    return done.returncode, done.stdout


@pytest.fixture
def units(place):
    """The units with the built program in them, by a path without spaces."""
    folder = place("u")
    program = os.path.join(folder, "sessgate")
    os.symlink(gates.binary(), program)
    os.symlink(ctl.binary(), program + "ctl")
    for name in NAMES:
        with open(os.path.join(UNITS, name), encoding="utf-8") as file:
            text = file.read()
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text.replace("/usr/local/sbin/sessgate", program))
    return [os.path.join(folder, name) for name in NAMES]


def test_systemd_finds_nothing_wrong_with_the_units(units):
    assert say("systemd-analyze", "verify", "--man=no", *units) == (0, "")


def test_the_service_is_little_exposed(units):
    status, said = say("systemd-analyze", "security", "--no-pager",
                       "--offline=yes", "--threshold=20", units[1])
    assert status == 0, said


def test_the_sockets_bear_any_number_of_starts():
    """A limit that is hit closes the socket until somebody comes."""
    for name, line in (("sessgate.service", "StartLimitIntervalSec=0"),
                       ("sessgate.socket", "TriggerLimitIntervalSec=0"),
                       ("sessgate-gate.socket", "TriggerLimitIntervalSec=0")):
        with open(os.path.join(UNITS, name), encoding="utf-8") as file:
            assert line in file.read().splitlines()


@pytest.fixture
def installed(place):
    """The files of make install, called as a packager does."""
    build = os.path.dirname(os.path.dirname(gates.binary()))
    if not os.path.exists(os.path.join(build, "Makefile")):
        pytest.skip("the program does not stand where it was built")
    folder = place("i")
    status, said = say("make", "-C", build, "install", "DESTDIR=" + folder)
    assert status == 0, said
    return folder


def found(folder, name):
    """The one file of this name below the folder."""
    paths = [os.path.join(base, name) for base, _, files in os.walk(folder)
             if name in files and "/examples/" not in base]
    assert len(paths) == 1, paths
    return paths[0]


def test_installed_units_start_the_installed_program(installed):
    for name in NAMES:
        assert found(installed, name).endswith("/lib/systemd/system/" + name)
    with open(found(installed, "sessgate.service"), encoding="utf-8") as file:
        program = re.search(r"(?m)^ExecStart=(.*)$", file.read())[1]
    assert os.access(installed + program, os.X_OK)


def test_print_config_is_installed_with_all_that_it_prints(installed):
    printer, = glob.glob(
        installed + "/**/examples/contrib/print-config", recursive=True)
    status, said = say(printer)
    assert status == 64
    names = re.search(r"(?m)^SERVER: (.*)$", said)[1].split()
    assert len(names) > 10
    for name in names:
        status, said = say(printer, name)
        assert status == 0 and "sessgate" in said, name


def test_the_user_and_the_folder_are_made(place):
    if not stack.IS_ROOT:
        pytest.skip("only root may give a folder to another user")
    root = place("r")
    os.mkdir(os.path.join(root, "etc"))
    with open(os.path.join(root, "etc", "group"), "w",
              encoding="ascii") as file:
        file.write("www-data:x:33:\nadm:x:4:\n")
    for tool, kind, *more in (("systemd-sysusers", "sysusers.d"),
                              ("systemd-tmpfiles", "tmpfiles.d", "--create")):
        status, said = say(
            tool, "--root=" + root, *more,
            os.path.join(UNITS, kind, "sessgate.conf"))
        assert status == 0, said
    with open(os.path.join(root, "etc", "passwd"), encoding="ascii") as file:
        user = [s for s in file if s.startswith("sessgate:")][0].split(":")
    made = os.stat(os.path.join(root, "run", "sessgate"))
    assert (made.st_uid, made.st_gid) == (int(user[2]), 33)
    assert stat.S_IMODE(made.st_mode) == 0o750
    logs = os.stat(os.path.join(root, "var", "log", "sessgate"))
    assert (logs.st_uid, logs.st_gid) == (int(user[2]), 4)
