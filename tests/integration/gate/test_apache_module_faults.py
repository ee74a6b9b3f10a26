"""mod_sessgate and a sessgate that is away, slow, or says what it should not.

Never a page, always 503, and at once well again: a FastCGI server of the tests'
own stands in the program's place.
"""

import os
import re
import socket
import threading
import time

import pytest

import fcgi
import process
import sites
import stack
import teller
from sites import FOLDER, PAGE
from teller import END, HANG, answer, user

FILE = FOLDER + "page.html"
LIMIT = 2.5  # seconds; SessgateTimeout is 1 s in all


@pytest.fixture(scope="module")
def site(place, stores):
    made = teller.ToldSite(place("w"), {**stores})
    yield made
    made.close()


@pytest.fixture
def server(site):
    """The site's teller, which lets alice in, on no connection yet."""
    site.teller.hang_up()
    site.teller.say = user()
    site.teller.questions.clear()
    return site.teller


def get(site, path=FILE, **kind):
    """An answer, and how long it took."""
    begin = time.monotonic()
    came = sites.Visitor(site.port).ask("GET", path, **kind)
    return came, time.monotonic() - begin


def is_shut(site, path=FILE):
    came, seconds = get(site, path)
    assert came.status == 503 and PAGE not in came.text, came
    assert came.headers["Retry-After"] == "1"
    assert came.headers["Cache-Control"] == "no-store"
    assert seconds < LIMIT * process.SLACK
    return seconds


def is_open(site):
    came, _ = get(site)
    assert (came.status, came.text) == (200, PAGE)
    return True


