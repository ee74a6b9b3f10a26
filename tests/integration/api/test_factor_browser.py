"""The pages of a second factor and of links before a person: Chromium.

With JavaScript and without, by keyboard, on a telephone, in dark colours, at
twice the size, and read by axe-core.  SESSGATE_SCREENSHOT=FOLDER/login.png also
takes the pictures that README.md shows, FOLDER/factor.png and FOLDER/reset.png.
"""

import pytest

import browser as browsers
import otp
import people
import servers
import taps
import test_browser
from browser import WAYS, browser
from otp import code, step_now
from test_account_browser import (
    TRIED_LOOKS, SILENT, axe_source, complaints, eye, fits, look_like, picture,
    satisfies_axe, take_for_readme, type_in)
from test_password_change import NEW, UPDATE

pytestmark = pytest.mark.plain_build

LOGIN = servers.MOUNT + "/login"
ACCOUNT = servers.MOUNT + "/account"
FACTOR = servers.MOUNT + "/account/totp"
RESET = servers.MOUNT + "/reset"
MAKE = "Make new recovery codes"
KEPT = "I have kept them"


@pytest.fixture(scope="module")
def site(place, stores, changer, factors):
    server = test_browser.Site(place("w"), {
        **stores, **otp.RECOVERY, **taps.PATIENT, "mysql.url": changer.url(),
        "mysql.password_update": UPDATE, "log.target": "stderr",
        "server.origins": "http://127.0.0.1:{port}",
        "ops.access": "127.0.0.1", "login.title": "Example & Sons"})
    server.put("index.html", "the front page")
    yield server
    server.close()


window = pytest.fixture(scope="module", params=WAYS)(browsers.bare_window)


@pytest.fixture
def alice(alice, factors):
    return factors.give(alice, None)


def link_for(site, user):
    """The path of a new link, as the site's own program gets it."""
    answer = servers.Client(site.port).ask(
        "POST", "/reset-link", {"id": user.id})
    assert answer.status == 200, answer
    return answer.json()["url"].replace(f"http://127.0.0.1:{site.port}", "")


def log_in(browser, user, given="", password=people.PASSWORD):
    """To the page, with a code in the field that it has for one."""
    browser.open(LOGIN + "?next=" + browsers.quote(FACTOR))
    browser.fill(user.email, password)
    if "-" in given:
        browser.find("summary").click()
        type_in(browser, recovery=given)
    else:
        type_in(browser, code=given)
    browser.press("Log in")


def prove(browser, given, words, password=people.PASSWORD):
    type_in(browser, current=password, code=given)
    browser.press(words)


def set_up(browser):
    """From the page with a new secret; the recovery codes."""
    secret = browser.find("input[name=secret]").get_attribute("value")
    prove(browser, code(step_now(), secret), "Set up")
    return codes_of(browser)


def codes_of(browser):
    assert browser.find("h1").text == "Your recovery codes"
    codes = browser.find("pre").text.split("\n")
    assert len(codes) == 10
    return codes


def alarm(browser):
    return browser.find("[role=alert]").text


# the stories of the second factor

def test_it_is_set_up_after_a_mistake_and_used(browser, redis, factors, alice):
    log_in(browser, alice)
    assert browser.path == FACTOR
    secret = browser.find("input[name=secret]").get_attribute("value")
    assert browser.find("strong").text.replace(" ", "") == secret
    assert browser.find("p a[href^='otpauth:']").is_displayed()
    prove(browser, "000000", "Set up")
    assert "The password or the code is wrong" in alarm(browser)
    assert browser.find("input[name=secret]").get_attribute("value") == secret
    assert browser.find("#current").get_attribute("value") == ""
    codes = set_up(browser)
    browser.press(KEPT)
    assert browser.path == ACCOUNT and factors.of(alice) == secret
    browser.press("Log out")
    log_in(browser, alice)
    assert "Wrong user name or password, or wrong code" in alarm(browser)
    browser.fill(alice.email, alice.password)
    type_in(browser, code=code(step_now() + 1, secret))
    browser.press("Log in")
    assert browser.path == FACTOR
    assert "Recovery codes left: 10." in browser.text
    assert not any(one in browser.text for one in codes)


