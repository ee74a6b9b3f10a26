/* The pages: what they show, and what they never do */
#include "config.h"

#include <stdio.h>

#include "app_fixture.h"
#include "app/handle/pages.h"

#define LOGIN "/sessgate/login"
#define LOGOUT "/sessgate/logout"
#define FORM "application/x-www-form-urlencoded"

static int
get_page(struct fixture *fixture, const char *path, const char *query,
    const char *cookie)
{
	fixture->request = (struct request){ .method = STR("GET"),
		.path = str_from(path),
		.query = str_from(query),
		.cookie = str_from(cookie) };
	return fixture_ask(fixture);
}

static int
post_form(struct fixture *fixture, const char *path, const char *body)
{
	fixture->request = (struct request){ .method = STR("POST"),
		.path = str_from(path),
		.content_type = STR(FORM),
		.body = str_from(body),
		.sec_fetch_site = STR("same-origin") };
	return fixture_ask(fixture);
}

static void
who_is_not_logged_in_gets_the_form(void **state)
{
	static const char *const cookies[] = { NULL, "",
		"__Host-SESSION-TOKEN=short",
		"__Host-SESSION-TOKEN=aaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(cookies); i++) {
		assert_int_equal(
		    get_page(fixture, LOGIN, NULL, cookies[i]), 200);
		assert_answer(fixture, "<form method=\"post\" action=\"\">");
		assert_answer(fixture, "name=\"next\" value=\"\"");
		assert_answer(
		    fixture, "autocomplete=\"current-password\" required");
		assert_answer(
		    fixture, "name=\"email\" type=\"text\" value=\"\"");
		assert_no_answer(fixture, "role=\"alert\"");
		assert_no_answer(fixture, "checked");
		assert_no_answer(fixture, "Log out");
		assert_no_answer(fixture, "Set-Cookie");
		assert_no_answer(fixture, "X-Sessgate-Code");
		assert_no_answer(fixture, "{{");
	}
}

static void
who_is_logged_in_is_told_so(void **state)
{
	struct fixture *fixture = *state;
	struct session *session = &fixture->memory.records[0].facts.session;
	struct user *row = &fixture->memory.table[0];

	row->login = STR("<b>al&ice");
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), 200);
	assert_answer(fixture, "<strong>&lt;b&gt;al&amp;ice</strong>");
	assert_answer(
	    fixture, "<form method=\"post\" action=\"/sessgate/logout\">");
	assert_no_answer(fixture, "name=\"password\"");
	assert_answer(fixture, "href=\"/\">Go on</a>");
	assert_int_equal(get_page(fixture, LOGIN, "next=%2Fa", COOKIE), 200);
	assert_answer(fixture, "href=\"/a\">Go on</a>");
	row->login = STR_NONE;
	session->login = STR("as in the record");
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), 200);
	assert_answer(fixture, "<strong>as in the record</strong>");
	session->login = STR_NONE;
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), 200);
	assert_answer(fixture, "<strong>a@example.org</strong>");
	row->email = STR_NONE;
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), 200);
	assert_answer(fixture, "<strong>42</strong>");
	fixture->memory.user_count = 0;
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), 200);
	assert_answer(fixture, "name=\"password\"");
}

static void
what_cannot_be_told_is_no_logout(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(
	    get_page(fixture, LOGIN, "next=%2Fa%3Fb", COOKIE), 503);
	assert_answer(fixture, "Content-Type: text/html");
	assert_answer(fixture, "Retry-After: 1\r\n");
	assert_answer(fixture, "X-Sessgate-Code: redis_unavailable\r\n");
	assert_answer(fixture, "<h1>Please try again in a moment</h1>");
	assert_answer(fixture, "href=\"/sessgate/login?next=%2Fa%3Fb\"");
	assert_no_answer(fixture, "<form");
	assert_int_equal(get_page(fixture, LOGIN, NULL, NULL), 200);
	assert_int_equal(get_page(fixture, LOGOUT, NULL, COOKIE), 200);
	fixture->memory.sessions_result = RESULT_FULL;
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), -1);
	fixture->memory.sessions_result = RESULT_FAULT;
	assert_int_equal(get_page(fixture, LOGIN, NULL, COOKIE), 500);
	assert_answer(fixture, "<h1>Something is broken here</h1>");
}

