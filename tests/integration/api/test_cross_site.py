"""Writes from other sites: what a browser tells of a request decides.

A table of headers, tried at every way to change something; and CORS, which
speaks to the origins that the configuration names and to nobody else.
"""

import pytest

import gate as gates
from saying import is_like

OWN = "https://www.example.org"
EVIL = "https://evil.example"
FORM = "application/x-www-form-urlencoded"

# (Sec-Fetch-Site, Origin, may JSON pass, may a form pass); the host asked is
# www.example.org
HEADERS = [
    (None, None, True, False),
    ("", "", True, False),
    ("same-origin", None, True, True),
    ("none", None, True, True),
    ("same-origin", OWN, True, True),
    ("same-origin", EVIL, True, True),  # a browser says both, or lies
    ("none", "null", True, True),
    ("same-site", None, False, False),
    ("same-site", OWN, False, False),
    ("same-site", "https://blog.example.org", False, False),
    ("cross-site", None, False, False),
    ("cross-site", OWN, False, False),
    ("cross-site", EVIL, False, False),
    ("Same-Origin", OWN, False, False),
    ("same-origin, cross-site", OWN, False, False),
    ("same-origin ;x", OWN, False, False),
    ("?", OWN, False, False),
    (None, OWN, True, True),
    (None, "http://www.example.org", True, True),
    (None, "https://www.example.org:8443", True, True),
    (None, "https://WWW.Example.ORG", True, True),
    (None, EVIL, False, False),
    (None, "null", False, False),
    (None, "https://example.org", False, False),
    (None, "https://blog.example.org", False, False),
    (None, "https://www.example.org.evil.example", False, False),
    (None, "https://evil-www.example.org", False, False),
    (None, "https://www.example.org@evil.example", False, False),
    (None, "https://www.example.org:x@evil.example", False, False),
    (None, "https://www.example.org:443.evil.example", False, False),
    (None, "https://evil.example/www.example.org", False, False),
    (None, "https://evil.example#www.example.org", False, False),
    (None, "https://evil.example:80#www.example.org", False, False),
    (None, "https://www.example.org.", True, True),
    (None, "https://www.example.org..", False, False),
    (None, "https://www.example.org\\.evil.example", False, False),
    (None, "https://www.example.org evil.example", False, False),
    (None, "https://www.example.org,https://evil.example", False, False),
    (None, "https://www.example.org.", True, True),
    (None, "https://www.example.org..", False, False),
    (None, "ftp://www.example.org", False, False),
    (None, "file://www.example.org", False, False),
    (None, "//www.example.org", False, False),
    (None, "www.example.org", False, False),
    (None, "https://", False, False),
    (None, "https:", False, False),
    (None, "*", False, False),
    (None, "https://[www.example.org]", False, False),
]


def headers(site, origin, host="www.example.org", referer=None):
    more = {"HTTP_HOST": host, "HTTP_SEC_FETCH_SITE": site,
            "HTTP_ORIGIN": origin, "HTTP_REFERER": referer}
    return {name: value for name, value in more.items() if value is not None}


def is_cross_site(answer, is_form=False):
    assert answer.status == 403 and answer.code == "cross_site", answer
    assert not answer.all("Set-Cookie")
    if is_form:
        assert answer.header("Content-Type") == "text/html; charset=utf-8"
        assert "Cross-site request refused" in answer.text
    else:
        is_like(answer, 403, '{"message":"Cross-site request refused"}',
                "cross_site")


@pytest.fixture
def gate(module_gate, changer, redis):
    return module_gate({"mysql.url": changer.url()})


@pytest.fixture
def cookie(gate, alice):
    return gate.log_in(alice)


def log_in_by_form(gate, user, **more):
    body = f"email={user.email}&password={user.password.replace(' ', '+')}"
    return gate.ask("POST", "/login", body=body.encode(), content_type=FORM,
                    **more)


