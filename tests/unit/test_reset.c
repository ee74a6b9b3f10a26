/* app/handle/reset: a link is made, and sets a password once */
#include "config.h"

#include "app_fixture.h"
#include "secret/token.h"

#define LINK "/sessgate/reset-link"
#define PAGE "/sessgate/reset"
#define ORIGIN "https://www.example.org"
#define LINK_TOKEN "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
#define WANTED "&new=secret%2C+too"

static int
open_with_link(void **state)
{
	static struct conf_net here;
	struct fixture *fixture;
	struct memory_reset *kept;

	fixture_open_with_password(state);
	fixture = *state;
	assert_true(conf_net_read(STR("127.0.0.1"), &here));
	fixture->conf.ops_access =
	    (struct conf_nets){ .nets = &here, .count = 1 };
	fixture->conf.server_origins = ORIGIN ", https://other.example";
	fixture->conf.mysql_password_update = "UPDATE";
	fixture->memory.user_table.has_set_hash = true;
	kept = &fixture->memory.reset;
	snprintf(kept->token, sizeof(kept->token), LINK_TOKEN);
	kept->reset = (struct reset){ .user_id = STR("42"),
		.pw = token_fingerprint(fixture->call.arena, STR(STORED)) };
	kept->left_ms = 1000;
	return 0;
}

static int
ask_link(struct fixture *fixture, const char *body)
{
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LINK),
		.content_type = STR("application/json"),
		.remote_addr = STR("127.0.0.1"),
		.body = str_from(body) };
	return fixture_ask(fixture);
}

static int
open_page(struct fixture *fixture, const char *query)
{
	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR(PAGE),
		.query = str_from(query) };
	return fixture_ask(fixture);
}

static int
send(struct fixture *fixture, const char *body)
{
	memset(fixture->memory.trace, 0, sizeof(fixture->memory.trace));
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(PAGE),
		.content_type = STR("application/x-www-form-urlencoded"),
		.body = str_from(body),
		.sec_fetch_site = STR("same-origin") };
	return fixture_ask(fixture);
}

static bool
is_kept(const struct fixture *fixture)
{
	return fixture->memory.reset.token[0] != '\0';
}

/* ---- POST /reset-link */

static void
a_link_is_made_for_an_id_or_a_login(void **state)
{
	static const char *const bodies[] = { "{\"id\":\"42\"}",
		"{\"email\":\" a@example.org \"}" };
	struct fixture *fixture = *state;
	const struct memory_reset *kept = &fixture->memory.reset;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		char url[256];

		assert_row(ask_link(fixture, bodies[i]) == 200, bodies[i]);
		snprintf(url, sizeof(url),
		    "{\"url\":\"" ORIGIN PAGE "?t=%s\",\"expiresAt\":"
		    "1800001800000}",
		    kept->token);
		assert_answer(fixture, url);
		assert_str(kept->reset.user_id, "42");
		assert_str_eq(kept->reset.pw,
		    token_fingerprint(fixture->call.arena, STR(STORED)));
		assert_int_equal(kept->left_ms, 1800000);
	}
}

static void
nobody_is_given_none(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = { { "{\"id\":\"43\"}", 404 }, { "{\"id\":\"x\"}", 404 },
		{ "{\"email\":\"b@example.org\"}", 404 },
		{ "{\"email\":\" \"}", 404 }, { "{\"email\":1}", 400 },
		{ "{}", 400 }, { "[]", 400 }, { "", 400 } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(ask_link(fixture, rows[i].body) == rows[i].status,
		    rows[i].body);
	assert_string_equal(fixture->memory.reset.token, LINK_TOKEN);
	fixture->memory.ids_look_unknown = false;
	fixture->memory.table[0].login = STR_NONE;
	assert_int_equal(ask_link(fixture, "{\"id\":\"42\"}"), 404);
	fixture->memory.users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(ask_link(fixture, "{\"id\":\"42\"}"), 503);
}

static void
others_than_ops_find_nothing(void **state)
{
	struct fixture *fixture = *state;

	ask_link(fixture, "{\"id\":\"42\"}");
	fixture->request.remote_addr = STR("127.0.0.2");
	assert_int_equal(fixture_ask(fixture), 404);
	fixture->request.remote_addr = STR("127.0.0.1");
	fixture->memory.resets_result = RESULT_REDIS_DOWN;
	assert_int_equal(fixture_ask(fixture), 503);
	fixture->conf.server_origins = "";
	assert_int_equal(fixture_ask(fixture), 404);
	assert_int_equal(open_page(fixture, "t=" LINK_TOKEN), 404);
}

/* ---- GET /reset */

static void
the_page_is_for_a_link_that_stands(void **state)
{
	static const char *const over[] = { NULL, "", "t=", "t=short",
		"t=" LINK_TOKEN "F", "t=a/b%00", "x=" LINK_TOKEN };
	struct fixture *fixture = *state;

	assert_int_equal(open_page(fixture, "t=" LINK_TOKEN), 200);
	assert_answer(fixture, "name=\"t\" value=\"" LINK_TOKEN "\"");
	assert_answer(fixture, "Referrer-Policy: no-referrer\r\n");
	assert_true(is_kept(fixture)); /* opening it uses nothing up */
	for (size_t i = 0; i < COUNT(over); i++) {
		assert_int_equal(open_page(fixture, over[i]), 404);
		assert_answer(fixture, "X-Sessgate-Code: reset_over\r\n");
		assert_answer(fixture, "href=\"/sessgate/login\"");
	}
	fixture->memory.resets_result = RESULT_REDIS_DOWN;
	assert_int_equal(open_page(fixture, "t=" LINK_TOKEN), 503);
	assert_int_equal(open_page(fixture, "done=1"), 200);
	assert_answer(fixture, "<h1>Your password is changed</h1>");
}

/* ---- POST /reset */

static void
it_sets_a_password_in_this_order_and_once(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 303);
	assert_answer(fixture, "Location: /sessgate/reset?done=1\r\n");
	assert_no_answer(fixture, "Set-Cookie");
	/* taken, sessions ended, hash, account forgotten, ended, deleted */
	assert_string_equal(fixture->memory.trace, "tguagl");
	assert_true(str_starts(fixture->memory.table[0].hash, STR("$2y$12$")));
	assert_false(is_kept(fixture));
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 404);
	assert_answer(fixture, "X-Sessgate-Code: reset_over\r\n");
	assert_string_equal(fixture->memory.trace, "");
}

