"""Recovery codes: each lets its user in once, without the device."""

import json
import os
import re

import pytest

import gate as gates
import otp
import people
import process
import taps
from account import Form, leads_to, shows, without
from otp import SECRET, code, cookie_of, hashed, log_in, step_now
from test_account_otp import HERE, PAGE, open_form
from test_docs import manual, read
from test_otp import FORM, refused, sessions

NEW = "Make new recovery codes"
PROOF = {"current": people.PASSWORD}


@pytest.fixture
def settings(changer, factors):
    return {**otp.RECOVERY, "mysql.url": changer.url()}


@pytest.fixture
def gate(module_gate, settings, redis):
    return module_gate(settings)


@pytest.fixture
def alice(alice, factors):
    return factors.give(alice)


@pytest.fixture
def codes(alice, factors):
    return factors.give_codes(alice)


def shown(answer):
    """The codes that a page shows."""
    assert answer.status == 200, answer
    assert answer.header("Cache-Control") == "no-store"
    assert "<h1>Your recovery codes</h1>" in answer.text
    found = re.search("<pre>(.*?)</pre>", answer.text, re.S)[1].split("\n")
    assert len(set(found)) == 10
    for one in found:
        assert re.fullmatch(f"([{otp.LETTERS}]{{4}}-){{5}}"
                            f"[{otp.LETTERS}]{{4}}", one), one
    return found


# ---- at the login

def test_each_logs_in_once(gate, redis, factors, alice, codes):
    answer = log_in(gate, alice, codes[3])
    assert answer.status == 200, answer
    (name,) = redis.client.keys("sess:*")
    assert json.loads(redis.client.get(name))["otp"] == 1
    assert factors.codes_of(alice) == [
        hashed(one) for one in codes if one != codes[3]]
    assert "id=42" in gate.last_event("recovery code used")
    assert "left=9" in gate.last_event("recovery code used")
    assert refused(log_in(gate, alice, codes[3]))
    for one in codes:
        assert log_in(gate, alice, one).status == 200 or one == codes[3]
    assert factors.codes_of(alice) == []
    for one in codes:
        assert refused(log_in(gate, alice, one))
    assert log_in(gate, alice, code(step_now())).status == 200
    assert sessions(redis) == 11


def test_the_log_has_no_code(gate, alice, codes):
    log_in(gate, alice, codes[0])
    log_in(gate, alice, codes[0])
    log_in(gate, alice, codes[1], password="no")
    text = gate.log_text()
    for one in codes:
        assert one not in text and one.replace("-", "") not in text
        assert hashed(one) not in text


@pytest.mark.parametrize("typed", [
    str.upper, lambda s: s.replace("-", ""), lambda s: s.replace("-", " "),
    lambda s: f" {s} ", lambda s: s.replace("0", "O").replace("1", "l"),
    lambda s: s.replace("-", "\u2013")])
def test_it_may_be_typed_in_many_ways(gate, factors, alice, typed):
    codes = factors.give_codes(alice, ["0a1b-2c3d-4e5f-6g7h-8j9k-10mn"])
    assert log_in(gate, alice, typed(codes[0])).status == 200


@pytest.mark.parametrize("given", [
    "", "-", "0" * 24, "abcd-efgh", "0a1b-2c3d-4e5f-6g7h-8j9k-10m",
    "0a1b-2c3d-4e5f-6g7h-8j9k-10mnp", "0a1b-2c3d-4e5f-6g7h-8j9k-10mu"])
def test_another_one_is_wrong(gate, factors, alice, given):
    factors.give_codes(alice, ["0a1b-2c3d-4e5f-6g7h-8j9k-10mn"])
    assert refused(log_in(gate, alice, given))
    assert len(factors.codes_of(alice)) == 1


def test_the_hash_is_no_code(gate, alice, codes):
    assert refused(log_in(gate, alice, hashed(codes[0])))


def test_those_of_another_user_are_wrong(gate, users, factors, alice, codes):
    other = factors.give(users.add())
    theirs = factors.give_codes(other)
    assert refused(log_in(gate, alice, theirs[0]))
    assert refused(log_in(gate, other, codes[0]))
    assert len(factors.codes_of(alice)) == len(factors.codes_of(other)) == 10


