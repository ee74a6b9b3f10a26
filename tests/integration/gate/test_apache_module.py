"""mod_sessgate: one check a request, and what Apache does with a user.

Index files, negotiation, rewriting, error documents, server-side includes;
Require; Authorization; sites.
"""

import os

import pytest

import metrics
import servers
import sites
from sites import FOLDER, NAVIGATION, PAGE
from taps import PATIENT
from test_apache_module_open import section
from test_gate_commands import HTPASSWD
from test_gate_inherited import BASIC

OPEN, STAFF, BOSS = (FOLDER + name for name in ("open/", "staff/", "boss/"))
RULES = f"{OPEN} public\nrule = {STAFF} role staff\nrule = {BOSS} user root"
# the table of etc/schema.sql has no roles: a name says enough here
STATE = ("SELECT 1 AS active, email AS login, name AS roles, "
         "password AS hash FROM users WHERE id = :id")
RULED = {"gate.rule": RULES, "mysql.user_state": STATE,
         "ops.access": "127.0.0.1"}


# one check a request

INCLUDE = '<!--#include virtual="%s" -->'
FILES = {
    "all.shtml": "".join(INCLUDE % name for name in (
        "page.html", "who.php", "style.css", "/private/page.html?x")),
    "boss.shtml": "before " + INCLUDE % (BOSS + "page.html") + " after",
    "staff.shtml": (INCLUDE % (STAFF + "page.html")) * 2,
    "view.html.en": PAGE, "view.html.de": PAGE,
    "rewritten/.htaccess": ("RewriteEngine On\nRewriteRule !^index.php "
                            "/private/rewritten/index.php [L]\n"),
    "rewritten/index.php": sites.WHO,
    "listed/page.html": PAGE, "fallback/page.html": PAGE,
}
MAPPING = """
AddOutputFilter INCLUDES .shtml
AddLanguage en .en
AddLanguage de .de
ErrorDocument 404 /private/page.html
<Directory "@root@/private">
  AllowOverride All
  Options +Includes +MultiViews +Indexes
</Directory>
<Location "/private/listed/">
  DirectoryIndex disabled
</Location>
<Location "/private/fallback/">
  FallbackResource /private/boss/page.html
</Location>
"""


class Mapping(sites.ApacheModule):
    modules = ("include", "negotiation", "rewrite", "autoindex",
               *sites.ApacheModule.modules)

    @property
    def extra(self):
        return MAPPING.replace("@root@", self.root)

    def launch(self):
        for name, text in FILES.items():
            path = self.root + FOLDER + name
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        super().launch()


@pytest.fixture(scope="module")
def mapping(place, stores):
    made = Mapping(place("w"), {**stores, "log.target": "stderr", **PATIENT,
                                **RULED})
    yield made
    made.close()


def checks(site):
    came = sites.Visitor(site.port).ask("GET", servers.MOUNT + "/metrics")
    return sum(metrics.read(came.text)["checks_total"].values())


# a path, what is shown, and the checks that it costs
COUNTED = [
    ("page.html", PAGE, 1), ("", PAGE, 1), ("who.php", PAGE, 1),
    ("who.php/some/path", PAGE, 1), ("page.html?a=/private/boss/", PAGE, 1),
    ("none.html", PAGE, 1),  # the error page
    ("view", PAGE, 1), ("view.html", PAGE, 1),
    ("rewritten/some/path", PAGE, 1), ("rewritten/", PAGE, 1),
    ("listed/", "page.html", 1), ("fallback/none", PAGE, 1),
    ("all.shtml", PAGE * 2, 1),
    # included from where another rule is
    ("staff.shtml", PAGE * 2, 2),
    ("boss.shtml", "before", 2),
    ("open/page.html", PAGE, 1), ("staff/", PAGE, 1),
]


@pytest.mark.parametrize("path,shows,count", COUNTED)
def test_a_request_of_a_client_is_one_check(
        mapping, redis, users, path, shows, count):
    """Apache may make anything of its address.  A page that is included from
    a place of another rule is another check, and is shown by that."""
    visitor = sites.Visitor(mapping.port)
    visitor.log_in(users.add(name="staff"))
    before = checks(mapping)
    came = visitor.ask("GET", FOLDER + path)
    assert checks(mapping) - before == count
    assert shows in came.text, came
    if path == "boss.shtml":
        assert PAGE not in came.text
        assert came.text.endswith(" after")


