"""Directives of a site that the printed configurations inherit.

One row a directive: the line, what it did to lines that do not mention it,
and what ours say.  Each row is started on the real server, and the gate is
walked through: shut, the way to the login, the login, open, the logout.
"""

import base64
import os
import shutil
import urllib.parse

import pytest

import gate as gates
import sites
from sites import FOLDER, NAVIGATION, PAGE

pytestmark = pytest.mark.plain_build

BASIC = [("Authorization", "Basic " + base64.b64encode(b"admin:x").decode())]
FORM = "application/x-www-form-urlencoded"
LONG = FOLDER + "who.php?" + "&" * 1400

# a line of the site's http { } or server { }, what it did, what ours say
NGINX = [
    # headers and caches
    ("expires 7d;", "max-age instead of no-store", "expires off"),
    ("fastcgi_hide_header Set-Cookie;", "nobody could log in",
     "a list of our own: fastcgi_hide_header X-Powered-By"),
    ("fastcgi_hide_header Location;", "the login led nowhere", "the same"),
    ("fastcgi_hide_header Cache-Control;", "the API's no-store was gone",
     "the same"),
    ("fastcgi_ignore_headers Set-Cookie Cache-Control;", "nothing", "nothing"),
    ("add_header Strict-Transport-Security max-age=9 always;", "nothing",
     "nothing: the login has it too"),
    ("fastcgi_store on;", "pages of users written into the docroot",
     "fastcgi_store off"),
    ("gzip on; gzip_types *;", "nothing", "nothing"),
    ("etag off; if_modified_since off;", "nothing", "nothing"),
    # error pages
    ("fastcgi_intercept_errors on;", "an application's 401 led to the login",
     "fastcgi_intercept_errors off"),
    ("error_page 401 403 404 500 502 =200 /sorry.html;",
     "200 for the API's refusals", "error_page 599"),
    ("fastcgi_intercept_errors on; error_page 401 =200 /sorry.html;",
     "200 for the API's refusals", "both"),
    ("recursive_error_pages on;", "nothing", "nothing"),
    # other gates
    ("satisfy any; allow all;", "open to all", "satisfy all"),
    ("auth_request /_sessgate_check;", "the login led to the login",
     "auth_request off"),
    # bodies, buffers, limits
    ("client_max_body_size 1;", "413 for logins", "client_max_body_size 1m"),
    ("fastcgi_pass_request_body off;", "logins without a body",
     "fastcgi_pass_request_body on"),
    ("fastcgi_request_buffering off;", "slow clients held sessgate",
     "fastcgi_request_buffering on"),
    ("fastcgi_buffer_size 1k; fastcgi_buffers 4 1k; "
     "fastcgi_busy_buffers_size 2k;",
     "502 for long addresses", "buffers of our own"),
    ("client_body_in_single_buffer on;", "nothing", "nothing"),
    ("limit_rate 100k;", "nothing", "nothing"),
    ("fastcgi_keep_conn on;", "nothing", "nothing"),
    ("fastcgi_buffering off;", "nothing", "nothing"),
    ("fastcgi_index index.php;", "nothing", "nothing"),
    # paths, methods, rewriting
    ("merge_slashes off;", "//private/page.html was open",
     'if ($uri ~ "//") { return 404; }'),
    ("dav_methods PUT DELETE MKCOL COPY MOVE;", "nothing", "nothing"),
    ("autoindex on;", "nothing", "nothing"),
    ("try_files $uri /index.php;", "nothing: not inherited", "nothing"),
    ("if (!-e $request_filename) { rewrite ^ /index.php last; }",
     "the rewritten page answered for the gate and for the login",
     "if ($uri = ..) { break; }, which has to come first"),
    ("underscores_in_headers on; ignore_invalid_headers off;", "nothing",
     "nothing: PHP is told by names without HTTP_"),
    ("ssi on;", "nothing", "nothing"),
    ("sub_filter SECRET public; sub_filter_types *;", "nothing",
     "nothing: what pages say is the site's"),
]
IN_SERVER = ("if (", "try_files", "auth_request")  # not in http { }

