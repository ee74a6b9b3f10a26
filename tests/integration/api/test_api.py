"""The JSON API: statuses, messages, members, headers, byte for byte."""

import time

import pytest

import gate as gates
import people
from saying import depends_on_the_cookie, is_like, says_no

WEEK = 604800


@pytest.fixture
def cookie(gate, alice):
    return gate.log_in(alice)


# POST /login

def test_login_greets_and_gives_the_cookie(gate, alice):
    answer = gate.post("/login", alice.login)
    is_like(answer, 200,
            '{"message":"Logged in successfully","user":{"id":"42",'
            '"name":"Alice","email":"alice@example.org","image":"/a.png"}}')
    depends_on_the_cookie(answer)
    line = answer.header("Set-Cookie")
    token = gates.Cookie(line).value
    assert line == (f"__Host-SESSION-TOKEN={token}; Path=/; Max-Age=604800; "
                    "HttpOnly; Secure; SameSite=Lax")
    assert len(token) == 43
    assert token.replace("-", "a").replace("_", "a").isalnum()


def test_every_login_gives_another_token(gate, alice):
    assert len({gate.log_in(alice) for _ in range(5)}) == 5


def test_a_null_column_is_a_missing_member(gate, users):
    user = users.add(image=None)
    answer = gate.post("/login", user.login)
    assert answer.text == gates.compact(
        {"message": "Logged in successfully", "user": user.shown})
    assert gate.get("/user/me", gate.log_in(user)).json()["user"] == {
        "id": user.id, "name": "Alice", "email": user.email}


@pytest.mark.parametrize("name", [
    "Zoë Łukasz 名前 🙂", 'say "hi" \\ / </script>', "tab\tline\nend\r",
    "\x01\x1f\x7f", "%s%n{}", "\u2028"])
def test_names_come_out_as_the_table_has_them(gate, users, name):
    user = users.add(name=name)
    assert gate.post("/login", user.login).json()["user"]["name"] == name
    answer = gate.get("/user/me", gate.log_in(user))
    assert answer.json()["user"] == user.shown
    assert b"\\/" not in answer.body
    assert gate.get("/user/me", gate.log_in(user)).json()["user"] == user.shown


def test_members_may_stand_in_any_order_beside_others(gate, alice):
    document = {"x": [1, {}], "password": alice.password, "y": None,
                "email": alice.email}
    assert gate.post("/login", document).status == 200


@pytest.mark.parametrize("content_type", [
    "application/json", "application/json; charset=utf-8",
    "Application/JSON;charset=UTF-8", "application/json ;x=y"])
def test_json_is_json_however_it_is_spelt(gate, alice, content_type):
    assert gate.post("/login", alice.login,
                     content_type=content_type).status == 200


@pytest.mark.parametrize("content_type", [
    "text/plain", "application/xml", "application/jsonp", "json", "text/json",
    "multipart/form-data; boundary=x", "application/json-seq"])
def test_another_type_is_415(gate, alice, content_type):
    says_no(gate.post("/login", alice.login, content_type=content_type),
            415, "Unsupported media type", "bad_type")


WITH_BODIES = [
    ("POST", "/login"), ("POST", "/logout"), ("POST", "/logout/all"),
    ("PATCH", "/user/me"), ("PUT", "/user/me"),
    ("DELETE", "/sessions/x"), ("POST", "/sessions/x/end")]


@pytest.mark.parametrize("method, path", WITH_BODIES)
@pytest.mark.parametrize("coding", [
    "gzip", "GZIP", "deflate", "br", "zstd", "x-gzip", "identity, gzip",
    "gzip, identity", " gzip ", "identity;q=1", "identityx", "chunked"])
def test_a_coded_body_is_415(gate, alice, method, path, coding):
    """Even where its bytes, read as they are, would do."""
    cookie = gate.log_in(alice)
    says_no(gate.ask(method, path, cookie=cookie, document=alice.login,
                     HTTP_CONTENT_ENCODING=coding),
            415, "Unsupported media type", "bad_type")
    assert gate.get("/auth", cookie).status == 200


@pytest.mark.parametrize("coding", [
    "identity", "Identity", " IDENTITY\t", "", " ", "identity, identity", ","])
def test_identity_is_no_coding(gate, alice, coding):
    assert gate.post("/login", alice.login,
                     HTTP_CONTENT_ENCODING=coding).status == 200


def test_a_coding_without_a_body_is_none(gate, alice):
    cookie = gate.log_in(alice)
    assert gate.get("/auth", cookie,
                    HTTP_CONTENT_ENCODING="gzip").status == 200
    assert gate.post("/logout", cookie=cookie,
                     HTTP_CONTENT_ENCODING="gzip").status == 200


