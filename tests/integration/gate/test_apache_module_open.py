"""Configurations that could open what mod_sessgate guards: none does.

One row a way: lines of the server, of a virtual host, of a .htaccess; those
that opened the gates of mod_authnz_fcgi and mod_fcgid (doc/gate.md) among them.
"""

import os
import subprocess

import pytest

import process
import sites
from sites import FOLDER, NAVIGATION, PAGE
from taps import PATIENT
from test_gate_commands import HTPASSWD
from test_gate_inherited import BASIC

pytestmark = pytest.mark.plain_build

PAGES = [FOLDER + "page.html", FOLDER + "who.php", FOLDER]


def is_shut(visitor, *paths, **kind):
    """No page for a stranger, by any method."""
    ran = visitor.site.runs()
    for path in paths or PAGES:
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PROPFIND", "PUT"):
            came = visitor.ask(method, path, **kind)
            assert came.status >= 400 and PAGE not in came.text, (path, came)
    assert visitor.site.runs() == ran
    return True


def section(text, name=f'Location "{FOLDER}"'):
    return f"<{name}>\n{text}\n</{name.split()[0]}>"


BASIC_AUTH = ('AuthType Basic\nAuthName x\nAuthUserFile "@htpasswd@"\n'
              "Require valid-user")
# lines of the server behind the printed ones, and more modules
SERVER = {
    "if": ('<If "true">\nRequire all granted\n</If>', ""),
    "if any": ('<If "true">\nSatisfy Any\nAllow from all\n'
               "Require all granted\n</If>", ""),
    "location": (section("Require all granted"), ""),
    "location /": (section("Require all granted", 'Location "/"'), ""),
    "location match": (
        section("Require all granted", 'LocationMatch "^/private"'), ""),
    "file": (section("Require all granted", 'Files "*"'), ""),
    "satisfy any": (section("Order allow,deny\nAllow from all\nSatisfy Any"),
                    ""),
    "auth none": (section("AuthType None\nRequire all granted"), ""),
    "method get": (section("Require method GET POST"), ""),
    "limit except": (section(
        "<LimitExcept POST>\nRequire all granted\n</LimitExcept>"), ""),
    "any": (section("<RequireAny>\nRequire local\nRequire valid-user\n"
                    "</RequireAny>"), ""),
    "an expression": (section('Require expr "true"'), ""),
    "a password": (section(BASIC_AUTH), "auth_basic authn_file"),
    "a password or nothing": (section(
        BASIC_AUTH + "\nSatisfy Any\nAllow from all"),
        "auth_basic authn_file"),
    "a status page": (section("SetHandler server-status"), "status"),
    "webdav": (section("Dav On") + '\nDavLockDB "@folder@/dav"',
               "dav dav_fs"),
    "no handler": (section("SetHandler none"), ""),
    "a listing": ("Options +Indexes\nDirectoryIndex disabled", "autoindex"),
    "spelling": ("CheckSpelling On", "speling"),
    "views": ("Options +MultiViews", "negotiation"),
    "slashes": ("MergeSlashes Off\nAllowEncodedSlashes On", ""),
    "error pages": (f"ErrorDocument 401 {FOLDER}page.html\n"
                    f"ErrorDocument 403 {FOLDER}page.html\n"
                    f"ErrorDocument 503 {FOLDER}page.html", ""),
    "a rewritten path": ("RewriteEngine On\n"
                         "RewriteRule ^/private/(.*) /private/$1 [PT]",
                         "rewrite"),
    "a variable": ("SetEnvIf Request_URI ^ REMOTE_USER=root "
                   "SESSGATE_USER_ID=1 sessgate_ok=1", ""),
    "a cache": ("CacheEnable socache /\nCacheSocache shmcb\n"
                "CacheIgnoreCacheControl On\nCacheStorePrivate On\n"
                "CacheStoreNoStore On\nCacheDefaultExpire 600",
                "socache_shmcb cache cache_socache"),
}


def with_lines(lines):
    """The site's attributes for more lines of the server."""
    def extra(self):
        return lines.replace("@folder@", self.folder).replace(
            "@htpasswd@", self.write("htpasswd", HTPASSWD))
    return property(extra)


