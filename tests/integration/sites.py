"""Sites that know nothing of the program, each behind its gate.

A site is a web server of servers.py with a folder of pages, static and PHP,
and what contrib/print-config prints to guard them: one folder, or the whole
host.  The rest of its configuration is what Debian's own files have around
ours.  One site is an application behind nginx: a server of its own with the
same pages.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys

import gate as gates
import process
import servers
import stack

FOLDER = "/private/"
PAGE = "SECRET"  # stands on every page that is guarded
NAVIGATION = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
              ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript",
         "png": "image/png", "svg": "image/svg+xml", "woff2": "font/woff2",
         "gif": "image/gif", "jpg": "image/jpeg", "woff": "font/woff",
         "ico": "image/x-icon"}
# Notes that it ran, and tells what it was told.
WHO = """<?php
file_put_contents(getenv("RAN"), "x", FILE_APPEND);
$body = file_get_contents("php://input");
header("Content-Type: application/json");
header("Cache-Control: public, max-age=600");
echo json_encode(["page" => "SECRET", "server" => $_SERVER, "post" => $_POST,
    "size" => strlen($body), "sha1" => sha1($body)],
    JSON_INVALID_UTF8_SUBSTITUTE);
"""
# Answers with the type, the status and the header that it is asked for.
AS = """<?php
header("Cache-Control: public, max-age=600");
if (isset($_GET["type"])) header("Content-Type: " . $_GET["type"]);
if (isset($_GET["head"])) header($_GET["head"]);
if (isset($_GET["status"])) http_response_code((int)$_GET["status"]);
if (($_GET["status"] ?? "") !== "304") echo "SECRET";
"""
# descriptor 3 as systemd passes it, beside descriptor 0
PASS = """
import os, sys
passed = int(sys.argv[1])
if passed != 3:
    os.dup2(passed, 3)
    os.close(passed)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def built_module():
    """mod_sessgate: SESSGATE_MODULE, else of the program's build."""
    named = os.environ.get("SESSGATE_MODULE")
    if named:
        return os.path.abspath(named)
    build = os.path.dirname(os.path.dirname(gates.binary()))
    path = os.path.join(build, "apache", "mod_sessgate.so")
    if not os.path.exists(path):
        process.lacking("mod_sessgate (configure found no apxs)")
    return path


def sanitizer_environment(library):
    """The environment to load it in; None where it has no sanitizers."""
    linked = subprocess.run(["ldd", library], capture_output=True, text=True,
                            check=True).stdout
    runtimes = re.findall(r"=> (\S+lib[a-z]+san\.so\S*)", linked)
    return runtimes and {
        "PATH": process.PATH, "LANG": "C", "LD_PRELOAD": " ".join(runtimes),
        "ASAN_OPTIONS": "detect_leaks=0",  # httpd's own at its end
        "UBSAN_OPTIONS": "print_stacktrace=1"} or None


def write_pages(root):
    """The same pages below the guarded folder and outside of it."""
    for folder in ("", FOLDER, FOLDER + "open/", FOLDER + "staff/",
                   FOLDER + "boss/"):
        folder = root + folder
        os.makedirs(folder, exist_ok=True)
        for name, text in (("who.php", WHO), ("index.php", WHO),
                           ("page.html", PAGE), ("style.css", PAGE),
                           ("as.php", AS), ("untyped", PAGE)):
            with open(os.path.join(folder, name), "w",
                      encoding="utf-8") as file:
                file.write(text)


class KeptOnBoth(servers.KeptGate):
    """The program on a unix socket and on a TCP one that outlive it."""

    def __init__(self, folder, kept, passed, **kind):
        self.passed = passed
        super().__init__(folder, kept, **kind)

    def _start_fd0(self, argv, tcp):
        with self._open(tcp) as sock:
            self.process = process.Process(
                [sys.executable, "-c", PASS, str(self.passed.fileno()), *argv],
                self.log, env=self.env, stdin=sock,
                pass_fds=[self.passed.fileno()])
        self._await()


class Site(servers.Front):
    """Pages behind the gate of a web server; the base of each kind."""

    guards = FOLDER  # what is guarded, / for the whole host
    # the names by which a page is told who it is
    identity = {"user": "REMOTE_USER", "id": "SESSGATE_USER_ID",
                "email": "SESSGATE_EMAIL", "session": "SESSGATE_SESSION"}
    left = "SESSGATE_EXPIRES_IN"
    outage = 503  # while a store is away
    away = 503  # while the program is
    extra = ""  # more of its configuration

    def __init__(self, folder, settings):
        self.ran = os.path.join(folder, "ran")
        if servers.USER:
            shutil.chown(folder, servers.USER, servers.USER)
        write_pages(os.path.join(folder, "www"))
        self.php = self.make_php(folder)
        self.more = {"php": self.php.path, "folder": self.guards, **self.more}
        super().__init__(folder, settings)

    def make_php(self, folder):
        return stack.PhpFpm(folder, {"RAN": self.ran})

    @property
    def has_open_pages(self):
        return self.guards != "/"

    def runs(self):
        """How often a page of PHP has run so far."""
        try:
            return os.path.getsize(self.ran)
        except FileNotFoundError:
            return 0

    def who(self, seen):
        """The visitor's identity as the page saw it."""
        names = {name: seen["server"].get(key)
                 for name, key in self.identity.items()}
        return {name: value for name, value in names.items() if value}

    def close(self):
        super().close()
        self.php.stop()


