"""PATCH and PUT /user/{id}: one's own row in a real table, and no other."""

import json

import pytest

import gate as gates
import people
import taps
from outages import is_down
from saying import depends_on_the_cookie, is_like, says_no
from taps import meanwhile, status_of

NAME_ONLY = ("UPDATE users SET name = IF(:name_given, :name, name) "
             "WHERE id = :id")


@pytest.fixture
def gate(module_gate, changer, redis):
    return module_gate({"mysql.url": changer.url()})


@pytest.fixture
def cookie(gate, alice):
    return gate.log_in(alice)


def patch(gate, cookie, document, uid="me", method="PATCH", **more):
    return gate.ask(method, f"/user/{uid}", cookie=cookie, document=document,
                    **more)


def row(mysql, uid=42):
    """(name, image, email, password) as the table has them."""
    with mysql.admin() as sql:
        sql.execute("SELECT name, image, email, password FROM users "
                    "WHERE id = %s", (uid,))
        return sql.fetchone()


def is_refused(answer, mysql, before):
    says_no(answer, 400, "Bad request", "bad_request")
    assert row(mysql) == before


# members that change, and members that do not

def test_patch_changes_what_it_names_and_shows_the_row(
        gate, mysql, redis, cookie):
    answer = patch(gate, cookie, {"name": "New"})
    is_like(answer, 200,
            '{"message":"User updated","user":{"id":"42","name":"New",'
            '"email":"alice@example.org","image":"/a.png"}}')
    depends_on_the_cookie(answer)
    assert not answer.all("Set-Cookie")
    assert row(mysql)[:2] == ("New", "/a.png")
    assert gate.get("/user/me", cookie).json()["user"]["name"] == "New"
    assert gate.get("/auth", cookie).json()["user"]["name"] == "New"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("uid", ["me", "42"])
def test_ones_own_row_has_two_names_and_two_methods(
        gate, mysql, cookie, method, uid):
    answer = patch(gate, cookie, {"name": "N", "image": "/n"}, uid, method)
    assert answer.status == 200
    assert row(mysql)[:2] == ("N", "/n")


@pytest.mark.parametrize("document,name,image", [
    ({}, "Alice", "/a.png"), ({"image": None}, "Alice", None),
    ({"image": ""}, "Alice", ""), ({"name": ""}, "", "/a.png"),
    ({"name": "B", "image": None}, "B", None),
    ({"name": "Alice"}, "Alice", "/a.png"),
    ({"image": "/b", "name": "B"}, "B", "/b")])
def test_absent_stays_and_null_clears(
        gate, mysql, cookie, document, name, image):
    answer = patch(gate, cookie, document)
    assert answer.status == 200
    assert row(mysql)[:2] == (name, image)
    shown = {"id": "42", "name": name, "email": "alice@example.org"}
    if image is not None:
        shown["image"] = image
    assert answer.json()["user"] == shown


def test_null_in_a_column_that_must_have_a_value_is_400(gate, mysql, cookie):
    is_refused(patch(gate, cookie, {"name": None}), mysql, row(mysql))


@pytest.mark.parametrize("document", [
    {}, {"name": "N"}, {"image": "/n"}, {"image": None}])
def test_put_names_all(gate, mysql, cookie, document):
    is_refused(patch(gate, cookie, document, method="PUT"), mysql, row(mysql))


def test_put_with_null_clears(gate, mysql, cookie):
    assert patch(gate, cookie, {"name": "N", "image": None},
                 method="PUT").status == 200
    assert row(mysql)[:2] == ("N", None)


@pytest.mark.parametrize("member", [
    "email", "id", "password", "hash", "login", "Name", "name ", "", "roles",
    "__proto__", "na\u0000me", "name\u0000"])
def test_a_member_that_nobody_may_change_is_400(gate, mysql, cookie, member):
    before = row(mysql)
    is_refused(patch(gate, cookie, {"name": "N", member: "x"}), mysql, before)
    is_refused(patch(gate, cookie, {member: None}), mysql, before)


@pytest.mark.parametrize("body", [
    "", " ", "null", "[]", "[1]", '"name"', "1", "true", "{", '{"name":',
    '{"name":"x"', '{"name":"x"}}', '{"name":"x"} x', "{'name':'x'}",
    '{"name":1}', '{"name":true}', '{"name":["x"]}', '{"name":{"x":1}}',
    '{"name":1.5}', '{"name":"x",}', '{"name":"\\ud800"}', '{"name":"\\x"}',
    '{"name":NaN}', "name=x", "<name>x</name>", '{"name":"a\nb"}',
    "[" * 10000, '{"name":' * 5000],
    ids=lambda body: repr(body[:24]))
