"""A real browser: Debian's Chromium, headless, driven by chromedriver.

Each has a profile of its own in a folder of the test's, and asks no host but
those that a test sends it to.
"""

import os
import urllib.parse

import pytest

import process
import stack

QUIET = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--no-proxy-server", "--lang=en-US",
         "--window-size=800,740",
         # what costs processor time at each start, and no page asks for
         "--disable-features=Translate,OptimizationHints,MediaRouter",
         "--disable-component-extensions-with-background-pages",
         "--disable-default-apps", "--disable-breakpad", "--no-pings",
         "--disable-client-side-phishing-detection", "--mute-audio",
         "--disable-domain-reliability", "--metrics-recording-only",
         "--disable-software-rasterizer"]
# content settings of Chromium: 2 is "block"
NO_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}


def quote(target):
    return urllib.parse.quote(target, safe="")


def webdriver():
    """Debian's selenium."""
    try:
        from selenium import webdriver as module
    except ImportError:
        return process.lacking("python3-selenium")
    return module


class Browser:
    """One window; what selenium offers is under `driver`."""

    def __init__(self, folder, base, *, scripts=True, language=None,
                 flags=()):
        self.base = base
        self.scripts = scripts
        port = process.free_port()
        options = webdriver().ChromeOptions()
        options.ignore_local_proxy_environment_variables()
        options.binary_location = process.tool("chromium")
        for flag in (*QUIET, *flags, f"--user-data-dir={folder}/profile"):
            options.add_argument(flag)
        if stack.IS_ROOT:
            options.add_argument("--no-sandbox")
        prefs = {} if scripts else dict(NO_SCRIPT)
        if language:
            prefs["intl.accept_languages"] = language
        options.add_experimental_option("prefs", prefs)
        self.process = process.Process(
            [process.tool("chromedriver"), f"--port={port}"],
            os.path.join(folder, "chromedriver.log"),
            env={"PATH": process.PATH, "LANG": "C.UTF-8", "HOME": folder,
                 "TMPDIR": folder})
        self.process.await_ready(
            lambda: process.can_connect(("127.0.0.1", port)), 20)
        self.driver = webdriver().Remote(
            f"http://127.0.0.1:{port}", options=options)
        self.driver.set_page_load_timeout(20 * process.SLACK)

    def close(self):
        self.driver.quit()
        self.process.stop()

    def open(self, target):
        self.driver.get(self.base + target)

    @property
    def path(self):
        """The path and query of its address."""
        assert self.driver.current_url.startswith(self.base)
        return self.driver.current_url[len(self.base):]

    @property
    def text(self):
        """The text of the page."""
        return self.find("body").text

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def has(self, selector):
        return bool(self.driver.find_elements("css selector", selector))

    def press(self, words):
        """The button or the link of that name; waits for the next page."""
        before = self.find("html")
        self.driver.find_element(
            "xpath", f"//*[self::button or self::a][normalize-space()="
            f"'{words}']").click()
        self.leaves(before)

    def leaves(self, before):
        """Waits until another page stands there than the one of `before`."""
        from selenium.common import exceptions

        def is_gone():
            try:
                before.is_enabled()
                return False
            except exceptions.StaleElementReferenceException:
                return True
            except exceptions.WebDriverException:
                return False  # between the two

        # each look is a request to chromedriver
        assert process.until(
            is_gone, 10 * process.SLACK, pause=0.02) is not None

    def fill(self, email, password):
        for name, value in (("email", email), ("password", password)):
            field = self.find(f"input[name={name}]")
            field.clear()
            field.send_keys(value)

    def log_in(self, email, password):
        self.fill(email, password)
        self.press("Log in")

    def prefer_dark(self):
        """Asks for dark colours; before the first page."""
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark"}])

    def be_as_large_as(self, width, height):
        """Shows pages at this size; a real window cannot be that narrow."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width,
                 height=height, deviceScaleFactor=1, mobile=True)

    def cdp(self, name, **params):
        executor = self.driver.command_executor
        executor._commands["executeCdpCommand"] = (
            "POST", "/session/$sessionId/goog/cdp/execute")
        return self.driver.execute(
            "executeCdpCommand", {"cmd": name, "params": params})["value"]

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def type(self, *keys):
        self.focused.send_keys(*keys)

    def tab_to(self, words, most=12):
        """By keyboard, to the button or the link of that name."""
        for _ in range(most):
            reached = self.focused
            if reached.tag_name in ("a", "button") and reached.text == words:
                return
            reached.send_keys("\ue004")  # Tab
        raise AssertionError(f"no key leads to {words!r}: {self.text}")

    def press_reached(self, words):
        """The button or the link that the keyboard has reached."""
        self.tab_to(words)
        before = self.find("html")
        self.focused.click()
        self.leaves(before)

    def press_reached_here(self, words):
        """Something of that name that stays on the page, as a <summary>."""
        for _ in range(12):
            if self.focused.text == words:
                break
            self.type("\ue004")
        assert self.focused.text == words, self.text
        self.type(" ")

    def back(self):
        self.driver.back()

    def cookies(self):
        """By name, as the browser keeps them: HttpOnly ones too."""
        return {c["name"]: c for c in self.driver.get_cookies()}

    def forget(self):
        """Nobody is logged in, and nothing lies behind."""
        self.open("/")
        self.forget_cookies()

    def forget_cookies(self):
        """Of all sites; selenium's own deletes those of this page alone."""
        self.cdp("Network.clearBrowserCookies")


WAYS = ["with scripts", "without scripts"]


def window(request, place, site):
    """For a fixture: a browser for the pages of a site, one of WAYS."""
    opened = Browser(place("b"), f"http://127.0.0.1:{site.port}",
                     scripts=request.param == WAYS[0])
    yield opened
    opened.close()


@pytest.fixture
def browser(window, redis):
    """The module's window without a trace of the stories before."""
    window.forget()
    return window
