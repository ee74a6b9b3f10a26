"""Several sites in one process: who is chosen, and what keeps them apart.

Two sites with equal user ids in tables of their own; everything else, Redis
and the database account included, they share.
"""

import collections
import concurrent.futures
import http.client
import json
import os
import time

import pytest

import faults
import fcgi
import gate as gates
import people
import process
import saying
import servers
from test_docs import manual

CONF = """
[site "shop"]
cookie.name = __Host-SHOP
redis.key_prefix = shop:
mysql.user_by_login = SELECT id, email AS login, name, email, image, \\
  password AS hash FROM shop_users WHERE email = :login
mysql.user_by_id = SELECT id, email AS login, name, email, image \\
  FROM shop_users WHERE id = :id

[site "forum"]
cookie.name = __Host-FORUM
redis.key_prefix = forum:
session.life = 1d
mysql.user_by_login = SELECT id, email AS login, name, email, image, \\
  password AS hash FROM forum_users WHERE email = :login
mysql.user_by_id = SELECT id, email AS login, name, email, image \\
  FROM forum_users WHERE id = :id
"""
SHOP, FORUM = {"SESSGATE_SITE": "shop"}, {"SESSGATE_SITE": "forum"}
NAMES = {"shop": "__Host-SHOP", "forum": "__Host-FORUM"}
CAROL = {"email": "carol@example.org", "password": people.PASSWORD}
DAVE = {"email": "dave@example.org", "password": "another horse"}


@pytest.fixture(scope="module")
def tables(mysql_server):
    """User 42 is Carol in the shop, and Dave in the forum."""
    with mysql_server.admin() as sql:
        for site, name, person in (("shop", "Carol", CAROL),
                                   ("forum", "Dave", DAVE)):
            sql.execute(f"CREATE TABLE {site}_users LIKE users")
            sql.execute(
                f"INSERT INTO {site}_users (id, email, name, password) "
                "VALUES (42, %s, %s, %s)",
                (person["email"], name, people.bcrypt(person["password"])))
    yield mysql_server
    with mysql_server.admin() as sql:
        for site in ("shop", "forum"):
            sql.execute(f"DROP TABLE {site}_users")


