"""A person in front of a browser: a site with a private folder, at lighttpd.

Without JavaScript: no page of ours has any.  What a browser does differently
where scripts are on is told with them as well, and each story is with
SESSGATE_LONG=1.  SESSGATE_SCREENSHOT=FILE.png also takes the picture that
README.md shows.
"""

import os
import subprocess

import pytest

import browser as browsers
import gate as gates
import process
import servers
import sites
from browser import WAYS, browser

pytestmark = pytest.mark.plain_build

LONG = os.environ.get("SESSGATE_LONG") == "1"
LOGIN = "/sessgate/login"
PRIVATE = "/private/p.html?a=1&b=%20"
SECRET = "the page that was asked for"


class Site(servers.Lighttpd):
    """lighttpd with two pages, one of them behind the gate."""

    names = ("lighttpd", "lighttpd-gate")

    def frame(self):
        return f"""
mimetype.assign = ( ".html" => "text/html" )
index-file.names = ( "index.html" )
server.modules = ( "mod_access", "mod_indexfile", "mod_setenv",
                   "mod_fastcgi" )
{"".join(f"@{name}@" for name in self.names)}"""

    def put(self, name, words):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"<!DOCTYPE html><title>{words}</title><p>{words}</p>")


@pytest.fixture(scope="module")
def site(place, stores):
    server = Site(place("w"), {**stores, "log.target": "stderr"})
    server.put("index.html", "the front page")
    server.put("private/p.html", SECRET)
    yield server
    server.close()


def in_both(test):
    """Marks a story that is told with scripts too."""
    test.in_both = True
    return test


def pytest_generate_tests(metafunc):
    if "window" in metafunc.fixturenames:
        both = LONG or hasattr(metafunc.function, "in_both")
        metafunc.parametrize("window", WAYS if both else WAYS[:1],
                             indirect=True, scope="module")


window = pytest.fixture(scope="module")(browsers.window)


@in_both
def test_scripts_are_on_or_off_as_the_story_says(browser):
    """The other tests prove nothing if this fails."""
    browser.driver.get(
        "data:text/html,<p>off</p><script>document.querySelector('p')"
        ".textContent='on'</script>")
    assert browser.text == ("on" if browser.scripts else "off")


def test_a_wrong_password_shows_the_message_and_the_form(browser, alice):
    browser.open(PRIVATE)
    assert browser.driver.title == "Log in"
    browser.log_in(alice.email, "wrong")
    assert browser.driver.title == "Wrong user name or password – Log in"
    assert "Wrong user name or password" in browser.find("[role=alert]").text
    assert browser.find("input[name=email]").get_attribute("value") == (
        alice.email)
    assert browser.find("input[name=password]").get_attribute("value") == ""
    assert browser.of_focused("name") == (
        "password")
    assert gates.SECURE_COOKIE not in browser.cookies()
    browser.find("input[name=password]").send_keys(alice.password)
    browser.press("Log in")
    assert (browser.path, browser.text) == (PRIVATE, SECRET)


@in_both
def test_the_right_password_opens_the_page_that_was_asked_for(browser, alice):
    browser.open(PRIVATE)
    assert browser.path == (
        LOGIN + "?next=%2Fprivate%2Fp.html%3Fa%3D1%26b%3D%2520")
    assert SECRET not in browser.driver.page_source
    browser.log_in(alice.email, alice.password)
    assert (browser.path, browser.text) == (PRIVATE, SECRET)


def leads_nowhere(browser, alice, target):
    browser.open(LOGIN + "?next=" + browsers.quote(target))
    browser.log_in(alice.email, alice.password)
    assert browser.path == "/"
    assert browser.text == "the front page"


@pytest.mark.parametrize("target", [
    "//evil.example/", "/\\evil.example/", "https://evil.example/",
    "\\\\evil.example", "/\u2028/evil.example"])
def test_no_next_leads_off_the_site(browser, alice, target):
    leads_nowhere(browser, alice, target)


@in_both
def test_no_next_is_run_as_a_script(browser, alice):
    leads_nowhere(browser, alice, "javascript:alert(1)")