def test_who_has_lost_the_phone_sets_up_another_one(
        browser, redis, factors, alice):
    factors.give(alice)
    codes = factors.give_codes(alice)
    browser.open(LOGIN)
    assert not browser.find("#recovery").is_displayed()
    log_in(browser, alice, codes[0].upper())
    assert browser.path == FACTOR, browser.text
    assert "left: 9." in browser.text
    prove(browser, codes[0], "Remove")
    assert "Each code works once" in alarm(browser)
    prove(browser, codes[1].replace("-", " "), "Remove")
    assert browser.path == ACCOUNT + "?done=factor-removed"
    browser.press("Set up or remove codes of an app")
    made = set_up(browser)
    browser.press(KEPT)
    browser.press("Log out")
    log_in(browser, alice, made[9])
    assert browser.path == FACTOR and "left: 9." in browser.text


@SILENT
def test_new_codes_are_made_by_the_enter_key(browser, redis, factors, alice):
    """It never removes the factor."""
    factors.give(alice)
    codes = factors.give_codes(alice)
    log_in(browser, alice, codes[0])
    type_in(browser, current=alice.password, code=codes[1])
    before = browser.page
    browser.type("\n")
    browser.leaves(before)
    made = codes_of(browser)
    assert factors.of(alice) == otp.SECRET
    assert factors.codes_of(alice) == list(map(otp.hashed, made))


@SILENT
def test_a_page_that_is_loaded_again_has_no_codes_but_a_way_to_new_ones(
        browser, redis, factors, alice):
    log_in(browser, alice)
    secret = browser.find("input[name=secret]").get_attribute("value")
    codes = set_up(browser)
    browser.driver.refresh()
    assert browser.path == FACTOR and "left: 10." in browser.text
    browser.back()
    browser.open(FACTOR)
    prove(browser, codes[0], MAKE)
    assert set(codes_of(browser)).isdisjoint(codes)
    assert factors.of(alice) == secret


@SILENT
def test_two_presses_set_it_up_once(browser, redis, factors, alice):
    from selenium.webdriver import ActionChains
    log_in(browser, alice)
    secret = browser.find("input[name=secret]").get_attribute("value")
    type_in(browser, current=alice.password, code=code(step_now(), secret))
    before = browser.page
    ActionChains(browser.driver).double_click(
        browser.find("form button")).perform()
    browser.leaves(before)
    assert factors.of(alice) == secret
    assert len(factors.codes_of(alice)) == 10
    browser.open(FACTOR)
    assert browser.has("button[name=codes]")


@SILENT
def test_another_tab_has_removed_it_meanwhile(browser, redis, factors, alice):
    factors.give(alice)
    codes = factors.give_codes(alice)
    log_in(browser, alice, codes[0])
    factors.give(alice, None)
    prove(browser, codes[1], MAKE)
    assert browser.path == FACTOR and browser.has("input[name=secret]")


@SILENT
def test_all_of_it_can_be_reached_by_keyboard(browser, redis, factors, alice):
    def reached(count):
        names = []
        for _ in range(count):
            browser.type("\t")
            names.append(browser.of_focused("id") or
                         browser.of_focused("innerText"))
        return names

    log_in(browser, alice)
    assert reached(5) == ["Open in an app on this device", "current", "code",
                          "Set up", "Your account"]
    factors.give(alice)
    codes = factors.give_codes(alice)
    browser.open(FACTOR)
    assert reached(5) == ["current", "code", MAKE, "Remove", "Your account"]
    browser.forget_cookies()
    browser.open(LOGIN + "?next=" + browsers.quote(FACTOR))
    browser.type(f"{alice.email}\t{alice.password}")
    assert reached(2) == ["code", "Use a recovery code"]
    browser.type("\n")
    assert reached(1) == ["recovery"]
    before = browser.page
    browser.type(codes[0] + "\n")
    browser.leaves(before)
    assert browser.path == FACTOR and "left: 9." in browser.text


# the stories of a link

def test_a_link_sets_a_password_after_mistakes(browser, redis, site, alice):
    link = link_for(site, alice)
    browser.open(link)
    for new, again, words in (
            ("a", "a", "too short or too long"),
            (NEW, NEW + "x", "typed in two different ways")):
        type_in(browser, new=new, again=again)
        browser.press("Set the new password")
        assert words in alarm(browser)
        assert "The link can still be used" in alarm(browser)
        assert browser.path == RESET  # without the token
        assert browser.find("#new").get_attribute("value") == ""
    type_in(browser, new=NEW, again=NEW)
    browser.press("Set the new password")
    assert browser.path == RESET + "?done=1"
    assert browser.find("h1").text == "Your password is changed"
    browser.press("Log in")
    browser.log_in(alice.email, alice.password)
    assert "Wrong user name or password" in alarm(browser)
    browser.log_in(alice.email, NEW)
    assert browser.text == "the front page"
    browser.open(link)
    assert browser.find("h1").text == "This link is used up"
    browser.press("To the login page")
    assert browser.path == LOGIN