@pytest.fixture
def write(place):
    folder = place("c")

    def write(text):
        path = os.path.join(folder, "sessgate.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    return write


@pytest.fixture
def start(start_gate, write, tables):
    """start(settings of all, text=CONF): the two sites."""

    def start(settings=None, text=CONF, **kind):
        return start_gate(settings, args=["--config", write(text)], **kind)

    return start


@pytest.fixture
def town(start):
    return start({"ops.access": "192.0.2.7"})


def log_in(gate, person, site):
    answer = gate.post("/login", person, **site)
    assert answer.status == 200, answer
    return gates.Cookie(answer.all("Set-Cookie")[0])


def is_refused(answer):
    saying.says_no(answer, 403, "Forbidden", "forbidden")


# apart

def test_each_site_has_users_of_its_own(town):
    for person, name, site, other in ((CAROL, "Carol", SHOP, FORUM),
                                      (DAVE, "Dave", FORUM, SHOP)):
        answer = town.post("/login", person, **site)
        assert answer.json()["user"] == {
            "id": "42", "name": name, "email": person["email"]}
        assert town.post("/login", person, **other).status == 401


def test_each_site_has_settings_of_its_own(town, redis):
    shop, forum = log_in(town, CAROL, SHOP), log_in(town, DAVE, FORUM)
    assert (shop.name, forum.name) == ("__Host-SHOP", "__Host-FORUM")
    assert "Max-Age=604800" in shop.attributes
    assert "Max-Age=86400" in forum.attributes
    keys = sorted(k for k in redis.client.keys()
                  if not k.startswith("probe:"))  # of other programs
    hashes = [gates.hashed(c.value) for c in (shop, forum)]
    assert [k for k in keys if ":sess:" in k] == [
        f"forum:sess:{hashes[1]}", f"shop:sess:{hashes[0]}"]
    assert all(k.startswith(("shop:", "forum:")) for k in keys)


@pytest.mark.parametrize("key", ["sha256", "plain", "migrate"])
def test_a_token_of_one_site_is_worth_nothing_on_another(start, redis, key):
    gate = start({"session.key": key, "cookie.compat": "off"})
    for person, mine, other in ((CAROL, SHOP, FORUM), (DAVE, FORUM, SHOP)):
        cookie = log_in(gate, person, mine)
        assert gate.get("/auth", cookie.pair, **mine).status == 200
        stolen = f"{NAMES[other['SESSGATE_SITE']]}={cookie.value}"
        for answer in (gate.get("/auth", stolen, **other),
                       gate.get("/user/42", stolen, **other)):
            saying.says_no(
                answer, 403, "Invalid or expired session", "session_invalid")
        assert gate.get("/auth", cookie.pair, **other).code == "token_missing"
        # nor does the other site end it
        gate.post("/logout", {}, stolen, **other)
        assert gate.get("/auth", cookie.pair, **mine).status == 200
    held = [key for key in redis.client.keys("*sess:*") if "usess:" not in key]
    assert len(held) == 2 and all(":sess:" in name for name in held)


@pytest.mark.parametrize("role", [
    {"role": fcgi.AUTHORIZER}, {"SESSGATE_ROLE": "gate"}])
def test_the_gate_of_one_site_does_not_open_with_another(town, role):
    cookie = log_in(town, CAROL, SHOP)
    good = town.get("/", cookie.pair, **SHOP, **role)
    assert good.status == 200
    assert CAROL["email"] in dict(good.headers).values()
    stolen = f"{cookie.pair}; __Host-FORUM={cookie.value}"
    assert town.get("/", stolen, **FORUM, **role).status == 401


def test_a_secret_that_sites_share_signs_for_each_alone(start, redis, place):
    """A tag of another site's does not get as far as Redis."""
    path = os.path.join(place("k"), "secrets")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w",
              encoding="ascii") as file:
        file.write("0123456789abcdef0123456789abcdef\n")
    gate = start({"session.secret_file": path})
    cookie = log_in(gate, CAROL, SHOP)
    assert len(cookie.value) == 43 + 1 + 22
    assert gate.get("/auth", cookie.pair, **SHOP).status == 200
    with redis.watch() as lines:
        answer = gate.get("/auth", f"__Host-FORUM={cookie.value}", **FORUM)
    assert answer.code == "session_invalid"
    assert not lines


def test_failed_logins_of_one_site_are_not_another_ones(start):
    gate = start({"login.limit_pair": "2/900"},
                 text=CONF + "login.limit_pair = 3/900\n")
    wrong = {"email": "carol@example.org", "password": "x"}
    for site, most in ((SHOP, 2), (FORUM, 3)):
        for _ in range(most):
            assert gate.post("/login", wrong, **site).status == 401
        assert gate.post("/login", wrong, **site).status == 429


def test_each_site_has_rules_of_its_own(start):
    gate = start({"gate.rule": "/open public"},
                 text=CONF + "gate.rule = /free public\n")
    seen = {(site["SESSGATE_SITE"], path): gate.get(
        path, REQUEST_URI=path, SESSGATE_ROLE="gate", **site).status
            for site in (SHOP, FORUM) for path in ("/open", "/free")}
    assert seen == {("shop", "/open"): 200, ("shop", "/free"): 401,
                    ("forum", "/open"): 401, ("forum", "/free"): 200}


def test_each_site_has_a_page_of_its_own(start, place, write, stores):
    page = os.path.join(place("p"), "forum.html")
    with open(page, "w", encoding="utf-8") as file:
        file.write("<p>The forum.</p>{{#login}}<form></form>{{/login}}")
    gate = start(text=CONF + f"login.page = {page}\n")
    assert "The forum." in gate.get("/login", **FORUM).text
    assert "The forum." not in gate.get("/login", **SHOP).text
    with open(page, "a", encoding="utf-8") as file:
        file.write("{{#login}}")
    result = gates.run("--check-config", "--config",
                       write(CONF + f"login.page = {page}\n"),
                       settings=stores)
    assert result.returncode == 78
    assert result.stderr.count(f"{page}:1: ") == 1


