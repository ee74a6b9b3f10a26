"""The configuration as an operator meets it: by the program's own words."""

import os
import re

import pytest

import gate as gates
import stack

USAGE, SYSTEM, CONFIG = 64, 71, 78


@pytest.fixture
def write(place):
    folder = place("c")

    def write(text, name="sessgate.conf"):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    return write


def values(text):
    """{"section.key": value} of what --print-config printed."""
    found, section = {}, None
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found[f"{section}.{key.strip()}"] = value.strip().strip('"')
    return found


SOME_DATABASE = {"DATABASE_URL": "mysql://u:p@localhost/x"}


def printed(*args, settings=None, **env):
    result = gates.run("--print-config", *args, settings=settings,
                       **{**SOME_DATABASE, **env})
    assert result.returncode == 0, result.stderr
    return result.stdout


# words on the command line

def test_version():
    result = gates.run("--version")
    assert result.returncode == 0
    assert re.match(r"sessgate \d+\.\d+", result.stdout)


def test_help_names_every_flag():
    result = gates.run("--help")
    assert result.returncode == 0
    for flag in ("--config", "--check-config", "--print-config", "--listen",
                 "--offline", "--version", "--help"):
        assert flag in result.stdout


@pytest.mark.parametrize("args", [
    ["--nonsense"], ["-x"], ["stray"], ["--config"], ["--listen"],
    ["--check-config", "stray"], ["--offline"], ["--print-config", "--offline"]])
def test_what_it_does_not_know_is_a_usage_error(args):
    result = gates.run(*args)
    assert result.returncode == USAGE
    assert result.stderr


# --print-config

def test_what_it_prints_can_be_read_again(write, stores):
    settings = {"session.life": "2h", "cookie.samesite": "Strict",
                "redis.key_prefix": "shop:", "server.mount": "",
                "ops.access": "127.0.0.1, ::1, 10.0.0.0/8"}
    secrets = ("redis.url", "mysql.url")

    def open_values(text):
        return {k: v for k, v in values(text).items() if k not in secrets}

    first = printed(settings={**stores, **settings})
    again = printed("--config", write(first))
    assert open_values(first) == open_values(again)
    for key, value in settings.items():
        assert values(first)[key] == value


def rules(text):
    return re.findall(r"(?m)^rule = (.*)$", text)


def test_rules_are_printed_as_they_were_said(write):
    said = ["/ login", '/"a b" public', "/a user alice \"Bob C\"",
            "/a/ user \"c\\\""]
    path = write("[gate]\n" + "".join(f"rule = {rule}\n" for rule in said))
    first = printed("--config", path)
    assert rules(first) == said
    assert rules(printed("--config", write(first))) == said


def test_rules_of_the_environment_stand_instead_of_the_files(write):
    path = write("[gate]\nrule = / public\nrule = /a login\n")
    text = printed("--config", path,
                   settings={"gate.rule": "/b login\n\n/c user x\n"})
    assert rules(text) == ["/b login", "/c user x"]


def test_what_it_prints_holds_no_secret(stores):
    text = printed(settings={
        "redis.url": "redis://user:redis-secret@127.0.0.1/",
        "mysql.url": "mysql://u:mysql-secret@localhost/x"})
    assert "-secret" not in text


def test_defaults_are_those_of_the_contract():
    got = values(printed())
    for key, value in {
            "server.mount": "/sessgate", "server.workers": "32",
            "server.deadline": "3s", "server.read_timeout": "10s",
            "server.write_timeout": "10s", "server.idle": "75s",
            "server.connections": "1024", "server.stop_timeout": "6s",
            "server.tcp_role": "gate", "mysql.connections": "8",
            "mysql.timeout": "1s", "session.key": "sha256",
            "session.life": "7d", "session.clock_skew": "60s",
            "session.expired_status": "403", "cookie.secure": "on",
            "cookie.samesite": "Lax", "cookie.compat": "auto",
            "login.hash_timeout": "2s", "user.access": "self",
            "user.id_type": "integer", "ops.access": "",
            "gate.remote_user": "login", "gate.login_url": "",
            "gate.rule": "",
            "log.target": "auto", "redis.key_prefix": "",
            "cache.memory": "32M"}.items():
        normal = got[key].replace("604800s", "7d").replace("1m", "60s")
        assert normal == value, key


