"""Who is measured: sessgate, and what it is compared with.

A contender is started in a place, says as a Backend how web servers reach it,
and makes the bytes of its requests.
"""

import glob
import os
import re
import shutil
import subprocess

import wire
import works
from place import (HERE, IS_ROOT, TOP, Missing, can_connect, compile_c, find,
                   tool)
from stores import SECRET
from webs import Backend, lua_is_missing

BAD_TOKEN = "A" * 43


def sessgate_binary():
    """The program: SESSGATE in the environment, else that of build/."""
    path = os.environ.get("SESSGATE") or os.path.join(
        TOP, "build", "src", "sessgate")
    if not os.access(path, os.X_OK):
        raise Missing(f"{path} is not built")
    return os.path.abspath(path)


def sessgate_environment(redis, mysql, **settings):
    env = {"SESSGATE_REDIS_URL": redis.url, "SESSGATE_MYSQL_URL": mysql.url,
           "SESSGATE_LOGIN_FORMATS": "bcrypt,sha256"}
    return env | {"SESSGATE_" + name.upper(): str(value)
                  for name, value in settings.items()}


class Contender:
    name = ""
    label = ""
    cookie = "SESSION-TOKEN"
    speaks = "fcgi"             # on its own socket; "" where it has none
    does = tuple(works.WORKS)
    gates = ("authorizer", "subrequest")
    ways = tuple(works.WAYS)
    script = ""
    gate_params = ()

    def can(self, work, way):
        if work.name not in self.does or way not in self.ways:
            return False
        if work.gate == "authorizer":
            return "authorizer" in self.gates and not way.startswith("nginx")
        if work.gate == "subrequest":  # of which nginx keeps no connection
            return "subrequest" in self.gates and way not in (
                "lighttpd", "nginx-kept")
        return True

    def mount(self, _work):
        return "/" + self.name

    def socket_for(self, _work):
        return self.socket

    def pids_for(self, _work):
        return self.pids

    def address(self, work, way, webs):
        """unix:PATH or ADDRESS:PORT, as load.c takes it."""
        if way in works.STRAIGHT:
            return "unix:" + self.socket_for(work)
        web = next(w for w in webs if way in w.ways)
        host, port = web.kept_address if way == "nginx-kept" else web.address
        return f"{host}:{port}"

    def protocol(self, way):
        return self.speaks if way in works.STRAIGHT else "http"

    def request(self, work, way, user, serial, www):
        """The bytes of one request of a user (id, token)."""
        uid, token = user
        token = {"good": token, "bad": BAD_TOKEN}.get(work.cookie)
        cookie = f"{self.cookie}={token}" if token else None
        body, headers = b"", {}
        if work.method == "POST":
            body = b"{}" if work.name != "W4" else (
                b'{"email":"user%d@example.org","password":"%s"}'
                % (uid, SECRET.encode()))
            headers = {"Content-Type": "application/json"}
        path = work.path.format(id=uid)
        if self.protocol(way) == "http":
            url = (f"/gate-{self.name}/page.html"
                   if work.gate and way not in works.STRAIGHT
                   else self.mount(work) + path)
            return wire.http(work.method, url, cookie, headers=headers,
                             body=body)
        if work.gate:
            path, mount = f"/gate-{self.name}/page.html", ""
        else:
            mount = self.mount(work)
        role = (wire.AUTHORIZER if work.gate == "authorizer"
                else wire.RESPONDER)
        params = wire.params(
            work.method, path, cookie, mount=mount, root=www, body=body,
            headers=headers, role=role,
            address=f"192.0.{serial // 250 % 250}.{serial % 250 + 1}")
        if work.gate == "subrequest":
            params |= dict(self.gate_params)
        if self.script:
            params["SCRIPT_FILENAME"] = self.script
        return wire.fcgi(params, body, role=role, is_kept=way == "kept")


class Sessgate(Contender):
    name, label = "sessgate", "sessgate"
    cookie = "__Host-SESSION-TOKEN"
    gate_params = (("SESSGATE_ROLE", "gate"),)

    def __init__(self, place, redis, mysql, file="sessgate", also=(),
                 **settings):
        self.socket = place.path(file + ".sock")
        listeners = (f"unix:{self.socket},mode=0666", *also)
        self.process = place.start(
            [sessgate_binary(),
             *(word for one in listeners for word in ("--listen", one))],
            log=file, is_ready=lambda: can_connect(self.socket),
            env=sessgate_environment(redis, mysql, **settings))
        self.pids = [self.process.pid]
        self.backends = [Backend(
            self.name, self.socket, authorizer=self.socket,
            subrequest=self.socket, gate_params=self.gate_params)]


class Null(Contender):
    """One program for each kind of request, answering what sessgate does."""

    name, label = "null", "null libfcgi"
    does = tuple(w.name for w in works.WORKS.values() if w.null)

    def __init__(self, place, answers):
        binary = compile_c(place, "null", ["null.c"], packages=["fcgi"],
                           flags=["-pthread"])
        self.sockets, self.own_pids = {}, {}
        for name, answer in answers.items():
            socket = self.sockets[name] = place.path(f"null-{name}.sock")
            file = place.write(f"null-{name}.answer", answer)
            process = place.start(
                [binary, socket, file], log="null",
                is_ready=lambda s=socket: can_connect(s))
            os.chmod(socket, 0o777)
            self.own_pids[name] = [process.pid]
        self.backends = [
            Backend("null-" + name, socket) for name, socket
            in self.sockets.items() if not works.WORKS[name].gate]
        self.backends.append(Backend(
            "null", authorizer=self.sockets["W1a"],
            subrequest=self.sockets["W1n"]))

    def mount(self, work):
        return "/null-" + work.name

    def socket_for(self, work):
        return self.sockets[work.name]

    def pids_for(self, work):
        return self.own_pids[work.name]


