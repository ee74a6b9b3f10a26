/* app/attempts */
#include "config.h"

#include <pthread.h>

#include "app/attempts.h"
#include "base/clock.h"
#include "check.h"

enum { LONG_MS = 60000 };

static const struct limit_bucket one[] = {
	{ .scope = STR_INIT("pair"), .name = STR_INIT("a") },
	{ .scope = STR_INIT("network"), .name = STR_INIT("n") },
};
static const struct limit_bucket other[] = {
	{ .scope = STR_INIT("pair"), .name = STR_INIT("b") },
	{ .scope = STR_INIT("network"), .name = STR_INIT("a") },
};

static int
open_attempts(void **state)
{
	*state = attempts_open();
	return *state == NULL;
}

static int
close_attempts(void **state)
{
	attempts_close(*state);
	return 0;
}

static void
nobody_is_awaited_where_nobody_is_under_way(void **state)
{
	struct attempts *attempts = *state;

	assert_false(attempts_explain(attempts, &one[0], 0));
	assert_false(
	    attempts_await(attempts, NULL, &one[0], 0, clock_ms() + LONG_MS));
}

static void
a_counter_is_explained_by_its_own_attempts_only(void **state)
{
	struct attempts *attempts = *state;
	struct attempt attempt = { .buckets = one, .bucket_count = 2 };

	attempts_begin(attempts, &attempt);
	for (int i = 0; i < 2; i++) {
		assert_true(attempts_explain(attempts, &one[i], 0));
		assert_false(attempts_explain(attempts, &other[i], 0));
		assert_false(attempts_await(
		    attempts, NULL, &other[i], 0, clock_ms() + LONG_MS));
	}
	attempts_end(attempts, &attempt);
	assert_int_equal(attempts_ended(attempts), 1);
	assert_false(attempts_explain(attempts, &one[0], 1));
}

static void
what_ended_since_is_worth_another_look(void **state)
{
	struct attempts *attempts = *state;
	struct attempt attempt = { .buckets = one, .bucket_count = 2 };
	uint64_t ended = attempts_ended(attempts);

	attempts_begin(attempts, &attempt);
	attempts_end(attempts, &attempt);
	assert_true(attempts_explain(attempts, &one[0], ended));
	assert_true(attempts_await(attempts, NULL, &one[0], ended, 0));
}

static void
a_wait_ends_at_its_time(void **state)
{
	struct attempts *attempts = *state;
	struct attempt attempt = { .buckets = one, .bucket_count = 2 };
	int64_t begun_ms = clock_ms();

	attempts_begin(attempts, &attempt);
	assert_false(attempts_await(attempts, NULL, &one[1], 0, begun_ms + 20));
	assert_true(clock_ms() >= begun_ms + 20);
	attempts_end(attempts, &attempt);
}

static void *
await_one(void *arg)
{
	struct attempts *attempts = arg;

	return attempts_await(attempts, NULL, &one[0], 0, clock_ms() + LONG_MS)
		   ? arg
		   : NULL;
}

static void
a_wait_ends_with_the_attempt(void **state)
{
	struct attempts *attempts = *state;
	struct attempt attempt = { .buckets = one, .bucket_count = 2 };
	pthread_t thread;
	void *woken = NULL;

	attempts_begin(attempts, &attempt);
	assert_int_equal(pthread_create(&thread, NULL, await_one, attempts), 0);
	attempts_end(attempts, &attempt);
	assert_int_equal(pthread_join(thread, &woken), 0);
	assert_ptr_equal(woken, attempts);
}

#define ATTEMPTS_TEST(function) \
	cmocka_unit_test_setup_teardown(function, open_attempts, close_attempts)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		ATTEMPTS_TEST(nobody_is_awaited_where_nobody_is_under_way),
		ATTEMPTS_TEST(a_counter_is_explained_by_its_own_attempts_only),
		ATTEMPTS_TEST(what_ended_since_is_worth_another_look),
		ATTEMPTS_TEST(a_wait_ends_at_its_time),
		ATTEMPTS_TEST(a_wait_ends_with_the_attempt),
	};

	return cmocka_run_group_tests_name("attempts", tests, NULL, NULL);
}
