"""Fixtures: the servers once a run, the program once a run or once a test."""

import collections
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

# A test may use what stands in a test of another theme.
sys.path += map(str, pathlib.Path(__file__).parent.glob("[a-z]*/"))

pytest.register_assert_rewrite("gate", "outages", "saying")

import ctl as ctl_module
import gate as gate_module
import groups
import otp
import people
import process
import sites
import stack
import taps


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows, under a failed test, what the servers logged lately."""
    report = (yield).get_result()
    if not report.failed:
        return
    for path in dict.fromkeys(p.log for p in (*process.started, *RUNNING)):
        new = process.text_of(path, SEEN.get(path, 0))
        if new:
            name = "/".join(path.split("/")[-2:])
            report.sections.append((f"log {name}", new[-6000:]))


def pytest_sessionstart(session):
    """A run that is told to stop still runs the ends of its fixtures."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to stop"))


# Those that take the longest: begun last, they would keep one process busy
# after all others have ended.
LONGEST = [f"test_{name}.py" for name in """
    redis_elsewhere walk products browser sentinel sql_settings servers
    limits_login ends cluster login gate_outages redis_errors records bench
    ctl_block waits passwords accounts sql_values memory listeners web
    quickstart slow_readers races password_change gate_refusals
    redis_tls""".split()]


def begin(item):
    """A file's turn; those of one turn stay in their order."""
    name = item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def cases_with_sanitizers(item):
    """How many cases of a test the build with sanitizers runs.

    One: the others run the same code of ours with other values, which the plain
    build judges, and what parses bytes has unit tests and fuzz targets of its
    own.  A marker may say more.  None of a test that measures time, which
    sanitizers change.
    """
    mark = item.get_closest_marker("sanitized")
    if mark is not None:
        return mark.args[0]
    if item.get_closest_marker("alone"):
        return 0
    return sys.maxsize if taps.LONG else 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """The longest files first; leaves some cases to the plain build."""
    items.sort(key=begin)
    count = collections.Counter()
    for item in items:
        name = item.nodeid.partition("[")[0]
        count[name] += 1
        if count[name] > cases_with_sanitizers(item):
            item.add_marker("plain_build")


RUNNING = []  # gates, for the logs of those that no Process has
SEEN = {}  # bytes of each log when the test began


def pytest_runtest_setup(item):
    process.started[:] = [
        p for p in process.started if p.is_running()]
    for server in process.started:
        SEEN[server.log] = os.path.getsize(server.log)


