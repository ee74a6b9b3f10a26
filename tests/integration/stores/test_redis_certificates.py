"""TLS to Redis: what a certificate must be, and which words tell that it is not."""

import os
import re
import time

import pytest

import certificates
import gate as gates
import taps
from outages import SLACK, UNKNOWN, is_down, is_in_time
# pylint: disable=unused-import
from secured import HERE, authority, issued, secured, trusting, works


@pytest.fixture(scope="module")
def stranger(place):
    """Another authority."""
    return certificates.Authority(place("ca"), "stranger")


# what a certificate must be

def check(stores, authority, server, **settings):
    """What --check-config says of a server."""
    more = {**taps.PATIENT, "redis.tls_ca": authority.ca, "redis.url": server.url,
            **{f"redis.{name}": text for name, text in settings.items()}}
    result = gates.run("--check-config", settings={**stores, **more})
    return result.returncode, result.stdout + result.stderr


WRONG = [
    (("DNS:other.example",), 300, {},
     "its certificate is for other.example, not for 127.0.0.1"),
    (("DNS:a.example", "IP:192.0.2.9"), 300, {"tls_name": "b.example"},
     "its certificate is for a.example, 192.0.2.9, not for b.example"),
    (("DNS:*.example.org",), 300, {"tls_name": "a.b.example.org"},
     "for *.example.org, not for a.b.example.org"),
    (HERE, -1, {}, "the certificate for localhost, 127.0.0.1 expired at 20"),
    (HERE, -1, {"tls_verify": "ca"}, "expired at 202"),
]


@pytest.mark.parametrize("names,days,settings,words", WRONG)
def test_a_wrong_certificate_is_refused_in_words(
        stores, authority, secured, names, days, settings, words):
    status, said = check(
        stores, authority, secured(*names, days=days), **settings)
    assert status != 0 and words in said, said


RIGHT = [
    (HERE, 300, {}),
    (("DNS:other.example",), 300, {"tls_name": "other.example"}),
    (("DNS:*.example.org",), 300, {"tls_name": "a.example.org"}),
    (("IP:192.0.2.9",), 300, {"tls_name": "192.0.2.9"}),
    (("DNS:other.example",), 300, {"tls_verify": "ca"}),
    (("DNS:other.example",), -1, {"tls_verify": "off", "tls_ca": ""}),
]


@pytest.mark.parametrize("names,days,settings", RIGHT)
def test_a_right_certificate_is_accepted(
        stores, authority, secured, names, days, settings):
    status, said = check(
        stores, authority, secured(*names, days=days), **settings)
    assert status == 0 and "[redis] url: works" in said, said
    assert ("tls_verify = off" in said) == ("tls_verify" in settings
                                            and days < 0)


def test_a_strangers_certificate_is_refused(stores, stranger, secured):
    status, said = check(stores, stranger, secured())
    assert status != 0
    assert "self-signed certificate in certificate chain" in said, said


def test_the_systems_store_is_the_default(start_gate, authority, secured,
                                          alice):
    server = secured()
    knows = start_gate({"redis.url": server.url}, SSL_CERT_FILE=authority.ca)
    assert works(knows, alice)
    other = start_gate({"redis.url": server.url},
                       SSL_CERT_FILE="/dev/null")
    is_down(other.get("/auth", UNKNOWN), "redis_unavailable")
    assert other.heals(
        lambda: "self-signed certificate" in other.log_text())


@pytest.mark.parametrize("scheme,limit", [
    ("redis", "500ms"), ("rediss", "1000ms")])
def test_a_connect_over_tls_may_take_longer(scheme, limit):
    printed = gates.run("--print-config", settings={
        "redis.url": f"{scheme}://x", "mysql.url": "mysql://u:p@h/d"}).stdout
    assert f"connect_timeout = 0\n# in force: {limit}\n" in printed


@pytest.mark.parametrize("option,words", [
    ("tls_ca", "no certificate"), ("tls_cert", "no start line"),
    ("tls_key", "unsupported"), ("both", "mismatch")])
def test_a_file_without_what_it_should_hold_is_named(
        stores, authority, secured, issued, write_text, option, words):
    server, own = secured(), issued("DNS:client")
    settings = {"tls_cert": own.cert, "tls_key": own.key}
    if option == "both":
        settings["tls_key"] = issued("DNS:another").key
    else:
        settings[option] = write_text("nothing\n")
    status, said = check(stores, authority, server, **settings)
    assert status != 0 and words in said, said
    assert settings["tls_key" if option == "both" else option] in said