def test_a_wrong_password_does_not_use_one_up(gate, factors, alice, codes):
    assert refused(log_in(gate, alice, codes[0], password="no"))
    assert len(factors.codes_of(alice)) == 10
    assert log_in(gate, alice, codes[0]).status == 200


def test_without_a_secret_they_are_not_asked_for(
        gate, factors, users):
    user = factors.give(users.add(), None)
    codes = factors.give_codes(user)
    assert log_in(gate, user).status == 200
    assert log_in(gate, user, codes[0]).status == 200
    assert len(factors.codes_of(user)) == 10


@pytest.mark.parametrize("text", ["", " ", "x", "x " * 240, "\u00e4"])
def test_a_list_of_rubbish_lets_nobody_in(gate, factors, alice, text):
    factors.write_codes(alice, text)
    assert refused(log_in(gate, alice, "0" * 24))
    assert log_in(gate, alice, code(step_now())).status == 200


def test_they_are_counted_as_passwords_are(start_gate, settings, redis, alice,
                                           codes):
    strict = start_gate({**settings, "login.limit_pair": "3/900"})
    for n in range(3):
        assert refused(log_in(strict, alice, f"{n}" * 24))
    assert log_in(strict, alice, codes[0]).status == 429


def test_a_form_has_a_field_for_them(gate, alice, codes):
    page = gate.get("/login", HTTP_ACCEPT="text/html").text
    field = re.search(r'<input id="recovery"[^>]*>', page)[0]
    assert "required" not in field and "inputmode" not in field
    assert 'inputmode="numeric"' in re.search(
        r'<input id="code"[^>]*>', page)[0]

    def send(fields):
        return gate.post(
            "/login", f"email=alice%40example.org&password=correct+horse&"
            f"{fields}", content_type=FORM, HTTP_SEC_FETCH_SITE="same-origin")

    answer = send("code=&recovery=" + codes[0][::-1])
    assert (answer.status, answer.code) == (401, "login_failed")
    assert codes[0][::-1] not in answer.text
    assert send("code=&recovery=" + codes[0]).status == 303
    # a browser may have filled in the other one
    assert send("code=000000&recovery=" + codes[2]).status == 303
    assert send("code=" + codes[1]).status == 303


# ---- at the same moment

def test_parallel_logins_with_one_code_open_one_session(
        gate, start_gate, settings, redis, factors, alice, codes):
    gates_here = [gate, start_gate(settings), start_gate(settings)]
    patient = {"timeout": 30 * process.SLACK}

    def once(number):
        return gates_here[number % 3].post(
            "/login", {**alice.login, "code": codes[0]}, **patient).status

    statuses = taps.together(60, once)
    assert statuses.count(200) == 1, statuses
    assert set(statuses) <= {200, 401, 503}, statuses
    assert sessions(redis) == 1
    assert len(factors.codes_of(alice)) == 9


def test_parallel_logins_with_different_codes_all_work(
        gate, start_gate, settings, redis, factors, alice, codes):
    """Each write but one finds another list, reads it and goes on."""
    gates_here = [gate, start_gate({**settings, **taps.PATIENT})]
    patient = {"timeout": 30 * process.SLACK}

    def once(number):
        return gates_here[number % 2].post(
            "/login", {**alice.login, "code": codes[number]}, **patient).status

    statuses = taps.together(10, once)
    assert set(statuses) <= {200, 503}, statuses
    assert statuses.count(200) == sessions(redis) >= 5
    assert len(factors.codes_of(alice)) <= 10 - statuses.count(200)


@pytest.mark.alone
def test_a_wrong_one_takes_as_long_as_a_wrong_password(gate, alice, codes):
    wrong = codes[0][::-1]
    kinds = {"password": lambda: log_in(gate, alice, codes[0], password="no"),
             "code": lambda: log_in(gate, alice, "000000"),
             "recovery": lambda: log_in(gate, alice, wrong)}
    otp.take_as_long(kinds, refused)


# ---- the page

