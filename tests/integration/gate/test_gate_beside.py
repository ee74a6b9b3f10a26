"""The gate beside what a site's own configuration says: it stays shut.

Error pages, caches, alternatives to a login and further sections are common
in a site, and are inherited by, or take the place of, what contrib/ prints.
"""

import re

import pytest

import servers
import sites
from sites import FOLDER, PAGE

pytestmark = pytest.mark.plain_build

PAGES = [FOLDER + "page.html", FOLDER + "who.php"]


def all_shut(visitor):
    ran = visitor.site.runs()
    for path in PAGES:
        came = visitor.ask("GET", path)
        assert came.status >= 400 and PAGE not in came.text, came
    assert visitor.site.runs() == ran
    return True


# nginx

NGINX = [sites.Nginx, sites.NginxHost, sites.NginxProxy]


@pytest.mark.parametrize("kind", NGINX)
@pytest.mark.parametrize("extra", [
    "error_page 502 504 =200 /sorry.html;\n"
    "location = /sorry.html { return 200 sorry; }\n",
    "error_page 502 504 = @other;\nlocation @other { return 200 other; }\n"])
def test_an_error_page_that_is_200_opens_nothing(start_site, kind, extra):
    visitor = start_site(kind, extra=extra)
    visitor.site.take_program_away()
    try:
        assert all_shut(visitor)
    finally:
        visitor.site.bring_program_back()


@pytest.mark.parametrize("kind", NGINX)
def test_error_pages_for_what_programs_answer_open_nothing(
        start_site, alice, kind):
    visitor = start_site(kind, extra="""
fastcgi_intercept_errors on;
error_page 401 403 404 =200 /sorry.html;
location = /sorry.html { return 200 sorry; }
""")
    assert all_shut(visitor)
    came = visitor.ask("GET", "/sessgate/auth")
    assert (came.status, came.code) == (401, "token_missing")
    visitor.log_in(alice)
    assert visitor.site.who(visitor.see())["user"] == alice.email


class Caching(sites.Nginx):
    """The cache of a site that takes no page for a private one."""

    @property
    def in_http(self):
        return "\n".join(
            f'{what}_cache_path "{self.folder}/c-{what}" keys_zone={what}:1m;'
            for what in ("fastcgi", "proxy"))


class CachingProxy(Caching, sites.NginxProxy):
    pass


CACHE = "\n".join(f"""
{what}_cache {what};
{what}_cache_key $scheme$host$request_uri;
{what}_cache_valid any 1m;
{what}_ignore_headers Cache-Control Expires Set-Cookie Vary;
""" for what in ("fastcgi", "proxy"))


@pytest.mark.parametrize("kind", [Caching, CachingProxy])
def test_a_cache_in_the_server_keeps_nothing_private(
        start_site, alice, users, kind):
    visitor = start_site(kind, extra=CACHE)
    for user in (alice, users.add()):
        visitor.log_in(user)
        assert visitor.site.who(visitor.see())["user"] == user.email
        assert user.email in visitor.ask("GET", "/sessgate/user/me").text
        visitor.cookie = None
        assert all_shut(visitor)


@pytest.mark.parametrize("kind", NGINX)
def test_who_may_come_in_without_a_login_elsewhere_may_not_here(
        start_site, kind):
    assert all_shut(start_site(
        kind, extra="satisfy any;\nallow 127.0.0.1;\n"))


class Uploads(sites.Nginx):
    """Longer bodies than elsewhere, for the guarded folder only."""

    def printed(self, name):
        return super().printed(name).replace(
            "  auth_request /_sessgate_check;\n",
            "  auth_request /_sessgate_check;\n  client_max_body_size 9m;\n")


@pytest.mark.parametrize("kind", [
    Uploads, type("UploadsProxy", (Uploads, sites.NginxProxy), {})])
def test_what_a_folder_may_be_sent_is_not_limited_by_the_question(
        start_site, alice, kind):
    visitor = start_site(kind, extra="client_max_body_size 1k;")
    for size in (10, 4000):
        came = visitor.ask("POST", PAGES[1], body=b"a" * size)
        assert came.status == 401
    visitor.log_in(alice)
    seen = visitor.see(method="POST", body=b"a" * 4000,
                       kind="application/octet-stream")
    assert seen["size"] == 4000


FRONT = """
if (!-e $request_filename) {
  rewrite ^(.*)$ /index.php?q=$1 last;
}
"""


