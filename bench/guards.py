"""Guards on Apache, in front of a static page and a page of PHP-FPM.

Each guard has an Apache of its own that loads only the modules it needs.  Its
sessions are made by real logins; a round asks for one page with them.
"""

import base64
import hashlib
import http.cookiejar
import os
import re
import subprocess
import urllib.parse
import urllib.request

import contenders
import meter
import provider
import rounds
import seed
import stores
import wire
import works
from place import TOP, Missing, free_port
from webs import Apache

CLIENTS = (16, 64)
SESSIONS = 16           # the clients of a round share them
FOLDER = "/private/"
PASSWORD = "correct-horse"
PHP_PAGE = b"""<?php
$page = '<!doctype html><title>a page</title><p>' . str_repeat('x', 400)
    . '</p><p>seen by ' . htmlspecialchars($_SERVER['REMOTE_USER'] ?? 'nobody')
    . "</p>\\n";
header('Content-Length: ' . strlen($page));
echo $page;
"""
SEEN = re.compile(rb"x{400}</p><p>seen by ([^<]+)</p>")


class Site:
    """What the guards share: pages, PHP-FPM, sessgate and its stores."""

    def __init__(self, place):
        self.place = place
        folder = place.folder_for("www" + FOLDER)
        for name, text in (("page.html", rounds.PAGE), ("page.php", PHP_PAGE)):
            path = place.write(os.path.join(folder, name), text)
            os.chmod(path, 0o644)
        self.php, self.fpm = contenders.start_fpm(place)
        self.redis = stores.Redis(place)
        self.mysql = stores.MySQL(place)
        self.mysql.fill(SESSIONS)
        self.gate = f"127.0.0.1:{free_port()}"
        self.sessgate = contenders.Sessgate(
            place, self.redis, self.mysql, also=(self.gate,))
        self.provider = None

    def openid(self):
        if self.provider is None:
            self.provider = provider.Provider()
        return self.provider


class Browser:
    """Follows redirects and keeps cookies."""

    def __init__(self, address):
        self.base = "http://{}:{}".format(*address)
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.jar))
        self.opener.addheaders = [
            (name, value) for name, value in wire.HEADERS.items()
            if name not in ("Host", "Accept-Encoding")]

    def visit(self, path, form=None):
        """The page at the end of the redirects."""
        body = form and urllib.parse.urlencode(form).encode()
        with self.opener.open(self.base + path, body, timeout=20) as answer:
            return answer.read()

    def cookie(self):
        return "; ".join(f"{c.name}={c.value}" for c in self.jar)


class Guard:
    name = label = ""
    modules = ()
    lines = ""
    is_renewed = False      # new sessions before each round
    has_gate = False        # uses sessgate and its stores

    def __init__(self, site):
        self.site = site
        self.cookies = []
        self.apache = Apache(site.place, self.name, site.php, self.modules,
                             self.directives())

    def directives(self):
        return self.lines

    def stores(self):
        return self.site.redis.pids if self.has_gate else []

    def groups(self, work):
        """The processes that work for a request, by what they are."""
        found = {"app": self.site.sessgate.pids if self.has_gate else [],
                 "web": self.apache.pids, "redis": self.stores(),
                 "db": self.site.mysql.pids if self.has_gate else []}
        if work.name == "php":
            found["php"] = [self.site.fpm.pid]
        return found

    def log_in(self, _number):
        """The cookies of a new session."""
        raise NotImplementedError

    def sessions(self):
        if self.is_renewed or not self.cookies:
            self.cookies = [self.log_in(n + 1) for n in range(SESSIONS)]
        return self.cookies

    def request(self, work, cookie):
        # mod_auth_openidc refuses a session of another host name
        return wire.http("GET", work.path, cookie, headers={
            "Host": "{}:{}".format(*self.apache.address)})

    def requests(self, work):
        return [self.request(work, cookie) for cookie in self.sessions()]

    def ask(self, work, cookie):
        """The user whom the page names, "-" if it is static; None: no page."""
        answer = wire.ask_http(
            self.apache.address, self.request(work, cookie))
        seen = SEEN.search(answer)
        if wire.status_of(answer) == 200 and rounds.PAGE in answer:
            return "-"
        if wire.status_of(answer) == 200 and seen:
            return seen[1].decode()
        if re.search(rb"x{400}", answer):
            raise RuntimeError(f"{self.label}: a page with {answer!r}")
        return None

    def check(self, work):
        """Raises RuntimeError unless the page is shown with a session, and
        neither without one nor with a wrong one."""
        good = self.sessions()[0]
        bad = re.sub(r"=([^;]+)", lambda m: "=" + m[1][::-1], good)
        for what, cookie in (("no", None), ("a wrong", bad)):
            if self.ask(work, cookie) is not None:
                raise RuntimeError(
                    f"{self.label} shows {work.path} with {what} session")
        if self.ask(work, good) in (None, "nobody"):
            raise RuntimeError(f"{self.label}: no {work.path} with a session")


