/* app/handle/login: who gets a session, and who does not */
#include "config.h"

#include "app_fixture.h"
#include "secret/recovery.h"
#include "secret/totp.h"

#define LOGIN "/sessgate/login"
#define RIGHT "{\"email\":\"a@example.org\",\"password\":\"secret\"}"
#define WRONG "{\"email\":\"a@example.org\",\"password\":\"Secret\"}"
#define UNKNOWN "{\"email\":\"b@example.org\",\"password\":\"secret\"}"

static void
a_right_password_opens_a_session(void **state)
{
	struct fixture *fixture = *state;
	const struct session *session;

	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 200);
	assert_answer(fixture, "Set-Cookie: __Host-SESSION-TOKEN=");
	assert_answer(fixture,
	    "; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax");
	assert_answer(fixture,
	    "{\"message\":\"Logged in successfully\",\"user\":{\"id\":\"42\","
	    "\"name\":\"A\",\"email\":\"a@example.org\"}}");
	assert_int_equal(fixture->memory.record_count, 2);
	session = &fixture->memory.records[1].facts.session;
	assert_str(session->user_id, "42");
	assert_str(session->gen, "gen-1");
	assert_int_equal(session->created_ms, fixture->memory.now_ms);
	assert_int_equal(
	    session->expires_ms, fixture->memory.now_ms + 604800000);
}

static void
one_that_is_not_remembered_is_short(void **state)
{
	struct fixture *fixture = *state;
	const struct session_facts *facts = &fixture->memory.records[1].facts;
	int64_t now_ms = fixture->memory.now_ms;

	fixture->conf.session_idle_ms = 3600000;
	assert_int_equal(
	    fixture_post(fixture, LOGIN,
		"{\"email\":\"a@example.org\",\"password\":\"secret\","
		"\"remember\":false}"),
	    200);
	assert_answer(fixture, "; Path=/; HttpOnly; Secure; SameSite=Lax\r\n");
	assert_no_answer(fixture, "Max-Age");
	assert_int_equal(facts->session.expires_ms, now_ms + 43200000);
	assert_int_equal(facts->ttl_ms, 3600000);
}

static void
wrong_and_unknown_look_the_same(void **state)
{
	struct fixture *fixture = *state;
	char *wrong;
	int reads;

	assert_int_equal(fixture_post(fixture, LOGIN, WRONG), 401);
	wrong = fixture->answer;
	reads = fixture->memory.login_reads;
	assert_int_equal(fixture_post(fixture, LOGIN, UNKNOWN), 401);
	assert_string_equal(fixture->answer, wrong);
	assert_int_equal(fixture->memory.login_reads, 2 * reads);
	assert_int_equal(fixture->memory.record_count, 1);
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(fixture_post(fixture, LOGIN, UNKNOWN), 503);
	assert_int_equal(fixture_post(fixture, LOGIN, WRONG), 503);
}

static void
a_stored_form_that_is_not_listed_opens_nothing(void **state)
{
	static const char *const stored[] = { "", "secret", "*", "!",
		"5ebe2294ecd0e0f08eab7690d2a6ee69", "$1$abcdefgh$x" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(stored); i++) {
		fixture->memory.table[0].hash = str_from(stored[i]);
		assert_row(
		    fixture_post(fixture, LOGIN, RIGHT) == 401, stored[i]);
	}
	fixture->memory.table[0].hash = STR_NONE;
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 401);
}

static void
bodies_that_are_no_login(void **state)
{
	static const char *const bodies[] = { "", "{}", "[]", "null", "{",
		"{\"email\":\"a@example.org\"}",
		"{\"email\":\"\",\"password\":\"secret\"}",
		"{\"email\":\"a@example.org\",\"password\":\"\"}",
		"{\"email\":1,\"password\":\"secret\"}",
		"{\"email\":\"a@example.org\",\"password\":null}" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(bodies); i++)
		assert_row(
		    fixture_post(fixture, LOGIN, bodies[i]) == 400, bodies[i]);
	fixture_post(fixture, LOGIN, RIGHT);
	fixture->request.content_type = STR("text/plain");
	assert_int_equal(fixture_ask(fixture), 415);
	fixture->request.content_type = STR("Application/JSON ; charset=utf-8");
	assert_int_equal(fixture_ask(fixture), 200);
}

static int
post_form(struct fixture *fixture, const char *body, const char *origin)
{
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LOGIN),
		.content_type = STR("application/x-www-form-urlencoded"),
		.body = str_from(body),
		.origin = str_from(origin),
		.host = STR("www.example.org") };
	return fixture_ask(fixture);
}

