/* app/origin: writes from other sites, CORS */
#include "config.h"

#include "app_fixture.h"

static void
who_may_write(void **state)
{
	static const struct row {
		const char *name, *fetch_site, *origin, *host;
		bool may_json, may_form;
	} rows[] = {
		{ "own page", "same-origin", NULL, NULL, true, true },
		{ "typed by hand", "none", NULL, NULL, true, true },
		{ "neighbour", "same-site", "https://a.example", "a.example",
		    false, false },
		{ "stranger", "cross-site", "https://a.example", "a.example",
		    false, false },
		{ "unknown word", "x", NULL, NULL, false, false },
		{ "no browser", NULL, NULL, "a.example", true, false },
		{ "old browser, own", NULL, "https://a.example", "a.example",
		    true, true },
		{ "own, other port and scheme", NULL, "http://a.example:80",
		    "a.example:8443", true, true },
		{ "own, other case", NULL, "https://A.example", "a.EXAMPLE",
		    true, true },
		{ "own, a dot behind it", NULL, "https://a.example.:444",
		    "a.example", true, true },
		{ "own, a dot behind the host", NULL, "https://a.example",
		    "A.example.:444", true, true },
		{ "own, dots behind both", NULL, "https://a.example.",
		    "a.example.", true, true },
		{ "two dots", NULL, "https://a.example..", "a.example", false,
		    false },
		{ "nothing but a dot", NULL, "https://.", ".", true, true },
		{ "own, IPv6", NULL, "http://[::1]:8080", "[::1]", true, true },
		{ "old browser, stranger", NULL, "https://b.example",
		    "a.example", false, false },
		{ "a longer name", NULL, "https://a.example.evil", "a.example",
		    false, false },
		{ "null", NULL, "null", "a.example", false, false },
		{ "no host", NULL, "https://a.example", NULL, false, false },
		{ "another scheme", NULL, "ftp://a.example", "a.example", false,
		    false },
		{ "allowed, though cross-site", "cross-site",
		    "https://app.example:444", "a.example", true, true },
		{ "allowed, old browser", NULL, "https://app.example:444",
		    "a.example", true, true },
		{ "allowed but for the port", NULL, "https://app.example",
		    "a.example", false, false },
	};
	struct fixture *fixture = *state;
	const struct context c = { .app = &fixture->app,
		.request = &fixture->request };

	fixture->conf.server_allowed_origins =
	    "https://other.example, https://app.example:444";
	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->request = (struct request){ .sec_fetch_site = str_from(
							 rows[i].fetch_site),
			.origin = str_from(rows[i].origin),
			.host = str_from(rows[i].host) };
		assert_row(origin_may_write(&c, false) == rows[i].may_json,
		    rows[i].name);
		assert_row(origin_may_write(&c, true) == rows[i].may_form,
		    rows[i].name);
	}
}

static void
configured_origins_are_compared_whole(void **state)
{
	struct fixture *fixture = *state;
	const struct context c = { .app = &fixture->app,
		.request = &fixture->request };

	fixture->conf.server_origins = "https://a.example";
	fixture->request = (struct request){ .origin = STR("https://a.example"),
		.host = STR("other") };
	assert_true(origin_may_write(&c, true));
	fixture->request.origin = STR("https://A.example.");
	assert_true(origin_may_write(&c, true));
	fixture->request.origin = STR("https://a.example.:444");
	assert_false(origin_may_write(&c, true));
	fixture->request = (struct request){ .origin = STR("http://a.example"),
		.host = STR("a.example") };
	assert_false(origin_may_write(&c, true));
}

static void
only_allowed_origins_may_read(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.server_allowed_origins = "https://app.example";
	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR("/sessgate/auth"),
		.origin = STR("https://app.example") };
	assert_int_equal(fixture_ask(fixture), 401);
	assert_answer(
	    fixture, "Access-Control-Allow-Origin: https://app.example\r\n");
	assert_answer(fixture, "Access-Control-Allow-Credentials: true\r\n");
	assert_answer(fixture, "Vary: Origin\r\n");
	fixture->request.method = STR("OPTIONS");
	assert_int_equal(fixture_ask(fixture), 204);
	assert_answer(
	    fixture, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n");
	fixture->request.origin = STR("https://evil.example");
	assert_int_equal(fixture_ask(fixture), 204);
	assert_no_answer(fixture, "Access-Control-Allow");
}