@SILENT
def test_the_address_of_a_link_goes_nowhere(browser, redis, site, alice):
    """Not to the next page, by Referer, nor into the page itself."""
    link = link_for(site, alice)
    browser.open(link)
    assert browser.find("meta[name=referrer]").get_attribute(
        "content") == "no-referrer"
    token = link.partition("t=")[2]
    type_in(browser, new="a", again="a")
    browser.press("Set the new password")
    assert token not in browser.path
    assert token not in browser.text
    assert token not in site.gate.log_text()


@SILENT
def test_a_link_that_is_sent_twice_is_said_to_be_used(
        browser, redis, site, alice):
    """Back, and the form once more."""
    browser.open(link_for(site, alice))
    type_in(browser, new=NEW, again=NEW)
    browser.press("Set the new password")
    browser.back()
    if browser.has("#new"):  # a browser may ask for the page again
        type_in(browser, new=NEW, again=NEW)
        browser.press("Set the new password")
    assert browser.find("h1").text == "This link is used up"
    assert browser.has("main a[href]")


@SILENT
def test_a_link_is_used_by_keyboard(browser, redis, site, alice):
    browser.open(link_for(site, alice))
    assert browser.of_focused("id") == "new"
    browser.type(f"{NEW}\t{NEW}")
    before = browser.page
    browser.type("\n")
    browser.leaves(before)
    assert browser.path == RESET + "?done=1"
    browser.press_reached("Log in")
    assert browser.path == LOGIN


# how it looks

def states(browser, redis, site, factors, alice):
    """Each page that has to be looked at, and its name."""
    browser.forget()
    factors.give(alice, None)
    browser.open(LOGIN)
    yield "login"
    browser.find("summary").click()
    yield "login with recovery"
    log_in(browser, alice)
    yield "set up"
    prove(browser, "000000", "Set up")
    yield "set up wrong"
    codes = set_up(browser)
    yield "codes"
    browser.open(FACTOR)
    yield "set"
    prove(browser, "000000", MAKE)
    yield "set wrong"
    prove(browser, codes[0], MAKE)
    yield "new codes"
    codes = codes_of(browser)
    browser.open(FACTOR)
    prove(browser, codes[0], "Remove")
    yield "removed"
    browser.open(FACTOR)
    redis.client.flushall()
    prove(browser, "000000", "Set up")
    assert "Your session has ended" in browser.text
    yield "session over"
    link = link_for(site, alice)
    browser.open(link)
    yield "link"
    type_in(browser, new="a", again="a")
    browser.press("Set the new password")
    yield "link too weak"
    redis.client.delete(*redis.client.keys("reset:*"))
    browser.open(link)
    yield "link over"
    browser.open(link_for(site, alice))
    type_in(browser, new=NEW, again=NEW)
    browser.press("Set the new password")
    yield "link done"


def test_nothing_is_cut_off_however_it_is_looked_at(
        eye, redis, site, factors, alice, picture):
    for state in states(eye, redis, site, factors, alice):
        for look in TRIED_LOOKS:
            fits(eye, look, picture, f"factor-{look}-{state}")
            if eye.has("pre"):  # a code is a line
                assert eye.driver.execute_script(
                    "const e = document.querySelector('pre');"
                    "const s = getComputedStyle(e);"
                    "return Math.round((e.clientHeight - 2 * parseFloat("
                    "s.paddingTop)) / parseFloat(s.lineHeight))") == 10, look


def test_axe_finds_no_violation(eye, redis, site, factors, alice, axe_source):
    for state in states(eye, redis, site, factors, alice):
        satisfies_axe(eye, axe_source, state)


def test_the_policy_lets_the_styles_through_and_nothing_else(
        eye, redis, factors, alice):
    log_in(eye, alice)
    complaints(eye)
    set_up(eye)
    assert eye.find("pre").value_of_css_property("white-space") == "pre-wrap"
    assert not complaints(eye)


def test_the_pictures_for_the_readme(eye, redis, site, factors, alice):
    look_like(eye, "window")
    eye.forget()
    log_in(eye, alice)
    take_for_readme(eye, "factor.png", 1000)
    eye.forget_cookies()
    eye.open(link_for(site, alice))
    take_for_readme(eye, "reset.png", 640)
