"""sessgatectl limits: the counters of a person or of an address."""

import os
import re

import pytest

LIMITS = {"login.limit_pair": "3/900", "login.limit_network": "5/900",
          "login.limit_account": "9/86400"}


@pytest.fixture
def limited(start_gate, ctl, place):
    """A gate with limits and a secret, and the tool with the same."""
    secret = os.path.join(place(), "secret")
    with open(secret, "w", encoding="ascii") as file:
        file.write("s" * 40 + "\n")
    os.chmod(secret, 0o600)
    settings = {**LIMITS, "session.secret_file": secret}
    return start_gate(settings), ctl.with_settings(settings)


def fail(gate, email, times, address="192.0.2.7"):
    for _ in range(times):
        gate.post("/login", {"email": email, "password": "no"},
                  address=address)


def rows(said):
    return {r["limit"]: r for r in said.objects}


def test_limits_of_a_person_are_shown_and_reset(limited, alice):
    gate, ctl = limited
    fail(gate, alice.email, 3)
    assert gate.post("/login", alice.login).status == 429
    shown = rows(ctl("--json", "limits", alice.email))
    assert shown["pair"]["count"] == shown["pair"]["most"] == 3
    assert shown["pair"]["full"] is True
    assert 880_000 < shown["pair"]["leftMs"] <= 900_000
    assert (shown["account"]["count"], shown["account"]["full"]) == (3, False)
    said = ctl("limits", alice.email)
    assert said.lines[-1] == "2 counters of alice@example.org, 1 full"
    said = ctl("limits", alice.email, "--reset")
    assert (said.status, said.out) == (
        0, "2 counters of alice@example.org reset\n")
    assert gate.post("/login", alice.login).status == 200
    assert ctl("limits", alice.email).out == (
        "0 counters of alice@example.org, 0 full\n")


def test_all_addresses_of_a_person_are_shown(limited, alice):
    gate, ctl = limited
    for number in range(4):
        fail(gate, alice.email, 1, f"192.0.2.{number}")
    pairs = [r for r in ctl("--json", "limits", "ALICE@example.org").objects
             if r["limit"] == "pair"]
    assert [r["count"] for r in pairs] == [1, 1, 1, 1]


def test_limits_of_an_address_are_shown_and_reset(limited, alice, users):
    gate, ctl = limited
    fail(gate, alice.email, 2)
    fail(gate, users.add().email, 3)
    said = ctl("--json", "limits", "192.0.2.7")
    assert sorted((r["limit"], r["count"]) for r in said.objects) == [
        ("network", 5), ("pair", 2), ("pair", 3)]
    assert gate.post("/login", alice.login).status == 429
    assert ctl("limits", "192.0.2.7", "--reset").out == (
        "3 counters of 192.0.2.7 reset\n")
    assert gate.post("/login", alice.login).status == 200


def test_a_network_is_one_of_ipv6(limited, alice):
    gate, ctl = limited
    fail(gate, alice.email, 1, "2001:db8:1:2::7")
    for name in ("2001:db8:1:2::7", "2001:db8:1:2::/64", "2001:DB8:1:2:0::1"):
        said = ctl("--json", "limits", name)
        assert sorted(r["limit"] for r in said.objects) == ["network", "pair"]


@pytest.mark.parametrize("email", [
    "nobody@example.org", "J\u00f6rg", 'a"b\\c', "tab\tin", "a b"])
def test_the_name_in_any_log_line_finds_the_counters(limited, email):
    """Whether there is such a user or not, and however it is escaped."""
    gate, ctl = limited
    fail(gate, email, 3)
    assert gate.post("/login", {"email": email, "password": "no"}).status == 429
    for words in ("login failed", "login limited"):
        line = gate.last_event(words)
        name = re.search(r' user=("(?:\\.|[^"\\])*"|\S+)', line)[1]
        said = ctl("--json", "limits", name.strip('"'))
        assert rows(said)["pair"]["count"] == 3, (line, said)


def test_a_row_of_another_spelling_has_its_counters_too(limited, users):
    gate, ctl = limited
    user = users.add(email="Stra\u00dfe@example.org")
    fail(gate, "STRASSE@example.org", 2)
    found = rows(ctl("--json", "limits", f"id:{user.id}"))
    assert found["account"]["count"] == 2


def test_requests_are_shown_with_their_address(start_gate, ctl):
    settings = {"server.limit": "2/60"}
    gate, ctl = start_gate(settings), ctl.with_settings(settings)
    for _ in range(3):
        gate.get("/auth")
    shown = rows(ctl("--json", "limits", "192.0.2.7"))
    assert shown["request"]["full"] is True
    assert ctl("limits", "192.0.2.7", "--reset").status == 0
    assert gate.get("/auth").status == 401


def test_limits_work_while_mysql_is_away(limited, alice):
    gate, ctl = limited
    fail(gate, alice.email, 3)
    away = ctl.with_settings({"mysql.url": "mysql://x@localhost/x?socket=/no"})
    assert away("limits", alice.email, "--reset").status == 0
    assert gate.post("/login", alice.login).status == 200


def test_without_scan_an_address_has_its_own_counters(limited, redis, alice):
    gate, ctl = limited
    fail(gate, alice.email, 1)
    redis.client.acl_setuser(
        "thin", enabled=True, passwords=["+pw"], keys=["*"],
        commands=["+@all", "-scan"])
    try:
        thin = ctl.with_settings(
            {"redis.url": redis.url.replace("unix://", "unix://thin:pw@")})
        said = thin("--json", "limits", "192.0.2.7")
        assert said.status == 0 and list(rows(said)) == ["network"]
        assert "+scan" in said.err
        said = thin("limits", alice.email)
        assert said.status == 77 and "+scan" in said.err
    finally:
        redis.client.acl_deluser("thin")


def test_a_counter_that_is_none_is_no_crash(ctl, redis, alice):
    redis.client.lpush("rate:pair:x:y", "a")
    redis.client.set("rate:odd", "1")
    assert ctl("limits", alice.email).status == 0