/* The answer of a worker whose request could not be requeued. */
static void
allowed_origins_may_read_that_it_is_busy(void **state)
{
	struct fixture *fixture = *state;
	struct context c = { .app = &fixture->app,
		.request = &fixture->request,
		.reply = &fixture->reply,
		.call = &fixture->call };
	struct reply_text text;

	fixture->conf.server_allowed_origins = "https://app.example";
	fixture->request =
	    (struct request){ .origin = STR("https://app.example") };
	fixture->reply = reply_open(fixture->call.arena);
	route_refuse(&c, ANSWER_BUSY);
	text = reply_render(&fixture->reply, true);
	fixture->answer = arena_cstr(fixture->call.arena, text.head);
	assert_int_equal(fixture->reply.status, 503);
	assert_answer(
	    fixture, "Access-Control-Allow-Origin: https://app.example\r\n");
}

static void
a_cross_site_write_changes_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR("/sessgate/logout"),
		.cookie = STR(COOKIE),
		.sec_fetch_site = STR("same-site") };
	assert_int_equal(fixture_ask(fixture), 403);
	assert_answer(fixture, "X-Sessgate-Code: cross_site");
	assert_answer(fixture, "{\"message\":\"Cross-site request refused\"}");
	assert_no_answer(fixture, "Set-Cookie");
	assert_int_equal(fixture_get(fixture, "/sessgate/auth", COOKIE), 200);
}

static void
plain_http_drops_secure_cookies(void **state)
{
	static const struct row {
		const char *origin;
		bool drops;
	} rows[] = {
		{ "http://www.example.org", true },
		{ "http://www.example.org:8080", true },
		{ "http://192.0.2.1", true },
		{ "http://127.evil.example", true },
		{ "http://localhost.example", true },
		{ "http://localhost:8080", false },
		{ "http://LOCALHOST.:8080", false },
		{ "http://127.0.0.1:8080", false },
		{ "http://[::1]:8080", false },
		{ "https://www.example.org", false },
		{ "null", false },
		{ NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct request request = { .origin =
						     str_from(rows[i].origin) };

		assert_int_equal(origin_drops_secure(&request), rows[i].drops);
	}
}

static void
a_referer_of_this_site_has_a_path(void **state)
{
	static const struct row {
		const char *referer, *host, *target;
	} rows[] = {
		{ "https://a.example/b?c=d", "a.example", "/b?c=d" },
		{ "http://A.example.:8080/", "a.example:443", "/" },
		{ "https://a.example", "a.example", "/" },
		{ "https://a.example?b", "a.example", "?b" },
		{ "https://[::1]:1/x", "[::1]", "/x" },
		{ "https://a.example//evil/", "a.example", "//evil/" },
		{ "https://b.example/a.example/", "a.example", NULL },
		{ "https://a.example@b.example/", "a.example", NULL },
		{ "https://a.example:x/", "a.example", NULL },
		{ "ftp://a.example/", "a.example", NULL },
		{ "/b", "a.example", NULL },
		{ "", "a.example", NULL },
		{ NULL, "a.example", NULL },
		{ "https://a.example/", NULL, NULL },
	};
	struct fixture *fixture = *state;
	const struct context c = { .app = &fixture->app,
		.request = &fixture->request };

	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->request =
		    (struct request){ .host = str_from(rows[i].host) };
		assert_str_eq(origin_own_target(&c, str_from(rows[i].referer)),
		    str_from(rows[i].target));
	}
	fixture->conf.server_origins = "https://b.example";
	fixture->request = (struct request){ .host = STR("a.example") };
	assert_true(
	    str_is_none(origin_own_target(&c, STR("https://a.example/x"))));
	assert_str_eq(
	    origin_own_target(&c, STR("https://b.example/x")), STR("/x"));
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(who_may_write),
		TEST(configured_origins_are_compared_whole),
		TEST(only_allowed_origins_may_read),
		TEST(allowed_origins_may_read_that_it_is_busy),
		TEST(a_cross_site_write_changes_nothing),
		TEST(a_referer_of_this_site_has_a_path),
		TEST(plain_http_drops_secure_cookies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