@pytest.fixture
def write_text(place):
    def write(text):
        path = os.path.join(place("f"), "file")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path
    return write


def test_a_key_that_others_may_read_is_warned_of(
        stores, authority, secured, issued):
    own = issued("DNS:client")
    os.chmod(own.key, 0o644)
    status, said = check(stores, authority, secured(), tls_cert=own.cert,
                         tls_key=own.key)
    assert status == 0
    assert f"[redis] tls_key: others may read {own.key} (mode 0644)" in said


# TLS 1.3 judges our certificate after the handshake

@pytest.mark.parametrize("protocols,words", [
    ("TLSv1.3", "the server wants a certificate of ours (tls_cert)"),
    ("TLSv1.2", "it may want a certificate of ours (tls_cert)")])
def test_mutual_tls_without_a_certificate_is_told(
        trusting, secured, protocols, words):
    server = secured(clients_too=True, options=("--tls-protocols", protocols))
    gate = trusting(server)
    for _ in range(3):
        is_in_time(lambda: gate.get("/auth", UNKNOWN), 1.5,
                   "redis_unavailable")
    assert gate.heals(lambda: words in gate.log_text())
    assert len(gate.events("redis lost")) == 1


@pytest.mark.parametrize("protocols", ["TLSv1.3", "TLSv1.2"])
def test_mutual_tls_works(trusting, secured, issued, alice, protocols):
    own = issued("DNS:client")
    server = secured(clients_too=True, options=("--tls-protocols", protocols))
    gate = trusting(server, {"redis.tls_cert": own.cert,
                             "redis.tls_key": own.key})
    assert works(gate, alice)
    assert f"tls={protocols} " in gate.first_event("redis ready")


def test_a_certificate_of_ours_that_is_refused_is_told(
        stores, authority, stranger, secured):
    own = stranger.issue("DNS:client")
    status, said = check(stores, authority, secured(clients_too=True),
                         tls_cert=own.cert, tls_key=own.key)
    assert status != 0
    assert "the server does not know the authority of our certificate" in said


def test_our_expired_certificate_is_told(stores, authority, secured, issued):
    own = issued("DNS:client", days=-1)
    status, said = check(stores, authority, secured(clients_too=True),
                         tls_cert=own.cert, tls_key=own.key)
    assert status != 0 and "(tls_cert) has expired" in said, said


# certificates that are about to expire

def expiry_lines(gate):
    return [re.sub(r".*expires ", "", line)
            for line in gate.events("redis certificate expires")]


def test_a_certificate_that_expires_soon_is_told_once(
        trusting, secured, issued):
    own = issued("DNS:client", days=3)
    gate = trusting(secured(days=10), {"redis.tls_cert": own.cert,
                                       "redis.tls_key": own.key})
    assert gate.heals(lambda: len(expiry_lines(gate)) == 2)
    time.sleep(2.2)  # two more probes
    server, ours = expiry_lines(gate)
    assert re.fullmatch(r"whose=server at=20\S+Z days=(9|10)", server)
    assert re.fullmatch(r"whose=ours at=20\S+Z days=[23]", ours)


def test_a_certificate_that_lasts_is_not_told(trusting, secured, alice):
    gate = trusting(secured(days=30))
    gate.log_in(alice)
    time.sleep(1.2)
    assert expiry_lines(gate) == []
    assert re.search(r"tls=TLSv1.3 expires=20\S+Z",
                     gate.first_event("redis ready"))


def test_the_check_warns_of_a_certificate_that_expires(
        stores, authority, secured):
    status, said = check(stores, authority, secured(days=10))
    assert status == 0
    assert re.search(
        r"warning: \[redis\] url: the server's certificate expires at 20\S+Z,"
        r" in (9|10) days", said), said


def test_a_certificate_that_is_not_verified_is_told_at_the_start(
        trusting, secured):
    gate = trusting(secured("DNS:other"),
                    {"redis.tls_verify": "off", "redis.tls_ca": ""})
    assert gate.get("/auth", UNKNOWN).status == 403
    assert len(gate.events("redis unverified")) == 1
