"""One's own second factor: set up and removed on a page."""

import html
import re
import subprocess

import pytest

import otp
import people
import process
from account import Form, leads_to, shows, without
from otp import SECRET, code, cookie_of, log_in, step_now
from test_docs import read

PAGE = "/account/totp"
HERE = "/sessgate/account/totp"


@pytest.fixture
def settings(changer, factors):
    return {**otp.SETTINGS, "mysql.url": changer.url(),
            "mysql.totp_update": otp.UPDATE, "login.title": "Our site",
            "login.limit_pair": "5/900"}


@pytest.fixture
def gate(module_gate, settings, redis):
    return module_gate(settings)


@pytest.fixture
def alice(alice, factors):
    return factors.give(alice, None)


def open_form(gate, cookie, words="Set up"):
    page = gate.get(PAGE, cookie)
    assert page.status == 200, page
    return Form(page, words, at=HERE)


def refuses(answer, status, refusal, words):
    assert (answer.status, answer.code) == (status, refusal), answer
    assert "<h1>Second factor</h1>" in answer.text and words in answer.text
    assert answer.text.count('role="alert"') == 1
    assert answer.header("Cache-Control") == "no-store"


def test_it_is_set_up_with_a_first_code(gate, factors, alice):
    cookie = cookie_of(log_in(gate, alice))
    assert f'href="{HERE}"' in gate.get("/account", cookie).text
    page = gate.get(PAGE, cookie)
    form = Form(page, "Set up", at=HERE)
    secret = form.fields["secret"]
    shown = re.search(r"<strong>([A-Z2-7 ]{39})</strong>", page.text)[1]
    assert shown.replace(" ", "") == secret
    assert (f'href="otpauth://totp/Our%20site:alice%40example.org'
            f'?secret={secret}&amp;issuer=Our%20site"') in page.text
    assert factors.of(alice) is None
    given = code(step_now(), secret)
    answer = form.send(gate, cookie, current=people.PASSWORD, code=given)
    shows(gate, answer, cookie, "you log in with your password and a code")
    assert factors.of(alice) == secret
    assert log_in(gate, alice).status == 401
    assert log_in(gate, alice, given).status == 401  # used by now
    assert log_in(gate, alice, code(step_now() + 1, secret)).status == 200
    assert secret not in gate.get(PAGE, cookie).text
    assert secret not in gate.log_text()
    assert "id=42" in gate.last_event("totp set")


def test_the_url_is_a_qr_code_too(gate, alice):
    """With libqrencode: its modules are those of the tool of that name."""
    page = gate.get(PAGE, cookie_of(log_in(gate, alice))).text
    drawn = re.search(r'<svg class="qr" viewBox="0 0 (\d+) \1".*?<path '
                      r'fill="#000" d="([^"]*)"/></svg>', page)
    if drawn is None:
        process.lacking("libqrencode-dev")
    size = int(drawn[1])
    dark = {(int(x) + i, int(y))
            for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn[2])
            for i in range(int(width))}
    url = html.unescape(re.search(r'href="(otpauth://[^"]*)"', page)[1])
    said = subprocess.run(
        [process.tool("qrencode"), "-8", "-l", "M", "-m", "4", "-t", "ASCII"],
        input=url, capture_output=True, text=True, check=True).stdout
    rows = said.splitlines()
    assert len(rows) == size
    assert dark == {(x, y) for y, row in enumerate(rows)
                    for x in range(size) if row[2 * x] == "#"}


def test_each_page_has_another_secret(gate, alice):
    cookie = cookie_of(log_in(gate, alice))
    assert len({open_form(gate, cookie).fields["secret"]
                for _ in range(5)}) == 5


@pytest.mark.parametrize("password,given", [
    ("wrong", None), (people.PASSWORD, "000000"), (people.PASSWORD, "x")])
def test_a_wrong_one_changes_nothing_and_keeps_the_secret(
        gate, factors, alice, password, given):
    cookie = cookie_of(log_in(gate, alice))
    form = open_form(gate, cookie)
    secret = form.fields["secret"]
    answer = form.send(gate, cookie, current=password,
                       code=given or code(step_now(), secret))
    refuses(answer, 403, "password_wrong", "The password or the code is wrong")
    again = Form(answer, "Set up", at=HERE)
    assert again.fields["secret"] == secret
    assert factors.of(alice) is None
    answer = again.send(gate, cookie, current=people.PASSWORD,
                        code=code(step_now(), secret))
    assert answer.status == 303 and factors.of(alice) == secret


@pytest.mark.parametrize("secret", [
    "", "A" * 16, "no base32 here, at all, nowhere!", SECRET + "A",
    "gezdgnbvgy3tqoj" + "\u00e4", "<script>"])
def test_only_a_secret_of_the_page_is_taken(gate, factors, alice, secret):
    cookie = cookie_of(log_in(gate, alice))
    form = open_form(gate, cookie)
    answer = form.send(gate, cookie, secret=secret, current=people.PASSWORD,
                       code="123456")
    assert (answer.status, answer.code) == (400, "bad_request")
    assert f'href="{HERE}"' in answer.text
    assert factors.of(alice) is None


