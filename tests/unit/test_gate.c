/* app/gate: who is let in, who is sent where */
#include "config.h"

#include "app_fixture.h"

static void
ask_for(struct desk *desk, const char *target, const char *cookie)
{
	desk->request = (struct request){ .is_authorizer = true,
		.method = STR("GET"),
		.target = str_from(target),
		.cookie = str_from(cookie) };
}

static void
an_authorizer_is_told_who_it_is_and_nothing_else(void **state)
{
	struct desk *desk = *state;

	ask_for(desk, "/private/", COOKIE);
	assert_int_equal(desk_ask(desk), 200);
	assert_answer(desk, "Variable-REMOTE_USER: a@example.org\r\n");
	assert_answer(desk, "Variable-SESSGATE_USER_ID: 42\r\n");
	assert_answer(desk, "Variable-SESSGATE_EMAIL: a@example.org\r\n");
	assert_answer(desk, "Variable-SESSGATE_NAME: A\r\n");
	assert_answer(desk, "Variable-SESSGATE_ROLES: \r\n");
	assert_answer(desk, "Variable-SESSGATE_SESSION: ");
	assert_answer(desk, "Variable-SESSGATE_EXPIRES_IN: 1000\r\n");
	assert_no_answer(desk, "X-");
	assert_no_answer(desk, "Content-");
	assert_no_answer(desk, "Cache-Control");
	assert_no_answer(desk, "Vary");
	assert_no_answer(desk, "Set-Cookie");
	assert_no_answer(desk, TOKEN);
}

static void
a_subrequest_gets_headers_instead(void **state)
{
	struct desk *desk = *state;

	ask_for(desk, "/private/", COOKIE);
	desk->request.is_authorizer = false;
	desk->request.role = STR("gate");
	assert_int_equal(desk_ask(desk), 200);
	assert_answer(desk, "X-Sessgate-User: a@example.org\r\n");
	assert_answer(desk, "X-Sessgate-User-Id: 42\r\n");
	assert_answer(desk, "X-Sessgate-Name: A\r\n");
	assert_answer(desk, "X-Sessgate-Roles: \r\n");
	assert_no_answer(desk, "Variable-");
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
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t m = 0; m < COUNT(methods) * COUNT(paths); m++) {
			const char *method = methods[m % COUNT(methods)];

			ask_for(desk, "/", "");
			desk->request.method = str_from(method);
			desk->request.path =
			    str_from(paths[m / COUNT(methods)]);
			desk->request.role = str_from(rows[i].role);
			desk->request.is_authorizer = rows[i].is_authorizer;
			desk->request.is_gate_only = rows[i].is_gate_only;
			assert_int_equal(desk_ask(desk), rows[i].without);
			desk->request.cookie = STR(COOKIE);
			assert_int_equal(desk_ask(desk), rows[i].with);
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
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(desk, rows[i].target, "");
		desk->request.sec_fetch_mode = STR("navigate");
		assert_int_equal(desk_ask(desk), 303);
		assert_answer(desk, rows[i].location);
		desk->request.is_authorizer = false;
		desk->request.role = STR("login-redirect");
		assert_int_equal(desk_ask(desk), 303);
		assert_answer(desk, rows[i].location);
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
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(desk, "/private/", "");
		desk->request.method = str_from(rows[i].method);
		if (rows[i].mode != NULL)
			desk->request.sec_fetch_mode = str_from(rows[i].mode);
		if (rows[i].accept != NULL)
			desk->request.accept = str_from(rows[i].accept);
		desk->request.requested_with = str_from(rows[i].requested_with);
		assert_int_equal(desk_ask(desk), rows[i].status);
		/* nginx lets no redirect through here */
		desk->request.is_authorizer = false;
		desk->request.role = STR("gate");
		assert_int_equal(desk_ask(desk), 401);
	}
}

static void
a_lost_post_gets_a_page_with_a_link(void **state)
{
	struct desk *desk = *state;

	ask_for(desk, "/private/save.php", "");
	desk->request.method = STR("POST");
	desk->request.accept = STR("text/html");
	assert_int_equal(desk_ask(desk), 401);
	assert_answer(desk, "Content-Type: text/html");
	assert_answer(desk, "<h1>Your session has ended</h1>");
	assert_answer(desk, "What you sent was not saved.");
	assert_answer(desk, "href=\"/sessgate/login\"");
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
	struct desk *desk = *state;
	char href[128];

	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		const struct row *row = &rows[i % COUNT(rows)];

		ask_for(desk, "/private/save.php", COOKIE "x");
		desk->request.method = STR("POST");
		desk->request.accept = STR("text/html");
		desk->request.host = STR("a.example");
		desk->request.referer = str_from(row->referer);
		if (i >= COUNT(rows)) {
			desk->request.is_authorizer = false;
			desk->request.role = STR("login-redirect");
		}
		assert_int_equal(desk_ask(desk), 401);
		snprintf(href, sizeof(href), "href=\"%s\"", row->href);
		assert_answer(desk, href);
	}
}

