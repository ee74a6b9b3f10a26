"""The pages as a person walks through them: each state has a way on.

A table: a state that somebody is in, the words of the page that shows it, what
they do, and where that leads.  Reached by keyboard, on a telephone, without
JavaScript, in dark colours, in two languages, before three web servers, of which
Apache asks by mod_sessgate or by mod_authnz_fcgi: with SESSGATE_LONG=1 all of
these, else half of the states in one language at one server, and the other half
in the other one at another.
SESSGATE_SCREENSHOTS=FOLDER keeps a picture of each page.
"""

import json
import os

import pytest

import account
import browser as browsers
import gate as gates
import otp
import people
import process
import servers
import sites
import stack
import walk_factor
from sites import FOLDER
from test_password_change import NEW, UPDATE

pytestmark = pytest.mark.plain_build

LOGIN = servers.MOUNT + "/login"
LOGOUT = servers.MOUNT + "/logout"
ACCOUNT = account.HERE
PICTURES = os.environ.get("SESSGATE_SCREENSHOTS")
SIZE = (390, 844)
FORM = FOLDER + "form.html"
STAFF = FOLDER + "staff/page.html"
PAGES = {
    "/index.html": "the front page",
    FORM: f"""<p id="part">the form</p><form method="post" action="save.php">
<button>Save</button></form><a href="{STAFF}">Staff</a>""",
    STAFF: sites.PAGE}
WORDS = {
    "en": {"login": "Log in", "logout": "Log out", "go on": "Go on",
           "back": "Back", "other": "Use another account",
           "again": "Try again", "to login": "To the login page",
           "over": "Your session has ended", "unsaved": "was not saved",
           "closed": "Not open to you", "away": "Please try again in a moment",
           "in": "You are logged in", "wrong": "Wrong user name or password",
           "many": "Too many wrong passwords", "min": "15 min",
           "still": "Logged out in this browser",
           "nobody": "Nobody can log in at the moment",
           "account": "Your account", "end": "End", "ended":
           "The session has ended.", "everywhere": "Log out everywhere else",
           "elsewhere": "You are logged out everywhere else.",
           "change": "Change password", "changed": "Your password is changed.",
           "current": "The current password is wrong.",
           "differ": "typed in two different ways",
           "short": "The new password is too short",
           "prove": "The password is wrong.",
           "another": "made for another account", "site": "Back to the site"},
    "de": {"login": "Anmelden", "logout": "Abmelden", "go on": "Weiter",
           "back": "Zurück", "other": "Anderes Konto verwenden",
           "again": "Noch einmal versuchen", "to login": "Zur Anmeldung",
           "over": "Ihre Sitzung ist beendet",
           "unsaved": "wurde nicht gespeichert", "closed": "Kein Zugang",
           "away": "Bitte gleich noch einmal versuchen",
           "in": "Sie sind angemeldet",
           "wrong": "Falscher Benutzername oder falsches Passwort",
           "many": "Zu viele falsche Passwörter", "min": "15 Minuten",
           "still": "In diesem Browser abgemeldet",
           "nobody": "Im Moment kann sich niemand anmelden",
           "account": "Ihr Konto", "end": "Beenden",
           "ended": "Die Sitzung ist beendet.",
           "everywhere": "Überall sonst abmelden",
           "elsewhere": "Sie sind überall sonst abgemeldet.",
           "change": "Passwort ändern", "changed": "Ihr Passwort ist geändert.",
           "current": "Das bisherige Passwort ist falsch.",
           "differ": "zweimal verschieden eingegeben",
           "short": "Das neue Passwort ist zu kurz",
           "prove": "Das Passwort ist falsch.",
           "another": "gehörte zu einem anderen Konto",
           "site": "Zurück zur Website"}}


for language in WORDS:
    WORDS[language].update(walk_factor.WORDS[language])
SERVERS = ["lighttpd", "apache", "apache-module", "nginx"]
LONG = os.environ.get("SESSGATE_LONG") == "1"
WAYS = ([(server, language) for server in SERVERS for language in WORDS]
        if LONG else [("nginx", "en"), ("apache-module", "de")])


@pytest.fixture(scope="module")
def walk_redis(place):
    server = stack.Redis(place("r"))
    yield server
    server.process.thaw()
    server.kill()


