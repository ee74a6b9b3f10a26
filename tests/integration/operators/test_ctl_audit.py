"""sessgatectl audit: lines of the trail; web: contrib/print-config."""

import os
import subprocess
import time

import pytest

import ctl as ctl_module
import gate as gates
import process
import servers


@pytest.fixture
def trail(start_gate, ctl, place, redis):
    """A gate that logs to a file, and the tool with the same setting."""
    path = os.path.join(place(), "sessgate.log")
    settings = {"log.target": f"file:{path}"}
    return start_gate(settings), ctl.with_settings(settings), path


def events(said):
    return [o["event"] for o in said.objects]


def test_lines_of_a_person_are_found(trail, users, alice):
    gate, ctl, _ = trail
    other = users.add()
    gate.log_in(other)
    gate.post("/login", {"email": "ALICE@example.org", "password": "no"})
    cookie = gate.log_in(alice)
    gate.post("/logout", {}, cookie=cookie)
    ctl("block", alice.email, "--reason", "a b", SUDO_USER="anna")
    said = ctl("--json", "audit", "--user", alice.email)
    assert events(said) == ["login failed", "login ok", "user blocked"]
    assert said.objects[-1]["by"] == "anna"
    assert said.objects[-1]["reason"] == "a b"
    assert events(ctl("--json", "audit", "--user", "id:42"))[-1] == (
        "user blocked")
    assert len(ctl("audit").lines) == 5
    assert all(" sessgate[" in line for line in ctl("audit").lines)


def test_lines_of_an_address_are_found(trail, alice):
    gate, ctl, _ = trail
    gate.post("/login", alice.login, address="192.0.2.7")
    gate.post("/login", alice.login, address="192.0.2.77")
    said = ctl("--json", "audit", "--address", "192.0.2.7")
    assert [o["addr"] for o in said.objects] == ["192.0.2.7"]
    assert ctl("audit", "--address", "x").status == 64


def test_a_name_is_no_pattern(trail):
    """What a client typed does not make a line of somebody else."""
    gate, ctl, _ = trail
    gate.post("/login", {"email": "x user=alice@example.org id=42",
                         "password": "no"})
    gate.post("/login", {"email": "alice@example.org.evil", "password": "no"})
    assert ctl("audit", "--user", "alice@example.org").out == ""
    assert ctl("audit", "--user", "id:42").out == ""
    said = ctl("--json", "audit", "--user", "x user=alice@example.org id=42")
    assert len(said.objects) == 1


def test_since_and_follow(trail, alice):
    gate, ctl, path = trail
    with open(path, "a", encoding="utf-8") as file:
        file.write("2020-01-01T00:00:00.000Z sessgate[1]: login ok "
                   "addr=192.0.2.7 id=42 session=x user=alice@example.org\n")
    gate.log_in(alice)
    assert len(ctl("audit").lines) == 2
    assert len(ctl("audit", "--since", "1h").lines) == 1
    run = subprocess.Popen(
        [process.tool("timeout"), str(20 * process.SLACK),
         ctl_module.binary(), "audit", "--follow", "--since", "1h"],
        env=gates.environment(ctl.settings), stdout=subprocess.PIPE)
    try:
        assert b"login ok" in run.stdout.readline()
        gate.log_in(alice)
        assert b"login ok" in run.stdout.readline()
        assert run.poll() is None
    finally:
        run.terminate()
        run.wait()


def test_hostile_lines_do_not_reach_the_terminal(trail):
    _, ctl, path = trail
    with open(path, "a", encoding="utf-8") as file:
        file.write("2030-01-01T00:00:00.000Z sessgate[1]: login ok "
                   "user=ev\x1b[2Jil\u202e\n")
    for said in (ctl("audit"), ctl("--json", "audit")):
        assert "\x1b" not in said.out and "\u202e" not in said.out


def test_memory_does_not_grow_with_the_log(trail):
    _, ctl, path = trail
    with open(path, "a", encoding="utf-8") as file:
        file.write(30000 * '{"time":"2030-01-01T00:00:00.000Z",'
                   '"event":"login ok","user":"a"}\n')
    run = subprocess.Popen(
        [ctl_module.binary(), "audit"], env=gates.environment(ctl.settings),
        stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = status
    assert status == 0
    assert usage.ru_maxrss < 500 * 1024, "KiB; a sanitizer keeps 256 MiB"


def test_a_log_that_is_not_there(ctl):
    ctl = ctl.with_settings({"log.target": "file:/no/such"})
    assert ctl("audit").status == 1


def test_web_prints_what_print_config_does(ctl):
    for name in ("nginx-check", "lighttpd", "apache-gate"):
        said = ctl("web", name, "socket=/run/x.sock")
        assert said.status == 0
        assert said.out == servers.printed(name, socket="/run/x.sock")
    mounted = ctl.with_settings({"server.mount": "/auth"})
    assert mounted("web", "nginx").out == servers.printed(
        "nginx", mount="/auth")
    assert ctl("web", "iis").status == 64


def test_web_in_json(ctl):
    said = ctl("--json", "web", "nginx", "socket=/run/x.sock")
    assert said.status == 0 and said.objects == [
        {"server": "nginx",
         "text": servers.printed("nginx", socket="/run/x.sock")}]
    said = ctl("--json", "web", "iis")
    assert (said.status, said.out) == (64, "") and said.err


def test_the_journal_is_asked_where_no_file_is(ctl, place):
    """A journalctl of our own: what it is asked, and that lines are read."""
    folder = place()
    fake = os.path.join(folder, "journalctl")
    with open(fake, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\necho "$@" >"$0.args"\n'
                   'echo "2026-11-30T10:00:00+0000 host sessgate[7]: login ok '
                   'addr=192.0.2.7 id=42 session=x user=alice@example.org"\n')
    os.chmod(fake, 0o755)
    said = ctl("--json", "audit", "--user", "id:42", "--since", "2h",
               PATH=folder + ":" + process.PATH)
    assert events(said) == ["login ok"], said
    with open(fake + ".args", encoding="utf-8") as file:
        words = file.read().split()
    assert words[:3] == ["-q", "-t", "sessgate"] and "--since" in words
    assert time.strftime("%Y") in " ".join(words)