class Open(Guard):
    name, label = "open", "no guard"

    def sessions(self):
        return [None]

    def check(self, work):
        if self.ask(work, None) not in ("-", "nobody"):
            raise RuntimeError(f"no {work.path} without a guard")


class OfSessgate(Guard):
    """By a configuration that contrib/print-config prints."""

    has_gate = True
    printed = ""

    def values(self):
        raise NotImplementedError

    def directives(self):
        told = subprocess.run(
            [os.path.join(TOP, "contrib", "print-config"), self.printed,
             "folder=" + FOLDER, *self.values()],
            capture_output=True, text=True, check=True)
        return told.stdout

    def log_in(self, number):
        token = seed.log_in(self.site.sessgate.socket, number)
        return f"{self.site.sessgate.cookie}={token}"


class Module(OfSessgate):
    name, label = "module", "mod_sessgate"
    printed = "apache-module"

    def values(self):
        path = os.environ.get("SESSGATE_MODULE") or os.path.join(
            os.path.dirname(os.path.dirname(contenders.sessgate_binary())),
            "apache", "mod_sessgate.so")
        if not os.path.exists(path):
            raise Missing("mod_sessgate is not built")
        return (f"socket={self.site.sessgate.socket}",
                f"module={os.path.abspath(path)}")


class Authnz(OfSessgate):
    name, label = "authnz", "mod_authnz_fcgi"
    modules = ("authn_core", "authz_user", "headers", "env", "setenvif",
               "authnz_fcgi")
    printed = "apache-gate"

    def values(self):
        return (f"gate={self.site.gate}",)


class OpenId(Guard):
    """mod_auth_openidc, by the flow of an authorization code."""

    modules = ("authn_core", "authz_user", "auth_openidc")

    def directives(self):
        issuer = self.site.openid().issuer
        return f"""
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {provider.CLIENT}
OIDCClientSecret {provider.SECRET}
OIDCRedirectURI {FOLDER}redirect
OIDCCryptoPassphrase a-passphrase-of-the-benchmark
OIDCSessionInactivityTimeout 3600
{self.lines}
<Location "{FOLDER}">
  AuthType openid-connect
  Require valid-user
</Location>
"""

    def log_in(self, _number):
        browser = Browser(self.apache.address)
        if browser.visit(works.PAGES["static"].path) != rounds.PAGE:
            raise RuntimeError(f"{self.label}: a login leads to no page")
        return browser.cookie()


def openid_version():
    """The version that the library says in its name as an HTTP client."""
    path = f"{Apache.MODULES}/mod_auth_openidc.so"
    if not os.path.exists(path):
        return {}
    with open(path, "rb") as file:
        found = re.search(rb"mod_auth_openidc-(\d[\d.]*)", file.read())
    return {"mod_auth_openidc": found[1].decode()} if found else {}


