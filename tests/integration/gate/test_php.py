"""The PHP of doc/php.md, run by PHP-FPM behind the gate."""

import json
import os
import re
import urllib.parse

import pytest

import gate as gates
import servers
import sites
import taps
from test_docs import blocks, read
from test_password_change import UPDATE

pytestmark = pytest.mark.plain_build

CALL = """<?php
require 'sessgate.php';
%s(sessgate_redis(), $_GET['id']);
echo 'done';
"""
WITH_STATE = ("SELECT name <> 'disabled' AS active, email AS login, "
              "'' AS roles, password AS hash FROM users WHERE id = :id")


@pytest.fixture(scope="module", params=["", "shop:"], ids=["plain", "prefix"])
def prefix(request):
    return request.param


@pytest.fixture(scope="module")
def site(place, stores, frail_redis, prefix):
    made = sites.Lighttpd(place("w"), {
        **stores, "log.target": "stderr", "redis.key_prefix": prefix,
        "mysql.user_state": WITH_STATE, "redis.url": frail_redis.url,
        "user.access": "authenticated", "user.recheck": "5m"})
    greeting, forgotten, library = blocks("doc/php.md", "php")
    library = library.replace("/run/redis/redis-server.sock",
                              frail_redis.path)
    library = library.replace("PREFIX = ''", f"PREFIX = '{prefix}'")
    write(made, sites.FOLDER + "hello.php", greeting)
    write(made, "/hello.php", greeting)
    write(made, "/sessgate.php", library)
    for name in ("sessgate_forget", "sessgate_end_sessions"):
        write(made, f"/{name}.php", CALL % name)
    yield made
    made.close()


@pytest.fixture
def site_redis(frail_redis, prefix):
    """With the account that the document gives to a site."""
    frail_redis.client.flushall()
    acl = re.search(r"^    (ACL SETUSER site .*)$", read("doc/php.md"),
                    re.M)[1].replace("~", "~" + prefix)
    frail_redis.client.execute_command(*acl.split())
    frail_redis.client.execute_command("ACL", "LOG", "RESET")
    yield frail_redis
    assert frail_redis.client.execute_command("ACL", "LOG") == []


def dsn(url):
    """PDO's name for the database of a url of ours."""
    socket = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["socket"]
    return f"mysql:unix_socket={socket[0]};dbname=sg;charset=utf8mb4"


def write(site, name, text):
    with open(site.root + name, "w", encoding="utf-8") as file:
        file.write(text)


def call(site, name, user):
    """Called by a page of the site that is outside of the gate."""
    came = sites.Visitor(site.port).ask("GET", f"/{name}.php?id={user.id}")
    assert (came.status, came.text) == (200, "done")


@pytest.fixture
def visitor(site, site_redis, alice):
    made = sites.Visitor(site.port)
    made.log_in(alice)
    return made


def shown(visitor):
    return visitor.ask("GET", servers.MOUNT + "/user/me").json()["user"]


def is_in(visitor):
    return visitor.ask("GET", sites.FOLDER + "page.html").status == 200


def test_a_page_greets_who_is_logged_in(visitor, alice):
    came = visitor.ask("GET", sites.FOLDER + "hello.php")
    assert came.text.startswith(f"Hello, {alice.email}. ")


