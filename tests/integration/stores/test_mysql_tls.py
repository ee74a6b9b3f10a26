"""TLS to MySQL: what each word of [mysql] tls accepts, and what it refuses."""

import os
import shutil
import time

import pytest

import certificates
import faults
import gate as gates
import metrics
import stack
import taps
from outages import SLACK, is_in_time, logs_in, refusals_are_quick
from people import Users

HERE = ("DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def authority(place):
    return certificates.Authority(place("ca"))


@pytest.fixture(scope="module")
def stranger(place):
    return certificates.Authority(place("ca"), "stranger")


class Secured(stack.MySQL):
    """A MariaDB with TLS, whose certificate can be replaced."""

    def __init__(self, place, template, authority):
        self.store = place("c")
        self.authority = authority
        self.right = authority.issue(*HERE)
        self.copy(self.right)
        super().__init__(place("m"), template,
                         f"--ssl-ca={authority.ca}",
                         f"--ssl-cert={self.store}/cert",
                         f"--ssl-key={self.store}/key", tcp=True)

    def copy(self, certificate):
        for name in ("cert", "key"):
            path = os.path.join(self.store, name)
            shutil.copyfile(getattr(certificate, name), path)
            os.chmod(path, 0o644)

    def show(self, certificate):
        self.copy(certificate)
        with self.admin() as sql:
            sql.execute("ALTER INSTANCE RELOAD TLS" if stack.IS_ORACLES
                        else "FLUSH SSL")

    def require(self, what):
        """Which connections of the program's account are let in."""
        with self.admin() as sql:
            sql.execute(f"ALTER USER '{self.USER}'@'127.0.0.1' REQUIRE {what}")

    @property
    def tcp(self):
        return self.url_through(("127.0.0.1", self.port))


@pytest.fixture(scope="module")
def secured_server(place, mysql_template, authority):
    server = Secured(place, mysql_template, authority)
    yield server
    server.kill()


@pytest.fixture
def secured(secured_server):
    yield secured_server
    secured_server.require("NONE")
    secured_server.show(secured_server.right)


def test_when_the_certificate_expires_is_a_metric(
        start_gate, secured, authority):
    gate = start_gate({"mysql.url": secured.tcp, "ops.access": "192.0.2.7",
                       "mysql.tls": "verify", "mysql.tls_ca": authority.ca})
    ends = lambda: metrics.scrape(gate).get(
        "certificate_expiry_time_seconds", {}).get('store="mysql"')
    assert gate.heals(ends)
    assert 299 * 86400 < ends() - time.time() < 301 * 86400


@pytest.fixture(scope="module")
def plain(place, mysql_template):
    """A MariaDB without TLS."""
    server = stack.MySQL(
        place("m"), mysql_template,
        "--tls-version=" if stack.IS_ORACLES else "--skip-ssl", tcp=True)
    yield server
    server.kill()


@pytest.fixture
def check(stores):
    """check(url, tls=.., tls_ca=..): what --check-config says."""

    def run(url, **settings):
        more = {**taps.PATIENT, "mysql.url": url,
                **{f"mysql.{key}": text for key, text in settings.items()}}
        result = gates.run("--check-config", settings={**stores, **more})
        said = result.stdout + result.stderr
        works = "[mysql] url: works" in said
        assert works == (result.returncode == 0), said
        return works, said
    return run


CASES = [
    # tls, whose certificate, names, days, whether it is accepted
    ("off", "authority", HERE, 300, True),
    ("auto", "authority", HERE, 300, True),
    ("required", "authority", HERE, 300, True),
    ("required", "stranger", ("DNS:other",), 300, True),
    ("verify-ca", "authority", HERE, 300, True),
    ("verify-ca", "authority", ("DNS:other",), 300, True),
    ("verify-ca", "stranger", HERE, 300, False),
    ("verify-ca", "authority", HERE, -1, False),
    ("verify", "authority", HERE, 300, True),
    ("verify", "authority", ("DNS:other",), 300, False),
    ("verify", "authority", ("IP:192.0.2.1",), 300, False),
    ("verify", "stranger", HERE, 300, False),
    ("verify", "authority", HERE, -1, False),
]


@pytest.mark.parametrize("tls,signer,names,days,works", CASES)
def test_what_each_mode_accepts(request, check, secured, authority, tls,
                                signer, names, days, works):
    secured.show(request.getfixturevalue(signer).issue(*names, days=days))
    is_encrypted = tls not in ("off", "auto")
    secured.require("SSL" if is_encrypted else "NONE")
    settings = {"tls": tls}
    if tls.startswith("verify"):
        settings["tls_ca"] = authority.ca
    came, said = check(secured.tcp, **settings)
    assert came == works, said
    if not works:
        assert "[mysql] url: TLS" in said, said
    if not works and tls == "verify":
        assert "(the certificate must be for 127.0.0.1)" in said, said


@pytest.mark.parametrize("mode,tls", [
    ("DISABLED", "off"), ("REQUIRED", "required"), ("VERIFY_CA", "verify-ca"),
    ("VERIFY_IDENTITY", "verify")])
def test_the_url_says_it_in_mysqls_words(check, secured, authority, mode, tls):
    secured.require("NONE" if tls == "off" else "SSL")
    url = f"{secured.tcp}?ssl-mode={mode}"
    if tls.startswith("verify"):
        url += f"&ssl-ca={authority.ca}"
    works, said = check(url)
    assert works, said
    printed = gates.run("--print-config", settings={"mysql.url": url}).stdout
    assert f"tls = auto\n# in force: {tls}\n" in printed


@pytest.mark.parametrize("host,tls", [
    ("localhost", "off"), ("127.0.0.1", "off"), ("127.9.9.9", "off"),
    ("[::1]", "off"), ("db.example.org", "verify"), ("192.0.2.1", "verify"),
    ("127.example.org", "verify"), ("[2001:db8::1]", "verify"),
    ("db.example.org/x?socket=/run/x", "off")])
def test_auto_verifies_whatever_is_not_this_machine(host, tls):
    url = f"mysql://u:p@{host}" + ("" if "/" in host else "/x")
    printed = gates.run("--print-config", settings={"mysql.url": url}).stdout
    assert f"tls = auto\n# in force: {tls}\n" in printed


@pytest.mark.parametrize("tls", ["required", "verify-ca", "verify"])
def test_a_server_without_tls_is_refused(check, plain, authority, tls):
    """Whatever the client library thinks of it."""
    settings = {} if tls == "required" else {"tls_ca": authority.ca}
    works, said = check(plain.url_through(("127.0.0.1", plain.port)),
                        tls=tls, **settings)
    assert not works
    assert "TLS" in said or "SSL" in said, said


def test_a_plain_connection_where_the_server_requires_tls_is_told(
        check, secured):
    secured.require("SSL")
    works, said = check(secured.tcp)
    assert not works and "Access denied" in said


def test_a_certificate_of_ours_is_shown(check, secured, authority):
    secured.require("X509")
    own = authority.issue("DNS:client")
    settings = {"tls": "verify", "tls_ca": authority.ca}
    works, said = check(secured.tcp, **settings)
    assert not works, said
    works, said = check(secured.tcp, **settings, tls_cert=own.cert,
                        tls_key=own.key)
    assert works, said
    assert f"[mysql] tls_key: others may read {own.key}" in said


CONTRADICTIONS = [
    ({"tls": "verify", "url": "?ssl-mode=REQUIRED"}, "contradicts ssl-mode"),
    ({"tls": "verify-ca"}, "verify-ca needs tls_ca"),
    ({"tls_ca": "/etc/group"}, "tls_ca: is for tls = verify"),
    ({"tls": "required", "tls_ca": "/etc/group"}, "tls_ca: is for tls"),
    ({"tls": "off", "tls_cert": "/etc/group", "tls_key": "/etc/group"},
     "tls_cert: has no effect without TLS"),
    ({"tls": "required", "tls_cert": "/etc/group"}, "tls_cert: needs tls_key"),
    ({"tls": "required", "tls_key": "/etc/group"}, "tls_key: needs tls_cert"),
    ({"tls": "verify", "tls_ca": "/no/such"}, "/no/such: No such file"),
    ({"tls": "verify", "tls_ca": "/etc/group", "url": "?ssl-ca=/etc/passwd"},
     "contradicts [mysql] tls_ca"),
]


@pytest.mark.parametrize("settings,words", CONTRADICTIONS)
def test_contradictions_are_errors_with_their_line(
        stores, place, settings, words):
    path = os.path.join(place("f"), "conf")
    settings = {**settings, "url": "mysql://u:p@127.0.0.1/x"
                + settings.get("url", "")}
    with open(path, "w", encoding="utf-8") as file:
        file.write("[mysql]\n" + "".join(
            f"{key} = {text}\n" for key, text in settings.items()))
    result = gates.run("--check-config", "--config", path,
                       SESSGATE_REDIS_URL=stores["redis.url"])
    assert result.returncode == 78
    assert words in result.stderr, result.stderr
    assert result.stderr.startswith(path + ":"), result.stderr


@pytest.fixture
def carol(secured):
    users = Users(secured)
    yield users.add()
    users.forget()


def test_logins_and_profiles_work_over_tls(
        start_gate, secured, authority, carol):
    secured.require("SSL")
    gate = start_gate({"mysql.url": secured.tcp, "mysql.tls": "verify",
                       "mysql.tls_ca": authority.ca})
    for _ in range(4):
        cookie = gate.log_in(carol)
        assert gate.get("/user/me", cookie).status == 200
        secured.kill_links()
    assert gate.heals(logs_in(gate, carol))


@pytest.mark.parametrize("fault", ["dripping", "silent", "garbage", "cut"])
def test_a_handshake_that_never_ends_keeps_the_deadlines(
        start_gate, secured, authority, carol, fault):
    with faults.FaultProxy(("127.0.0.1", secured.port)) as proxy:
        {"dripping": lambda: proxy.drip(0.03), "silent": proxy.black_hole,
         "garbage": lambda: proxy.garbage(b"\x16\x03\x03\x02\0" * 99),
         "cut": lambda: proxy.cut(300)}[fault]()
        gate = start_gate({"mysql.url": secured.url_through(proxy.address),
                           "mysql.tls": "verify",
                           "mysql.tls_ca": authority.ca})
        for _ in range(3):
            is_in_time(lambda: gate.post("/login", carol.login), 1.8,
                       "mysql_unavailable")
        assert gate.heals(lambda: gate.events("mysql lost"))
        refusals_are_quick(lambda: gate.post("/login", carol.login),
                           "mysql_unavailable") if fault == "cut" else None
        proxy.deliver()
        proxy.drop()
        assert gate.heals(logs_in(gate, carol), within=4)


def test_it_stops_in_time_within_a_handshake(
        start_gate, secured, authority, carol, ended):
    with faults.FaultProxy(("127.0.0.1", secured.port)) as proxy:
        proxy.drip(0.03)
        gate = start_gate({"mysql.url": secured.url_through(proxy.address),
                           "mysql.tls": "verify",
                           "mysql.tls_ca": authority.ca})
        _, took = gates.timed(lambda: (gate.tell(15), ended(gate)))
        assert took < 3 * SLACK
