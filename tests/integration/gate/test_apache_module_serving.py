"""mod_sessgate under Apache's other parts, and under load.

Handlers other than PHP-FPM, MPMs, HTTP/2, graceful restarts, the requests of
HTTP, error documents and logs.
"""

import os
import signal
import socket
import subprocess
import threading
import time

import pytest

import certificates
import process
import sites
from sites import FOLDER, NAVIGATION, PAGE
from test_apache_module import RULED, checks
from test_gate_inherited import BASIC

pytestmark = pytest.mark.plain_build

LONG = os.environ.get("SESSGATE_LONG") == "1"


# handlers

CGI = """#!/bin/sh
echo "Content-Type: text/plain"
echo
env | grep -a -e SESSGATE -e REMOTE -e AUTH
echo SECRET
"""


LEADING = """#!/bin/sh
echo "Location: $QUERY_STRING"
echo
"""


class WithCgi(sites.ApacheModule):
    module = "cgid"
    modules = (*sites.ApacheModule.modules, "cgid", "alias")

    @property
    def extra(self):
        sock = os.path.join(self.folder, "cgid.sock")
        return (f'ScriptSock "{sock}"\n' if "cgid" in self.modules else "") + (
            f'<Directory "{self.root}/private">\nOptions +ExecCGI\n'
            "AddHandler cgi-script .cgi\n</Directory>")

    def launch(self):
        for name, text in (("env.cgi", CGI), ("leading.cgi", LEADING)):
            path = self.root + FOLDER + name
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(path, 0o755)
        super().launch()


def test_a_cgi_program_is_told_who_it_is(start_site, alice):
    visitor = start_site(WithCgi)
    assert visitor.ask("GET", FOLDER + "env.cgi").status == 401
    visitor.log_in(alice)
    said = visitor.ask("GET", FOLDER + "env.cgi", headers=BASIC + [
        ("X-Sessgate-User", "root"), ("Sessgate-User-Id", "1")]).text
    for line in (f"REMOTE_USER={alice.email}", "AUTH_TYPE=sessgate",
                 f"SESSGATE_USER_ID={alice.id}"):
        assert line in said.split("\n"), said
    assert "AUTHORIZATION" not in said and "HTTP_X_SESSGATE" not in said


def test_a_program_leads_past_no_rule(start_site, alice):
    """It may send on, within the server, to where a client wants."""
    visitor = start_site(WithCgi, settings=RULED)
    visitor.log_in(alice)
    for target, status in ((FOLDER + "page.html", 200),
                           (FOLDER + "staff/page.html", 403),
                           ("/page.html", 200)):
        came = visitor.ask("GET", f"{FOLDER}leading.cgi?{target}")
        assert came.status == status, (target, came)


def mpm(kind, name):
    """The kind with another module for processes and threads."""
    class Mpm(kind):
        def write(self, file, text):
            return super().write(file, text.replace(
                "mpm_event_module", f"mpm_{name}_module").replace(
                "mod_mpm_event.so", f"mod_mpm_{name}.so"))
    return Mpm


class ModPhp(mpm(sites.ApacheModule, "prefork")):
    """PHP inside of Apache's processes."""

    def frame(self):
        found = sorted(name for name in os.listdir(self.MODULES)
                       if name.startswith("libphp"))
        if not found:
            process.lacking("mod_php")
        return (f"LoadModule php_module {self.MODULES}/{found[0]}\n"
                f'SetEnv RAN "{self.ran}"\nPassEnv PATH\n' +
                super().frame().replace(
                    f'SetHandler "proxy:unix:{self.php.path}|fcgi://localhost"',
                    "SetHandler application/x-httpd-php"))


def test_mod_php_is_told_who_it_is(start_site, alice):
    visitor = start_site(ModPhp)
    assert visitor.ask("GET", FOLDER + "who.php").status == 401
    visitor.log_in(alice)
    server = visitor.see(headers=BASIC)["server"]
    assert server["REMOTE_USER"] == alice.email
    assert server["SESSGATE_USER_ID"] == alice.id
    # mod_php takes it from the request's user, and never from the client
    assert server["PHP_AUTH_USER"] == alice.email
    assert "PHP_AUTH_PW" not in server and "YWRtaW46" not in str(server)


