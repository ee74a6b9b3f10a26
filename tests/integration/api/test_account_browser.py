"""The account page before a person: Chromium, with JavaScript and without.

By keyboard, on a telephone, in dark colours, at twice the size, and read by
axe-core.  SESSGATE_SCREENSHOT=FOLDER/login.png also takes the picture that
README.md shows, FOLDER/account.png.
"""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import time

import pytest

import browser as browsers
import gate as gates
import people
import process
import servers
import test_browser
from account import PAGE
from browser import WAYS, browser
from test_endings import LIST, name_of
from test_password_change import NEW, UPDATE

pytestmark = pytest.mark.plain_build

ACCOUNT = servers.MOUNT + PAGE
PHONE = (390, 844)
FIRST, SECOND = ({"addr": "198.51.100.23"}, {
    "addr": "2001:db8:77:1a2b::5",
    "agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) "
             "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
             "Mobile/15E148 Safari/604.1"})


@pytest.fixture(scope="module")
def site(place, stores, changer):
    server = test_browser.Site(place("w"), {
        **stores, "mysql.url": changer.url(), "mysql.password_update": UPDATE,
        "mysql.timeout": "5s", "server.deadline": "8s", "log.target": "stderr",
        "session.fresh": "5m", "login.title": "Example & Sons"})
    server.put("index.html", "the front page")
    yield server
    server.close()


window = pytest.fixture(scope="module", params=WAYS)(browsers.bare_window)


# for stories of which the other window would tell nothing new
SILENT = pytest.mark.parametrize("window", WAYS[:1], indirect=True,
                                 scope="module")


def log_in(browser, user, password=people.PASSWORD):
    browser.open(servers.MOUNT + "/login?next=" + browsers.quote(ACCOUNT))
    browser.log_in(user.email, password)
    assert browser.path.startswith(ACCOUNT)


def cookie_of(browser):
    cookie = browser.cookies()[gates.SECURE_COOKIE]
    return f"{cookie['name']}={cookie['value']}"


def grow_old(browser, redis):
    """The login is older than [session] fresh."""
    key = "sess:" + name_of(cookie_of(browser))
    record = json.loads(redis.client.get(key))
    record["createdAt"] -= 3600_000
    redis.client.set(key, json.dumps(record), keepttl=True)


def put(browser, redis, *more):
    """Further sessions, seen some hours ago."""
    record = json.loads(redis.client.get(
        "sess:" + name_of(cookie_of(browser))))
    for i, members in enumerate(more):
        redis.client.set(f"sess:{i:043}", json.dumps({**record, **members}),
                         ex=1000)
        redis.client.zadd(LIST, {
            f"{i:043}": int(time.time() * 1000) - (i * 50 + 3) * 3600_000})


def type_in(browser, **fields):
    for name, value in fields.items():
        browser.evaluate(f"document.getElementById('{name}').focus()")
        browser.type(value)


# the stories

def test_sessions_are_ended(browser, redis, alice):
    log_in(browser, alice)
    put(browser, redis, FIRST, SECOND)
    browser.open(ACCOUNT)
    assert alice.email in browser.text
    assert "Safari, iPhone\n2001:db8:77:1a2b::, 2 days" in browser.text
    browser.press("End")
    assert browser.path == ACCOUNT + "?done=ended"
    assert browser.find("[role=status]").text == "The session has ended."
    assert "198.51.100.23" not in browser.text
    browser.press("Log out everywhere else")
    assert browser.path == ACCOUNT + "?done=others"
    assert len(browser.driver.find_elements("css selector", "li")) == 1
    browser.press("Log out")
    assert browser.path == servers.MOUNT + "/login"
    assert gates.SECURE_COOKIE not in browser.cookies()


def test_the_password_is_changed_after_a_mistake(browser, redis, alice):
    log_in(browser, alice)
    browser.open("/.well-known/change-password")
    assert browser.path == ACCOUNT
    type_in(browser, current="wrong", new=NEW, again=NEW)
    browser.press("Change password")
    assert "The current password is wrong." in browser.find("[role=alert]").text
    assert browser.of_focused("id") == "current"
    type_in(browser, current=alice.password, new=NEW, again=NEW)
    before = browser.page
    browser.type("\n")  # in the last field
    browser.leaves(before)
    assert browser.path == ACCOUNT + "?done=password"
    browser.press("Log out")
    log_in(browser, alice, NEW)


