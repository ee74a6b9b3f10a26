"""The program under test: started as hosts start it, and asked over FastCGI.

Settings are given as {"section.key": value} and reach it as the environment
has them, SESSGATE_SECTION_KEY; nothing of the test run's own environment does,
but for the options of the sanitizers.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse

import certificates
import fcgi
import process

SECURE_COOKIE = "__Host-SESSION-TOKEN"
PLAIN_COOKIE = "SESSION-TOKEN"
HERE = os.path.dirname(os.path.abspath(__file__))
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")
SANITIZER_SAYS = re.compile(
    r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:")

# Tests fail to log in as often as they like, and all from one address: no
# limits but for who asks for them.
UNLIMITED = {"login.limit_pair": "0", "login.limit_network": "0",
             "login.limit_account": "0"}


def binary():
    """The built program: SESSGATE, else where a build folder has it."""
    named = os.environ.get("SESSGATE")
    if named:
        return os.path.abspath(named)
    top = os.path.dirname(os.path.dirname(HERE))
    folders = [os.environ.get("abs_top_builddir"), os.getcwd(),
               os.path.join(top, "build"), top]
    for folder in filter(None, folders):
        path = os.path.join(folder, "src", "sessgate")
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return process.lacking("sessgate (name it in SESSGATE)")


def environment(settings, **more):
    """The environment that makes these settings, and no other."""
    env = {"PATH": process.PATH, "LANG": "C"}
    for name in SANITIZERS:
        if name in os.environ:
            env[name] = os.environ[name]
    for key, value in settings.items():
        section, _, name = key.partition(".")
        env[f"SESSGATE_{section}_{name}".upper()] = str(value)
    if certificates.OVER_TLS:
        env["SSL_CERT_FILE"] = certificates.shared()[0].ca
    env.update(more)
    return env


def run(*args, settings=None, **env):
    """Runs the program to its end, as for --check-config."""
    return subprocess.run(
        [binary(), *args], env=environment(settings or {}, **env),
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=10 * process.SLACK, check=False)


def hashed(token):
    """The name of the token in Redis with key = sha256."""
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def compact(document):
    """JSON as the program writes it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


class Cookie:
    """A Set-Cookie line, taken apart."""

    def __init__(self, line):
        first, *rest = line.split("; ")
        self.name, _, self.value = first.partition("=")
        self.attributes = rest

    @property
    def pair(self):
        return f"{self.name}={self.value}"


