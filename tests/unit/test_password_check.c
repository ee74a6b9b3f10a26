/* app/password_check: formats, floor, rehash, by way of logins */
#include "config.h"

#include "base/clock.h"
#include "app_fixture.h"
#include "secret/password.h"

#define LOGIN "/sessgate/login"
#define MD5 "5ebe2294ecd0e0f08eab7690d2a6ee69"
/* of another password, at cost 8 */
#define DEAR "$2y$08$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
#define SEVENTH "$2y$07$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
#define RIGHT "{\"email\":\"a@example.org\",\"password\":\"secret\"}"
#define WRONG "{\"email\":\"a@example.org\",\"password\":\"Secret\"}"
#define UNKNOWN "{\"email\":\"b@example.org\",\"password\":\"secret\"}"

static const char *const cheap[] = { MD5, STORED, SEVENTH, "plain" };
static const int cheap_status[] = { 200, 200, 401, 401 };

enum { FLOOR_MS = 120, DEADLINE_MS = 600000 };

static int
open_with_hash(void **state)
{
	struct fixture *fixture;

	fixture_open_with_password(state);
	fixture = *state;
	fixture->memory.user_table.has_set_hash = true;
	return 0;
}

static int
post(struct fixture *fixture, const char *body)
{
	fixture->call.deadline_ms = clock_ms() + DEADLINE_MS;
	return fixture_post(fixture, LOGIN, body);
}

static void
only_listed_formats_open_anything(void **state)
{
	struct fixture *fixture = *state;

	fixture->memory.table[0].hash = STR(MD5);
	assert_int_equal(post(fixture, RIGHT), 401);
	fixture->conf.login_formats = 1u << CONF_FORMAT_SHA1;
	assert_int_equal(post(fixture, RIGHT), 401);
	fixture->conf.login_formats = 1u << CONF_FORMAT_MD5;
	assert_int_equal(post(fixture, RIGHT), 200);
	assert_int_equal(post(fixture, WRONG), 401);
	fixture->memory.table[0].hash = STR(STORED);
	assert_int_equal(post(fixture, RIGHT), 401);
}

/* How long the answer is held back, from before the request. */
static int64_t
held_ms(struct fixture *fixture, const char *body, int status)
{
	int64_t started_ms = clock_ms();

	assert_int_equal(post(fixture, body), status);
	if (fixture->not_before_ms == 0)
		return 0;
	return fixture->not_before_ms - started_ms;
}

/* The clock runs on until the verification begins, however long that takes. */
static void
assert_held(struct fixture *fixture, const char *body)
{
	assert_true(held_ms(fixture, body, 401) >= FLOOR_MS);
}

static void
failures_wait_for_the_floor_and_logins_do_not(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_floor_ms = FLOOR_MS;
	assert_held(fixture, WRONG);
	assert_held(fixture, UNKNOWN);
	assert_int_equal(held_ms(fixture, RIGHT, 200), 0);
	fixture->memory.table[0].hash = STR("plain");
	assert_held(fixture, RIGHT);
	fixture->memory.table[0].hash = STR(MD5); /* not in formats */
	assert_held(fixture, RIGHT);
	fixture->memory.table[0].hash = STR_NONE;
	assert_held(fixture, RIGHT);
}

static void
change_hash(struct memory *memory)
{
	memory->table[0].hash = STR("$2y$04$another");
}

/* A closed account must not tell that its password was guessed. */
static void
a_right_password_that_is_refused_waits_as_well(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_floor_ms = FLOOR_MS;
	fixture->memory.is_disabled[0] = true;
	assert_held(fixture, RIGHT);
	fixture->memory.is_disabled[0] = false;
	fixture->memory.account_pw = STR("of another password");
	assert_held(fixture, RIGHT);
	fixture->memory.account_pw = STR_NONE;
	fixture->memory.on_login_read = change_hash;
	assert_held(fixture, RIGHT);
}

/* Processor time of the hash threads for a request. */
static int64_t spent_us;

static bool
run_and_measure(
    void *pool, struct place_claims *claims, const struct hash_job *job)
{
	int64_t started_us = clock_thread_us();
	bool is_done = run_here(pool, claims, job);

	spent_us += clock_thread_us() - started_us;
	return is_done;
}

static int64_t
spent_on(struct fixture *fixture, const char *body, int status)
{
	spent_us = 0;
	assert_int_equal(post(fixture, body), status);
	return spent_us;
}

/* On a busy machine the floor hides nothing: the work has to be the same. */
static void
each_way_to_fail_is_as_much_work(void **state)
{
	struct fixture *fixture = *state;
	int64_t dear_us;

	fixture->app.hash_run = run_and_measure;
	fixture->conf.login_formats =
	    1u << CONF_FORMAT_BCRYPT | 1u << CONF_FORMAT_MD5;
	fixture->memory.table[0].hash = STR(DEAR);
	dear_us = spent_on(fixture, WRONG, 401);
	assert_between(
	    spent_on(fixture, UNKNOWN, 401), dear_us / 2, dear_us * 2);
	for (size_t i = 0; i < COUNT(cheap); i++) {
		fixture->memory.table[0].hash = str_from(cheap[i]);
		assert_between(
		    spent_on(fixture, WRONG, 401), dear_us / 2, dear_us * 2);
		assert_true(spent_on(fixture, RIGHT, cheap_status[i]) <
			    (cheap_status[i] == 200 ? dear_us / 2 : INT64_MAX));
	}
	fixture->memory.table[0].hash = STR(MD5);
	fixture->memory.is_disabled[0] = true;
	assert_between(spent_on(fixture, RIGHT, 401), dear_us / 2, dear_us * 2);
}