@SILENT
def test_an_old_login_types_the_password(browser, redis, alice):
    log_in(browser, alice)
    put(browser, redis, FIRST)
    grow_old(browser, redis)
    browser.open(ACCOUNT)
    type_in(browser, proof="wrong")
    browser.press("Log out everywhere else")
    assert browser.find("[role=alert]").text.startswith("The password is wrong")
    assert browser.of_focused("id") == "proof"
    type_in(browser, proof=alice.password)
    browser.press("Log out everywhere else")
    assert browser.path == ACCOUNT + "?done=others"


@SILENT
def test_a_page_of_somebody_else_does_nothing(browser, redis, alice, users):
    """Two tabs: in the other one somebody else logs in."""
    bob = users.add(email="bob@example.org")
    log_in(browser, alice)
    put(browser, redis, FIRST)
    browser.open(ACCOUNT)
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.forget_cookies()
    log_in(browser, bob)
    browser.driver.close()
    browser.driver.switch_to.window(first)
    browser.press("End")
    assert "made for another account" in browser.find("[role=alert]").text
    assert bob.email in browser.text and alice.email not in browser.text
    assert redis.client.exists("sess:" + "0" * 43)


@SILENT
def test_all_of_it_can_be_reached_by_keyboard(browser, redis, alice):
    log_in(browser, alice)
    put(browser, redis, FIRST)
    browser.open(ACCOUNT)
    reached = []
    for _ in range(9):
        browser.type("\t")
        reached.append(browser.of_focused("id") or
                       browser.of_focused("innerText"))
    assert reached == ["Log out", "End", "Log out everywhere else", "current",
                       "new", "again", "Change password", "Back to the site",
                       reached[-1]]
    browser.open(ACCOUNT)
    browser.press_reached("End")
    assert browser.path == ACCOUNT + "?done=ended"


# how it looks

def overflows(browser):
    return browser.driver.execute_script(
        "return document.documentElement.scrollWidth > innerWidth")


@pytest.fixture(scope="module")
def eye(place, site):
    """A window that scripts of the test may look into."""
    browser = browsers.Browser(
        place("b"), f"http://127.0.0.1:{site.port}", bare=True)
    yield browser
    browser.close()


@pytest.fixture
def picture():
    """picture(browser, name): keeps one in the folder SESSGATE_SCREENSHOTS."""
    folder = os.environ.get("SESSGATE_SCREENSHOTS")

    def take(browser, name):
        if folder:
            browser.driver.save_screenshot(f"{folder}/{name}.png")
    return take


def states(browser, redis, alice):
    """Each page that has to be looked at, and its name."""
    browser.forget()
    log_in(browser, alice)
    put(browser, redis, FIRST, SECOND, {"agent": "x" * 200})
    browser.open(ACCOUNT)
    yield "page"
    browser.press("End")
    yield "done"
    type_in(browser, current="wrong", new=NEW, again=NEW)
    browser.press("Change password")
    yield "wrong password"
    grow_old(browser, redis)
    browser.open(ACCOUNT)
    type_in(browser, proof="wrong")
    browser.press("Log out everywhere else")
    yield "old login"
    redis.client.flushall()
    type_in(browser, current=alice.password, new=NEW, again=NEW)
    browser.press("Change password")
    assert "Your session has ended" in browser.text
    yield "session over"


