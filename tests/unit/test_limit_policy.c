/* app/limit_policy: what is counted, when, and for whom */
#include "config.h"

#include <stdio.h>

#include "app_fixture.h"
#include "app/limit_policy.h"
#include "secret/digest.h"

#define LOGIN "/sessgate/login"
#define HERE "192.0.2.7"
#define SECRET "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static int hashes; /* how many were computed */

static bool
run_and_count(
    void *pool, struct place_claims *claims, const struct hash_job *job)
{
	hashes++;
	return run_here(pool, claims, job);
}

static int
open_with_limits(void **state)
{
	struct fixture *fixture;

	fixture_open_with_password(state);
	fixture = *state;
	hashes = 0;
	fixture->app.hash_run = run_and_count;
	fixture->conf.login_limit_pair = (struct conf_rate){ 3, 900000 };
	fixture->conf.login_limit_network = (struct conf_rate){ 5, 600000 };
	fixture->conf.login_limit_account = (struct conf_rate){ 7, 86400000 };
	return 0;
}

/* A login of this account with this password from this address. */
static int
log_in(struct fixture *fixture, const char *login, const char *password,
    const char *address)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}",
	    login, password);
	fixture->request = (struct request){ .method = STR("POST"),
		.path = STR(LOGIN),
		.content_type = STR("application/json"),
		.remote_addr = str_from(address),
		.body = arena_dup(fixture->call.arena, str_from(body)) };
	return fixture_ask(fixture);
}

static int
fail_login(struct fixture *fixture, const char *login, const char *address)
{
	return log_in(fixture, login, "wrong", address);
}

/* The beginning of a subject's hash: 16 characters. */
static struct str
name_of(struct fixture *fixture, const char *subject)
{
	return digest_text(fixture->call.arena, str_from(subject), 12);
}

/*
 * The counter of a subject, or of a pair of them; -1: there
 * is none.
 */
static int
counted_pair(struct fixture *fixture, const char *scope, const char *subject,
    const char *other)
{
	char key[128];

	if (other == NULL)
		snprintf(key, sizeof(key), "%s:%.*s", scope,
		    STR_ARG(name_of(fixture, subject)));
	else
		snprintf(key, sizeof(key), "%s:%.*s:%.*s", scope,
		    STR_ARG(name_of(fixture, subject)),
		    STR_ARG(name_of(fixture, other)));
	for (size_t i = 0; i < fixture->memory.counter_count; i++)
		if (strcmp(fixture->memory.counters[i].key, key) == 0)
			return fixture->memory.counters[i].number;
	return -1;
}

static int
counted(struct fixture *fixture, const char *scope, const char *subject)
{
	return counted_pair(fixture, scope, subject, NULL);
}

/* By this account from here. */
static int
counted_here(struct fixture *fixture, const char *account)
{
	return counted_pair(fixture, "pair", account, HERE);
}

static void
beyond_the_limit_no_password_is_looked_at(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    fail_login(fixture, "a@example.org", HERE), 401);
	assert_int_equal(hashes, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    fail_login(fixture, "a@example.org", HERE), 429);
		assert_int_equal(
		    log_in(fixture, "a@example.org", "secret", HERE), 429);
	}
	assert_answer(fixture, "Status: 429 Too Many Requests\r\n");
	assert_answer(fixture, "X-Sessgate-Code: limited\r\n");
	assert_answer(fixture, "Retry-After: 900\r\n");
	assert_answer(fixture, "{\"message\":\"Too many requests\"}");
	assert_no_answer(fixture, "Set-Cookie");
	assert_int_equal(hashes, 3);
	assert_int_equal(counted_here(fixture, "a@example.org"), 3);
	assert_int_equal(counted(fixture, "network", HERE), 3);
	assert_int_equal(fixture->memory.record_count, 1);
}

static void
who_is_over_the_limit_takes_no_place(void **state)
{
	struct fixture *fixture = *state;
	struct place_claims other = { .places = fixture->places };
	int reads;

	for (int i = 0; i < 3; i++)
		fail_login(fixture, "a@example.org", HERE);
	reads = fixture->memory.login_reads;
	assert_true(place_take(&other, PLACE_LOGIN));
	assert_int_equal(fail_login(fixture, "A@Example.org", HERE), 429);
	assert_int_equal(fixture->memory.login_reads, reads);
	/* another account waits for its turn, and is not counted yet */
	assert_int_equal(fail_login(fixture, "b@example.org", HERE), -1);
	assert_int_equal(counted(fixture, "network", HERE), 3);
	places_give_back(&other);
}

