"""A real browser: Debian's Chromium, headless, driven by chromedriver.

Each has a profile of its own in a folder of the test's, and asks no host but
those that a test sends it to.
"""

import json
import os
import re
import shutil
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
# of DevTools' Input.dispatchKeyEvent: name, Windows' number, text
KEYS = {"\t": ("Tab", 9, ""), "\n": ("Enter", 13, "\r")}
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


def wrapped(folder, shell):
    """chromedriver waits for a page, and this one opens none by itself."""
    path = os.path.join(folder, "shell")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec {shell} "$@" about:blank\n')
    os.chmod(path, 0o755)
    return path


class Browser:
    """One window; what selenium offers is under `driver`."""

    def __init__(self, folder, base, *, scripts=True, language=None,
                 flags=(), bare=False):
        """bare: without the window around the page, where that is installed.

        The window has a sign that turns while a page is loaded: on a machine
        with other work that costs more processor time than the page.
        """
        self.base = base
        self.scripts = scripts
        port = process.free_port()
        options = webdriver().ChromeOptions()
        options.ignore_local_proxy_environment_variables()
        options.binary_location = process.tool("chromium")
        shell = shutil.which("chromium-headless-shell", path=process.PATH)
        bare = bare and shell is not None
        if bare:
            options.binary_location = wrapped(folder, shell)
        for flag in (*QUIET, *flags, f"--user-data-dir={folder}/profile"):
            options.add_argument(flag)
        if bare and language:  # it has no preferences
            options.add_argument(f"--accept-lang={language}")
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
        if bare and not scripts:
            self.cdp("Emulation.setScriptExecutionDisabled", value=True)

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
        """The text of the page that is seen."""
        return self.evaluate("document.body.innerText")

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def has(self, selector):
        return self.evaluate(f"!!document.querySelector({json.dumps(selector)})")

    def press(self, words):
        """The button or the link of that name; waits for the next page."""
        before = self.page
        self.driver.find_element(
            "xpath", f"//*[self::button or self::a][normalize-space()="
            f"'{words}']").click()
        self.leaves(before)

    @property
    def page(self):
        """The time at which the document was loaded: no other has the same."""
        return self.evaluate("performance.timeOrigin")

    def leaves(self, before):
        """Waits until another page stands there than the one of `before`."""
        from selenium.common import exceptions

        def is_there():
            try:
                page, state = self.evaluate(
                    "[performance.timeOrigin, document.readyState]")
            except exceptions.WebDriverException:
                return False  # between the two
            return page != before and state == "complete"

        assert process.until(
            is_there, 10 * process.SLACK, pause=0.02) is not None

    def fill(self, email, password):
        for name, value in (("email", email), ("password", password)):
            self.evaluate(f"f = document.forms[0].{name}; f.focus(); f.select()")
            self.type(value)

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

    def evaluate(self, expression):
        """The value of JavaScript, also where pages may not have any.

        A fraction of what selenium's own questions cost, which take a program
        to the page each.
        """
        answer = self.cdp("Runtime.evaluate", expression=expression,
                          returnByValue=True)
        return answer["result"].get("value")

    def of_focused(self, name):
        """A property of the element that the keyboard has reached."""
        return self.evaluate(f"document.activeElement.{name}")

    def type(self, text):
        """By keyboard, where the cursor is; "\t" is Tab and "\n" Enter."""
        for part in re.split("([\t\n])", text):
            if part in KEYS:
                self.press_key(*KEYS[part])
            elif part:
                self.cdp("Input.insertText", text=part)

    def press_key(self, key, code, text):
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=code, text=text)

    def tab_to(self, words):
        """By keyboard, to the button, link or <summary> of that name."""
        for _ in range(12):
            if self.of_focused("tagName") in ("A", "BUTTON", "SUMMARY") and (
                    self.of_focused("innerText") == words):
                return
            self.type("\t")
        raise AssertionError(f"no key leads to {words!r}: {self.text}")

    def press_reached(self, words):
        """The button or the link of that name, by keyboard alone."""
        self.tab_to(words)
        before = self.page
        self.type("\n")
        self.leaves(before)

    def back(self):
        before = self.page
        self.driver.back()
        self.leaves(before)

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


# the first one is of tests that want one: pytest groups tests by the number of
# a parameter, and keeps the window over those of one group
WAYS = ["without scripts", "with scripts"]


def window(request, place, site, bare=False):
    """For a fixture: a browser for the pages of a site, one of WAYS."""
    opened = Browser(place("b"), f"http://127.0.0.1:{site.port}",
                     scripts=request.param == WAYS[1], bare=bare)
    yield opened
    opened.close()


def bare_window(request, place, site):
    yield from window(request, place, site, bare=True)


@pytest.fixture
def browser(window, redis):
    """The module's window without a trace of the stories before."""
    window.forget()
    return window