@pytest.fixture(scope="module")
def site(request, place, stores, walk_redis, changer, factors):
    server, language = request.param
    # mod_sessgate waits for longer than the program does for Redis
    kind = type("Walked", (sites.KINDS[server],), {"times": (50, 3000, 5000)})
    made = kind(place("w"), {
        **stores, "redis.url": walk_redis.url, "log.target": "stderr",
        "mysql.url": changer.url(), "mysql.password_update": UPDATE,
        **otp.RECOVERY, "server.origins": "http://127.0.0.1:{port}",
        "ops.access": "127.0.0.1", "session.fresh": "1h",
        # a busy machine is no outage
        "redis.command_timeout": "1s", "mysql.timeout": "3s",
        "server.deadline": "8s",
        "login.limit_pair": "2/900",
        "gate.rule": FOLDER + "staff user boss@example.org",
        "login.title": "Example & Sons"})
    made.kind, made.language = server, language
    for path, words in PAGES.items():
        with open(made.root + path, "w", encoding="utf-8") as file:
            file.write("<!DOCTYPE html><meta charset=utf-8>"
                       f"<title>x</title>{words}")
    with open(made.root + FOLDER + "save.php", "w", encoding="ascii") as file:
        file.write("<?php echo $_SERVER['REQUEST_METHOD'] == 'POST' ? "
                   "'saved' : 'POST only';")
    os.remove(made.root + "/index.php")
    yield made
    made.close()


@pytest.fixture(scope="module")
def window(place, site):
    browser = browsers.Browser(
        place("b"), f"http://127.0.0.1:{site.port}", scripts=False,
        language=site.language, bare=True)
    browser.prefer_dark()
    browser.be_as_large_as(*SIZE)
    browser.words = WORDS[site.language]
    yield browser
    browser.close()


class Walk(walk_factor.Steps):
    """One person's way; a step is a word of `do` and what it needs."""

    def __init__(self, browser, site, redis, users, factors):
        self.browser, self.site, self.redis = browser, site, redis
        self.factors = factors
        self.alice = factors.give(users.add(email="alice@example.org"), None)
        self.boss = users.add(email="boss@example.org")
        self.seen = []

    def log_in(self, user, password=people.PASSWORD):
        """In the form, where the cursor stands already."""
        if self.browser.of_focused("name") == "email":
            self.type_in("email", user.email)
            self.browser.type("\t")
        self.type_in("password", password)
        self.browser.press_reached(self.browser.words["login"])

    def type_in(self, name, text):
        assert process.until(lambda: self.browser.of_focused(
            "name") == name, 5 * process.SLACK), "the cursor is elsewhere"
        self.browser.type(text)
        assert process.until(lambda: self.browser.of_focused(
            "value") == text, 5 * process.SLACK), "typed in vain"

    def do(self, step):
        kind, _, rest = step.partition(" ")
        self.repeats = kind == "wrong"  # the same page, and the form again
        if kind == "open":
            self.browser.open(rest)
        elif kind == "alice":
            self.log_in(self.alice)
        elif kind == "boss":
            self.log_in(self.boss)
        elif kind == "renewed":
            self.log_in(self.alice, NEW)
        elif kind == "wrong":
            self.log_in(self.alice, "wrong")
        elif hasattr(self, "do_" + kind):
            getattr(self, "do_" + kind)(*rest.split())
        elif kind == "new":
            self.fill("current", *rest.split())
        elif kind == "prove":
            self.fill("proof", *rest.split())
        elif kind in ("elsewhere", "grow", "as"):
            getattr(self, kind + "_" + rest)()
        elif kind == "forget":
            self.redis.client.flushall()
        elif kind == "freeze":
            self.redis.process.freeze()
            assert process.until(self.is_away, 10 * process.SLACK, 0.05)
        elif kind == "thaw":
            self.redis.process.thaw()
            assert process.until(self.is_back, 10 * process.SLACK, 0.05)
        elif kind == "press":
            words = self.browser.words.get(rest, rest)
            self.browser.press_reached(words)
        else:
            raise ValueError(step)

    def fill(self, first, *values):
        """The fields of a form, from the one of this id on."""
        self.repeats = True
        if self.browser.of_focused("id") != first:
            self.browser.find("#" + first).click()
        for value in values:
            self.browser.type(self.right_or(value) + "\t")

    @staticmethod
    def right_or(value):
        return {"right": people.PASSWORD, "new": NEW}.get(value, value)

    def token(self):
        return self.browser.cookies()[gates.SECURE_COOKIE]["value"]

    def record(self, **members):
        """This session's record, with something changed."""
        text = self.redis.client.get("sess:" + gates.hashed(self.token()))
        return json.dumps({**json.loads(text), **members})

    def elsewhere_in(self):
        """Another session of the same user."""
        self.redis.client.set("sess:" + "z" * 43, self.record(), ex=999)
        self.redis.client.zadd("usess:{%s}" % self.alice.id, {"z" * 43: 1e12})

    def elsewhere_remove(self):
        """The second factor, in another tab."""
        self.factors.give(self.alice, None)

    def grow_old(self):
        key = "sess:" + gates.hashed(self.token())
        self.redis.client.set(key, self.record(createdAt=1), ex=999)

    def as_boss(self):
        """Somebody logs in elsewhere in this browser."""
        client = servers.Client(self.site.port)
        client.log_in(self.boss)
        self.browser.driver.delete_cookie(gates.SECURE_COOKIE)
        self.browser.driver.add_cookie({
            "name": gates.SECURE_COOKIE, "secure": True, "path": "/",
            "value": client.cookie.partition("=")[2]})

    def is_away(self):
        """Makes the process forget this session."""
        return self.status() == 503

    def is_back(self):
        """Redis is asked again; what the pages say of it is up to date."""
        return self.status() in (200, 403)

    def status(self):
        cookie = self.browser.cookies().get(gates.SECURE_COOKIE)
        token = cookie["value"] if cookie else "a" * 43
        return servers.Client(self.site.port).ask(
            "GET", "/auth", headers=[
                ("Cookie", f"{gates.SECURE_COOKIE}={token}")]).status

    def look(self, row):
        """A page of ours leads on, fits the screen and is a new one."""
        self.picture(row)
        if not self.browser.has("main"):
            return
        assert self.browser.has("main a[href], main button")
        width, colour = self.browser.evaluate(
            "[document.querySelector('main').offsetWidth,"
            " getComputedStyle(document.body).backgroundColor]")
        assert width <= SIZE[0]
        assert colour == "rgb(18, 22, 29)"  # the dark one
        text = self.browser.text
        assert "Example & Sons" in text
        state = (self.browser.path, text)
        assert self.repeats or state not in self.seen[-1:], "a loop"
        self.seen.append(state)

    def picture(self, row):
        if PICTURES and self.browser.has("main"):
            name = "-".join([self.site.kind, self.site.language, row.replace(" ", "_"),
                             str(len(self.seen))])
            self.browser.driver.save_screenshot(
                os.path.join(PICTURES, name + ".png"))