static void
a_success_gives_back_one_and_resets_nothing(void **state)
{
	struct fixture *fixture = *state;

	fail_login(fixture, "a@example.org", HERE);
	fail_login(fixture, "a@example.org", HERE);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(
		    log_in(fixture, "a@example.org", "secret", HERE), 200);
		fixture->memory.record_count = 1;
	}
	assert_int_equal(counted_here(fixture, "a@example.org"), 2);
	assert_int_equal(counted(fixture, "network", HERE), 2);
	assert_int_equal(fail_login(fixture, "a@example.org", HERE), 401);
	assert_int_equal(fail_login(fixture, "a@example.org", HERE), 429);
}

static void
an_outage_is_no_wrong_password(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.limits_result = RESULT_REDIS_DOWN;
	assert_int_equal(log_in(fixture, "a@example.org", "secret", HERE), 503);
	assert_answer(fixture, "X-Sessgate-Code: redis_unavailable\r\n");
	assert_int_equal(hashes, 0);
	fixture->memory.limits_result = RESULT_OK;
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	for (int i = 0; i < 9; i++)
		assert_int_equal(
		    fail_login(fixture, "a@example.org", HERE), 503);
	fixture->memory.sessions_result = RESULT_OK;
	fixture->memory.users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(fail_login(fixture, "a@example.org", HERE), 503);
	assert_int_equal(counted(fixture, "network", HERE), 0);
}

static void
a_pair_has_one_spelling(void **state)
{
	struct fixture *fixture = *state;

	/* a pair is counted by what was typed, in one spelling */
	fixture->memory.table[0].login = STR("\xc3\x81@Example.org");
	assert_int_equal(
	    fail_login(fixture, "\xc3\x81@Example.org", HERE), 401);
	assert_int_equal(counted_here(fixture, "a@example.org"), 1);
	/* whether there is such a row or not */
	assert_int_equal(fail_login(fixture, "B@EXAMPLE.org  ", HERE), 401);
	assert_int_equal(fail_login(fixture, "b@example.org", HERE), 401);
	assert_int_equal(counted_here(fixture, "b@example.org"), 2);
}

static void
an_empty_account_has_no_counter(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fail_login(fixture, "", HERE), 400);
	assert_int_equal(fixture->memory.counter_count, 0);
	assert_int_equal(fail_login(fixture, "   ", HERE), 400);
	assert_int_equal(fixture->memory.counter_count, 0);
}

static void
a_network_is_limited_over_all_accounts(void **state)
{
	static const char *const accounts[] = { "a", "b", "c", "d", "e" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT(accounts); i++)
		assert_int_equal(fail_login(fixture, accounts[i], HERE), 401);
	assert_int_equal(fail_login(fixture, "f", HERE), 429);
	assert_answer(fixture, "Retry-After: 600\r\n");
	assert_int_equal(fail_login(fixture, "f", "::ffff:" HERE), 429);
	assert_int_equal(fail_login(fixture, "f", "192.0.2.8"), 401);
	/* what was refused was counted nowhere */
	assert_int_equal(counted_here(fixture, "f"), 0);
}

static void
an_ipv6_network_is_a_64(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3; i++) {
		char address[64];

		snprintf(address, sizeof(address), "2001:db8:1:2:%d::1", i);
		assert_int_equal(fail_login(fixture, "a", address), 401);
	}
	assert_int_equal(fail_login(fixture, "a", "2001:db8:1:2:ffff::"), 429);
	assert_int_equal(fail_login(fixture, "a", "2001:db8:1:3::1"), 401);
	assert_int_equal(counted(fixture, "network", "2001:db8:1:2::/64"), 3);
}

static void
clients_without_an_address_are_one(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fail_login(fixture, "a", NULL), 401);
	assert_int_equal(fail_login(fixture, "a", "unix:"), 401);
	assert_int_equal(fail_login(fixture, "a", ""), 401);
	assert_int_equal(fail_login(fixture, "a", "x"), 429);
}

static void
an_account_is_limited_over_all_networks_with_secrets_only(void **state)
{
	struct fixture *fixture = *state;
	char address[32];

	for (int i = 0; i < 9; i++) {
		snprintf(address, sizeof(address), "198.51.100.%d", i);
		assert_int_equal(fail_login(fixture, "a", address), 401);
	}
	assert_int_equal(counted(fixture, "account", "a"), -1);
	fixture->conf.secrets =
	    (struct conf_secrets){ .secrets = { STR_INIT(SECRET) },
		    .count = 1 };
	for (int i = 0; i < 7; i++) {
		snprintf(address, sizeof(address), "203.0.113.%d", i);
		assert_int_equal(fail_login(fixture, "a", address), 401);
	}
	assert_int_equal(fail_login(fixture, "a", HERE), 429);
	assert_answer(fixture, "Retry-After: 86400\r\n");
	assert_int_equal(fail_login(fixture, "b", HERE), 401);
}

