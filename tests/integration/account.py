"""The account page and its forms, for their tests.

They are read from the page and sent as a browser would: relative to the address
of the page, with the hidden fields that stand in them.
"""

import html
import json
import re
import time
import urllib.parse

import pytest

import people
import taps
from test_endings import LIST, name_of
from test_password_change import NEW, UPDATE

PAGE = "/account"
FORM = "application/x-www-form-urlencoded"
OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
HERE = "/sessgate/account"
LOGIN = "/sessgate/login?next=%2Fsessgate%2Faccount"


@pytest.fixture
def settings(changer):
    return {**taps.PATIENT, "mysql.url": changer.url(),
            "mysql.password_update": UPDATE}


@pytest.fixture
def gate(module_gate, settings, redis):
    return module_gate(settings)


def attributes(tag):
    return {name: html.unescape(value or value2 or "") for name, value, value2
            in re.findall(r'([a-z]+)(?:="([^"]*)"|=([^ >"]+))?(?=[ >])', tag)}


class Form:
    """A form of a page, with the button of these words."""

    def __init__(self, answer, words, at=HERE, row=None):
        for text in re.findall(r"<form .*?</form>", answer.text, re.S):
            buttons = re.findall(
                r"(<li>[^<]*.*?)?(<button[^>]*>)([^<]*)</button>", text, re.S)
            found = [tag for item, tag, name in buttons
                     if name == words and (row is None or row in item)]
            if found:
                break
        else:
            raise AssertionError(f"no button {words!r}: {answer.text}")
        form = attributes(re.match(r"<form [^>]*>", text)[0])
        target = attributes(found[0]).get("formaction") or form["action"]
        self.target = urllib.parse.urljoin(at, target)
        inputs = map(attributes, re.findall(r"<input [^>]*>", text))
        self.fields = {field["name"]: field.get("value", "")
                       for field in inputs}
        button = attributes(found[0])
        if "name" in button:
            self.fields[button["name"]] = button["value"]

    def send(self, gate, cookie, headers=None, timeout=5.0, **fields):
        """Sends it with what was typed into its fields."""
        assert set(fields) <= set(self.fields), self.fields
        path, _, query = self.target.partition("?")
        assert path.startswith("/sessgate/")
        return gate.ask(
            "POST", path[len("/sessgate"):], cookie=cookie, content_type=FORM,
            body=urllib.parse.urlencode({**self.fields, **fields}).encode(),
            QUERY_STRING=query, REQUEST_URI=self.target, timeout=timeout,
            **(OWN if headers is None else headers))


def press(gate, cookie, words, row=None, **fields):
    return Form(gate.get(PAGE, cookie), words, row=row).send(
        gate, cookie, **fields)


def leads_to(answer, target):
    assert (answer.status, answer.header("Location")) == (303, target), answer
    assert answer.header("Cache-Control") == "no-store"


def shows(gate, answer, cookie, words):
    """A redirect to the page, which says this."""
    location = answer.header("Location")
    assert answer.status == 303 and location.startswith(HERE), answer
    page = gate.get(PAGE, cookie, QUERY_STRING=location.partition("?")[2])
    assert page.status == 200 and words in page.text, page.text


def refuses(answer, status, code, words):
    """On the page, with this; the page is whole."""
    assert (answer.status, answer.code) == (status, code), answer
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert answer.header("Cache-Control") == "no-store"
    assert words in answer.text, answer.text
    assert "<h1>Your account</h1>" in answer.text
    assert answer.text.count('role="alert"') == 1
    assert "Nothing was changed &ndash; Your account" in answer.text
    assert not answer.all("Set-Cookie")
    return answer


def plant(redis, cookie, count, addr="203.0.113.77", agent=FIREFOX):
    """Further sessions of the user of this cookie."""
    record = json.loads(redis.client.get("sess:" + name_of(cookie)))
    record.update(addr=addr, agent=agent)
    text, now = json.dumps(record), int(time.time() * 1000)
    with redis.client.pipeline() as pipe:
        for i in range(count):
            pipe.set(f"sess:{i:043}", text, ex=1000)
            pipe.zadd(LIST, {f"{i:043}": now - i * 600_000})
        pipe.execute()


def without(text, *sections):
    """A template without these sections, as one that is older than they."""
    for name in sections:
        text = re.sub(r"\{\{#%s\}\}.*?\{\{/%s\}\}" % (name, name), "", text,
                      flags=re.S)
    return text


def fill(current=people.PASSWORD, new=NEW, again=None):
    """The fields of the form that changes the password."""
    return {"current": current, "new": new,
            "again": new if again is None else again}
