"""The web servers, each with the configuration that contrib/ prints.

A front is one of them in front of one program, on a free loopback port.  Of
its configuration only the frame is written here, as Debian's own files have
it around ours; the rest is the output of contrib/print-config.  With root
rights everything but the program behind a kept socket runs as www-data.
"""

import contextlib
import functools
import http.client
import os
import shutil
import signal
import socket
import subprocess

import gate as gates
import process
import stack

MOUNT = "/sessgate"
USER = "www-data" if stack.IS_ROOT else None
PRINT_CONFIG = os.path.join(stack.TOP, "contrib", "print-config")


def printed(name, **paths):
    """The output of contrib/print-config for these paths."""
    return subprocess.run(
        [PRINT_CONFIG, name, *(f"{k}={v}" for k, v in paths.items())],
        stdout=subprocess.PIPE, text=True, check=True).stdout


# Values that differ at each start, each with a mark that print-config takes.
MARKS = {key: f"/mark/of/{key}" for key in
         ("socket", "program", "config", "docroot", "php", "module")}
MARKS.update((key, f"mark-of-{key}:1") for key in ("gate", "backend"))


@functools.cache
def printed_with_marks(name, keys, **paths):
    return printed(name, **paths, **{key: MARKS[key] for key in keys})


def printed_anew(name, **paths):
    """The same as printed(); the script runs once a name, not once a start."""
    marked = tuple(key for key in MARKS if key in paths)
    text = printed_with_marks(name, marked, **{
        key: path for key, path in paths.items() if key not in MARKS})
    for key in marked:
        text = text.replace(MARKS[key], paths[key])
    return text


def as_file(settings):
    """The settings as sessgate.conf has them."""
    text = ""
    for key, value in settings.items():
        section, _, name = key.partition(".")
        text += f"[{section}]\n{name} = {value}\n"
    return text


def offspring(pid, name):
    """The ids of the processes of that name below pid."""
    children, names = {}, {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                head, _, rest = file.read().rpartition(") ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        if state != "Z":
            names[int(entry)] = head.partition(" (")[2]
            children.setdefault(int(parent), []).append(int(entry))
    found, below = [], [pid]
    while below:
        for child in children.get(below.pop(), []):
            below.append(child)
            if names[child] == name:
                found.append(child)
    return found


class KeptGate(gates.Gate):
    """The program on a socket that outlives it, as systemd's .socket does."""

    def __init__(self, folder, kept, **kind):
        self.kept = kept
        super().__init__(folder, how="fd0", **kind)
        self.address = self.path = kept.getsockname()

    def _open(self, tcp):
        # not a dup(): Python would make what the running one has block again
        return contextlib.nullcontext(self.kept)

    def _await(self):
        """Connections wait in the socket; that it would stop well takes it."""
        mark = f"sessgate[{self.process.pid}]: started"
        self.process.await_ready(lambda: mark in self.log_text())

    def connected(self):
        """How many connections to the socket it holds or has yet to take."""
        with open("/proc/net/unix", encoding="ascii") as file:
            return sum(line.split()[5] == "03" and
                       line.rstrip("\n").endswith(" " + self.kept.getsockname())
                       for line in file)


class Front(stack.Web):
    """A web server before a program that somebody else starts."""

    names = ()  # what print-config is asked for
    more = {}  # what else it is told
    is_kept = False  # its connections to the program serve many requests
    restarts = 2  # under load
    starts_program = False
    env = None  # of the server

    def __init__(self, folder, settings):
        super().__init__(folder)
        self.socket_path = os.path.join(folder, "s.sock")
        # ten logins of one account at once are more than [login] limit_pair
        self.config = self.write("sessgate.conf", as_file(
            {**gates.UNLIMITED, **settings}).replace(
                "{port}", str(self.port)))
        # the environment wins over the file, and has limits switched off
        self.limits = {name: settings[name] for name in gates.UNLIMITED
                       if name in settings}
        self.program = gates.binary()
        self.gate = self.kept = None
        if USER:
            for path in (folder, self.root, self.config):
                shutil.chown(path, USER, USER)
        self.open()
        self.start()

    # the program

    def open(self):
        """Opens the kept socket and starts the program on it."""
        self.kept = socket.socket(socket.AF_UNIX)
        self.kept.bind(self.socket_path)
        os.chmod(self.socket_path, 0o666)
        self.kept.listen(128)
        self.gate = self.start_gate()

    def start_gate(self):
        return KeptGate(self.folder, self.kept, settings=self.limits,
                        args=["--config", self.config])

    def restart_program(self):
        """Starts a new program on the same socket, then ends the old one."""
        old, self.gate = self.gate, self.start_gate()
        assert old.stop() == 0

    def kill_program(self):
        """Without a warning; whoever looks after it starts another."""
        self.gate.process.kill()
        self.gate = self.start_gate()

    def take_program_away(self):
        """No program, and nobody listens."""
        self.kept.close()
        os.unlink(self.socket_path)
        assert self.gate.stop() == 0

    def bring_program_back(self):
        self.open()

    def programs(self):
        return [self.gate.pid] if self.gate.is_running() else []

    # the server

    def printed(self, name):
        return printed_anew(
            name, socket=self.socket_path, program=self.program,
            config=self.config, docroot=self.root, mount=MOUNT, **self.more)

    def conf(self, name, frame):
        """A file of the frame, `@NAME@` replaced by what is printed."""
        for part in self.names:
            frame = frame.replace(f"@{part}@", self.printed(part))
        return self.write(name, frame)

    def run(self, argv, log):
        self.process = process.Process(
            argv, os.path.join(self.folder, log), user=USER, env=self.env)
        self.process.await_ready(
            lambda: process.can_connect(("127.0.0.1", self.port)))

    def close(self):
        self.stop()
        if self.gate is not None:
            assert self.gate.stop() == 0
            self.kept.close()
        for name in os.listdir(self.folder):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name),
                          encoding="utf-8", errors="replace") as file:
                    assert not gates.SANITIZER_SAYS.search(file.read()), name