def install_axe(folder):
    """By npm, if it is there and has a registry; the path of the source."""
    npm = shutil.which("npm", path=process.PATH)
    if npm is None:
        return None
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [npm, "install", "--prefix", folder, "--no-save", "--no-audit",
             "--ignore-scripts", "--no-fund", "--fetch-retries=0",
             "--fetch-timeout=8000", "axe-core@4"],
            check=False, capture_output=True, timeout=30,
            env={**os.environ, "HOME": folder})
    return f"{folder}/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def axe_source(place):
    """axe-core, of a folder of NODE_PATH, else from npm."""
    folders = os.environ.get("NODE_PATH", "").split(":")
    paths = [f"{folder}/axe-core/axe.min.js" for folder in folders if folder]
    path = next(filter(os.path.exists, paths), None) or install_axe(place("n"))
    if path is None or not os.path.exists(path):
        pytest.skip("npm has no axe-core here")
    with open(path, encoding="utf-8") as file:
        return file.read()


# colours, and the window's width and height: at 200 % one of 640 pixels has
# the room of 320
LOOKS = {"window": ("light", 800, 740, 1), "phone": ("light", *PHONE, 1),
         "dark phone": ("dark", *PHONE, 1), "dark window": ("dark", 800, 740, 1),
         "twice the size": ("light", 320, 422, 2)}
# both colours, both widths and both sizes of letters
TRIED_LOOKS = [*LOOKS] if test_browser.LONG else [
    "window", "dark phone", "twice the size"]


AXE_LOOKS = ["window", "dark phone"]
turns = itertools.cycle(AXE_LOOKS)


def look_like(eye, look):
    colours, width, height, zoom = LOOKS[look]
    eye.cdp("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-color-scheme", "value": colours}])
    eye.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=zoom, mobile=False)
    return colours == "dark"


def fits(eye, look, picture, name):
    """The page is whole in one of LOOKS; a picture of it has this name."""
    is_dark = look_like(eye, look)
    picture(eye, name.replace(" ", "_"))
    assert not overflows(eye), name
    colour = eye.find("body").value_of_css_property("background-color")
    assert (colour == "rgba(18, 22, 29, 1)") is is_dark
    for height in eye.driver.execute_script(
            "return [...document.querySelectorAll('button, summary')]"
            ".map(b => b.offsetHeight)"):
        assert height >= 24, name  # WCAG 2.2, 2.5.8


def satisfies_axe(eye, axe_source, state):
    """In light and dark by turns; with SESSGATE_LONG=1 in both."""
    eye.driver.execute_script(axe_source)
    for look in AXE_LOOKS if test_browser.LONG else [next(turns)]:
        look_like(eye, look)
        found = eye.driver.execute_async_script(
            "axe.run().then(arguments[arguments.length - 1])")
        assert found["passes"]
        assert not [(rule["id"], [node["html"] for node in rule["nodes"]])
                    for rule in found["violations"]], (look, state)


def complaints(eye):
    """Messages of the browser since they were asked for last."""
    return [entry["message"] for entry in eye.driver.get_log("browser")
            if "favicon" not in entry["message"]]


def take_for_readme(eye, name, height):
    """The picture of a page that README.md shows, if one is asked for."""
    eye.cdp("Emulation.setDeviceMetricsOverride", width=640, height=height,
            deviceScaleFactor=1, mobile=False)
    assert not overflows(eye)
    file = os.environ.get("SESSGATE_SCREENSHOT")
    if file:
        assert eye.driver.save_screenshot(
            os.path.join(os.path.dirname(file), name))


def test_nothing_is_cut_off_however_it_is_looked_at(
        eye, redis, alice, picture):
    for state in states(eye, redis, alice):
        for look in TRIED_LOOKS:
            fits(eye, look, picture, f"account-{look}-{state}")


def test_axe_finds_no_violation(eye, redis, alice, axe_source):
    for state in states(eye, redis, alice):
        satisfies_axe(eye, axe_source, state)


def test_the_policy_lets_the_styles_through_and_nothing_else(
        eye, redis, alice):
    log_in(eye, alice)
    complaints(eye)
    eye.open(ACCOUNT)
    assert eye.find("li").value_of_css_property("position") == "relative"
    assert not complaints(eye)


def test_the_picture_for_the_readme(eye, redis, alice):
    look_like(eye, "window")
    eye.forget()
    log_in(eye, alice)
    put(eye, redis, FIRST, SECOND)
    eye.open(ACCOUNT)
    take_for_readme(eye, "account.png", 1240)
