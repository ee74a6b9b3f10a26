/* base/places */
#include "config.h"

#include <poll.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/places.h"
#include "check.h"

#define FAR_MS (INT64_C(1) << 40)
#define MAX_WAITING 3

/* One place for logins, two for SQL, and who deals with them. */
static struct {
	struct places *places;
	struct place_claims holder, other;
} hall;

static int
open_places(void **state)
{
	static const int sizes[PLACE_KINDS] = {
		[PLACE_LOGIN] = 1, [PLACE_SQL] = 2
	};

	(void)state;
	hall.places = places_open(sizes, MAX_WAITING, 1);
	hall.holder = (struct place_claims){ .places = hall.places };
	hall.other = hall.holder;
	return hall.places == NULL;
}

static int
close_places(void **state)
{
	(void)state;
	places_close(hall.places);
	return 0;
}

/* The next waiter that is due, found with claims that hold nothing. */
static struct place_waiter *
next_due(int64_t now_ms)
{
	struct place_claims claims = { .places = hall.places };
	struct place_waiter *waiter = place_next_due(&claims, now_ms);

	for (int kind = 0; kind < PLACE_KINDS; kind++)
		assert_false(claims.holds[kind]);
	return waiter;
}

/* The other claims find no place and queue a waiter. */
static enum place_verdict
queue(struct place_waiter *waiter, int64_t due_ms)
{
	assert_false(place_take(&hall.other, PLACE_LOGIN));
	return place_wait(&hall.other, waiter, due_ms);
}

static bool
timer_has_fired(int timeout_ms)
{
	struct pollfd poller = { .fd = places_timer_fd(hall.places),
		.events = POLLIN };

	return poll(&poller, 1, timeout_ms) == 1;
}

static void
places_are_counted_by_kind(void **state)
{
	struct place_claims third = { .places = hall.places };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_true(place_take(&hall.holder, PLACE_LOGIN)); /* held already */
	assert_true(place_take(&hall.holder, PLACE_SQL));
	assert_true(place_take(&hall.other, PLACE_SQL));
	assert_false(place_take(&hall.other, PLACE_LOGIN));
	assert_int_equal(hall.other.lacking, PLACE_LOGIN);
	assert_false(place_take(&third, PLACE_SQL));
	assert_int_equal(third.lacking, PLACE_SQL);
	places_give_back(&hall.holder);
	assert_true(place_take(&third, PLACE_LOGIN));
	assert_true(place_take(&third, PLACE_SQL));
	assert_false(place_take(&hall.holder, PLACE_LOGIN));
}

static void
giving_back_nothing_makes_no_places(void **state)
{
	(void)state;
	places_give_back(&hall.holder);
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_false(place_take(&hall.other, PLACE_LOGIN));
}

static void
a_place_that_came_free_meanwhile_is_told(void **state)
{
	struct place_waiter waiter = { 0 };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_false(place_take(&hall.other, PLACE_LOGIN));
	places_give_back(&hall.holder);
	assert_int_equal(place_wait(&hall.other, &waiter, FAR_MS), PLACE_NOW);
	assert_true(place_take(&hall.other, PLACE_LOGIN));
}

static void
more_than_the_most_may_not_wait(void **state)
{
	struct place_waiter waiters[MAX_WAITING + 1] = { 0 };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	for (int i = 0; i < MAX_WAITING; i++)
		assert_int_equal(queue(&waiters[i], FAR_MS), PLACE_QUEUED);
	assert_int_equal(queue(&waiters[MAX_WAITING], FAR_MS), PLACE_CROWDED);
	/* another kind has a queue of its own */
	assert_true(place_take(&hall.other, PLACE_SQL));
}

static void
waiters_are_served_in_their_turn_and_newcomers_are_not(void **state)
{
	struct place_waiter waiters[3] = { 0 };
	struct place_claims newcomer = { .places = hall.places };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	for (int i = 0; i < 3; i++)
		assert_int_equal(queue(&waiters[i], FAR_MS - i), PLACE_QUEUED);
	for (int i = 0; i < 3; i++) {
		places_give_back(&hall.holder);
		assert_false(place_take(&newcomer, PLACE_LOGIN));
		assert_ptr_equal(place_next_due(&hall.holder, 0), &waiters[i]);
		assert_true(hall.holder.holds[PLACE_LOGIN]);
		assert_true(place_take(&hall.holder, PLACE_LOGIN));
	}
	places_give_back(&hall.holder);
	assert_null(place_next_due(&hall.holder, 0));
	assert_true(place_take(&newcomer, PLACE_LOGIN));
}