# a line of a virtual host, and a module for it
APACHE = [
    ("Header set Cache-Control \"public, max-age=9\"", "",
     "the API's answers could be kept", "Header unset, Header always set"),
    ("Header always set Cache-Control \"public, max-age=9\"", "",
     "the API's answers could be kept", "Header always set"),
    ("ExpiresActive On\nExpiresDefault \"access plus 7 days\"", "expires",
     "max-age beside no-store", "ExpiresActive Off"),
    ("ProxyErrorOverride On", "", "the API's refusals became Apache's pages",
     "ProxyErrorOverride Off"),
    ("ErrorDocument 401 /page.html\nErrorDocument 403 /page.html", "",
     "nothing to the API", "nothing: the site's words for a refusal"),
    ("CacheEnable socache /\nCacheSocache shmcb\nCacheIgnoreCacheControl On\n"
     "CacheStorePrivate On\nCacheStoreNoStore On\nCacheStoreExpired On\n"
     "CacheDefaultExpire 600\nCacheMinExpire 600\nCacheIgnoreHeaders Set-Cookie",
     "socache_shmcb cache cache_socache", "pages of users for everybody",
     "SetEnv no-cache"),
    ("MergeSlashes Off", "", "nothing", "nothing"),
    ("AllowEncodedSlashes On", "", "nothing", "nothing"),
    ("AddOutputFilterByType DEFLATE text/html application/json",
     "filter deflate", "nothing", "nothing"),
    ("CheckSpelling On", "speling", "nothing", "nothing"),
    ("Options +MultiViews", "negotiation", "nothing", "nothing"),
    ("Options +Indexes", "autoindex", "nothing", "nothing"),
    ("KeepAlive Off\nLimitRequestBody 65536", "", "nothing", "nothing"),
    ("AcceptPathInfo Off", "", "nothing", "nothing"),
    ("<Location \"/\">\nCGIPassAuth On\n</Location>", "", "PHP_AUTH_USER was the client's word",
     "RequestHeader unset Authorization"),
    ("SetEnvIfNoCase ^Authorization$ \"(.+)\" HTTP_AUTHORIZATION=$1", "",
     "PHP_AUTH_USER was the client's word", "ProxyFCGISetEnvIf, SetEnvIf"),
]
# the same in a .htaccess of the docroot
HTACCESS = [
    ("RewriteEngine On\nRewriteRule .* - [E=HTTP_AUTHORIZATION:"
     "%{HTTP:Authorization}]", "rewrite",
     "PHP_AUTH_USER was the client's word", "ProxyFCGISetEnvIf"),
    ("RewriteEngine On\nRewriteRule .* - [E=HTTP_AUTHORIZATION:"
     "%{HTTP:Authorization}]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
     "RewriteCond %{REQUEST_FILENAME} !-d\nRewriteRule . /index.php [L]",
     "rewrite", "mod_fcgid: the login reached index.php", "RewriteEngine off"),
    ("Header set Cache-Control \"public, max-age=9\"", "",
     "kept by browsers", "Header unset, Header always set"),
    ("ExpiresActive On\nExpiresDefault \"access plus 7 days\"", "expires",
     "max-age beside ours", "ExpiresActive Off"),
    ("Satisfy Any\nAllow from all", "", "open to all", "Satisfy All"),
    ("Require all granted", "", "nothing", "nothing"),
    ("SetEnv REMOTE_USER root\nSetEnv SESSGATE_USER_ID 1", "",
     "nothing", "nothing: the gate's come later"),
]

