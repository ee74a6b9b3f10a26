"""Links that set a new password: made, used once, dead, refused."""

import re
import time
import urllib.parse

import pytest

import gate as gates
import taps
from test_password_change import NEW, UPDATE, logs_in

FORM = "application/x-www-form-urlencoded"
OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
HOST = "https://www.example.org"


@pytest.fixture
def settings(changer):
    return {**taps.PATIENT, "mysql.url": changer.url(),
            "mysql.password_update": UPDATE,
            "server.origins": f"{HOST}, https://other.example",
            "ops.access": "192.0.2.7"}


@pytest.fixture
def gate(module_gate, settings, redis):
    return module_gate(settings)


def make(gate, user, **more):
    answer = gate.post("/reset-link", {"id": user.id}, **more)
    assert answer.status == 200, answer
    return answer.json()["url"]


def query_of(url):
    assert url.startswith(f"{HOST}/sessgate/reset?"), url
    return url.partition("?")[2]


def token_of(url):
    return urllib.parse.parse_qs(query_of(url))["t"][0]


def open_page(gate, url, **more):
    return gate.get("/reset", QUERY_STRING=query_of(url),
                    REQUEST_URI=url[len(HOST):], **more)


def send(gate, token, new=NEW, again=None, headers=None, **more):
    fields = {"t": token, "new": new, "again": new if again is None else again}
    return gate.post("/reset", urllib.parse.urlencode(fields),
                     content_type=FORM, **(OWN if headers is None else headers),
                     **more)


def is_over(answer):
    assert (answer.status, answer.code) == (404, "reset_over"), answer
    assert "<h1>This link is used up</h1>" in answer.text
    assert 'href="/sessgate/login"' in answer.text
    return is_secret(answer)


def is_secret(page):
    """Neither a cache nor a Referer learns the address of the page."""
    assert page.header("Referrer-Policy") == "no-referrer"
    assert page.header("Cache-Control") == "no-store"
    assert '<meta name="referrer" content="no-referrer">' in page.text
    return True


def is_done(answer):
    assert answer.status == 303, answer
    assert answer.header("Location") == "/sessgate/reset?done=1"
    assert not answer.all("Set-Cookie")
    return True


# ---- making one

@pytest.mark.parametrize("by", ["id", "email", "EMAIL"])
def test_the_site_is_given_a_link(gate, redis, alice, by):
    named = {"id": {"id": alice.id}, "email": {"email": alice.email},
             "EMAIL": {"email": f" {alice.email.upper()} "}}[by]
    answer = gate.post("/reset-link", named)
    assert answer.status == 200
    assert list(answer.json()) == ["url", "expiresAt"]
    assert re.fullmatch(rf"{HOST}/sessgate/reset\?t=[\w-]{{43}}",
                        answer.json()["url"])
    left = answer.json()["expiresAt"] / 1000 - time.time()
    assert 1790 < left < 1810
    key = "reset:" + gates.hashed(token_of(answer.json()["url"]))
    assert redis.client.keys("reset:*") == [key]
    assert 1790 < redis.client.ttl(key) <= 1800


def test_its_host_is_never_that_of_the_request(gate, alice):
    url = make(gate, alice, HTTP_HOST="evil.example",
               HTTP_X_FORWARDED_HOST="evil.example")
    assert url.startswith(HOST + "/")


@pytest.mark.parametrize("document,status", [
    ({"id": "4711"}, 404), ({"email": "no@example.org"}, 404),
    ({"id": "x'y"}, 404), ({"email": ""}, 404), ({}, 400), ([], 400),
    ({"id": None}, 400), ({"email": 5}, 400), ("no json", 400)])
def test_nobody_is_given_no_link(gate, redis, alice, document, status):
    answer = gate.post("/reset-link", document)
    assert answer.status == status, answer
    if status == 404:
        assert answer.text == '{"message":"User not found"}'
    assert not redis.client.keys("reset:*")