static void
a_place_not_used_goes_to_the_next_waiter(void **state)
{
	struct place_waiter waiters[2] = { 0 };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_int_equal(queue(&waiters[0], FAR_MS), PLACE_QUEUED);
	assert_int_equal(queue(&waiters[1], FAR_MS), PLACE_QUEUED);
	for (int i = 0; i < 2; i++) {
		places_give_back(&hall.holder);
		assert_ptr_equal(place_next_due(&hall.holder, 0), &waiters[i]);
	}
	places_give_back(&hall.holder);
	assert_null(place_next_due(&hall.holder, 0));
	assert_true(place_take(&hall.other, PLACE_LOGIN)); /* none is lost */
}

/* A request gives back one place long before it ends: others are served. */
static void
a_place_given_back_alone_wakes_a_worker_for_its_waiter(void **state)
{
	struct place_claims worker = { .places = hall.places };
	struct place_waiter waiter = { 0 };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_true(place_take(&hall.holder, PLACE_SQL));
	assert_int_equal(queue(&waiter, FAR_MS), PLACE_QUEUED);
	assert_false(timer_has_fired(0));
	place_give_back(&hall.holder, PLACE_LOGIN);
	assert_true(hall.holder.holds[PLACE_SQL]);
	assert_true(timer_has_fired(5000));
	assert_ptr_equal(place_next_due(&worker, clock_ms()), &waiter);
	assert_true(worker.holds[PLACE_LOGIN]);
	assert_false(place_take(&hall.other, PLACE_LOGIN));
	places_give_back(&worker);
	assert_true(place_take(&hall.other, PLACE_LOGIN));
}

static void
a_waiter_whose_time_has_come_leaves_the_queue(void **state)
{
	struct place_waiter late = { 0 }, early = { 0 };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_int_equal(queue(&late, 2000), PLACE_QUEUED);
	assert_int_equal(queue(&early, 1000), PLACE_QUEUED);
	assert_null(next_due(999));
	assert_ptr_equal(next_due(1000), &early);
	assert_null(next_due(1000));
	places_give_back(&hall.holder);
	assert_ptr_equal(place_next_due(&hall.holder, 0), &late);
	places_give_back(&hall.holder);
	assert_null(place_next_due(&hall.holder, 0));
}

/* Once committed, claims wait for their turn, among requests that wait. */
static void *
take_sql(void *arg)
{
	struct place_claims *claims = arg;

	return place_take(claims, PLACE_SQL) ? claims : NULL;
}

static void
committed_claims_wait_for_their_place(void **state)
{
	struct place_claims third = { .places = hall.places };
	struct place_waiter waiter = { 0 };
	pthread_t thread;
	void *taken = NULL;

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_true(place_take(&hall.holder, PLACE_SQL));
	places_commit(&hall.holder, clock_ms() + 60000);
	assert_true(places_are_committed(&hall.holder));
	assert_false(hall.holder.holds[PLACE_SQL]);
	assert_true(place_take_ahead(&hall.holder, PLACE_SQL));
	assert_false(hall.holder.holds[PLACE_SQL]); /* it can wait later */
	assert_true(place_take(&hall.other, PLACE_SQL));
	assert_true(place_take(&third, PLACE_SQL));
	assert_int_equal(
	    pthread_create(&thread, NULL, take_sql, &hall.holder), 0);
	hall.other.lacking = PLACE_SQL;
	while (place_wait(&hall.other, &waiter, 1) != PLACE_QUEUED)
		;
	places_give_back(&third);
	/* whichever came first: the request leaves, with or without a place */
	assert_ptr_equal(place_next_due(&third, 1), &waiter);
	places_give_back(&third);
	assert_int_equal(pthread_join(thread, &taken), 0);
	assert_ptr_equal(taken, &hall.holder);
	places_give_back(&hall.holder);
	assert_false(places_are_committed(&hall.holder));
}