class Gate:
    """One running process of the program, with a socket to ask it at.

    how says who opens the listening socket: "listen" the program itself, "fd0"
    the test (on descriptor 0, as spawn-fcgi and systemd do), "listen_fds" the
    test (on descriptor 3, LISTEN_FDS), "spawn-fcgi" the real one,
    "socket-activate" systemd's helper, with a second one over TCP.

    before are the words of a command that becomes the program: prlimit, sh.
    """

    def __init__(self, folder, settings=None, *, how="listen", listen=(),
                 mode="0660", args=(), tcp=False, before=(), **env):
        self.folder = folder
        self.path = os.path.join(folder, "s.sock")
        self.log = os.path.join(folder, "sessgate.log")
        self.settings = {**UNLIMITED, **(settings or {})}
        self.env = environment(self.settings, **env)
        self.mount = self.settings.get("server.mount", "/sessgate")
        self.address = self.path
        self.daemon = None
        self.mode = mode
        argv = [*before, binary(), *args]
        for address in listen:
            argv += ["--listen", address]
        getattr(self, "_start_" + how.replace("-", "_"))(argv, tcp)

    # the ways to start

    def _start_listen(self, argv, _tcp):
        self.process = process.Process(
            [*argv, "--listen", f"unix:{self.path},mode={self.mode}"],
            self.log, env=self.env)
        self._await()

    def _start_alone(self, argv, _tcp):
        """With no socket but those of `listen`."""
        self.process = process.Process(argv, self.log, env=self.env)

    def _open(self, tcp):
        if tcp:
            sock = socket.create_server(("127.0.0.1", 0))
            self.address = sock.getsockname()
        else:
            sock = socket.socket(socket.AF_UNIX)
            sock.bind(self.path)
            sock.listen(128)
        return sock

    def _start_fd0(self, argv, tcp):
        with self._open(tcp) as sock:
            self.process = process.Process(
                argv, self.log, env=self.env, stdin=sock)
        self._await()

    def _start_listen_fds(self, argv, tcp):
        script = ('exec 3<&0 0</dev/null; '
                  'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"')
        with self._open(tcp) as sock:
            self.process = process.Process(
                ["sh", "-c", script, "sh", *argv],
                self.log, env=self.env, stdin=sock)
        self._await()

    def _start_spawn_fcgi(self, argv, _tcp):
        """Starts it by spawn-fcgi, which forks; fd 2 is /dev/null."""
        pidfile = os.path.join(self.folder, "pid")
        subprocess.run(
            [process.tool("spawn-fcgi"), "-s", self.path, "-M", "0666",
             "-P", pidfile, "--", *argv],
            env=self.env, check=True, stdout=subprocess.DEVNULL)
        with open(pidfile, encoding="ascii") as file:
            self.daemon = int(file.read())
        self.process = None
        self._await()

    def _start_socket_activate(self, argv, _tcp):
        """It becomes the program at the first connection."""
        self.second = ("127.0.0.1", process.free_port())
        passed = [word for name in self.env for word in ("-E", name)]
        self.process = process.Process(
            [process.tool("systemd-socket-activate"), *passed,
             "-l", self.path, "-l", "{}:{}".format(*self.second), *argv],
            self.log, env=self.env)
        self._await()

    def _await(self):
        ready = lambda: process.can_connect(self.address)
        if self.process is not None:
            self.process.await_ready(ready)
        elif process.until(ready, 5) is None:
            raise RuntimeError("spawn-fcgi: no socket")

    # its life

    @property
    def pid(self):
        return self.daemon or self.process.pid

    def is_running(self):
        if self.daemon is None:
            return self.process.is_running()
        try:
            with open(f"/proc/{self.daemon}/stat", encoding="ascii") as file:
                return file.read().rpartition(") ")[2][0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def tell(self, number):
        os.kill(self.pid, number)

    def stop(self, number=signal.SIGTERM, within=10.0):
        """Ends it; it must end well, and no sanitizer may have spoken."""
        status = 0
        if self.daemon is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.daemon, number)
            gone = process.until(lambda: not self.is_running(), within)
            if gone is None:
                os.kill(self.daemon, signal.SIGKILL)
                raise RuntimeError("sessgate did not stop")
        elif self.process.is_running():
            status = self.process.stop(number, within)
        else:
            status = self.process.wait(0)
        said = SANITIZER_SAYS.search(self.log_text())
        assert not said, self.log_text()[said.start():][:6000]
        return status

    def log_text(self):
        return process.text_of(self.log)

    def events(self, words):
        """The log's lines for an event, oldest first."""
        mark = re.compile(rf"sessgate\[\d+\]: {re.escape(words)}(\s|$)")
        return [s for s in self.log_text().splitlines() if mark.search(s)]

    def first_event(self, words):
        """The first line for an event; waits for one: lines follow answers."""
        self.heals(lambda: self.events(words))
        return self.events(words)[0]

    def last_event(self, words):
        """The last line for an event; waits for one, as first_event does."""
        self.first_event(words)
        return self.events(words)[-1]

    def descriptors(self, kind="socket:"):
        """How many descriptors of a kind it has open ("" for all)."""
        count, folder = 0, f"/proc/{self.pid}/fd"
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(f"{folder}/{name}").startswith(kind)
        return count

    def memory(self):
        """Its resident memory in bytes."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    # requests

    def connect(self, **kind):
        return fcgi.Connection(self.address, **kind)

    def params(self, method="GET", path="/auth", *, cookie=None, address=None,
               **more):
        """The parameters of a request as lighttpd sends them."""
        params = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": self.mount,
            "PATH_INFO": path,
            "REQUEST_URI": self.mount + urllib.parse.quote(path),
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7" if address is None else address,
            "HTTP_HOST": "www.example.org",
            "HTTP_USER_AGENT": "tests/1",
        }
        if cookie is not None:
            params["HTTP_COOKIE"] = cookie
        params.update(more)
        return params

    def ask(self, method="GET", path="/auth", *, cookie=None, document=None,
            body=b"", content_type=None, address=None, role=fcgi.RESPONDER,
            timeout=5.0, **more):
        """One request on a connection of its own."""
        if document is not None:
            body = document if isinstance(document, bytes) else (
                document if isinstance(document, str)
                else json.dumps(document)).encode()
            content_type = content_type or "application/json"
        if method not in ("GET", "HEAD", "OPTIONS"):
            more.setdefault("CONTENT_LENGTH", str(len(body)))
        if content_type is not None:
            more["CONTENT_TYPE"] = content_type
        params = self.params(
            method, path, cookie=cookie, address=address, **more)
        with self.connect(timeout=timeout) as connection:
            return connection.ask(params, body, role=role)

    def get(self, path="/auth", cookie=None, **more):
        return self.ask("GET", path, cookie=cookie, **more)

    def post(self, path, document=None, cookie=None, **more):
        return self.ask("POST", path, document=document, cookie=cookie,
                        **more)

    def log_in(self, user):
        """Logs a user in; the cookie that a browser would send back."""
        answer = self.post("/login", user.login)
        for _ in range(10):  # a busy machine: only a step towards a test
            if answer.status == 503:
                time.sleep(0.3)
                answer = self.post("/login", user.login)
        assert answer.status == 200, answer
        return Cookie(answer.all("Set-Cookie")[0]).pair

    def heals(self, claim, within=2.0):
        """True when a claim about it comes to hold in time."""
        return process.until(claim, within * process.SLACK) is not None


def is_good(gate, cookie):
    """Is it a session?  Anything else but a plain no fails the test."""
    answer = gate.get("/auth", cookie)
    if answer.status == 200:
        return True
    assert (answer.status, answer.code) == (403, "session_invalid"), answer
    return False


def timed(call, *args, **kwargs):
    """(what the call returned, the seconds it took)"""
    begin = time.monotonic()
    result = call(*args, **kwargs)
    return result, time.monotonic() - begin