@pytest.fixture(scope="session")
def place():
    """A folder for the run's servers; place(name) makes one inside it."""
    base = process.short_folder()
    count = iter(range(10 ** 6))

    def make(name="x"):
        path = os.path.join(base, f"{name}{next(count)}")
        os.mkdir(path)
        return path

    make.base = base
    yield make
    for server in process.started:
        server.kill()
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server(place):
    server = stack.Redis(place("r"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mysql_template(place):
    """Made once for all processes where SESSGATE_TEST_TEMPLATE names it."""
    kept = os.environ.get("SESSGATE_TEST_TEMPLATE")
    if not kept:
        return stack.MySQL.make_template(place("t"))
    with open(kept + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(kept):
            made = stack.MySQL.make_template(place("t"))
            subprocess.run(["cp", "-a", made, kept + ".new"], check=True)
            os.rename(kept + ".new", kept)
    return kept


@pytest.fixture(scope="session")
def mysql_server(place, mysql_template):
    server = stack.MySQL(place("m"), mysql_template)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def changer(mysql_server):
    """An SQL account that may change rows."""
    account = taps.Account(mysql_server, "changer")
    yield account
    account.drop()


@pytest.fixture(scope="module")
def factors(mysql_server):
    """Second factors of users, in a table of their own."""
    made = otp.Factors(mysql_server)
    yield made
    made.close()


@pytest.fixture
def template(place):
    """template(text): the path of a file with it, for [login] page."""
    def write(text):
        path = os.path.join(place("t"), "page.html")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path
    return write


@pytest.fixture
def redis(redis_server):
    """The run's Redis, empty."""
    redis_server.client.flushall()
    return redis_server


@pytest.fixture
def mysql(mysql_server):
    return mysql_server


@pytest.fixture
def users(mysql):
    people_here = people.Users(mysql)
    yield people_here
    people_here.forget()


@pytest.fixture
def alice(users):
    """The user of the contract's examples."""
    return users.add(uid=42, email="alice@example.org")


@pytest.fixture(scope="session")
def stores(redis_server, mysql_server):
    """Settings that name the run's stores.

    Redis has longer to answer than the 100 ms of a unix socket: on a machine
    with other work it waits for a processor, and that is no outage.  A test
    that needs the default sets 0.
    """
    return {"redis.url": redis_server.url, "mysql.url": mysql_server.url,
            "redis.command_timeout": f"{int(200 * process.SLACK)}ms"}


def end(gate):
    """A gate must still run at the end of its test, and stop well."""
    RUNNING.remove(gate)
    lives = gate.is_running()
    status = gate.stop()
    assert lives, f"the program ended by itself, status {status}"
    assert status == 0, f"the program exited with {status}"


@pytest.fixture(scope="session")
def shared_gate(place, stores):
    gate = gate_module.Gate(
        place("g"), {**stores, "ops.access": "192.0.2.7"})
    RUNNING.append(gate)
    yield gate
    end(gate)


@pytest.fixture
def gate(shared_gate, redis):
    """The run's program with default settings, its Redis emptied."""
    assert shared_gate.is_running(), "an earlier test ended the program"
    yield shared_gate
    assert shared_gate.is_running(), "this test ended the program"


@pytest.fixture
def start_gate(place, stores, redis):
    """start_gate({"section.key": value}, how=..): one more, for this test."""
    gates = []

    def start(settings=None, **kind):
        gate = gate_module.Gate(
            place("g"), {**stores, **(settings or {})}, **kind)
        gates.append(gate)
        RUNNING.append(gate)
        return gate

    yield start
    wrong = []
    for gate in reversed(gates):
        if gate not in RUNNING:
            continue
        try:
            end(gate)
        except (AssertionError, RuntimeError) as why:
            wrong.append(str(why))
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def ended():
    """ended(gate): this gate was stopped by the test itself; its status."""

    def wait(gate, within=10.0):
        status = gate.process.wait(within)
        assert status is not None, "the program runs on"
        RUNNING.remove(gate)
        gate.stop()
        return status

    return wait


@pytest.fixture(scope="module")
def module_gate(place, stores):
    """module_gate({..}): one for all tests of a module with the settings."""
    gates = {}

    def start(settings=None):
        settings = settings or {}
        name = repr(sorted(settings.items()))
        if name not in gates:
            gates[name] = gate_module.Gate(
                place("g"), {**stores, **settings})
            RUNNING.append(gates[name])
        assert gates[name].is_running(), "an earlier test ended the program"
        return gates[name]

    yield start
    for gate in gates.values():
        end(gate)


@pytest.fixture
def start_site(place, stores, redis):
    """start_site(kind, settings, **attributes): a visitor of a new site."""
    with contextlib.ExitStack() as ends:
        def start(kind=sites.ApacheModule, settings=None, **attributes):
            site = type("Row", (kind,), attributes)(
                place("w"), {**stores, "log.target": "stderr", **taps.PATIENT,
                             **(settings or {})})
            ends.callback(site.close)
            visitor = sites.Visitor(site.port)
            visitor.site = site
            return visitor
        yield start


@pytest.fixture
def own_redis(place):
    """A Redis that the test may break."""
    server = stack.Redis(place("r"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def frail_redis(place):
    """A Redis that the tests of a file may break."""
    server = stack.Redis(place("r"))
    yield server
    server.kill()


@pytest.fixture
def group(place):
    """A primary with replicas, watched by Sentinels."""
    process.tool("redis-sentinel")
    made = groups.Group(place)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def breakable_mysql(place, mysql_template):
    server = stack.MySQL(place("m"), mysql_template)
    yield server
    server.kill()


@pytest.fixture
def own_mysql(breakable_mysql):
    """A MariaDB that the test may break: mended before and after it."""
    breakable_mysql.restore()
    yield breakable_mysql
    breakable_mysql.restore()


@pytest.fixture
def bob(own_mysql):
    """A user of own_mysql."""
    users = people.Users(own_mysql)
    yield users.add()
    own_mysql.restore()
    users.forget()


@pytest.fixture
def ctl(stores, redis):
    """ctl("sessions", USER): the operator's tool on the run's stores."""
    return ctl_module.Ctl({**stores, **taps.PATIENT})