LIGHTTPD = [
    ('server.error-handler-404 = "/page.html"', "",
     "the site's own page for a refusal", "nothing"),
    ('expire.url = ( "" => "access plus 7 days" )', "expire",
     "nothing: mod_expire leaves what has a Cache-Control", "nothing"),
    ('deflate.mimetypes = ( "text/html", "application/json" )', "deflate",
     "nothing", "nothing"),
    ('server.stream-request-body = 2', "", "nothing", "nothing"),
    ('server.stream-response-body = 2', "", "nothing", "nothing"),
    ('dir-listing.activate = "enable"', "dirlisting", "nothing", "nothing"),
    ('webdav.activate = "enable"', "webdav",
     "PUT, DELETE, COPY and PROPFIND without a login", "url.access-deny"),
    ('$HTTP["url"] =~ "^/private/" { webdav.activate = "enable" }', "webdav",
     "the same", "url.access-deny"),
    ('ssi.extension = ( ".html" )', "ssi", "nothing", "nothing"),
    ('server.http-parseopts = ( "url-normalize" => "disable" )', "",
     "nothing", "nothing"),
    ('server.max-request-size = 64', "", "nothing", "nothing"),
    ('setenv.set-response-header = ( "X-Other" => "1" )', "",
     "nothing", "+= in a section of our own"),
    ('setenv.add-request-header = ( "X-Other" => "1" )', "",
     "nothing", "nothing"),
    ('cgi.assign = ( ".pl" => "" )', "cgi", "nothing", "nothing"),
    ('url.access-deny = ( "~" )', "", "nothing", "a section of our own"),
    ('$REQUEST_HEADER["Cookie"] =~ "x" { server.tag = "x" }', "",
     "nothing", "nothing"),
]
METHODS = ["PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE",
           "LOCK", "UNLOCK", "OPTIONS"]


EACH_ALONE = os.environ.get("SESSGATE_LONG") == "1"


def grouped(rows):
    """Rows one by one; those that did nothing all in one, but for LONG."""
    harmless = [row for row in rows if row[-2].startswith("nothing")]
    if EACH_ALONE or len(harmless) < 2:
        return list(rows)
    lines = "\n".join(row[0] for row in harmless)
    modules = [" ".join(row[1] for row in harmless)] * (len(rows[0]) - 3)
    return [row for row in rows if row not in harmless] + [
        (lines, *modules, "nothing", "nothing")]


def nginx_rows():
    """Of the server { } beside a folder, of http { } before a whole host."""
    inside = [row for row in NGINX if row[0].startswith(IN_SERVER)]
    others = [row for row in NGINX if row not in inside]
    for line, *_ in grouped(others) + inside:
        yield sites.Nginx, "extra", line
        if not line.startswith(IN_SERVER):
            yield sites.NginxServer, "in_http", line
        elif not any(word in line for word in TWICE):
            yield sites.NginxServer, "extra", line


# lines of sessgate-gate-host.conf for the server { }: nginx refuses a second
TWICE = ("expires ", "satisfy ", "auth_request ", "fastcgi_store ",
         "fastcgi_intercept_errors ")


def apache_rows():
    for folder, host in ((sites.Apache, sites.ApacheHost),
                         (sites.ApacheModule, sites.ApacheModuleHost)):
        for line, modules, *_ in grouped(APACHE):
            yield folder, "extra", line, modules
        for line, modules, *_ in grouped(HTACCESS):
            yield host, "htaccess", line, modules


def lighttpd_rows():
    for kind in (sites.Lighttpd, sites.LighttpdHost):
        for line, module, *_ in grouped(LIGHTTPD):
            for first in (True, False) if module == "webdav" else (True,):
                yield kind, line, module, first


class WithHtaccess(sites.ApacheSite):
    overrides = "All"
    htaccess = ""

    def launch(self):
        with open(os.path.join(self.root, ".htaccess"), "w",
                  encoding="ascii") as file:
            file.write(self.htaccess)
        super().launch()


@pytest.fixture
def start(place, stores, redis):
    made = []

    def begin(kind, base="Row", **more):
        site = type(base, (kind,), more)(
            place("w"), {**stores, "log.target": "stderr"})
        made.append(site)
        return site
    yield begin
    for site in made:
        site.close()


