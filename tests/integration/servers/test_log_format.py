"""The log as JSON, the audit trail apart, the journal, and rotation."""

import glob
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

import ctl as ctl_module
import process
import stack
from outages import speak
from test_audit import ELSEWHERE, HERE, SPOOFS, banned, guess
from test_log_target import (  # pylint: disable=unused-import
    Syslogd, own_dev, said, small_disk)

TRAIL = ("login ok", "login failed", "logout", "user blocked")
SOURCES = os.path.join(stack.TOP, "src")


def objects(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_json_is_one_object_a_line_whatever_users_are_called(
        start_gate, place, alice):
    path = os.path.join(place("l"), "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}", "log.format": "json"})
    cookie = gate.log_in(alice)
    names = [*SPOOFS, "x" * 60000, "\U0001f511\u202e\x1b]0;x\x07"]
    for name in names:
        assert guess(gate, name).status == 401, name
    gate.post("/logout", cookie=cookie)
    with open(path, "rb") as file:
        text = file.read()
    assert text.isascii() and text.endswith(b"\n")
    found = objects(path)
    assert all(list(one)[:4] == ["time", "level", "pid", "event"]
               for one in found)
    assert {one["pid"] for one in found} == {gate.pid}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                        found[0]["time"])
    assert [one for one in found if one["event"] == "started"][0][
        "workers"] == 32
    failed = [one for one in found if one["event"] == "login failed"]
    assert len(failed) == len(names)
    assert all(one["addr"] == HERE for one in failed)
    assert failed[-1]["user"].startswith("\U0001f511")
    assert banned(path) == len(failed) * [HERE]
    for secret in (alice.password, cookie.partition("=")[2]):
        assert secret.encode() not in text


def test_the_trail_has_all_of_it_and_nothing_else(
        start_gate, place, stores, alice):
    """Lines of the program about people, and of an operator."""
    folder = place("l")
    path, trail = (os.path.join(folder, name) for name in ("s.log", "a.log"))
    settings = {"log.target": f"file:{path}", "log.audit": f"file:{trail}"}
    gate = start_gate(settings)
    cookie = gate.log_in(alice)
    guess(gate, f"x addr={ELSEWHERE}")
    gate.post("/logout", cookie=cookie)
    tool = ctl_module.Ctl({**stores, **settings})
    assert tool("block", alice.email).status == 0
    with open(trail, encoding="ascii") as file:
        lines = file.read().splitlines()
    assert [line.partition("]: ")[2].startswith(words)
            for line, words in zip(lines, TRAIL, strict=True)] == 4 * [True]
    assert not any(said(path, f"]: {words} ") for words in TRAIL)
    assert said(path, "]: started ") and not said(trail, "]: started ")
    assert banned(trail) == [HERE]
    printed = tool("audit", "--json").lines
    assert [json.loads(line)["event"] for line in printed] == list(TRAIL)
    gate.tell(signal.SIGUSR2)
    assert process.until(lambda: said(path, f"log reopened target={path}")
                         and said(path, f"log reopened target={trail}"))


def test_the_tool_reads_a_trail_that_is_json(
        start_gate, place, stores, alice):
    trail = os.path.join(place("l"), "a.log")
    settings = {"log.audit": f"file:{trail}", "log.format": "json"}
    gate = start_gate(settings)
    gate.log_in(alice)
    guess(gate, "bob")
    tool = ctl_module.Ctl({**stores, **settings})
    assert tool("block", alice.email).status == 0
    assert [one["event"] for one in objects(trail)] == [
        "login ok", "login failed", "user blocked"]
    (line,) = tool("audit", "--json", "--user", "bob").lines
    entry = json.loads(line)
    assert entry.pop("time").endswith("Z")
    assert entry == {"event": "login failed", "addr": HERE,
                     "reason": "unknown", "user": "bob"}
    assert len(tool("audit", "--user", alice.email).lines) == 2
    assert len(tool("audit", "--since", "1h").lines) == 3


def test_each_word_of_the_trail_is_in_its_table():
    """And the table has no word that nobody writes."""
    with open(f"{SOURCES}/base/log_audit.c", encoding="ascii") as file:
        table = set(re.findall(r'STR_INIT\("([a-z ]+)"\)', file.read()))
    written = set()
    for path in [f"{SOURCES}/app/audit.c", *glob.glob(f"{SOURCES}/ctl/*.c")]:
        with open(path, encoding="ascii") as file:
            text = file.read()
        written |= set(re.findall(
            r'(?:log_event\(LOG_INFO|audit_change\(\s*ctl|audit_write\(\s*ctl),'
            r'\s*"([a-z ]+)"', text))
    assert table == written


def test_the_trail_goes_to_syslog_as_authpriv(start_gate, own_dev, alice):
    """And what a daemon that restarted missed is told there."""
    before, path = own_dev
    daemon = Syslogd(path, socket.SOCK_DGRAM)
    gate = start_gate({"log.target": "stderr", "log.audit": "syslog"},
                      before=before)
    gate.log_in(alice)
    (line,) = daemon.read()
    assert re.match(r"<86>\w{3} [ \d]\d [\d:]{8} sessgate\[\d+\]: login ok ",
                    line)
    assert gate.heals(lambda: gate.events("started"))
    assert not gate.events("login ok")
    daemon.stop()
    gate.log_in(alice)
    daemon.start()
    assert process.until(lambda: gate.log_in(alice) and any(
        re.match(r"<84>.*: log lines dropped lines=\d+$", line)
        for line in daemon.read()), 3 * process.SLACK)
    daemon.sock.close()


