"""[mysql] url more than once: tried in turn, and the one that works is kept."""

import glob
import os
import socket
import time

import pytest

import certificates
import gate as gates
import groups
import people
import process
import stack
import taps
from outages import SLACK, is_down, logs_in
from test_mysql_tls import HERE, Secured
from test_redis_elsewhere import Named

GALERA = glob.glob("/usr/lib/galera*/libgalera_smm.so")


class Pair:
    """Two servers with the same user, whose name says which one answered."""

    def __init__(self, *servers, uid=77):
        self.first, self.second = self.servers = servers
        self.rows = [people.Users(server) for server in servers]
        for server, rows, name in zip(servers, self.rows, ("first", "second")):
            with server.admin() as sql:
                # a row is still there after a kill
                sql.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
                for host in ("localhost", "127.0.0.1"):
                    sql.execute("GRANT UPDATE ON sg.users "
                                f"TO 'sessgate'@'{host}'")
            self.user = rows.add(
                uid=uid, email=f"both{uid}@example.org", name=name)

    @property
    def url(self):
        return "\n".join(server.url for server in self.servers)

    def forget(self):
        for server, rows in zip(self.servers, self.rows):
            server.restore()
            be_read_only(server, False)
            rows.forget()


def be_read_only(server, is_on=True):
    with server.admin() as sql:
        sql.execute(f"SET GLOBAL read_only = {int(is_on)}")


def be_full(server, links):
    """Lets in no more than so many links of the program; 0: any number."""
    with server.admin() as sql:
        sql.execute("ALTER USER 'sessgate'@'localhost' "
                    f"WITH MAX_USER_CONNECTIONS {links}")


def answering(gate, user):
    """The name in the row that a login reads now; None: none could."""
    answer = gate.post("/login", user.login)
    return answer.json()["user"]["name"] if answer.status == 200 else None


@pytest.fixture(scope="module")
def servers(place, mysql_template):
    made = [stack.MySQL(place("m"), mysql_template) for _ in range(2)]
    yield made
    for server in made:
        server.kill()


@pytest.fixture
def pair(servers):
    for server in servers:
        server.restore()
    made = Pair(*servers)
    yield made
    made.forget()


def test_a_first_server_that_is_down_at_the_start_is_passed_over(
        start_gate, pair):
    pair.first.kill()
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(lambda: answering(gate, pair.user) == "second")
    left, = gate.events("mysql left")
    assert pair.first.path in left and "Can't connect" in left
    assert pair.second.path in gate.last_event("mysql ready")
    assert not gate.events("mysql lost")


def test_a_server_that_dies_under_load_is_left_and_not_gone_back_to(
        start_gate, pair):
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(lambda: answering(gate, pair.user) == "first")

    def login():
        return gate.post("/login", pair.user.login).status
    with groups.Load(*[login] * 4) as load:
        time.sleep(0.3)
        pair.first.kill()
        killed = time.monotonic()
        time.sleep(0.4 + 0.3 * SLACK)
    seen = load.of(*range(4))
    assert groups.first_success(seen, killed) < 0.3 * SLACK
    late = [one for one in groups.failures(seen)
            if one[0] > killed + 0.3 * SLACK]
    assert not late
    pair.first.start()
    time.sleep(1.2)  # longer than any pause of the breaker
    assert [answering(gate, pair.user) for _ in range(5)] == ["second"] * 5
    pair.second.kill()
    assert gate.heals(lambda: answering(gate, pair.user) == "first")
    assert len(gate.events("mysql left")) == 2


def test_a_frozen_server_is_left(start_gate, pair):
    gate = start_gate({"mysql.url": pair.url, "mysql.timeout": "200ms"})
    assert gate.heals(lambda: answering(gate, pair.user) == "first")
    pair.first.freeze()
    assert gate.heals(lambda: answering(gate, pair.user) == "second", within=3)
    said = gate.events("mysql left") + gate.events("mysql lost")
    assert pair.first.path in said[0]