@in_both
def test_no_script_sees_the_cookie(browser, alice):
    browser.open(LOGIN)
    browser.log_in(alice.email, alice.password)
    cookie = browser.cookies()[gates.SECURE_COOKIE]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (
        True, True, "Lax")
    if browser.scripts:
        browser.driver.execute_script("document.cookie = 'seen=1'")
        assert browser.driver.execute_script(
            "return document.cookie") == "seen=1"


def test_a_restart_of_sessgate_logs_nobody_out(browser, site, alice):
    browser.open(LOGIN)
    browser.log_in(alice.email, alice.password)
    site.restart_program()
    browser.open(PRIVATE)
    assert browser.text == SECRET


def test_the_page_says_who_is_logged_in_and_leads_on(browser, alice):
    browser.open(LOGIN)
    browser.log_in(alice.email, alice.password)
    browser.open(LOGIN + "?next=" + browsers.quote(PRIVATE))
    assert alice.email in browser.text
    assert not browser.has("input[name=password]")
    browser.press("Go on")
    assert (browser.path, browser.text) == (PRIVATE, SECRET)


@pytest.mark.parametrize("place_of_button", [LOGIN, "/sessgate/logout"])
def test_a_button_logs_out(browser, alice, place_of_button):
    browser.open(LOGIN)
    browser.log_in(alice.email, alice.password)
    browser.open(place_of_button)
    assert gates.SECURE_COOKIE in browser.cookies()
    browser.press("Log out")
    assert browser.path == LOGIN
    assert browser.has("input[name=password]")
    assert gates.SECURE_COOKIE not in browser.cookies()
    browser.open(PRIVATE)
    assert browser.path.startswith(LOGIN)
    assert SECRET not in browser.driver.page_source


@in_both
def test_the_back_button_shows_nothing_private(browser, alice):
    browser.open(PRIVATE)
    browser.log_in(alice.email, alice.password)
    assert browser.text == SECRET
    browser.open("/sessgate/auth")
    assert alice.email in browser.text
    browser.open(LOGIN)
    assert alice.email in browser.text
    browser.press("Log out")
    seen = []
    for _ in range(3):
        browser.back()
        seen.append(browser.path.partition("?")[0])
        for private in (SECRET, alice.email):
            assert private not in browser.driver.page_source
    # the private page answers with the way to the login
    assert seen == [LOGIN, "/sessgate/auth", LOGIN]


def test_the_cookie_ends_with_the_browser_unless_the_box_is_ticked(
        browser, alice):
    browser.open(LOGIN)
    browser.find("input[name=remember][type=checkbox]").click()
    browser.log_in(alice.email, alice.password)
    assert "expiry" in browser.cookies()[gates.SECURE_COOKIE]


@in_both
def test_the_policy_lets_the_look_through_and_nothing_else(browser):
    browser.open(LOGIN)
    browser.driver.get_log("browser")  # of the stories before
    browser.open(LOGIN)
    button = browser.find("button")
    assert button.value_of_css_property("background-color") != (
        "rgba(0, 0, 0, 0)")
    assert button.value_of_css_property("cursor") == "pointer"
    errors = [entry["message"] for entry in browser.driver.get_log("browser")
            if "favicon" not in entry["message"]]
    assert not errors


def test_everything_can_be_done_with_the_keyboard(browser, alice):
    browser.open(LOGIN)
    before = browser.page
    assert browser.of_focused("name") == "email"
    browser.type(f"{alice.email}\t{alice.password}\n")
    browser.leaves(before)
    assert browser.path == "/"


@in_both
def test_it_fits_into_a_small_window(browser):
    """The picture for README.md is taken on the way."""
    browser.driver.set_window_size(640, 700)
    browser.open(LOGIN)
    assert browser.find("main").size["width"] <= 640
    file = os.environ.get("SESSGATE_SCREENSHOT")
    if file:
        assert browser.driver.save_screenshot(file)
    if browser.scripts:
        assert browser.driver.execute_script(
            "return document.documentElement.scrollWidth <= innerWidth")


