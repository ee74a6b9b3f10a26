"""Commands in the documents work and print what the documents show.

In README.md and doc/*.md every block marked `console` is typed line by line
and its output compared; blocks marked ini, lighttpd, apache and nginx are what
the servers of these tests run with.  In sessgate(8) it is what stands between
the comments `test NAME` and `end`.  The names that a reader would have to
replace are replaced here, by Site.place.
"""

import glob
import os
import re
import shutil
import subprocess

import pytest

import ctl as ctl_module
import gate as gates
import outages
import process
import stack
from test_web import Browser

pytestmark = pytest.mark.plain_build

TOP = stack.TOP
# texts that differ from run to run, and their replacements
MASKS = [(r"\r", ""), (r"(SESSION-TOKEN=)[\w-]{43}", r"\1TOKEN"),
         (r"(?m)^(Date|Server): .*$", r"\1: X"), (r"\b\d{13}\b", "MS"),
         (r"(?m)^[\w-]{16}(  \d{4}-)", r"HANDLE\1"),
         (r"\d{4}-\d\d-\d\d \d\d:\d\d", "DATE"),
         (r"\b\d+ s ago", "2 s ago"), (r"(?m)  (tests|-)$", "  AGENT"),
         (r"(?m)^sessgatectl: done, but the audit trail .*\n", "")]
LIMITS = {"login.limit_pair": "5/900", "login.limit_network": "20/900"}
HASH_OF_DEMO = "$2y$10$Trrs.mTstifNEgvFp1BT4.bvgBT2G9w7aOBkNk8GjlYGROQSuJEvy"


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def blocks(name, kind):
    """The fenced blocks of a document that are of this kind."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^\1```$", read(name),
                       re.M | re.S)
    return [re.sub(rf"(?m)^{indent}", "", text) for indent, text in found]


def manual(name):
    """An example of sessgate(8), as a reader sees it."""
    text = re.search(rf'^\.\\" test {name}\n(.*?)^\.\\" end$',
                     read("man/sessgate.8"), re.M | re.S)[1]
    shown = [s for s in text.splitlines() if not s.startswith(".")]
    return "\n".join(shown).replace("\\e", "\\") + "\n"


def transcript(text):
    """[(what is typed, what is then shown)]"""
    turns = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M)
    assert turns and text.startswith("$ ")
    return turns


def masked(text):
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    return text


def script(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)


class Site:
    """The setup that README.md describes, in a folder."""

    def __init__(self, folder, redis, mysql):
        self.folder, self.redis, self.mysql = folder, redis, mysql
        self.port = process.free_port()
        self.conf = os.path.join(folder, "sessgate.conf")
        self.sock = os.path.join(folder, "s.sock")
        self.bin = os.path.join(folder, "bin")
        os.mkdir(self.bin)
        # a copy: not every user may enter the folder of the build
        self.sessgate = os.path.join(self.bin, "sessgate")
        shutil.copy(gates.binary(), self.sessgate)
        os.chmod(self.sessgate, 0o755)
        shutil.copy(ctl_module.binary(), self.bin)
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(self.place(blocks("README.md", "ini")[0]))
            file.write("[ops]\naccess = 127.0.0.1\n")
        script(os.path.join(self.bin, "redis-cli"), f"""#!/bin/sh