def caching(came):
    return ", ".join(came.headers.get_all("Cache-Control", []))


def shut(site, visitor):
    ran = site.runs()
    for path in (FOLDER + "page.html", FOLDER + "who.php", "/" + FOLDER +
                 "page.html", FOLDER + "style.css"):
        came = visitor.ask("GET", path)
        assert came.status >= 400 and PAGE not in came.text, (path, came)
    for method in METHODS:
        came = visitor.ask(method, FOLDER + "page.html", body=b"x", headers=[
            ("Destination", f"http://localhost:{site.port}/copy.html")])
        assert came.status >= 400 and PAGE not in came.text, (method, came)
    with open(site.root + FOLDER + "page.html", encoding="ascii") as file:
        assert file.read() == PAGE
    assert not os.path.exists(site.root + "/copy.html")
    for path in (FOLDER + "page.html", LONG):
        came = visitor.ask("GET", path, headers=NAVIGATION)
        assert came.status == 303, came
        # a head that nginx would not take leaves next out
        assert came.headers["Location"].startswith(
            "/sessgate/login" if path == LONG else "/sessgate/login?next=")
        assert "no-store" in caching(came)
    assert site.runs() == ran


def api(visitor):
    came = visitor.ask("GET", "/sessgate/auth")
    assert (came.status, came.code) == (401, "token_missing"), came
    assert set(caching(came).split(", ")) == {"no-store"}
    came = visitor.ask("GET", "/sessgate/login", headers=NAVIGATION)
    assert came.status == 200 and "<form" in came.text
    assert "no-store" in caching(came) and "max-age" not in caching(came)


def login(site, visitor, user):
    form = urllib.parse.urlencode({**user.login, "next": FOLDER}).encode()
    came = visitor.ask("POST", "/sessgate/login", body=form, kind=FORM,
                       headers=[("Origin", f"http://127.0.0.1:{site.port}"),
                                ("Sec-Fetch-Site", "same-origin")])
    assert (came.status, came.headers["Location"]) == (303, FOLDER), came
    assert gates.SECURE_COOKIE in visitor.cookie
    came = visitor.ask("GET", "/sessgate/user/me")
    assert user.email in came.text


def opened(site, visitor, user):
    came = visitor.ask("GET", FOLDER + "page.html")
    assert came.status == 200, came
    assert "no-store" in caching(came) and "public" not in caching(came)
    assert "max-age" not in caching(came)
    came = visitor.ask("GET", FOLDER + "style.css")
    assert "private" in caching(came) and "public" not in caching(came)
    assert "max-age" not in caching(came)
    seen = visitor.see(FOLDER + "who.php", headers=BASIC)
    assert site.who(seen)["user"] == user.email
    assert seen["server"].pop("AUTH_TYPE", "sessgate") == "sessgate"
    wrong = {name for name in seen["server"] if "AUTH" in name}
    assert not {n for n in wrong if seen["server"][n]}, wrong
    assert visitor.ask("GET", FOLDER + "as.php?status=401").status == 401


def walk(site, user):
    visitor = sites.Visitor(site.port)
    shut(site, visitor)
    api(visitor)
    login(site, visitor, user)
    opened(site, visitor, user)
    visitor.log_out()
    visitor.cookie = None
    shut(site, visitor)


@pytest.mark.parametrize("kind,where,line", list(nginx_rows()))
def test_nothing_that_nginx_inherits_opens_or_breaks_the_gate(
        start, alice, kind, where, line):
    walk(start(kind, **{where: line + (
        "\nlocation = /sorry.html { return 200 sorry; }"
        if where == "extra" and "sorry" in line else "")}), alice)


@pytest.mark.parametrize("kind,where,line,modules", list(apache_rows()))
def test_nothing_that_apache_inherits_opens_or_breaks_the_gate(
        start, alice, kind, where, line, modules):
    more = {"modules": (*modules.split(), *kind.modules)}
    if where == "htaccess":
        kind = type("Kind", (WithHtaccess, kind), {})
    walk(start(kind, **{**more, where: line}), alice)


