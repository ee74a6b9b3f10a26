/* app/handle/gate: who is let in, who is sent where */
#include "config.h"

#include "app_fixture.h"

static void
ask_for(struct fixture *fixture, const char *target, const char *cookie)
{
	fixture->request = (struct request){ .is_authorizer = true,
		.method = STR("GET"),
		.target = str_from(target),
		.cookie = str_from(cookie) };
}

static void
an_authorizer_is_told_who_it_is_and_nothing_else(void **state)
{
	struct fixture *fixture = *state;

	ask_for(fixture, "/private/", COOKIE);
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "Variable-REMOTE_USER: a@example.org\r\n");
	assert_answer(fixture, "Variable-SESSGATE_USER_ID: 42\r\n");
	assert_answer(fixture, "Variable-SESSGATE_EMAIL: a@example.org\r\n");
	assert_answer(fixture, "Variable-SESSGATE_NAME: A\r\n");
	assert_answer(fixture, "Variable-SESSGATE_ROLES: \r\n");
	assert_answer(fixture, "Variable-SESSGATE_SESSION: ");
	assert_answer(fixture, "Variable-SESSGATE_EXPIRES_IN: 1000\r\n");
	assert_no_answer(fixture, "X-");
	assert_no_answer(fixture, "Content-");
	assert_no_answer(fixture, "Cache-Control");
	assert_no_answer(fixture, "Vary");
	assert_no_answer(fixture, "Set-Cookie");
	assert_no_answer(fixture, TOKEN);
}

static void
a_subrequest_gets_headers_instead(void **state)
{
	struct fixture *fixture = *state;

	ask_for(fixture, "/private/", COOKIE);
	fixture->request.is_authorizer = false;
	fixture->request.role = STR("gate");
	assert_int_equal(fixture_ask(fixture), 200);
	assert_answer(fixture, "X-Sessgate-User: a@example.org\r\n");
	assert_answer(fixture, "X-Sessgate-User-Id: 42\r\n");
	assert_answer(fixture, "X-Sessgate-Name: A\r\n");
	assert_answer(fixture, "X-Sessgate-Roles: \r\n");
	assert_no_answer(fixture, "Variable-");
}

static void
roles_come_before_methods_and_paths(void **state)
{
	static const struct row {
		const char *role;
		bool is_authorizer, is_gate_only;
		int without, with;
	} rows[] = {
		{ "", true, false, 401, 200 },
		{ "gate", false, false, 401, 200 },
		{ "gate", false, true, 401, 200 },
		{ "", true, true, 401, 200 },
		{ "", false, true, 403, 403 },
		{ "Gate", false, false, 403, 403 },
		{ "api", false, false, 403, 403 },
		{ "api", true, false, 403, 403 },
		{ "login-redirect", false, false, 401, 401 },
		{ "refusal", false, false, 401, 403 },
	};
	static const char *const methods[] = { "OPTIONS", "HEAD", "POST",
		"DELETE", "BREW" };
	static const char *const paths[] = { "/sessgate/login",
		"/sessgate/healthz", "/sessgate/auth", "/" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t m = 0; m < COUNT(methods) * COUNT(paths); m++) {
			const char *method = methods[m % COUNT(methods)];

			ask_for(fixture, "/", "");
			fixture->request.method = str_from(method);
			fixture->request.path =
			    str_from(paths[m / COUNT(methods)]);
			fixture->request.role = str_from(rows[i].role);
			fixture->request.is_authorizer = rows[i].is_authorizer;
			fixture->request.is_gate_only = rows[i].is_gate_only;
			assert_int_equal(fixture_ask(fixture), rows[i].without);
			fixture->request.cookie = STR(COOKIE);
			assert_int_equal(fixture_ask(fixture), rows[i].with);
		}
}