def test_it_is_removed_with_password_and_code(gate, factors, alice):
    factors.give(alice)
    step = step_now()
    cookie = cookie_of(log_in(gate, alice, code(step)))
    form = open_form(gate, cookie, "Remove")
    assert "secret" not in form.fields
    for password, given in (("wrong", code(step + 1)),
                            (people.PASSWORD, "000000"),
                            (people.PASSWORD, code(step))):  # used at the login
        refuses(form.send(gate, cookie, current=password, code=given),
                403, "password_wrong", "The password or the code is wrong")
    assert factors.of(alice) == SECRET
    answer = form.send(gate, cookie, current=people.PASSWORD,
                       code=code(step + 1))
    shows(gate, answer, cookie, "The second factor is removed")
    assert factors.of(alice) is None
    assert log_in(gate, alice).status == 200
    assert "id=42" in gate.last_event("totp removed")


def test_codes_are_not_guessed_on_the_page(gate, redis, factors, alice):
    factors.give(alice)
    cookie = cookie_of(log_in(gate, alice, code(step_now())))
    form = open_form(gate, cookie, "Remove")
    for number in range(5):
        form.send(gate, cookie, current=people.PASSWORD, code=f"{number:06}")
    answer = form.send(gate, cookie, current=people.PASSWORD,
                       code=code(step_now() + 1))
    refuses(answer, 429, "limited", "Too many attempts")
    assert factors.of(alice) == SECRET


def test_stale_pages_change_nothing(gate, users, factors, alice):
    """Of another tab, of another user, of a session that has ended."""
    cookie = cookie_of(log_in(gate, alice))
    first, second = open_form(gate, cookie), open_form(gate, cookie)
    step = step_now()
    secret = first.fields["secret"]
    proof = {"current": people.PASSWORD}
    assert first.send(gate, cookie, code=code(step, secret), **proof
                      ).status == 303
    answer = second.send(gate, cookie, code=code(
        step, second.fields["secret"]), **proof)
    leads_to(answer, HERE)
    assert factors.of(alice) == secret
    bob = factors.give(users.add(), None)
    other = cookie_of(log_in(gate, bob))
    answer = open_form(gate, cookie, "Remove").send(
        gate, other, code=code(step + 1, secret), **proof)
    refuses(answer, 403, "forbidden", "was made for another account")
    form = open_form(gate, cookie, "Remove")
    gate.post("/logout", cookie=cookie)
    answer = form.send(gate, cookie, code=code(step + 1, secret), **proof)
    assert answer.status == 403 and "Your session has ended" in answer.text
    assert factors.of(alice) == secret


def test_other_sites_and_programs_are_refused(gate, factors, alice):
    cookie = cookie_of(log_in(gate, alice))
    body = f"user=42&secret={SECRET}&current=x&code=1"
    form = {"content_type": "application/x-www-form-urlencoded"}
    for headers in ({"HTTP_SEC_FETCH_SITE": "cross-site"},
                    {"HTTP_SEC_FETCH_SITE": "same-site"},
                    {"HTTP_ORIGIN": "null"}, {}):
        answer = gate.post(PAGE, body, cookie, **form, **headers)
        assert (answer.status, answer.code) == (403, "cross_site"), headers
    answer = gate.post(PAGE, {"current": "x"}, cookie)
    assert (answer.status, answer.code) == (415, "bad_type")
    answer = gate.post(PAGE, body, None, HTTP_SEC_FETCH_SITE="same-origin",
                       **form)
    assert (answer.status, answer.code) == (401, "token_missing")


def test_without_a_session_it_leads_to_the_login(gate):
    leads_to(gate.get(PAGE), "/sessgate/login?next=%2Fsessgate%2Faccount%2Ftotp")


@pytest.mark.parametrize("lacking", [
    {"mysql.totp_update": ""},
    {"mysql.user_by_login": otp.BY_LOGIN.replace(", totp FROM", " FROM")}])
def test_where_it_cannot_be_set_there_is_no_page(
        start_gate, settings, redis, alice, lacking):
    gate = start_gate({**settings, **lacking})
    cookie = cookie_of(log_in(gate, alice))
    assert gate.get(PAGE, cookie).status == 404
    assert "Second factor" not in gate.get("/account", cookie).text


def test_without_the_right_to_write_it_is_503(
        start_gate, settings, stores, redis, factors, alice):
    gate = start_gate({**settings, "mysql.url": stores["mysql.url"]})
    cookie = cookie_of(log_in(gate, alice))
    form = open_form(gate, cookie)
    answer = form.send(gate, cookie, current=people.PASSWORD, code=code(
        step_now(), form.fields["secret"]))
    assert (answer.status, answer.code) == (503, "mysql_unavailable")
    assert "no privilege" in gate.last_event("totp not set")
    assert factors.of(alice) is None


def test_a_wrong_code_is_no_fault_of_the_table(gate, alice):
    cookie = cookie_of(log_in(gate, alice))
    before = len(gate.events("totp not set"))
    for given in ("000000", ""):
        answer = open_form(gate, cookie).send(
            gate, cookie, current=people.PASSWORD, code=given)
        assert (answer.status, answer.code) == (403, "password_wrong")
    assert len(gate.events("totp not set")) == before


def test_an_older_template_gets_the_built_in_page(
        start_gate, settings, template, redis, alice):
    gate = start_gate({**settings, "login.page": template(
        without(read("etc/login.html"), "factor"))})
    assert "no {{#factor}}: the factor page is the built-in one" in \
        gate.log_text()
    assert open_form(gate, cookie_of(log_in(gate, alice)))