static void
a_password_that_is_refused_leaves_the_link(void **state)
{
	static struct str lines[] = { STR_INIT("12345678") };
	static const struct {
		const char *body, *code, *words;
	} rows[] = {
		{ "t=" LINK_TOKEN, "bad_request", "fill in both" },
		{ "t=" LINK_TOKEN "&new=", "bad_request", "fill in both" },
		{ "t=" LINK_TOKEN WANTED "&again=x", "bad_request",
		    "two different ways" },
		{ "t=" LINK_TOKEN "&new=seven77", "password_unfit",
		    "too short" },
		{ "t=" LINK_TOKEN "&new=12345678", "password_denied",
		    "too easy" },
	};
	struct fixture *fixture = *state;

	fixture->conf.denied =
	    (struct conf_denied){ .lines = lines, .count = 1 };
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(send(fixture, rows[i].body) == 400, rows[i].body);
		assert_answer(fixture, rows[i].code);
		assert_answer(fixture, rows[i].words);
		assert_answer(fixture, "value=\"" LINK_TOKEN "\"");
		assert_string_equal(fixture->memory.trace, "");
	}
	assert_int_equal(send(fixture, "t=short" WANTED), 404);
	assert_true(is_kept(fixture));
}

static void
a_link_ends_with_the_password_that_it_was_made_for(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.table[0].hash = STR("$2y$04$another");
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 404);
	fixture->memory.table[0].hash = STR_NONE;
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 404);
	fixture->memory.table[0].hash = STR(STORED);
	fixture->memory.table[0].id = STR("43");
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 404);
	assert_string_equal(fixture->memory.trace, "");
	fixture->memory.table[0].id = STR("42");
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 303);
}

static void
a_store_that_fails_gives_the_link_back(void **state)
{
	static const struct {
		enum result result;
		int status;
		const char *trace;
	} rows[] = {
		/* it may have been written: all sessions have ended */
		{ RESULT_MYSQL_DOWN, 503, "tguag" },
		{ RESULT_FAULT, 500, "tguag" },
		{ RESULT_REFUSED, 503, "tgu" },
		{ RESULT_BAD, 500, "tgu" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->memory.set_hash_result = rows[i].result;
		assert_int_equal(
		    send(fixture, "t=" LINK_TOKEN WANTED), rows[i].status);
		assert_string_equal(fixture->memory.trace, rows[i].trace);
		assert_answer(fixture, "value=\"" LINK_TOKEN "\"");
		assert_true(is_kept(fixture));
		assert_int_equal(fixture->memory.reset.left_ms, 1000);
	}
	/* another hash was written meanwhile: the link is over */
	fixture->memory.set_hash_result = RESULT_MISS;
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), 404);
	assert_false(is_kept(fixture));
}

static void
other_sites_are_refused_and_a_hidden_page_is_not(void **state)
{
	struct fixture *fixture = *state;

	send(fixture, "t=short" WANTED);
	fixture->request.body = STR("t=" LINK_TOKEN WANTED);
	fixture->request.sec_fetch_site = STR("cross-site");
	assert_int_equal(fixture_ask(fixture), 403);
	assert_true(is_kept(fixture));
	fixture->request.sec_fetch_site = STR_NONE;
	fixture->request.origin = STR("null"); /* Referrer-Policy */
	assert_int_equal(fixture_ask(fixture), 303);
}

static void
without_a_place_it_is_not_begun(void **state)
{
	struct fixture *fixture = *state;
	struct place_claims other = { .places = fixture->places };

	assert_true(place_take(&other, PLACE_LOGIN));
	assert_int_equal(send(fixture, "t=" LINK_TOKEN WANTED), -1);
	assert_true(is_kept(fixture));
	assert_string_equal(fixture->memory.trace, "");
	places_give_back(&other);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_link, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(a_link_is_made_for_an_id_or_a_login),
		TEST(nobody_is_given_none),
		TEST(others_than_ops_find_nothing),
		TEST(the_page_is_for_a_link_that_stands),
		TEST(it_sets_a_password_in_this_order_and_once),
		TEST(a_password_that_is_refused_leaves_the_link),
		TEST(a_link_ends_with_the_password_that_it_was_made_for),
		TEST(a_store_that_fails_gives_the_link_back),
		TEST(other_sites_are_refused_and_a_hidden_page_is_not),
		TEST(without_a_place_it_is_not_begun),
	};

	return cmocka_run_group_tests_name("reset", tests, NULL, NULL);
}
