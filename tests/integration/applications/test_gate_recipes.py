"""DokuWiki, MediaWiki and phpMyAdmin by the recipes of doc/applications.

Gate and application never disagree about who it is.  DokuWiki always, on
nginx, lighttpd and mod_sessgate; the others with SESSGATE_LONG=1.
"""

import base64
import os
import re

import pytest

import gate as gates
import people
import process
import recipes
from sites import NAVIGATION

pytestmark = pytest.mark.plain_build

LONG = os.environ.get("SESSGATE_LONG") == "1"
FORGED = [("Remote-User", "boss"), ("X-Remote-User", "boss"),
          ("X-Sessgate-User", "boss"), ("Sessgate-User-Id", "1"),
          ("Authorization", "Basic " + base64.b64encode(
              b"boss:the pw of Boss").decode())]


@pytest.fixture(scope="module", params=[
    (name, server) for name in recipes.RECIPES for server in recipes.SERVERS],
    ids="-".join)
def made(request, place, stores, mysql_server):
    name, server = request.param
    if not LONG and (name != "dokuwiki" or server == "apache"):
        pytest.skip("SESSGATE_LONG=1 asks for it")
    recipe = recipes.RECIPES[name]
    site = recipes.SERVERS[server](recipe.site)(
        place("w"), {**stores, "log.target": "stderr", "user.recheck": "1s"},
        mysql_server)
    yield recipe, site
    site.close()


@pytest.fixture
def here(made, mysql, redis):
    """The recipe, a browser's cookies, and two people."""
    recipe, site = made
    users = people.Users(mysql)
    for name in ("a", "b"):
        users.add(email=f"{name}@example.org", name=name.upper())
    yield recipe, recipes.Jar(site.port), site
    users.forget()


def test_the_application_shows_whom_the_gate_let_in(here):
    recipe, visitor, _ = here
    for login, name in (recipe.first, recipe.second, recipe.first):
        visitor.enter(login)
        came = visitor.followed(recipe.page)
        assert (came.status, recipe.who(came)) == (200, name)
        visitor.log_out()
        assert recipe.who(visitor.followed(recipe.page)) is None


def test_a_second_login_without_a_logout_shows_the_second(here):
    recipe, visitor, _ = here
    for login, name in (recipe.first, recipe.second):
        visitor.enter(login)
        assert recipe.who(visitor.followed(recipe.page)) == name


def test_what_a_client_claims_changes_nothing(here):
    recipe, visitor, _ = here
    headers = NAVIGATION + FORGED
    assert recipe.who(visitor.ask("GET", recipe.page, headers=headers)) is None
    visitor.enter(recipe.first[0])
    visitor.followed(recipe.page)
    came = visitor.ask("GET", recipe.page, headers=headers)
    assert recipe.who(came) == recipe.first[1]


def test_the_applications_cookies_name_nobody(here):
    """Those of the first beside the gate's cookie of the second, or none."""
    recipe, visitor, site = here
    visitor.enter(recipe.first[0])
    assert recipe.who(visitor.followed(recipe.page)) == recipe.first[1]
    kept = {name: value for name, value in visitor.cookies.items()
            if name != gates.SECURE_COOKIE}
    other, stranger = recipes.Jar(site.port), recipes.Jar(site.port)
    other.enter(recipe.second[0])
    other.cookies.update(kept)
    assert recipe.who(other.followed(recipe.page)) == recipe.second[1]
    stranger.cookies = kept
    assert recipe.who(stranger.followed(recipe.page)) is None


def test_a_session_that_ends_elsewhere_ends_here(here, mysql, redis):
    recipe, visitor, _ = here
    visitor.enter(recipe.first[0])
    assert recipe.who(visitor.followed(recipe.page)) == recipe.first[1]
    cookies = dict(visitor.cookies)
    visitor.log_out()
    visitor.cookies = cookies
    assert recipe.who(visitor.followed(recipe.page)) is None


def test_who_is_blocked_is_out_and_the_others_are_not(here):
    """Within [user] recheck, one second here."""
    recipe, visitor, site = here
    other = recipes.Jar(site.port)
    for person, (login, name) in ((visitor, recipe.first),
                                  (other, recipe.second)):
        person.enter(login)
        assert recipe.who(person.followed(recipe.page)) == name
    site.block(recipe.second[0])
    try:
        assert process.until(
            lambda: recipe.who(other.followed(recipe.page)) is None,
            5 * process.SLACK) is not None
        came = other.ask("POST", "/sessgate/login", recipe.second[0])
        assert came.status == 401
        assert recipe.who(visitor.followed(recipe.page)) == recipe.first[1]
    finally:
        site.unblock(recipe.second[0])


def leads(came):
    return re.sub("^https?://[^/]*", "", came.headers["Location"] or "")


def test_the_applications_own_login_and_logout_lead_to_the_gates(here):
    recipe, visitor, _ = here
    enter, leave = recipe.own_pages
    came = visitor.page(enter)
    assert came.status in (302, 303)
    assert leads(came).startswith("/sessgate/login?next=")
    visitor.enter(recipe.first[0])
    shown = visitor.followed(recipe.page)
    assert recipe.who(shown) == recipe.first[1]
    token = re.search(r'token:"([^"]+)"', shown.text)  # phpMyAdmin asks for it
    came = visitor.page(leave) if token is None else visitor.page(
        leave, "POST", body=f"token={token[1]}".encode(),
        kind="application/x-www-form-urlencoded")
    assert came.status in (302, 303)
    assert leads(came).startswith("/sessgate/logout?next=")
    back = visitor.page(leads(came))
    assert back.status == 200 and "<form" in back.text
    cookies = dict(visitor.cookies)
    visitor.log_out()
    visitor.cookies = cookies
    assert recipe.who(visitor.followed(recipe.page)) is None


@pytest.mark.skipif(not LONG, reason="SESSGATE_LONG=1 asks for it")
def test_who_is_taken_out_of_phpmyadmins_table_is_refused_at_once(
        place, stores, mysql_server, redis, users):
    recipe = recipes.RECIPES["phpmyadmin"]
    site = recipes.SERVERS["nginx"](recipes.PhpMyAdmin)(
        place("w"), {**stores, "log.target": "stderr"}, mysql_server)
    for name in ("a", "b"):
        users.add(email=f"{name}@example.org")
    first, second = recipes.Jar(site.port), recipes.Jar(site.port)
    try:
        for person, (login, name) in ((first, recipe.first),
                                      (second, recipe.second)):
            person.enter(login)
            assert recipe.who(person.followed(recipe.page)) == name
        site.put(site.folder + "/sessgate-accounts.php", "<?php return ["
                 "'b@example.org' => ['pma_b', 'account-secret']];\n")
        came = first.followed(recipe.page)
        assert came.status == 403 and "no database" in came.text
        assert recipe.who(second.followed(recipe.page)) == recipe.second[1]
    finally:
        site.close()