@pytest.mark.parametrize("site,origin,json_passes,form_passes", HEADERS)
def test_a_login_from_elsewhere_is_refused(
        gate, redis, alice, site, origin, json_passes, form_passes):
    more = headers(site, origin)
    answer = gate.post("/login", alice.login, **more)
    if json_passes:
        assert answer.status == 200 and answer.header("Set-Cookie")
    else:
        is_cross_site(answer)
        assert not redis.client.keys("sess:*")
    redis.client.flushall()
    answer = log_in_by_form(gate, alice, **more)
    if form_passes:
        drops = origin is not None and origin.startswith("http://")
        assert answer.status == (200 if drops else 303)
        assert answer.header("Set-Cookie")
    else:
        is_cross_site(answer, is_form=True)
        assert not redis.client.keys("sess:*")


@pytest.mark.parametrize("site,origin,json_passes,form_passes", HEADERS)
def test_a_logout_from_elsewhere_is_refused(
        gate, cookie, site, origin, json_passes, form_passes):
    more = headers(site, origin)
    if not form_passes:
        answer = gate.ask("POST", "/logout", cookie=cookie, body=b"x=1",
                          content_type=FORM, **more)
        is_cross_site(answer, is_form=True)
        # a form without fields is sent like this
        answer = gate.ask("POST", "/logout", cookie=cookie, body=b"",
                          content_type=FORM, **more)
        is_cross_site(answer, is_form=True)
    answer = gate.ask("POST", "/logout", cookie=cookie, **more)
    if json_passes:
        assert answer.status == 200
    else:
        is_cross_site(answer)
    assert gate.get("/auth", cookie).status == (403 if json_passes else 200)


@pytest.mark.parametrize("site,origin,json_passes,form_passes", HEADERS)
def test_a_change_from_elsewhere_is_refused(
        gate, mysql, cookie, site, origin, json_passes, form_passes):
    more = headers(site, origin)
    for method in ("PATCH", "PUT"):
        answer = gate.ask(method, "/user/me", cookie=cookie,
                          document={"name": method, "image": None}, **more)
        if json_passes:
            assert answer.status == 200
        else:
            is_cross_site(answer)
    with mysql.admin() as sql:
        sql.execute("SELECT name FROM users WHERE id = 42")
        assert sql.fetchone()[0] == ("PUT" if json_passes else "Alice")


@pytest.mark.parametrize("site,origin,json_passes,form_passes", HEADERS)
def test_reading_is_for_everybody(
        gate, cookie, alice, site, origin, json_passes, form_passes):
    """The browser keeps the answer from other sites: there is no CORS."""
    more = headers(site, origin)
    for path in ("/auth", "/user/me"):
        answer = gate.get(path, cookie, **more)
        assert (answer.status, answer.json()["user"]) == (200, alice.shown)
        assert no_cors(answer)
    assert gate.ask("HEAD", "/auth", cookie=cookie, **more).status == 200
    assert gate.ask("OPTIONS", "/login", **more).status == 204


@pytest.mark.parametrize("host,origin,passes", [
    ("www.example.org", "https://www.example.org:8443", True),
    ("www.example.org:8080", OWN, True),
    ("www.example.org:80", "http://www.example.org:443", True),
    ("WWW.EXAMPLE.ORG", OWN, True),
    ("127.0.0.1:8080", "http://127.0.0.1:8080", True),
    ("[::1]:8080", "http://[::1]:8080", True),
    ("[::1]", "http://[::1]:8080", True),
    ("[::1]", "http://[::2]", False),
    ("[::1]", "http://[::1]evil.example", False),
    ("[::1]", "http://[::1", False),
    ("[", "https://[", False),
    ("[::1", "https://[::1", False),
    ("", OWN, False), ("", "https://", False), (":80", "https://:80", False),
    (None, OWN, False), ("evil.example", OWN, False),
    ("null", "null", False), ("www.example.org:x", OWN, False),
    ("www.example.org, evil.example", EVIL, False),
    ("www.example.org:80@evil.example", OWN, False)])
