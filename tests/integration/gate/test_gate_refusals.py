"""nginx shows our words for a 403 and a 500, and they open nothing.

`error_page 403 500 @sessgate_refusal` without a `=` keeps nginx's status,
whatever the location answers.  Each row is a line of the site's own beside it.
"""

import pytest

import process
import sites
from sites import FOLDER, NAVIGATION, PAGE

pytestmark = pytest.mark.plain_build

STAFF = FOLDER + "staff/"
PAGES = [STAFF + "page.html", STAFF + "who.php"]
BODIES = [("GET", b""), ("HEAD", b""), ("POST", b"a=1"), ("PUT", b"a=1"),
          ("POST", b"a" * 200_000), ("OPTIONS", b"")]
# a line of the site's server { } or http { }
LINES = [
    "",
    "recursive_error_pages on;",
    "fastcgi_intercept_errors on;",
    "error_page 401 403 404 500 502 503 504 =200 /sorry.html;",
    "error_page 401 403 404 500 502 503 504 =200 /sorry.html;"
    " recursive_error_pages on; fastcgi_intercept_errors on;",
    "error_page 403 500 = /private/staff/who.php;",
    "error_page 403 500 = /private/staff/page.html;"
    " recursive_error_pages on;",
    "error_page 500 502 /50x.html;"
]
KINDS = [sites.Nginx, sites.NginxServer, sites.NginxProxy]


def rows():
    """In the server { } beside each kind, and in http { } around it."""
    for kind in KINDS:
        for line in LINES:
            yield kind, "in_http", line
            # nginx refuses a directive that stands twice in a server { }
            if line and not (kind is sites.NginxServer
                             and "intercept" in line):
                yield kind, "extra", line


@pytest.fixture(params=rows(), ids=lambda row: f"{row[0].__name__}-"
                f"{row[1]}-{LINES.index(row[2])}")
def site(request, place, stores, frail_redis):
    kind, where, line = request.param
    if "/sorry.html" in line and where == "extra":
        line += "\nlocation = /sorry.html { return 200 sorry; }"
    made = type("Row", (kind,), {where: line})(place("w"), {
        **stores, "log.target": "stderr", "redis.url": frail_redis.url,
        "redis.command_timeout": "1s", "gate.rule": STAFF + " user boss@x.y"})
    yield made
    made.close()


def words_of(site, visitor, status):
    """The refusal's text is shown, no page runs, the status stays."""
    ran, read = site.runs(), ""
    for path in PAGES:
        for method, body in BODIES:
            came = visitor.ask(method, path, body=body or None,
                               headers=NAVIGATION)
            assert came.status == status, (method, path, came)
            assert PAGE not in came.text and "Location" not in came.headers
            read = read + came.text if method == "GET" else read
    assert site.runs() == ran
    return read


def test_a_refusal_opens_nothing_and_people_read_why(
        site, frail_redis, alice):
    frail_redis.restore()
    frail_redis.client.flushall()
    visitor = sites.Visitor(site.port)
    has_own = "error_page" in site.extra and isinstance(
        site, sites.NginxServer)  # its own line may come first there
    visitor.log_in(alice)
    words = words_of(site, visitor, 403)
    assert has_own or words.count("<h1>Not open to you</h1>") == 2
    assert has_own or words.count(f"<strong>{alice.email}</strong>") == 2
    frail_redis.stop()
    try:
        words = words_of(site, visitor, 500)
        assert has_own or words.count("<h1>Please try again in a moment</h1>") == 2
    finally:
        frail_redis.start()
    assert process.until(
        lambda: visitor.ask("GET", PAGES[0]).status in (401, 403), 5)