@pytest.mark.parametrize("inside", [False, True], ids=["server", "host"])
@pytest.mark.parametrize("name", SERVER)
def test_no_line_of_the_server_opens_it(start_site, alice, name, inside):
    """But for SessgateGuard off; whoever is logged in still sees the page."""
    lines, modules = SERVER[name]
    more = {"modules": (*modules.split(), *sites.ApacheModule.modules)}
    if inside:
        lines = ('<VirtualHost *>\nDocumentRoot "@folder@/www"\n'
                 f"{lines}\n</VirtualHost>")
        if "DavLockDB" in lines:
            lines = lines.replace('DavLockDB "@folder@/dav"', "")
            more["extra_lock"] = True
    visitor = start_site(extra=with_lines(lines), **more)
    assert is_shut(visitor)
    assert is_shut(visitor, headers=BASIC)
    came = visitor.ask("GET", PAGES[0], headers=NAVIGATION)
    assert came.status == 303 and "no-store" in came.headers["Cache-Control"]
    visitor.log_in(alice)
    came = visitor.ask("GET", PAGES[0])
    if name in ("a password", "a password or nothing"):
        came = visitor.ask("GET", PAGES[0], headers=BASIC)
    if name == "a status page":
        assert came.status == 200
    else:
        assert came.text == PAGE, came
    visitor.log_out()
    visitor.cookie = None
    assert is_shut(visitor)


HTACCESS = {
    "granted": "Require all granted",
    "satisfy": "Order allow,deny\nAllow from all\nSatisfy Any",
    "both": "Require all granted\nSatisfy Any\nAllow from all",
    "auth none": "AuthType None\nRequire all granted",
    "if": '<If "true">\nRequire all granted\nSatisfy Any\n</If>',
    "files": '<Files "*">\nRequire all granted\n</Files>',
    "limit": "<Limit GET POST>\nRequire all granted\nSatisfy Any\n</Limit>",
    "variables": "SetEnv REMOTE_USER root\nSetEnv SESSGATE_USER_ID 1",
    "site": "SetEnvIf Request_URI ^ SESSGATE_SITE=other",
    "index": "DirectoryIndex page.html",
    "handler": "SetHandler server-status",
    "type": "ForceType text/plain",
    "error page": "ErrorDocument 401 /private/page.html",
    "rewrite": "RewriteEngine On\nRewriteRule ^(.*)$ - [L]",
    "guard off": "SessgateGuard off",
    "guard off in if": '<If "true">\nSessgateGuard off\n</If>',
    "socket": 'SessgateSocket "/tmp/other.sock"',
    "other site": "SessgateSite other",
    "forward": "SessgateForwardAuthorization on",
    "headers": "SessgateProxyHeaders on",
}


@pytest.fixture(scope="module")
def overridden(place, stores):
    kind = type("Overridden", (sites.ApacheModule,), {
        "overrides": "All",
        "modules": (*sites.ApacheModule.modules, "status", "rewrite")})
    site = kind(place("w"), {**stores, "log.target": "stderr", **PATIENT})
    yield site
    site.close()


@pytest.mark.parametrize("name", HTACCESS)
def test_no_htaccess_opens_it(overridden, redis, name):
    """Our directives are an error in one: 500."""
    path = os.path.join(overridden.root + FOLDER, ".htaccess")
    visitor = sites.Visitor(overridden.port)
    visitor.site = overridden
    with open(path, "w", encoding="ascii") as file:
        file.write(HTACCESS[name] + "\n")
    try:
        assert is_shut(visitor)
        if "Sessgate" in HTACCESS[name]:
            assert visitor.ask("GET", PAGES[0]).status == 500
    finally:
        os.unlink(path)


# ways into the folder from outside of it
FROM_OUTSIDE = {
    "an index": (f"DirectoryIndex disabled\nDirectoryIndex {FOLDER}page.html", "/", ""),
    "an index of php": (f"DirectoryIndex disabled\nDirectoryIndex {FOLDER}who.php",
                        "/", ""),
    "a fallback": (f"FallbackResource {FOLDER}who.php", "/none", ""),
    "an error page": (f"ErrorDocument 404 {FOLDER}page.html", "/none", ""),
    "an error page of php": (f"ErrorDocument 404 {FOLDER}who.php", "/none",
                             ""),
    "a rewritten address": (
        "RewriteEngine On\nRewriteRule ^/open$ /private/page.html [PT]",
        "/open", "rewrite"),
    "a rewritten folder": (
        '<Directory "@folder@/www">\nRewriteEngine On\n'
        "RewriteRule ^open$ private/page.html [L]\n</Directory>",
        "/open", "rewrite"),
    "an action": ("Action text/css /private/who.php", "/style.css",
                  "actions"),
    "an include": ("AddOutputFilter INCLUDES .shtml\nOptions +Includes",
                   "/include.shtml", "include"),
    "an include of a file": (
        "AddOutputFilter INCLUDES .shtml\nOptions +Includes\n"
        '<Directory "@folder@/www/private">\nSessgateGuard on\n</Directory>',
        "/file.shtml", "include"),
    "an include of php": (
        "AddOutputFilter INCLUDES .shtml\nOptions +Includes",
        "/php.shtml", "include"),
}
INCLUDES = {"include.shtml": '<!--#include virtual="/private/page.html" -->',
            "file.shtml": '<!--#include file="private/page.html" -->',
            "php.shtml": '<!--#include virtual="/private/who.php" -->'}


