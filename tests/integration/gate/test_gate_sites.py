"""Pages that the gate opens or keeps shut, on every web server.

A matrix: each test is run with each site of sites.py.
"""

import base64
import hashlib
import socket
import urllib.parse

import pytest

import gate as gates
import process
import servers
import sites
from sites import FOLDER, NAVIGATION, PAGE

pytestmark = pytest.mark.plain_build

PAGES = [FOLDER + "page.html", FOLDER + "who.php", FOLDER]
BASIC = [("Authorization", "Basic " + base64.b64encode(b"bob:x").decode())]
FORGED = [(name, "root") for name in (
    "Remote-User", "X-Remote-User", "X_Sessgate_User", "X-Sessgate-User",
    "X-Sessgate-User-Id", "X-Sessgate-Email", "X-Sessgate-Session",
    "Variable-REMOTE_USER", "Variable-SESSGATE_USER_ID", "X-Forwarded-User",
    "Auth-User", "Auth-Type", "REMOTE_USER", "Redirect-Remote-User",
    "SESSGATE_USER_ID", "Sessgate-User-Id", "Sessgate-Site", "Proxy-User",
    "Proxy-Remote-User")]
FORGED += [("SESSGATE_ROLE", "login-redirect"), ("Sessgate-Role", "gate"),
           ("Proxy-Authorization", BASIC[0][1]), ("X-Original-Url", "/"),
           ("X-Rewrite-Url", "/"), ("X-Forwarded-Uri", "/sessgate/login"),
           ("X-Http-Method-Override", "OPTIONS"),
           ("X-Accel-Redirect", FOLDER + "page.html")]
# variables that differ from one request to the next
VARIES = {"REMOTE_PORT", "REQUEST_TIME", "REQUEST_TIME_FLOAT",
          "SESSGATE_EXPIRES_IN", "HTTP_X_SESSGATE_EXPIRES_IN", "UNIQUE_ID"}


@pytest.fixture(scope="module", params=sites.KINDS)
def site(request, place, stores):
    made = sites.KINDS[request.param](
        place("w"), {**stores, "log.target": "stderr"})
    yield made
    made.close()


@pytest.fixture
def visitor(site, redis):
    return sites.Visitor(site.port)


def is_shut(answer):
    """Neither a page nor a hint of one."""
    assert not 200 <= answer.status < 300, answer
    assert PAGE not in answer.text
    return True


# without a session

@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PAGES)
def test_a_browser_without_a_session_is_sent_to_the_login(
        site, visitor, method, path):
    ran = site.runs()
    target = path + "?a=1&b=%20"
    came = visitor.ask(method, target, headers=NAVIGATION)
    assert came.status == 303 and is_shut(came)
    where = urllib.parse.urlsplit(came.headers["Location"])
    assert (where.netloc, where.path) == ("", servers.MOUNT + "/login")
    assert urllib.parse.parse_qsl(where.query) == [("next", target)]
    assert site.runs() == ran