def test_a_stranger_costs_one_check_as_well(mapping, redis):
    visitor = sites.Visitor(mapping.port)
    for path, _, _ in COUNTED:
        before = checks(mapping)
        came = visitor.ask("GET", FOLDER + path, headers=NAVIGATION)
        assert came.status == (200 if path.startswith("open/") else 303)
        assert checks(mapping) - before == 1, path


def test_a_public_page_is_shown_by_its_address(start_site):
    """A front controller: the rule is for what the client asks for."""
    visitor = start_site(settings={"gate.rule": "/private/blog/ public"},
                         extra=section("FallbackResource /private/who.php"))
    for path in ("blog/1", "blog/1/2"):
        seen = visitor.see(FOLDER + path)
        assert seen["server"]["SCRIPT_NAME"] == FOLDER + "who.php"
    assert visitor.ask("GET", FOLDER + "who.php").status == 401
    assert visitor.ask("GET", FOLDER + "other").status == 401


# Require

REQUIRE = [  # the line, and who is let in of staff, guest and a stranger
    ("Require valid-user", (200, 200, 401)),
    ("AuthType sessgate\nRequire valid-user", (200, 200, 401)),
    ("AuthType None\nRequire valid-user", (200, 200, 401)),
    ("Require user @staff@", (200, 403, 401)),
    ("Require user bob @staff@", (200, 403, 401)),
    ("Require not user @guest@\nRequire all granted", (200, 403, 401)),
    ("Require sessgate-role staff", (200, 403, 401)),
    ("Require sessgate-role boss staff", (200, 403, 401)),
    ("Require sessgate-role boss", (403, 403, 401)),
    ("Require sessgate-role staf", (403, 403, 401)),
    ('Require sessgate-role ""', (403, 403, 401)),
    ("Require sessgate-role %{tolower:STAFF}", (200, 403, 401)),
    ("<RequireAny>\nRequire sessgate-role boss\nRequire ip 127.0.0.1\n"
     "</RequireAny>", (200, 200, 401)),
    ('Require expr "%{reqenv:SESSGATE_ROLES} == \'staff\'"', (200, 403, 401)),
    ('Require expr "%{REMOTE_USER} == \'@staff@\'"', (200, 401, 401)),
    ("Require all denied", (403, 403, 401)),
    ("Require ip 192.0.2.1", (403, 403, 401)),
]


@pytest.mark.parametrize("lines,statuses", REQUIRE)
def test_require_is_for_more_than_a_login(
        start_site, users, lines, statuses):
    people = {name: users.add(name=name) for name in ("staff", "guest")}
    for name, user in people.items():
        lines = lines.replace(f"@{name}@", user.email)
    visitor = start_site(settings=RULED, extra=section(
        lines.replace("Require not", "<RequireAll>\nRequire not").replace(
            "Require all granted", "Require all granted\n</RequireAll>")
        if "not" in lines else lines))
    assert visitor.ask("GET", FOLDER + "who.php").status == statuses[2]
    for (name, user), status in zip(people.items(), statuses):
        visitor.log_in(user)
        came = visitor.ask("GET", FOLDER + "who.php")
        assert came.status == status, (name, came)
        if status == 200:
            server = came.json()["server"]
            assert server["REMOTE_USER"] == user.email
            assert server["AUTH_TYPE"] == "sessgate"


def test_a_public_page_that_wants_a_user_leads_to_the_login(
        start_site, alice):
    visitor = start_site(settings=RULED, extra=section("Require valid-user"))
    came = visitor.ask("GET", OPEN + "page.html", headers=NAVIGATION)
    assert (came.status, came.headers["Location"]) == (
        303, "/sessgate/login?next=%2Fprivate%2Fopen%2Fpage.html")
    came = visitor.ask("GET", OPEN + "page.html")
    assert (came.status, came.code) == (401, "token_missing")
    visitor.log_in(alice)
    assert visitor.ask("GET", OPEN + "page.html").text == PAGE


def test_a_local_network_may_pass_without_a_login(start_site, alice):
    """AuthType sessgate without SessgateGuard: where Require wants a user."""
    visitor = start_site(settings=RULED, extra=section(
        "SessgateGuard off\nAuthType sessgate\n<RequireAny>\n"
        "Require ip 127.0.0.2\nRequire valid-user\n</RequireAny>"))
    local = sites.Visitor(visitor.site.port, source="127.0.0.2")
    before = checks(visitor.site)
    assert local.ask("GET", FOLDER + "page.html").text == PAGE
    assert checks(visitor.site) == before
    assert visitor.ask("GET", FOLDER + "page.html").status == 401
    came = visitor.ask("GET", FOLDER + "page.html", headers=NAVIGATION)
    assert came.status == 303
    visitor.log_in(alice)
    assert visitor.site.who(visitor.see())["user"] == alice.email