class OwnProgram(Front):
    """A web server that starts the program itself.

    From a copy: a build folder need not be open to www-data.
    """

    starts_program = True

    def __init__(self, folder, settings):
        self.copy = os.path.join(folder, "sessgate")
        super().__init__(folder, settings)

    def open(self):
        self.program = self.copy
        shutil.copy(gates.binary(), self.copy)
        os.chmod(self.copy, 0o755)

    def programs(self):
        return offspring(self.process.pid, "sessgate")

    def kill_program(self):
        for pid in self.programs():
            os.kill(pid, signal.SIGKILL)

    def take_program_away(self):
        """It cannot be started any more, and those that run are killed."""
        os.unlink(self.copy)
        self.kill_program()

    def bring_program_back(self):
        self.open()


class Lighttpd(Front):
    names = ("lighttpd",)

    def frame(self):
        return f"""
server.modules = ( "mod_fastcgi" )
@{self.names[0]}@"""

    def launch(self):
        conf = self.conf("lighttpd.conf", f"""
server.document-root = "{self.root}"
server.upload-dirs = ( "{self.folder}" )
server.bind = "127.0.0.1"
server.port = {self.port}
server.errorlog = "{self.folder}/lighttpd-error.log"
server.breakagelog = "{self.folder}/lighttpd-app.log"
{self.frame()}""")
        self.run([process.tool("lighttpd"), "-D", "-f", conf], "lighttpd.log")


class LighttpdBinPath(OwnProgram, Lighttpd):
    names = ("lighttpd-bin-path",)

    def restart_program(self):
        """Does what `systemctl reload lighttpd` does."""
        self.process.tell(signal.SIGUSR1)


class Apache(Front):
    names = ("apache",)
    modules = ("proxy", "proxy_fcgi")
    MODULES = "/usr/lib/apache2/modules"

    def frame(self):
        return f"@{self.names[0]}@"

    def launch(self):
        binary = process.tool("apache2")
        lines = []
        for name in ("mpm_event", "authz_core", *self.modules):
            path = f"{self.MODULES}/mod_{name}.so"
            if not os.path.exists(path):
                process.lacking(f"Apache's mod_{name}")
            lines.append(f"LoadModule {name}_module {path}")
        modules = "\n".join(lines)
        conf = self.conf("apache.conf", f"""
{modules}
ServerName localhost
ServerRoot "{self.folder}"
DocumentRoot "{self.root}"
Listen 127.0.0.1:{self.port}
PidFile "{self.folder}/apache.pid"
ErrorLog "{self.folder}/apache-error.log"
DefaultRuntimeDir "{self.folder}"
StartServers 2
GracefulShutdownTimeout 5
{self.frame()}""")
        self.run([binary, "-f", conf, "-DFOREGROUND"], "apache.log")


class ApacheReuse(Apache):
    names = ("apache-reuse",)
    is_kept = True


