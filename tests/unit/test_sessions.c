/* app/handle/sessions, app/handle/logout: seeing and ending one's sessions */
#include "config.h"

#include "app_fixture.h"
#include "secret/token.h"

#define LIST "/sessgate/sessions"
#define ALL "/sessgate/logout/all"

static int
open_with_two(void **state)
{
	return fixture_open_with_two(state, "192.0.2.9", "a \"b\"");
}

static int
ask(struct fixture *fixture, const char *method, const char *path,
    const char *target)
{
	fixture->request = (struct request){ .method = str_from(method),
		.path = str_from(path),
		.target = str_from(target),
		.cookie = STR(COOKIE) };
	return fixture_ask(fixture);
}

static const char *
own_handle(struct fixture *fixture)
{
	return arena_cstr(
	    fixture->call.arena, token_handle(fixture->call.arena, STR(TOKEN)));
}

static void
one_sees_ones_sessions(void **state)
{
	struct fixture *fixture = *state;
	char own[256];

	assert_int_equal(ask(fixture, "GET", LIST, NULL), 200);
	snprintf(own, sizeof(own),
	    "{\"sessions\":[{\"handle\":\"%s\",\"createdAt\":1799999999000,"
	    "\"lastSeenAt\":1799999999000,\"expiresAt\":1800001000000,"
	    "\"current\":true},{\"handle\":\"",
	    own_handle(fixture));
	assert_answer(fixture, own);
	assert_answer(fixture,
	    "\"expiresAt\":1800001000000,\"address\":\"192.0.2.9\","
	    "\"userAgent\":\"a \\\"b\\\"\",\"current\":false}]}");
	assert_no_answer(fixture, OTHER);
	assert_int_equal(fixture_get(fixture, LIST, NULL), 401);
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(ask(fixture, "GET", LIST, NULL), 503);
}

static void
kill_by_end(struct session_facts *facts)
{
	facts->session.expires_ms = 1800000000000;
}

static void
kill_by_generation(struct session_facts *facts)
{
	facts->session.gen = STR("gen-0");
}

static void
kill_by_owner(struct session_facts *facts)
{
	facts->session.user_id = STR("43");
}

static void
kill_by_password(struct session_facts *facts)
{
	facts->session.pw = STR("before");
}

static void
the_dead_and_the_foreign_are_not_shown(void **state)
{
	static void (*const kills[])(struct session_facts * facts) = {
		kill_by_end, kill_by_generation, kill_by_owner, kill_by_password
	};
	struct fixture *fixture = *state;
	const struct session_facts alive = fixture->memory.records[1].facts;

	fixture->memory.account_pw = STR("now");
	for (size_t i = 0; i < COUNT(kills); i++) {
		fixture->memory.records[1].facts = alive;
		kills[i](&fixture->memory.records[1].facts);
		assert_int_equal(ask(fixture, "GET", LIST, NULL), 200);
		assert_answer(fixture, "\"current\":true}]}");
	}
}

static void
a_long_list_is_cut_and_whole(void **state)
{
	static char agent[2000];
	struct fixture *fixture = *state;

	memset(agent, 1, sizeof(agent) - 1); /* six bytes each when escaped */
	fixture->memory.records[0].facts.session.agent = str_from(agent);
	for (int i = 2; i < MEMORY_MAX; i++) {
		memory_add_session(&fixture->memory, "x", STR("42"));
		fixture->memory.records[i].token[0] = (char)('a' + i);
		fixture->memory.records[i].facts.session.agent =
		    str_from(agent);
	}
	assert_int_equal(ask(fixture, "GET", LIST, NULL), 200);
	assert_answer(fixture, "}]}");
}