def test_wrong_password_and_unknown_user_look_alike(gate, alice):
    answers = [gate.post("/login", {"email": email, "password": "wrong"})
               for email in (alice.email, "nobody@example.org")]
    for answer in answers:
        says_no(answer, 401, "Invalid email or password", "login_failed")
        depends_on_the_cookie(answer)
    assert answers[0].headers == answers[1].headers


@pytest.mark.parametrize("typed, status", [
    ("Mixed.Case@Example.org", 200), (" mixed.case@example.org", 200),
    ("mixed.case@example.org\t ", 200), ("mixed. case@example.org", 401),
    ("mixed.case@example.org\u00a0", None)])
def test_blanks_around_the_email_are_dropped_and_case_is_the_tables(
        gate, users, mysql, typed, status):
    """None: as the table compares it; collations take it for a blank, or not."""
    user = users.add(email="mixed.case@example.org")
    if status is None:
        with mysql.admin() as sql:
            sql.execute("SELECT 1 FROM users WHERE email = %s", (typed,))
            status = 200 if sql.fetchall() else 401
    answer = gate.post("/login", {**user.login, "email": typed})
    assert answer.status == status


def test_a_login_reads_and_writes_no_cached_row(gate, redis, alice):
    with redis.watch() as seen:
        gate.log_in(alice)
    assert not [line for line in seen if b'"user:' in line]
    assert redis.client.keys("user:*") == []


def test_a_browser_on_plain_http_is_told_of_the_secure_cookie(gate, alice):
    answer = gate.post("/login", alice.login,
                       HTTP_ORIGIN="http://www.example.org",
                       HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.code) == (200, "cookie_needs_https")
    answer = gate.post("/login", alice.login,
                       HTTP_ORIGIN="http://127.0.0.1:8080",
                       HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.code) == (200, None)


# GET /auth

def test_auth_says_whose_session_it_is_and_until_when(gate, alice):
    before = int(time.time() * 1000)
    cookie = gate.log_in(alice)
    answer = gate.get("/auth", cookie)
    session = answer.json()["session"]
    assert before - 1 <= session["createdAt"] <= time.time() * 1000 + 1
    assert session["expiresAt"] == session["createdAt"] + WEEK * 1000
    is_like(answer, 200, gates.compact(
        {"message": "Authenticated", "user": alice.shown,
         "session": {"createdAt": session["createdAt"],
                     "expiresAt": session["expiresAt"]}}))
    depends_on_the_cookie(answer)
    assert not answer.all("Set-Cookie")


def test_auth_without_a_cookie_is_401(gate):
    answer = gate.get("/auth")
    depends_on_the_cookie(says_no(
        answer, 401, "Authentication token missing", "token_missing"))


@pytest.mark.parametrize("cookie", [
    "", "=", ";", "__Host-SESSION-TOKEN", "__Host-SESSION-TOKEN=",
    "__Host-SESSION-TOKEN=; a=b", '__Host-SESSION-TOKEN=""', "x=y",
    "X__Host-SESSION-TOKEN=" + "a" * 43, "__host-session-token=" + "a" * 43])
def test_an_empty_cookie_is_no_cookie(gate, cookie):
    says_no(gate.get("/auth", cookie),
            401, "Authentication token missing", "token_missing")


def test_an_unknown_token_is_403(gate):
    answer = gate.get("/auth", "__Host-SESSION-TOKEN=" + "a" * 43)
    depends_on_the_cookie(says_no(
        answer, 403, "Invalid or expired session", "session_invalid"))


def test_expired_status_makes_it_401(module_gate, redis):
    gate = module_gate({"session.expired_status": 401})
    says_no(gate.get("/auth", "__Host-SESSION-TOKEN=" + "a" * 43),
            401, "Invalid or expired session", "session_invalid")


@pytest.mark.parametrize("path", ["/auth", "/user/me"])
def test_a_session_whose_user_is_gone_is_403_and_stays(
        gate, redis, users, path):
    user = users.add()
    cookie = gate.log_in(user)
    users.remove(user)
    for _ in range(2):
        says_no(gate.get(path, cookie),
                403, "User not found for session", "session_user_gone")
    assert len(redis.client.keys("sess:*")) == 1


# GET /user/{id}

@pytest.mark.parametrize("path", ["/user/42", "/user/me"])
def test_user_comes_from_the_table_and_then_from_the_cache(
        gate, mysql, cookie, alice, path):
    answer = gate.get(path, cookie)
    is_like(answer, 200, gates.compact(
        {"message": "User fetched", "user": alice.shown}))
    depends_on_the_cookie(answer)
    executed = mysql.executed()
    answer = gate.get(path, cookie)
    is_like(answer, 200, gates.compact(
        {"message": "User fetched (cache)", "user": alice.shown}))
    assert mysql.executed() == executed