@pytest.mark.parametrize("kind", [sites.Nginx, sites.NginxHost])
def test_a_rewrite_of_the_server_does_not_answer_for_the_gate(
        start_site, kind):
    assert all_shut(start_site(kind, extra=FRONT))


# lighttpd

SECTION = """
$HTTP["host"] =~ "" {
  fastcgi.server %s ( ".other" => (( "socket" => "/nowhere" )) )
  setenv.set-response-header %s ( "X-Other" => "1" )
}
"""
LIGHTTPD = [sites.Lighttpd, sites.LighttpdHost]


def before(kind, text):
    """The text stands before what is printed."""
    return type("Before", (kind,), {
        "frame": lambda self: kind.frame(self).replace(
            "@lighttpd-gate", text + "@lighttpd-gate")})


@pytest.mark.parametrize("kind", LIGHTTPD)
def test_a_section_of_lighttpd_that_adds_opens_nothing(start_site, kind):
    """On a guarded host it hides the way to the login."""
    assert all_shut(start_site(kind, extra=SECTION % ("+=", "+=")))


@pytest.mark.parametrize("what", ["=", "+="])
@pytest.mark.parametrize("kind", LIGHTTPD)
def test_beside_a_section_of_lighttpd_that_comes_first_all_is_well(
        start_site, alice, kind, what):
    visitor = start_site(before(kind, SECTION % (what, what)), extra="")
    assert all_shut(visitor)
    visitor.cookie = visitor.site.gate.log_in(alice)
    assert visitor.site.who(visitor.see())["user"] == alice.email
    came = visitor.ask("GET", PAGES[0])
    assert (came.status, came.headers["Cache-Control"]) == (
        200, "private, no-store")


# one of several names


class LighttpdName(sites.Lighttpd):
    """Inside the section of the name, by doc/gate.md."""

    def printed(self, name):
        text = super().printed(name)
        if name not in ("lighttpd-gate", "lighttpd-gate-host"):
            return text
        return f'$HTTP["host"] == "here.example" {{\n{text}\n}}'


class ApacheName(sites.Apache):
    """The first line outside, the rest in the virtual host."""

    def printed(self, name):
        text = super().printed(name)
        if name != "apache-gate":
            return text
        (first,) = re.findall("(?m)^AuthnzFcgiDefineProvider .*\n", text)
        return first + "".join(
            f'<VirtualHost 127.0.0.1:{self.port}>\nServerName {name}\n'
            f'DocumentRoot "{self.root}"\n{inside}\n</VirtualHost>\n'
            for name, inside in (("here.example", text.replace(first, "")),
                                 ("there.example", "")))


class ApacheModuleName(sites.ApacheModule):
    """The lines before the sections outside, the rest in the virtual host."""

    def printed(self, name):
        text = super().printed(name)
        if name != "apache-module":
            return text
        first, mark, rest = text.partition("<Location ")
        return first + "".join(
            f'<VirtualHost 127.0.0.1:{self.port}>\nServerName {name}\n'
            f'DocumentRoot "{self.root}"\n{inside}\n</VirtualHost>\n'
            for name, inside in (("here.example", mark + rest),
                                 ("there.example", "")))


def ask_at(visitor, name, path, cookie=None):
    visitor.line.request("GET", path, headers={
        "Host": name, "Cookie": cookie or "a=b"})
    answer = servers.Answer(visitor.line.getresponse())
    visitor.line.close()
    return answer


@pytest.mark.parametrize("kind,whole", [
    (LighttpdName, False), (LighttpdName, True),
    (ApacheName, False), (ApacheName, True),
    (ApacheModuleName, False), (ApacheModuleName, True)])
def test_one_name_of_several_can_be_guarded(start_site, alice, kind, whole):
    if whole:
        kind = type("Whole", (kind,), {"guards": "/"} if
                    issubclass(kind, sites.ApacheSite) else {
                        "names": sites.LighttpdHost.names, "guards": "/"})
    visitor = start_site(kind, extra="")
    cookie = visitor.site.gate.log_in(alice)
    for path in (*PAGES, *(["/page.html"] if whole else [])):
        assert ask_at(visitor, "here.example", path).status == 401
        assert PAGE in ask_at(visitor, "here.example", path, cookie).text
        assert PAGE in ask_at(visitor, "there.example", path).text
    for name in ("here.example", "there.example"):
        assert ask_at(visitor, name, "/sessgate/login").status == 200
