"""MediaWiki by doc/applications/mediawiki.md: its addresses, its own login.

With SESSGATE_LONG=1.  What every recipe promises is in test_gate_recipes.py.
"""

import os
import urllib.parse

import pytest

import recipes
from sites import NAVIGATION

pytestmark = pytest.mark.plain_build

if os.environ.get("SESSGATE_LONG") != "1":
    pytest.skip("SESSGATE_LONG=1 asks for it", allow_module_level=True)

RECIPE = recipes.RECIPES["mediawiki"]
FORM = "application/x-www-form-urlencoded"
BOSS, SUB = RECIPE.first[0], RECIPE.second[0]


@pytest.fixture(scope="module", params=recipes.SERVERS)
def wiki(request, place, stores, mysql_server):
    site = recipes.SERVERS[request.param](recipes.MediaWiki)(
        place("w"), {**stores, "log.target": "stderr"}, mysql_server)
    yield site
    site.close()


@pytest.fixture
def visitor(wiki, redis):
    return Visitor(wiki.port)


class Visitor(recipes.Jar):
    def api(self, **words):
        return self.ask("POST", "/api.php", kind=FORM, body=urllib.parse.
                        urlencode({"format": "json", **words}).encode()).json()

    def named(self):
        """Whom api.php takes the visitor for, None for nobody."""
        answer = self.api(action="query", meta="userinfo")["query"]["userinfo"]
        return None if "anon" in answer else answer["name"]

    def token(self):
        return self.api(action="query", meta="tokens")[
            "query"]["tokens"]["csrftoken"]


@pytest.mark.parametrize("path", [
    "/wiki/Main_Page", "/index.php/Main_Page", "/index.php?title=Main_Page",
    "/wiki/Main_Page?action=history", "/wiki/Main_Page?uselang=de",
    "/wiki/Special:Version", "/index.php?curid=1"])
def test_each_address_of_a_page_shows_whom_the_gate_let_in(visitor, path):
    assert RECIPE.who(visitor.followed(path)) is None
    visitor.enter(SUB)
    came = visitor.followed(path)
    assert (came.status, RECIPE.who(came)) == (200, "Sub")


@pytest.mark.parametrize("title", ["R&D", "C++", "Żółw", "A/B", "50%", "Why?"])
def test_titles_of_all_letters_are_found(visitor, title):
    visitor.enter(BOSS)
    made = visitor.api(action="edit", title=title, text="the words",
                       token=visitor.token())
    assert made["edit"]["result"] == "Success", made
    address = urllib.parse.quote(title, safe="/:")
    for path in (f"/wiki/{address}", f"/wiki/{address}?action=render",
                 f"/index.php?title={urllib.parse.quote(title)}"):
        came = visitor.page(path)
        assert came.status == 200 and "the words" in came.text, path


def test_programs_are_told_the_same_as_people(visitor):
    assert visitor.named() is None
    visitor.enter(SUB)
    assert visitor.named() == "Sub"
    came = visitor.ask("GET", "/rest.php/v1/page/Main_Page")
    assert came.status == 200 and came.json()["title"] == "Main Page"
    visitor.api(action="logout", token=visitor.token())
    assert visitor.named() == "Sub"  # the gate's logout is the one
    visitor.log_out()
    assert visitor.named() is None


@pytest.mark.parametrize("words", [
    {"action": "login", "lgname": "Boss", "lgpassword": BOSS["password"]},
    {"action": "clientlogin", "username": "Boss",
     "password": BOSS["password"], "loginreturnurl": "http://127.0.0.1/"}])
def test_a_password_opens_nothing_but_the_gate(visitor, words):
    token = visitor.api(action="query", meta="tokens", type="login")
    token = token["query"]["tokens"]["logintoken"]
    name = "lgtoken" if words["action"] == "login" else "logintoken"
    answer = visitor.api(**words, **{name: token})
    assert "Success" not in str(answer) and "PASS" not in str(answer), answer
    assert visitor.named() is None


@pytest.mark.parametrize("path", [
    "/index.php?title=Special:UserLogin", "/wiki/Special:Login",
    "/wiki/Special:UserLogin/signup", "/wiki/Special:CreateAccount",
    "/wiki/special:userlogin", "/wiki/Spezial:Anmelden",
    "/wiki/Special:PasswordReset"])
def test_the_forms_of_login_lead_to_the_gate(visitor, path):
    for method in ("GET", "POST"):
        came = visitor.followed(
            path, method=method, kind=FORM,
            body=b"wpName=Boss&wpPassword=the+pw+of+Boss&wpLoginAttempt=1"
            if method == "POST" else None)
        assert 'id="wpPassword1"' not in came.text
        assert came.status == 404 or 'name="remember"' in came.text
    assert visitor.named() is None


def test_mediawikis_own_cookies_name_nobody(visitor, wiki):
    """The token that its "keep me logged in" has kept."""
    token = wiki.run_php("eval", typed="echo MediaWiki\\MediaWikiServices::"
                         "getInstance()->getUserFactory()"
                         "->newFromName('Boss')->getToken();\n").strip()
    assert len(token) == 32
    for value in (token, ""):
        visitor.cookies = {"mediawikiUserID": "1", "mediawikiUserName": "Boss",
                           "mediawikiToken": value}
        assert visitor.named() is None
    visitor.enter(SUB)
    visitor.cookies.update(mediawikiUserID="1", mediawikiUserName="Boss",
                           mediawikiToken=token)
    assert visitor.named() == "Sub"


def test_a_write_needs_the_token_of_this_session(visitor):
    edit = {"action": "edit", "title": "Page", "text": "x"}
    visitor.enter(BOSS)
    token = visitor.token()
    assert visitor.api(**edit)["error"]["code"] == "missingparam"
    assert visitor.api(**edit, token="+\\")["error"]["code"] == "badtoken"
    assert visitor.api(**edit, token=token)["edit"]["result"] == "Success"
    visitor.enter(BOSS)  # another session
    assert visitor.api(**edit, token=token)["error"]["code"] == "badtoken"
    visitor.enter(SUB)
    assert visitor.api(**edit, token=token)["error"]["code"] == "badtoken"


def test_a_copy_of_the_strangers_page_is_not_shown_to_who_logs_in(visitor):
    came = visitor.page("/wiki/Main_Page")
    kept = [("If-Modified-Since", came.headers["Last-Modified"])]
    assert visitor.ask("GET", "/wiki/Main_Page",
                       headers=NAVIGATION + kept).status == 304
    visitor.enter(SUB)
    came = visitor.ask("GET", "/wiki/Main_Page", headers=NAVIGATION + kept)
    assert (came.status, RECIPE.who(came)) == (200, "Sub")


def test_rights_are_mediawikis(visitor):
    visitor.enter(SUB)
    answer = visitor.api(action="delete", title="Main Page",
                       token=visitor.token())
    assert answer["error"]["code"] == "permissiondenied"