# state: what somebody does, and (words of the page, path) that must follow
TABLE = {
    "nobody": [
        ("open " + FORM, "login", LOGIN + "?next=%2Fprivate%2Fform.html"),
        ("alice", "the form", FORM)],
    "nobody, with a fragment": [
        ("open " + FORM + "#part", "login",
         LOGIN + "?next=%2Fprivate%2Fform.html#part"),
        ("wrong", "wrong", None),
        ("alice", "the form", FORM + "#part")],
    "nobody, with a backslash": [
        ("open " + FORM + "?a=b\\c", "login", None),
        ("alice", "the form", FORM + "?a=b%5Cc")],
    "session over while posting": [
        ("open " + FORM, "login", None), ("alice", "the form", FORM),
        ("forget", None, None),
        ("press Save", ("over", "unsaved"), None),
        ("press login", "login", LOGIN + "?next=%2Fprivate%2Fform.html"),
        ("alice", "the form", FORM),
        ("press Save", "saved", None)],
    "not allowed, back": [
        ("open " + FORM, "login", None), ("alice", "the form", FORM),
        ("press Staff", "closed", STAFF),
        ("press back", "the form", FORM)],
    "not allowed, another account": [
        ("open " + STAFF, "login", None),
        ("alice", ("closed", "alice@example.org"), STAFF),
        ("press other", "login",
         LOGIN + "?next=%2Fprivate%2Fstaff%2Fpage.html"),
        ("boss", sites.PAGE, STAFF)],
    "not allowed, by a link from elsewhere": [
        ("open " + LOGIN, "login", LOGIN), ("alice", "the front page", "/"),
        ("open " + STAFF, "closed", STAFF),
        ("press back", "the front page", "/")],
    "too many wrong passwords": [
        ("open " + FORM, "login", None),
        *[("wrong", "wrong", None)] * 2,
        ("wrong", ("many", "min"), None), ("forget", None, None),
        ("alice", "the form", FORM)],
    "outage": [
        ("open " + FORM, "login", None), ("alice", "the form", FORM),
        ("freeze", None, None),
        ("open " + FORM + "?2", "away", FORM + "?2"),
        ("thaw", None, None),
        ("press again", "the form", FORM + "?2")],
    "outage at the login": [
        ("open " + FORM, "login", None), ("freeze", None, None),
        ("alice", ("login", "nobody"), None), ("thaw", None, None),
        ("alice", "the form", FORM)],
    "logged in without next": [
        ("open " + LOGIN, "login", LOGIN), ("alice", "the front page", "/"),
        ("open " + LOGIN, "in", LOGIN),
        ("press go on", "the front page", "/")],
    "after logout": [
        ("open " + LOGIN, "login", LOGIN), ("alice", "the front page", "/"),
        ("open " + LOGIN, "in", LOGIN), ("press logout", "login", LOGIN),
        ("alice", "the front page", "/")],
    "logout with next": [
        ("open " + LOGIN, "login", LOGIN), ("alice", "the front page", "/"),
        ("open " + LOGOUT + "?next=/private/form.html", "logout", None),
        ("press logout", "login", LOGIN + "?next=%2Fprivate%2Fform.html"),
        ("alice", "the form", FORM)],
    "account, nobody": [
        ("open " + ACCOUNT, "login", LOGIN + "?next=%2Fsessgate%2Faccount"),
        ("alice", "account", ACCOUNT), ("press site", "the front page", "/")],
    "account, by the login page": [
        ("open " + LOGIN, "login", LOGIN), ("alice", "the front page", "/"),
        ("open " + LOGIN, "in", LOGIN), ("press account", "account", ACCOUNT),
        ("press logout", "login", LOGIN)],
    "account, sessions": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("elsewhere in", None, None),
        ("open " + ACCOUNT, "account", ACCOUNT),
        ("press end", "ended", ACCOUNT + "?done=ended"),
        ("elsewhere in", None, None), ("open " + ACCOUNT, "account", ACCOUNT),
        ("press everywhere", "elsewhere", ACCOUNT + "?done=others")],
    "account, an old login": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("elsewhere in", None, None), ("grow old", None, None),
        ("open " + ACCOUNT, "account", ACCOUNT),
        ("prove x", None, None), ("press everywhere", "prove", None),
        ("prove right", None, None),
        ("press everywhere", "elsewhere", ACCOUNT + "?done=others")],
    "account, another password": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("new x new new", None, None), ("press change", "current", None),
        ("new right new other", None, None), ("press change", "differ", None),
        ("new right a a", None, None), ("press change", "short", None),
        ("new right new new", None, None),
        ("press change", "changed", ACCOUNT + "?done=password")],
    "account, the session is over": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("forget", None, None), ("new right new new", None, None),
        ("press change", ("over", "unsaved"), None),
        ("press login", "login", LOGIN + "?next=%2Fsessgate%2Faccount"),
        ("alice", "account", ACCOUNT)],
    "account, somebody else": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("elsewhere in", None, None), ("open " + ACCOUNT, "account", ACCOUNT),
        ("as boss", None, None),
        ("press end", ("another", "boss@example.org"), None),
        ("press logout", "login", LOGIN)],
    "account, outage": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("freeze", None, None), ("new right new new", None, None),
        ("press change", ("away", "unsaved"), None),
        ("thaw", None, None), ("press again", "account", ACCOUNT)],
    "logout in an outage": [
        ("open " + LOGIN, "login", LOGIN), ("alice", "the front page", "/"),
        ("open " + LOGOUT, "logout", LOGOUT), ("freeze", None, None),
        ("press logout", "still", LOGOUT), ("thaw", None, None),
        ("press to login", "login", LOGIN)],
    **walk_factor.TABLE,
}


WALKS = [(way, state) for n, way in enumerate(WAYS)
         for m, state in enumerate(TABLE) if LONG or m % len(WAYS) == n]


@pytest.mark.parametrize("site, state", WALKS, indirect=["site"], scope="module",
                         ids=[f"{server}-{language}-{state}"
                              for (server, language), state in WALKS])
def test_every_state_has_a_way_on(
        site, window, walk_redis, users, factors, state):
    walk_redis.restore()
    walk_redis.client.flushall()
    window.forget()
    walk = Walk(window, site, walk_redis, users, factors)
    for step, words, path in TABLE[state]:
        walk.do(step)
        if words is None:
            continue
        walk.look(state)
        text = window.text
        for word in words if isinstance(words, tuple) else (words,):
            word = window.words.get(word, word)
            assert word in text, (step, window.path, text)
        if path is not None:
            assert window.path == path, step
