"""sessgatectl totp: a second factor given, tried and taken away."""

import json
import os
import re
import subprocess
import urllib.parse

import pytest

import ctl as ctl_module
import gate as gates
import otp
import process
from otp import code, log_in, step_now


@pytest.fixture
def settings(changer, factors):
    return {**otp.SETTINGS, "mysql.url": changer.url(),
            "mysql.totp_update": otp.UPDATE, "login.title": "Our: site"}


@pytest.fixture
def tool(ctl, settings):
    return ctl.with_settings(settings)


@pytest.fixture
def gate(module_gate, settings, redis):
    return module_gate(settings)


@pytest.fixture
def alice(alice, factors):
    return factors.give(alice, None)


class New:
    """A `totp new` that has shown its secret and waits for a code."""

    def __init__(self, tool, user, *options):
        self.popen = subprocess.Popen(
            [ctl_module.binary(), *options, "totp", "new", user.email],
            env=gates.environment(tool.settings), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.first = self.popen.stdout.readline().strip()
        url = json.loads(self.first)["url"] if options else self.first
        self.shown = "" if options else self.popen.stdout.readline()
        self.url = urllib.parse.urlsplit(url)
        self.fields = dict(urllib.parse.parse_qsl(self.url.query))
        self.secret = self.fields["secret"]

    def answer(self, given):
        out, err = self.popen.communicate(
            given + "\n", timeout=20 * process.SLACK)
        return ctl_module.Said(self.popen.returncode, out, err)


def test_a_first_code_makes_it_count(tool, gate, factors, alice):
    assert log_in(gate, alice).status == 200
    new = New(tool, alice)
    assert (new.url.scheme, new.url.netloc) == ("otpauth", "totp")
    assert urllib.parse.unquote(new.url.path) == \
        "/Our  site:alice@example.org"
    assert new.fields["issuer"] == "Our  site"
    assert re.fullmatch("[A-Z2-7]{32}", new.secret)
    assert factors.of(alice) is None
    given = code(step_now(), new.secret)
    said = new.answer(given)
    assert said.status == 0 and "logs in with a code" in said.out, said
    assert new.shown.replace(" ", "") == f"secret:{new.secret}\n"
    assert factors.of(alice) == new.secret
    assert log_in(gate, alice).status == 401
    assert log_in(gate, alice, given).status == 401  # used by now
    assert log_in(gate, alice, code(step_now() + 1, new.secret)).status == 200


@pytest.mark.parametrize("given", ["", "000000", "x"])
def test_a_wrong_first_code_changes_nothing(tool, factors, alice, given):
    said = New(tool, alice).answer(given)
    assert said.status == 1 and "nothing was changed" in said.err, said
    assert factors.of(alice) is None


def test_it_never_writes_over_another_secret(tool, factors, alice):
    first, second = New(tool, alice), New(tool, alice)
    step = step_now()
    assert first.answer(code(step, first.secret)).status == 0
    said = second.answer(code(step + 1, second.secret))
    assert said.status == 1 and "found no row" in said.err, said
    assert factors.of(alice) == first.secret
    said = tool("totp", "new", alice.email)
    assert said.status == 1 and "remove it first" in said.err
    assert not said.out
    assert factors.of(alice) == first.secret


def test_it_is_taken_away(tool, gate, factors, alice):
    factors.give(alice)
    said = tool("totp", "remove", "id:42")
    assert said.status == 0 and "without a code" in said.out, said
    assert factors.of(alice) is None
    assert log_in(gate, alice).status == 200
    said = tool("totp", "remove", alice.email)
    assert said.status == 1 and "no second factor" in said.err


def test_a_code_is_tried_without_being_used(tool, gate, factors, alice):
    factors.give(alice)
    given = code(step_now())
    assert tool("totp", "check", alice.email, stdin=given + "\n").status == 0
    assert tool("totp", "check", alice.email, stdin="000000\n").status == 1
    assert tool("totp", "check", alice.email, stdin="").status == 1
    assert log_in(gate, alice, given).status == 200
    factors.give(alice, None)
    assert tool("totp", "check", alice.email, stdin=given).status == 1


def test_what_the_configuration_lacks_is_named(ctl, tool, alice):
    said = ctl.with_settings(otp.SETTINGS)("totp", "new", alice.email)
    assert said.status == 78 and "totp_update is not set" in said.err
    said = ctl.with_settings({"mysql.totp_update": otp.UPDATE})(
        "totp", "new", alice.email)
    assert said.status == 78 and "has no column totp" in said.err
    assert tool("totp", "new", "nobody@example.org").status == 1
    assert tool("totp", "new").status == 64


def test_without_the_right_to_write_it_says_so(ctl, settings, stores, alice):
    reader = ctl.with_settings({**settings, "mysql.url": stores["mysql.url"]})
    new = New(reader, alice)
    said = new.answer(code(step_now(), new.secret))
    assert said.status == 77, said


def test_json_and_the_user(tool, factors, alice):
    new = New(tool, alice, "--json")
    assert json.loads(new.first)["secret"] == new.secret
    said = new.answer(code(step_now(), new.secret))
    assert said.objects == [{"changed": True}]
    (shown,) = tool("--json", "user", alice.email).objects
    assert shown["totp"] is True
    assert new.secret not in tool("user", alice.email).out


def test_the_walk_through_a_login_asks_for_it(tool, factors, alice):
    factors.give(alice)
    said = tool("login", alice.email, "--path", "/", stdin=(
        f"{alice.password}\n{code(step_now())}\n"))
    assert said.status == 0 and re.search(r"code +yes +right", said.out), said
    said = tool("login", alice.email, stdin=alice.password + "\n000000\n")
    assert said.status == 1 and re.search(r"code +no +wrong", said.out)
    said = tool("login", alice.email, stdin=alice.password)
    assert said.status == 1 and "needed, and none was given" in said.out
    factors.give(alice, None)
    ruled = tool.with_settings({"gate.rule": "/admin login otp"})
    said = ruled("login", alice.email, "--path", "/admin",
                 stdin=alice.password)
    assert said.status == 1 and "wants a login with a code" in said.out


def test_on_a_terminal_qrencode_draws_the_url(tool, place, alice):
    """The secret reaches it by standard input alone."""
    folder = place("b")
    path = os.path.join(folder, "qrencode")
    with open(path, "w", encoding="ascii") as file:
        file.write('#!/bin/sh\necho "drawn $* $(cat)"\n')
    os.chmod(path, 0o755)
    said = tool.on_terminal("totp", "new", alice.email, typed=["1", "2", "3"],
                            PATH=folder + ":" + process.PATH)
    assert re.search(r"drawn -t ANSIUTF8 otpauth://totp/", said.out), said
    assert said.out.count("the code is wrong") == 3 and said.status == 1
    said = tool.on_terminal("totp", "new", alice.email, typed=["1", "2", "3"])
    assert "otpauth://totp/" in said.out and "drawn" not in said.out


# ---- recovery codes

@pytest.fixture
def with_recovery(tool):
    return tool.with_settings(otp.RECOVERY)


def test_recovery_codes_are_printed_once_it_counts(
        with_recovery, start_gate, settings, redis, factors, alice):
    gate = start_gate({**settings, **otp.RECOVERY})
    new = New(with_recovery, alice)
    said = new.answer("000000")
    assert said.status == 1 and "recovery" not in said.out
    assert factors.of(alice, "totp_codes") is None
    new = New(with_recovery, alice)
    said = new.answer(code(step_now(), new.secret))
    assert said.status == 0 and "shown nowhere else" in said.out, said
    codes = said.lines[-10:]
    assert factors.codes_of(alice) == list(map(otp.hashed, codes))
    assert log_in(gate, alice, codes[0]).status == 200
    assert log_in(gate, alice, codes[0]).status == 401
    said = with_recovery("totp", "check", alice.email, stdin=codes[1] + "\n")
    assert said.status == 0
    said = with_recovery("login", alice.email, stdin=(
        f"{alice.password}\n{codes[1]}\n"))
    assert said.status == 0, said
    assert len(factors.codes_of(alice)) == 9  # neither uses it up
    assert with_recovery("totp", "remove", alice.email).status == 0
    assert factors.of(alice, "totp_codes") is None


def test_json_has_the_recovery_codes(
        with_recovery, factors, alice):
    new = New(with_recovery, alice, "--json")
    (shown,) = new.answer(code(step_now(), new.secret)).objects
    assert shown["changed"] is True and len(shown["recoveryCodes"]) == 10
    assert factors.codes_of(alice) == list(
        map(otp.hashed, shown["recoveryCodes"]))


def test_codes_of_a_former_factor_are_no_first_code(
        with_recovery, factors, alice):
    factors.give(alice, None)
    codes = factors.give_codes(alice)
    said = New(with_recovery, alice).answer(codes[0])
    assert said.status == 1 and "the code is wrong" in said.err