def test_only_ops_and_only_where_it_is_configured(
        gate, start_gate, settings, redis, alice):
    answer = gate.post("/reset-link", {"id": "42"}, address="198.51.100.1")
    assert (answer.status, answer.code) == (404, "not_found")
    answer = gate.post("/reset-link", {"id": "42"},
                       HTTP_ORIGIN="https://evil.example")
    assert answer.status == 403
    for lacking in ("mysql.password_update", "server.origins"):
        other = start_gate({**settings, lacking: ""})
        assert other.post("/reset-link", {"id": "42"}).status == 404
        assert other.get("/reset", QUERY_STRING="t=" + 43 * "x").status == 404
        assert send(other, 43 * "x").status == 404
    assert not redis.client.keys("reset:*")


# ---- using it

def test_it_sets_a_password_and_ends_all_sessions(gate, redis, alice):
    cookie = gate.log_in(alice)
    page = open_page(gate, make(gate, alice))
    assert page.status == 200 and is_secret(page)
    assert "<h1>A new password</h1>" in page.text
    form = re.search(r'<form method="post" action="/sessgate/reset">.*?</form>',
                     page.text, re.S)[0]
    token = re.search(r'name="t" value="([^"]+)"', form)[1]
    assert form.count('autocomplete="new-password"') == 2
    assert is_done(send(gate, token))
    done = gate.get("/reset", QUERY_STRING="done=1")
    assert "<h1>Your password is changed</h1>" in done.text
    assert 'href="/sessgate/login"' in done.text
    assert gate.get("/auth", cookie).status == 403
    assert not redis.client.keys("sess:*")
    assert logs_in(gate, alice, NEW)
    assert not logs_in(gate, alice, alice.password)
    assert is_over(send(gate, token, "another one 1"))
    assert is_over(gate.get("/reset", QUERY_STRING="t=" + token))
    assert logs_in(gate, alice, NEW)


def test_looking_at_it_uses_nothing_up(gate, alice):
    url = make(gate, alice)
    for _ in range(3):
        assert open_page(gate, url).status == 200
    assert gate.ask("HEAD", "/reset", QUERY_STRING=query_of(url)).status == 200
    assert is_done(send(gate, token_of(url)))


@pytest.mark.parametrize("new,again,code,words", [
    ("short", None, "password_unfit", "too short or too long"),
    ("x" * 73, None, "password_unfit", "too short or too long"),
    (NEW, "other", "bad_request", "two different ways"),
    ("", "", "bad_request", "fill in both fields")])
def test_a_refused_password_does_not_use_it_up(
        gate, redis, alice, new, again, code, words):
    token = token_of(make(gate, alice))
    page = send(gate, token, new, again)
    assert (page.status, page.code) == (400, code)
    assert words in page.text and "The link can still be used" in page.text
    assert f'name="t" value="{token}"' in page.text and is_secret(page)
    assert len(redis.client.keys("reset:*")) == 1
    assert is_done(send(gate, token))


def test_a_denied_password_does_not_use_it_up(
        start_gate, settings, place, alice):
    path = place("d") + "/denied"
    with open(path, "w", encoding="ascii") as file:
        file.write("password1\n")
    gate = start_gate({**settings, "login.password_denied": path})
    token = token_of(make(gate, alice))
    page = send(gate, token, "Password1")
    assert (page.status, page.code) == (400, "password_denied")
    assert is_done(send(gate, token))


@pytest.mark.parametrize("token", [
    43 * "x", "", "short", 300 * "x", "{{x}}", "a'b\"<script>" + 20 * "x"])
def test_one_that_was_never_made_is_over(gate, alice, token):
    page = send(gate, token)
    assert is_over(page)
    if token:
        assert token not in page.text
    assert is_over(gate.get("/reset",
                            QUERY_STRING=urllib.parse.urlencode({"t": token})))


def test_it_is_dead_once_the_password_has_changed(gate, mysql, alice):
    first, second = (token_of(make(gate, alice)) for _ in range(2))
    assert is_done(send(gate, first))
    assert is_over(send(gate, second, "another one 1"))
    assert logs_in(gate, alice, NEW)


