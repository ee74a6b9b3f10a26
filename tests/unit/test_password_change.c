/* app/handle/password_change: who changes a password, and in which order */
#include "config.h"

#include "app_fixture.h"

#define CHANGE "/sessgate/password"
#define GOOD "{\"current\":\"secret\",\"new\":\"secret, too\"}"

static int
open_with_hash(void **state)
{
	struct fixture *fixture;

	fixture_open_with_password(state);
	fixture = *state;
	fixture->memory.user_table.has_set_hash = true;
	memory_add_session(&fixture->memory, OTHER, STR("42"));
	return 0;
}

static int
change(struct fixture *fixture, const char *body)
{
	memset(fixture->memory.trace, 0, sizeof(fixture->memory.trace));
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(CHANGE),
		.content_type = STR("application/json"),
		.cookie = STR(COOKIE),
		.body = str_from(body) };
	return fixture_ask(fixture);
}

static void
a_password_is_changed_in_this_order(void **state)
{
	struct fixture *fixture = *state;
	const struct memory_session *record = &fixture->memory.records[2];
	struct session *session = &fixture->memory.records[0].facts.session;

	session->expires_ms = session->created_ms + 604800000;
	assert_int_equal(change(fixture, GOOD), 200);
	assert_answer(fixture, "{\"message\":\"Password changed\"}");
	assert_answer(fixture, "; Path=/; Max-Age=604800; HttpOnly; Secure");
	assert_string_equal(fixture->memory.trace, "gruaglep");
	assert_true(str_starts(fixture->memory.table[0].hash, STR("$2y$12$")));
	assert_string_equal(fixture->memory.records[0].token, "");
	assert_string_equal(fixture->memory.records[1].token, "");
	assert_str(record->facts.session.gen, "new-1");
	assert_int_equal(
	    record->facts.session.created_ms, fixture->memory.now_ms);
	assert_false(str_is_none(record->facts.session.pw));
	assert_int_equal(change(fixture, GOOD), 403); /* the token is another */
}

static void
a_short_session_stays_short(void **state)
{
	struct fixture *fixture = *state;
	struct session *session = &fixture->memory.records[0].facts.session;

	session->expires_ms = session->created_ms + 43200000;
	assert_int_equal(change(fixture, GOOD), 200);
	assert_answer(fixture, "; Path=/; HttpOnly; Secure; SameSite=Lax");
	session = &fixture->memory.records[2].facts.session;
	assert_int_equal(session->expires_ms - session->created_ms, 43200000);
}

static void
a_wrong_one_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    change(fixture, "{\"current\":\"Secret\",\"new\":\"secret, too\"}"),
	    403);
	assert_answer(fixture, "X-Sessgate-Code: password_wrong\r\n");
	assert_answer(fixture, "{\"message\":\"Invalid password\"}");
	assert_no_answer(fixture, "Set-Cookie");
	assert_string_equal(fixture->memory.trace, "");
}

