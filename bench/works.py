"""What is asked: one row a kind of request."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    title: str
    method: str = "GET"
    path: str = "/user/{id}"    # below the contender's mount
    cookie: str = "good"        # or "bad", or "" for none
    gate: str = ""              # or "authorizer", "subrequest"
    statuses: tuple = (200,)
    is_once: bool = False       # each request has a session of its own
    null: bool = True           # compared with the null program


WORKS = {work.name: work for work in (
    Work("W1", "GET /user/{id}, all cached"),
    Work("W1a", "the gate, as FastCGI authorizer", gate="authorizer"),
    Work("W1n", "the gate, as nginx's sub-request", gate="subrequest"),
    Work("W2", "GET /user/{id}, the user nowhere cached", is_once=True,
         null=False),
    Work("W3", "POST /logout", method="POST", path="/logout", is_once=True,
         null=False),
    Work("W4", "POST /login, a stored form that costs nothing", method="POST",
         path="/login", cookie="", null=False),
    Work("W5n", "GET /user/{id} without a cookie", cookie="",
         statuses=(401,)),
    Work("W5b", "GET /user/{id} with a cookie of no session", cookie="bad",
         statuses=(401, 403)),
)}

# Pages behind a guard on Apache (guards.py).
PAGES = {work.name: work for work in (
    Work("static", "a static page", path="/private/page.html"),
    Work("php", "a PHP page", path="/private/page.php"),
)}
APACHE = "apache"

# How a request reaches the contender, and what the report calls it.
WAYS = {
    "new": "straight on the socket, a new connection each",
    "kept": "straight on the socket, kept connections",
    "lighttpd": "through lighttpd",
    "nginx": "through nginx, a new connection each",
    "nginx-kept": "through nginx, kept connections",
}
STRAIGHT = ("new", "kept")


def find(name):
    """The kind of request of this name, a page's among them."""
    return WORKS.get(name) or PAGES[name]


def title(work, way):
    """A kind of request and its way, in words."""
    if way == APACHE:
        return f"{PAGES[work].title}, behind a guard on Apache"
    return f"{work}, {WORKS[work].title}: {WAYS[way]}"