def test_one_site_may_keep_the_layout_of_a_node_application(start, redis):
    gate = start(text=CONF.replace(
        "redis.key_prefix = shop:", "redis.key_prefix =\nsession.key = plain"))
    cookie = log_in(gate, CAROL, SHOP)
    assert redis.client.exists(f"sess:{cookie.value}")
    stolen = f"__Host-FORUM={cookie.value}"
    assert gate.get("/auth", stolen, **FORUM).code == "session_invalid"


def test_equal_ids_do_not_meet_in_the_cache(town):
    shop, forum = log_in(town, CAROL, SHOP), log_in(town, DAVE, FORUM)
    for _ in range(2):
        for cookie, site, name in ((shop, SHOP, "Carol"),
                                   (forum, FORUM, "Dave")):
            answer = town.get("/user/42", cookie.pair, **site)
            assert answer.json()["user"]["name"] == name
    assert answer.message == "User fetched (cache)"


# chosen

ROLES = [
    {}, {"role": fcgi.AUTHORIZER}, {"SESSGATE_ROLE": "gate"},
    {"SESSGATE_ROLE": "login-redirect"}, {"SESSGATE_ROLE": "nonsense"}]


@pytest.mark.sanitized(6)
@pytest.mark.parametrize("site", [
    {}, {"SESSGATE_SITE": ""}, {"SESSGATE_SITE": "Shop"},
    {"SESSGATE_SITE": "shop "}, {"SESSGATE_SITE": "sho"},
    {"SESSGATE_SITE": "shop,forum"}, {"SESSGATE_SITE": "x" * 5000}])
@pytest.mark.parametrize("role", ROLES)
def test_without_a_known_site_nothing_is_served(town, site, role):
    cookie = log_in(town, CAROL, SHOP).pair
    for method, path in (("GET", "/auth"), ("POST", "/login"),
                         ("OPTIONS", "/auth"), ("GET", "/healthz"),
                         ("GET", "/nowhere"), ("PUT", "/../x")):
        is_refused(town.ask(method, path, cookie=cookie, **site, **role))


def test_an_unknown_site_is_told_now_and_then(town):
    for _ in range(5):
        town.get(SESSGATE_SITE="stall")
    lines = town.events("site unknown")
    assert len(lines) == 1 and lines[0].endswith("site unknown name=stall")


FORGED = [
    {"HTTP_HOST": "shop"}, {"SERVER_NAME": "shop"},
    {"HTTP_SESSGATE_SITE": "shop"}, {"HTTP_X_SESSGATE_SITE": "shop"},
    {"REDIRECT_SESSGATE_SITE": "shop"}, {"sessgate_site": "shop"},
    {"QUERY_STRING": "SESSGATE_SITE=shop"},
    {"HTTP_HOST": "shop.example.org", "SERVER_NAME": "shop.example.org",
     "REQUEST_URI": "http://shop.example.org/sessgate/auth"}]


@pytest.mark.parametrize("forged", FORGED)
def test_what_a_client_says_chooses_nothing(town, forged):
    shop, forum = log_in(town, CAROL, SHOP), log_in(town, DAVE, FORUM)
    both = f"{shop.pair}; {forum.pair}"
    is_refused(town.get("/auth", both, **forged))
    answer = town.get("/auth", both, **forged, **FORUM)
    assert answer.json()["user"]["name"] == "Dave"


def test_the_listener_chooses_and_wins(start, place):
    folder = place("l")
    paths = {site: os.path.join(folder, site) for site in NAMES}
    gate = start(listen=[f"unix:{path},site={site}"
                         for site, path in paths.items()])
    for site, person in (("shop", CAROL), ("forum", DAVE)):
        gate.address = paths[site]
        for said in ({}, SHOP, FORUM, {"SESSGATE_SITE": "none"}):
            assert log_in(gate, person, said).name == NAMES[site]
    gate.address = gate.path
    is_refused(gate.get())


def test_a_listener_of_a_site_may_be_for_the_gate_alone(start, place):
    path = os.path.join(place("l"), "s")
    gate = start(listen=[f"unix:{path},site=shop,role=gate"])
    gate.address = path
    is_refused(gate.post("/login", CAROL, **SHOP))