static void
a_navigation_is_sent_to_the_login(void **state)
{
	static const struct row {
		const char *target, *location;
	} rows[] = {
		{ "/private/p.html?a=1&b=%20",
		    "Location: /sessgate/login?next=%2Fprivate%2Fp.html%3Fa%3D1"
		    "%26b%3D%2520\r\n" },
		{ "/a?b=\\c",
		    "Location: /sessgate/login?next=%2Fa%3Fb%3D%255Cc\r\n" },
		{ "/\xc3\xa9",
		    "Location: /sessgate/login?next=%2F%25C3%25A9\r\n" },
		{ "/a\\b", "Location: /sessgate/login\r\n" },
		{ "//evil.example/", "Location: /sessgate/login\r\n" },
		{ "http://evil.example/", "Location: /sessgate/login\r\n" },
		{ "", "Location: /sessgate/login\r\n" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(fixture, rows[i].target, "");
		fixture->request.sec_fetch_mode = STR("navigate");
		assert_int_equal(fixture_ask(fixture), 303);
		assert_answer(fixture, rows[i].location);
		fixture->request.is_authorizer = false;
		fixture->request.role = STR("login-redirect");
		assert_int_equal(fixture_ask(fixture), 303);
		assert_answer(fixture, rows[i].location);
	}
}

static void
what_is_no_navigation_is_told_401(void **state)
{
	static const struct row {
		const char *method, *mode, *accept;
		int status;
		const char *requested_with;
	} rows[] = {
		{ "GET", NULL, "TEXT/Html", 303, NULL },
		{ "GET", NULL, "text/html", 401, "XMLHttpRequest" },
		{ "HEAD", NULL, "text/html", 401, "fetch" },
		{ "GET", NULL, "text/html", 303, "" },
		{ "GET", "navigate", "text/html", 303, "org.example.app" },
		{ "GET", NULL, "text/html,*/*;q=0.8", 303, NULL },
		{ "HEAD", NULL, "text/html", 303, NULL },
		{ "GET", "navigate", "*/*", 303, NULL },
		{ "GET", NULL, "*/*", 401, NULL },
		{ "GET", NULL, NULL, 401, NULL },
		{ "GET", "cors", "text/html", 401, NULL },
		{ "GET", "no-cors", "image/png", 401, NULL },
		{ "POST", "navigate", "text/html", 401, NULL },
		{ "PUT", NULL, "text/html", 401, NULL },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(fixture, "/private/", "");
		fixture->request.method = str_from(rows[i].method);
		if (rows[i].mode != NULL)
			fixture->request.sec_fetch_mode =
			    str_from(rows[i].mode);
		if (rows[i].accept != NULL)
			fixture->request.accept = str_from(rows[i].accept);
		fixture->request.requested_with =
		    str_from(rows[i].requested_with);
		assert_int_equal(fixture_ask(fixture), rows[i].status);
		/* nginx lets no redirect through here */
		fixture->request.is_authorizer = false;
		fixture->request.role = STR("gate");
		assert_int_equal(fixture_ask(fixture), 401);
	}
}

static void
a_lost_post_gets_a_page_with_a_link(void **state)
{
	struct fixture *fixture = *state;

	ask_for(fixture, "/private/save.php", "");
	fixture->request.method = STR("POST");
	fixture->request.accept = STR("text/html");
	assert_int_equal(fixture_ask(fixture), 401);
	assert_answer(fixture, "Content-Type: text/html");
	assert_answer(fixture, "<h1>Your session has ended</h1>");
	assert_answer(fixture, "What you sent was not saved.");
	assert_answer(fixture, "href=\"/sessgate/login\"");
}

static void
a_lost_post_leads_back_to_where_it_came_from(void **state)
{
	static const struct row {
		const char *referer, *href;
	} rows[] = {
		{ "https://a.example/private/edit.php?id=1",
		    "/sessgate/login?next=%2Fprivate%2Fedit.php%3Fid%3D1" },
		{ "https://evil.example/x", "/sessgate/login" },
		{ "https://a.example/private/save.php", "/sessgate/login" },
		{ "https://a.example/sessgate/login?next=%2Fa",
		    "/sessgate/login" },
		{ "https://a.example//evil.example/", "/sessgate/login" },
		{ "null", "/sessgate/login" },
	};
	struct fixture *fixture = *state;
	char href[128];

	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		const struct row *row = &rows[i % COUNT(rows)];

		ask_for(fixture, "/private/save.php", COOKIE "x");
		fixture->request.method = STR("POST");
		fixture->request.accept = STR("text/html");
		fixture->request.host = STR("a.example");
		fixture->request.referer = str_from(row->referer);
		if (i >= COUNT(rows)) {
			fixture->request.is_authorizer = false;
			fixture->request.role = STR("login-redirect");
		}
		assert_int_equal(fixture_ask(fixture), 401);
		snprintf(href, sizeof(href), "href=\"%s\"", row->href);
		assert_answer(fixture, href);
	}
}