def test_they_are_shown_once_when_the_factor_is_set(gate, factors, alice):
    factors.give(alice, None)
    cookie = cookie_of(log_in(gate, alice))
    form = open_form(gate, cookie, "Set up")
    assert "ecovery" not in gate.get(PAGE, cookie).text.split("</style>")[-1]
    secret = form.fields["secret"]
    answer = form.send(gate, cookie, code=code(step_now(), secret), **PROOF)
    codes = shown(answer)
    assert "you log in with your password and a code" in answer.text
    assert 'href="/sessgate/account"' in answer.text
    assert factors.of(alice) == secret
    page = gate.get(PAGE, cookie).text
    assert "Recovery codes left: <strong>10</strong>" in page
    assert not any(one in page for one in codes)
    for one in codes:
        assert log_in(gate, alice, one).status == 200
    assert "Recovery codes left: <strong>0</strong>" in gate.get(
        PAGE, cookie).text


def test_the_table_has_hashes_alone(gate, factors, alice):
    factors.give(alice, None)
    cookie = cookie_of(log_in(gate, alice))
    form = open_form(gate, cookie, "Set up")
    codes = shown(form.send(gate, cookie, code=code(
        step_now(), form.fields["secret"]), **PROOF))
    assert factors.codes_of(alice) == list(map(hashed, codes))
    assert len(factors.of(alice, "totp_codes")) == 439


def test_new_ones_replace_the_others(gate, factors, alice, codes):
    step = step_now()
    cookie = cookie_of(log_in(gate, alice, code(step)))
    form = open_form(gate, cookie, NEW)
    for password, given in (("wrong", code(step + 1)),
                            (people.PASSWORD, "000000"),
                            (people.PASSWORD, code(step))):  # used already
        answer = form.send(gate, cookie, current=password, code=given)
        assert (answer.status, answer.code) == (403, "password_wrong")
        assert "The password or the code is wrong" in answer.text
        assert answer.text.count('role="alert"') == 1
        assert NEW in answer.text and "Remove" in answer.text
    assert factors.codes_of(alice) == list(map(hashed, codes))
    made = shown(form.send(gate, cookie, code=code(step + 1), **PROOF))
    assert factors.of(alice) == SECRET
    assert "id=42" in gate.last_event("recovery codes made")
    assert refused(log_in(gate, alice, codes[0]))
    assert log_in(gate, alice, made[0]).status == 200
    # sent twice, as by a double click
    answer = form.send(gate, cookie, code=code(step + 1), **PROOF)
    assert (answer.status, answer.code) == (403, "password_wrong")


def test_one_of_them_proves_who_asks_for_new_ones(gate, alice, codes):
    cookie = cookie_of(log_in(gate, alice, codes[0]))
    form = open_form(gate, cookie, NEW)
    answer = form.send(gate, cookie, code=codes[0], **PROOF)
    assert (answer.status, answer.code) == (403, "password_wrong")
    made = shown(form.send(gate, cookie, code=codes[1], **PROOF))
    assert "left=8" in gate.last_event("recovery code used")
    assert refused(log_in(gate, alice, codes[2]))
    assert log_in(gate, alice, made[9]).status == 200


def test_somebody_who_lost_the_phone_sets_up_another_one(
        gate, factors, alice, codes):
    cookie = cookie_of(log_in(gate, alice, codes[0]))
    answer = open_form(gate, cookie, "Remove").send(
        gate, cookie, code=codes[1], **PROOF)
    shows(gate, answer, cookie, "The second factor is removed")
    assert factors.of(alice) is None
    assert factors.of(alice, "totp_codes") is None
    form = open_form(gate, cookie, "Set up")
    secret = form.fields["secret"]
    # a code of the former factor is no first code
    answer = form.send(gate, cookie, code=codes[2], **PROOF)
    assert (answer.status, answer.code) == (403, "password_wrong")
    shown(form.send(gate, cookie, code=code(step_now(), secret), **PROOF))
    assert factors.of(alice) == secret
    assert refused(log_in(gate, alice, codes[3]))


