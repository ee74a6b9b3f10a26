"""A private folder, and the processes that live in it.

Whatever is started is stopped by its own id when the folder is left, however
it is left; each is also tied to this program by its parent-death signal.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HERE = os.path.dirname(os.path.abspath(__file__))
IS_ROOT = os.getuid() == 0
# Servers live in sbin, which is not in a plain user's PATH.
PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


class Missing(Exception):
    """Something that a measurement needs is not installed; says what."""


def find(name):
    """The path of a program, or None."""
    return shutil.which(name, path=PATH)


def tool(name):
    path = find(name)
    if path is None:
        raise Missing(f"{name} is not installed")
    return path


held = []  # ports of this run


def free_port():
    """A port for a server to listen at.

    It stays bound, in the way that lets a server bind it as well: or a
    connection of another program could take it meanwhile.
    """
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    held.append(sock)
    return sock.getsockname()[1]


def can_connect(address):
    is_tcp = isinstance(address, tuple)
    with socket.socket(socket.AF_INET if is_tcp else socket.AF_UNIX) as sock:
        sock.settimeout(1)
        try:
            sock.connect(address)
            return True
        except OSError:
            return False


def until(claim, within):
    """Waits for a claim to hold; false when it does not in time."""
    end = time.monotonic() + within
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Process:
    """A running program, its output in a log file."""

    def __init__(self, argv, log, *, env=None, stdin=subprocess.DEVNULL,
                 user=None):
        self.name = os.path.basename(argv[0])
        self.log = log
        tie = [tool("setpriv"), "--pdeathsig", "KILL"]
        if user:
            tie += ["--reuid", user, "--regid", user, "--clear-groups"]
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(
                [*tie, "--", *argv], stdin=stdin, stdout=out, stderr=out,
                env={"PATH": PATH, "LANG": "C", **(env or {})})

    @property
    def pid(self):
        return self.popen.pid

    def await_ready(self, is_ready, within=20.0):
        until(lambda: self.popen.poll() is not None or is_ready(), within)
        if self.popen.poll() is not None or not is_ready():
            self.stop()
            with open(self.log, encoding="utf-8", errors="replace") as file:
                raise RuntimeError(
                    f"{self.name} does not start:\n{file.read()[-3000:]}")
        return self

    def stop(self, number=signal.SIGTERM, within=10.0):
        """Asks it to end, insists in the end; the exit status."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
            try:
                self.popen.wait(within)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        return self.popen.wait()


class Place:
    """The folder.  `with Place() as place` removes it, processes first."""

    def __init__(self):
        base = tempfile.gettempdir()
        # a socket's path has 107 bytes; mariadb-install-db minds spaces
        if len(base) > 40 or not base.replace("/", "").isalnum():
            base = "/tmp"
        self.folder = tempfile.mkdtemp(prefix="sgbench.", dir=base)
        # other users than root, mysql and www-data, must pass
        os.chmod(self.folder, 0o711)
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_why):
        for process in reversed(self.processes):
            with contextlib.suppress(OSError):
                process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def folder_for(self, name, mode=0o755):
        path = self.path(name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        return path

    def write(self, name, text):
        path = self.path(name)
        with open(path, "wb" if isinstance(text, bytes) else "w") as file:
            file.write(text)
        return path

    def start(self, argv, *, is_ready, log=None, within=20.0, **kind):
        name = log or os.path.basename(argv[0])
        process = Process(argv, self.path(name + ".log"), **kind)
        self.processes.append(process)
        return process.await_ready(is_ready, within)

    def stop(self, process, within=10.0):
        self.processes.remove(process)
        return process.stop(within=within)


def compile_c(place, name, sources, *, packages=(), flags=()):
    """Builds a C program of this folder; its path."""
    found = []
    for package in packages:
        told = subprocess.run(
            [tool("pkg-config"), "--cflags", "--libs", package],
            capture_output=True, text=True, check=False)
        if told.returncode != 0:
            raise Missing(f"{package} (for {name}) is not installed")
        found += told.stdout.split()
    path = place.path(name)
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run(
        [tool(compiler[0]), *compiler[1:], "-std=c11", "-O2", "-o", path,
         *(os.path.join(HERE, source) for source in sources), *found, *flags],
        check=True)
    return path