# which value wins

def test_the_environment_wins_over_the_file(write):
    path = write("[redis]\nkey_prefix = file:\n[session]\nlife = 1h\n")
    got = values(printed("--config", path,
                         settings={"redis.key_prefix": "env:"}))
    assert got["redis.key_prefix"] == "env:"
    assert got["session.life"] == "1h"


def test_an_empty_variable_is_a_value(write):
    path = write("[redis]\nkey_prefix = file:\n")
    got = values(printed("--config", path, settings={"redis.key_prefix": ""}))
    assert got["redis.key_prefix"] == ""


def test_the_file_may_be_named_by_the_environment(write):
    path = write("[redis]\nkey_prefix = file:\n")
    assert values(printed(SESSGATE_CONFIG=path))["redis.key_prefix"] == \
        "file:"


NOWHERE = "unix:///nonexistent/r.sock"


@pytest.mark.parametrize("file,general,own,good", [
    ("good", None, None, True), ("bad", "good", None, True),
    ("good", "bad", None, False), ("bad", "bad", "good", True),
    ("good", "good", "bad", False)])
def test_redis_url_stands_between_the_file_and_its_own_variable(
        write, redis, stores, file, general, own, good):
    urls = {"good": redis.url, "bad": NOWHERE}
    path = write(f"[redis]\nurl = {urls[file]}\n"
                 f"[mysql]\nurl = {stores['mysql.url']}\n")
    env = {"REDIS_URL": urls[general]} if general else {}
    settings = {"redis.url": urls[own]} if own else {}
    result = gates.run("--check-config", "--config", path, settings=settings,
                       **env)
    assert (result.returncode == 0) is good, result.stderr


def test_database_url_wins_over_the_file(write, redis, stores):
    path = write(f"[redis]\nurl = {redis.url}\n"
                 "[mysql]\nurl = mysql://u:p@localhost/x?socket=/nowhere\n")
    result = gates.run("--check-config", "--config", path,
                       DATABASE_URL=stores["mysql.url"])
    assert result.returncode == 0, result.stderr


AWAY = {"redis.url": "unix:///no/such/socket",
        "mysql.url": "mysql://x@localhost/x?socket=/no"}


def test_offline_asks_no_store():
    result = gates.run("--check-config", "--offline", settings=AWAY)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "configuration: read, no store asked\n"
    assert gates.run("--check-config", settings=AWAY).returncode == CONFIG


@pytest.mark.parametrize("option", [
    "login.page", "session.secret_file", "redis.url_file"])
def test_offline_reads_all_that_is_on_this_host(option):
    settings = {"mysql.url": AWAY["mysql.url"], option: "/no/such"}
    result = gates.run("--check-config", "--offline", settings=settings)
    assert result.returncode == CONFIG
    assert "/no/such" in result.stderr


def test_a_secret_may_come_from_a_file(write, redis, stores):
    urls = {"redis.url_file": write(redis.url + "\n", "redis-url"),
            "mysql.url_file": write(stores["mysql.url"] + "\n", "mysql-url")}
    result = gates.run("--check-config", settings=urls)
    assert result.returncode == 0, result.stderr
    os.unlink(urls["redis.url_file"])
    result = gates.run("--check-config", settings=urls)
    assert result.returncode == CONFIG
    assert "url_file" in result.stderr or "redis-url" in result.stderr


# the file

def test_comments_quotes_and_continued_lines(write):
    got = values(printed("--config", write(
        "# a comment\n; another\n\n[ mysql ]\n"
        "user_by_id = SELECT id, email AS login, name, \\\n"
        "  email, image FROM users WHERE id = :id # ; no comments here\n"
        "[redis]\nkey_prefix = \" x:\"\r\n[cookie]\n  path   =  /a b  \n")))
    assert re.sub(r"\s+", " ", got["mysql.user_by_id"]) == (
        "SELECT id, email AS login, name, email, image FROM users "
        "WHERE id = :id # ; no comments here")
    assert got["redis.key_prefix"] == " x:"
    assert got["cookie.path"] == "/a b"