exec {process.tool("redis-cli")} --no-raw -s {redis.path} "$@"
""")

    def place(self, text):
        """The text with this site's names in it."""
        for theirs, ours in (
                ("redis://127.0.0.1:6379/0", self.redis.url),
                ("mysql://sessgate:PASSWORD@localhost/example"
                 "?socket=/run/mysqld/mysqld.sock", self.mysql.url),
                ("/etc/sessgate/sessgate.conf", self.conf),
                ("/run/sessgate/sessgate.sock", self.sock),
                ("/run/sessgate", self.folder),
                ("127.0.0.1:8080", f"127.0.0.1:{self.port}"),
                ("/usr/local/sbin/sessgate", self.sessgate)):
            text = text.replace(theirs, ours)
        return text

    def env(self):
        env = gates.environment({}, SESSGATE_CONFIG=self.conf)
        env["PATH"] = os.pathsep.join((self.bin, process.PATH))
        return env

    def type(self, line):
        """The output of a shell in this folder for the line."""
        done = subprocess.run(
            ["sh", "-c", self.place(line)], cwd=self.folder, env=self.env(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=20, check=False)
        return done.stdout or done.stderr

    def start(self, argv):
        return process.Process(
            argv, os.path.join(self.folder, "sessgate.log"), env=self.env())


@pytest.fixture
def site(place, redis, mysql, users):
    """The site of README.md with its user, and the manual's."""
    made = Site(place("doc"), redis, mysql)
    users.add(uid=1, email="demo@example.org", name="Demo User",
              image="/images/demo.png", password="demo", hashed=HASH_OF_DEMO)
    yield made


@pytest.fixture
def started(site):
    """sessgate running as sessgate(8) says."""
    words = site.place(manual("listen")).replace("\\\n", " ").split()
    running = site.start([site.sessgate, *words[1:]])
    running.await_ready(lambda: process.can_connect(site.sock))
    os.chmod(site.sock, 0o666)  # a web server of the test has its own user
    yield site
    assert running.stop() == 0


class Configured(stack.Web):
    """A web server with a configuration out of a document."""

    def __init__(self, site, head, text, argv):
        super().__init__(site.folder)
        self.port = site.port
        self.text = head.format(port=self.port, folder=site.folder,
                                root=self.root) + site.place(text)
        self.argv = argv
        self.start()

    def launch(self):
        conf = self.write("web.conf", self.text)
        self.run([*self.argv, conf], "web.log")


LIGHTTPD = """
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/lighttpd-error.log"
server.modules = ( "mod_fastcgi" )
"""
APACHE = """
ServerName localhost
ServerRoot "{folder}"
DocumentRoot "{root}"
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/apache-error.log"
DefaultRuntimeDir "{folder}"
StartServers 1
"""
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ }}
http {{
access_log off;
client_body_temp_path {folder}/body;
fastcgi_temp_path {folder}/fastcgi;
proxy_temp_path {folder}/proxy;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
"""


def lighttpd(site, text):
    return Configured(site, LIGHTTPD, text,
                      [process.tool("lighttpd"), "-D", "-f"])


def apache(site, text, *modules):
    folder = stack.Apache.MODULES
    head = "".join(f"LoadModule {name}_module {folder}/mod_{name}.so\n"
                   for name in ("mpm_event", "authz_core", *modules))
    if not os.path.exists(f"{folder}/mod_{modules[-1]}.so"):
        process.lacking("mod_" + modules[-1])
    if stack.IS_ROOT:
        head += "User www-data\nGroup www-data\n"
    return Configured(site, head + APACHE, text,
                      [process.tool("apache2"), "-DFOREGROUND", "-f"])


def nginx(site, text):
    upstream, location = re.fullmatch(
        r"((?:upstream .*?)?)(location .*)", text, re.S).groups()
    text = (f"{upstream}\nserver {{ listen 127.0.0.1:{site.port};\n"
            f"{location} }} }}\n")
    return Configured(site, NGINX, text.replace(
        "include fastcgi_params", "include /etc/nginx/fastcgi_params"),
        [process.tool("nginx"), "-c"])


def log_in_and_out(port, user):
    """The story that every way to set it up has to tell."""
    browser = Browser(port)
    assert browser.ask("POST", "/login", user.login).status == 200
    assert browser.ask("GET", "/auth").status == 200
    assert browser.ask("GET", "/user/me").status == 200
    token = browser.cookie
    assert browser.ask("POST", "/logout", {}).status == 200
    browser.cookie = token
    assert browser.ask("GET", "/auth").status == 403


# transcripts

DOCUMENTS = ["README.md", *sorted(
    os.path.relpath(path, TOP)
    for path in glob.glob(os.path.join(TOP, "doc", "*.md")))]


def with_transcripts():
    return [name for name in DOCUMENTS if blocks(name, "console")]


def test_there_are_transcripts():
    assert {"README.md", "doc/operations.md"} <= set(with_transcripts())


@pytest.mark.parametrize("name", with_transcripts())
def test_what_transcripts_show_is_so(started, alice, name):
    if "--json" not in started.type("curl --help all"):
        process.lacking("curl with --json")
    web = lighttpd(started, blocks("README.md", "lighttpd")[0])
    browser = Browser(web.port)
    browser.ask("POST", "/login", alice.login)  # for those that look into Redis
    browser.ask("GET", "/user/42")
    try:
        for block in blocks(name, "console"):
            for line, shown in transcript(block):
                output = masked(started.type(line))
                assert output.rstrip("\n") == masked(shown).rstrip("\n"), line
    finally:
        web.stop()


def test_what_is_typed_stands_in_a_console_block():
    for name in DOCUMENTS:
        rest = re.sub(r"(?ms)^( *)```console\n.*?^\1```$", "", read(name))
        assert not re.search(r"(?m)^ *\$ ", rest), name


# configurations

def test_the_readme_configures_lighttpd(started, alice):
    web = lighttpd(started, blocks("README.md", "lighttpd")[0])
    log_in_and_out(web.port, alice)
    web.stop()


def test_the_readme_configures_mod_proxy_fcgi(started, alice):
    text = [s for s in blocks("README.md", "apache") if "ProxyPass" in s]
    web = apache(started, text[0], "proxy", "proxy_fcgi")
    log_in_and_out(web.port, alice)
    web.stop()


def readme_mod_fcgid():
    return [s for s in blocks("README.md", "apache") if "Fcgid" in s][0]


def test_the_readme_configures_mod_fcgid(site, alice):
    text = readme_mod_fcgid()
    os.chmod(site.folder, 0o777)  # for its sockets
    own = ("FcgidIPCDir {0}/fcgid\nFcgidProcessTableFile {0}/fcgid-table\n"
           .format(site.folder))
    web = apache(site, own + text, "fcgid")
    log_in_and_out(web.port, alice)
    web.stop()


def test_the_readme_configures_nginx(started, alice):
    web = nginx(started, blocks("README.md", "nginx")[0])
    log_in_and_out(web.port, alice)
    web.stop()


def test_spawn_fcgi_starts_it_as_the_manual_says(site):
    if not stack.IS_ROOT:
        pytest.skip("it gives the process another user, as root")
    process.tool("spawn-fcgi")
    text = manual("spawn-fcgi")
    text = re.sub(r"(-o|-u|-U) sessgate", r"\1 nobody", text)
    text = text.replace("-g sessgate", "-g nogroup")
    site.type(text)
    status = os.stat(site.sock)
    assert status.st_mode & 0o777 == 0o660
    with open(os.path.join(site.folder, "sessgate.pid"),
              encoding="ascii") as file:
        pid = int(file.read())
    try:
        assert process.can_connect(site.sock)
        assert os.stat(f"/proc/{pid}").st_uid == status.st_uid != 0
    finally:
        os.kill(pid, 15)
        process.until(lambda: not os.path.exists(f"/proc/{pid}"))


# the grants of the manual are enough

def grant(mysql, name):
    """Runs the manual's SQL, for an account that no other test has."""
    text = manual(name).replace("example.", mysql.DATABASE + ".").replace(
        "sessgate@localhost", "manual@localhost")
    with mysql.admin() as sql:
        for statement in filter(str.strip, text.split(";")):
            sql.execute(statement)


@pytest.fixture
def granted(own_mysql):
    grant(own_mysql, "mysql-grant")
    yield own_mysql.url.replace("sessgate:sql-secret", "manual:PASSWORD")
    with own_mysql.admin() as sql:
        sql.execute("DROP USER manual@localhost")


@pytest.mark.parametrize("refused", [set(), {"eval", "evalsha"}],
                         ids=["scripts", "transactions"])
def test_the_grants_of_the_manual_are_enough(
        start_gate, own_redis, own_mysql, bob, granted, refused):
    acl = manual("redis-acl").split() + ["-" + name for name in refused]
    own_redis.client.execute_command(*acl)
    own_redis.client.execute_command("ACL", "LOG", "RESET")
    for mode in ("sha256", "plain", "migrate"):
        gate = start_gate({
            "redis.url": f"unix://sessgate:PASSWORD@{own_redis.path}?db=1",
            "mysql.url": granted, "session.key": mode,
            "ops.access": "192.0.2.7", "session.idle": "1h",
            "session.max": "9", **LIMITS})
        cookie = gate.log_in(bob)
        for path in ("/auth", "/user/me", "/user/me", "/readyz"):
            assert gate.get(path, cookie).status == 200
        came = gate.ask("PATCH", "/user/me", cookie=cookie,
                        document={"name": "Robert"})
        assert came.json()["user"]["name"] == "Robert"
        assert gate.get("/user/999", cookie).status == 404
        other = gate.log_in(bob)
        (handle,) = [s["handle"] for s in gate.get(
            "/sessions", cookie).json()["sessions"] if not s["current"]]
        assert gate.post(f"/sessions/{handle}/end", cookie=cookie
                         ).status == 204
        assert gate.get("/auth", other).status == 403
        assert gate.post(
            "/logout/all", cookie=cookie,
            REQUEST_URI="/sessgate/logout/all?others=1").status == 200
        assert gate.get("/auth", cookie).status == 200
        own_redis.client.pexpire("sess:" + gates.hashed(
            cookie.partition("=")[2]), 100_000)
        assert gate.get("/auth", cookie).status == 200  # and touches
        assert gate.post("/logout", cookie=cookie).status == 200
        assert gate.get("/auth", cookie).status == 403
        assert not gate.events("redis refused")
        assert not gate.events("mysql statement failed")
    assert {row["object"] for row in own_redis.client.acl_log()} <= refused


def test_without_the_last_grant_profiles_are_only_read(
        start_gate, own_mysql, bob, granted):
    with own_mysql.admin() as sql:
        sql.execute("REVOKE UPDATE (name, image) ON sg.users "
                    "FROM manual@localhost")
    gate = start_gate({"mysql.url": granted})
    cookie = gate.log_in(bob)
    came = gate.ask("PATCH", "/user/me", cookie=cookie,
                    document={"name": "Rob"})
    assert (came.status, came.code) == (503, "mysql_unavailable")
    assert gate.get("/user/me", cookie).status == 200


def test_rehash_needs_its_grant(start_gate, own_mysql, bob, granted):
    """bob's form is bcrypt of cost 4; the statement is sessgate.conf(5)'s."""
    update = ("UPDATE users SET password = :hash "
              "WHERE id = :id AND password = :old")
    gate = start_gate({"mysql.url": granted, "login.rehash": "on",
                       "mysql.password_update": update})
    gate.log_in(bob)
    assert gate.events("password not rehashed")
    grant(own_mysql, "mysql-grant-rehash")
    assert gate.heals(lambda: gate.log_in(bob)
                      and gate.events("password rehashed"), 8)
    assert gate.log_in(bob)


# single claims that have no better place

def test_a_deleted_generation_logs_a_user_out_as_operations_says(
        gate, redis, alice):
    cookie = gate.log_in(alice)
    redis.client.delete("ugen:{42}")
    assert gate.get("/auth", cookie).status == 403


def test_pages_have_the_headers_that_security_md_says(gate, alice):
    own = {"HTTP_ORIGIN": "https://www.example.org"}
    for password in (alice.password, "wrong"):
        page = gate.ask(
            "POST", "/login", **own,
            body=f"email=alice@example.org&password={password}".encode(),
            content_type="application/x-www-form-urlencoded")
        assert page.status in (303, 401)
        assert page.header("X-Content-Type-Options") == "nosniff"
        assert page.header("Referrer-Policy") == "same-origin"
        for rule in ("default-src 'none'", "frame-ancestors 'none'",
                     "base-uri 'none'"):
            assert rule in page.header("Content-Security-Policy")


def test_the_path_rules_of_the_manual_are_rules(place):
    said = manual("path-rules")
    path = os.path.join(place("r"), "sessgate.conf")
    script(path, said)
    came = gates.run("--print-config", "--config", path,
                     settings={"mysql.user_state": "SELECT :id"},
                     DATABASE_URL="mysql://u:p@localhost/x")
    rules = re.findall(r"(?m)^rule = .+$", came.stdout)
    assert rules == said.splitlines()[1:], came.stderr


def test_the_schema_has_no_user():
    assert not re.search(r"(?i)\binsert\b", read("etc/schema.sql"))


def test_readyz_takes_a_write_as_operations_says(
        start_gate, own_redis, alice):
    gate = start_gate({"redis.url": own_redis.url, "ops.access": "192.0.2.7"})
    cookie = gate.log_in(alice)
    assert gate.get("/readyz").status == 200
    own_redis.client.config_set("maxmemory", "1")
    outages.is_down(gate.post("/login", alice.login), "redis_unavailable")
    outages.is_unready(gate, "redis_unavailable")
    assert gate.get("/auth", cookie).status == 200