static void
a_limit_that_is_off_counts_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_limit_pair.most = 0;
	fixture->conf.login_limit_network.most = 0;
	for (int i = 0; i < 9; i++)
		assert_int_equal(fail_login(fixture, "a", HERE), 401);
	assert_int_equal(fixture->memory.counter_count, 0);
}

static void
retry_after_is_the_longest_wait_in_whole_seconds(void **state)
{
	static const struct {
		int64_t left_ms;
		const char *header;
	} rows[] = {
		{ 900000, "Retry-After: 900\r\n" },
		{ 899001, "Retry-After: 900\r\n" },
		{ 1000, "Retry-After: 1\r\n" },
		{ 1, "Retry-After: 1\r\n" },
		{ 0, "Retry-After: 1\r\n" },
	};
	struct fixture *fixture = *state;

	fixture->conf.login_limit_network.most = 0;
	for (int i = 0; i < 3; i++)
		fail_login(fixture, "a", HERE);
	for (size_t i = 0; i < COUNT(rows); i++) {
		fixture->memory.counters[0].left_ms = rows[i].left_ms;
		assert_int_equal(fail_login(fixture, "a", HERE), 429);
		assert_answer(fixture, rows[i].header);
	}
}

static void
a_form_is_told_by_a_page(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3; i++)
		fail_login(fixture, "a", HERE);
	fixture->request.content_type =
	    STR("application/x-www-form-urlencoded");
	fixture->request.body = STR("email=a&password=b");
	fixture->request.sec_fetch_site = STR("same-origin");
	assert_int_equal(fixture_ask(fixture), 429);
	assert_answer(fixture, "<strong>Too many wrong passwords.</strong>");
	assert_answer(fixture, "You can try again in about 15 min.");
	assert_answer(fixture, "Retry-After: 900\r\n");
}

#define AUTH "/sessgate/auth"

static int
ask_auth(struct fixture *fixture, const char *address)
{
	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR(AUTH),
		.remote_addr = str_from(address),
		.cookie = STR(COOKIE) };
	return fixture_ask(fixture);
}

static void
requests_are_limited_where_it_says_so(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 9; i++)
		assert_int_equal(ask_auth(fixture, HERE), 200);
	fixture->conf.server_limit = (struct conf_rate){ 3, 60000 };
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask_auth(fixture, HERE), 200);
	assert_int_equal(ask_auth(fixture, HERE), 429);
	assert_answer(fixture, "Retry-After: 60\r\n");
	assert_int_equal(ask_auth(fixture, "192.0.2.8"), 200);
	assert_int_equal(fail_login(fixture, "a", HERE), 401);
	assert_int_equal(counted(fixture, "request", HERE), 3);
	fixture->memory.limits_result =
	    RESULT_REDIS_DOWN; /* the rest may work */
	assert_int_equal(ask_auth(fixture, HERE), 200);
}

/* A request that waits for a place, or for a foreign lease, does this. */
static void
a_request_that_steps_back_is_counted_once(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.server_limit = (struct conf_rate){ 9, 60000 };
	fixture->memory.users_result = RESULT_FULL;
	fixture->request = (struct request){ .method = STR("GET"),
		.path = STR("/sessgate/user/me"),
		.remote_addr = STR(HERE),
		.cookie = STR(COOKIE) };
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_ask(fixture), -1);
	assert_int_equal(counted(fixture, "request", HERE), 0);
	fixture->memory.users_result = RESULT_OK;
	assert_int_equal(fixture_ask(fixture), 200);
	assert_int_equal(counted(fixture, "request", HERE), 1);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_limits, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(beyond_the_limit_no_password_is_looked_at),
		TEST(who_is_over_the_limit_takes_no_place),
		TEST(a_success_gives_back_one_and_resets_nothing),
		TEST(an_outage_is_no_wrong_password),
		TEST(a_pair_has_one_spelling),
		TEST(an_empty_account_has_no_counter),
		TEST(a_network_is_limited_over_all_accounts),
		TEST(an_ipv6_network_is_a_64),
		TEST(clients_without_an_address_are_one),
		TEST(an_account_is_limited_over_all_networks_with_secrets_only),
		TEST(a_limit_that_is_off_counts_nothing),
		TEST(retry_after_is_the_longest_wait_in_whole_seconds),
		TEST(a_form_is_told_by_a_page),
		TEST(requests_are_limited_where_it_says_so),
		TEST(a_request_that_steps_back_is_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