def test_a_file_that_was_named_must_be_there(place):
    result = gates.run("--print-config", "--config", place("c") + "/none")
    assert result.returncode == CONFIG
    assert "none" in result.stderr


WRONG = [
    ("[redis]\nurll = x\n", 2, ["urll", "url"]),
    ("\n\n[session]\nlive = 7d\n", 4, ["live", "life"]),
    ("[sesion]\nlife = 7d\n", 1, ["sesion", "session"]),
    ("[login]\nhash_thread = 2\n", 2, ["hash_threads"]),
    ("life = 7d\n", 1, ["section"]),
    ("[session]\nlife\n", 2, []),
    ("[session\nlife = 7d\n", 1, []),
    ("[session]\nlife = 7x\n", 2, ["life"]),
    ("[session]\nlife = 7d junk\n", 2, ["life"]),
    ("[session]\nlife = -1\n", 2, ["life"]),
    ("[session]\nlife = 0\n", 2, ["life"]),
    ("[session]\nlife = 99999999999999999999\n", 2, ["life"]),
    ("[session]\nlife = \n", 2, ["life"]),
    ("[session]\nkey = md5\n", 2, ["key", "sha256"]),
    ("[session]\nexpired_status = 404\n", 2, ["expired_status"]),
    ("[server]\nworkers = 12x\n", 2, ["workers"]),
    ("[server]\nworkers = 0x20\n", 2, ["workers"]),
    ("[server]\nworkers = 1\n", 2, ["workers"]),
    ("[server]\nmount = sessgate\n", 2, ["mount"]),
    ("[server]\nmount = /sessgate/\n", 2, ["mount"]),
    ("[cookie]\nsecure = maybe\n", 2, ["secure"]),
    ("[cookie]\nname = a b\n", 2, ["name"]),
    ("[cookie]\nname = a;b\n", 2, ["name"]),
    ("[cookie]\npath = x;y\n", 2, ["path"]),
    ("[cookie]\ndomain = a;b\n", 2, ["domain"]),
    ("[cookie]\nsamesite = sometimes\n", 2, ["samesite"]),
    ("[gate]\nrule = admin login\n", 2, ["rule", "admin login", "path"]),
    ("[gate]\nrule = /a login\nrule = /b rol x\n", 3, ["/b rol x", "role"]),
    ("[gate]\nrule = /a login\nrule = /a public\n", 3, ["second"]),
    ("[gate]\nrule = /a/../b login\n", 2, ["/a/../b", ".."]),
    ("[gate]\nrule = /a/* login\n", 2, ["*"]),
    ("[gate]\nlogin_url = //example.org\n", 2, ["login_url"]),
    ("[ops]\naccess = 10.0.0.0/33\n", 2, ["access"]),
    ("[ops]\naccess = everybody\n", 2, ["access"]),
    ("[redis]\nurl = valkey://localhost\n", 2, ["rediss"]),
    ("[redis]\nurl = http://localhost\n", 2, ["url"]),
    ("[redis]\nurl = redis://localhost:99999\n", 2, ["url"]),
    ("[redis]\nurl = redis://localhost/x\n", 2, ["url"]),
    ("[mysql]\nurl = postgres://u:p@h/d\n", 2, ["url"]),
    ("[user]\naccess = all\n", 2, ["access"]),
    ("[log]\ntarget = file:\n", 2, ["target"]),
    ("[log]\ntarget = printer\n", 2, ["target"]),
    ("[redis]\nkey_prefix = a\n[redis]\nkey_prefix = b\n", 4,
     ["key_prefix"])]


@pytest.mark.parametrize("text,line,words", WRONG,
                         ids=lambda value: repr(value)[:40])