def test_the_cached_row_is_the_node_applications_for_300_s(gate, redis, cookie):
    gate.get("/user/me", cookie)
    assert redis.client.get("user:42") == (
        '{"id":"42","name":"Alice","email":"alice@example.org",'
        '"image":"/a.png"}')
    assert 295 < redis.client.ttl("user:42") <= 300


def test_auth_fills_and_reads_the_same_cache(gate, redis, cookie, alice):
    gate.get("/auth", cookie)
    assert gate.get("/user/me", cookie).message == "User fetched (cache)"
    redis.client.set("user:42", gates.compact({**alice.shown, "name": "New"}))
    assert gate.get("/auth", cookie).json()["user"]["name"] == "New"


def test_a_cached_row_shows_four_members_in_order(gate, redis, cookie):
    redis.client.set("user:42", '{"image":"/i","password":"x","email":"e",'
                     '"roles":["a"],"id":42,"name":null}', ex=300)
    is_like(gate.get("/user/me", cookie), 200,
            '{"message":"User fetched (cache)",'
            '"user":{"id":"42","email":"e","image":"/i"}}')


@pytest.mark.parametrize("value", [
    "", "x", "[]", '"42"', "42", "0e123", "{}", '{"id":"43"}',
    '{"id":"042"}', '{"id":["42"]}', '{"id":"42","name":{}}', '{"id":"42"',
    '{"id":null}', "{'id':'42'}", '{"id":42.5}', "[" * 2000])
def test_a_cached_row_that_cannot_be_read_is_a_miss(
        gate, redis, cookie, alice, value):
    redis.client.set("user:42", value, ex=300)
    answer = gate.get("/user/me", cookie)
    assert answer.status == 200
    assert answer.json() == {"message": "User fetched", "user": alice.shown}


def test_a_cached_row_of_another_type_is_a_miss(gate, redis, cookie, alice):
    redis.client.lpush("user:42", "x")
    assert gate.get("/user/me", cookie).json() == {
        "message": "User fetched", "user": alice.shown}


def test_user_without_or_with_a_bad_cookie(gate, alice):
    says_no(gate.get("/user/42"),
            401, "Authentication token missing", "token_missing")
    says_no(gate.get("/user/42", "__Host-SESSION-TOKEN=" + "a" * 43),
            403, "Invalid or expired session", "session_invalid")


def test_access_self_hides_all_others(gate, redis, users, cookie):
    other = users.add()
    for uid in (other.id, "999999999"):
        says_no(gate.get("/user/" + uid, cookie),
                404, "User not found", "user_not_found")
        assert redis.client.get("user:" + uid) is None


def test_access_authenticated_shows_all_to_whoever_is_logged_in(
        module_gate, redis, users, alice):
    gate = module_gate({"user.access": "authenticated"})
    other = users.add(name="Other")
    cookie = gate.log_in(alice)
    answer = gate.get("/user/" + other.id, cookie)
    assert answer.json() == {"message": "User fetched", "user": other.shown}
    assert gate.get("/user/me", cookie).json()["user"] == alice.shown
    says_no(gate.get("/user/" + other.id),
            401, "Authentication token missing", "token_missing")
    says_no(gate.get("/user/999999999", cookie),
            404, "User not found", "user_not_found")


def test_access_public_shows_all_to_anybody(module_gate, redis, users):
    gate = module_gate({"user.access": "public"})
    other = users.add(name="Other")
    assert gate.get("/user/" + other.id).json() == {
        "message": "User fetched", "user": other.shown}
    assert gate.get("/user/" + other.id).message == "User fetched (cache)"
    says_no(gate.get("/user/999999999"),
            404, "User not found", "user_not_found")
    says_no(gate.get("/user/me"),
            401, "Authentication token missing", "token_missing")


NO_IDS = ["01", "0", "+1", "-1", "1abc", "1\n", "1 ", " 1",
          "18446744073709551616", "9" * 40, "1.0", "1e3", "0x1", "١", "１", "%31", "me2", "ME", "*",
          "1'--", "{42}", "42:x", "4\r2"]


@pytest.mark.parametrize("uid", NO_IDS)
def test_an_id_outside_its_alphabet_asks_nobody(
        module_gate, redis, mysql, alice, uid):
    gate = module_gate({"user.access": "authenticated"})
    cookie = gate.log_in(alice)
    executed = mysql.executed()
    with redis.watch() as seen:
        says_no(gate.get("/user/" + uid, cookie),
                404, "User not found", "user_not_found")
    assert not [line for line in seen if b'"user:' in line]
    assert mysql.executed() == executed


