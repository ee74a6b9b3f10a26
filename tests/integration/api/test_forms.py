"""Plain HTML forms: where a login leads to, and what a refusal looks like."""

import html
import http.client
import re
import urllib.parse

import pytest

import gate as gates
import stack
from saying import says_no

FORM = "application/x-www-form-urlencoded"
OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
PAGE = {"Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store", "Vary": "Cookie, Accept-Language",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"}


def fill(**fields):
    """A form's fields as a browser encodes them."""
    return urllib.parse.urlencode(fields).encode()


def post(gate, body=b"", path="/login", cookie=None, content_type=FORM,
         **more):
    return gate.ask("POST", path, body=body, content_type=content_type,
                    cookie=cookie, **{**OWN, **more})


def is_page(answer, status, message, code):
    """The same status and message, as a page."""
    assert (answer.status, answer.code) == (status, code), answer
    for name, value in PAGE.items():
        assert answer.header(name) == value, name
    assert html.escape(message) in answer.text
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "<script" not in answer.text
    assert "frame-ancestors 'none'" in answer.header("Content-Security-Policy")
    assert not answer.all("Location")
    return answer


def is_no(answer, status, message, code):
    assert not answer.all("Set-Cookie")
    return is_page(answer, status, message, code)


def leads_to(answer, target):
    assert answer.status == 303, answer
    assert answer.header("Location") == target
    assert answer.header("Cache-Control") == "no-store"
    return gates.Cookie(answer.header("Set-Cookie")).pair


# POST /login

def test_a_login_by_form_goes_on_with_the_cookie(gate, alice):
    answer = post(gate, fill(**alice.login))
    cookie = leads_to(answer, "/")
    assert answer.body == b""
    assert answer.header("Set-Cookie") == (
        cookie + "; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax")
    assert gate.get("/auth", cookie).json()["user"] == alice.shown


@pytest.mark.parametrize("content_type", [
    FORM, FORM + "; charset=UTF-8", FORM.upper(), FORM + " ;x"])
def test_a_form_is_a_form_however_its_type_is_spelt(
        gate, alice, content_type):
    leads_to(post(gate, fill(**alice.login), content_type=content_type), "/")


PLACES = ["/", "/a", "/a/b?c=d&e=/f#g", "/%2f%2Fx", "/?next=//evil.example",
          "/a//b", "/.", "/..", "/@evil.example", "/:80", "/a?b=http://c",
          "/%5cevil.example", "/%0d%0aSet-Cookie:x", "/~alice/",
          "/" + "a" * 2000]


@pytest.mark.parametrize("target", PLACES, ids=lambda target: target[:30])
def test_a_login_leads_to_a_path_of_this_site(gate, alice, target):
    answer = post(gate, fill(next=target, **alice.login))
    leads_to(answer, target)
    base = "https://www.example.org/login"
    there = urllib.parse.urlsplit(urllib.parse.urljoin(base, target))
    assert there.netloc == "www.example.org"


# Targets that led browsers away from a site; they drop tabs and newlines.
TRICKS = [
    "", " ", "evil.example", "//evil.example", "///evil.example",
    "////evil.example", "/\\evil.example", "\\/evil.example",
    "\\\\evil.example", "/\\/evil.example", "//\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
    "\t//evil.example", " //evil.example", " /a", "/a ", "/ /evil.example",
    "/\x0b/evil.example", "/\x00/evil.example", "\x00/a", "/a\x00",
    "/\x7f/evil.example", "/\x01", "http://evil.example",
    "https://evil.example", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "HTTP://evil.example", "hTtPs:evil.example",
    "http:\\\\evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "mailto:x@y",
    "ftp://evil.example", "file:///etc/passwd", "blob:x", "view-source:x",
    "www.example.org", "https://www.example.org/",
    "https://www.example.org@evil.example",
    "?x", "#x", ".", "..", "./a", "../a", "a/b", ";//evil.example",
    "@evil.example", ":80", "/\xa0/evil.example", "/\u2028/evil.example",
    "/\u3002evil.example", "/\uff0fevil.example", "\uff0f\uff0fevil.example",
    "/é", "/\xad/evil.example", "/\ufeff/evil.example", "\ufeff//evil.example",
    "/a\r\nSet-Cookie: x=y", "/a\nLocation: //evil.example",
    "/\r\n\r\n<script>",
    "%2f%2fevil.example", "%2Fevil.example", "/" + "a" * 2048, "/" * 50,
    "/a\\", "/\\", "//", "//@", "/\\@evil.example", "/\x85/evil.example"]


@pytest.mark.parametrize(
    "target", TRICKS, ids=lambda target: repr(target[:30]))
def test_a_login_leads_nowhere_else(gate, alice, target):
    answer = post(gate, fill(next=target, **alice.login))
    leads_to(answer, "/")
    assert b"evil" not in answer.body
    # not even when the browser is asked to encode it twice
    twice = urllib.parse.quote(target, safe="")
    answer = post(gate, fill(next=twice, **alice.login))
    leads_to(answer, "/")


@pytest.mark.parametrize("raw", [
    b"/%c0%af/evil", b"//evil", b"/%ff", b"/%00", b"/%0a", b"/%5c", b"/+x"])
def test_a_next_of_strange_bytes_leads_nowhere_else(gate, alice, raw):
    leads_to(post(gate, fill(**alice.login) + b"&next=" + raw), "/")


def test_of_two_fields_of_a_name_the_first_counts(gate, alice):
    body = (fill(next="/first", **alice.login) + b"&next=//evil.example"
            b"&email=x&password=x")
    leads_to(post(gate, body), "/first")
    body = b"next=//evil.example&next=/second&" + fill(**alice.login)
    leads_to(post(gate, body), "/")


def test_in_json_next_changes_nothing(gate, alice):
    for target in ("/a", "//evil.example", "", "x"):
        answer = gate.post("/login", {**alice.login, "next": target})
        assert answer.status == 200 and not answer.all("Location")


# how fields are encoded

@pytest.mark.parametrize("password", [
    "plain", "a b", "a+b", "a&b=c", "a%20b", "100%", "%", "%4", "%zz", "ü🙂",
    "a;b", '"<>"', "a\nb", " ", "&", "=", "+"])
def test_any_password_fits_into_a_form(gate, users, password):
    user = users.add(password=password)
    leads_to(post(gate, fill(**user.login)), "/")
    quoted = "&".join(f"{name}={urllib.parse.quote(value, safe='')}"
                      for name, value in user.login.items())
    leads_to(post(gate, quoted.encode()), "/")
    if "%" in password and "+" not in password and "&" not in password:
        # an invalid escape is literal text
        bare = f"email={user.email}&password={password}".encode()
        status = post(gate, bare).status
        assert status == (303 if "%20" not in password else 401)


@pytest.mark.parametrize("body", [
    "email={e}&password={p}&", "&&email={e}&&password={p}",
    "=x&email={e}&password={p}", "x&email={e}&password={p}&y=",
    "%65mail={e}&p%61ssword={p}", "password={p}&email={e}",
    "email={e}&password={p}&email=x", "email={e}&password={p}&x[]=1&x[]=2",
    "email={e}&password={p}&" + "a" * 60000])
def test_other_fields_and_empty_ones_do_no_harm(gate, alice, body):
    text = body.format(e=urllib.parse.quote(alice.email),
                       p=urllib.parse.quote_plus(alice.password))
    leads_to(post(gate, text.encode()), "/")


# refusals

@pytest.mark.parametrize("body", [
    b"", b"&", b"email=x", b"password=x", b"email=&password=x",
    b"email=x&password=", b"email&password", b"email=x&password",
    b"Email=x&Password=y", b" email=x&password=y", b"email[]=x&password[]=y",
    b'{"email":"x","password":"y"}', b"email=x;password=y", b"\x00", b"\xff"])
def test_a_form_with_something_missing_is_a_400_page(gate, body):
    is_no(post(gate, body), 400, "Bad request", "bad_request")


def test_a_wrong_password_is_a_401_page(gate, redis, alice):
    message = "Invalid email or password"
    wrong = post(gate, fill(email=alice.email, password="wrong"))
    is_no(wrong, 401, message, "login_failed")
    nobody = "nobod@example.org"  # as long as alice's
    unknown = post(gate, fill(email=nobody, password="wrong"))
    assert (unknown.status, unknown.headers) == (wrong.status, wrong.headers)
    assert unknown.text.replace(nobody, alice.email) == wrong.text
    for strange in ("a\x00b", "a\x1bb", "<script>alert(1)</script>",
                    '"><p>', "x" * 5000):
        answer = post(gate, fill(email=strange, password=strange))
        is_no(answer, 401, message, "login_failed")
        assert strange not in answer.text
    assert not redis.client.keys("sess:*")


@pytest.mark.parametrize("raw", [
    b"email=%ff%fe&password=x", b"email=\xc3\x28&password=%80",
    b"email=%00&password=%00"])
def test_bytes_that_are_no_text_open_nothing(gate, raw):
    is_no(post(gate, raw), 401, "Invalid email or password", "login_failed")


def test_a_form_from_elsewhere_is_a_403_page(gate, alice):
    answer = gate.ask("POST", "/login", body=fill(**alice.login),
                      content_type=FORM, HTTP_SEC_FETCH_SITE="cross-site")
    is_no(answer, 403, "Cross-site request refused", "cross_site")


def test_without_redis_a_form_gets_a_503_page(start_gate, alice):
    gate = start_gate({"redis.url": "unix:///nowhere/r.sock"})
    answer = post(gate, fill(**alice.login))
    is_no(answer, 503, "Service temporarily unavailable", "redis_unavailable")
    assert answer.header("Retry-After") == "1"
    answer = post(gate, b"", "/logout", f"{gates.SECURE_COOKIE}={'a' * 43}")
    is_page(answer, 503, "Service temporarily unavailable", "redis_unavailable")
    assert "Max-Age=0" in answer.header("Set-Cookie")  # they asked to leave
    assert answer.header("Retry-After") == "1"


def test_without_mysql_a_form_gets_a_503_page(start_gate, own_mysql, bob):
    gate = start_gate({"mysql.url": own_mysql.url})
    own_mysql.kill()
    answer = post(gate, fill(**bob.login))
    is_no(answer, 503, "Service temporarily unavailable", "mysql_unavailable")


def test_a_defect_is_a_500_page(module_gate, redis, users):
    """Two rows for one login."""
    gate = module_gate({"mysql.user_by_login":
                        "SELECT id, email AS login, name, email, image, "
                        "password AS hash FROM users WHERE name = :login"})
    users.add(name="twice")
    users.add(name="twice")
    is_no(post(gate, fill(email="twice", password="x")),
          500, "Internal server error", "internal")


# only at two places

@pytest.mark.parametrize("method,path", [
    ("PATCH", "/user/me"), ("PUT", "/user/me"), ("PATCH", "/user/42")])
@pytest.mark.parametrize("content_type", [
    FORM, FORM + ";charset=utf-8", "multipart/form-data; boundary=x",
    "text/plain"])
def test_a_form_elsewhere_is_415(gate, alice, method, path, content_type):
    answer = gate.ask(method, path, body=b"name=x", content_type=content_type,
                      cookie=gate.log_in(alice), **OWN)
    says_no(answer, 415, "Unsupported media type", "bad_type")


@pytest.mark.parametrize("path", ["/login", "/logout"])
@pytest.mark.parametrize("content_type", [
    "multipart/form-data; boundary=x", "text/plain", "text/html", "",
    "application/x-www-form-urlencoded-x", "application/x-www-form",
    "x, " + FORM])
def test_what_is_no_form_is_415(gate, path, content_type):
    says_no(post(gate, b"email=x&password=y", path, content_type=content_type),
            415, "Unsupported media type", "bad_type")


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_a_coded_form_is_415(gate, alice, path):
    is_no(post(gate, fill(email=alice.email, password=alice.password), path,
               HTTP_CONTENT_ENCODING="gzip"),
          415, "Unsupported media type", "bad_type")


# POST /logout

def test_a_logout_by_form_ends_the_session_and_leads_to_the_login(
        gate, alice):
    cookie = gate.log_in(alice)
    answer = post(gate, b"", "/logout", cookie)
    assert leads_to(answer, "/sessgate/login") == gates.SECURE_COOKIE + "="
    assert "Max-Age=0" in answer.header("Set-Cookie")
    assert gate.get("/auth", cookie).status == 403


def test_a_logout_by_form_without_a_cookie_sets_none(gate):
    answer = post(gate, b"next=//evil.example", "/logout")
    assert answer.status == 303
    assert answer.header("Location") == "/sessgate/login"
    assert not answer.all("Set-Cookie")


def test_without_a_mount_logout_leads_to_the_root(module_gate, redis):
    gate = module_gate({"server.mount": ""})
    assert post(gate, b"", "/logout").header("Location") == "/login"


# a browser on plain http drops the cookie: it is told of the setting

@pytest.fixture
def told_once(start_gate):
    return start_gate()


def test_on_plain_http_a_form_gets_a_page_that_names_the_setting(
        told_once, alice):
    for _ in range(3):
        answer = told_once.ask(
            "POST", "/login", body=fill(next="/a", **alice.login),
            content_type=FORM, HTTP_ORIGIN="http://www.example.org")
        is_page(answer, 200, "This site needs https", "cookie_needs_https")
        assert "[cookie] secure" in answer.text
        assert answer.header("Set-Cookie")
    assert len(told_once.events("cookie needs https")) == 1


@pytest.mark.parametrize("origin,host", [
    ("https://www.example.org", "www.example.org"),
    ("http://localhost", "localhost"), ("http://LOCALHOST:80", "localhost"),
    ("http://localhost:8080", "localhost:8080"),
    ("http://127.0.0.1:8080", "127.0.0.1"), ("http://127.1.2.3", "127.1.2.3"),
    ("http://[::1]:8080", "[::1]:8080")])
def test_where_the_cookie_is_kept_a_form_goes_on(gate, alice, origin, host):
    answer = gate.ask("POST", "/login", body=fill(next="/a", **alice.login),
                      content_type=FORM, HTTP_ORIGIN=origin, HTTP_HOST=host)
    leads_to(answer, "/a")
    assert answer.code is None


@pytest.mark.parametrize("host", [
    "localhost.evil.example", "127.0.0.1.evil.example", "127.evil.example",
    "192.168.0.1", "[::2]", "xlocalhost"])
def test_what_only_looks_like_loopback_is_told(gate, alice, host):
    answer = gate.ask("POST", "/login", body=fill(**alice.login),
                      content_type=FORM, HTTP_ORIGIN=f"http://{host}",
                      HTTP_HOST=host)
    assert (answer.status, answer.code) == (200, "cookie_needs_https")


def test_with_secure_off_plain_http_is_fine(module_gate, redis, alice):
    gate = module_gate({"cookie.secure": "off"})
    answer = gate.ask("POST", "/login", body=fill(**alice.login),
                      content_type=FORM, HTTP_ORIGIN="http://www.example.org")
    cookie = leads_to(answer, "/")
    assert cookie.startswith("SESSION-TOKEN=")
    assert "Secure" not in answer.header("Set-Cookie")


def test_a_failed_login_on_plain_http_says_nothing_of_https(gate, alice):
    answer = gate.ask("POST", "/login", content_type=FORM,
                      body=fill(email=alice.email, password="wrong"),
                      HTTP_ORIGIN="http://www.example.org")
    is_no(answer, 401, "Invalid email or password", "login_failed")


# through a web server

@pytest.fixture
def web(start_gate, place):
    gate = start_gate(mode="0666")
    server = stack.Lighttpd(place("w"), gate.path)
    yield server
    server.stop()


def browse(web, method, path, body=None, **headers):
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
    try:
        line.request(method, "/sessgate" + path, body,
                     {name.replace("_", "-"): value
                      for name, value in headers.items()})
        response = line.getresponse()
        response.text = response.read().decode()
        return response
    finally:
        line.close()


def test_forms_through_lighttpd(web, alice):
    own = {"Content_Type": FORM, "Origin": f"http://127.0.0.1:{web.port}"}
    came = browse(web, "POST", "/login", fill(next="/a?b=c", **alice.login),
                  **own)
    assert (came.status, came.getheader("Location")) == (303, "/a?b=c")
    cookie = gates.Cookie(came.getheader("Set-Cookie")).pair
    assert browse(web, "GET", "/auth", Cookie=cookie).status == 200
    came = browse(web, "POST", "/login",
                  fill(next="//evil.example", **alice.login), **own)
    assert (came.status, came.getheader("Location")) == (303, "/")
    came = browse(web, "POST", "/login",
                  fill(email=alice.email, password="x"), **own)
    assert (came.status, came.getheader("Set-Cookie")) == (401, None)
    assert came.getheader("Content-Type") == "text/html; charset=utf-8"
    assert "Invalid email or password" in came.text
    for origin in ("http://127.0.0.2", "null", "http://evil.example"):
        for path in ("/login", "/logout"):
            came = browse(web, "POST", path, fill(**alice.login),
                          **{**own, "Origin": origin, "Cookie": cookie})
            assert (came.status, came.getheader("Set-Cookie")) == (403, None)
            assert "Cross-site request refused" in came.text
    came = browse(web, "POST", "/login", fill(**alice.login),
                  Content_Type=FORM)
    assert came.status == 403
    came = browse(web, "POST", "/login", fill(**alice.login),
                  Content_Type=FORM, Sec_Fetch_Site="same-origin")
    assert came.status == 303
    came = browse(web, "POST", "/logout", b"", Cookie=cookie, **own)
    assert (came.status, came.getheader("Location")) == (
        303, "/sessgate/login")
    assert re.match(r"__Host-SESSION-TOKEN=; ", came.getheader("Set-Cookie"))
    assert browse(web, "GET", "/auth", Cookie=cookie).status == 403
