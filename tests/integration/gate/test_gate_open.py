"""Flaws that no gate can close: each is open, or shut for everybody.

These tests assert flaws of a set-up, so that doc/gate.md, which warns of
them, stays true: should one of them fail, the warning can go.
"""

import base64
import os
import shutil

import pytest

import gate as gates
import process
import servers
import sites
from sites import FOLDER, NAVIGATION, PAGE
from test_docs import manual

pytestmark = pytest.mark.plain_build


def is_open(visitor, path, **kind):
    """A page is shown, or run, without a session."""
    return PAGE in visitor.ask("GET", path, **kind).text


def is_shut(visitor, path):
    return visitor.ask("GET", path).status == 401


class Rewriting(sites.Lighttpd):
    modules = ("mod_setenv", "mod_rewrite", "mod_fastcgi")
    extra = 'url.rewrite-once = ( "^/private/(.*)" => "/index.php/$1" )'


def test_lighttpd_opens_a_folder_that_is_rewritten_to_another(start_site):
    visitor = start_site(Rewriting)
    assert is_open(visitor, FOLDER + "page.html")


class RewritingHost(sites.LighttpdHost):
    modules = ("mod_setenv", "mod_rewrite", "mod_fastcgi")
    directive = "once"

    @property
    def extra(self):
        return (f'url.rewrite-{self.directive} = '
                '( "^/blog/(.*)" => "/index.php/$1" )')


class RewritingHostIfNot(RewritingHost):
    directive = "if-not-file"


@pytest.mark.parametrize("kind", [RewritingHost, RewritingHostIfNot])
def test_a_whole_host_of_lighttpd_may_be_rewritten(start_site, alice, kind):
    visitor = start_site(kind)
    assert is_shut(visitor, "/blog/1")
    visitor.log_in(alice)
    assert visitor.see("/blog/1")["server"]["REMOTE_USER"] == alice.email


class Proxying(sites.Lighttpd):
    """An application behind mod_proxy, below the guarded folder."""

    modules = ("mod_setenv", "mod_proxy", "mod_fastcgi")

    def frame(self):
        self.application = sites.Application(
            self.root, os.path.join(self.folder, "app"), self.php)
        self.extra = ('proxy.server = ( "/private/" => (( "host" => '
                      f'"127.0.0.1", "port" => {self.application.port} )) )')
        return super().frame()

    def close(self):
        super().close()
        self.application.stop()


class ProxyingLast(Proxying):
    modules = ("mod_setenv", "mod_fastcgi", "mod_proxy")


def test_lighttpd_opens_what_is_proxied_if_mod_proxy_comes_first(start_site):
    visitor = start_site(Proxying)
    assert is_open(visitor, FOLDER + "who.php")


def test_lighttpd_finds_nothing_that_is_proxied_if_mod_proxy_comes_last(
        start_site, alice):
    visitor = start_site(ProxyingLast)
    ran = visitor.site.runs()
    assert is_shut(visitor, FOLDER + "app")
    visitor.log_in(alice)
    assert visitor.ask("GET", FOLDER + "app").status == 404
    assert visitor.site.runs() == ran


class Responding(sites.Lighttpd):
    """PHP-FPM for every path below, whether there is such a file or not."""

    def frame(self):
        self.extra = (f'fastcgi.server += ( "{FOLDER}app" => (( "socket" => '
                      f'"{self.php.path}", "check-local" => "disable" )) )')
        return super().frame()


def test_lighttpd_finds_no_responder_without_a_file_behind_the_gate(
        start_site, alice):
    visitor = start_site(Responding)
    assert is_shut(visitor, FOLDER + "app/1")
    visitor.log_in(alice)
    assert visitor.ask("GET", FOLDER + "app/1").status == 404


class Looping(sites.Lighttpd):
    """The authorizer in front of all, the login included."""

    guards = "/"


def test_lighttpd_guards_the_login_itself_if_told_to(start_site):
    visitor = start_site(Looping)
    for path in ("/page.html", servers.MOUNT + "/login"):
        came = visitor.ask("GET", path, headers=NAVIGATION)
        assert came.status == 303
        assert came.headers["Location"].startswith(servers.MOUNT + "/login?")


@pytest.mark.parametrize("kind", [sites.Lighttpd, sites.Apache])
def test_a_front_controller_is_open_however_its_paths_begin(start_site, kind):
    visitor = start_site(kind)
    assert is_shut(visitor, FOLDER + "page.html")
    seen = visitor.see("/index.php" + FOLDER + "page.html")
    assert seen["server"]["PATH_INFO"] == FOLDER + "page.html"


@pytest.mark.parametrize("kind", [sites.LighttpdHost, sites.ApacheHost])
def test_a_front_controller_of_a_guarded_host_is_shut(
        start_site, alice, kind):
    visitor = start_site(kind)
    path = "/index.php" + FOLDER + "page.html"
    assert is_shut(visitor, path)
    visitor.log_in(alice)
    assert visitor.site.who(visitor.see(path))["user"] == alice.email