def test_a_read_only_server_is_not_read_from_either(start_gate, pair):
    """It may be a replica that lacks a block or a change of password."""
    be_read_only(pair.first)
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(lambda: answering(gate, pair.user) == "second")
    assert "the server is read-only" in gate.first_event("mysql left")


def test_a_primary_that_becomes_a_replica_is_left_by_reads_in_a_second(
        start_gate, pair):
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(lambda: answering(gate, pair.user) == "first")
    be_read_only(pair.first)
    turned = time.monotonic()
    answers = []
    while time.monotonic() < turned + 1.5:
        answers.append((time.monotonic() - turned,
                        answering(gate, pair.user)))
        time.sleep(0.02)
    assert max((when for when, name in answers if name == "first"),
               default=0) < 1.0 + 0.3 * SLACK
    assert {name for _, name in answers} <= {"first", "second"}
    assert answers[-1][1] == "second"


def test_a_change_that_a_read_only_server_refuses_is_made_on_the_next(
        start_gate, pair):
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(logs_in(gate, pair.user))
    cookie = gate.log_in(pair.user)
    be_read_only(pair.first)
    answer = gate.ask("PATCH", "/user/me", cookie=cookie,
                      document={"image": "/new.png"})
    assert answer.status == 200, answer
    for server, image in ((pair.first, "/a.png"), (pair.second, "/new.png")):
        with server.admin() as sql:
            sql.execute("SELECT image FROM users WHERE id = 77")
            assert sql.fetchone() == (image,)


def test_without_a_server_that_takes_changes_nobody_logs_in(
        start_gate, pair):
    for server in pair.servers:
        be_read_only(server)
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(lambda: gate.events("mysql lost"))
    is_down(gate.post("/login", pair.user.login), "mysql_unavailable")
    lost, = gate.events("mysql lost")
    assert lost.count("the server is read-only") == 2
    be_read_only(pair.second, False)
    assert gate.heals(lambda: answering(gate, pair.user) == "second", within=3)


def test_a_full_server_is_not_left_while_its_links_work(start_gate, pair):
    gate = start_gate({"mysql.url": pair.url})
    assert gate.heals(logs_in(gate, pair.user))
    be_full(pair.first, 1)
    try:
        def wants_more_links():
            taps.together(12, lambda _: answering(gate, pair.user))
            return gate.events("mysql crowded")
        assert gate.heals(wants_more_links)
        assert answering(gate, pair.user) == "first"
        assert not gate.events("mysql left")
    finally:
        be_full(pair.first, 0)


def test_each_site_has_a_server_of_its_own(start_gate, pair, place):
    path = os.path.join(place("c"), "s.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"[mysql]\nurl = {pair.first.url}\n"
                   '[site "a"]\nredis.key_prefix = a:\n'
                   '[site "b"]\nredis.key_prefix = b:\n'
                   f"mysql.url = {pair.second.url}\n"
                   f"mysql.url = {pair.first.url}\n")
    gate = start_gate({"mysql.url": ""}, args=("--config", path),
                      SESSGATE_MYSQL_URL=pair.first.url)

    def named(site):
        answer = gate.post("/login", pair.user.login, SESSGATE_SITE=site)
        return answer.json()["user"]["name"] if answer.status == 200 else None
    assert gate.heals(lambda: (named("a"), named("b")) == ("first", "second"))
    pair.second.kill()
    assert gate.heals(lambda: named("b") == "first")
    left, = gate.events("mysql left")
    assert "site=b" in left


def test_a_check_of_the_configuration_speaks_of_each_server(stores, pair):
    def check():
        done = gates.run("--check-config",
                         settings={**stores, "mysql.url": pair.url})
        return done.returncode, done.stdout + done.stderr
    status, said = check()
    assert (status, "[mysql] url: works" in said) == (0, True)
    assert "warning" not in said
    be_read_only(pair.first)
    status, said = check()
    assert (status, "[mysql] url: works" in said) == (0, True)
    assert f"{pair.first.path}: the server is read-only" in said
    pair.second.kill()
    status, said = check()
    assert status != 0
    assert f"{pair.second.path}: Can't connect" in said
    assert "no server of the urls can be used" in said


