"""Processes of a test: started with a log, ended by their own id.

Every process is noted in `started`, so that conftest.py can show the logs of
a failed test and end what a broken one left behind.  Each is tied to the test
run by its parent-death signal: a run that is killed leaves nothing.
"""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

# Servers live in sbin, which is not in a plain user's PATH.
PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
REQUIRE_ALL = os.environ.get("SESSGATE_REQUIRE_ALL") == "1"
# Bounds of time are multiplied by this on slow machines and under sanitizers.
SLACK = float(os.environ.get("SESSGATE_TEST_SLACK", "1"))

started = []


def lacking(what):
    """Skips the test, or fails it where everything has to be there."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is not installed (SESSGATE_REQUIRE_ALL=1)",
                    pytrace=False)
    pytest.skip(f"{what} is not installed")


def tool(*names):
    """The path of the first of these programs that is installed."""
    for name in names:
        found = shutil.which(name, path=PATH)
        if found:
            return found
    return lacking(names[0])


def tool_like(pattern):
    """The same for a program whose name differs, from Debian to Debian."""
    for folder in PATH.split(os.pathsep):
        found = sorted(glob.glob(os.path.join(folder, pattern)))
        if found:
            return found[-1]
    return lacking(pattern)


def faketime():
    """The library that gives a program another time of day, for LD_PRELOAD.

    It names its shared memory by its process, leaves it where it is killed,
    and does not start where that of an earlier process stands.
    """
    for left in glob.glob("/dev/shm/*faketime_*_*"):
        if not os.path.exists("/proc/" + left.rpartition("_")[2]):
            with contextlib.suppress(OSError):
                os.unlink(left)
    given = os.environ.get("SESSGATE_TEST_FAKETIME")
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return given or (found[0] if found else lacking("faketime"))


def short_folder():
    """A new folder whose path leaves room in the 107 bytes of a socket's.

    Nor does it hold a space: mariadb-install-db cannot live with one.
    """
    base = tempfile.gettempdir()
    if len(base) > 40 or " " in base:
        base = "/tmp"
    folder = tempfile.mkdtemp(prefix="sg", dir=base)
    os.chmod(folder, 0o755)
    return folder


held = []  # ports of this run


def free_port():
    """A port for a server to listen at.

    It stays bound, for as long as the run lives, in the way that lets a server
    bind it as well: or a connection of another test could take it meanwhile.
    """
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    held.append(sock)
    return sock.getsockname()[1]


def until(claim, within=5.0, pause=None):
    """Waits for a claim to hold; the seconds it took, or None.

    What has not come for long is looked for less often: a twentieth of the time
    that was waited, from 2 to 50 ms, where no pause is given.
    """
    begin = time.monotonic()
    while True:
        if claim():
            return time.monotonic() - begin
        waited = time.monotonic() - begin
        if waited > within:
            return None
        time.sleep(pause or min(max(waited / 20, 0.002), 0.05))


def can_connect(address):
    is_tcp = isinstance(address, tuple)
    with socket.socket(socket.AF_INET if is_tcp else socket.AF_UNIX) as sock:
        sock.settimeout(1)
        try:
            sock.connect(address)
            return True
        except OSError:
            return False


def text_of(log, start=0):
    """The text of a log from a byte on; "" if there is no log."""
    try:
        with open(log, "rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


class Process:
    """A running program, its output in a log file.

    It has a process group of its own: Apache's prefork ends by a signal to its
    whole group, which would be all servers of its user in the whole run.
    """

    def __init__(self, argv, log, *, env=None, stdin=subprocess.DEVNULL,
                 user=None, pass_fds=()):
        self.name = os.path.basename(argv[0])
        self.log = log
        self.frozen = False
        tie = [tool("setpriv"), "--pdeathsig", "KILL"]
        if user:
            tie += ["--reuid", user, "--regid", user, "--clear-groups"]
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(
                [*tie, "--", *argv], stdin=stdin, stdout=out, stderr=out,
                pass_fds=pass_fds, process_group=0,
                env={"PATH": PATH, "LANG": "C"} if env is None else env)
        started.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def log_text(self):
        return text_of(self.log)

    def await_ready(self, is_ready, within=10.0):
        took = until(lambda: not self.is_running() or is_ready(), within)
        if took is None or not self.is_running():
            state = "is not ready" if self.is_running() else "has ended"
            self.kill()
            raise RuntimeError(
                f"{self.name} {state}; its log:\n{self.log_text()[-4000:]}")
        return self

    def tell(self, number):
        self.popen.send_signal(number)

    def freeze(self):
        self.frozen = True
        self.tell(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def thaw(self):
        if self.frozen:
            self.frozen = False
            self.tell(signal.SIGCONT)

    def wait(self, within):
        """The exit status, or None when it runs on."""
        try:
            return self.popen.wait(within)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, number=signal.SIGTERM, within=10.0):
        """Asks it to end, insists in the end; the exit status."""
        self.thaw()
        if self.is_running():
            self.tell(number)
        status = self.wait(within)
        if status is None:
            self.kill()
            raise RuntimeError(f"{self.name} did not stop in {within} s")
        return status

    def kill(self):
        self.frozen = False
        if self.is_running():
            self.popen.kill()
        return self.popen.wait()