def test_a_body_that_is_no_change_is_400(gate, mysql, cookie, body):
    before = row(mysql)
    for method in ("PATCH", "PUT"):
        is_refused(patch(gate, cookie, body, method=method), mysql, before)


@pytest.mark.parametrize("raw", [
    b'{"name":"\xff"}', b'{"name":"\xc0\xaf"}', b'{"name":"\xed\xa0\x80"}',
    b'{"name":"\xf4\x90\x80\x80"}', b'{"name":"x\xe2\x82"}'])
def test_bytes_that_are_not_utf8_are_400(gate, mysql, cookie, raw):
    is_refused(patch(gate, cookie, raw), mysql, row(mysql))


@pytest.mark.parametrize("name", [
    "Zoë Łukasz 名前 🙂👩‍👩‍👧‍👦", 'say "hi" \\ / </script>', "a\tb\nc\r\x01\x7f",
    "'; DROP TABLE users; -- ", ":name %s ? {} \\' \"", "0", "  ", "NULL",
    "\u2028\ufeff\u202e", "a\u0000b"])
def test_any_text_comes_back_as_it_was_given(
        gate, mysql, redis, cookie, name):
    answer = patch(gate, cookie, {"name": name, "image": name})
    assert answer.status == 200
    assert answer.json()["user"]["name"] == name
    assert row(mysql)[:2] == (name, name)
    for _ in range(2):  # from the table, then from the cache
        assert gate.get("/user/me", cookie).json()["user"]["image"] == name


# columns have a length

@pytest.mark.parametrize("letter", ["a", "é", "名", "🙂"])
@pytest.mark.parametrize("column,most", [("name", 190), ("image", 255)])
def test_a_column_takes_what_fits_and_nothing_longer(
        gate, mysql, cookie, column, most, letter):
    assert patch(gate, cookie, {column: letter * most}).status == 200
    before = row(mysql)
    assert letter * most in before
    is_refused(patch(gate, cookie, {column: letter * (most + 1)}),
               mysql, before)
    is_refused(patch(gate, cookie, {column: letter * 5000}), mysql, before)
    assert gate.get("/user/me", cookie).json()["user"][column] == letter * most


def test_nothing_is_cut_where_the_server_is_not_strict(
        start_gate, changer, mysql, alice):
    with mysql.admin() as sql:
        sql.execute("SELECT @@GLOBAL.sql_mode")
        was = sql.fetchone()[0]
        sql.execute("SET GLOBAL sql_mode = ''")
        try:
            gate = start_gate({"mysql.url": changer.url()})
            cookie = gate.log_in(alice)
            is_refused(patch(gate, cookie, {"image": "x" * 256}),
                       mysql, row(mysql))
            is_refused(patch(gate, cookie, {"name": None}),
                       mysql, row(mysql))
        finally:
            sql.execute("SET GLOBAL sql_mode = %s", (was,))


def test_one_bad_value_changes_nothing_at_all(gate, mysql, cookie):
    is_refused(patch(gate, cookie, {"name": "New", "image": "x" * 256}),
               mysql, row(mysql))


def test_a_body_of_64_kib_is_read_and_one_of_more_is_413(gate, mysql, cookie):
    text = '{"name":"New"}'
    assert patch(gate, cookie, text + " " * (65536 - len(text))).status == 200
    answer = patch(gate, cookie, text + " " * (65537 - len(text)))
    assert (answer.status, answer.code) == (413, "body_too_large")


def test_a_trigger_that_refuses_is_400(gate, mysql, cookie):
    with mysql.admin() as sql:
        sql.execute(
            "CREATE TRIGGER no_eve BEFORE UPDATE ON users FOR EACH ROW "
            "IF NEW.name = 'Eve' THEN SIGNAL SQLSTATE '45000' "
            "SET MESSAGE_TEXT = 'no Eve'; END IF")
        try:
            is_refused(patch(gate, cookie, {"name": "Eve"}),
                       mysql, row(mysql))
            assert patch(gate, cookie, {"name": "Eva"}).status == 200
        finally:
            sql.execute("DROP TRIGGER no_eve")


# permissions

@pytest.mark.parametrize("access,status,message,code", [
    ("self", 404, "User not found", "user_not_found"),
    ("authenticated", 403, "Forbidden", "forbidden"),
    ("public", 403, "Forbidden", "forbidden")])