static void
bodies_that_change_nothing(void **state)
{
	static const struct {
		const char *body, *code;
	} rows[] = {
		{ "", "bad_request" },
		{ "[]", "bad_request" },
		{ "{\"current\":\"secret\"}", "bad_request" },
		{ "{\"new\":\"secret, too\"}", "bad_request" },
		{ "{\"current\":\"secret\",\"new\":\"\"}", "bad_request" },
		{ "{\"current\":\"\",\"new\":\"secret, too\"}", "bad_request" },
		{ "{\"current\":\"secret\",\"new\":12345678}", "bad_request" },
		{ "{\"current\":\"secret\",\"new\":\"seven77\"}",
		    "password_unfit" },
		{ "{\"current\":\"secret\",\"new\":"
		  "\"\303\274\303\274\303\274\303\274\"}",
		    "password_unfit" },
		{ "{\"current\":\"secret\",\"new\":\"secret\\u0000too\"}",
		    "password_unfit" },
		{ "{\"current\":\"secret\",\"new\":\""
		  "123456789012345678901234567890123456"
		  "1234567890123456789012345678901234567\"}",
		    "password_unfit" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(change(fixture, rows[i].body) == 400, rows[i].body);
		assert_answer(fixture, rows[i].code);
		assert_string_equal(fixture->memory.trace, "");
	}
	fixture->conf.login_password_min = 1;
	assert_int_equal(
	    change(fixture, "{\"current\":\"secret\",\"new\":\"a\"}"), 200);
}

static void
one_that_is_denied_changes_nothing(void **state)
{
	static struct str lines[] = { STR_INIT("12345678"),
		STR_INIT("secret, too") };
	struct fixture *fixture = *state;

	fixture->conf.denied =
	    (struct conf_denied){ .lines = lines, .count = 2 };
	assert_int_equal(change(fixture, GOOD), 400);
	assert_answer(fixture, "X-Sessgate-Code: password_denied\r\n");
	assert_answer(
	    fixture, "{\"message\":\"New password too easy to guess\"}");
	assert_string_equal(fixture->memory.trace, "");
	fixture->conf.denied.count = 1;
	assert_int_equal(change(fixture, GOOD), 200);
}

static void
where_passwords_are_only_read_it_is_not_there(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.user_table.has_set_hash = false;
	assert_int_equal(change(fixture, GOOD), 404);
	assert_answer(fixture, "X-Sessgate-Code: not_found\r\n");
}

static void
it_needs_a_session_and_a_fresh_one_where_told(void **state)
{
	struct fixture *fixture = *state;

	change(fixture, GOOD);
	fixture->request.cookie = STR_NONE;
	assert_int_equal(fixture_ask(fixture), 401);
	fixture->conf.session_fresh_ms = 1;
	memory_add_session(&fixture->memory, TOKEN, STR("42"));
	fixture->memory.records[3].facts.session.created_ms =
	    fixture->memory.now_ms - 1;
	assert_int_equal(change(fixture, GOOD), 403);
	assert_answer(fixture, "login_too_old");
}

/* The session that asked goes on, with its token, where nothing was written. */
static void
failures(void **state)
{
	static const struct {
		const char *name;
		enum result set_hash, forget;
		int status;
		const char *trace;
		bool goes_on;
	} rows[] = {
		{ "the row was changed meanwhile", RESULT_MISS, RESULT_OK, 403,
		    "gru", true },
		{ "the column is too narrow", RESULT_BAD, RESULT_OK, 500, "gru",
		    true },
		{ "no privilege", RESULT_REFUSED, RESULT_OK, 503, "gru", true },
		{ "nobody knows", RESULT_MYSQL_DOWN, RESULT_OK, 503, "gruagr",
		    true },
		{ "many rows", RESULT_FAULT, RESULT_OK, 500, "gruagr", true },
		{ "what is known stays", RESULT_OK, RESULT_REDIS_DOWN, 503,
		    "gruagr", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture *fixture = *state;

		fixture->memory.set_hash_result = rows[i].set_hash;
		fixture->memory.forget_result = rows[i].forget;
		assert_row(
		    change(fixture, GOOD) == rows[i].status, rows[i].name);
		assert_no_answer(fixture, "Set-Cookie");
		assert_row(strcmp(fixture->memory.trace, rows[i].trace) == 0,
		    fixture->memory.trace);
		assert_row((fixture_get(fixture, "/sessgate/auth", COOKIE) ==
			       200) == rows[i].goes_on,
		    rows[i].name);
		fixture_close(state);
		open_with_hash(state);
	}
}

static struct memory *memory_of_test;

static bool
end_all_meanwhile(
    void *pool, struct place_claims *claims, const struct hash_job *job)
{
	memory_of_test->generation.gen = STR("of another request");
	return run_here(pool, claims, job);
}

static void
who_was_ended_meanwhile_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	memory_of_test = &fixture->memory;
	fixture->app.hash_run = end_all_meanwhile;
	assert_int_equal(change(fixture, GOOD), 403);
	assert_answer(fixture, "session_invalid");
	assert_string_equal(fixture->memory.trace, "g");
}

static bool
end_own_meanwhile(
    void *pool, struct place_claims *claims, const struct hash_job *job)
{
	memory_of_test->records[0].token[0] = '\0';
	return run_here(pool, claims, job);
}

/* Logged out, say, or ended by another session, while a hash was made. */
static void
whose_session_was_ended_meanwhile_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	memory_of_test = &fixture->memory;
	fixture->app.hash_run = end_own_meanwhile;
	assert_int_equal(change(fixture, GOOD), 403);
	assert_answer(fixture, "session_invalid");
	assert_no_answer(fixture, "Set-Cookie");
	assert_string_equal(fixture->memory.trace, "gr");
}

static enum result (*set_hash)(struct user_table_port *port, struct call *call,
    struct str id, struct str old, struct str hash);

static enum result
end_own_and_set_hash(struct user_table_port *port, struct call *call,
    struct str id, struct str old, struct str hash)
{
	memory_of_test->records[0].token[0] = '\0';
	return set_hash(port, call, id, old, hash);
}

/* No other session takes the place of one that was ended. */
static void
whose_session_was_ended_at_last_is_logged_out(void **state)
{
	struct fixture *fixture = *state;

	memory_of_test = &fixture->memory;
	set_hash = fixture->memory.user_table.set_hash;
	fixture->memory.user_table.set_hash = end_own_and_set_hash;
	assert_int_equal(change(fixture, GOOD), 200);
	assert_answer(fixture, "Set-Cookie: __Host-SESSION-TOKEN=; ");
	assert_string_equal(fixture->memory.trace, "gruagle");
}

static void
without_a_place_it_steps_back_before_anything(void **state)
{
	struct fixture *fixture = *state;
	struct place_claims other = { .places = fixture->places };

	assert_true(place_take(&other, PLACE_LOGIN));
	assert_int_equal(change(fixture, GOOD), -1);
	assert_string_equal(fixture->memory.trace, "");
	places_give_back(&other);
	assert_int_equal(change(fixture, GOOD), 200);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_hash, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_password_is_changed_in_this_order),
		TEST(a_short_session_stays_short),
		TEST(a_wrong_one_changes_nothing),
		TEST(bodies_that_change_nothing),
		TEST(one_that_is_denied_changes_nothing),
		TEST(where_passwords_are_only_read_it_is_not_there),
		TEST(it_needs_a_session_and_a_fresh_one_where_told),
		TEST(failures),
		TEST(who_was_ended_meanwhile_changes_nothing),
		TEST(whose_session_was_ended_meanwhile_changes_nothing),
		TEST(whose_session_was_ended_at_last_is_logged_out),
		TEST(without_a_place_it_steps_back_before_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
