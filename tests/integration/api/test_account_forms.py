"""The forms of the account page: what they do, refused ones, stale ones."""

import time

import pytest

import gate as gates
import people
import taps
from account import (
    FORM, HERE, LOGIN, OWN, PAGE, Form, fill, gate, leads_to, press, refuses,
    settings, shows)
from gate import is_good
from people import stored
from test_endings import handle_of, name_of
from test_password_change import NEW, logs_in


# ending sessions

def test_a_button_ends_a_session(gate, redis, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = press(gate, mine, "End")
    shows(gate, answer, mine, "The session has ended.")
    assert is_good(gate, mine) and not is_good(gate, other)
    assert not answer.all("Set-Cookie")


def test_what_has_ended_already_is_ended(gate, redis, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    form = Form(gate.get(PAGE, mine), "End")
    before = len(gate.events("session ended"))
    for _ in range(2):
        shows(gate, form.send(gate, mine), mine, "The session has ended.")
    assert is_good(gate, mine)
    assert len(gate.events("session ended")) == before + 1


def test_nobody_ends_sessions_of_others(gate, redis, alice, users):
    bobs, alices = gate.log_in(users.add()), gate.log_in(alice)
    gate.log_in(alice)
    form = Form(gate.get(PAGE, alices), "End")
    form.target = f"/sessgate/sessions/{handle_of(name_of(bobs))}/end"
    form.send(gate, alices)
    assert is_good(gate, bobs)


def test_the_button_of_this_session_logs_out(gate, redis, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = press(gate, mine, "Log out")
    leads_to(answer, "/sessgate/login")
    assert "Max-Age=0" in answer.header("Set-Cookie")
    assert not is_good(gate, mine) and is_good(gate, other)


def test_a_button_logs_out_everywhere_else(gate, redis, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = press(gate, mine, "Log out everywhere else")
    shows(gate, answer, mine, "You are logged out everywhere else.")
    assert is_good(gate, mine) and not is_good(gate, other)
    assert "everywhere else" not in gate.get(PAGE, mine).text


def test_sent_twice_it_logs_out_everywhere_else(gate, redis, alice):
    """At once, one may find the session between two generations."""
    mine, other = gate.log_in(alice), gate.log_in(alice)
    form = Form(gate.get(PAGE, mine), "Log out everywhere else")
    for _ in range(2):
        leads_to(form.send(gate, mine), HERE + "?done=others")
    answers = taps.together(4, lambda _: form.send(gate, mine))
    assert {answer.code for answer in answers} <= {None, "session_invalid"}
    assert 303 in {answer.status for answer in answers}
    assert is_good(gate, mine) and not is_good(gate, other)


def test_a_form_of_a_sites_own_logs_out_everywhere(gate, redis, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = gate.ask("POST", "/logout/all", cookie=mine, content_type=FORM,
                      **OWN)
    leads_to(answer, "/sessgate/login")
    assert "Max-Age=0" in answer.header("Set-Cookie")
    assert not is_good(gate, mine) and not is_good(gate, other)


# another password

def test_the_password_is_changed(gate, redis, mysql, alice):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    answer = press(gate, mine, "Change password", **fill())
    fresh = gates.Cookie(answer.header("Set-Cookie")).pair
    shows(gate, answer, fresh, "Your password is changed.")
    assert not is_good(gate, mine) and not is_good(gate, other)
    assert logs_in(gate, alice, NEW)


WRONG = {
    "wrong": (fill(current="x"), 403, "password_wrong",
              "The current password is wrong."),
    "short": (fill(new="a"), 400, "password_unfit",
              "The new password is too short or too long."),
    "differs": (fill(again="other"), 400, "bad_request",
                "The new password was typed in two different ways."),
    "nothing": (fill("", "", ""), 400, "bad_request",
                "Please fill in all fields."),
    "no current one": (fill(""), 400, "bad_request",
                       "Please fill in all fields.")}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_on_the_page(gate, redis, mysql, alice, name):
    fields, status, code, words = WRONG[name]
    mine, other = gate.log_in(alice), gate.log_in(alice)
    before = stored(mysql, alice)
    answer = refuses(press(gate, mine, "Change password", **fields),
                     status, code, words)
    assert 'id="current"' in answer.text and " autofocus" in answer.text
    for secret in (people.PASSWORD, NEW):
        assert secret not in answer.text
    assert stored(mysql, alice) == before
    assert is_good(gate, mine) and is_good(gate, other)
    # the page that was shown works, from its own address
    answer = Form(answer, "Change password", at="/sessgate/password").send(
        gate, mine, **fill())
    assert answer.header("Location") == HERE + "?done=password"


def test_a_password_that_is_denied_is_told(
        module_gate, settings, place, redis, alice):
    path = place("d") + "/denied"
    with open(path, "w", encoding="ascii") as file:
        file.write(NEW + "\n")
    gate = module_gate({**settings, "login.password_denied": path})
    refuses(press(gate, gate.log_in(alice), "Change password", **fill()),
            400, "password_denied", "The new password is too easy to guess.")


def test_too_many_wrong_ones_are_told(module_gate, settings, redis, alice):
    gate = module_gate({**settings, "login.limit_pair": "1/600"})
    mine = gate.log_in(alice)
    press(gate, mine, "Change password", **fill(current="x"))
    answer = refuses(press(gate, mine, "Change password", **fill()),
                     429, "limited", "in about 10 min.")
    assert int(answer.header("Retry-After")) <= 600


def test_sent_twice_it_is_done_once(gate, redis, mysql, alice):
    mine = gate.log_in(alice)
    form = Form(gate.get(PAGE, mine), "Change password")
    first = form.send(gate, mine, **fill())
    assert first.status == 303
    again = form.send(gate, mine, **fill())  # with the cookie of before
    assert (again.status, again.code) == (403, "session_invalid")
    assert not again.all("Set-Cookie")
    assert "it may be in force already" in again.text
    fresh = gates.Cookie(first.header("Set-Cookie")).pair
    refuses(form.send(gate, fresh, **fill()), 403, "password_wrong",
            "The current password is wrong.")


def test_sent_twice_at_once_the_password_is_changed_once(
        gate, redis, mysql, alice):
    mine = gate.log_in(alice)
    form = Form(gate.get(PAGE, mine), "Change password")
    answers = taps.together(3, lambda _: form.send(
        gate, mine, timeout=20, **fill()))
    done = [answer for answer in answers if answer.status == 303]
    assert len(done) == 1, answers
    assert {answer.code for answer in answers} <= {
        None, "session_invalid", "password_wrong"}
    fresh = gates.Cookie(done[0].header("Set-Cookie")).pair
    assert is_good(gate, fresh) and logs_in(gate, alice, NEW)


# [session] fresh

@pytest.fixture
def stale(module_gate, settings, redis, alice):
    """(gate, a cookie, another one): both logins are too old."""
    gate = module_gate({**settings, "session.fresh": "1s"})
    cookies = gate.log_in(alice), gate.log_in(alice)
    time.sleep(1.05)
    return gate, *cookies


def test_an_old_login_gives_the_password_in_place(stale):
    gate, mine, other = stale
    everywhere = "Log out everywhere else"
    answer = refuses(press(gate, mine, everywhere), 403, "login_too_old",
                     "Please type your password")
    answer = refuses(
        Form(answer, everywhere, at="/sessgate/logout/all").send(
            gate, mine, current="x"),
        403, "password_wrong", "The password is wrong.")
    # the rows of that page lead where they should, too
    assert Form(answer, "End", at="/sessgate/logout/all").target == (
        f"/sessgate/sessions/{handle_of(name_of(other))}/end")
    assert is_good(gate, other)
    answer = Form(answer, everywhere, at="/sessgate/logout/all").send(
        gate, mine, current=people.PASSWORD)
    shows(gate, answer, mine, "You are logged out everywhere else.")
    assert is_good(gate, mine) and not is_good(gate, other)


def test_an_old_login_changes_the_password_with_it(stale):
    gate, mine, _ = stale
    refuses(press(gate, mine, "Change password", **fill(current="x")),
            403, "password_wrong", "The current password is wrong.")
    assert press(gate, mine, "Change password", **fill()).header(
        "Location") == HERE + "?done=password"


def test_programs_have_to_log_in_again_as_ever(stale):
    gate, mine, other = stale
    for path, document in (("/logout/all", {"current": people.PASSWORD}),
                           ("/password", {"current": people.PASSWORD,
                                          "new": NEW})):
        answer = gate.post(path, document, cookie=mine)
        assert (answer.status, answer.code) == (403, "login_too_old")
    assert is_good(gate, other)


# pages of others, and pages that are stale

BUTTONS = {"End": {}, "Log out everywhere else": {}, "Change password": fill()}


@pytest.fixture(params=BUTTONS)
def button(request):
    return request.param


@pytest.mark.parametrize("headers", [
    {"HTTP_SEC_FETCH_SITE": "cross-site"}, {"HTTP_SEC_FETCH_SITE": "same-site"},
    {"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_ORIGIN": "null"}, {}])
def test_no_other_site_sends_its_forms(
        gate, redis, mysql, alice, button, headers):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    before = stored(mysql, alice)
    answer = Form(gate.get(PAGE, mine), button).send(
        gate, mine, headers, **BUTTONS[button])
    assert (answer.status, answer.code) == (403, "cross_site")
    assert f'href="{HERE}"' in answer.text
    assert alice.email not in answer.text and not answer.all("Set-Cookie")
    assert is_good(gate, mine) and is_good(gate, other)
    assert stored(mysql, alice) == before


def test_a_page_of_an_ended_session_leads_to_the_login(
        gate, redis, mysql, alice, button):
    mine, other = gate.log_in(alice), gate.log_in(alice)
    before = stored(mysql, alice)
    form = Form(gate.get(PAGE, mine), button)
    gate.post("/logout", cookie=mine)
    answer = form.send(gate, mine, **BUTTONS[button])
    assert (answer.status, answer.code) == (403, "session_invalid")
    hint = ("it may be in force already" if button == "Change password"
            else "back button")
    for words in ("Your session has ended", "What you sent was not saved.",
                  hint, f'href="{LOGIN}"'):
        assert words in answer.text, words
    assert is_good(gate, other) and stored(mysql, alice) == before


def test_a_page_of_another_user_does_nothing(
        gate, redis, mysql, alice, users, button):
    """Somebody else has logged in in this browser meanwhile."""
    bob = users.add()
    mine = gate.log_in(alice)
    gate.log_in(alice)
    bobs, bobs_other = gate.log_in(bob), gate.log_in(bob)
    before = stored(mysql, bob)
    answer = Form(gate.get(PAGE, mine), button).send(
        gate, bobs, **BUTTONS[button])
    refuses(answer, 403, "forbidden", "made for another account")
    assert f"<strong>{bob.email}</strong>" in answer.text
    assert alice.email not in answer.text
    assert is_good(gate, bobs) and is_good(gate, bobs_other)
    assert stored(mysql, bob) == before


def test_while_redis_is_away_the_page_can_be_tried_again(
        start_gate, settings, own_redis, alice, button):
    gate = start_gate({**settings, "redis.url": own_redis.url})
    mine = gate.log_in(alice)
    gate.log_in(alice)
    form = Form(gate.get(PAGE, mine), button)
    own_redis.kill()
    for answer in (form.send(gate, mine, **BUTTONS[button]),
                   gate.get(PAGE, mine)):
        assert (answer.status, answer.code) == (503, "redis_unavailable")
        assert f'href="{HERE}"' in answer.text
        assert not answer.all("Set-Cookie")


def test_forms_that_make_no_sense_have_a_way_on(gate, redis, alice):
    mine = gate.log_in(alice)
    gate.log_in(alice)
    form = Form(gate.get(PAGE, mine), "Log out everywhere else")
    form.target = form.target.replace("others=1", "others=2")
    refuses(form.send(gate, mine), 400, "bad_request", "This did not work.")
    answer = gate.ask("POST", "/password", cookie=mine, body=b"x" * 65537,
                      content_type=FORM, **OWN)
    assert answer.status == 413


@pytest.mark.parametrize("path", [
    "/password", "/logout/all", "/sessions/aaaaaaaaaaaaaaaa/end"])
def test_the_address_of_a_refused_form_is_no_dead_end(gate, path):
    """Somebody presses Enter in the line of the address."""
    answer = gate.get(path, HTTP_ACCEPT="text/html", HTTP_SEC_FETCH_MODE="navigate")
    assert answer.status == 405 and answer.header("Allow")
    assert "/sessgate/login" in answer.text and "<h1>" in answer.text
    assert gate.get(path, HTTP_ACCEPT="*/*").json() == {
        "message": "Method not allowed"}