def test_the_origin_must_have_the_host_that_was_asked(
        gate, alice, host, origin, passes):
    more = headers(None, origin, host)
    if host is None:
        more["HTTP_HOST"] = ""
    answer = gate.post("/login", alice.login, **more)
    if passes:
        assert answer.status == 200
    else:
        is_cross_site(answer)


def test_a_referer_counts_for_nothing(gate, alice):
    own = OWN + "/sessgate/login"
    is_cross_site(log_in_by_form(
        gate, alice, **headers(None, None, referer=own)), is_form=True)
    is_cross_site(gate.post("/login", alice.login,
                            **headers(None, EVIL, referer=own)))


def test_neither_x_headers_nor_queries_open_anything(gate, alice):
    is_cross_site(gate.post(
        "/login", alice.login, HTTP_ORIGIN=EVIL,
        HTTP_X_FORWARDED_HOST="evil.example",
        HTTP_X_ORIGINAL_HOST="evil.example",
        HTTP_FORWARDED="host=evil.example", SERVER_NAME="evil.example",
        HTTP_X_REQUESTED_WITH="XMLHttpRequest", QUERY_STRING="origin=" + EVIL))


def test_a_refusal_comes_before_any_store_is_asked(
        start_gate, place, alice):
    gate = start_gate({"redis.url": "unix:///nowhere/r.sock"})
    is_cross_site(gate.post("/login", alice.login, HTTP_ORIGIN=EVIL))
    is_cross_site(gate.post("/logout", cookie=f"{gates.SECURE_COOKIE}="
                            + "a" * 43, HTTP_ORIGIN=EVIL))


# [server] origins: this site's, exactly

@pytest.fixture
def exact(module_gate, redis):
    return module_gate({
        "server.origins": "https://www.example.org, "
                          "https://www.example.org:8443,http://intranet"})


@pytest.mark.parametrize("origin,passes", [
    (OWN, True), ("https://www.example.org:8443", True),
    ("http://intranet", True), ("HTTPS://www.EXAMPLE.org", True),
    ("http://www.example.org", False), ("https://www.example.org:443", False),
    ("https://intranet", False), ("http://intranet:80", False),
    ("https://www.example.org,", False), ("", True), ("null", False),
    ("https://www.example.org, https://www.example.org:8443", False),
    (EVIL, False)])
@pytest.mark.parametrize("host", ["www.example.org", "backend:8000", ""])
def test_origins_are_compared_whole_where_they_are_named(
        exact, alice, origin, passes, host):
    answer = exact.post("/login", alice.login, HTTP_ORIGIN=origin,
                        HTTP_HOST=host)
    if passes:
        assert answer.status == 200
    else:
        is_cross_site(answer)


def test_origins_do_not_overrule_sec_fetch_site(exact, alice):
    assert exact.post("/login", alice.login,
                      **headers("same-origin", EVIL)).status == 200
    is_cross_site(exact.post("/login", alice.login,
                             **headers("same-site", OWN)))
    assert no_cors(exact.get("/auth", HTTP_ORIGIN=OWN))


# [server] allowed_origins: other sites that may

FRIEND = "https://app.example.net"


@pytest.fixture
def friendly(module_gate, changer, redis):
    return module_gate({
        "mysql.url": changer.url(),
        "server.allowed_origins": FRIEND + " , http://localhost:3000"})


def no_cors(answer):
    return not [name for name, _ in answer.headers
                if name.lower().startswith("access-control-")]


def has_cors(answer, origin):
    assert answer.all("Access-Control-Allow-Origin") == [origin]
    assert answer.all("Access-Control-Allow-Credentials") == ["true"]
    exposed = answer.header("Access-Control-Expose-Headers").split(", ")
    assert set(exposed) == {"Retry-After", "X-Sessgate-Code"}
    assert "Origin" in answer.all("Vary")
    return True