static void
committed_claims_wait_no_longer_than_they_may(void **state)
{
	struct place_claims third = { .places = hall.places };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	assert_true(place_take(&hall.other, PLACE_SQL));
	assert_true(place_take(&third, PLACE_SQL));
	places_commit(&hall.holder, clock_ms() + 20);
	assert_false(place_take(&hall.holder, PLACE_SQL));
	assert_int_equal(hall.holder.lacking, PLACE_SQL);
	places_give_back(&third);
	assert_true(place_take(&hall.holder, PLACE_SQL)); /* nobody waits */
}

static void
a_waiter_can_queue_again(void **state)
{
	struct place_waiter waiter = { 0 };

	(void)state;
	assert_true(place_take(&hall.holder, PLACE_LOGIN));
	for (int i = 0; i < 2 * MAX_WAITING; i++) {
		assert_int_equal(queue(&waiter, 1000 + i), PLACE_QUEUED);
		assert_ptr_equal(next_due(1000 + i), &waiter);
	}
}

static void
due_times_alone_come_in_their_order(void **state)
{
	static const int64_t due_ms[] = { 30, 10, 20, 10 };
	static const int order[] = { 1, 3, 2, 0 };
	struct place_waiter waiters[COUNT(due_ms)] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(due_ms); i++)
		place_wait_until(hall.places, &waiters[i], due_ms[i]);
	for (size_t i = 0; i < COUNT(order); i++)
		assert_ptr_equal(next_due(100), &waiters[order[i]]);
	assert_null(next_due(100));
}

static void
the_timer_wakes_for_the_nearest_due_time(void **state)
{
	struct place_waiter far = { 0 }, near = { 0 }, past = { 0 };
	int64_t now_ms = clock_ms();

	(void)state;
	assert_false(timer_has_fired(0));
	place_wait_until(hall.places, &far, now_ms + FAR_MS);
	assert_false(timer_has_fired(0));
	place_wait_until(hall.places, &near, now_ms + 30);
	assert_true(timer_has_fired(5000));
	assert_true(clock_ms() >= now_ms + 30);
	assert_ptr_equal(next_due(clock_ms()), &near);
	assert_false(timer_has_fired(0));
	place_wait_until(hall.places, &past, 0);
	assert_true(timer_has_fired(5000));
	assert_ptr_equal(next_due(clock_ms()), &past);
	assert_null(next_due(clock_ms()));
	assert_false(timer_has_fired(0));
}

/* Four places for SQL, shared by three sites, each with two workers. */
enum { SITES = 3, WORKERS = 6, SITE_WAITING = 4 };

static struct {
	struct places *places;
	struct place_claims claims[WORKERS]; /* of site number % SITES */
	struct place_waiter waiters[WORKERS];
} town;

static int
open_town(void **state)
{
	static const int sizes[PLACE_KINDS] = {
		[PLACE_LOGIN] = 1, [PLACE_SQL] = 4
	};

	(void)state;
	town.places = places_open(sizes, SITE_WAITING, SITES);
	for (int i = 0; i < WORKERS; i++) {
		town.claims[i] = (struct place_claims){ .places = town.places,
			.site = i % SITES };
		town.waiters[i] = (struct place_waiter){ 0 };
	}
	return town.places == NULL;
}

static int
close_town(void **state)
{
	(void)state;
	places_close(town.places);
	return 0;
}

static bool
town_take(int worker)
{
	return place_take(&town.claims[worker], PLACE_SQL);
}

/* One more request of the worker's site finds no place. */
static enum place_verdict
town_queue(int worker, struct place_waiter *waiter)
{
	struct place_claims newcomer = { .places = town.places,
		.site = town.claims[worker].site };

	assert_false(place_take(&newcomer, PLACE_SQL));
	return place_wait(&newcomer, waiter, FAR_MS);
}

static void
a_share_is_half_and_never_nothing(void **state)
{
	(void)state;
	assert_int_equal(places_share(8, 1), 8);
	assert_int_equal(places_share(8, 2), 4);
	assert_int_equal(places_share(8, 64), 4);
	assert_int_equal(places_share(5, 2), 2);
	assert_int_equal(places_share(1, 2), 1);
}

static void
a_site_holds_at_most_its_share(void **state)
{
	(void)state;
	assert_true(town_take(0));
	assert_true(town_take(3));
	assert_int_equal(town_queue(0, &town.waiters[0]), PLACE_QUEUED);
	/* the other half is there for the others, and for nobody else */
	assert_true(town_take(1));
	assert_true(town_take(2));
	assert_false(town_take(4));
	places_give_back(&town.claims[2]);
	assert_null(place_next_due(&town.claims[2], 0));
	assert_true(town_take(4));
	assert_int_equal(town_queue(1, &town.waiters[1]), PLACE_QUEUED);
}