def test_a_page_mails_a_link_to_the_address_of_the_row(
        place, stores, mysql_server, redis, alice):
    """Asked for in another spelling, which the database takes for equal."""
    account = taps.Account(mysql_server, "php_changer")
    made = sites.Lighttpd(place("w"), {
        **stores, "log.target": "stderr", "ops.access": "127.0.0.1",
        "mysql.url": account.url(), "mysql.password_update": UPDATE,
        "server.origins": "https://www.example.org"})
    try:
        mailed = os.path.join(place("mail"), "mail")
        os.chmod(os.path.dirname(mailed), 0o777)
        page = blocks("doc/php.md", "php")[1].replace(
            "http://127.0.0.1/", f"http://127.0.0.1:{made.port}/").replace(
            "<?php", f"""<?php
namespace page;
use PDO;
function mail($to, $subject, $text) {{
    file_put_contents('{mailed}', "$to\\n$text", FILE_APPEND);
}}
$_POST = $_GET;
$pdo = new PDO('{dsn(account.url())}', '{account.name}', '{account.PASSWORD}');
""")
        write(made, "/forgotten.php", page)
        for typed in ("nobody%40example.org", "", "\u00c4LICE%40example.org"):
            came = sites.Visitor(made.port).ask(
                "GET", "/forgotten.php?email=" + urllib.parse.quote(
                    typed, safe="%"))
            assert came.text == \
                "If there is such an account, a mail is on its way.", came.text
        with open(mailed, encoding="utf-8") as file:
            lines = file.read().splitlines()
        assert lines[0] == alice.email and len(lines) == 4, lines
        assert lines[3].startswith("https://www.example.org/sessgate/reset?t=")
    finally:
        made.close()
        account.drop()


def test_a_page_outside_leads_to_the_login(site, site_redis):
    came = sites.Visitor(site.port).ask("GET", "/hello.php?a=1&b=2")
    where = re.search(r'href="(.*?)"', came.text)[1]
    assert where == "/sessgate/login?next=%2Fhello.php%3Fa%3D1%26b%3D2"
    assert sites.Visitor(site.port).ask("GET", where).status == 200


def test_a_change_of_the_site_is_seen_once_it_is_told(
        site, visitor, users, alice):
    assert shown(visitor)["name"] == "Alice"
    users.rename(alice, "Alison")
    assert shown(visitor)["name"] == "Alice", "there is nothing to forget"
    call(site, "sessgate_forget", alice)
    assert shown(visitor)["name"] == "Alison"
    assert is_in(visitor)


def test_a_user_who_was_disabled_is_out_once_it_is_told(
        site, visitor, users, alice):
    assert is_in(visitor)
    users.rename(alice, "disabled")
    assert is_in(visitor), "there is nothing to forget"
    call(site, "sessgate_forget", alice)
    assert not is_in(visitor)
    users.rename(alice, "Alice")
    call(site, "sessgate_forget", alice)
    assert is_in(visitor)


def test_a_user_who_was_deleted_is_out_once_it_is_told(
        site, visitor, users, alice):
    assert is_in(visitor)
    users.remove(alice)
    call(site, "sessgate_forget", alice)
    assert not is_in(visitor)


def test_after_a_reset_every_session_has_ended(
        site, visitor, users, alice, site_redis, prefix):
    other = sites.Visitor(site.port)
    other.log_in(alice)
    bob = sites.Visitor(site.port)
    bob.log_in(users.add())
    assert is_in(visitor) and is_in(other) and is_in(bob)
    call(site, "sessgate_end_sessions", alice)
    assert not is_in(visitor) and not is_in(other)
    assert is_in(bob)
    visitor.log_in(alice)
    assert is_in(visitor) and not is_in(other)
    key = prefix + "ugen:{42}"
    value = json.loads(site_redis.client.get(key))
    assert abs(value["ms"] / 1000 - site_redis.client.time()[0]) < 60
    assert 691100 < site_redis.client.ttl(key) <= 691200


def test_the_commands_end_sessions_that_a_node_application_wrote(
        start_gate, redis, alice):
    gate = start_gate({"session.key": "plain"})
    seconds, micros = redis.client.time()
    now = 1000 * seconds + micros // 1000
    token = "t" * 43
    redis.client.set("sess:" + token, gates.compact(
        {"userId": "42", "createdAt": now - 5000}), ex=1000)
    cookie = f"{gates.PLAIN_COOKIE}={token}"
    assert gate.get("/auth", cookie).status == 200
    lines = re.findall(r"^    ((?:DEL|SET) .*42.*)$", read("doc/php.md"), re.M)
    assert len(lines) == 3
    for line in lines:
        words = line.replace("1795511109758", str(now)).replace("'", "")
        redis.client.execute_command(*words.split())
    assert gate.get("/auth", cookie).status == 403