#define FORM "email=a%40example.org&password=secret"
#define OWN "https://www.example.org"

static void
a_form_goes_on_to_a_local_next(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    post_form(fixture, FORM "&next=%2Fp.html%3Fa%3D1%26b%3D%2520", OWN),
	    303);
	assert_answer(fixture, "Location: /p.html?a=1&b=%20\r\n");
	assert_answer(fixture, "Set-Cookie: __Host-SESSION-TOKEN=");
	assert_answer(fixture, "Cache-Control: no-store\r\n");
	assert_int_equal(post_form(fixture, FORM, OWN), 303);
	assert_answer(fixture, "Location: /\r\n");
	assert_int_equal(
	    post_form(fixture, FORM "&next=%2F%2Fevil.example", OWN), 303);
	assert_answer(fixture, "Location: /\r\n");
}

static void
a_form_is_refused_by_a_page(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    post_form(fixture, "email=a%40example.org&password=x", OWN), 401);
	assert_answer(fixture, "Content-Type: text/html; charset=utf-8\r\n");
	assert_answer(fixture, "X-Sessgate-Code: login_failed\r\n");
	assert_answer(fixture, "data-message=\"Invalid email or password\"");
	assert_no_answer(fixture, "Set-Cookie");
	assert_int_equal(post_form(fixture, "email=a", OWN), 400);
	assert_answer(fixture, "data-message=\"Bad request\"");
	assert_int_equal(post_form(fixture, FORM, NULL), 403);
	assert_answer(fixture, "X-Sessgate-Code: cross_site\r\n");
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(post_form(fixture, FORM, OWN), 503);
	assert_answer(fixture, "Retry-After: 1\r\n");
}

static void
a_form_over_plain_http_is_told_why(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    post_form(fixture, FORM, "http://www.example.org"), 200);
	assert_answer(fixture, "X-Sessgate-Code: cookie_needs_https\r\n");
	assert_answer(fixture, "[cookie] secure");
	fixture->conf.cookie_secure = false;
	assert_int_equal(
	    post_form(fixture, FORM, "http://www.example.org"), 303);
}

static void
change_hash(struct memory *memory)
{
	memory->table[0].hash = STR("$2y$04$another");
}

static void
a_password_changed_meanwhile_is_a_wrong_one(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.on_login_read = change_hash;
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 401);
	assert_int_equal(fixture->memory.record_count, 1);
}

static void
without_a_place_it_steps_back_before_anything(void **state)
{
	struct fixture *fixture = *state;
	struct place_claims other = { .places = fixture->places };

	assert_true(place_take(&other, PLACE_LOGIN));
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), -1);
	assert_int_equal(fixture->claims.lacking, PLACE_LOGIN);
	assert_int_equal(fixture->memory.login_reads, 0);
	places_give_back(&other);
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 200);
}

/* The code of step 60000000, which is now in these tests, by RFC 6238. */
#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static int
post_code(struct fixture *fixture, const char *code)
{
	char body[256];

	snprintf(body, sizeof(body),
	    "{\"email\":\"a@example.org\",\"password\":\"secret\","
	    "\"code\":\"%s\"}",
	    code);
	return fixture_post(fixture, LOGIN, body);
}

static void
a_code_is_claimed_last_and_once(void **state)
{
	struct fixture *fixture = *state;
	struct totp_secret secret;
	char code[16];

	assert_true(totp_secret_read(STR(SECRET), &secret));
	snprintf(
	    code, sizeof(code), "%06u", (unsigned)totp_code(&secret, 60000000));
	fixture->memory.now_ms = 60000000 * INT64_C(30000);
	fixture->memory.has_totp = true;
	fixture->memory.table[0].totp = STR(SECRET);
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 401);
	assert_int_equal(post_code(fixture, "000000"), 401);
	fixture->memory.is_disabled[0] = true;
	assert_int_equal(post_code(fixture, code), 401);
	fixture->memory.is_disabled[0] = false;
	fixture->memory.claim_result = RESULT_REDIS_DOWN;
	assert_int_equal(post_code(fixture, code), 503);
	assert_int_equal(fixture->memory.record_count, 1);
	fixture->memory.claim_result = RESULT_OK;
	assert_int_equal(post_code(fixture, code), 200);
	assert_int_equal(fixture->memory.record_count, 2);
	assert_true(fixture->memory.records[1].facts.session.has_otp);
	assert_int_equal(post_code(fixture, code), 401);
	fixture->memory.table[0].totp = STR("no secret");
	assert_int_equal(post_code(fixture, code), 401);
	assert_int_equal(fixture->memory.record_count, 2);
	fixture->memory.table[0].totp = STR("");
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 200);
	assert_false(fixture->memory.records[2].facts.session.has_otp);
}

