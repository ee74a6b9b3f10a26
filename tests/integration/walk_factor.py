"""The states of test_walk.py around a second factor and a reset link."""

import account
import otp
import servers

ACCOUNT = account.HERE
FACTOR = ACCOUNT + "/totp"
LOGIN = servers.MOUNT + "/login"
RESET = servers.MOUNT + "/reset"

WORDS = {
    "en": {"app": "Set up or remove codes of an app",
           "factor": "Second factor", "set": "Set up", "remove": "Remove",
           "make": "Make new recovery codes", "kept": "I have kept them",
           "codes": "Your recovery codes", "no app": "Use a recovery code",
           "left 9": "Recovery codes left: 9.",
           "left 10": "Recovery codes left: 10.",
           "wrong code": "The password or the code is wrong.",
           "attempts": "Too many attempts.",
           "with code": "you log in with your password and a code",
           "removed": "The second factor is removed",
           "new password": "A new password",
           "to set": "Set the new password", "still good": "still be used",
           "is set": "Your password is changed",
           "used": "This link is used up",
           "not now": "This does not work at the moment"},
    "de": {"app": "Codes einer App einrichten oder entfernen",
           "factor": "Zweiter Faktor", "set": "Einrichten",
           "remove": "Entfernen", "make": "Neue Wiederherstellungscodes machen",
           "kept": "Ich habe sie aufbewahrt",
           "codes": "Ihre Wiederherstellungscodes", "no app": "Wiederherstellungscode verwenden",
           "left 9": "Übrige Wiederherstellungscodes: 9.",
           "left 10": "Übrige Wiederherstellungscodes: 10.",
           "wrong code": "Das Passwort oder der Code ist falsch.",
           "attempts": "Zu viele Versuche.",
           "with code": "Ab jetzt melden Sie sich mit Passwort und Code an",
           "removed": "Der zweite Faktor ist entfernt",
           "new password": "Ein neues Passwort",
           "to set": "Neues Passwort setzen", "still good": "gilt weiterhin",
           "is set": "Ihr Passwort ist geändert",
           "used": "Dieser Link gilt nicht mehr",
           "not now": "Das geht im Moment nicht"}}

SET_UP = [
    ("open " + FACTOR, "login", LOGIN + "?next=%2Fsessgate%2Faccount%2Ftotp"),
    ("alice", "factor", FACTOR),
    ("code right first", None, None),
    ("press set", ("codes", "with code"), FACTOR),
    ("note codes", None, None)]
LINK = [("link new", "new password", None)]

