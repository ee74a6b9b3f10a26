/* app/handle/account: the account page and the guard of its forms */
#include "config.h"

#include "app_fixture.h"
#include "secret/token.h"

#define ACCOUNT "/sessgate/account"
#define ALL "/sessgate/logout/all"
#define END "/sessgate/sessions/abcdefghijklmnop/end"
#define FIREFOX "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0"
#define LOCATION(target) "Location: " target "\r\n"

static int
open_with_two(void **state)
{
	return fixture_open_with_two(state, "2001:db8::5", FIREFOX);
}

static int
get_page(struct fixture *fixture, const char *query, const char *language)
{
	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR(ACCOUNT),
		.query = str_from(query),
		.cookie = STR(COOKIE),
		.accept_language = str_from(language) };
	return fixture_ask(fixture);
}

static int
send(struct fixture *fixture, const char *path, const char *target,
    const char *body)
{
	fixture->request = (struct request){ .method = STR("POST"),
		.path = str_from(path),
		.target = str_from(target),
		.cookie = STR(COOKIE),
		.content_type = STR("application/x-www-form-urlencoded"),
		.body = str_from(body),
		.sec_fetch_site = STR("same-origin") };
	return fixture_ask(fixture);
}

static void
it_shows_who_is_logged_in_and_where(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(get_page(fixture, NULL, NULL), 200);
	assert_answer(fixture, "<strong>a@example.org</strong>");
	assert_answer(fixture, "<b>this one</b>");
	assert_answer(
	    fixture, "<li>Firefox, Windows\n2001:db8::, 1 min<button");
	assert_answer(fixture, "Log out everywhere else");
	assert_no_answer(fixture, "role=\"alert\"");
	assert_no_answer(fixture, "role=\"status\"");
	assert_no_answer(fixture, "name=\"current\"");
	assert_no_answer(fixture, OTHER);
	assert_no_answer(fixture, "{{");
	get_page(fixture, NULL, "de");
	assert_answer(fixture, "<h1>Ihr Konto</h1>");
	assert_no_answer(fixture, "Log out");
}

static void
the_last_use_is_told_in_the_unit_that_fits(void **state)
{
	static const struct row {
		int64_t ago_s;
		const char *words;
	} rows[] = { { -5, ", 1 min<" }, { 0, ", 1 min<" },
		{ 3599, ", 59 min<" }, { 3600, ", 1 h<" },
		{ 48 * 3600 - 1, ", 47 h<" }, { 48 * 3600, ", 2 days<" },
		{ 400 * 86400, ", 400 days<" } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->memory.records[1].facts.seen_ms =
		    fixture->memory.now_ms - rows[i].ago_s * 1000;
		get_page(fixture, NULL, NULL);
		assert_answer(fixture, rows[i].words);
	}
}

static void
what_is_done_is_one_of_a_few_words(void **state)
{
	static const struct row {
		const char *query, *words;
	} rows[] = { { "done=ended", "The session has ended." },
		{ "done=others", "You are logged out everywhere else." },
		{ "done=password", "Your password is changed." },
		{ "done=Ended", NULL }, { "done=", NULL }, { "done", NULL },
		{ "x=ended", NULL } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(get_page(fixture, rows[i].query, NULL), 200);
		if (rows[i].words != NULL)
			assert_answer(fixture, rows[i].words);
		else
			assert_no_answer(fixture, "role=\"status\"");
	}
}

static void
nobody_gets_it_without_a_session(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture_get(fixture, ACCOUNT, NULL), 303);
	assert_answer(
	    fixture, LOCATION("/sessgate/login?next=%2Fsessgate%2Faccount"));
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(get_page(fixture, NULL, NULL), 503);
	assert_answer(fixture, "href=\"" ACCOUNT "\"");
}

static void
a_form_ends_a_session_once_or_twice(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(send(fixture, END, NULL, "user=42"), 303);
		assert_answer(fixture, LOCATION(ACCOUNT "?done=ended"));
	}
	assert_int_equal(fixture->memory.records[1].token[0], 0);
}

static void
a_form_of_another_user_changes_nothing(void **state)
{
	static const struct row {
		const char *path, *target;
	} rows[] = { { END, END }, { ALL, ALL "?others=1" }, { ALL, ALL } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    send(fixture, rows[i].path, rows[i].target, "user=43"),
		    403);
		assert_answer(fixture, "X-Sessgate-Code: forbidden");
		assert_answer(fixture, "made for another account");
		assert_answer(fixture, "<h1>Your account</h1>");
	}
	assert_string_equal(fixture->memory.trace, "");
}

static void
an_old_login_needs_the_password(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.session_fresh_ms = 500;
	assert_int_equal(send(fixture, ALL, ALL "?others=1", "user=42"), 403);
	assert_answer(fixture, "X-Sessgate-Code: login_too_old");
	assert_answer(fixture, "<label for=\"proof\">");
	assert_answer(fixture, "formaction=../sessions/");
	assert_string_equal(fixture->memory.trace, "");
	/* it does not stand in the way of ending one session */
	assert_int_equal(send(fixture, END, NULL, "user=42"), 303);
	fixture->conf.session_fresh_ms = 0;
	assert_int_equal(send(fixture, ALL, ALL "?others=1", "user=42"), 303);
	assert_answer(fixture, LOCATION(ACCOUNT "?done=others"));
}

static void
what_is_refused_without_a_session_has_a_way_on(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.record_count = 0;
	assert_int_equal(send(fixture, ALL, ALL "?others=1", "user=42"), 403);
	assert_answer(fixture, "Your session has ended");
	assert_answer(
	    fixture, "href=\"/sessgate/login?next=%2Fsessgate%2Faccount\"");
	fixture->request.sec_fetch_site = STR("cross-site");
	assert_int_equal(fixture_ask(fixture), 403);
	assert_answer(fixture, "X-Sessgate-Code: cross_site");
	assert_answer(fixture, "href=\"" ACCOUNT "\"");
}

static void
the_well_known_address_leads_there(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
	    fixture_get(fixture, "/.well-known/change-password", NULL), 303);
	assert_answer(fixture, LOCATION(ACCOUNT));
	assert_int_equal(
	    fixture_post(fixture, "/.well-known/change-password", ""), 404);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_two, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(it_shows_who_is_logged_in_and_where),
		TEST(the_last_use_is_told_in_the_unit_that_fits),
		TEST(what_is_done_is_one_of_a_few_words),
		TEST(nobody_gets_it_without_a_session),
		TEST(a_form_ends_a_session_once_or_twice),
		TEST(a_form_of_another_user_changes_nothing),
		TEST(an_old_login_needs_the_password),
		TEST(what_is_refused_without_a_session_has_a_way_on),
		TEST(the_well_known_address_leads_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