class Lighttpd(Site, servers.Lighttpd):
    names = ("lighttpd", "lighttpd-gate")
    modules = ("mod_setenv", "mod_fastcgi")

    def frame(self):
        listed = "".join(f'"{name}", ' for name in self.modules)
        return f"""
server.modules = ( "mod_indexfile", "mod_access", {listed} )
mimetype.assign = ( {", ".join(f'".{e}" => "{t}"' for e, t in TYPES.items())} )
index-file.names = ( "index.php", "index.html" )
static-file.exclude-extensions = ( ".php", ".pl", ".fcgi" )
fastcgi.server += ( ".php" => (( "socket" => "{self.php.path}",
  "broken-scriptfilename" => "enable" )) )
{"".join(f"@{name}@" for name in self.names)}
{self.extra}
server.modules += ( "mod_staticfile" )
"""


class LighttpdHost(Lighttpd):
    names = ("lighttpd", "lighttpd-gate-host")
    guards = "/"


class ApacheSite(Site, servers.Apache):
    """Apache with what its gates have in common."""

    modules = ("authn_core", "authz_user", "authz_host", "access_compat",
               "headers", "env", "setenvif", "dir", "mime",
               "proxy", "proxy_fcgi")
    overrides = "None"

    def types(self):
        return self.write("mime.types", "".join(
            f"{kind} {end}\n" for end, kind in TYPES.items()))

    def frame(self):
        return f"""
<Directory "{self.root}">
  AllowOverride {self.overrides}
  Require all granted
</Directory>
DirectoryIndex index.php index.html
TypesConfig "{self.types()}"
TraceEnable Off
SetEnvIfNoCase ^Authorization$ "(.+)" HTTP_AUTHORIZATION=$1
<FilesMatch ".+\\.ph(?:ar|p|tml)$">
  SetHandler "proxy:unix:{self.php.path}|fcgi://localhost"
</FilesMatch>
{"".join(f"@{name}@" for name in self.names)}
{self.extra}"""


class Apache(ApacheSite):
    """By mod_authnz_fcgi, which asks over TCP."""

    names = ("apache", "apache-gate")
    modules = (*ApacheSite.modules, "authnz_fcgi")
    away = 500

    def __init__(self, folder, settings):
        self.kept_gate = socket.create_server(("127.0.0.1", 0))
        self.gate_port = self.kept_gate.getsockname()[1]
        self.more = {"gate": f"127.0.0.1:{self.gate_port}"}
        super().__init__(folder, settings)

    def open(self):
        if self.kept_gate.fileno() < 0:
            self.kept_gate = socket.create_server(
                ("127.0.0.1", self.gate_port))
        super().open()

    def start_gate(self):
        return KeptOnBoth(self.folder, self.kept, self.kept_gate,
                          settings=self.limits,
                          args=["--config", self.config])

    def take_program_away(self):
        self.kept_gate.close()
        super().take_program_away()

    def close(self):
        super().close()
        self.kept_gate.close()


class ApacheHost(Apache):
    guards = "/"


class ApacheModule(ApacheSite):
    """By mod_sessgate, from a copy: a build folder need not be readable."""

    names = ("apache", "apache-module")
    times = (50, 500, 1000)  # the defaults, ms

    def __init__(self, folder, settings):
        copy = os.path.join(folder, "mod_sessgate.so")
        shutil.copy(built_module(), copy)
        os.chmod(copy, 0o644)
        self.more = {"module": copy}
        self.env = sanitizer_environment(copy)
        super().__init__(folder, settings)

    def frame(self):
        times = " ".join(f"{int(ms * process.SLACK)}ms" for ms in self.times)
        return f"{super().frame()}\nSessgateTimeout {times}\n"


class ApacheModuleHost(ApacheModule):
    guards = "/"


PHP_OF_NGINX = """
location ~ \\.php(/|$) {
  fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
  include fastcgi_params;
  fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
  fastcgi_param PATH_INFO $fastcgi_path_info;
  %s
  fastcgi_pass "unix:%s";
}
"""