def test_a_password_of_apaches_own_is_asked_for_as_well(start_site, alice):
    """Both are needed, and the name is that of the password."""
    class Basic(sites.ApacheModule):
        modules = ("auth_basic", "authn_file", *sites.ApacheModule.modules)

        @property
        def extra(self):
            path = self.write("htpasswd", HTPASSWD)
            return section("AuthType Basic\nAuthName x\nRequire valid-user\n"
                           f'AuthUserFile "{path}"')

    visitor = start_site(Basic)
    assert visitor.ask("GET", FOLDER + "who.php",
                       headers=BASIC).status == 401
    visitor.log_in(alice)
    came = visitor.ask("GET", FOLDER + "who.php")
    assert came.status == 401 and "Basic" in came.headers["WWW-Authenticate"]
    server = visitor.see(headers=BASIC)["server"]
    assert (server["REMOTE_USER"], server["SESSGATE_EMAIL"]) == (
        "admin", alice.email)


# headers of requests

def test_other_directives_see_the_user_and_change_nothing(start_site, alice):
    visitor = start_site(
        modules=("rewrite", *sites.ApacheModule.modules), extra=section(
            'RequestHeader set X-Remote-Id "expr=%{reqenv:SESSGATE_USER_ID}"\n'
            'RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"\n'
            "SetEnv SESSGATE_USER_ID 1\nSetEnv SESSGATE_OTHER 1\n"
            "SetEnv REMOTE_USER root\nUnsetEnv SESSGATE_EMAIL\n"
            "RewriteEngine On\nRewriteRule .* - [E=SESSGATE_NAME:root]"))
    visitor.log_in(alice)
    server = visitor.see()["server"]
    assert server["HTTP_X_REMOTE_ID"] == server["SESSGATE_USER_ID"] == alice.id
    assert server["HTTP_X_REMOTE_USER"] == server["REMOTE_USER"] == alice.email
    assert server["SESSGATE_EMAIL"] == alice.email
    assert server.get("SESSGATE_NAME") != "root"
    assert "SESSGATE_OTHER" not in server


@pytest.mark.parametrize("is_on", [False, True])
def test_authorization_is_forwarded_where_the_site_says_so(
        start_site, alice, is_on):
    visitor = start_site(extra=section(
        f"SessgateForwardAuthorization {'on' if is_on else 'off'}"))
    visitor.log_in(alice)
    server = visitor.see(headers=BASIC)["server"]
    assert server.get("PHP_AUTH_USER") == ("admin" if is_on else None)
    assert ("YWRtaW46" in str(server)) == is_on


@pytest.mark.parametrize("line", [
    "CGIPassAuth On", "RewriteEngine On\nRewriteRule .* - "
    "[E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]"])
def test_no_line_of_a_site_brings_authorization_back(start_site, alice, line):
    visitor = start_site(
        modules=("rewrite", *sites.ApacheModule.modules),
        extra=section(line, 'Location "/"') if "CGI" in line else line)
    visitor.log_in(alice)
    assert "YWRtaW46" not in str(visitor.see(headers=BASIC)["server"])


# sites

SHOP = """
[site "shop"]
cookie.name = __Host-SHOP
redis.key_prefix = shop:
"""


class OfShop(sites.ApacheModule):
    """The API's site by SetEnvIf, as the manual has it; the gate's by ours."""

    @property
    def extra(self):
        return ('SetEnvIf Request_URI "^" SESSGATE_SITE=shop\n'
                'SessgateSite shop\n')

    def write(self, name, text):
        return super().write(
            name, text + (SHOP if name == "sessgate.conf" else ""))


def test_a_site_is_named_by_a_directive(start_site, alice):
    visitor = start_site(OfShop)
    for path in (FOLDER + "who.php", f"/%{ord('p'):x}rivate/who.php"):
        came = visitor.ask("GET", path, headers=NAVIGATION)
        assert came.status == 303, came
    assert visitor.log_in(alice).startswith("__Host-SHOP=")
    assert visitor.site.who(visitor.see())["user"] == alice.email