def test_of_twenty_at_once_one_goes_through(gate, alice):
    token = token_of(make(gate, alice))
    words = [f"{NEW} {number}" for number in range(20)]
    answers = taps.together(
        20, lambda number: send(gate, token, words[number], timeout=30))
    won = [word for word, answer in zip(words, answers)
           if answer.status == 303]
    assert len(won) == 1, answers
    assert logs_in(gate, alice, won[0])


def test_a_deleted_user_has_no_use_for_it(gate, users, alice):
    token = token_of(make(gate, alice))
    users.remove(alice)
    assert is_over(send(gate, token))


def test_while_a_store_is_away_it_stays_good(
        start_gate, settings, mysql_server, changer, redis, alice):
    """Of SQL that refuses the write, too: 503, and the link can be used."""
    gate = start_gate({**settings, "mysql.url": mysql_server.url})
    token = token_of(make(gate, alice))
    page = send(gate, token)
    assert page.status == 503, page
    assert "does not work at the moment" in page.text and is_secret(page)
    assert logs_in(gate, alice, alice.password)
    other = start_gate(settings)
    assert is_done(send(other, token))


def test_made_up_ones_are_counted_like_logins(start_gate, settings, alice):
    gate = start_gate({**settings, "login.limit_network": "3/900"})
    good = token_of(make(gate, alice))
    for _ in range(3):
        assert is_over(send(gate, 43 * "x"))
    page = send(gate, good)
    assert (page.status, page.code) == (429, "limited") and is_secret(page)
    assert "You can try again in about 15 min." in page.text
    assert is_done(send(gate, good, address="198.51.100.1"))


@pytest.mark.parametrize("headers,works", [
    ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
    ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
    ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "null"}, False),
    ({"HTTP_ORIGIN": "https://evil.example"}, False),
    ({}, False),
    ({"HTTP_ORIGIN": HOST}, True),
    ({"HTTP_ORIGIN": "null"}, True)])  # what no-referrer makes of it
def test_forms_of_other_sites_are_refused(gate, alice, headers, works):
    token = token_of(make(gate, alice))
    answer = send(gate, token, headers=headers)
    if works:
        assert is_done(answer)
    else:
        assert (answer.status, answer.code) == (403, "cross_site")
        assert logs_in(gate, alice, alice.password)


def test_it_takes_forms_alone(gate, alice):
    token = token_of(make(gate, alice))
    answer = gate.post("/reset", {"t": token, "new": NEW})
    assert (answer.status, answer.code) == (415, "bad_type")
    assert gate.ask("PUT", "/reset").header("Allow") == \
        "GET, HEAD, POST, OPTIONS"


def test_no_line_of_the_log_has_a_token_or_a_password(gate, redis, alice):
    url = make(gate, alice)
    open_page(gate, url)
    send(gate, token_of(url), "short")
    send(gate, token_of(url))
    send(gate, token_of(url))
    log = gate.log_text()
    assert token_of(url) not in log and NEW not in log
    assert "id=42" in gate.last_event("reset link made")
    assert "addr=192.0.2.7 id=42" in gate.last_event("password reset")


def test_a_blocked_account_stays_shut(gate, ctl, settings, alice):
    token = token_of(make(gate, alice))
    assert ctl("block", alice.email).status == 0
    assert is_done(send(gate, token))
    assert not logs_in(gate, alice, NEW)
    assert ctl("unblock", alice.email).status == 0
    assert logs_in(gate, alice, NEW)


# ---- sessgatectl

def test_the_tool_prints_one(gate, ctl, settings, redis, alice):
    tool = ctl.with_settings(settings)
    said = tool("reset-link", "id:42")
    assert said.status == 0 and "alice@example.org (id 42), once" in said.out
    assert is_done(send(gate, token_of(said.lines[0])))
    (link,) = tool("--json", "reset-link", alice.email, "--for", "2h").objects
    assert 7190 < link["expiresAt"] / 1000 - time.time() < 7210
    key = "reset:" + gates.hashed(token_of(link["url"]))
    assert 7190 < redis.client.ttl(key) <= 7200
    assert tool("reset-link", "nobody@example.org").status == 1
    assert tool("reset-link", alice.email, "--for", "x").status == 64
    said = ctl("reset-link", alice.email)
    assert said.status == 78 and "password_update" in said.err