# rows of test_walk.py's TABLE
TABLE = {
    "factor, by the account page": [
        ("open " + ACCOUNT, "login", None), ("alice", "account", ACCOUNT),
        ("press app", "factor", FACTOR),
        ("press account", "account", ACCOUNT)],
    "factor, set up": [
        *SET_UP[:2],
        ("code x 000000", None, None), ("press set", "wrong code", FACTOR),
        ("code right 000000", None, None), ("press set", None, None),
        ("unlimit", None, None),
        *SET_UP[2:],
        ("press kept", "account", ACCOUNT), ("press app", "left 10", FACTOR)],
    "factor, new recovery codes": [
        *SET_UP, ("open " + FACTOR, "left 10", FACTOR),
        ("code right x", None, None), ("press make", "wrong code", FACTOR),
        ("code right next", None, None), ("press make", "codes", FACTOR),
        ("note codes", None, None), ("press kept", "account", ACCOUNT)],
    "factor, removed": [
        *SET_UP, ("press kept", "account", ACCOUNT),
        ("press app", "left 10", FACTOR),
        ("code right next", None, None),
        ("press remove", "removed", ACCOUNT + "?done=factor-removed"),
        ("press app", "set", FACTOR)],
    "factor, the phone is lost": [
        *SET_UP, ("press kept", "account", ACCOUNT),
        ("press logout", "login", LOGIN),
        ("wrong", "wrong", LOGIN), ("recover", "the front page", "/"),
        ("open " + FACTOR, "left 9", FACTOR),
        ("code right next", None, None),
        ("press remove", "removed", ACCOUNT + "?done=factor-removed"),
        ("press app", "set", FACTOR)],
    "factor, too many codes": [
        *SET_UP, ("open " + FACTOR, "left 10", FACTOR),
        *[("code right x", None, None), ("press make", None, None)] * 2,
        ("code right x", None, None), ("press make", "attempts", FACTOR),
        ("unlimit", None, None),
        ("code right next", None, None), ("press make", "codes", FACTOR)],
    "factor, removed in another tab": [
        *SET_UP, ("open " + FACTOR, "left 10", FACTOR),
        ("elsewhere remove", None, None),
        ("code right next", None, None), ("press make", "set", FACTOR)],
    "factor, the session is over": [
        *SET_UP[:2], ("forget", None, None), ("code right first", None, None),
        ("press set", ("over", "unsaved"), None),
        ("press login", "login",
         LOGIN + "?next=%2Fsessgate%2Faccount%2Ftotp"),
        ("alice", "factor", FACTOR)],
    "factor, somebody else": [
        *SET_UP[:2], ("as boss", None, None), ("code right first", None, None),
        ("press set", "another", FACTOR),
        ("press account", ("account", "boss@example.org"), ACCOUNT)],
    "factor, outage": [
        *SET_UP[:2], ("freeze", None, None), ("code right first", None, None),
        ("press set", ("away", "unsaved"), FACTOR), ("thaw", None, None),
        ("press again", "factor", FACTOR)],
    "link": [
        *LINK, ("reset a a", None, None),
        ("press to set", ("short", "still good"), RESET),
        ("reset new other", None, None),
        ("press to set", ("differ", "still good"), RESET),
        ("reset new new", None, None),
        ("press to set", "is set", RESET + "?done=1"),
        ("press login", "login", LOGIN), ("renewed", "the front page", "/")],
    "link, used": [
        *LINK, ("reset new new", None, None),
        ("press to set", "is set", RESET + "?done=1"),
        ("link again", "used", None), ("press to login", "login", LOGIN)],
    "link, over while typing": [
        *LINK, ("forget", None, None), ("reset new new", None, None),
        ("press to set", "used", RESET),
        ("press to login", "login", LOGIN)],
    "link, outage": [
        *LINK, ("freeze", None, None), ("reset new new", None, None),
        ("press to set", "not now", RESET), ("thaw", None, None),
        ("reset new new", None, None),
        ("press to set", "is set", RESET + "?done=1")],
}


class Steps:
    """The steps of test_walk.py on these pages."""

    codes = ()
    link = None

    def do_code(self, password, given):
        """Types both; `first` is of the new secret, `next` a recovery code."""
        if given == "first":
            secret = self.browser.find("input[name=secret]").get_attribute(
                "value")
            given = otp.code(otp.step_now(), secret)
        elif given == "next":
            given = self.codes.pop()
        self.fill("current", password, given)

    def do_reset(self, *values):
        self.fill("new", *values)

    def do_note(self, _):
        """The codes, that are shown once."""
        self.codes = self.browser.find("pre").text.split("\n")
        assert len(self.codes) == 10

    def do_recover(self):
        """Logs in with a recovery code, by keyboard alone."""
        self.type_in("password", self.right_or("right"))
        self.browser.tab_to(self.browser.words["no app"])
        self.browser.type("\n\t")
        self.type_in("recovery", self.codes.pop())
        self.browser.press_reached(self.browser.words["login"])

    def do_unlimit(self):
        self.redis.client.delete(*self.redis.client.keys("rate:*"))

    def do_link(self, which):
        if which == "new":
            answer = servers.Client(self.site.port).ask(
                "POST", "/reset-link", {"id": self.alice.id})
            assert answer.status == 200, answer
            self.link = answer.json()["url"].replace(self.browser.base, "")
        self.browser.open(self.link)