class Stock(sites.Nginx):
    in_open_php = ""


def test_nginx_tells_php_what_a_client_claims_where_remote_user_is_not_set(
        start_site):
    visitor = start_site(Stock)
    basic = "Basic " + base64.b64encode(b"bob:x").decode()
    seen = visitor.see("/who.php", headers=[("Authorization", basic)])
    assert seen["server"]["REMOTE_USER"] == "bob"


class PlainPrefix(sites.Nginx):
    """A configuration without the mark and without the PHP location."""

    names = ("nginx", "nginx-check", "nginx-maps")
    extra = f"""
location {FOLDER} {{
  auth_request /_sessgate_check;
  error_page 401 = @sessgate_login;
}}
location ~ \\.html$ {{ expires 1h; }}
"""


def test_nginx_opens_what_another_location_matches_by_a_pattern(start_site):
    visitor = start_site(PlainPrefix)
    assert is_shut(visitor, FOLDER + "other.txt")
    assert is_open(visitor, FOLDER + "page.html")
    assert is_open(visitor, FOLDER + "who.php")


class Longer(sites.Nginx):
    extra = f"location {FOLDER}staff/ {{ }}\nlocation = {FOLDER}page.html {{ }}"


def test_nginx_opens_what_a_longer_location_matches(start_site):
    visitor = start_site(Longer)
    assert is_shut(visitor, FOLDER + "who.php")
    assert is_open(visitor, FOLDER + "page.html")
    assert is_open(visitor, FOLDER + "staff/page.html")
    assert is_open(visitor, FOLDER + "staff/who.php")


class Denying(sites.Nginx):
    extra = "location ~ ^/private/page { deny all; }"


def test_what_nginx_denies_by_a_pattern_is_shown_to_who_is_logged_in(
        start_site, alice):
    visitor = start_site(Denying)
    assert is_shut(visitor, FOLDER + "page.html")
    visitor.log_in(alice)
    assert is_open(visitor, FOLDER + "page.html")


class RewritingFirst(sites.Nginx):
    """A front controller's rewrite, before the question of the gate."""

    def frame(self):
        return "if (!-e $request_filename) { rewrite ^ /index.php last; }" + (
            super().frame())


def test_nginx_opens_all_if_a_rewrite_comes_before_the_question(start_site):
    visitor = start_site(RewritingFirst)
    for name in ("page.html", "who.php"):
        assert is_open(visitor, FOLDER + name)


class Sectioned(sites.Lighttpd):
    """PHP anew, for one name of the host."""

    @property
    def extra(self):
        return ('$HTTP["host"] =~ "" { fastcgi.server = ( ".php" => (( '
                f'"socket" => "{self.php.path}" )) ) }}')


class SectionedHost(Sectioned, sites.LighttpdHost):
    pass


@pytest.mark.parametrize("kind", [Sectioned, SectionedHost])
def test_lighttpd_opens_what_a_later_section_says_anew(start_site, kind):
    visitor = start_site(kind)
    for name in ("page.html", "who.php"):
        assert is_open(visitor, FOLDER + name)


class Status(sites.Lighttpd):
    modules = ("mod_setenv", "mod_status", "mod_fastcgi")
    extra = f'status.status-url = "{FOLDER}status"'


def test_lighttpd_opens_what_a_module_answers_that_comes_first(start_site):
    visitor = start_site(Status)
    assert visitor.ask("GET", FOLDER + "status").status == 200


def alias(kind, text):
    return type("Aliased", (kind,), {
        "modules": (*getattr(kind, "modules", ()), *(
            {sites.Apache: ["alias"], sites.Lighttpd: ["mod_alias"]}
            .get(kind, []))),
        "extra": property(lambda self: text % (self.root + FOLDER))})


@pytest.mark.parametrize("kind", [
    alias(sites.Lighttpd, 'alias.url += ( "/other/" => "%s" )'),
    alias(sites.Apache, 'Alias "/other/" "%s"'),
    alias(sites.Nginx, 'location /other/ { alias "%s"; }')],
    ids=["lighttpd", "apache", "nginx"])
def test_a_folder_is_open_by_another_path(start_site, kind):
    visitor = start_site(kind)
    assert is_shut(visitor, FOLDER + "page.html")
    assert is_open(visitor, "/other/page.html")


class Htaccess(sites.Apache):
    overrides = "All"
    text = "Require all granted\n"

    def __init__(self, folder, settings):
        super().__init__(folder, settings)
        with open(os.path.join(self.root + FOLDER, ".htaccess"), "w",
                  encoding="ascii") as file:
            file.write(self.text)


