/* base/places: a thread without claims, and requests that are run again */
#include "config.h"

#include "base/places.h"
#include "check.h"

#define FAR_MS (INT64_C(1) << 40)

static int
open_one_place(void **state)
{
	static const int sizes[PLACE_KINDS] = {
		[PLACE_LOGIN] = 1, [PLACE_SQL] = 1
	};

	*state = places_open(sizes, 1, 1);
	return *state == NULL;
}

static int
close_one_place(void **state)
{
	places_close(*state);
	return 0;
}

/* A refresher, or the operator's tool. */
static void
a_thread_that_is_no_worker_needs_no_place(void **state)
{
	struct place_claims holder = { .places = *state };
	struct place_claims other = { .places = *state };

	assert_true(place_take(&holder, PLACE_LOGIN));
	for (int kind = 0; kind < PLACE_KINDS; kind++) {
		assert_true(place_is_held(NULL, kind));
		assert_true(place_take(NULL, kind));
		assert_true(place_take_ahead(NULL, kind));
		place_give_back(NULL, kind);
	}
	place_before_wait(NULL);
	places_commit(NULL, FAR_MS);
	places_give_back(NULL);
	assert_int_equal(place_site(NULL), 0);
	assert_false(place_take(&other, PLACE_LOGIN));
}

static void
what_no_worker_does_is_not_run_again(void **state)
{
	(void)state;
	assert_true(places_are_committed(NULL));
	assert_false(place_ask_again(NULL));
}

static void
what_finds_a_lease_is_run_again_until_it_is_committed(void **state)
{
	struct place_claims claims = { .places = *state };

	assert_true(place_take(&claims, PLACE_LOGIN));
	assert_true(place_ask_again(&claims));
	assert_int_equal(claims.lacking, PLACE_KINDS);
	places_commit(&claims, FAR_MS);
	assert_false(place_ask_again(&claims));
}

#define CLAIMS_TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_one_place, close_one_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIMS_TEST(a_thread_that_is_no_worker_needs_no_place),
		CLAIMS_TEST(what_no_worker_does_is_not_run_again),
		CLAIMS_TEST(
		    what_finds_a_lease_is_run_again_until_it_is_committed),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