@pytest.mark.parametrize("kind,line,module,first", list(lighttpd_rows()))
def test_nothing_that_lighttpd_inherits_opens_or_breaks_the_gate(
        start, alice, kind, line, module, first):
    if module == "webdav" and not os.path.exists(
            "/usr/lib/lighttpd/mod_webdav.so"):
        pytest.skip("lighttpd-mod-webdav is not installed")
    listed = tuple(f"mod_{name}" for name in module.split())
    modules = listed + kind.modules if first else kind.modules + listed
    if first:
        walk(start(kind, modules=modules, extra=line), alice)
    else:
        walk(start(kind, modules=modules, frame=lambda self: kind.frame(
            self).replace("@lighttpd@", line + "\n@lighttpd@")), alice)


def test_lighttpd_opens_a_folder_whose_letters_it_changes(start):
    site = start(sites.Lighttpd,
                 extra='server.force-lowercase-filenames = "enable"')
    visitor = sites.Visitor(site.port)
    assert visitor.ask("GET", FOLDER + "page.html").status == 401
    assert PAGE in visitor.ask("GET", FOLDER.upper() + "page.html").text


@pytest.mark.parametrize("is_first", [True, False])
def test_a_rewrite_of_everything_begins_with_the_login(
        start, alice, is_first):
    """Without that rule the login leads to the login."""
    rule = '"^/sessgate/.*" => "$0", ' if is_first else ""
    site = start(sites.LighttpdHost, modules=(
        "mod_setenv", "mod_rewrite", "mod_fastcgi"),
        extra=f'url.rewrite-once = ( {rule}"^/(.*)" => "/index.php/$1" )')
    visitor = sites.Visitor(site.port)
    came = visitor.ask("GET", "/sessgate/login", headers=NAVIGATION)
    assert came.status == (200 if is_first else 303)
    if is_first:
        visitor.log_in(alice)
        assert site.who(visitor.see("/blog/1"))["user"] == alice.email


@pytest.mark.parametrize("is_first", [True, False])
def test_apaches_rewrite_of_everything_begins_with_the_login(
        start, alice, is_first):
    """Without that rule an index.php is sent the password."""
    rule = "RewriteRule ^/sessgate/ - [END]\n" if is_first else ""
    site = start(sites.ApacheHost, modules=(
        "rewrite", *sites.Apache.modules), extra=(
        f"RewriteEngine On\n{rule}RewriteRule ^/ /index.php [L]"))
    visitor = sites.Visitor(site.port)
    came = visitor.ask("GET", "/sessgate/login", headers=NAVIGATION)
    assert ("<form" in came.text) == is_first
    if is_first:
        visitor.log_in(alice)
        assert site.who(visitor.see("/blog/1"))["user"] == alice.email


class FcgidApi(sites.Apache):
    """The API by mod_fcgid, below the .htaccess that WordPress writes."""

    names = ("apache-fcgid", "apache-gate")
    modules = (*sites.Apache.modules, "fcgid", "rewrite")
    overrides = "All"

    def launch(self):
        with open(os.path.join(self.root, ".htaccess"), "w",
                  encoding="ascii") as file:
            file.write(HTACCESS[1][0])
        self.program = os.path.join(self.folder, "sessgate")
        shutil.copy(gates.binary(), self.program)
        os.chmod(self.program, 0o755)
        super().launch()

    def printed(self, name):
        text = super().printed(name)
        if name != "apache-fcgid":
            return text
        return (f'FcgidIPCDir "{self.folder}/fcgid"\nFcgidProcessTableFile '
                f'"{self.folder}/fcgid_shm"\n' + text)


def test_the_htaccess_of_wordpress_does_not_take_the_login_of_mod_fcgid(
        start, alice):
    site = start(FcgidApi)
    walk(site, alice)