static void
add_rules(struct desk *desk, const char *const *lines)
{
	const char *why;

	for (; *lines != NULL; lines++)
		assert_true(
		    conf_rules_add(&desk->conf.gate_rule, *lines, &why));
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
	struct desk *desk = *state;
	char text[128];

	add_rules(desk, lines);
	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		const struct row *row = &rows[i % COUNT(rows)];

		ask_for(desk, row->target, COOKIE);
		desk->request.sec_fetch_mode = STR("navigate");
		desk->request.host = STR("a.example");
		desk->request.referer = str_from(row->referer);
		if (i >= COUNT(rows)) {
			desk->request.is_authorizer = false;
			desk->request.role = STR("refusal");
		}
		assert_int_equal(desk_ask(desk), 403);
		assert_answer(desk, "<strong>a@example.org</strong>");
		assert_answer(
		    desk, "<form method=\"post\" action=\"/sessgate/logout\">");
		snprintf(text, sizeof(text), "name=\"next\" value=\"%s\"",
		    row->target);
		assert_answer(desk, text);
		snprintf(text, sizeof(text), "href=\"%s\">Back<",
		    row->back != NULL ? row->back : "");
		if (row->back != NULL)
			assert_answer(desk, text);
		else
			assert_no_answer(desk, ">Back<");
	}
	conf_rules_free(&desk->conf.gate_rule);
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
		{ "/", COOKIE, RESULT_DOWN, 503, "href=\"/\">Try again" },
		{ "/open", COOKIE, RESULT_DOWN, 503, "href=\"/open\">Try" },
	};
	struct desk *desk = *state;

	add_rules(desk, lines);
	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(desk, rows[i].target, rows[i].cookie);
		desk->request.is_authorizer = false;
		desk->request.role = STR("refusal");
		desk->request.sec_fetch_mode = STR("navigate");
		desk->memory.sessions_result = rows[i].redis;
		assert_int_equal(desk_ask(desk), rows[i].status);
		assert_answer(desk, rows[i].says);
	}
	conf_rules_free(&desk->conf.gate_rule);
}

static void
a_redirect_fits_into_what_web_servers_take(void **state)
{
	struct desk *desk = *state;
	char target[2100] = "/?";

	for (size_t len = 2; len < sizeof(target) - 1; len++) {
		target[len] = '&';
		ask_for(desk, target, "");
		desk->request.sec_fetch_mode = STR("navigate");
		assert_int_equal(desk_ask(desk), 303);
		assert_true(strlen(desk->answer) < 4000);
		if (len < 900)
			assert_answer(desk, "?next=%2F%3F%26");
	}
	assert_answer(desk, "Location: /sessgate/login\r\n");
}

static void
sessions_that_are_none_any_more_are_401(void **state)
{
	struct desk *desk = *state;

	ask_for(desk, "/", COOKIE);
	desk->memory.is_disabled[0] = true;
	assert_int_equal(desk_ask(desk), 401);
	assert_answer(desk, "session_user_gone");
	desk->memory.is_disabled[0] = false;
	assert_int_equal(desk_ask(desk), 200);
	desk->memory.user_count = 0;
	assert_int_equal(desk_ask(desk), 401);
	desk->memory.generation.gen = STR("gen-2");
	assert_int_equal(desk_ask(desk), 401);
	assert_answer(desk, "session_invalid");
}

static void
could_not_tell_is_503(void **state)
{
	struct desk *desk = *state;

	ask_for(desk, "/", COOKIE);
	desk->memory.sessions_result = RESULT_DOWN;
	assert_int_equal(desk_ask(desk), 503);
	assert_answer(desk, "redis_unavailable");
	desk->memory.sessions_result = RESULT_OK;
	desk->memory.users_result = RESULT_DOWN;
	assert_int_equal(desk_ask(desk), 503);
	assert_answer(desk, "mysql_unavailable");
	desk->memory.users_result = RESULT_FULL;
	assert_int_equal(desk_ask(desk), -1);
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
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		desk->conf.gate_remote_user = rows[i].kind;
		desk->memory.table[0].login = str_from(rows[i].login);
		desk->memory.table[0].email = str_from(rows[i].email);
		ask_for(desk, "/", COOKIE);
		assert_int_equal(
		    desk_ask(desk), rows[i].expected != NULL ? 200 : 403);
		if (rows[i].expected != NULL)
			assert_answer(desk, rows[i].expected);
	}
}

static void
an_odd_name_is_left_out(void **state)
{
	static const char *const names[] = { "a\nb", "\x7f", "\xff", "A\xc3",
		NULL };
	struct desk *desk = *state;
	char long_name[1026];

	memset(long_name, 'a', sizeof(long_name));
	long_name[1025] = '\0';
	for (size_t i = 0; i <= COUNT(names); i++) {
		desk->memory.table[0].name =
		    str_from(i < COUNT(names) ? names[i] : long_name);
		ask_for(desk, "/", COOKIE);
		assert_int_equal(desk_ask(desk), 200);
		assert_no_answer(desk, "SESSGATE_NAME");
		assert_answer(desk, "Variable-REMOTE_USER: a@example.org");
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
	struct desk *desk = *state;

	add_rules(desk, lines);
	for (size_t i = 0; i < COUNT(rows); i++) {
		ask_for(desk, rows[i].target, "");
		assert_int_equal(desk_ask(desk), rows[i].without);
		desk->request.cookie = STR(COOKIE);
		assert_int_equal(desk_ask(desk), rows[i].with);
	}
	conf_rules_free(&desk->conf.gate_rule);
}

static void
what_is_public_does_not_hang_on_redis(void **state)
{
	static const char *const lines[] = { "/open public", NULL };
	struct desk *desk = *state;

	add_rules(desk, lines);
	desk->memory.sessions_result = RESULT_DOWN;
	ask_for(desk, "/open/", COOKIE);
	assert_int_equal(desk_ask(desk), 200);
	assert_no_answer(desk, "Variable-");
	desk->request.role = STR("Gate");
	assert_int_equal(desk_ask(desk), 403);
	ask_for(desk, "/shut/", COOKIE);
	assert_int_equal(desk_ask(desk), 503);
	conf_rules_free(&desk->conf.gate_rule);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
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