class SatisfyAny(Htaccess):
    text = "Order allow,deny\nAllow from all\nSatisfy Any\n"


@pytest.mark.parametrize("kind", [Htaccess, SatisfyAny])
def test_apache_lets_no_htaccess_open_what_is_guarded(start_site, kind):
    visitor = start_site(kind)
    for name in ("page.html", "who.php"):
        assert is_shut(visitor, FOLDER + name)


class If(sites.Apache):
    extra = '<If "true">\nRequire all granted\n</If>'


def test_apache_opens_what_an_if_section_grants(start_site):
    visitor = start_site(If)
    assert is_open(visitor, FOLDER + "page.html")


class VirtualHost(sites.Apache):
    """The site's file is read after conf-enabled, as in Debian's Apache."""

    said = ""

    @property
    def extra(self):
        return (f'<VirtualHost 127.0.0.1:{self.port}>\n'
                f'DocumentRoot "{self.root}"\n{self.said}\n</VirtualHost>')


class Granting(VirtualHost):
    said = '<Location "/">\nRequire all granted\n</Location>'


def test_apache_opens_what_a_later_location_grants(start_site):
    visitor = start_site(VirtualHost)
    assert is_shut(visitor, FOLDER + "page.html")
    visitor = start_site(Granting)
    assert is_open(visitor, FOLDER + "page.html")


SHOP = """
[site "shop"]
cookie.name = __Host-SHOP
redis.key_prefix = shop:
"""


def of_shop(kind, line):
    """A site for which each request to the program says so by this line."""

    class OfShop(kind):
        extra = "" if issubclass(kind, sites.Nginx) else line

        def write(self, name, text):
            return super().write(
                name, text + (SHOP if name == "sessgate.conf" else ""))

        def printed(self, name):
            ask = f'  fastcgi_pass "unix:{self.socket_path}'
            return super().printed(name).replace(ask, f"  {line}\n{ask}")

    return OfShop


@pytest.mark.parametrize("kind,name", [
    (sites.Lighttpd, "site-lighttpd"), (sites.LighttpdHost, "site-lighttpd"),
    (sites.Apache, "site-apache"), (sites.Nginx, "site-nginx"),
    (sites.NginxProxy, "site-nginx")])
def test_the_manual_names_a_site_to_the_gate(start_site, alice, kind, name):
    visitor = start_site(of_shop(kind, manual(name)))
    for path in (FOLDER + "who.php", f"/%{ord('p'):x}rivate/who.php"):
        came = visitor.ask("GET", path, headers=NAVIGATION)
        assert came.status == 303, came
    cookie = visitor.log_in(alice)
    assert cookie.startswith("__Host-SHOP=")
    assert visitor.site.who(visitor.see())["user"] == alice.email


def test_apache_sets_what_setenv_says_too_late_for_the_gate(
        start_site, alice):
    visitor = start_site(of_shop(sites.Apache, "SetEnv SESSGATE_SITE shop"))
    visitor.log_in(alice)
    for path in ("page.html", "who.php"):
        assert visitor.ask("GET", FOLDER + path).status == 403


class Fcgid(sites.Apache):
    """mod_fcgid in the place of the gate, as one could think of it."""

    names = ("apache",)
    modules = (*sites.Apache.modules, "fcgid")
    hook = "FcgidAuthorizer"

    def frame(self):
        copy = os.path.join(self.folder, "sessgate")
        shutil.copy(gates.binary(), copy)
        os.chmod(copy, 0o755)
        self.extra = f"""
FcgidIPCDir "{self.folder}/fcgid"
FcgidProcessTableFile "{self.folder}/fcgid_shm"
FcgidInitialEnv SESSGATE_CONFIG "{self.config}"
<Location "{FOLDER}">
  {self.hook} "{copy}"
  Require all granted
</Location>
"""
        return super().frame()


def test_mod_fcgid_as_the_gate_is_open(start_site):
    visitor = start_site(Fcgid)
    assert is_open(visitor, FOLDER + "page.html")
    assert is_open(visitor, FOLDER + "who.php")
    assert process.until(
        lambda: servers.offspring(visitor.site.process.pid, "sessgate"),
        0.5) is None, "it was not even asked"


class FcgidChecker(Fcgid):
    hook = "FcgidAccessChecker"


def test_mod_fcgid_as_access_checker_leads_nobody_to_the_login_and_tells(
        start_site, alice):
    visitor = start_site(FcgidChecker)
    for headers in (NAVIGATION, ()):
        came = visitor.ask("GET", FOLDER + "page.html", headers=headers)
        assert (came.status, came.headers["Location"]) == (401, None)
        assert PAGE not in came.text
    visitor.log_in(alice)
    came = visitor.ask("GET", FOLDER + "page.html")
    assert came.status == 200
    assert came.headers["Variable-REMOTE_USER"] == alice.email
