"""sessgatectl(8): its examples are run as they stand; completion completes."""

import os
import re
import shlex
import subprocess

import pytest

import ctl as ctl_module
import gate as gates
import people
import process
import stack

with open(os.path.join(stack.TOP, "man", "sessgatectl.8"),
          encoding="utf-8") as page:
    MANUAL = page.read()
BLOCKS = dict(re.findall(
    r'^\.\\" test (\w+)\n\.Bd.*?\n(.*?)\n\.Ed\n\.\\" end', MANUAL, re.M | re.S))


def test_there_are_examples():
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_an_example_runs(start_gate, ctl, place, alice, name):
    """With an existing handle, file and socket in the place of its words."""
    folder = place()
    log = os.path.join(folder, "log")
    settings = {**ctl.settings, "log.target": f"file:{log}",
                "session.key": "migrate"}
    gate = start_gate(settings)
    cookie = gate.log_in(alice)
    handle = gate.get("/sessions", cookie).json()["sessions"][0]["handle"]
    secret = os.path.join(folder, "p")
    with open(secret, "w", encoding="utf-8") as file:
        file.write(people.PASSWORD)
    words = {"HANDLE": handle, "FILE": secret, "SOCKET": gate.path}
    tool = ctl.with_settings(settings)
    env = gates.environment(
        tool.settings,
        PATH=os.path.dirname(ctl_module.binary()) + ":" + process.PATH)
    for line in BLOCKS[name].replace("\\e", "\\").splitlines():
        for word, value in words.items():
            line = re.sub(rf"\b{word}\b", shlex.quote(value), line)
        if "| jq" in line:
            line = line.split(" | jq")[0]
        done = subprocess.run(
            ["sh", "-c", line], env=env, capture_output=True, text=True,
            timeout=20, check=False)
        assert done.returncode == 0, (line, done)


def test_each_command_is_in_the_manual(ctl):
    """With the words and options of its usage."""
    commands = re.search(r"^\.Sh COMMANDS\n(.*?)^\.Sh ",
                         MANUAL, re.M | re.S)[1]
    for line in ctl("--help").lines:
        if not line.startswith("  ") or line.startswith("  --"):
            continue
        name = line.split()[0]
        assert re.search(rf"\bCm {name}\b", commands), line
        for option in re.findall(r"--([a-z-]+)", line):
            assert f"Fl -{option}" in commands, line


def complete(*words):
    """What bash offers for the last of the words."""
    script = os.path.join(stack.TOP, "contrib", "sessgatectl.bash")
    line = " ".join(map(shlex.quote, words))
    done = subprocess.run(
        ["bash", "--norc", "-c",
         f'. "{script}"; COMP_WORDS=({line}); '
         f"COMP_CWORD={len(words) - 1}; _sessgatectl; "
         'printf "%s\\n" "${COMPREPLY[@]}"'],
        capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.split()


def test_completion_offers_commands_and_options():
    assert set(complete("sessgatectl", "un")) == {"unblock"}
    assert {"sessions", "end", "doctor"} <= set(complete("sessgatectl", ""))
    assert complete("sessgatectl", "config", "pr") == ["print"]
    assert complete("sessgatectl", "end", "--e") == ["--everybody"]
    assert complete("sessgatectl", "--config", "x", "who", "--s") == ["--since"]
    assert "--print-synopsis" not in complete("sessgatectl", "--")


def test_help_is_for_each_command(ctl):
    said = ctl("password", "set", "--help")
    assert said.status == 0 and said.lines[0].startswith(
        "usage: sessgatectl password set USER")
    assert ctl("--version").out.startswith("sessgatectl (sessgate) ")