static void
add_rules(struct fixture *fixture, const char *const *lines)
{
	const char *why;

	for (; *lines != NULL; lines++)
		assert_true(
		    conf_rules_add(&fixture->conf.gate_rule, *lines, &why));
}

static void
who_is_refused_is_told_who_it_is_and_led_on(void **state)
{
	static const char *const lines[] = { "/ user b", "/open public", NULL };
	static const struct row {
		const char *target, *referer, *back;
	} rows[] = {
		{ "/admin/", NULL, "/" },
		{ "/admin/", "https://a.example/list?a=1&b",
		    "/list?a=1&amp;b" },
		{ "/admin/", "https://a.example/sessgate/login", "/" },
		{ "/admin/", "https://a.example/admin/", "/" },
		{ "/admin/", "https://evil.example/", "/" },
		{ "/", NULL, NULL },
	};
	struct fixture *fixture = *state;
	char text[128];

	add_rules(fixture, lines);
	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		const struct row *row = &rows[i % COUNT(rows)];

		ask_for(fixture, row->target, COOKIE);
		fixture->request.sec_fetch_mode = STR("navigate");
		fixture->request.host = STR("a.example");
		fixture->request.referer = str_from(row->referer);
		if (i >= COUNT(rows)) {
			fixture->request.is_authorizer = false;
			fixture->request.role = STR("refusal");
		}
		assert_int_equal(fixture_ask(fixture), 403);
		assert_answer(fixture, "<strong>a@example.org</strong>");
		assert_answer(fixture,
		    "<form method=\"post\" action=\"/sessgate/logout\">");
		snprintf(text, sizeof(text), "name=\"next\" value=\"%s\"",
		    row->target);
		assert_answer(fixture, text);
		snprintf(text, sizeof(text), "href=\"%s\">Back<",
		    row->back != NULL ? row->back : "");
		if (row->back != NULL)
			assert_answer(fixture, text);
		else
			assert_no_answer(fixture, ">Back<");
	}
	conf_rules_free(&fixture->conf.gate_rule);
}

static void
the_page_of_a_refusal_opens_nothing(void **state)
{
	static const char *const lines[] = { "/open public", NULL };
	static const struct row {
		const char *target, *cookie;
		enum result redis;
		int status;
		const char *says;
	} rows[] = {
		{ "/", COOKIE, RESULT_OK, 403, "logged in as" },
		{ "/open", COOKIE, RESULT_OK, 403, "logged in as" },
		{ "/", "", RESULT_OK, 401, "<h1>You are not logged in</h1>" },
		{ "/open", "", RESULT_OK, 401, ">Log in</a>" },
		{ "/", COOKIE, RESULT_REDIS_DOWN, 503, "href=\"/\">Try again" },
		{ "/open", COOKIE, RESULT_REDIS_DOWN, 503,
		    "href=\"/open\">Try" },
	};
	struct fixture *fixture = *state;

	add_rules(fixture, lines);
	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(fixture, rows[i].target, rows[i].cookie);
		fixture->request.is_authorizer = false;
		fixture->request.role = STR("refusal");
		fixture->request.sec_fetch_mode = STR("navigate");
		fixture->memory.sessions_result = rows[i].redis;
		assert_int_equal(fixture_ask(fixture), rows[i].status);
		assert_answer(fixture, rows[i].says);
	}
	conf_rules_free(&fixture->conf.gate_rule);
}