static void
next_makes_the_round_encoded_once(void **state)
{
	static const struct row {
		const char *query, *value;
	} rows[] = {
		{ "next=/private/p.html%3Fa%3D1%26b%3D%2520",
		    "/private/p.html?a=1&amp;b=%20" },
		{ "x=1&next=%2Fa%2Bb+c&next=/d", "" },
		{ "next=%2Fa%2Bb", "/a+b" },
		{ "next=%2F%22%3E%3Cscript%3E", "/&quot;&gt;&lt;script&gt;" },
		{ "next=//evil.example", "" },
		{ "next=%2F%2Fevil.example", "" },
		{ "next=/%5Cevil.example", "" },
		{ "next=/%09/evil.example", "" },
		{ "next=https://evil.example", "" },
		{ "next=%252F%252Fevil.example", "" },
		{ "next", "" },
	};
	struct fixture *fixture = *state;
	char field[128];

	for (size_t i = 0; i < COUNT(rows); i++) {
		get_page(fixture, LOGIN, rows[i].query, NULL);
		snprintf(field, sizeof(field), "name=\"next\" value=\"%s\">",
		    rows[i].value);
		assert_answer(fixture, field);
		assert_no_answer(fixture, "evil");
	}
}

static void
logging_out_takes_a_button(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(get_page(fixture, LOGOUT, NULL, COOKIE), 200);
	assert_answer(
	    fixture, "<form method=\"post\" action=\"/sessgate/logout\">");
	assert_no_answer(fixture, "Set-Cookie");
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
	assert_int_equal(post_form(fixture, LOGOUT, ""), 303);
	assert_answer(fixture, "Location: /sessgate/login\r\n");
}

static void
a_logout_leads_on(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    get_page(fixture, LOGOUT, "next=%2Fa%3Fb%3D%5C", NULL), 200);
	assert_answer(fixture, "name=\"next\" value=\"/a?b=%5C\"");
	assert_int_equal(
	    post_form(fixture, LOGOUT, "next=%2Fa%3Fb%3D%255C"), 303);
	assert_answer(fixture, "Location: /a?b=%5C\r\n");
	assert_int_equal(
	    get_page(fixture, LOGOUT, "next=//evil.example", NULL), 200);
	assert_no_answer(fixture, "evil");
	assert_int_equal(
	    post_form(fixture, LOGOUT, "next=//evil.example"), 303);
	assert_answer(fixture, "Location: /sessgate/login\r\n");
}

static void
a_logout_that_cannot_be_stored_says_so(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LOGOUT),
		.cookie = STR(COOKIE),
		.content_type = STR(FORM),
		.sec_fetch_site = STR("same-origin") };
	assert_int_equal(fixture_ask(fixture), 503);
	assert_answer(fixture, "<h1>Logged out in this browser</h1>");
	assert_answer(fixture, ">To the login page</a>");
	assert_answer(fixture, "Set-Cookie: __Host-SESSION-TOKEN=; Path=/");
	assert_answer(fixture, "X-Sessgate-Code: redis_unavailable\r\n");
	assert_answer(fixture, "Retry-After: 1\r\n");
}

