"""Asserts that hold for every JSON answer of the API."""

import gate as gates

NO_STORE = {"Cache-Control": "no-store", "Vary": "Cookie",
            "X-Content-Type-Options": "nosniff"}
JSON = "application/json; charset=utf-8"


def is_like(answer, status, text, code=None):
    """Status, body and code are these; a JSON body is said to be one."""
    assert (answer.status, answer.text, answer.code) == (status, text, code)
    assert answer.header("Content-Type") == JSON
    length = answer.header("Content-Length")
    assert length is None or int(length) == len(answer.body)
    return answer


def says(message):
    return gates.compact({"message": message})


def says_no(answer, status, message, code):
    is_like(answer, status, says(message), code)
    assert not answer.all("Set-Cookie")
    return answer


def depends_on_the_cookie(answer):
    for name, value in NO_STORE.items():
        assert answer.header(name) == value, name