static void
a_redirect_fits_into_what_web_servers_take(void **state)
{
	struct fixture *fixture = *state;
	char target[2100] = "/?";

	for (size_t len = 2; len < sizeof(target) - 1; len++) {
		target[len] = '&';
		ask_for(fixture, target, "");
		fixture->request.sec_fetch_mode = STR("navigate");
		assert_int_equal(fixture_ask(fixture), 303);
		assert_true(strlen(fixture->answer) < 4000);
		if (len < 900)
			assert_answer(fixture, "?next=%2F%3F%26");
	}
	assert_answer(fixture, "Location: /sessgate/login\r\n");
}

static void
sessions_that_are_none_any_more_are_401(void **state)
{
	struct fixture *fixture = *state;

	ask_for(fixture, "/", COOKIE);
	fixture->memory.is_disabled[0] = true;
	assert_int_equal(fixture_ask(fixture), 401);
	assert_answer(fixture, "session_user_gone");
	fixture->memory.is_disabled[0] = false;
	assert_int_equal(fixture_ask(fixture), 200);
	fixture->memory.user_count = 0;
	assert_int_equal(fixture_ask(fixture), 401);
	fixture->memory.generation.gen = STR("gen-2");
	assert_int_equal(fixture_ask(fixture), 401);
	assert_answer(fixture, "session_invalid");
}

static void
could_not_tell_is_503(void **state)
{
	struct fixture *fixture = *state;

	ask_for(fixture, "/", COOKIE);
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(fixture_ask(fixture), 503);
	assert_answer(fixture, "redis_unavailable");
	fixture->memory.sessions_result = RESULT_OK;
	fixture->memory.users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(fixture_ask(fixture), 503);
	assert_answer(fixture, "mysql_unavailable");
	fixture->memory.users_result = RESULT_FULL;
	assert_int_equal(fixture_ask(fixture), -1);
}

static void
remote_user_is_what_was_configured(void **state)
{
	static const struct row {
		enum conf_gate_remote_user kind;
		const char *login, *email, *expected;
	} rows[] = {
		{ CONF_REMOTE_USER_LOGIN, "al", "a@b", ": al\r\n" },
		{ CONF_REMOTE_USER_ID, "al", "a@b", ": 42\r\n" },
		{ CONF_REMOTE_USER_EMAIL, "al", "a@b", ": a@b\r\n" },
		{ CONF_REMOTE_USER_LOGIN, "j\xc3\xb6rg", "a@b",
		    ": j\xc3\xb6rg\r\n" },
		{ CONF_REMOTE_USER_LOGIN, "", "a@b", NULL },
		{ CONF_REMOTE_USER_EMAIL, "al", "", NULL },
		{ CONF_REMOTE_USER_LOGIN, "al\nX: y", "a@b", NULL },
		{ CONF_REMOTE_USER_LOGIN, "al\x7f", "a@b", NULL },
		{ CONF_REMOTE_USER_LOGIN, "al", "a\tb", NULL },
		{ CONF_REMOTE_USER_LOGIN, "al\xff", "a@b", NULL },
		{ CONF_REMOTE_USER_LOGIN, "al\xc3", "a@b", NULL },
		{ CONF_REMOTE_USER_LOGIN, "\xc0\xaf", "a@b", NULL },
		{ CONF_REMOTE_USER_LOGIN, "\xed\xa0\x80", "a@b", NULL },
		{ CONF_REMOTE_USER_LOGIN, "al", "a\xff", NULL },
		{ CONF_REMOTE_USER_EMAIL, "al", "a\xfe", NULL },
		{ CONF_REMOTE_USER_ID, "al\xff", "a\xff", NULL },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->conf.gate_remote_user = rows[i].kind;
		fixture->memory.table[0].login = str_from(rows[i].login);
		fixture->memory.table[0].email = str_from(rows[i].email);
		ask_for(fixture, "/", COOKIE);
		assert_int_equal(
		    fixture_ask(fixture), rows[i].expected != NULL ? 200 : 403);
		if (rows[i].expected != NULL)
			assert_answer(fixture, rows[i].expected);
	}
}