# sites of another name

@pytest.fixture(scope="module")
def outside(place):
    """A window for which shop.test is this machine, with any certificate."""
    browser = browsers.Browser(place("b"), "", flags=[
        "--host-resolver-rules=MAP shop.test 127.0.0.1",
        "--ignore-certificate-errors"])
    yield browser
    browser.close()


def go_to(browser, base):
    """Nobody is logged in at this site, nor at those of tests before."""
    browser.base = base
    browser.cdp("Network.clearBrowserCookies")
    return browser


# a site whose own header says no-referrer

RETICENT = {
    "lighttpd": (sites.Lighttpd, 'setenv.set-response-header = '
                 '( "Referrer-Policy" => "no-referrer" )'),
    "apache": (sites.Apache, "Header always set Referrer-Policy no-referrer"),
    "nginx": (sites.Nginx, "add_header Referrer-Policy no-referrer always;")}


@pytest.mark.parametrize("name", RETICENT)
def test_on_plain_http_a_site_without_referrers_can_be_logged_in_to(
        place, stores, redis, alice, outside, name):
    """Off loopback a browser sends no Sec-Fetch-Site: Origin alone decides."""
    kind, line = RETICENT[name]
    site = type("Reticent", (kind,), {"extra": line})(place("w"), {
        **stores, "log.target": "stderr", "cookie.secure": "off"})
    visitor = sites.Visitor(site.port)
    came = visitor.ask("GET", LOGIN, headers=sites.NAVIGATION)
    assert "no-referrer" in came.headers.get_all("Referrer-Policy")
    browser = go_to(outside, f"http://shop.test:{site.port}")
    try:
        browser.open(sites.FOLDER + "page.html")
        assert not browser.driver.execute_script("return isSecureContext")
        browser.log_in(alice.email, alice.password)
        assert (browser.path, browser.text) == (
            sites.FOLDER + "page.html", sites.PAGE)
        browser.open(LOGIN)
        browser.press("Log out")
        assert browser.path == LOGIN and browser.has("input[name=password]")
    finally:
        site.close()


# the back button after a logout, by where the site is

PLACES = {"loopback": "http://127.0.0.1:{}", "https": "https://shop.test:{}",
          "plain http": "http://shop.test:{}"}


class WithTls(sites.Nginx):
    @property
    def extra(self):
        key, crt = (f"{self.folder}/tls.{end}" for end in ("key", "crt"))
        if not os.path.exists(crt):
            subprocess.run(
                [process.tool("openssl"), "req", "-x509", "-newkey", "rsa:2048",
                 "-nodes", "-keyout", key, "-out", crt, "-subj",
                 "/CN=shop.test"], check=True, capture_output=True)
            self.tls_port = process.free_port()
            os.chmod(key, 0o644)
        return (f"listen 127.0.0.1:{self.tls_port} ssl;\n"
                f"ssl_certificate {crt};\nssl_certificate_key {key};\n")


@pytest.mark.parametrize("name", PLACES)
def test_the_back_button_shows_nothing_on_https_and_on_loopback(
        place, stores, redis, alice, outside, name):
    """On plain http the gate is as shut, but a browser may show its copy."""
    site = WithTls(place("w"), {
        **stores, "log.target": "stderr",
        "cookie.secure": "off" if name == "plain http" else "on"})
    base = PLACES[name].format(
        site.tls_port if name == "https" else site.port)
    browser = go_to(outside, base)
    page = sites.FOLDER + "page.html"
    try:
        browser.open(page)
        browser.log_in(alice.email, alice.password)
        assert (browser.path, browser.text) == (page, sites.PAGE)
        browser.open(LOGIN)
        browser.press("Log out")
        for _ in range(2):
            browser.back()
            if name != "plain http":
                assert sites.PAGE not in browser.driver.page_source
        browser.open(page + "?again")
        assert browser.path.startswith(LOGIN)
        assert sites.PAGE not in browser.driver.page_source
    finally:
        site.close()