class Nginx(Site, servers.Nginx):
    names = ("nginx", "nginx-check", "nginx-gate", "nginx-maps")
    outage, away = 500, 502
    # the change that the comment in the configuration describes
    in_open_php = "fastcgi_param REMOTE_USER $sessgate_user;"
    in_http = ""  # more of the site's http { }

    def http(self):
        kinds = "".join(f"{kind} {end};" for end, kind in TYPES.items())
        return (f"types {{ {kinds} }}\ndefault_type '';\n"
                f"@nginx-maps@\n{self.in_http}")

    def frame(self):
        parts = "".join(f"@{name}@" for name in self.names
                        if name not in ("nginx-maps", "nginx-php"))
        return f"index index.php index.html;\n{parts}{self.rest()}{self.extra}"

    def rest(self):
        return PHP_OF_NGINX % (self.in_open_php, self.php.path)


class NginxHost(Nginx):
    """The whole host by the locations of a folder."""

    guards = "/"

    def rest(self):
        return ""


class NginxServer(Nginx):
    """The whole host, the locations of the site as they are."""

    names = ("nginx", "nginx-check", "nginx-gate-host", "nginx-maps",
             "nginx-php")
    guards = "/"
    in_open_php = "@nginx-php@"


class Application(stack.Web):
    """A server behind another one, which tells it who asks."""

    def __init__(self, root, folder, php):
        os.mkdir(folder)
        super().__init__(folder)
        self.root, self.php = root, php
        self.start()

    def launch(self):
        conf = self.write("lighttpd.conf", f"""
mimetype.assign = ( {", ".join(f'".{e}" => "{t}"' for e, t in TYPES.items())} )
server.document-root = "{self.root}"
server.bind = "127.0.0.1"
server.port = {self.port}
server.errorlog = "{self.folder}/lighttpd-error.log"
server.modules = ( "mod_indexfile", "mod_fastcgi", "mod_staticfile" )
index-file.names = ( "index.php" )
static-file.exclude-extensions = ( ".php" )
fastcgi.server = ( ".php" => (( "socket" => "{self.php.path}" )) )
""")
        self.run([process.tool("lighttpd"), "-D", "-f", conf], "lighttpd.log")


class Proxied(Site):
    """Pages of an application, which is told in headers who asks."""

    identity = {"user": "HTTP_X_SESSGATE_USER",
                "id": "HTTP_X_SESSGATE_USER_ID",
                "email": "HTTP_X_SESSGATE_EMAIL",
                "session": "HTTP_X_SESSGATE_SESSION"}
    left = "HTTP_X_SESSGATE_EXPIRES_IN"

    def __init__(self, folder, settings):
        self.application = None
        super().__init__(folder, settings)

    def printed(self, name):
        if self.application is None:
            self.application = Application(
                self.root, os.path.join(self.folder, "app"), self.php)
            self.more["backend"] = f"127.0.0.1:{self.application.port}"
        return super().printed(name)

    def close(self):
        super().close()
        self.application.stop()


class NginxProxy(Proxied, Nginx):
    names = ("nginx", "nginx-check", "nginx-gate-proxy", "nginx-maps")

    def rest(self):
        return ""


class ApacheProxy(Proxied, Apache):
    names = ("apache", "apache-gate", "apache-gate-proxy")
    modules = (*Apache.modules, "proxy_http")


class ApacheModuleProxy(Proxied, ApacheModule):
    names = ("apache", "apache-module", "apache-module-proxy")
    modules = (*ApacheModule.modules, "proxy_http")


KINDS = {
    "lighttpd": Lighttpd,
    "lighttpd-host": LighttpdHost,
    "apache": Apache,
    "apache-host": ApacheHost,
    "apache-proxy": ApacheProxy,
    "apache-module": ApacheModule,
    "apache-module-host": ApacheModuleHost,
    "apache-module-proxy": ApacheModuleProxy,
    "nginx": Nginx,
    "nginx-host": NginxHost,
    "nginx-server": NginxServer,
    "nginx-proxy": NginxProxy,
}


class Visitor(servers.Client):
    """Asks a site for pages, one cookie in mind."""

    base = ""

    def log_in(self, user):
        answer = self.ask("POST", servers.MOUNT + "/login", user.login)
        assert answer.status == 200, answer
        return self.cookie

    def log_out(self):
        answer = self.ask("POST", servers.MOUNT + "/logout", body=b"")
        assert answer.status == 200, answer

    def see(self, path=FOLDER + "who.php", method="GET", **kind):
        """The variables that a page of PHP saw."""
        answer = self.ask(method, path, **kind)
        assert answer.status == 200, answer
        return json.loads(answer.text)


def handle(cookie):
    """The public name of a cookie's session."""
    return gates.hashed("handle" + gates.hashed(
        cookie.partition("=")[2]))[:16]