# MPMs, HTTP/2, restarts


class Load:
    """Clients with and without a session; what they got that was wrong."""

    def __init__(self, site, cookie, clients=6):
        self.site, self.cookie = site, cookie
        self.shown = self.refused = 0
        self.wrong = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.visit, args=(n,))
                        for n in range(clients)]
        for thread in self.threads:
            thread.start()

    def visit(self, number):
        visitor = sites.Visitor(self.site.port)
        cookie = self.cookie if number % 2 else None
        while not self.stopping.is_set():
            visitor.cookie = cookie
            try:
                came = visitor.ask("GET", FOLDER + "page.html",
                                   headers=NAVIGATION)
            except OSError as why:  # Apache closes a connection as it ends
                if not self.site.is_ending:
                    self.wrong.append(why)
                continue
            if cookie and came.status == 200:
                self.shown += 1
            elif not cookie and came.status == 303:
                self.refused += 1
            else:
                self.wrong.append(came)
            time.sleep(0.01)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert not self.wrong, self.wrong[:3]
        assert self.shown > 20 and self.refused > 20


@pytest.mark.parametrize("name", ["event", "worker", "prefork"])
def test_every_mpm_serves_its_clients(start_site, alice, name):
    visitor = start_site(mpm(sites.ApacheModule, name))
    visitor.site.is_ending = False
    load = Load(visitor.site, visitor.log_in(alice))
    time.sleep(2 * process.SLACK)
    load.stop()


def test_graceful_restarts_of_apache_and_of_the_program_lose_nobody(
        start_site, alice):
    """Both under load: no page to a stranger, no user turned away."""
    visitor = start_site()
    site = visitor.site
    site.is_ending = True  # Apache's own: a connection of an ending process
    load = Load(site, visitor.log_in(alice))
    try:
        for _ in range(20 if LONG else 3):
            time.sleep(0.7 * process.SLACK)
            site.process.tell(signal.SIGUSR1)
            time.sleep(0.7 * process.SLACK)
            site.restart_program()
        time.sleep(0.7 * process.SLACK)
    finally:
        load.stop()


class Http2(sites.ApacheModule):
    """HTTP/2 beside the other port, over TLS, as browsers speak it."""

    modules = ("http2", "ssl", *sites.ApacheModule.modules)

    @property
    def extra(self):
        own = certificates.Authority(self.folder).issue("IP:127.0.0.1")
        self.tls_port = process.free_port()
        return (f"Listen 127.0.0.1:{self.tls_port}\n"
                f"<VirtualHost 127.0.0.1:{self.tls_port}>\n"
                f'DocumentRoot "{self.root}"\nProtocols h2 http/1.1\n'
                f'SSLEngine on\nSSLCertificateFile "{own.cert}"\n'
                f'SSLCertificateKeyFile "{own.key}"\n</VirtualHost>')

    @property
    def base(self):
        return f"https://127.0.0.1:{self.tls_port}{FOLDER}"


def curl(*words):
    return subprocess.run(
        [process.tool("curl"), "-sk", "--noproxy", "*", *words],
        capture_output=True, text=True, check=True, timeout=60,
        env={"PATH": process.PATH}).stdout


def test_streams_of_http2_are_checked_one_by_one(start_site, alice):
    visitor = start_site(Http2, settings=RULED)
    site = visitor.site
    cookie = visitor.log_in(alice)
    both = ("--http2", "--parallel", "-w", "%{http_code} %{http_version}\n",
            "-o", "/dev/null")
    before = checks(site)
    said = curl(*both, "-b", cookie, f"{site.base}page.html?n=[1-20]")
    assert said.split("\n")[:-1] == ["200 2"] * 20
    said = curl(*both, f"{site.base}page.html?n=[1-20]")
    assert said.split("\n")[:-1] == ["401 2"] * 20
    assert checks(site) - before == 40
    assert PAGE in curl("--http2", "-b", cookie, site.base + "who.php")


def test_a_cookie_in_crumbs_is_one(start_site, alice):
    """HTTP/2 may send the pairs of a cookie one by one."""
    visitor = start_site(Http2)
    cookie = visitor.log_in(alice)
    said = curl("--http2", "-H", "Cookie: a=b", "-H", "Cookie: " + cookie,
                visitor.site.base + "page.html")
    assert said == PAGE