STRANGERS = [
    EVIL, "null", "*", "http://app.example.net", FRIEND + ":443", FRIEND + "/",
    "https://app.example.net.evil.example", "https://evil.app.example.net",
    "http://localhost", "http://localhost:3001", "http://localhost:30000",
    FRIEND + " , http://localhost:3000", FRIEND + ",", ",", " "]


@pytest.mark.parametrize("site", [None, "cross-site", "same-site"])
@pytest.mark.parametrize("origin", [FRIEND, "http://localhost:3000"])
def test_an_allowed_origin_may_write_and_read_the_answer(
        friendly, users, site, origin):
    user = users.add()
    more = headers(site, origin)
    answer = friendly.post("/login", user.login, **more)
    assert answer.status == 200 and has_cors(answer, origin)
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    for method, path, status in (
            ("GET", "/auth", 200), ("GET", "/user/me", 200),
            ("GET", "/user/x", 404), ("GET", "/nowhere", 404),
            ("PUT", "/auth", 405), ("POST", "/logout", 200),
            ("GET", "/auth", 403)):
        answer = friendly.ask(method, path, cookie=cookie, **more)
        assert answer.status == status and has_cors(answer, origin)
    answer = friendly.ask("PATCH", "/user/me", document={"name": "x"}, **more)
    assert answer.status == 401 and has_cors(answer, origin)
    assert log_in_by_form(friendly, user, **more).status == 303


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("site", [None, "cross-site"])
def test_others_hear_nothing_of_cors(friendly, alice, origin, site):
    more = headers(site, origin)
    is_cross_site(friendly.post("/login", alice.login, **more))
    cookie = friendly.log_in(alice)
    for answer in (friendly.get("/auth", cookie, **more),
                   friendly.ask("OPTIONS", "/login", **more),
                   friendly.post("/login", alice.login, **more)):
        assert no_cors(answer)
        assert "Origin" in answer.all("Vary")


def test_without_allowed_origins_nobody_hears_of_cors(gate, cookie):
    for answer in (gate.get("/auth", cookie, HTTP_ORIGIN=OWN),
                   gate.get("/auth", cookie, HTTP_ORIGIN=EVIL),
                   gate.ask("OPTIONS", "/login", HTTP_ORIGIN=OWN,
                            HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")):
        assert no_cors(answer)
        assert "Origin" not in answer.all("Vary")


@pytest.mark.parametrize("path,methods", [
    ("/login", {"GET", "HEAD", "POST"}), ("/logout", {"GET", "HEAD", "POST"}),
    ("/auth", {"GET", "HEAD"}),
    ("/user/me", {"GET", "HEAD", "PATCH", "PUT"})])
def test_a_preflight_is_answered_for_who_is_allowed(friendly, path, methods):
    ask = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PATCH",
           "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "content-type",
           "HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "cors"}
    answer = friendly.ask("OPTIONS", path, HTTP_ORIGIN=FRIEND, **ask)
    assert (answer.status, answer.body) == (204, b"")
    assert has_cors(answer, FRIEND)
    assert methods <= set(
        answer.header("Access-Control-Allow-Methods").split(", "))
    assert answer.header("Access-Control-Allow-Headers").lower() == (
        "content-type")
    assert int(answer.header("Access-Control-Max-Age")) > 0
    assert methods <= set(answer.header("Allow").split(", "))
    answer = friendly.ask("OPTIONS", path, HTTP_ORIGIN=EVIL, **ask)
    assert answer.status == 204 and no_cors(answer)


@pytest.mark.parametrize("allowed", ["*", "null", "https://*.example.net"])
def test_no_pattern_allows_anybody(module_gate, redis, alice, allowed):
    """At best refused at start, else it names nobody that a browser is."""
    settings = {"server.allowed_origins": allowed}
    try:
        gate = module_gate(settings)
    except RuntimeError as why:
        assert "allowed_origins" in str(why)
        return
    for origin in (EVIL, "https://x.example.net", "null"):
        more = headers("cross-site", origin)
        is_cross_site(gate.post("/login", alice.login, **more))
        assert no_cors(gate.get("/auth", **more))
