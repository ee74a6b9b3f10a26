"""sessgatectl acl and grants: everything runs under exactly what they print."""

import json
import re

import pytest

import ctl as ctl_module
import stack

STATE = ("SELECT id, name <> 'closed' AS active, email AS login, '' AS roles, "
         "password AS hash FROM users WHERE id = :id")
UPDATE = "UPDATE users SET password = :hash WHERE id = :id AND password = :old"
SETTINGS = {"mysql.user_state": STATE, "mysql.password_update": UPDATE}


@pytest.fixture
def thin_redis(redis, ctl):
    """thin_redis(more): the url of a user with what `acl` prints."""
    made = []

    def make(*words, **settings):
        said = ctl.with_settings({
            "redis.url": redis.url.replace("unix://", "unix://thin:pw@"),
            **settings})("acl", *words)
        assert said.status == 0 and said.out.startswith("ACL SETUSER thin ")
        line = said.out.strip().replace("PASSWORD", "pw")
        redis.client.execute_command(*line.split())
        made.append("thin")
        return redis.url.replace("unix://", "unix://thin:pw@")

    yield make
    for name in made:
        redis.client.acl_deluser(name)


@pytest.fixture
def thin_mysql(mysql, ctl):
    """The url of an account with what `grants` prints, made column by column."""
    with mysql.admin() as sql:
        sql.execute("CREATE USER thin@localhost IDENTIFIED BY 'pw'")
    said = ctl.with_settings(SETTINGS)("grants")
    assert said.status == 0 and said.err == "", said
    with mysql.admin() as sql:
        for line in said.out.splitlines():
            assert line.endswith("TO 'sessgate'@'localhost';")
            sql.execute(line.replace("'sessgate'@", "'thin'@").rstrip(";"))
    yield mysql.url.replace("sessgate:sql-secret@", "thin:pw@")
    with mysql.admin() as sql:
        sql.execute("DROP USER thin@localhost")


def test_grants_are_by_column(ctl, thin_mysql, mysql):
    with mysql.admin() as sql:
        sql.execute("SHOW GRANTS FOR thin@localhost")
        shown = " ".join(row[0] for row in sql.fetchall())
    assert re.search(r"SELECT \([^)]*`?password`?[^)]*\)", shown), shown
    assert re.search(r"UPDATE \([^)]*`?image`?[^)]*\)", shown), shown
    assert "ALL" not in shown and "GRANT SELECT ON" not in shown


def test_the_program_and_the_tool_live_with_them(
        start_gate, ctl, thin_redis, thin_mysql, alice, users):
    settings = {"redis.url": thin_redis("--admin"), "mysql.url": thin_mysql,
                **SETTINGS, "cache.age": "1s"}
    gate, ctl = start_gate(settings), ctl.with_settings(settings)
    first, second = gate.log_in(alice), gate.log_in(alice)
    assert gate.get("/auth", first).status == 200
    assert gate.get("/sessions", first).status == 200
    assert gate.ask("PATCH", "/user/me", document={"name": "Al"},
                    cookie=first).status == 200
    answer = gate.post("/password", {"current": alice.password,
                                     "new": "another password"}, cookie=first)
    assert answer.status == 200, answer
    assert gate.post("/logout/all", {}, cookie=second).status in (401, 403)
    for words, status in (
            (["sessions", alice.email], 0), (["user", "id:42"], 0),
            (["who"], 0), (["count"], 0), (["limits", alice.email], 0),
            (["limits", "192.0.2.7", "--reset"], 0), (["blocked"], 0),
            (["block", "id:42"], 0), (["unblock", "id:42"], 0),
            (["end", "id:42", "--all"], 0), (["grants"], 0), (["acl"], 0),
            (["config", "check"], 0), (["end", "--everybody", "--yes"], 0)):
        said = ctl(*words)
        assert said.status == status, (words, said)
    assert ctl("password", "set", "id:42", stdin="the next password").status == 0
    assert ctl("login", "id:42", stdin="the next password").status == 0
    for words in ("redis refused", "mysql statement failed", "cache refused"):
        assert gate.events(words) == []


def test_without_admin_the_walks_are_77(ctl, thin_redis, alice):
    ctl = ctl.with_settings({"redis.url": thin_redis()})
    for words in (["who"], ["count"], ["blocked"], ["limits", alice.email],
                  ["end", "--everybody", "--yes"]):
        said = ctl(*words)
        assert said.status == 77 and "+scan" in said.err, (words, said)
        assert said.out == ""
    for words in (["sessions", "id:42"], ["end", "id:42", "--all"],
                  ["user", "id:42"], ["block", "id:42"], ["unblock", "id:42"]):
        assert ctl(*words).status == 0, words


def test_acl_has_the_prefixes_of_all_sites(ctl, place):
    path = place() + "/c.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write('[site "one"]\nredis.key_prefix = one:\n'
                   '[site "two"]\nredis.key_prefix = t*o:\n')
    line = ctl("--config", path, "acl").out
    assert " ~one:sess:* ~t\\*o:sess:* " in line
    assert " ~sess:* " not in line
    shown = ctl("--config", path, "--json", "acl").objects
    assert shown == [{"acl": line.strip()}]


@pytest.mark.parametrize("right", [
    "-zrange", "-zscore", "-expire", "-mget", "-del", "-time"])
def test_a_command_that_is_missing_is_named(
        ctl, thin_redis, redis, alice, right):
    """By the tool that needs it, or by config check, which tries all."""
    settings = {"redis.url": thin_redis("--admin")}
    redis.client.execute_command("ACL", "SETUSER", "thin", right)
    said = ctl.with_settings(settings)("config", "check")
    assert said.status == 78 and right[1:].upper() in said.err.upper(), said


def test_grants_without_a_server_are_by_table(ctl):
    away = ctl.with_settings({
        **SETTINGS, "mysql.url": "mysql://app@127.0.0.1:1/shop"})
    said = away("grants")
    assert said.status == 0 and "columns are not known" in said.err
    assert said.lines == ["GRANT SELECT, UPDATE (name, image, password) ON "
                          "`shop`.`users` TO 'app'@'%';"]


@pytest.mark.parametrize("sql, granted", [
    ("SELECT u.id FROM users u, `other db`.`t``x` AS o WHERE u.id = :id",
     ["users", "other db"]),
    ("SELECT * FROM (SELECT id FROM inner1) AS d LEFT JOIN outer2 ON 1 "
     "WHERE id = :id", ["inner1", "outer2"]),
    ("SELECT 'FROM fake1', \"FROM fake2\" FROM /* JOIN fake3 */ true4 "
     "WHERE id = :id", ["true4"]),
    ("SELECT id FROM a1 WHERE EXISTS (SELECT 1 FROM b2 WHERE b2.x = a1.id) "
     "AND id = :id UNION SELECT id FROM c3 WHERE id = :id", ["a1", "b2", "c3"]),
])
def test_tables_are_found_in_any_statement(ctl, sql, granted):
    away = ctl.with_settings({
        "mysql.user_by_login": "SELECT 1 FROM x9 WHERE a = :login",
        "mysql.user_update": "", "mysql.user_by_id": sql,
        "mysql.url": "mysql://app@127.0.0.1:1/shop"})
    lines = away("grants").lines
    for name in granted:
        assert [line for line in lines if f"`{name}`" in line], lines
    assert not [line for line in lines if "fake" in line]