static void
a_refused_form_is_shown_again(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    post_form(fixture, LOGIN,
		"email=b%22%3E%40x&password=hush%21&remember=1&next=%2Fa%3Fb"),
	    401);
	assert_answer(fixture, "Wrong user name or password.</strong>");
	assert_answer(fixture, "type=\"text\" value=\"b&quot;&gt;@x\"");
	assert_answer(fixture, "name=\"next\" value=\"/a?b\"");
	assert_answer(fixture, "value=\"1\" checked>");
	assert_no_answer(fixture, "hush");
	assert_int_equal(post_form(fixture, LOGIN,
			     "email=b&password=&remember=0&next=//evil"),
	    400);
	assert_answer(fixture, "Please fill in both fields.</strong>");
	assert_answer(fixture, "type=\"text\" value=\"b\"");
	assert_no_answer(fixture, "evil");
	assert_no_answer(fixture, "checked");
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(
	    post_form(fixture, LOGIN, "email=b&password=hush&next=/a"), 503);
	assert_answer(fixture, "name=\"next\" value=\"/a\"");
	assert_no_answer(fixture, "hush");
}

static void
what_is_not_fit_to_be_shown_is_left_out(void **state)
{
	static const char *const emails[] = { "a%00b", "a%0Ab", "%1b[2J",
		"%ff%fe", "%7f" };
	struct fixture *fixture = *state;
	char body[2048];

	for (size_t i = 0; i < COUNT(emails); i++) {
		snprintf(body, sizeof(body), "email=%s&password=x", emails[i]);
		assert_row(post_form(fixture, LOGIN, body) == 401, emails[i]);
		assert_answer(fixture, "type=\"text\" value=\"\"");
	}
	memset(body, 'a', sizeof(body));
	memcpy(body, "password=x&email=", 17);
	body[17 + 257] = '\0';
	assert_int_equal(post_form(fixture, LOGIN, body), 401);
	assert_answer(fixture, "type=\"text\" value=\"\"");
	body[17 + 256] = '\0';
	assert_int_equal(post_form(fixture, LOGIN, body), 401);
	assert_answer(fixture, "type=\"text\" value=\"aaaa");
}

static void
who_tried_too_often_is_told_once_for_how_long(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_limit_pair =
	    (struct conf_rate){ .most = 1, .window_ms = 90000 };
	post_form(fixture, LOGIN, "email=b&password=x");
	assert_int_equal(post_form(fixture, LOGIN, "email=b&password=x"), 429);
	assert_answer(fixture,
	    "Too many wrong passwords.</strong> Wrong passwords "
	    "are counted, for an account and for a network. "
	    "You can try again in about 2 min.\n");
	assert_no_answer(fixture, "wait");
	fixture->conf.server_limit = fixture->conf.login_limit_pair;
	get_page(fixture, LOGOUT, NULL, NULL);
	assert_int_equal(get_page(fixture, LOGOUT, NULL, NULL), 429);
	assert_answer(fixture, "<h1>Too many requests</h1>");
}

static void
nothing_of_a_form_from_elsewhere_is_repeated(void **state)
{
	struct fixture *fixture = *state;

	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LOGIN),
		.content_type = STR(FORM),
		.body = STR("email=mallory&password=x&next=/mallory"),
		.sec_fetch_site = STR("cross-site") };
	assert_int_equal(fixture_ask(fixture), 403);
	assert_answer(fixture, "<h1>This did not come from this site</h1>");
	assert_no_answer(fixture, "mallory");
	assert_no_answer(fixture, "<form");
}

static void
ask_in(struct fixture *fixture, enum answer answer, const char *language)
{
	struct context context = { .app = &fixture->app,
		.request = &fixture->request,
		.reply = &fixture->reply,
		.call = &fixture->call };
	struct reply_text text;

	fixture->request =
	    (struct request){ .accept_language = str_from(language) };
	fixture->reply = reply_open(fixture->call.arena);
	page_refuse(&context, answer, answer_status(answer));
	text = reply_render(&fixture->reply, true);
	fixture->answer = arena_cstr(fixture->call.arena, text.body);
}

