"""sessgatectl where the configuration has sites."""

import os

import process


def test_a_site_has_to_be_named(gate, ctl, place, alice):
    path = os.path.join(place(), "c.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write('[site "one"]\nredis.key_prefix = one:\n'
                   '[site "two"]\nredis.key_prefix = two:\n')
    ctl = ctl.with_settings({})
    said = ctl("--config", path, "sessions", "id:42")
    assert said.status == 64 and "one two" in said.err, said
    assert ctl("--config", path, "--site", "three", "user", "id:42").status == 64
    assert ctl("--config", path, "--site", "two", "sessions", "id:42").lines == [
        "0 sessions of alice@example.org (id 42)"]
    assert ctl("--site", "one", "sessions", "id:42").status == 64
    for command in (["grants"], ["ping"], ["acl"], ["web", "lighttpd"]):
        said = ctl("--config", path, "--site", "three", *command)
        assert said.status == 64 and "one two" in said.err, (command, said)


def test_web_prints_the_mount_of_the_site(ctl, place):
    path = os.path.join(place(), "c.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write('[site "one"]\nredis.key_prefix = one:\n'
                   'server.mount = /first\n'
                   '[site "two"]\nredis.key_prefix = two:\n')
    ctl = ctl.with_settings({})
    printed = [ctl("--config", path, *site, "web", "lighttpd").out
               for site in (["--site", "one"], ["--site", "two"], [])]
    assert '"/first/"' in printed[0]
    assert '"/sessgate/"' in printed[1] and printed[1] == printed[2]


def test_ping_asks_about_each_site(start_gate, ctl, stores, place):
    path = os.path.join(place(), "c.conf")

    def pinged(url, *site):
        with open(path, "w", encoding="utf-8") as file:
            file.write('[site "one"]\nredis.key_prefix = one:\n'
                       f'mysql.url = {stores["mysql.url"]}\n'
                       '[site "two"]\nredis.key_prefix = two:\n'
                       f'server.mount = /second\nmysql.url = {url}\n')
        gate = start_gate({"ops.access": "127.0.0.1"},
                          args=("--config", path))
        assert process.until(lambda: gate.events("mysql ready")) is not None
        return ctl.with_settings({"redis.url": stores["redis.url"]})(
            "--config", path, *site, "ping", "--socket", gate.path)

    away = "mysql://x@localhost/x?socket=/no"
    assert "both stores answer" in pinged(stores["mysql.url"]).out
    said = pinged(away)
    assert said.status == 2 and "site two: it answers, but a store" in said.out
    assert pinged(away, "--site", "one").status == 0
    assert pinged(away, "--site", "two").status == 2