def test_stale_pages_make_no_new_ones(gate, users, factors, alice, codes):
    step = step_now()
    cookie = cookie_of(log_in(gate, alice, code(step)))
    form = open_form(gate, cookie, NEW)
    bob = factors.give(users.add(), None)
    answer = form.send(gate, cookie_of(log_in(gate, bob)),
                       code=code(step + 1), **PROOF)
    assert (answer.status, answer.code) == (403, "forbidden")
    factors.give(alice, None)  # removed meanwhile
    answer = form.send(gate, cookie, code=code(step + 1), **PROOF)
    leads_to(answer, HERE)
    factors.give(alice)
    gate.post("/logout", cookie=cookie)
    answer = form.send(gate, cookie, code=code(step + 1), **PROOF)
    assert answer.status == 403 and "Your session has ended" in answer.text
    for headers in ({"HTTP_SEC_FETCH_SITE": "cross-site"},
                    {"HTTP_ORIGIN": "null"}, {}):
        answer = form.send(gate, cookie, headers, code=code(step + 1), **PROOF)
        assert (answer.status, answer.code) == (403, "cross_site")
    assert factors.codes_of(alice) == []


def test_a_factor_from_before_gets_its_first_codes(gate, factors, alice):
    step = step_now()
    assert factors.of(alice, "totp_codes") is None
    cookie = cookie_of(log_in(gate, alice, code(step)))
    page = gate.get(PAGE, cookie).text
    assert "Recovery codes left: <strong>0</strong>" in page
    shown(open_form(gate, cookie, NEW).send(
        gate, cookie, code=code(step + 1), **PROOF))
    assert len(factors.codes_of(alice)) == 10


# ---- the table and the configuration

def test_without_the_right_to_write_nobody_uses_one(
        start_gate, settings, stores, redis, factors, alice, codes):
    gate = start_gate({**settings, "mysql.url": stores["mysql.url"]})
    answer = log_in(gate, alice, codes[0])
    assert (answer.status, answer.code) == (503, "mysql_unavailable")
    assert "no privilege" in gate.last_event("recovery codes not written")
    assert sessions(redis) == 0 and len(factors.codes_of(alice)) == 10
    assert log_in(gate, alice, code(step_now())).status == 200


@pytest.mark.parametrize("wrong", ["totp_codes = :old", "totp = :old"])
def test_a_statement_that_does_not_find_the_list_is_told(
        start_gate, settings, redis, factors, alice, wrong):
    """With NULL, or with another column: no loop, and no second use."""
    gate = start_gate({**settings, "mysql.totp_codes_update":
                       "UPDATE factors SET totp_codes = :codes "
                       "WHERE user_id = :id AND " + wrong})
    step = step_now()
    cookie = cookie_of(log_in(gate, alice, code(step)))
    answer = open_form(gate, cookie, NEW).send(
        gate, cookie, code=code(step + 1), **PROOF)
    assert (answer.status, answer.code) == (500, "internal")
    assert "does not find the list" in gate.events(
        "recovery codes not written")[-1]


def test_without_the_statement_nothing_changes(
        start_gate, settings, redis, factors, alice, codes):
    """The bytes of each page are those of a table without the column."""
    cut = {"mysql.totp_codes_update": "", "mysql.totp_update": otp.UPDATE}
    with_column = start_gate({**settings, **cut})
    without = start_gate({**settings, **cut, **otp.SETTINGS})

    def pages(gate):
        step = step_now()
        redis.client.flushall()
        answer = log_in(gate, alice, code(step))
        cookie = cookie_of(answer)
        yield gate.get("/login")
        yield gate.get("/account", cookie)
        yield gate.get(PAGE, cookie)
        yield log_in(gate, alice, codes[0])
        yield gate.post("/login", "email=alice%40example.org&recovery="
                        f"{codes[0]}&password=correct+horse",
                        content_type=FORM, HTTP_SEC_FETCH_SITE="same-origin")
        body = f"user=42&codes=new&current=correct+horse&code={codes[0]}"
        yield gate.post(PAGE, body, cookie, content_type=FORM,
                        HTTP_SEC_FETCH_SITE="same-origin")
        yield Form(gate.get(PAGE, cookie), "Remove", at=HERE).send(
            gate, cookie, code=code(step + 1), **PROOF)
        factors.give(alice)
        factors.give_codes(alice, codes)

    def plain(text):
        return re.sub(r"sessions/[\w-]{16}/end", "sessions/ID/end", text)

    both = [[(page.status, plain(page.text), sorted(page.headers))
             for page in pages(gate)] for gate in (with_column, without)]
    assert both[0] == both[1]
    assert [status for status, _, _ in both[0]] == [
        200, 200, 200, 401, 401, 400, 303]
    assert not any("ecovery" in text for _, text, _ in both[0])