class OpenIdShm(OpenId):
    name, label = "openid-shm", "mod_auth_openidc, shm"
    lines = "OIDCSessionType server-cache\nOIDCCacheType shm"


class OpenIdRedis(OpenId):
    """The module knows Redis by TCP only."""

    name, label = "openid-redis", "mod_auth_openidc, Redis"

    def directives(self):
        port = free_port()
        self.redis = stores.Redis(self.site.place, "redis-openid", port)
        self.lines = ("OIDCSessionType server-cache\nOIDCCacheType redis\n"
                      f"OIDCRedisCacheServer 127.0.0.1:{port}")
        return super().directives()

    def stores(self):
        return self.redis.pids


class OpenIdCookie(OpenId):
    """Its cookie is written again with each answer once it is a minute old.
    A browser takes the new one and the load client does not, so that it has
    new sessions for each round."""

    name, label = "openid-cookie", "mod_auth_openidc, client-cookie"
    lines = "OIDCSessionType client-cookie"
    is_renewed = True


class Form(Guard):
    """mod_auth_form with a session in an encrypted cookie.

    It compares the password with the file at each request, so the file has
    the hash that costs least.
    """

    name, label = "form", "mod_auth_form, crypto"
    modules = ("authn_core", "authn_file", "authz_user", "request", "session",
               "session_cookie", "session_crypto", "auth_form")

    def directives(self):
        sha1 = base64.b64encode(
            hashlib.sha1(PASSWORD.encode()).digest()).decode()
        users = self.site.place.write("form.users", "".join(
            f"user{n + 1}:{{SHA}}{sha1}\n" for n in range(SESSIONS)))
        os.chmod(users, 0o644)
        common = f"""
  AuthType form
  AuthName site
  AuthFormProvider file
  AuthUserFile "{users}"
  Session On
  SessionCookieName session path=/;HttpOnly
  SessionCryptoPassphrase a-passphrase-of-the-benchmark
  {self.lines}"""
        return f"""
<Location "{FOLDER}">{common}
  AuthFormLoginRequiredLocation /login.html
  Require valid-user
</Location>
<Location "/login">{common}
  SetHandler form-login-handler
  AuthFormLoginSuccessLocation {works.PAGES["static"].path}
  Require all granted
</Location>
"""

    def log_in(self, number):
        browser = Browser(self.apache.address)
        page = browser.visit("/login", {"httpd_username": f"user{number}",
                                        "httpd_password": PASSWORD})
        if page != rounds.PAGE:
            raise RuntimeError(f"{self.label}: a login leads to no page")
        return browser.cookie()


def is_ours(record):
    """A line of the results that is of the guards?"""
    return record["kind"] == "guards" or record.get("way") == works.APACHE


ALL = (Open, Module, Authnz, OpenIdShm, OpenIdRedis, OpenIdCookie, Form)
LABELS = {guard.name: guard.label for guard in ALL}


class Guards(rounds.Rounds):
    """The guards, running; what is missing is named."""

    def __init__(self, place):
        self.place = place
        self.load_binary = rounds.build_load(place)
        self.missing, self.contenders = {}, {}
        site = Site(place)
        for kind in ALL:
            try:
                self.contenders[kind.name] = kind(site)
            except Missing as why:
                self.missing[kind.label] = str(why)

    def can(self, _guard, _work, _way):
        return True

    def check(self):
        for guard in self.contenders.values():
            for work in works.PAGES.values():
                guard.check(work)

    def start_load(self, guard, work, _way, clients, seconds):
        requests = wire.write_requests(
            self.place.path(guard.name + ".requests"), guard.requests(work))
        clock = meter.Meter(guard.groups(work))
        return clock, self.load(
            requests, "{}:{}".format(*guard.apache.address), clients, seconds,
            "--speak", "http", "--kept")


def plan(clients=None):
    """(work, way, clients) of a run."""
    return [(work, works.APACHE, count) for work in works.PAGES
            for count in clients or CLIENTS]