def test_nobody_changes_another(
        module_gate, changer, redis, mysql, users, alice,
        access, status, message, code):
    gate = module_gate({"mysql.url": changer.url(), "user.access": access})
    other, before = users.add(), row(mysql)
    cookie = gate.log_in(other)
    for uid in ("42", "99999"):
        for method in ("PATCH", "PUT"):
            document = {"name": "Eve", "image": "/e"}
            says_no(patch(gate, cookie, document, uid, method),
                    status, message, code)
            says_no(patch(gate, cookie, {"email": "x"}, uid, method),
                    status, message, code)
    assert row(mysql) == before
    assert not redis.client.exists("user:42")


@pytest.mark.parametrize("access", ["self", "authenticated", "public"])
@pytest.mark.parametrize("uid", ["me", "42"])
def test_who_is_not_logged_in_changes_nobody(
        module_gate, changer, redis, mysql, alice, access, uid):
    gate = module_gate({"mysql.url": changer.url(), "user.access": access})
    before = row(mysql)
    says_no(patch(gate, None, {"name": "Eve"}, uid),
            401, "Authentication token missing", "token_missing")
    says_no(patch(gate, f"{gates.SECURE_COOKIE}={'a' * 43}",
                  {"name": "Eve"}, uid),
            403, "Invalid or expired session", "session_invalid")
    assert row(mysql) == before


@pytest.mark.parametrize("uid", ["0", "-1", "042", "1e1", "x", "42.0", "42 "])
def test_an_id_outside_its_alphabet_is_404(gate, cookie, uid):
    says_no(patch(gate, cookie, {"name": "Eve"}, uid),
            404, "User not found", "user_not_found")


def test_a_user_deleted_meanwhile_is_gone_and_the_session_stays(
        gate, redis, users, cookie, alice):
    users.remove(alice)
    for method in ("PATCH", "PUT"):
        says_no(patch(gate, cookie, {"name": "N", "image": "/n"},
                      method=method),
                403, "User not found for session", "session_user_gone")
    assert redis.client.keys("sess:*")
    assert redis.client.get("user:42") in (None, "null")


def test_a_user_deleted_under_a_change_is_gone(
        start_gate, place, changer, mysql, users, alice):
    with taps.Tap(mysql.path, place("p") + "/p.sock") as tap:
        gate = start_gate({"mysql.url": changer.url(tap.address)})
        cookie = gate.log_in(alice)
        go = tap.hold_on(b"Too late")
        before = status_of(mysql, "Com_delete")
        with meanwhile(lambda: patch(gate, cookie,
                                     {"name": "Too late"})) as changing:
            users.remove(alice)
            assert status_of(mysql, "Com_delete") > before
            go.set()
        says_no(changing.result(),
                403, "User not found for session", "session_user_gone")


@pytest.mark.parametrize("content_type", [
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "text/plain", "application/merge-patch+json", ""])
def test_a_change_is_json(gate, mysql, cookie, content_type):
    before = row(mysql)
    answer = gate.ask("PATCH", "/user/me", cookie=cookie, body=b"name=x",
                      content_type=content_type,
                      HTTP_SEC_FETCH_SITE="same-origin")
    says_no(answer, 415, "Unsupported media type", "bad_type")
    assert row(mysql) == before


# permissions by configuration

def test_without_a_statement_profiles_are_only_read(module_gate, redis, alice):
    gate = module_gate({"mysql.user_update": ""})
    cookie = gate.log_in(alice)
    for method in ("PATCH", "PUT"):
        answer = patch(gate, cookie, {"name": "N"}, method=method)
        says_no(answer, 405, "Method not allowed", "method_not_allowed")
        assert answer.header("Allow") == "GET, HEAD, OPTIONS"
    assert gate.ask("OPTIONS", "/user/me").header("Allow") == (
        "GET, HEAD, OPTIONS")


def test_with_a_statement_options_tells_of_it(gate):
    assert gate.ask("OPTIONS", "/user/me").header("Allow") == (
        "GET, HEAD, PATCH, PUT, OPTIONS")


def test_only_columns_of_the_statement_can_be_changed(
        module_gate, changer, redis, mysql, alice):
    gate = module_gate({"mysql.url": changer.url(),
                        "mysql.user_update": NAME_ONLY})
    cookie = gate.log_in(alice)
    before = row(mysql)
    for document in ({"image": "/x"}, {"image": None},
                     {"name": "N", "image": "/x"}):
        for method in ("PATCH", "PUT"):
            is_refused(patch(gate, cookie, document, method=method),
                       mysql, before)
    assert patch(gate, cookie, {"name": "N"}, method="PUT").status == 200
    assert row(mysql)[:2] == ("N", "/a.png")


@pytest.mark.parametrize("rights", [
    "SELECT", "SELECT, INSERT", None])