def checked(place, text, **settings):
    path = os.path.join(place("c"), "sessgate.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = gates.run("--check-config", "--config", path, settings=settings)
    return done.returncode, done.stderr.replace(path, "FILE")


@pytest.mark.parametrize("key,said,words", [
    ("user_by_login", otp.BY_LOGIN,
     "needs a column totp_codes in [mysql] user_by_login"),
    ("totp_update", otp.UPDATE, "needs [mysql] totp_update with :codes"),
    ("totp_codes_update", "UPDATE factors SET totp_codes = :codes "
     "WHERE user_id = :id", "parameter :old is missing"),
    ("totp_codes_update", "UPDATE nothing SET totp_codes = :codes "
     "WHERE user_id = :id AND totp_codes = :old", "")])
def test_what_the_configuration_lacks_is_named_with_its_line(
        place, stores, changer, factors, key, said, words):
    statements = {**otp.RECOVERY, "mysql." + key: said}
    text = "[mysql]\n" + "".join(
        f"{name.partition('.')[2]} = {statements[name]}\n"
        for name in otp.RECOVERY)
    status, err = checked(place, text, **{
        **stores, "mysql.url": changer.url()})
    assert status == 78
    assert f"FILE:4: [mysql] totp_codes_update: {words}" in err, err


def test_the_tool_prints_them_and_the_rights(
        ctl, settings, redis, factors, alice, mysql):
    said = ctl.with_settings(settings)("grants")
    assert re.search(r"SELECT \([^)]*totp_codes[^)]*\), "
                     r"UPDATE \([^)]*totp_codes[^)]*\) ON `sg`.`factors`",
                     said.out), said
    with mysql.admin() as sql:
        sql.execute("UPDATE factors SET totp_codes = NULL")
        sql.execute("ALTER TABLE factors MODIFY totp_codes VARCHAR(300)")
    try:
        said = ctl.with_settings(settings)("doctor", "--quick")
        assert "the column totp_codes takes 300 characters" in said.out, said
        assert "make it VARCHAR(500)" in said.out
    finally:
        with mysql.admin() as sql:
            sql.execute("ALTER TABLE factors MODIFY totp_codes VARCHAR(500)")
    assert "totp_codes" not in ctl.with_settings(settings)(
        "doctor", "--quick").out


def test_the_example_of_the_manual_is_a_configuration(
        place, mysql_server, redis_server, changer):
    said = manual("recovery-codes")
    with mysql_server.admin() as sql:
        sql.execute("ALTER TABLE users ADD totp VARCHAR(64), "
                    "ADD totp_codes VARCHAR(500)")
    try:
        status, err = checked(place, f"{said}[redis]\nurl = "
                              f"{redis_server.url}\n", **{
                                  "mysql.url": changer.url()})
        assert status == 0, err
    finally:
        with mysql_server.admin() as sql:
            sql.execute("ALTER TABLE users DROP totp, DROP totp_codes")


def test_an_older_template_gets_the_built_in_page(
        start_gate, settings, template, redis, factors, alice):
    gate = start_gate({**settings, "login.page": template(
        without(read("etc/login.html"), "recovery_new", "recovery"))})
    assert "no {{#recovery_new}}: the factor page is the built-in one" in \
        gate.log_text()
    assert "no {{#recovery}}: the login page has no field for recovery codes" \
        in gate.log_text()
    assert 'name="recovery"' not in gate.get("/login").text
    step = step_now()
    cookie = cookie_of(log_in(gate, alice, code(step)))
    shown(open_form(gate, cookie, NEW).send(
        gate, cookie, code=code(step + 1), **PROOF))