HEAD = "Status: 200 OK\nVariable-REMOTE_USER: root"
STDOUT = fcgi.record(fcgi.STDOUT, (HEAD + "\n\n").encode())
# what the program says, and who would be shown a page by that
NONSENSE = {
    "closed": None,
    "nothing": HANG,
    "garbage": os.urandom(64),
    "zeros": bytes(64),
    "http": b"HTTP/1.1 200 OK\r\nVariable-REMOTE_USER: root\r\n\r\n",
    "half a record": user("root")[:20],
    "all but a byte": user("root")[:-1],
    "no end": STDOUT + fcgi.record(fcgi.STDOUT),
    "half a head": answer(HEAD)[:-len(END) - 8][:-2] + END,
    "head without its end": fcgi.record(fcgi.STDOUT, HEAD.encode()) + END,
    "nobody": answer("Status: 200 OK"),
    "an empty user": answer("Status: 200 OK\nVariable-REMOTE_USER: "),
    "a blank user": answer("Status: 200 OK\nVariable-REMOTE_USER:    \t"),
    "two users": answer(HEAD + "\nVariable-REMOTE_USER: bob"),
    "a user in a header": answer("Status: 200 OK\nX-Sessgate-User: root"),
    "a public page with a user": answer(HEAD + "\nX-Sessgate-Code: public"),
    "another code": answer("Status: 200 OK\nX-Sessgate-Code: allowed"),
    "no status": answer("Variable-REMOTE_USER: root"),
    "two statuses": answer("Status: 401 No\n" + HEAD),
    "201": answer(HEAD.replace("200", "201")),
    "204": answer(HEAD.replace("200", "204")),
    "304": answer(HEAD.replace("200", "304")),
    "100": answer(HEAD.replace("200", "100")),
    "999": answer(HEAD.replace("200", "999")),
    "303 to nowhere": answer("Status: 303 See Other"),
    "a control byte": answer(HEAD + "\x07"),
    "a nul": answer(HEAD + "\0x"),
    "a folded line": answer(HEAD + "\n more"),
    "no colon": answer(HEAD + "\nx"),
    "too many fields": answer(HEAD + "\nA: b" * 100),
    "another request": user("root").replace(b"\1\6\0\1", b"\1\6\0\2"),
    "another version": b"\2" + user("root")[1:],
    "overloaded": answer(HEAD, end=fcgi.record(fcgi.END, b"\0\0\0\0\2\0\0\0")),
    "a short end": answer(HEAD, end=fcgi.record(fcgi.END, bytes(4))),
    "text behind its end": STDOUT + fcgi.record(fcgi.STDOUT) + STDOUT + END,
    "bytes behind the end": user("root") + b"\1",
    "two answers": user("root") * 2,
    "unknown records": fcgi.record(11, bytes(8), rid=0) + user("root"),
    "too long": fcgi.record(fcgi.STDOUT, b"x" * 65535) * 8 + user("root"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_an_answer_that_is_none_shows_no_page(site, server, name):
    ran = site.runs()
    server.say = NONSENSE[name]
    for path in (FILE, FOLDER + "who.php"):
        is_shut(site, path)
    assert site.runs() == ran
    server.say = user()
    assert is_open(site)


def test_a_drip_of_bytes_ends_with_the_total_time(site, server):
    def drip(question):
        for byte in user("root"):
            question.sock.sendall(bytes([byte]))
            time.sleep(0.1)

    server.say = drip
    assert is_shut(site) > 0.8


def test_half_a_second_of_silence_is_enough(site, server):
    server.say = HANG
    assert is_shut(site) > 0.4


def test_without_a_socket_no_page_is_shown(place, stores):
    site = teller.ToldSite(place("w"), {**stores})
    try:
        assert is_open(site)
        site.teller.close()
        for _ in range(3):
            assert is_shut(site) < 0.4 * process.SLACK
        site.open()
        assert is_open(site)
    finally:
        site.close()


def test_a_program_that_accepts_nothing_is_given_up_on(place, stores):
    site = teller.ToldSite(place("w"), {**stores})
    crowd = []
    try:
        site.teller.close()
        site.teller = teller.Teller(site.socket_path, backlog=0, accepts=False)
        for _ in range(3):
            sock = socket.socket(socket.AF_UNIX)
            sock.setblocking(False)
            try:
                sock.connect(site.socket_path)
            except BlockingIOError:
                pass
            crowd.append(sock)
        assert is_shut(site) < 0.4 * process.SLACK
    finally:
        for sock in crowd:
            sock.close()
        site.close()


# connections that are kept

def test_one_that_the_program_closed_is_opened_anew(site, server):
    """A restart of sessgate does that: nobody is turned away."""
    for _ in range(5):
        assert is_open(site)
        server.hang_up()
    assert len(server.questions) == 5


class OneProcess(teller.ToldSite):
    """One process, so that a kept connection is known to be the next one."""

    extra = "ServerLimit 1\nThreadsPerChild 8\nMaxRequestWorkers 8"

    def write(self, name, text):
        return super().write(name, text.replace(
            "StartServers 2", "StartServers 1"))


@pytest.fixture(scope="module")
def lone(place, stores):
    made = OneProcess(place("w"), {**stores})
    yield made
    made.close()


def test_a_connection_serves_many_questions(lone):
    for _ in range(10):
        assert is_open(lone)
    assert [q.line for q in lone.teller.questions] == [1] * 10
    assert all(question.keeps for question in lone.teller.questions)


def test_a_kept_connection_that_dies_is_tried_once_more(lone):
    server = lone.teller
    assert is_open(lone)
    server.questions.clear()
    server.say = lambda _: None if len(server.questions) == 1 else user()
    assert is_open(lone)
    first, second = server.questions
    assert second.line == first.line + 1


def test_it_is_tried_once_and_no_more(lone):
    server = lone.teller
    server.say = user()
    assert is_open(lone)
    server.questions.clear()
    server.say = None
    is_shut(lone)
    assert len(server.questions) == 2
    server.questions.clear()  # a new connection: no second attempt
    is_shut(lone)
    assert len(server.questions) == 1


def test_half_an_answer_is_not_asked_for_again(lone):
    server = lone.teller
    server.say = user()
    assert is_open(lone)
    server.questions.clear()

    def half(question):
        question.sock.sendall(user()[:30])

    server.say = half
    is_shut(lone)
    assert len(server.questions) == 1


def test_bytes_that_come_unasked_are_nobodys_answer(lone):
    """A second answer on the line would be the next request's user."""
    server = lone.teller
    server.say = user()
    assert is_open(lone)
    server.questions.clear()
    server.open[-1].sendall(user("root"))  # the kept one is the last
    time.sleep(0.1)
    server.say = answer("Status: 401 Unauthorized", "no")
    came, _ = get(lone)
    assert (came.status, came.text) == (401, "no")
    assert len(server.questions) == 1


def test_a_frozen_program_is_not_asked_twice(lone):
    server = lone.teller
    server.say = user()
    assert is_open(lone)
    server.questions.clear()
    server.say = HANG
    is_shut(lone)
    assert len(server.questions) == 1


def test_many_at_once_get_their_own_answers(site, server):
    """Each client receives the name that it asked for."""
    server.say = lambda question: user(question.params["HTTP_USER_AGENT"])
    wrong = []

    def ask(number):
        visitor = sites.Visitor(site.port, keep=True)
        for turn in range(20):
            name = f"user-{number}-{turn}"
            seen = visitor.see(headers=[("User-Agent", name)])
            if seen["server"]["REMOTE_USER"] != name:
                wrong.append(name)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# what is asked, and what of the answer is passed on

def test_every_parameter_that_the_program_reads_is_sent(site, server):
    with open(os.path.join(stack.TOP, "src/fcgi/params.c"),
              encoding="utf-8") as file:
        names = set(re.findall(r'ROW(?:_OF)?\(\'.\', "(\w+)"', file.read()))
    names.remove("CONTENT_LENGTH")  # a question has no body
    assert len(names) > 15
    headers = [(name[5:].replace("_", "-"), "x") for name in names
               if name.startswith("HTTP_") and name != "HTTP_HOST"]
    get(site, FILE + "?a=1", headers=headers + [
        ("Authorization", "Basic YTpi"), ("X-Other", "x")])
    (question,) = server.questions
    assert question.role == fcgi.AUTHORIZER
    assert question.params["REQUEST_URI"] == FILE + "?a=1"
    assert question.params["SESSGATE_ROLE"] == "gate"
    assert question.params["REMOTE_ADDR"] == "127.0.0.1"
    # those of the API, and of sites
    assert names - set(question.params) == {
        "QUERY_STRING", "CONTENT_TYPE", "SCRIPT_NAME", "PATH_INFO",
        "SESSGATE_SITE"}
    assert set(question.params) <= names


def test_long_headers_reach_the_program(site, server):
    """Above the 65,535 bytes of a record."""
    names = ["Cookie", "Referer", "Accept", "Accept-Language", "User-Agent",
             "Origin", "X-Forwarded-For", "X-Requested-With",
             "Content-Encoding", "Sec-Fetch-Mode"]
    get(site, headers=[(name, name + "x" * 8000) for name in names])
    (question,) = server.questions
    for name in names:
        assert question.params["HTTP_" + name.upper().replace("-", "_")] == (
            name + "x" * 8000)


def test_a_refusal_is_the_programs_own_to_the_last_byte(site, server):
    body = "<p>Größe</p>" * 1000
    server.say = answer(
        "Status: 403 Forbidden\nContent-Type: text/html; charset=utf-8\n"
        "Set-Cookie: a=1; Path=/\nSet-Cookie: b=2; HttpOnly\n"
        "Cache-Control: no-store\nVary: Cookie\nX-Sessgate-Code: forbidden\n"
        "Connection: keep-alive\nTransfer-Encoding: chunked\n"
        "Content-Length: 5\nVariable-REMOTE_USER: root", body)
    came, _ = get(site)
    assert (came.status, came.text) == (403, body)
    assert came.headers["Content-Type"] == "text/html; charset=utf-8"
    assert came.headers.get_all("Set-Cookie") == [
        "a=1; Path=/", "b=2; HttpOnly"]
    assert came.headers.get_all("Cache-Control") == ["no-store"]
    assert came.headers["Vary"] == "Cookie"
    assert came.code == "forbidden"
    assert not [n for n in came.headers if n.lower().startswith("variable")]
    assert "root" not in str(came.headers)


@pytest.mark.parametrize("status", [400, 401, 403, 413, 500, 503])
def test_the_body_of_a_refused_request_is_no_request(site, server, status):
    server.say = answer(f"Status: {status} No", "no")
    body = b"GET /page.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(
            ("127.0.0.1", site.port), timeout=10 * process.SLACK) as sock:
        sock.sendall(
            f"POST {FILE} HTTP/1.1\r\nHost: x\r\nContent-Length: "
            f"{len(body)}\r\n\r\n".encode() + body)
        sock.shutdown(socket.SHUT_WR)
        came = sock.makefile("rb").read()
    assert came.startswith(f"HTTP/1.1 {status} ".encode())
    assert came.count(b"HTTP/1.1") == 1 and PAGE.encode() not in came


def test_only_the_names_of_identities_become_variables(site, server):
    server.say = answer(HEAD.replace("root", "alice") + "".join(
        f"\nVariable-{name}: x" for name in (
            "LD_PRELOAD", "PATH", "DOCUMENT_ROOT", "SESSGATE_NEW",
            "REMOTE_USERS", "SESSGATE")))
    seen = sites.Visitor(site.port).see()["server"]
    assert (seen["REMOTE_USER"], seen["SESSGATE_NEW"]) == ("alice", "x")
    for name in ("LD_PRELOAD", "REMOTE_USERS", "SESSGATE"):
        assert name not in seen
    assert "x" not in (seen.get("PATH"), seen["DOCUMENT_ROOT"])