def test_19_digits_are_an_id(module_gate, redis, mysql, alice):
    gate = module_gate({"user.access": "authenticated"})
    cookie = gate.log_in(alice)
    for uid in ("9223372036854775807", "9" * 19):
        says_no(gate.get("/user/" + uid, cookie),
                404, "User not found", "user_not_found")


def test_a_slash_behind_the_id_is_another_path(gate, cookie):
    for path in ("/user/", "/user", "/user/42/", "/user/42/x", "/user//42"):
        assert gate.get(path, cookie).status in (400, 404)


MEMBERS = """CREATE TABLE IF NOT EXISTS members (id VARCHAR(40) PRIMARY KEY,
    mail VARCHAR(190), nick VARCHAR(190), hash VARCHAR(255))
    DEFAULT CHARSET=utf8mb4"""
MEMBER_SQL = "SELECT id, mail AS login, nick AS name, mail AS email, " \
             "NULL AS image{hash} FROM members WHERE {where}"
MEMBER_SETTINGS = {
    "mysql.user_by_login": MEMBER_SQL.format(
        hash=", hash", where="mail = :login"),
    "mysql.user_by_id": MEMBER_SQL.format(hash="", where="id = :id"),
    "user.access": "authenticated"}
UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.mark.parametrize("id_type,uid,others", [
    ("uuid", UUID, ["42", UUID[:-1], UUID + "0", "g" + UUID[1:],
                    UUID.replace("-", "_"), UUID.replace("-", "")]),
    ("text", "bob-1_x", ["a b", "ü", "a\nb", "a{b", "x" * 300])])
def test_id_type_fixes_the_alphabet_of_ids(
        module_gate, redis, mysql, id_type, uid, others):
    """With statements of the host's own, columns by alias and in any order."""
    with mysql.admin() as sql:
        sql.execute(MEMBERS)
        sql.execute("REPLACE INTO members VALUES (%s, 'm@x', 'Mem', %s)",
                    (uid, people.bcrypt()))
    try:
        gate = module_gate({**MEMBER_SETTINGS, "user.id_type": id_type})
        answer = gate.post(
            "/login", {"email": "m@x", "password": people.PASSWORD})
        user = {"id": uid, "name": "Mem", "email": "m@x"}
        assert answer.json()["user"] == user
        cookie = gates.Cookie(answer.header("Set-Cookie")).pair
        assert gate.get("/user/" + uid, cookie).json()["user"] == user
        assert gate.get("/user/me", cookie).message == "User fetched (cache)"
        executed = mysql.executed()
        for other in others:
            says_no(gate.get("/user/" + other, cookie),
                    404, "User not found", "user_not_found")
        assert mysql.executed() == executed
    finally:
        with mysql.admin() as sql:
            sql.execute("DELETE FROM members")


# POST /logout

EXPIRED = ("Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; "
           "HttpOnly; Secure; SameSite=Lax")
BYE = '{"message":"Logged out successfully"}'


def test_logout_ends_the_session_and_expires_the_cookie(
        gate, redis, cookie):
    answer = gate.post("/logout", cookie=cookie)
    depends_on_the_cookie(is_like(answer, 200, BYE))
    assert answer.header("Set-Cookie") == f"__Host-SESSION-TOKEN=; {EXPIRED}"
    assert redis.client.keys("sess:*") == []
    says_no(gate.get("/auth", cookie),
            403, "Invalid or expired session", "session_invalid")


def test_logout_ends_this_session_alone(gate, alice, cookie):
    other = gate.log_in(alice)
    gate.post("/logout", cookie=cookie)
    assert gate.get("/auth", other).status == 200


def test_logout_without_a_cookie_sets_none(gate):
    answer = gate.post("/logout")
    is_like(answer, 200, BYE)
    assert not answer.all("Set-Cookie")


@pytest.mark.parametrize("value", ["a" * 43, "short", "x y", "%00", "a" * 300])
def test_logout_with_a_stale_cookie_expires_it(gate, value):
    answer = gate.post("/logout", cookie="__Host-SESSION-TOKEN=" + value)
    is_like(answer, 200, BYE)
    assert answer.header("Set-Cookie") == f"__Host-SESSION-TOKEN=; {EXPIRED}"


def test_logout_twice_says_the_same(gate, cookie):
    first = gate.post("/logout", cookie=cookie)
    second = gate.post("/logout", cookie=cookie)
    assert (first.headers, first.body) == (second.headers, second.body)


def test_logout_leaves_the_cached_row(gate, redis, cookie):
    gate.get("/user/me", cookie)
    gate.post("/logout", cookie=cookie)
    assert redis.client.exists("user:42")