static void
one_of_them_is_ended(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    ask(fixture, "DELETE", LIST "/abcdefghijklmnop", NULL), 204);
	assert_no_answer(fixture, "Set-Cookie");
	assert_string_equal(fixture->memory.records[1].token, "");
	assert_int_equal(
	    ask(fixture, "DELETE", LIST "/abcdefghijklmnop", NULL), 404);
	assert_int_equal(
	    ask(fixture, "POST", LIST "/" OTHER "/end", NULL), 404);
	assert_int_equal(ask(fixture, "POST", LIST "//end", NULL), 404);
	assert_int_equal(ask(fixture, "POST", LIST "/x/end/y", NULL), 404);
	assert_int_equal(ask(fixture, "POST", LIST "/x", NULL), 405);
	assert_int_equal(ask(fixture, "GET", LIST "/x/end", NULL), 405);
}

static void
ones_own_takes_the_cookie_along(void **state)
{
	struct fixture *fixture = *state;
	char path[64];

	snprintf(path, sizeof(path), LIST "/%s/end", own_handle(fixture));
	assert_int_equal(ask(fixture, "POST", path, NULL), 204);
	assert_answer(
	    fixture, "Set-Cookie: __Host-SESSION-TOKEN=; Path=/; Exp");
	assert_string_equal(fixture->memory.records[0].token, "");
	assert_int_equal(ask(fixture, "GET", LIST, NULL), 403);
}

static void
all_are_ended(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    ask(fixture, "POST", ALL, "/sessgate/logout/all"), 200);
	assert_answer(
	    fixture, "{\"message\":\"Logged out successfully\",\"revoked\":2}");
	assert_answer(
	    fixture, "Set-Cookie: __Host-SESSION-TOKEN=; Path=/; Exp");
	assert_int_equal(ask(fixture, "GET", LIST, NULL), 403);
}

static void
all_others_are_ended(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask(fixture, "POST", ALL, "/x?a=b&others=1"), 200);
	assert_answer(fixture, "\"revoked\":1}");
	assert_no_answer(fixture, "Set-Cookie");
	assert_int_equal(ask(fixture, "GET", LIST, NULL), 200);
	assert_string_equal(fixture->memory.records[1].token, "");
	assert_int_equal(ask(fixture, "POST", ALL, "/x?others=yes"), 400);
	assert_int_equal(ask(fixture, "POST", ALL, "/x?others="), 400);
	assert_int_equal(ask(fixture, "POST", ALL, "/x?others=0"), 200);
	assert_answer(fixture, "Set-Cookie");
}

static void
an_old_login_does_not_end_all(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.session_fresh_ms = 1000;
	assert_int_equal(ask(fixture, "POST", ALL, NULL), 403);
	assert_answer(fixture, "X-Sessgate-Code: login_too_old\r\n");
	assert_answer(fixture, "{\"message\":\"Login too old\"}");
	fixture->conf.session_fresh_ms = 1001;
	assert_int_equal(ask(fixture, "POST", ALL, NULL), 200);
}

static void
another_site_ends_nothing(void **state)
{
	static const struct {
		const char *method, *path;
	} rows[] = {
		{ "POST", ALL },
		{ "DELETE", LIST "/abcdefghijklmnop" },
		{ "POST", LIST "/abcdefghijklmnop/end" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ask(fixture, "GET", LIST, NULL);
		fixture->request.method = str_from(rows[i].method);
		fixture->request.path = str_from(rows[i].path);
		fixture->request.sec_fetch_site = STR("same-site");
		assert_int_equal(fixture_ask(fixture), 403);
		assert_answer(fixture, "X-Sessgate-Code: cross_site\r\n");
	}
	assert_string_equal(fixture->memory.records[1].token, OTHER);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_two, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(one_sees_ones_sessions),
		TEST(the_dead_and_the_foreign_are_not_shown),
		TEST(a_long_list_is_cut_and_whole),
		TEST(one_of_them_is_ended),
		TEST(ones_own_takes_the_cookie_along),
		TEST(all_are_ended),
		TEST(all_others_are_ended),
		TEST(an_old_login_does_not_end_all),
		TEST(another_site_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