def test_a_mistake_is_named_with_file_and_line(write, text, line, words):
    path = write(text)
    database = {} if "[mysql]\nurl" in text else SOME_DATABASE
    result = gates.run("--print-config", "--config", path, **database)
    assert result.returncode == CONFIG, result.stdout
    assert f"{path}:{line}: " in result.stderr
    for word in words:
        assert word in result.stderr


def test_a_mistake_stops_the_start_too(write, place, stores):
    path = write("[redis]\nurll = x\n")
    result = gates.run("--config", path, "--listen",
                       f"unix:{place('l')}/s.sock", settings=stores)
    assert result.returncode == CONFIG
    assert result.stderr.startswith(f"{path}:2: ")


@pytest.mark.parametrize("name,value,word", [
    ("SESSGATE_REDIS_URLL", "x", "SESSGATE_REDIS_URL"),
    ("SESSGATE_SESSION_LIFE", "7x", "SESSGATE_SESSION_LIFE"),
    ("SESSGATE_SERVER_WORKERS", "32 ", None), ("REDIS_URL", "x", "REDIS_URL"),
    ("DATABASE_URL", "rediss://x", "DATABASE_URL")])
def test_a_mistake_in_the_environment_is_named(name, value, word):
    result = gates.run("--print-config", **{**SOME_DATABASE, name: value})
    if word is None:
        assert result.returncode in (0, CONFIG)
        return
    assert result.returncode == CONFIG
    assert word in result.stderr


@pytest.mark.parametrize("settings,words", [
    ({"cookie.samesite": "None", "cookie.secure": "off"},
     ["samesite", "secure"]),
    ({"cookie.name": "__Host-X", "cookie.domain": "example.org"},
     ["__Host-", "domain"]),
    ({"cookie.name": "__Host-X", "cookie.path": "/a"}, ["__Host-", "path"]),
    ({"cookie.name": "__Host-X", "cookie.secure": "off"},
     ["__Host-", "secure"]),
    ({"server.workers": 10, "mysql.connections": 8}, ["workers"]),
    ({"redis.tls_ca": "/etc/group"}, ["tls_ca", "rediss://"]),
    ({"redis.url": "redis://x", "redis.tls_cert": "/etc/group",
      "redis.tls_key": "/etc/group"}, ["tls_cert", "rediss://"]),
    ({"redis.tls_name": "x"}, ["tls_name", "rediss://"]),
    ({"redis.tls_verify": "off"}, ["tls_verify", "rediss://"]),
    ({"redis.url": "rediss://x", "redis.tls_cert": "/etc/group"},
     ["tls_cert: needs tls_key"]),
    ({"redis.url": "rediss://x", "redis.tls_key": "/etc/group"},
     ["tls_key: needs tls_cert"]),
    ({"redis.url": "rediss://x", "redis.tls_name": "a b"}, ["tls_name"]),
    ({"redis.url": "rediss://x", "redis.tls_ca": "/etc/group",
      "redis.tls_verify": "off"}, ["tls_ca", "no effect"]),
    ({"redis.url": "rediss://x", "redis.tls_ca": "/no/such"},
     ["tls_ca: /no/such: No such file"]),
    ({"redis.url": "redis://x", "redis.url_file": "/x"}, ["url_file"])])
def test_settings_that_contradict_each_other_are_refused(
        stores, settings, words):
    result = gates.run("--check-config", settings={**stores, **settings})
    assert result.returncode == CONFIG, result.stdout
    for word in words:
        assert word.lower() in result.stderr.lower()


def test_a_secret_in_a_mistaken_url_is_not_shown(write):
    for text in ("[redis]\nurl = redis://u:hidden@host:x\n",
                 "[mysql]\nurl = mysql://u:hidden@\n",
                 "[redis]\nurl = valkey://u:hidden@h\n"):
        result = gates.run("--print-config", "--config", write(text))
        assert result.returncode == CONFIG
        assert "hidden" not in result.stderr + result.stdout


# --check-config

def check(stores, **settings):
    more = {k.replace("__", "."): v for k, v in settings.items()}
    return gates.run("--check-config", settings={**stores, **more})