# requests of HTTP

def test_a_range_is_a_part_of_the_page(start_site, alice):
    visitor = start_site()
    ask = [("Range", "bytes=1-3")]
    assert visitor.ask("GET", FOLDER + "page.html", headers=ask).status == 401
    visitor.log_in(alice)
    came = visitor.ask("GET", FOLDER + "page.html", headers=ask)
    assert (came.status, came.text) == (206, PAGE[1:4])
    assert came.headers["Cache-Control"] == "private, no-store"


def test_an_expectation_is_answered_before_the_body(start_site, alice):
    """A stranger is not told to send it."""
    visitor = start_site()
    cookie = visitor.log_in(alice)
    for mine, status in ((None, b"401"), (cookie, b"100")):
        with socket.create_connection(
                ("127.0.0.1", visitor.site.port),
                timeout=5 * process.SLACK) as sock:
            sock.sendall((
                f"POST {FOLDER}who.php HTTP/1.1\r\nHost: x\r\n"
                f"Cookie: {mine or 'a=b'}\r\nContent-Length: 5\r\n"
                "Expect: 100-continue\r\n\r\n").encode())
            line = sock.makefile("rb").readline()
            assert line.split()[1] == status, line


def test_a_connection_is_kept_over_refusals(start_site, alice):
    visitor = start_site()
    kept = sites.Visitor(visitor.site.port, keep=True)
    kept.ask("GET", FOLDER + "page.html")
    sock = kept.line.sock
    for method, body in (("GET", None), ("POST", b"x" * 100_000),
                         ("HEAD", None)):
        assert kept.ask(method, FOLDER + "page.html", body=body).status == 401
    kept.log_in(alice)
    assert kept.ask("GET", FOLDER + "page.html").text == PAGE
    assert kept.line.sock is sock


# error documents and other words of the site

def test_the_site_may_have_a_page_of_its_own_for_an_outage(start_site):
    visitor = start_site(extra="ErrorDocument 503 /page.html\n"
                         "ErrorDocument 401 /page.html")
    came = visitor.ask("GET", FOLDER + "who.php", headers=NAVIGATION)
    assert came.status == 303
    came = visitor.ask("POST", FOLDER + "who.php", headers=NAVIGATION)
    assert came.status == 401 and "<h1>" in came.text  # the program's page
    visitor.site.take_program_away()
    came = visitor.ask("GET", FOLDER + "who.php")
    assert (came.status, came.text) == (503, PAGE)
    assert came.headers["Cache-Control"] == "no-store"
    visitor.site.bring_program_back()


def test_headers_that_the_site_wants_always_are_on_refusals(start_site):
    visitor = start_site(extra=(
        'Header always set Strict-Transport-Security "max-age=9"\n'
        'Header always set Cache-Control "public"'))
    for headers in ((), NAVIGATION):
        came = visitor.ask("GET", FOLDER + "page.html", headers=headers)
        assert came.headers["Strict-Transport-Security"] == "max-age=9"
        assert came.headers.get_all("Cache-Control") == ["no-store"]


def test_the_logs_say_who_it_was_and_why_not(start_site, alice):
    visitor = start_site(extra='CustomLog "logs-access" "%u %s %U"')
    visitor.ask("GET", FOLDER + "page.html")
    visitor.log_in(alice)
    visitor.ask("GET", FOLDER + "page.html")
    folder = visitor.site.folder
    visitor.site.take_program_away()
    visitor.ask("GET", FOLDER + "page.html")
    log = os.path.join(folder, "logs-access")
    for line in ("- 401", f"{alice.email} 200", "- 503"):  # after the answer
        assert process.until(lambda words=f"{line} {FOLDER}page.html": words in
                             process.text_of(log).split("\n")) is not None
    with open(os.path.join(folder, "apache-error.log"),
              encoding="utf-8") as file:
        (line,) = [x for x in file if "sessgate could not be asked" in x]
    assert visitor.site.socket_path + ": connect: No such file" in line
    visitor.site.bring_program_back()