static bool
is_never_done(
    void *pool, struct place_claims *claims, const struct hash_job *job)
{
	(void)claims;
	(void)pool;
	job->discard(job->arg);
	return false;
}

static void
a_hash_that_does_not_end_in_time_is_503_and_no_failure(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_limit_network = (struct conf_rate){ 5, 600000 };
	fixture->app.hash_run = is_never_done;
	assert_int_equal(post(fixture, WRONG), 503);
	assert_answer(fixture, "X-Sessgate-Code: busy\r\n");
	assert_answer(fixture, "Retry-After: 1\r\n");
	assert_int_equal(fixture->not_before_ms, 0);
	assert_int_equal(fixture->memory.counters[0].number, 0);
}

static void
by_default_the_floor_is_above_the_slowest_hash(void **state)
{
	assert_true(held_ms(*state, WRONG, 401) * 1000 >=
		    password_slowest_us(STR("wrong")) * 12 / 10);
}

static void
the_floor_leaves_time_before_the_deadline(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_floor_ms = 60000;
	assert_int_equal(post(fixture, WRONG), 401);
	assert_true(fixture->not_before_ms < fixture->call.deadline_ms);
}

static void
a_weak_hash_is_written_anew(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_rehash = true;
	assert_int_equal(post(fixture, RIGHT), 200);
	assert_int_equal(fixture->memory.hash_writes, 1);
	assert_true(str_starts(fixture->memory.table[0].hash, STR("$2y$12$")));
	assert_int_equal(
	    password_verify(STR("secret"), fixture->memory.table[0].hash),
	    PASSWORD_RIGHT);
	assert_int_equal(post(fixture, RIGHT), 200); /* strong now */
	assert_int_equal(post(fixture, WRONG), 401);
	assert_int_equal(fixture->memory.hash_writes, 1);
}

static void
nothing_is_written_without_rehash(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(post(fixture, RIGHT), 200);
	fixture->conf.login_rehash = true;
	fixture->memory.user_table.has_set_hash = false;
	assert_int_equal(post(fixture, RIGHT), 200);
	assert_int_equal(fixture->memory.hash_writes, 0);
}

static void
nothing_is_written_for_who_is_not_let_in(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_rehash = true;
	assert_int_equal(post(fixture, WRONG), 401);
	assert_int_equal(post(fixture, UNKNOWN), 401);
	fixture->memory.sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(post(fixture, RIGHT), 503);
	assert_int_equal(fixture->memory.hash_writes, 0);
	assert_str(fixture->memory.table[0].hash, STORED);
}

static void
a_write_that_fails_fails_no_login(void **state)
{
	static const enum result results[] = { RESULT_MISS, RESULT_BAD,
		RESULT_REFUSED, RESULT_MYSQL_DOWN, RESULT_FULL, RESULT_FAULT };
	struct fixture *fixture = *state;

	fixture->conf.login_rehash = true;
	for (size_t i = 0; i < COUNT(results); i++) {
		fixture->memory.set_hash_result = results[i];
		assert_int_equal(post(fixture, RIGHT), 200);
		assert_answer(fixture, "Set-Cookie: __Host-SESSION-TOKEN=");
	}
	assert_int_equal(fixture->memory.hash_writes, COUNT(results));
	assert_str(fixture->memory.table[0].hash, STORED);
}

/* Hashing takes time that the login itself may need. */
static void
near_the_deadline_nothing_is_rehashed(void **state)
{
	struct fixture *fixture = *state;

	fixture->conf.login_rehash = true;
	fixture->call.deadline_ms = clock_ms() + 900;
	assert_int_equal(fixture_post(fixture, LOGIN, RIGHT), 200);
	assert_int_equal(fixture->memory.hash_writes, 0);
}

/* MD5 reads 73 bytes, bcrypt would cut them. */
static void
what_bcrypt_would_cut_keeps_its_hash(void **state)
{
	static const char body[] =
	    "{\"email\":\"a@example.org\",\"password\":\""
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaa\"}";
	struct fixture *fixture = *state;

	fixture->conf.login_rehash = true;
	fixture->conf.login_formats = 1u << CONF_FORMAT_MD5;
	fixture->memory.table[0].hash = STR("f1fc0b14ff8fa674b02344577e23eeb1");
	assert_int_equal(post(fixture, body), 200);
	assert_int_equal(fixture->memory.hash_writes, 0);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_with_hash, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(only_listed_formats_open_anything),
		TEST(failures_wait_for_the_floor_and_logins_do_not),
		TEST(a_right_password_that_is_refused_waits_as_well),
		TEST(each_way_to_fail_is_as_much_work),
		TEST(a_hash_that_does_not_end_in_time_is_503_and_no_failure),
		TEST(by_default_the_floor_is_above_the_slowest_hash),
		TEST(the_floor_leaves_time_before_the_deadline),
		TEST(a_weak_hash_is_written_anew),
		TEST(nothing_is_written_without_rehash),
		TEST(nothing_is_written_for_who_is_not_let_in),
		TEST(a_write_that_fails_fails_no_login),
		TEST(near_the_deadline_nothing_is_rehashed),
		TEST(what_bcrypt_would_cut_keeps_its_hash),
	};

	return cmocka_run_group_tests_name("password_check", tests, NULL, NULL);
}