AS_A_UNIT = """
import os, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
stat = os.fstat(sock.fileno())
os.environ["JOURNAL_STREAM"] = f"{stat.st_dev}:{stat.st_ino}"
os.dup2(sock.fileno(), 2)
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_journal_gets_priorities_and_no_time(
        start_gate, place, alice, form):
    """Standard error is a stream that JOURNAL_STREAM names, as of a unit."""
    path = os.path.join(place("j"), "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        gate = start_gate({"log.format": form}, before=[
            sys.executable, "-c", AS_A_UNIT, path])
        journal = listener.accept()[0]
    gate.log_in(alice)
    gate.tell(signal.SIGUSR2)
    journal.settimeout(5 * process.SLACK)
    text = ""
    while "log reopened" not in text:
        text += journal.recv(65536).decode("ascii")
    journal.close()
    begin = {"text": "<6>login ok addr=",
             "json": '<6>{"level":"info","event":"login ok","addr":'}[form]
    lines = text.splitlines()
    assert any(line.startswith(begin) for line in lines), lines
    assert all(re.match(r"<[346]>[a-z{]", line) for line in lines), lines


def test_a_stream_that_is_not_the_journal_has_no_priorities(start_gate):
    """The variable is inherited by what a unit starts with another output."""
    gate = start_gate({}, before=["env", "JOURNAL_STREAM=8:1"])
    assert gate.heals(lambda: gate.events("started"))
    assert all(re.match(r"\d{4}-", line) for line in
               gate.log_text().splitlines())


def test_logrotate_loses_no_line(start_gate, place):
    """The file of contrib, run by logrotate itself, for two processes."""
    folder = place("l")
    path = os.path.join(folder, "sessgate.log")
    gates = [start_gate({"log.target": f"file:{path}"}) for _ in range(2)]
    tools = place("t")
    stub = os.path.join(tools, "systemctl")
    with open(stub, "w", encoding="ascii") as file:
        file.write('#!/bin/sh\n[ "$*" = "kill --signal=USR2 sessgate.service"'
                   f' ] && kill -USR2 {gates[0].pid} {gates[1].pid}\n')
    os.chmod(stub, 0o755)
    with open(os.path.join(stack.TOP, "contrib/logrotate/sessgate"),
              encoding="ascii") as file:
        text = file.read().replace("/var/log/sessgate/*.log", path)
    owner = subprocess.run(["id", "-un"], capture_output=True, text=True,
                           check=True).stdout.strip()
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True,
                           check=True).stdout.strip()
    conf = os.path.join(tools, "conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write(text.replace("sessgate adm", f"{owner} {group}"))
    for turn in range(3):
        for gate in gates:
            speak(gate, 5)
        subprocess.run(
            [process.tool("logrotate"), "-f", "-s",
             os.path.join(tools, "state"), conf], check=True,
            env={"PATH": f"{tools}:{process.PATH}"}, capture_output=True)
        assert process.until(lambda: os.path.exists(path) and count(
            path, "log reopened") == 2), turn
    for gate in gates:
        speak(gate, 5)
    assert oct(os.stat(path).st_mode & 0o777) == "0o640"
    read = ["sh", "-c", f"cat {path} {path}.1; zcat {path}.*.gz"]
    assert process.until(lambda: subprocess.run(
        read, capture_output=True, text=True, check=True).stdout.count(
            "]: logout ") == 40)


def count(path, words):
    with open(path, encoding="ascii") as file:
        return file.read().count(words)


def test_two_processes_on_a_full_disk_glue_no_line(start_gate, small_disk):
    """Each may be cut, and each writes after the other."""
    path = os.path.join(small_disk, "sessgate.log")
    gates = [start_gate({"log.target": f"file:{path}"}) for _ in range(2)]
    ballast = os.path.join(small_disk, "ballast")
    for _ in range(3):
        with open(ballast, "wb", 0) as file:
            try:
                while file.write(b"x" * 512):
                    pass
            except OSError:
                pass
        for _ in range(15):
            for gate in gates:
                speak(gate, 2)
        os.unlink(ballast)
        for gate in gates:
            speak(gate)
            speak(gate)
    assert count(path, "log lines dropped lines=") >= 2
    with open(path, encoding="ascii") as file:
        for line in file:
            assert line.count("Z sessgate[") <= 1, line


def test_a_fifo_needs_no_reader(start_gate, place):
    path = os.path.join(place("l"), "fifo")
    os.mkfifo(path)
    gate = start_gate({"log.target": f"file:{path}"})
    speak(gate)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    assert b"]: redis connecting " in os.read(reader, 65536)
    os.close(reader)
    speak(gate)
    assert gate.is_running()


def test_a_folder_that_closed_keeps_the_old_file(start_gate, place):
    """A rotation has given the folder to another user."""
    folder = place("l")
    path = os.path.join(folder, "sessgate.log")
    gate = start_gate({"log.target": f"file:{path}"})
    os.rename(path, path + ".1")
    os.mkdir(path)
    gate.tell(signal.SIGUSR2)
    assert process.until(lambda: said(
        path + ".1", f'log not reopened target={path} '
                     'reason="Is a directory"'))
    os.rmdir(path)
    gate.tell(signal.SIGUSR2)
    assert process.until(lambda: os.path.exists(path)
                         and said(path, "log reopened"))