class ApacheFcgid(OwnProgram, Apache):
    names = ("apache-fcgid",)
    modules = ("fcgid",)
    # A second reload, while processes are still being started after the first
    # one, would show no more than mod_fcgid's flaw (see stop).
    restarts = 1

    def printed(self, name):
        # where Debian's fcgid.conf puts them is root's
        return (f'FcgidIPCDir "{self.folder}/fcgid"\n'
                f'FcgidProcessTableFile "{self.folder}/fcgid_shm"\n'
                + super().printed(name))

    def restart_program(self):
        """Does what `apachectl graceful` does."""
        self.process.tell(signal.SIGUSR1)

    def stop(self, number=signal.SIGTERM):
        """Children that mod_fcgid left hanging in a reload are killed.

        One that asked its process manager for a process while that was
        ending waits for ever; Apache itself would give it ten seconds.
        """
        if self.process is not None:
            self.process.tell(number)
            if self.process.wait(1.5) is None:
                for pid in offspring(self.process.pid, "apache2"):
                    os.kill(pid, signal.SIGKILL)
        super().stop(number)


class Nginx(Front):
    names = ("nginx",)

    def frame(self):
        """The contents of server { }."""
        return f"@{self.names[0]}@"

    def launch(self):
        # where Debian's nginx.conf has it beside itself
        params = os.path.join(self.folder, "fastcgi_params")
        if not os.path.exists(params):
            if not os.path.exists("/etc/nginx/fastcgi_params"):
                process.lacking("nginx")
            shutil.copy("/etc/nginx/fastcgi_params", params)
        kinds = ("client_body", "fastcgi", "proxy", "scgi", "uwsgi")
        places = "\n".join(f'{kind}_temp_path "{self.folder}/t-{kind}";'
                           for kind in kinds)
        conf = self.conf("nginx.conf", f"""
daemon off;
pid "{self.folder}/nginx.pid";
worker_processes 2;
events {{ worker_connections 512; }}
http {{
{places}
access_log off;
{self.http()}
server {{
listen 127.0.0.1:{self.port};
root "{self.root}";
{self.frame()}
}}
}}
""")
        self.run([process.tool("nginx"), "-p", self.folder, "-e",
                  f"{self.folder}/nginx-error.log", "-c", conf], "nginx.log")

    def http(self):
        return ""


class NginxKeep(Nginx):
    names = ("nginx-keep", "nginx-keep-upstream")
    is_kept = True

    def http(self):
        return "@nginx-keep-upstream@"


class HAProxy(Front):
    names = ("haproxy", "haproxy-frontend")
    is_kept = True

    def launch(self):
        conf = self.conf("haproxy.cfg", f"""
defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s

@haproxy@

frontend site
  bind 127.0.0.1:{self.port}
@haproxy-frontend@
""")
        self.run([process.tool("haproxy"), "-db", "-f", conf], "haproxy.log")


KINDS = {
    "lighttpd": Lighttpd,
    "lighttpd-bin-path": LighttpdBinPath,
    "apache": Apache,
    "apache-reuse": ApacheReuse,
    "apache-fcgid": ApacheFcgid,
    "nginx": Nginx,
    "nginx-keep": NginxKeep,
    "haproxy": HAProxy,
}


class Answer:
    """The answer of a web server."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    def json(self):
        return gates.json.loads(self.text)

    @property
    def message(self):
        return self.json()["message"]

    @property
    def code(self):
        return self.headers["X-Sessgate-Code"]

    def __repr__(self):
        return f"Answer({self.status}, {self.code}, {self.text[:200]!r})"


class Client:
    """Asks a web server, one cookie in mind; from any loopback address."""

    base = MOUNT  # before each path

    def __init__(self, port, *, source="127.0.0.1", timeout=10, keep=False):
        self.line = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=timeout * process.SLACK,
            source_address=(source, 0))
        self.keep = keep
        self.cookie = None

    def send(self, method, path, document=None, *, body=None, headers=(),
             kind="application/json"):
        """A request; headers is a list, where a name may come twice."""
        self.line.putrequest(
            method, self.base + path, skip_accept_encoding=True)
        if document is not None:
            body = gates.json.dumps(document).encode()
        if body is not None or method not in ("GET", "HEAD"):
            body = body or b""
            self.line.putheader("Content-Length", str(len(body)))
            self.line.putheader("Content-Type", kind)
        if self.cookie:
            self.line.putheader("Cookie", self.cookie)
        for name, value in headers:
            self.line.putheader(name, value)
        self.line.endheaders()
        try:
            self.line.send(body or b"")
        except (BrokenPipeError, ConnectionResetError):
            pass  # answered before all was sent: the answer counts

    def ask(self, *args, **kind):
        try:
            self.send(*args, **kind)
            answer = Answer(self.line.getresponse())
        except BaseException:
            self.line.close()
            raise
        if not self.keep:
            self.line.close()
        if answer.headers["Set-Cookie"]:
            self.cookie = gates.Cookie(answer.headers["Set-Cookie"]).pair
        return answer

    def log_in(self, user):
        answer = self.ask("POST", "/login", user.login)
        assert answer.status == 200, answer
        return self.cookie