static void
an_odd_name_is_left_out(void **state)
{
	static const char *const names[] = { "a\nb", "\x7f", "\xff", "A\xc3",
		NULL };
	struct fixture *fixture = *state;
	char long_name[1026];

	memset(long_name, 'a', sizeof(long_name));
	long_name[1025] = '\0';
	for (size_t i = 0; i <= COUNT(names); i++) {
		fixture->memory.table[0].name =
		    str_from(i < COUNT(names) ? names[i] : long_name);
		ask_for(fixture, "/", COOKIE);
		assert_int_equal(fixture_ask(fixture), 200);
		assert_no_answer(fixture, "SESSGATE_NAME");
		assert_answer(fixture, "Variable-REMOTE_USER: a@example.org");
	}
}

static void
rules_say_who_sees_which_path(void **state)
{
	static const char *const lines[] = { "/open public", "/hers user b",
		"/his user a@example.org b", "/admin role admin", NULL };
	static const struct row {
		const char *target;
		int without, with;
	} rows[] = {
		{ "/", 401, 200 },
		{ "/open", 200, 200 },
		{ "/open/x.php?y=//z", 200, 200 },
		{ "/opener", 401, 200 },
		{ "/open/../hers", 401, 403 },
		{ "//open", 401, 403 },
		{ "/hers/", 401, 403 },
		{ "/his", 401, 200 },
		{ "/%68is", 401, 200 },
		{ "/%68ers", 401, 403 },
		{ "/admin", 401, 403 },
	};
	struct fixture *fixture = *state;

	add_rules(fixture, lines);
	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(fixture, rows[i].target, "");
		assert_int_equal(fixture_ask(fixture), rows[i].without);
		fixture->request.cookie = STR(COOKIE);
		assert_int_equal(fixture_ask(fixture), rows[i].with);
	}
	conf_rules_free(&fixture->conf.gate_rule);
}

static void
what_is_public_does_not_hang_on_redis(void **state)
{
	static const char *const lines[] = { "/open public", NULL };
	struct fixture *fixture = *state;

	add_rules(fixture, lines);
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	ask_for(fixture, "/open/", COOKIE);
	assert_int_equal(fixture_ask(fixture), 200);
	assert_no_answer(fixture, "Variable-");
	fixture->request.role = STR("Gate");
	assert_int_equal(fixture_ask(fixture), 403);
	ask_for(fixture, "/shut/", COOKIE);
	assert_int_equal(fixture_ask(fixture), 503);
	conf_rules_free(&fixture->conf.gate_rule);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(an_authorizer_is_told_who_it_is_and_nothing_else),
		TEST(a_subrequest_gets_headers_instead),
		TEST(roles_come_before_methods_and_paths),
		TEST(a_navigation_is_sent_to_the_login),
		TEST(what_is_no_navigation_is_told_401),
		TEST(a_lost_post_gets_a_page_with_a_link),
		TEST(a_lost_post_leads_back_to_where_it_came_from),
		TEST(who_is_refused_is_told_who_it_is_and_led_on),
		TEST(the_page_of_a_refusal_opens_nothing),
		TEST(a_redirect_fits_into_what_web_servers_take),
		TEST(sessions_that_are_none_any_more_are_401),
		TEST(could_not_tell_is_503),
		TEST(remote_user_is_what_was_configured),
		TEST(an_odd_name_is_left_out),
		TEST(rules_say_who_sees_which_path),
		TEST(what_is_public_does_not_hang_on_redis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