FPM_CHILDREN = 8


def fpm_binary():
    names = [os.path.basename(path)
             for folder in ("/usr/sbin", "/usr/local/sbin")
             for path in glob.glob(folder + "/php-fpm*")]
    if not names:
        raise Missing("php-fpm is not installed")
    return tool(sorted(names)[-1])


def start_fpm(place, *lines):
    """PHP-FPM with these lines in its pool: the socket, and the process."""
    socket = place.path("php.sock")
    if IS_ROOT:
        lines = ("user = www-data", "group = www-data", *lines)
    conf = place.write("php-fpm.conf", "\n".join((
        "[global]", f"error_log = {place.path('php-error.log')}",
        "daemonize = no", "[www]", f"listen = {socket}",
        "listen.mode = 0666", "listen.backlog = 1024", "pm = static",
        f"pm.max_children = {FPM_CHILDREN}", "security.limit_extensions =",
        "php_admin_flag[expose_php] = off", *lines, "")))
    return socket, place.start(
        [fpm_binary(), "--nodaemonize", "--fpm-config", conf], log="php",
        is_ready=lambda: can_connect(socket))


class Php(Contender):
    """PHP-FPM with eight children, opcache and phpredis."""

    name, label = "php", "PHP-FPM"
    gates = ("subrequest",)
    gate_params = (("BENCH_ROLE", "gate"),)

    def __init__(self, place, redis, mysql):
        self._look_at_modules()
        # lighttpd makes SCRIPT_FILENAME of its document root and the mount
        self.script = os.path.join(place.path("www"), "php")
        shutil.copy(os.path.join(HERE, "apps", "app.php"), self.script)
        os.chmod(self.script, 0o644)
        self.socket, process = start_fpm(
            place, f"env[REDIS_SOCKET] = {redis.path}",
            f"env[MYSQL_SOCKET] = {mysql.path}")
        os.chmod(mysql.path, 0o777)
        os.chmod(os.path.dirname(mysql.path), 0o711)
        self.pids = [process.pid]
        self.backends = [Backend(
            self.name, self.socket, subrequest=self.socket,
            gate_params=self.gate_params, script=self.script,
            kept=FPM_CHILDREN // 2)]

    def _look_at_modules(self):
        modules = said_by(fpm_binary(), "-m").split()
        if "redis" not in modules:
            raise Missing("php-redis is not installed")
        if "mysqli" not in modules:
            self.does = tuple(w for w in self.does if w not in ("W2", "W4"))


class Express(Contender):
    name, label = "express", "Express"
    speaks = "http"
    does = ("W1", "W3", "W5n", "W5b")

    def __init__(self, place, redis, users):
        node = tool("node")
        path = os.environ.get("NODE_PATH", "") + ":/usr/share/nodejs"
        for name in ("express", "redis", "cookie-parser"):
            if not any(os.path.isdir(os.path.join(p, name))
                       for p in path.split(":") if p):
                raise Missing(f"node-{name} is not installed")
        self.socket = place.path("express.sock")
        process = place.start(
            [node, os.path.join(HERE, "apps", "app.mjs")], log="express",
            is_ready=lambda: can_connect(self.socket),
            env={"NODE_PATH": path, "NODE_ENV": "production",
                 "REDIS_SOCKET": redis.path, "LISTEN": self.socket,
                 "USERS": str(users)})
        os.chmod(self.socket, 0o777)
        self.pids = [process.pid]
        self.backends = [Backend(self.name, self.socket, is_http=True)]


class Lua(Contender):
    """Inside nginx: no process of its own."""

    name, label = "lua", "nginx+Lua"
    speaks = ""
    does = ("W1", "W1n", "W5n", "W5b")
    gates = ("subrequest",)
    ways = ("nginx-kept",)
    backends, pids = (), ()

    def can(self, work, way):
        if work.gate:
            return way == "nginx"
        return super().can(work, way)

    def __init__(self):
        why = lua_is_missing()
        if why:
            raise Missing(why)


def said_by(*argv):
    """What a program prints, on whichever descriptor."""
    return subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        stdin=subprocess.DEVNULL, check=False).stdout


def versions():
    """What is on this machine, in words."""
    asked = (("sessgate", [sessgate_binary(), "--version"]),
             ("redis", ["redis-server", "--version"]),
             ("mariadb", ["mariadbd", "--version"]),
             ("lighttpd", ["lighttpd", "-v"]), ("nginx", ["nginx", "-v"]),
             ("apache", ["apache2", "-v"]),
             ("php", ["php", "-v"]), ("node", ["node", "--version"]),
             ("cc", [os.environ.get("CC", "cc").split()[0], "--version"]))
    found = {}
    for name, argv in asked:
        path = find(argv[0])
        if path:
            number = re.search(r"\d+\.\d[\w.]*", said_by(path, *argv[1:]))
            found[name] = number[0] if number else "unknown"
    return found