static void
every_refusal_has_words_in_each_language(void **state)
{
	static const char *const languages[] = { "en", "de" };
	struct fixture *fixture = *state;

	for (int answer = ANSWER_NONE + 1; answer < ANSWER_COUNT; answer++) {
		char title[2][80];

		if (answer == ANSWER_LOGIN_FAILED)
			continue; /* only with a form */
		for (int i = 0; i < 2; i++) {
			const char *h1;

			ask_in(fixture, (enum answer)answer, languages[i]);
			h1 = strstr(fixture->answer, "<h1>");
			assert_non_null(h1);
			snprintf(title[i], sizeof(title[i]), "%.*s",
			    (int)strcspn(h1 + 4, "<"), h1 + 4);
			assert_row(strlen(title[i]) > 8,
			    answer_code((enum answer)answer));
			assert_non_null(
			    strstr(fixture->answer, "class=\"button\""));
		}
		assert_row(strcmp(title[0], title[1]) != 0, title[0]);
	}
	ask_in(fixture, ANSWER_CROSS_SITE, "fr, de-AT;q=0.5");
	assert_answer(fixture, "<html lang=\"de\">");
	ask_in(fixture, ANSWER_CROSS_SITE, "fr");
	assert_answer(fixture, "<html lang=\"en\">");
}

static void
the_site_is_named(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_title = "Fish & Chips";
	fixture->conf.login_forgot_url = "/forgot?a&b";
	theme_close(fixture->theme);
	fixture->theme = theme_open(&fixture->conf, stderr);
	fixture->app.theme = fixture->theme;
	get_page(fixture, LOGIN, NULL, NULL);
	assert_answer(
	    fixture, "<title>Log in &ndash; Fish &amp; Chips</title>");
	assert_answer(fixture, "</svg>Fish &amp; Chips</header>");
	assert_answer(fixture, "<a href=\"/forgot?a&amp;b\">");
	get_page(fixture, LOGIN, NULL, COOKIE);
	assert_answer(fixture, "</svg>Fish &amp; Chips</header>");
	assert_no_answer(fixture, "/forgot");
}

static void
every_page_has_its_headers(void **state)
{
	static const char *const lines[] = {
		"Content-Type: text/html; charset=utf-8\r\n",
		"Cache-Control: no-store\r\n",
		"Vary: Cookie, Accept-Language\r\n",
		"X-Content-Type-Options: nosniff\r\n",
		"Referrer-Policy: same-origin\r\n", "X-Frame-Options: DENY\r\n",
		"Content-Security-Policy: default-src 'none'; style-src "
		"'sha256-",
		"='; form-action 'self'; frame-ancestors 'none'; base-uri "
		"'none'\r\n"
	};
	struct fixture *fixture = *state;

	for (int page = 0; page < 5; page++) {
		if (page == 0)
			get_page(fixture, LOGIN, NULL, NULL);
		else if (page == 1)
			get_page(fixture, LOGIN, NULL, COOKIE);
		else if (page == 2)
			get_page(fixture, LOGOUT, NULL, NULL);
		else if (page == 3)
			post_form(fixture, LOGOUT, "");
		else
			post_form(fixture, LOGIN, "");
		for (size_t i = 0; i < COUNT(lines); i++)
			assert_answer(fixture, lines[i]);
		assert_no_answer(fixture, "<script");
		assert_no_answer(fixture, " style=");
	}
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(who_is_not_logged_in_gets_the_form),
		TEST(who_is_logged_in_is_told_so),
		TEST(what_cannot_be_told_is_no_logout),
		TEST(next_makes_the_round_encoded_once),
		TEST(logging_out_takes_a_button),
		TEST(a_logout_leads_on),
		TEST(a_logout_that_cannot_be_stored_says_so),
		TEST(every_refusal_has_words_in_each_language),
		TEST(the_site_is_named),
		TEST(a_refused_form_is_shown_again),
		TEST(what_is_not_fit_to_be_shown_is_left_out),
		TEST(who_tried_too_often_is_told_once_for_how_long),
		TEST(nothing_of_a_form_from_elsewhere_is_repeated),
		TEST(every_page_has_its_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
