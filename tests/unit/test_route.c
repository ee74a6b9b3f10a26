/* app/route: roles, paths, methods, guards, answers */
#include "config.h"

#include "app_fixture.h"

static void
roles_come_before_paths(void **state)
{
	struct fixture *fixture = *state;

	fixture->request = (struct request){ .method = STR("OPTIONS"),
		.path = STR("/sessgate/healthz"),
		.is_authorizer = true };
	assert_int_equal(fixture_ask(fixture), 401);
	fixture->request.is_authorizer = false;
	fixture->request.is_gate_only = true;
	assert_int_equal(fixture_ask(fixture), 403);
}

static void
paths_and_methods(void **state)
{
	static const struct row {
		const char *method, *path;
		int status;
		const char *allow;
	} rows[] = {
		{ "GET", "/sessgate/nope", 404, NULL },
		{ "GET", "/sessgate", 404, NULL },
		{ "GET", "/other/auth", 404, NULL },
		{ "GET", "/sessgateauth", 404, NULL },
		{ "GET", "/sessgate/auth/", 404, NULL },
		{ "GET", "/sessgate/user/", 404, NULL },
		{ "GET", "/sessgate/user/1/2", 404, NULL },
		{ "PUT", "/sessgate/auth", 405, "Allow: GET, HEAD, OPTIONS" },
		{ "get", "/sessgate/auth", 405, "Allow: GET, HEAD, OPTIONS" },
		{ "OPTIONS", "/sessgate/login", 204,
		    "Allow: GET, HEAD, POST, OPTIONS" },
		{ "GET", "/sessgate/healthz", 404, NULL },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->request =
		    (struct request){ .method = str_from(rows[i].method),
			    .path = str_from(rows[i].path) };
		assert_row(
		    fixture_ask(fixture) == rows[i].status, rows[i].path);
		if (rows[i].allow != NULL)
			assert_answer(fixture, rows[i].allow);
	}
}

static void
without_a_method_nothing_is_run(void **state)
{
	struct fixture *fixture = *state;

	fixture->request =
	    (struct request){ .path = STR("/sessgate/logout/all"),
		    .cookie = STR(COOKIE) };
	assert_int_equal(fixture_ask(fixture), 405);
}

static void
a_target_in_disguise_is_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR("/sessgate/auth"),
		.target = STR("/x/../sessgate/auth") };
	assert_int_equal(fixture_ask(fixture), 400);
}

static void
who_has_no_good_session_is_told_so(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_get(fixture, "/sessgate/auth", NULL), 401);
	assert_answer(fixture, "X-Sessgate-Code: token_missing");
	assert_int_equal(
	    fixture_get(fixture, "/sessgate/auth", "__Host-SESSION-TOKEN="),
	    401);
	assert_int_equal(fixture_get(fixture, "/sessgate/auth",
			     "__Host-SESSION-TOKEN=short"),
	    403);
	assert_int_equal(fixture->memory.session_reads, 0);
	assert_int_equal(fixture_get(fixture, "/sessgate/auth",
			     "__Host-SESSION-TOKEN=aaaaaaaaaaaaaaaaaaaaaaaa"),
	    403);
	assert_answer(fixture, "{\"message\":\"Invalid or expired session\"}");
	assert_no_answer(fixture, "Set-Cookie");
	fixture->conf.session_expired_status = CONF_EXPIRED_401;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth",
			     "__Host-SESSION-TOKEN=aaaaaaaaaaaaaaaaaaaaaaaa"),
	    401);
}

static void
an_outage_is_no_logout(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 503);
	assert_answer(fixture, "X-Sessgate-Code: redis_unavailable");
	assert_answer(fixture, "Retry-After: 1");
	fixture->memory.sessions_result = RESULT_OK;
	fixture->memory.users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 503);
	assert_answer(fixture, "X-Sessgate-Code: mysql_unavailable");
	fixture->memory.users_result = RESULT_FAULT;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 500);
	fixture->memory.users_result = RESULT_FULL;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), -1);
}

static void
auth_shows_whose_session_it_is(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	assert_answer(fixture,
	    "{\"message\":\"Authenticated\",\"user\":{\"id\":\"42\","
	    "\"name\":\"A\",\"email\":\"a@example.org\"},\"session\":"
	    "{\"createdAt\":1799999999000,\"expiresAt\":1800001000000}}");
	fixture->memory.ids_look_unknown = fixture->memory.users_are_cached =
	    true;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	fixture->memory.user_count = 0;
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 403);
	assert_answer(fixture, "X-Sessgate-Code: session_user_gone");
}