def test_without_the_privilege_all_else_works_and_a_change_is_503(
        start_gate, mysql, alice, rights):
    account = taps.Account(mysql, "reader", rights or "SELECT")
    if rights is None:  # it may change one column, and not the other
        with mysql.admin() as sql:
            sql.execute(f"GRANT UPDATE (name) ON {mysql.DATABASE}.users "
                        "TO reader@localhost")
    try:
        gate = start_gate({"mysql.url": account.url(),
                           "ops.access": "192.0.2.7"})
        cookie, before = gate.log_in(alice), row(mysql)
        for _ in range(5):
            is_down(patch(gate, cookie, {"name": "N", "image": "/n"}),
                    "mysql_unavailable")
            assert gate.get("/user/me", cookie).status == 200
            assert gate.get("/readyz").status == 200
        assert row(mysql) == before
        assert gate.log_in(alice)
        assert not gate.events("mysql lost")
        lines = [line for line in gate.log_text().splitlines()
                if "user_update" in line or "UPDATE command denied" in line]
        assert 1 <= len(lines) <= 5, gate.log_text()
    finally:
        account.drop()


def test_a_privilege_that_is_granted_later_is_used(start_gate, mysql, alice):
    account = taps.Account(mysql, "reader", "SELECT")
    try:
        gate = start_gate({"mysql.url": account.url()})
        cookie = gate.log_in(alice)
        is_down(patch(gate, cookie, {"name": "N"}), "mysql_unavailable")
        with mysql.admin() as sql:
            sql.execute(f"GRANT UPDATE ON {mysql.DATABASE}.* "
                        "TO reader@localhost")
        assert gate.heals(
            lambda: patch(gate, cookie, {"name": "N"}).status == 200)
    finally:
        account.drop()


# bytes that the table had before us

@pytest.fixture(scope="module")
def odd_table(mysql_server):
    """Rows whose text no form of ours would have let in."""
    with mysql_server.admin() as sql:
        sql.execute("CREATE TABLE odd (id INT PRIMARY KEY, email VARCHAR(190)"
                    " NOT NULL, name VARCHAR(255) CHARSET latin1, "
                    "image VARBINARY(255), password VARCHAR(255))")
    yield mysql_server
    with mysql_server.admin() as sql:
        sql.execute("DROP TABLE odd")


ODD_SETTINGS = {
    "mysql.user_by_login": "SELECT id, email AS login, name, email, image, "
                           "password AS hash FROM odd WHERE email = :login",
    "mysql.user_by_id": "SELECT id, email AS login, name, email, image "
                        "FROM odd WHERE id = :id",
    "mysql.user_update": "UPDATE odd SET name = IF(:name_given, :name, name), "
                         "image = IF(:image_given, :image, image) "
                         "WHERE id = :id"}


@pytest.mark.parametrize("image", [
    b"\xff\xfe", b"\x80", b"a\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\x00\x01",
    b"\xf5\x80\x80\x80", bytes(range(256))[1:]], ids=repr)
def test_bytes_that_are_not_utf8_make_valid_json(
        module_gate, changer, redis, odd_table, image):
    gate = module_gate({"mysql.url": changer.url(), **ODD_SETTINGS})
    with odd_table.admin() as sql:
        sql.execute("REPLACE INTO odd VALUES (42, 'odd@example.org', "
                    "_latin1 0x5a6feb, %s, %s)", (image, people.bcrypt()))
    answer = gate.post("/login", {"email": "odd@example.org",
                                  "password": people.PASSWORD})
    assert answer.status == 200
    cookie = gates.Cookie(answer.header("Set-Cookie")).pair
    first = gate.get("/user/me", cookie)
    again = gate.get("/user/me", cookie)
    for came in (answer, first, again):
        user = json.loads(came.body.decode("utf-8"))["user"]
        assert (user["id"], user["name"]) == ("42", "Zoë")
        assert user["image"]
    assert again.json()["user"] == first.json()["user"]


def test_what_a_latin1_column_cannot_hold_is_400(
        module_gate, changer, redis, odd_table):
    gate = module_gate({"mysql.url": changer.url(), **ODD_SETTINGS})
    with odd_table.admin() as sql:
        sql.execute("REPLACE INTO odd VALUES (42, 'odd@example.org', "
                    "'x', NULL, %s)", (people.bcrypt(),))
    cookie = gates.Cookie(gate.post(
        "/login", {"email": "odd@example.org", "password": people.PASSWORD}
    ).header("Set-Cookie")).pair
    assert patch(gate, cookie, {"name": "Zoë"}).json()["user"]["name"] == "Zoë"
    says_no(patch(gate, cookie, {"name": "名"}),
            400, "Bad request", "bad_request")
    assert gate.get("/user/me", cookie).json()["user"]["name"] == "Zoë"