#define RECOVERY "0123-4567-89ab-cdef-ghjk-mnpq"
#define OTHER_RECOVERY "zzzz-4567-89ab-cdef-ghjk-mnpq"

static void
give_recovery_codes(struct fixture *fixture)
{
	struct arena *arena = fixture->call.arena;
	struct buf list = buf_open(arena, 128);

	buf_add(&list, recovery_hash(arena, STR(RECOVERY)));
	buf_add_char(&list, ' ');
	buf_add(&list, recovery_hash(arena, STR(OTHER_RECOVERY)));
	fixture->memory.has_totp = true;
	fixture->memory.user_table.has_set_recovery = true;
	fixture->memory.table[0].totp = STR(SECRET);
	fixture->memory.table[0].recovery = buf_str(&list);
}

static void
a_recovery_code_does_once_for_a_code(void **state)
{
	struct fixture *fixture = *state;
	struct str *list = &fixture->memory.table[0].recovery;
	struct str whole;

	give_recovery_codes(fixture);
	whole = *list;
	assert_int_equal(
	    post_code(fixture, "1123-4567-89ab-cdef-ghjk-mnpq"), 401);
	fixture->memory.is_disabled[0] = true;
	assert_int_equal(post_code(fixture, RECOVERY), 401);
	fixture->memory.is_disabled[0] = false;
	assert_str_eq(*list, whole);
	assert_int_equal(
	    post_code(fixture, "O123 4567 89AB CDEF GHJK MNPQ"), 200);
	assert_true(fixture->memory.records[1].facts.session.has_otp);
	assert_str_eq(
	    *list, recovery_hash(fixture->call.arena, STR(OTHER_RECOVERY)));
	assert_int_equal(post_code(fixture, RECOVERY), 401);
	assert_int_equal(post_code(fixture, OTHER_RECOVERY), 200);
	assert_str(*list, "");
	assert_int_equal(post_code(fixture, OTHER_RECOVERY), 401);
	assert_int_equal(fixture->memory.record_count, 3);
}

/* Another process uses a code between our read and our write. */
static void
use_one(struct memory *memory)
{
	memory->on_recovery_write = NULL;
	memory->table[0].recovery =
	    str_from_byte(memory->table[0].recovery, RECOVERY_HASH_LEN + 1);
}

static void
nothing_but_the_write_decides_who_used_it(void **state)
{
	struct fixture *fixture = *state;

	give_recovery_codes(fixture);
	fixture->memory.on_recovery_write = use_one;
	assert_int_equal(post_code(fixture, RECOVERY), 401);
	assert_int_equal(fixture->memory.record_count, 1);
	give_recovery_codes(fixture);
	fixture->memory.on_recovery_write = use_one;
	assert_int_equal(post_code(fixture, OTHER_RECOVERY), 200);
	assert_str(fixture->memory.table[0].recovery, "");
}

static void
a_list_that_cannot_be_written_lets_nobody_in(void **state)
{
	static const struct {
		enum result result;
		int status;
	} rows[] = { { RESULT_MYSQL_DOWN, 503 }, { RESULT_REFUSED, 503 },
		{ RESULT_BAD, 500 }, { RESULT_FAULT, 500 },
		/* the SQL compares something else than the list */
		{ RESULT_MISS, 500 } };
	struct fixture *fixture = *state;

	give_recovery_codes(fixture);
	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->memory.set_recovery_result = rows[i].result;
		assert_int_equal(post_code(fixture, RECOVERY), rows[i].status);
	}
	assert_int_equal(fixture->memory.record_count, 1);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown( \
	    name, fixture_open_with_password, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_right_password_opens_a_session),
		TEST(one_that_is_not_remembered_is_short),
		TEST(wrong_and_unknown_look_the_same),
		TEST(a_stored_form_that_is_not_listed_opens_nothing),
		TEST(bodies_that_are_no_login),
		TEST(a_form_goes_on_to_a_local_next),
		TEST(a_form_is_refused_by_a_page),
		TEST(a_form_over_plain_http_is_told_why),
		TEST(a_password_changed_meanwhile_is_a_wrong_one),
		TEST(a_code_is_claimed_last_and_once),
		TEST(a_recovery_code_does_once_for_a_code),
		TEST(nothing_but_the_write_decides_who_used_it),
		TEST(a_list_that_cannot_be_written_lets_nobody_in),
		TEST(without_a_place_it_steps_back_before_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