def test_a_good_configuration_is_said_to_be_good(stores, redis):
    result = check(stores)
    assert result.returncode == 0, result.stderr


PLAIN = '{"userId":"1","createdAt":1795475664506}'
HASHED = '{"userId":"1","createdAt":1795475664506,"v":1}'


@pytest.mark.parametrize("prefix", ["", "a*[b:"])
def test_it_warns_of_compat_where_a_session_gives_reason(
        stores, redis, prefix):
    """A new site, and one with sessions of its own alone, hears nothing."""
    def warns(**more):
        result = check(stores, redis__key_prefix=prefix, **more)
        assert result.returncode == 0, result.stderr
        return "compat" in result.stdout + result.stderr
    assert not warns()
    for number in range(100):
        redis.client.set(f"other:{number}", PLAIN)
    redis.client.set(f"{prefix}sess:" + "h" * 43, HASHED)
    redis.client.set("neighbour:sess:" + "t" * 43, PLAIN)
    assert not warns()
    redis.client.set(f"{prefix}sess:" + "t" * 43, PLAIN)
    assert warns()
    assert not warns(cookie__compat="off") and not warns(cookie__compat="on")
    assert not warns(session__key="migrate")


def test_it_says_nothing_of_compat_where_scan_is_refused(stores, redis):
    redis.client.set("sess:" + "t" * 43, PLAIN)
    redis.client.execute_command(
        "ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-scan")
    try:
        result = check({**stores, "redis.url": f"unix://app:pw@{redis.path}"})
        assert result.returncode == 0, result.stderr
        assert "compat" not in result.stderr
    finally:
        redis.client.execute_command("ACL", "DELUSER", "app")


def test_it_names_a_store_that_is_away(stores, redis):
    result = check({**stores, "redis.url": NOWHERE})
    assert result.returncode != 0
    assert "redis" in result.stderr
    result = check({**stores, "mysql.url":
                    "mysql://u:p@localhost/x?socket=/nonexistent/m.sock"})
    assert result.returncode != 0
    assert "mysql" in result.stderr


def test_it_authenticates(stores, redis, mysql, place):
    wrong = mysql.url_through(mysql.path, password="hidden")
    result = check({**stores, "mysql.url": wrong})
    assert result.returncode != 0
    assert "denied" in result.stderr and "hidden" not in result.stderr
    server = stack.Redis(place("r"), "--requirepass", "right")
    try:
        url = f"unix://:hidden@{server.path}"
        result = check({**stores, "redis.url": url})
        assert result.returncode != 0
        assert "redis" in result.stderr and "hidden" not in result.stderr
    finally:
        server.kill()


@pytest.mark.parametrize("name,sql,word", [
    ("user_by_id", "SELECT id, email AS login, name, email, image "
     "FROM nowhere WHERE id = :id", "nowhere"),
    ("user_by_login", "SELEKT :login", "syntax"),
    ("user_by_login", "SELECT id, email AS login, name, email, image "
     "FROM users WHERE email = :login", "hash"),
    ("user_by_id", "SELECT id, name, email, image FROM users WHERE id = :id",
     "login"),
    ("user_by_id", "SELECT id, email AS login, name, email, image "
     "FROM users WHERE id = :uid", "uid"),
    ("user_by_login", "SELECT id FROM users", ":login"),
    ("user_by_id", "DELETE FROM users WHERE id = :id", "")])
def test_it_prepares_every_statement_and_names_what_fails(
        stores, redis, name, sql, word):
    result = check({**stores, "mysql." + name: sql})
    assert result.returncode != 0
    assert name in result.stderr
    assert word in result.stderr


def test_a_colon_in_a_string_is_no_parameter(stores, redis):
    result = check(stores, mysql__user_by_id=(
        "SELECT id, email AS login, CONCAT(name, ':x') AS name, email, "
        "image /* :y */ FROM users WHERE id = :id AND '12:30' <> \":z\""))
    assert result.returncode == 0, result.stderr