def test_the_operators_tool_asks_the_server_that_is_in_use(ctl, pair):
    tool = ctl.with_settings({"mysql.url": pair.url})
    be_read_only(pair.first)
    said = tool("doctor", "--quick", "--verbose").out
    assert f"{pair.second.path}, the first of 2 servers" in said
    assert "nobody can change a profile" not in said
    printed = tool("config", "print").out
    assert printed.count("#url = (set, not shown)") == 3  # and that of Redis


def test_the_name_of_each_server_is_verified(
        start_gate, place, mysql_template, redis):
    """The second url's host is in the certificate of neither."""
    authority = certificates.Authority(place("ca"))
    servers = [Secured(place, mysql_template, authority) for _ in range(2)]
    servers[0].show(authority.issue("DNS:elsewhere.test"))
    pair = Pair(*servers)
    try:
        gate = start_gate({
            "mysql.url": "\n".join(server.tcp for server in servers),
            "mysql.tls": "verify", "mysql.tls_ca": authority.ca})
        assert gate.heals(lambda: answering(gate, pair.user) == "second")
        assert "the certificate must be for 127.0.0.1" in (
            gate.first_event("mysql left"))
        servers[0].show(authority.issue(*HERE))
        servers[1].kill()
        assert gate.heals(lambda: answering(gate, pair.user) == "first")
    finally:
        for server in servers:
            server.kill()


@pytest.mark.skipif(stack.IS_ORACLES, reason="Connector/C is told when to go on")
def test_a_name_with_a_silent_address_leads_to_the_next_one(
        start_gate, place, mysql_template):
    """At the first address a queue is full: the kernel answers nothing."""
    named = Named(place("h"), "127.0.0.2 db.test", "127.0.0.1 db.test")
    server = stack.MySQL(place("m"), mysql_template, tcp=True)
    full = socket.socket()
    waiting = [socket.socket() for _ in range(3)]
    try:
        user = people.Users(server).add()
        full.bind(("127.0.0.2", server.port))
        full.listen(0)
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", server.port))
        gate = start_gate({
            "mysql.url": server.url_through(("db.test", server.port)),
            "mysql.tls": "off"}, before=named.before)
        assert gate.heals(logs_in(gate, user), within=3)
        assert not gate.events("mysql lost")
    finally:
        for one in (full, *waiting):
            one.close()
        server.kill()


@pytest.mark.skipif(not GALERA, reason="galera-4 is not installed")
@pytest.mark.skipif(os.sched_getscheduler(0) != os.SCHED_OTHER,
                    reason="Galera gives its threads the usual class")
@pytest.mark.skipif(stack.IS_ORACLES, reason="Galera is MariaDB's")
def test_a_galera_node_that_is_not_ready_is_left(
        start_gate, pair, place, mysql_template):
    node = stack.MySQL(
        place("m"), mysql_template, "--wsrep-on=ON",
        f"--wsrep-provider={GALERA[0]}", "--wsrep-cluster-address=gcomm://",
        "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2",
        "--wsrep-provider-options=gmcast.listen_addr="
        f"tcp://127.0.0.1:{process.free_port()}")
    both = Pair(node, pair.second, uid=78)
    try:
        gate = start_gate({"mysql.url": both.url})
        assert gate.heals(lambda: answering(gate, both.user) == "first")
        with node.admin() as sql:
            sql.execute("SET GLOBAL wsrep_reject_queries = ALL")
        assert gate.heals(lambda: answering(gate, both.user) == "second")
        assert "WSREP has not yet prepared" in gate.first_event("mysql left")
    finally:
        node.kill()