static void
a_place_of_another_site_does_not_come_to_who_has_a_share(void **state)
{
	(void)state;
	assert_true(town_take(0));
	assert_true(town_take(3));
	assert_int_equal(town_queue(0, &town.waiters[0]), PLACE_QUEUED);
	assert_true(town_take(1));
	places_give_back(&town.claims[1]);
	assert_null(place_next_due(&town.claims[1], 0));
	places_give_back(&town.claims[3]);
	assert_ptr_equal(place_next_due(&town.claims[3], 0), &town.waiters[0]);
	assert_true(town_take(3));
}

/* A worker's claims serve the next waiter, of whatever site it is. */
static void
sites_that_wait_take_turns(void **state)
{
	static const int order[] = { 0, 2, 3, 5 }; /* of sites 0, 2, 0, 2 */
	struct place_claims *claims = &town.claims[0];

	(void)state;
	assert_true(town_take(0));
	assert_true(town_take(3));
	assert_true(town_take(1));
	assert_true(town_take(4));
	assert_int_equal(town_queue(0, &town.waiters[0]), PLACE_QUEUED);
	assert_int_equal(town_queue(0, &town.waiters[3]), PLACE_QUEUED);
	assert_int_equal(town_queue(2, &town.waiters[2]), PLACE_QUEUED);
	assert_int_equal(town_queue(2, &town.waiters[5]), PLACE_QUEUED);
	for (size_t i = 0; i < COUNT(order); i++) {
		struct place_waiter *next = &town.waiters[order[i]];

		places_give_back(claims);
		assert_ptr_equal(place_next_due(claims, 0), next);
		assert_int_equal(claims->site, next->site);
		assert_true(town_take(0));
	}
	places_give_back(claims);
	assert_null(place_next_due(claims, 0));
}

static void
a_site_that_waits_much_leaves_room_to_wait(void **state)
{
	struct place_waiter one_more = { 0 };

	(void)state;
	assert_true(town_take(0));
	assert_true(town_take(3));
	assert_int_equal(town_queue(0, &town.waiters[0]), PLACE_QUEUED);
	assert_int_equal(town_queue(0, &town.waiters[3]), PLACE_QUEUED);
	assert_int_equal(town_queue(0, &one_more), PLACE_CROWDED);
	assert_true(town_take(1));
	assert_true(town_take(4));
	assert_int_equal(town_queue(1, &town.waiters[1]), PLACE_QUEUED);
	assert_int_equal(town_queue(2, &town.waiters[2]), PLACE_QUEUED);
	assert_int_equal(town_queue(2, &one_more), PLACE_CROWDED); /* of all */
}

#define TOWN_TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_town, close_town)

#define PLACES_TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_places, close_places)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACES_TEST(places_are_counted_by_kind),
		PLACES_TEST(giving_back_nothing_makes_no_places),
		PLACES_TEST(a_place_that_came_free_meanwhile_is_told),
		PLACES_TEST(more_than_the_most_may_not_wait),
		PLACES_TEST(
		    waiters_are_served_in_their_turn_and_newcomers_are_not),
		PLACES_TEST(a_place_not_used_goes_to_the_next_waiter),
		PLACES_TEST(
		    a_place_given_back_alone_wakes_a_worker_for_its_waiter),
		PLACES_TEST(a_waiter_whose_time_has_come_leaves_the_queue),
		PLACES_TEST(committed_claims_wait_for_their_place),
		PLACES_TEST(committed_claims_wait_no_longer_than_they_may),
		PLACES_TEST(a_waiter_can_queue_again),
		PLACES_TEST(due_times_alone_come_in_their_order),
		PLACES_TEST(the_timer_wakes_for_the_nearest_due_time),
		cmocka_unit_test(a_share_is_half_and_never_nothing),
		TOWN_TEST(a_site_holds_at_most_its_share),
		TOWN_TEST(
		    a_place_of_another_site_does_not_come_to_who_has_a_share),
		TOWN_TEST(sites_that_wait_take_turns),
		TOWN_TEST(a_site_that_waits_much_leaves_room_to_wait),
	};

	return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