@pytest.mark.parametrize("text, name", [
    (CONF, "stall"), (CONF, "Shop"), (CONF, ""), (CONF, "x" * 40),
    ("", "shop")])
def test_a_listener_of_an_unknown_site_is_a_usage_error(
        stores, write, place, text, name):
    path = os.path.join(place("l"), "s")
    result = gates.run("--config", write(text), "--listen",
                       f"unix:{path},site={name}", settings=stores)
    assert result.returncode == 64
    assert result.stderr.startswith(f"sessgate: --listen unix:{path},site=")
    assert not os.path.exists(path)


def test_without_sections_the_parameter_is_ignored(gate, alice):
    for site in (SHOP, {"SESSGATE_SITE": ""}, {"SESSGATE_SITE": "x/y"}):
        assert gate.post("/login", alice.login, **site).status == 200


# where the line that the manual has for each web server belongs
SERVERS = {
    "nginx": lambda text, line: text.replace(
        "  fastcgi_pass", f"  {line}  fastcgi_pass"),
    "lighttpd": lambda text, line:
        f'server.modules += ( "mod_setenv" )\n{line}{text}',
    "apache": lambda text, line: line + text,
    "haproxy": lambda text, line: text.replace(
        "\nfcgi-app sessgate\n", f"\nfcgi-app sessgate\n{line}")}


def front_of_shop(kind, folder, settings):
    """That web server, set up for the shop as the manual says."""
    line = manual(f"site-{kind}")

    class Front(servers.KINDS[kind]):
        modules = (*getattr(servers.KINDS[kind], "modules", ()), "setenvif")

        def write(self, name, text):
            if name == "sessgate.conf":
                text += CONF
            return super().write(name, text)

        def printed(self, name):
            text = super().printed(name)
            changed = SERVERS[kind](text, line)
            assert changed != text or name == "haproxy-frontend"
            return changed

    return Front(folder, settings)