@pytest.mark.parametrize("method", [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", PAGES)
def test_a_program_without_a_session_is_refused(site, visitor, method, path):
    """lighttpd refuses PUT and DELETE to everybody: mod_webdav answers them."""
    ran = site.runs()
    came = visitor.ask(method, path)
    barred = isinstance(site, sites.Lighttpd) and method in ("PUT", "DELETE")
    assert came.status == (403 if barred else 401) and is_shut(came)
    assert site.runs() == ran


def test_a_form_without_a_session_is_refused_and_not_redirected(site, visitor):
    ran = site.runs()
    for size in (10, 200_000):
        came = visitor.ask("POST", FOLDER + "who.php", body=b"a" * size,
                           headers=NAVIGATION)
        assert came.status == 401 and is_shut(came)
    assert site.runs() == ran


@pytest.mark.parametrize("cookie", [
    "", "x", "a" * 43, "a" * 300, "%00" * 20, '"' + "a" * 43 + '"'])
def test_a_cookie_that_is_no_session_opens_nothing(site, visitor, cookie):
    ran = site.runs()
    visitor.cookie = f"{gates.SECURE_COOKIE}={cookie}"
    for path in PAGES:
        is_shut(visitor.ask("GET", path))
    assert site.runs() == ran


# with a session

def test_the_account_page_is_reached_whatever_is_guarded(site, visitor, alice):
    """Of a whole host behind Apache by the login."""
    known = "/.well-known/change-password"
    came = visitor.ask("GET", known, headers=NAVIGATION)
    assert came.status == 303
    assert came.headers["Location"] == servers.MOUNT + (
        "/login?next=" + urllib.parse.quote(known, "")
        if isinstance(site, sites.ApacheHost) else "/account")
    visitor.log_in(alice)
    came = visitor.ask("GET", known, headers=NAVIGATION)
    assert (came.status, came.headers["Location"]) == (
        303, servers.MOUNT + "/account")
    came = visitor.ask("GET", servers.MOUNT + "/account", headers=NAVIGATION)
    assert came.status == 200 and alice.email in came.text


def test_pages_are_shown_and_told_who_it_is(site, visitor, alice):
    cookie = visitor.log_in(alice)
    assert visitor.ask("GET", FOLDER + "page.html").text == PAGE
    seen = visitor.see()
    assert site.who(seen) == {
        "user": alice.email, "id": alice.id, "email": alice.email,
        "session": sites.handle(cookie)}
    assert 604700 < int(seen["server"][site.left]) <= 604800


def test_the_index_of_the_folder_is_told_as_well(site, visitor, alice):
    visitor.log_in(alice)
    assert site.who(visitor.see(FOLDER))["user"] == alice.email


def test_what_is_not_there_is_404(visitor, alice):
    names = ("none.html", "none.php", "none/none.html")
    for name in names:  # and who may not know it does not learn so
        assert visitor.ask("GET", FOLDER + name).status == 401
    visitor.log_in(alice)
    for name in names:
        came = visitor.ask("GET", FOLDER + name)
        assert came.status == 404
        assert came.headers["Cache-Control"] == "private, no-store"


def test_a_browser_is_told_nothing_of_the_gate(site, visitor, alice):
    visitor.log_in(alice)
    for path in PAGES:
        came = visitor.ask("GET", path)
        assert came.status == 200
        assert not [name for name in came.headers
                    if "sessgate" in name.lower()
                    or name.lower().startswith(("variable-", "set-cookie",
                                                "www-auth", "vary"))]


def told_of_caches(came):
    return ", ".join(came.headers.get_all("Cache-Control", []))


# the path, its type, and whether a browser may keep it
KEPT = [
    ("page.html", "text/html", False), ("style.css", "text/css", True),
    ("untyped", None, False), ("", "application/json", True),
    ("as.php", "text/html", False),
    ("as.php?type=text/css", "text/css", True),
    ("as.php?type=TEXT/HTML;charset=x", "text/html", False),
    ("as.php?type=application/xhtml%2Bxml", "application/xhtml", False),
    ("as.php?type=image/svg%2Bxml", "image/svg", True),
    ("as.php?type=text/htmlx&status=403", "text/html", False),
    ("as.php?type=text/css&status=404", "text/css", True),
    ("as.php?status=304", None, True),
    ("as.php?type=text/css&status=304", None, True),
    ("as.php/x.css", "text/html", False),
    ("as.php?status=500", "text/html", False),
    ("as.php?head=Location:/x", None, False),
    ("none.html", None, False)]


@pytest.mark.parametrize("path,kind,may", KEPT)
def test_html_of_the_gate_is_not_kept_and_the_rest_is_asked_for_again(
        site, visitor, alice, path, kind, may):
    """So that the back button shows no page after the logout.

    lighttpd has no word for the type of an answer: there, what PHP makes is
    HTML, but for what the browser says that it wants.
    """
    visitor.log_in(alice)
    came = visitor.ask("GET", FOLDER + path)
    if isinstance(site, sites.Lighttpd):
        may = path == "style.css"
    elif path == "untyped":  # an application may have a type for it
        may = came.headers["Content-Type"] is not None
    if kind and came.headers["Content-Type"]:
        assert came.headers["Content-Type"].lower().startswith(kind)
    assert told_of_caches(came) == (
        "private, no-cache" if may else "private, no-store")


def test_lighttpd_lets_a_browser_keep_what_it_asks_for_as_a_style(
        site, visitor, alice):
    visitor.log_in(alice)
    for wanted in ("style", "script", "image", "font"):
        came = visitor.ask("GET", FOLDER + "as.php?type=text/css",
                           headers=[("Sec-Fetch-Dest", wanted)])
        assert told_of_caches(came) == "private, no-cache"


def test_a_refusal_is_not_kept(site, visitor):
    for path in PAGES:
        for headers in (NAVIGATION, ()):
            came = visitor.ask("GET", path, headers=headers)
            assert "no-store" in told_of_caches(came)
            assert "public" not in told_of_caches(came)


def test_what_did_not_change_is_not_sent_again(site, visitor, alice):
    """A browser's copy of a style lives on; the page's is asked for anew."""
    visitor.log_in(alice)
    came = visitor.ask("GET", FOLDER + "style.css")
    tag = came.headers["ETag"]
    again = visitor.ask("GET", FOLDER + "style.css", headers=[
        ("If-None-Match", tag)])
    assert (again.status, again.text) == (304, "")
    assert told_of_caches(again) == "private, no-cache"
    visitor.log_out()
    assert visitor.ask("GET", FOLDER + "style.css", headers=[
        ("If-None-Match", tag)]).status == 401


def test_pages_outside_are_left_alone(site, visitor, alice):
    if not site.has_open_pages:
        is_shut(visitor.ask("GET", "/who.php"))
        return
    for cookie in (None, visitor.log_in(alice)):
        visitor.cookie = cookie
        came = visitor.ask("GET", "/who.php")
        assert came.headers["Cache-Control"] == "public, max-age=600"
        assert site.who(gates.json.loads(came.text)) == {}
        assert visitor.ask("GET", "/page.html").status == 200


def test_logout_shuts_the_door(site, visitor, alice):
    cookie = visitor.log_in(alice)
    visitor.see()
    visitor.log_out()
    ran = site.runs()
    visitor.cookie = cookie
    for path in PAGES:
        is_shut(visitor.ask("GET", path))
    assert site.runs() == ran


# forged identities

def parameters(site, seen):
    """The variables of a page, without those a client may choose."""
    ours = set(site.identity.values())
    return {name: value for name, value in seen["server"].items()
            if name in ours or not (
                name.startswith(("HTTP_", "PHP_AUTH")) or name in VARIES)}


def ask_forging(visitor, path, headers):
    """Names with an underscore are turned away by newer servers and Apache."""
    came = visitor.ask("GET", path, headers=headers)
    if came.status in (400, 403):
        came = visitor.ask("GET", path, headers=[
            (name, value) for name, value in headers if "_" not in name])
    return came


@pytest.mark.parametrize("headers", [FORGED, BASIC, FORGED + BASIC],
                         ids=["headers", "basic", "both"])
def test_forged_identities_change_nothing_inside(
        site, visitor, alice, headers):
    ran = site.runs()
    for path in PAGES:
        is_shut(ask_forging(visitor, path, headers))
    assert site.runs() == ran
    visitor.log_in(alice)
    honest = visitor.see()
    forging = ask_forging(visitor, FOLDER + "who.php", headers)
    assert forging.status == 200
    forging = gates.json.loads(forging.text)
    assert site.who(forging) == site.who(honest)
    assert parameters(site, forging) == parameters(site, honest)


@pytest.mark.parametrize("headers", [FORGED, BASIC, FORGED + BASIC],
                         ids=["headers", "basic", "both"])
def test_forged_identities_change_nothing_outside(site, visitor, headers):
    if not site.has_open_pages:
        is_shut(ask_forging(visitor, "/who.php", headers))
        return
    honest = visitor.see("/who.php")
    forging = ask_forging(visitor, "/who.php", headers)
    assert forging.status == 200
    forging = gates.json.loads(forging.text)
    assert site.who(forging) == {}
    assert parameters(site, forging) == parameters(site, honest)


# bodies

def test_forms_reach_php_whole(site, visitor, alice):
    visitor.log_in(alice)
    form = {"name": "Алиса & Co", "text": "x" * 5000}
    seen = visitor.see(method="POST",
                       body=urllib.parse.urlencode(form).encode(),
                       kind="application/x-www-form-urlencoded")
    assert seen["post"] == form
    assert site.who(seen)["user"] == alice.email


@pytest.mark.parametrize("size", [0, 1, 70_000, 200_000])
def test_bodies_reach_php_whole(site, visitor, alice, size):
    visitor.log_in(alice)
    body = bytes(i * 7 % 256 for i in range(size))
    seen = visitor.see(method="POST", body=body,
                       kind="application/octet-stream")
    assert (seen["size"], seen["sha1"]) == (
        size, hashlib.sha1(body).hexdigest())


def test_a_body_in_chunks_reaches_php_whole(site, visitor, alice):
    cookie = visitor.log_in(alice)
    piece = bytes(range(256)) * 40
    visitor.line.request(
        "POST", FOLDER + "who.php", iter([piece] * 20), encode_chunked=True,
        headers={"Cookie": cookie, "Transfer-Encoding": "chunked",
                 "Content-Type": "application/octet-stream"})
    came = servers.Answer(visitor.line.getresponse())
    visitor.line.close()
    assert came.status == 200, came
    assert came.json()["sha1"] == hashlib.sha1(piece * 20).hexdigest()


# disguises

def raw(site, line, cookie=None):
    """The status and all the rest that a request line, as it is, gets."""
    head = f"{line}\r\nHost: localhost\r\nConnection: close\r\n"
    if cookie:
        head += f"Cookie: {cookie}\r\n"
    with socket.create_connection(
            ("127.0.0.1", site.port), timeout=10 * process.SLACK) as sock:
        sock.sendall((head + "Content-Length: 0\r\n\r\n").encode("latin-1"))
        answer = sock.makefile("rb").read().decode("utf-8", "replace")
    return int(answer.split(" ", 2)[1] if answer.startswith("HTTP/")
               else 0), answer


DISGUISES = [pattern.replace("@", name) for name in ("who.php", "page.html")
             for pattern in (
    "//private/@", "/private//@", "///private/@", "/%70rivate/@",
    "/./private/@", "/private/./@", "/x/../private/@", "/%2e/private/@",
    "/x/%2e%2e/private/@", "/../private/@", "/%2e%2e/private/@",
    "/private/x/../@", "/private%2f@", "/private%2F@", "/private\\@",
    "/PRIVATE/@", "/private;x/@", "/private/@;x", "/private/@.", "/private/@%20",
    "/private/@%00", "/private/@%00.html", "/private/@/", "/private/@/info",
    "/private/@/../@", "/private/@?/sessgate/login", "/private/@#/sessgate/",
    "/sessgate/../private/@", "/sessgate/%2e%2e/private/@",
    "/sessgate/..%2fprivate/@", "/sessgate/..%2f..%2fprivate/@",
    "/sessgate//../private/@", "/sessgate/login/../../private/@",
    "/sessgate/;/../private/@", "/sessgate/\\../private/@",
    "/private/../private/@", "/private/sessgate/../@",
    "http://localhost/private/@", "http://localhost//private/@",
    "http://other.example/private/@", "/_sessgate_check/../private/@")]


def test_disguises_of_a_path_open_nothing(site, redis, alice):
    """Some of them do lead to the page: with a cookie it is shown."""
    ran = site.runs()
    for target in DISGUISES:
        for method in ("GET", "POST", "OPTIONS"):
            status, answer = raw(site, f"{method} {target} HTTP/1.1")
            assert PAGE not in answer, target
            assert not 200 <= status < 300 or method == "OPTIONS", target
    assert site.runs() == ran
    cookie = sites.Visitor(site.port).log_in(alice)
    shown = [target for target in DISGUISES
             if PAGE in raw(site, f"GET {target} HTTP/1.1", cookie)[1]]
    assert len(shown) >= 10, shown


@pytest.mark.parametrize("method", [
    "OPTIONS", "HEAD", "TRACE", "PROPFIND", "DEBUG", "CONNECT", "get", "LOGIN"])
def test_no_method_opens_anything(site, redis, method):
    ran = site.runs()
    for path in [*PAGES, FOLDER + "healthz", FOLDER + "sessgate/login"]:
        status, answer = raw(site, f"{method} {path} HTTP/1.1")
        assert not 200 <= status < 300, answer
    assert site.runs() == ran


def test_http_of_old_opens_nothing(site, redis):
    ran = site.runs()
    for path in PAGES:
        for line in (f"GET {path} HTTP/1.0", f"GET {path}"):
            status, answer = raw(site, line)
            assert PAGE not in answer and not 200 <= status < 300
    assert site.runs() == ran


def test_the_question_of_nginx_cannot_be_asked_from_outside(site, visitor, alice):
    visitor.log_in(alice)
    came = visitor.ask("GET", "/_sessgate_check")
    assert came.status == 404
    assert "X-Sessgate-User" not in came.headers


def test_the_login_is_reached_without_a_session(visitor):
    came = visitor.ask("GET", servers.MOUNT + "/auth")
    assert (came.status, came.code) == (401, "token_missing")