static void
users_are_shown_as_access_allows(void **state)
{
	struct fixture *fixture = *state;

	memory_add_user(&fixture->memory,
	    &(struct user){ .id = STR("7"), .name = STR("B") });
	assert_int_equal(fixture_get(fixture, "/sessgate/user/42", NULL), 401);
	assert_int_equal(
	    fixture_get(fixture, "/sessgate/user/me", COOKIE), 200);
	assert_answer(fixture, "{\"message\":\"User fetched\",\"user\"");
	fixture->memory.users_are_cached = true;
	assert_int_equal(
	    fixture_get(fixture, "/sessgate/user/42", COOKIE), 200);
	assert_answer(
	    fixture, "{\"message\":\"User fetched (cache)\",\"user\"");
	assert_int_equal(fixture_get(fixture, "/sessgate/user/7", COOKIE), 404);
	fixture->conf.user_access = CONF_ACCESS_AUTHENTICATED;
	assert_int_equal(fixture_get(fixture, "/sessgate/user/7", COOKIE), 200);
	assert_int_equal(fixture_get(fixture, "/sessgate/user/7", NULL), 401);
	fixture->conf.user_access = CONF_ACCESS_PUBLIC;
	assert_int_equal(fixture_get(fixture, "/sessgate/user/7", NULL), 200);
	assert_int_equal(fixture_get(fixture, "/sessgate/user/8", NULL), 404);
	assert_int_equal(fixture_get(fixture, "/sessgate/user/me", NULL), 401);
}

static void
malformed_ids_are_asked_nowhere(void **state)
{
	static const char *const ids[] = { "01", "+1", "1abc", "1\n", "-1", "0",
		"18446744073709551616", "99999999999999999999",
		"100000000000000000000" };
	struct fixture *fixture = *state;
	char path[64];

	for (size_t i = 0; i < COUNT(ids); i++) {
		snprintf(path, sizeof(path), "/sessgate/user/%s", ids[i]);
		assert_row(fixture_get(fixture, path, COOKIE) == 404, ids[i]);
		assert_answer(fixture, "{\"message\":\"User not found\"}");
	}
	assert_int_equal(fixture->memory.id_reads, 0);
	assert_int_equal(fixture->memory.session_reads, 0);
}

static void
logout_ends_the_session_and_the_cookie(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_post(fixture, "/sessgate/logout", ""), 200);
	assert_no_answer(fixture, "Set-Cookie");
	assert_no_answer(fixture, "Clear-Site-Data");
	fixture->request.cookie = STR(COOKIE);
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "Clear-Site-Data: \"cache\"\r\n");
	assert_answer(fixture,
	    "Set-Cookie: __Host-SESSION-TOKEN=; Path=/; Expires=Thu, 01 Jan "
	    "1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax");
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 403);
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR("/sessgate/logout"),
		.cookie = STR(COOKIE) };
	assert_int_equal(fixture_ask(fixture), 503);
	assert_answer(
	    fixture, "{\"message\":\"Service temporarily unavailable\"}");
	assert_answer(fixture, "X-Sessgate-Code: redis_unavailable\r\n");
	assert_answer(fixture, "Retry-After: 1\r\n");
	assert_answer(fixture, "Set-Cookie: __Host-SESSION-TOKEN=; ");
}

static void
an_encoded_body_is_not_read(void **state)
{
	static const struct row {
		const char *path, *encoding, *body;
		int status;
	} rows[] = {
		{ "/sessgate/logout", NULL, "{}", 200 },
		{ "/sessgate/logout", "", "{}", 200 },
		{ "/sessgate/logout", "identity", "{}", 200 },
		{ "/sessgate/logout", "Identity ", "{}", 200 },
		{ "/sessgate/logout", "gzip", "{}", 415 },
		{ "/sessgate/logout", "identity, br", "{}", 415 },
		{ "/sessgate/login", "deflate", "email=a&password=b", 415 },
		{ "/sessgate/logout", "gzip", "", 200 },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->request = (struct request){ .method = STR("POST"),
			.path = str_from(rows[i].path),
			.content_type = STR("application/json"),
			.content_encoding = str_from(rows[i].encoding),
			.body = str_from(rows[i].body) };
		assert_row(fixture_ask(fixture) == rows[i].status,
		    rows[i].encoding != NULL ? rows[i].encoding : "absent");
	}
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(roles_come_before_paths),
		TEST(paths_and_methods),
		TEST(without_a_method_nothing_is_run),
		TEST(a_target_in_disguise_is_refused),
		TEST(who_has_no_good_session_is_told_so),
		TEST(an_outage_is_no_logout),
		TEST(auth_shows_whose_session_it_is),
		TEST(users_are_shown_as_access_allows),
		TEST(malformed_ids_are_asked_nowhere),
		TEST(logout_ends_the_session_and_the_cookie),
		TEST(an_encoded_body_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