def browse(port, person, headers):
    """A login by a browser that says who it thinks it talks to."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("POST", "/sessgate/login", json.dumps(person), {
        "Content-Type": "application/json", **headers})
    answer = servers.Answer(line.getresponse())
    line.close()
    return answer


@pytest.mark.parametrize("kind", SERVERS)
def test_the_web_server_names_the_site(kind, place, stores, redis, tables):
    front = front_of_shop(kind, place("w"), stores)
    try:
        for said in ({}, {"Host": "forum"}, {"Sessgate-Site": "forum"},
                     {"SESSGATE_SITE": "forum"}):
            answer = browse(front.port, CAROL, said)
            assert answer.status == 200, answer
            assert "__Host-SHOP=" in answer.headers["Set-Cookie"]
            assert browse(front.port, DAVE, said).status == 401
    finally:
        front.close()


# beside each other

@pytest.mark.plain_build
def test_slow_sql_of_one_site_does_not_slow_another(start):
    """Far more forum logins than there are places for SQL and for hashing."""
    slow = CONF.replace("FROM forum_users WHERE email = :login",
                        "FROM forum_users WHERE email = :login "
                        "AND SLEEP(0.6) = 0")
    # time for four turns of two, whatever else the machine does
    gate = start({"login.hash_threads": 2, "mysql.connections": 4,
                  "login.hash_timeout": "4s", "mysql.timeout": "3s",
                  "server.deadline": "8s"}, text=slow)
    log_in(gate, CAROL, SHOP)  # the link is open
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        logins = [pool.submit(gate.post, "/login", DAVE, timeout=20, **FORUM)
                  for _ in range(24)]
        time.sleep(0.2)
        took = [gates.timed(log_in, gate, CAROL, SHOP)[1] for _ in range(10)]
        # the machine may stall under one of them
        assert sorted(took)[-2] < 0.3 * process.SLACK, took
        assert any(not login.done() for login in logins)
        # two at a time, 1.2 s each: those that began first are finished first
        statuses = collections.Counter(
            login.result().status for login in logins)
        assert set(statuses) == {200, 503}
        assert statuses[200] >= 3


def test_a_database_that_is_away_is_one_sites_matter(start, tables, place):
    nowhere = tables.url_through(os.path.join(place("n"), "m.sock"))
    gate = start(text=CONF + f"mysql.url = {nowhere}\n")
    assert gate.heals(lambda: gate.events("mysql lost"))
    for _ in range(3):
        assert log_in(gate, CAROL, SHOP).name == "__Host-SHOP"
        assert gate.post("/login", DAVE, **FORUM).code == "mysql_unavailable"
    assert all(" site=forum " in line for line in gate.events("mysql lost"))
    assert all(" site=shop " in line for line in gate.events("mysql ready"))
    assert "sql-secret" not in gate.log_text()


def test_a_stop_waits_for_all_dripping_databases_at_once(
        start, tables, place, ended):
    path = os.path.join(place("p"), "p.sock")
    with faults.FaultProxy(tables.path, path) as proxy:
        proxy.refuse()
        gate = start(text="".join(
            f'[site "s{n}"]\nredis.key_prefix = s{n}:\n'
            f"mysql.url = {tables.url_through(path)}\n" for n in range(8)))
        time.sleep(1.5)  # from now on each tries at its own time
        proxy.deliver()
        proxy.drip(0.2)
        time.sleep(1.2)
        begin = time.monotonic()
        gate.tell(15)
        ended(gate)
        assert time.monotonic() - begin < 2 * process.SLACK


# told

def test_check_config_names_each_site(stores, write, tables, redis):
    redis.client.set("shop:sess:" + "t" * 43, '{"userId":"42"}', ex=100)
    result = gates.run("--check-config", "--config", write(CONF),
                       settings=stores)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "[redis] url: works", 'site "shop": [mysql] url: works',
        'site "forum": [mysql] url: works', "configuration: works"]
    assert 'warning: site "shop": Redis has sessions of' in result.stderr
    assert 'site "forum"' not in result.stderr


def test_check_config_prepares_the_sql_of_each_site(stores, write, tables):
    text = CONF.replace("FROM forum_users WHERE id", "FROM no_users WHERE id")
    path = write(text)
    result = gates.run("--check-config", "--config", path,
                       settings=stores)
    assert result.returncode == 78
    assert 'site "shop": [mysql] url: works' in result.stdout
    number = next(n for n, line in enumerate(text.splitlines())
                  if "no_users" in line)  # of the line before
    assert (f'site "forum": {path}:{number}: [mysql] user_by_id: '
            in result.stderr), result.stderr
    assert "configuration: works" not in result.stdout


def test_a_site_with_wrong_sql_is_named_at_the_start(stores, write):
    text = CONF + "mysql.user_update = UPDATE t SET x = :x\n"
    result = gates.run(
        "--config", write(text), "--listen",
        f"unix:{os.path.dirname(write(text))}/s", settings=stores)
    assert result.returncode == 71
    assert "start failed" in result.stderr
    assert r'site \"forum\": user_update' in result.stderr


def test_what_is_printed_of_sites_can_be_read_again(stores, write):
    text = CONF + "mysql.url = mysql://u:HIDDEN@localhost/d\n"
    first = gates.run("--print-config", "--config", write(text),
                      settings=stores)
    assert first.returncode == 0, first.stderr
    assert "HIDDEN" not in first.stdout
    assert "#mysql.url = (set, not shown)" in first.stdout
    again = gates.run("--print-config", "--config", write(first.stdout),
                      settings=stores)
    assert again.stdout.replace("#mysql.url = (set, not shown)\n", "") == \
        first.stdout.replace("#mysql.url = (set, not shown)\n", "")


def test_a_wrong_site_is_told_with_its_line(stores, write):
    text = CONF + "cookie.nam = x\ncookie.secure = off\n"
    path = write(text)
    result = gates.run("--print-config", "--config", path, settings=stores)
    last = len(text.splitlines())
    assert result.returncode == 78
    assert result.stderr.splitlines() == [
        f'{path}:{last - 1}: unknown key "cookie.nam" in [site "forum"]; '
        "the nearest is cookie.name",
        f'{path}:{last}: [site "forum"] cookie.secure: a cookie whose name '
        "begins with __Host- needs secure = on"]