class FromOutside(sites.ApacheModule):
    def launch(self):
        for name, text in INCLUDES.items():
            with open(os.path.join(self.root, name), "w",
                      encoding="ascii") as file:
                file.write(f"before {text} after")
        super().launch()


@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_no_way_from_outside_leads_in(start_site, alice, name):
    lines, path, modules = FROM_OUTSIDE[name]
    visitor = start_site(FromOutside, extra=with_lines(lines), modules=(
        *modules.split(), *sites.ApacheModule.modules))
    ran = visitor.site.runs()
    for headers in ((), NAVIGATION):
        came = visitor.ask("GET", path, headers=headers)
        assert PAGE not in came.text, came
    assert visitor.site.runs() == ran
    visitor.log_in(alice)
    assert PAGE in visitor.ask("GET", path).text


def test_apache_opens_files_that_a_page_outside_includes_by_their_names(
        start_site):
    """A file has no address, so no <Location> is for it; a <Directory> is."""
    visitor = start_site(FromOutside, modules=(
        "include", *sites.ApacheModule.modules), extra=(
        "AddOutputFilter INCLUDES .shtml\nOptions +Includes"))
    assert visitor.ask("GET", "/file.shtml").text == f"before {PAGE} after"


def test_the_administrator_opens_a_part_of_it(start_site):
    visitor = start_site(extra=section("SessgateGuard off",
                                       f'Location "{FOLDER}open/"'))
    assert visitor.ask("GET", FOLDER + "open/page.html").text == PAGE
    assert is_shut(visitor)


def test_a_guard_of_the_server_is_one_of_its_hosts(start_site, alice):
    """SessgateGuard outside of all sections, and the login open."""
    class Whole(sites.ApacheModule):
        def printed(self, name):
            text = super().printed(name)
            if name != "apache-module":
                return text
            head, mark, rest = text.partition(f'<Location "{FOLDER}">')
            return head + "SessgateGuard on\n" + rest.partition(
                "</Location>")[2]

    visitor = start_site(Whole, extra=with_lines(
        '<VirtualHost *>\nDocumentRoot "@folder@/www"\n'
        '<Location "/">\nRequire all granted\n</Location>\n</VirtualHost>'))
    assert is_shut(visitor, *PAGES, "/page.html", "/")
    visitor.log_in(alice)
    assert visitor.ask("GET", "/page.html").text == PAGE


WRONG = {
    "SessgateGuard maybe": "SessgateGuard must be On or Off",
    "SessgateTimeout 0": "not a time from 1ms to 60s: 0",
    "SessgateTimeout 1s 2s": "takes one or three arguments",
    "SessgateTimeout 50ms 500ms 2h": "not a time from 1ms to 60s: 2h",
    "SessgateTimeout soon": "not a time from 1ms to 60s: soon",
    f"SessgateSocket /{'x' * 120}": "longer than a unix socket's path",
    '<Location "/x">\nSessgateSocket /x\n</Location>': "not allowed",
    'SessgateSite ""': "takes one argument",
    '<Location "/x">\nRequire sessgate-role\n</Location>': "names no role",
}


@pytest.mark.parametrize("line", WRONG, ids=range(len(WRONG)))
def test_a_wrong_directive_is_named_at_the_start(place, line):
    folder = place("c")
    path = os.path.join(folder, "apache.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            "LoadModule mpm_event_module "
            f"{sites.servers.Apache.MODULES}/mod_mpm_event.so\n"
            "LoadModule authz_core_module "
            f"{sites.servers.Apache.MODULES}/mod_authz_core.so\n"
            f'LoadModule sessgate_module "{sites.built_module()}"\n'
            f'ServerName x\nServerRoot "{folder}"\n{line}\n')
    done = subprocess.run([process.tool("apache2"), "-t", "-f", path],
                          capture_output=True, text=True, check=False,
                          timeout=30)
    assert done.returncode != 0
    assert WRONG[line] in done.stderr, done.stderr
