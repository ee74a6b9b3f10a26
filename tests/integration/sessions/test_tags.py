"""Tokens with a tag: rotation of secrets, and who never reaches Redis."""

import os
import secrets
import signal

import pytest

import gate as gates
from gate import is_good

TOKEN = "abcDEF0123456789-_abcDEF0123456789-_abcDEF0"
OLD, NEW = secrets.token_urlsafe(32), secrets.token_urlsafe(32)


@pytest.fixture
def keys(place):
    """keys(a, b, ..): the path of a file with these secrets."""

    def write(*lines):
        path = os.path.join(place("k"), "secrets")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w",
                  encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        return path
    return write


@pytest.fixture
def tagging(start_gate, keys):
    """tagging(secrets, more): a program that tags its tokens."""

    def start(*lines, **more):
        return start_gate({"session.secret_file": keys(*lines), **{
            name.replace("__", "."): value for name, value in more.items()}})
    return start


def token_of(cookie):
    return cookie.partition("=")[2]


def plant(redis, name):
    """A session as the Node application writes it."""
    redis.client.set("sess:" + name, '{"userId":"42","createdAt":'
                     f'{redis.client.time()[0] * 1000}}}', ex=100)


def asked(redis, act):
    """The requests to Redis meanwhile."""
    with redis.watch() as lines:
        act()
    return b"\n".join(lines)


def test_a_token_with_a_tag_is_stored_under_the_hash_of_it_all(
        tagging, redis, alice):
    gate = tagging(NEW)
    cookie = gate.log_in(alice)
    token, _, tag = token_of(cookie).partition(".")
    assert (len(token), len(tag)) == (43, 22)
    assert redis.client.exists("sess:" + gates.hashed(token_of(cookie)))
    assert is_good(gate, cookie)


@pytest.mark.parametrize("mode", ["sha256", "plain", "migrate"])
def test_a_forged_token_never_reaches_redis(
        tagging, redis, alice, mode):
    gate = tagging(NEW, session__key=mode)
    name, _, token = gate.log_in(alice).partition("=")
    forged = [token[:-1] + ("A" if token[-1] != "A" else "Q"),
              ("A" if token[0] != "A" else "B") + token[1:],
              token[:44] + "A" * 22, TOKEN + "." + token[44:]]
    for one in forged:  # they would be let in, were they asked for
        plant(redis, one)
        plant(redis, gates.hashed(one))

    def try_them():
        for one in forged:
            assert not is_good(gate, f"{name}={one}")
            answer = gate.post("/logout", cookie=f"{name}={one}")
            assert (answer.status, len(answer.all("Set-Cookie"))) == (200, 1)
    assert b'"sess:' not in asked(redis, try_them)
    assert b'"sess:' in asked(
        redis, lambda: is_good(gate, f"{name}={token}"))
    assert is_good(gate, f"{name}={token}")


def test_secrets_are_rotated_without_a_logout(tagging, redis, alice):
    """The first line signs, all of them verify."""
    before = tagging(OLD)
    cookie = before.log_in(alice)
    between = tagging(NEW, OLD)
    assert is_good(between, cookie)
    newer = between.log_in(alice)
    assert not is_good(before, newer)  # restart all before the first signs
    assert is_good(tagging(OLD, NEW), newer)
    after = tagging(NEW)
    assert is_good(after, newer)
    assert b'"sess:' not in asked(redis, lambda: is_good(after, cookie))
    assert not is_good(after, cookie)


def test_tokens_of_before_are_looked_up_where_it_says_so(
        start_gate, tagging, redis, alice):
    cookie = start_gate().log_in(alice)
    strict, kind = tagging(NEW), tagging(NEW, session__untagged="on")
    assert is_good(kind, cookie)
    assert b'"sess:' not in asked(redis, lambda: is_good(strict, cookie))
    assert not is_good(strict, cookie)


@pytest.mark.parametrize("mode", ["plain", "migrate"])
def test_tokens_of_the_node_application_have_no_tag_and_are_read(
        tagging, redis, alice, mode):
    gate = tagging(NEW, session__key=mode)
    plant(redis, TOKEN)
    assert is_good(gate, f"{gates.PLAIN_COOKIE}={TOKEN}")


def test_without_secrets_again_nobody_is_logged_out(
        start_gate, tagging, redis, alice):
    cookie = tagging(NEW).log_in(alice)
    assert is_good(start_gate(), cookie)


def test_secrets_are_shown_nowhere(tagging, redis, alice):
    gate = tagging(NEW)
    cookie = gate.log_in(alice)
    gate.get("/auth", cookie[:-1])
    gate.tell(signal.SIGHUP)
    with open(f"/proc/{gate.pid}/cmdline", encoding="ascii") as file:
        assert NEW not in file.read()
    shown = gates.run("--print-config", settings=gate.settings)
    assert "secret_file = " in shown.stdout
    for text in (shown.stdout, shown.stderr, gate.log_text()):
        assert NEW not in text and token_of(cookie) not in text


def test_check_config_warns_of_a_file_that_others_may_read(
        stores, keys, redis):
    path = keys(NEW)
    settings = {**stores, "session.secret_file": path}
    assert "secret_file" not in gates.run(
        "--check-config", settings=settings).stderr
    os.chmod(path, 0o644)
    said = gates.run("--check-config", settings=settings)
    assert said.returncode == 0
    assert f"secret_file: others may read {path} (mode 0644)" in said.stderr
