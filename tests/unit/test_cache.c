/* store/cache/cache */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "store/cache/cache.h"

#define BYTES (256 * 1024)
#define AGE_MS 60000
#define NOW_MS 1000000

static bool
says(void *is_current, int64_t now_ms)
{
	(void)now_ms;
	return *(const bool *)is_current;
}

struct hall {
	struct cache *cache;
	struct arena *arena;
	bool is_current;
};

static int
open_hall(void **state)
{
	struct hall *hall = calloc(1, sizeof(*hall));

	hall->cache = cache_open(BYTES, AGE_MS);
	hall->arena = arena_open();
	hall->is_current = true;
	cache_trust(hall->cache, says, &hall->is_current);
	*state = hall;
	return hall->cache == NULL;
}

static int
close_hall(void **state)
{
	struct hall *hall = *state;

	cache_close(hall->cache);
	arena_close(hall->arena);
	free(hall);
	return 0;
}

/* Of somebody who found nothing, and goes to ask. */
static struct cache_snapshot
snapshot(struct hall *hall)
{
	struct cache_snapshot snapshot = cache_snapshot(hall->cache, NOW_MS);

	cache_find(hall->cache, &snapshot, hall->arena, STR("nothing"));
	return snapshot;
}

static void
keep(struct hall *hall, const char *key, const char *value, int64_t ttl_ms)
{
	struct cache_snapshot now = snapshot(hall);

	cache_keep(hall->cache, &now, str_from(key), str_from(value), ttl_ms);
}

static struct str
find_at(struct hall *hall, const char *key, int64_t now_ms)
{
	struct cache_snapshot now = cache_snapshot(hall->cache, now_ms);

	return cache_find(hall->cache, &now, hall->arena, str_from(key));
}

static void
what_is_kept_is_found_until_it_is_forgotten(void **state)
{
	struct hall *hall = *state;

	keep(hall, "a", "1", -1);
	keep(hall, "b", "2", -1);
	assert_str(find_at(hall, "a", NOW_MS), "1");
	cache_forget(hall->cache, STR("a"));
	assert_str(find_at(hall, "a", NOW_MS), NULL);
	assert_str(find_at(hall, "b", NOW_MS), "2");
	cache_flush(hall->cache);
	assert_str(find_at(hall, "b", NOW_MS), NULL);
}

static void
a_value_is_a_copy_of_ones_own(void **state)
{
	struct hall *hall = *state;
	struct str value;

	keep(hall, "a", "1", -1);
	value = find_at(hall, "a", NOW_MS);
	cache_flush(hall->cache);
	assert_str(value, "1");
}

static void
an_invalidation_that_overtakes_the_answer_wins(void **state)
{
	struct hall *hall = *state;
	struct cache_snapshot asked = snapshot(hall);

	cache_forget(hall->cache, STR("a"));
	cache_keep(hall->cache, &asked, STR("a"), STR("old"), -1);
	assert_str(find_at(hall, "a", NOW_MS), NULL);
	asked = snapshot(hall);
	cache_flush(hall->cache);
	cache_keep(hall->cache, &asked, STR("a"), STR("old"), -1);
	assert_str(find_at(hall, "a", NOW_MS), NULL);
	keep(hall, "a", "new", -1);
	assert_str(find_at(hall, "a", NOW_MS), "new");
}

static void
what_was_forgotten_before_one_asked_is_no_matter(void **state)
{
	struct hall *hall = *state;
	struct cache_snapshot asked = cache_snapshot(hall->cache, NOW_MS);

	cache_forget(hall->cache, STR("a"));
	cache_find(hall->cache, &asked, hall->arena, STR("a"));
	cache_keep(hall->cache, &asked, STR("a"), STR("new"), -1);
	assert_str(find_at(hall, "a", NOW_MS), "new");
}

static void
who_found_all_keeps_nothing(void **state)
{
	struct hall *hall = *state;
	struct cache_snapshot found = cache_snapshot(hall->cache, NOW_MS);

	keep(hall, "a", "1", -1);
	cache_find(hall->cache, &found, hall->arena, STR("a"));
	cache_keep(hall->cache, &found, STR("b"), STR("2"), -1);
	assert_str(find_at(hall, "b", NOW_MS), NULL);
}

static void
most_invalidations_of_others_are_no_matter(void **state)
{
	struct hall *hall = *state;
	int kept = 0;

	for (int i = 0; i < 100; i++) {
		struct cache_snapshot asked = snapshot(hall);
		char key[16];

		snprintf(key, sizeof(key), "key-%d", i);
		cache_forget(hall->cache, STR("other"));
		cache_keep(hall->cache, &asked, str_from(key), STR("x"), -1);
		if (!str_is_none(find_at(hall, key, NOW_MS)))
			kept++;
	}
	assert_true(kept > 50);
}

static void
an_entry_dies_at_its_own_expiry_or_of_age(void **state)
{
	struct hall *hall = *state;
	static const struct {
		const char *key;
		int64_t ttl_ms, last_ms, gone_ms;
	} rows[] = {
		{ "short", 500, 499, 500 },
		{ "long", 600000, AGE_MS * 7 / 8 - 1, AGE_MS },
		{ "for ever", -1, AGE_MS * 7 / 8 - 1, AGE_MS },
		{ "dead", 0, -1, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		keep(hall, rows[i].key, "x", rows[i].ttl_ms);
		if (rows[i].last_ms >= 0)
			assert_str(find_at(hall, rows[i].key,
				       NOW_MS + rows[i].last_ms),
			    "x");
		assert_row(str_is_none(find_at(
			       hall, rows[i].key, NOW_MS + rows[i].gone_ms)),
		    rows[i].key);
	}
}

/* A burst of questions does not come back an age later. */
static void
entries_of_one_moment_do_not_die_of_age_at_one(void **state)
{
	enum { KEYS = 400, SLICES = 8, MOST = KEYS / SLICES * 2 };
	struct hall *hall = *state;
	int before = KEYS;
	char key[16];

	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "%d", i);
		keep(hall, key, "x", -1);
	}
	for (int slice = 1; slice <= SLICES; slice++) {
		int alive = 0;

		for (int i = 0; i < KEYS; i++) {
			snprintf(key, sizeof(key), "%d", i);
			alive += !str_is_none(find_at(hall, key,
			    NOW_MS + AGE_MS * 7 / 8 +
				AGE_MS * slice / 8 / SLICES));
		}
		assert_true(before - alive <= MOST);
		before = alive;
	}
	assert_int_equal(before, 0);
}

static void
in_doubt_nothing_is_found_and_nothing_is_kept(void **state)
{
	struct hall *hall = *state;

	keep(hall, "a", "1", -1);
	hall->is_current = false;
	assert_str(find_at(hall, "a", NOW_MS), NULL);
	keep(hall, "b", "2", -1);
	hall->is_current = true;
	assert_str(find_at(hall, "a", NOW_MS), "1");
	assert_str(find_at(hall, "b", NOW_MS), NULL);
	cache_trust(hall->cache, NULL, NULL);
	assert_str(find_at(hall, "a", NOW_MS), NULL);
}

static void
it_stays_within_its_bytes(void **state)
{
	struct hall *hall = *state;
	char key[16], value[1000];
	int found = 0;

	snprintf(value, sizeof(value), "%0*d", (int)sizeof(value) - 1, 7);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		keep(hall, key, value, -1);
		assert_str(find_at(hall, key, NOW_MS), value);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		if (!str_is_none(find_at(hall, key, NOW_MS)))
			found++;
	}
	assert_between(found, 100, BYTES / sizeof(value));
}

/*
 * The resident memory of the process in KiB; 0: unknown, or with what
 * ThreadSanitizer keeps of each byte.
 */
static long
resident_kib(void)
{
#ifdef __SANITIZE_THREAD__
	FILE *file = NULL;
#else
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
#endif
	char line[200];
	long kib = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Rss: %ld kB", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib;
}

/* Rounds of a test: --long of contrib/run-tests has ten times as many. */
static int
rounds(int count)
{
	return getenv("SESSGATE_LONG") != NULL ? 10 * count : count;
}

/*
 * The worst case of an allocator: one thread's memory is freed by another, and
 * what is large follows what is small in any order.
 */
enum { CHURN_BYTES = 16 * 1024 * 1024, CHURNERS = 16, CHURNS = 800 };

static void *
churn(void *arg)
{
	struct hall *hall = arg;
	static _Atomic unsigned count;
	unsigned seed = atomic_fetch_add(&count, 1);
	struct arena *arena = arena_open();
	char *value = calloc(1, 32768), key[32];

	for (int i = 0; i < rounds(CHURNS); i++) {
		struct cache_snapshot now = cache_snapshot(hall->cache, NOW_MS);
		int len = rand_r(&seed) % (i % 10 == 0 ? 32768 : 500);

		snprintf(key, sizeof(key), "%u-%d", seed, i);
		cache_find(hall->cache, &now, arena, str_from(key));
		cache_keep(hall->cache, &now, str_from(key),
		    (struct str){ value, (size_t)len }, -1);
		if (i % 3 == 0)
			cache_forget(hall->cache, str_from(key));
	}
	free(value);
	arena_close(arena);
	return NULL;
}

static void
the_process_grows_by_its_bytes_whatever_is_kept(void **state)
{
	struct hall hall = { .is_current = true };
	pthread_t threads[CHURNERS];
	long before_kib = resident_kib(), grown_kib;

	(void)state;
	if (before_kib == 0)
		skip();
	hall.cache = cache_open(CHURN_BYTES, AGE_MS);
	assert_non_null(hall.cache);
	cache_trust(hall.cache, says, &hall.is_current);
	for (int i = 0; i < CHURNERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, churn, &hall), 0);
	for (int i = 0; i < CHURNERS; i++)
		pthread_join(threads[i], NULL);
	grown_kib = resident_kib() - before_kib;
	cache_close(hall.cache);
	/* the threads take some as well */
	assert_between(
	    grown_kib, CHURN_BYTES / 1024 * 9 / 10, CHURN_BYTES / 1024 * 5 / 4);
}

/*
 * A store of one number that only grows; each change invalidates it.  A value
 * that is read, from the cache or from the store, is no older than the last
 * change that was over before the read began.
 */
enum { CHANGES = 5000, READERS = 3 };

static struct {
	struct hall *hall;
	int changes;	    /* in all */
	_Atomic int number; /* in the store */
	_Atomic int ended;  /* the last change that is over */
	_Atomic int stale, hits;
	_Atomic bool is_over;
} race;

static void
read_once(struct arena *arena)
{
	int least = atomic_load(&race.ended);
	struct cache_snapshot now = cache_snapshot(race.hall->cache, NOW_MS);
	struct str value =
	    cache_find(race.hall->cache, &now, arena, STR("number"));
	int64_t number = atomic_load(&race.number);

	if (!str_is_none(value)) {
		assert_true(str_to_int(value, 0, race.changes, &number));
		atomic_fetch_add(&race.hits, 1);
	} else {
		char text[16];

		snprintf(text, sizeof(text), "%d", (int)number);
		cache_keep(
		    race.hall->cache, &now, STR("number"), str_from(text), -1);
	}
	if (number < least)
		atomic_fetch_add(&race.stale, 1);
	arena_reset(arena);
}

static void *
read_on(void *arg)
{
	struct arena *arena = arena_open();

	(void)arg;
	while (!atomic_load(&race.is_over))
		read_once(arena);
	arena_close(arena);
	return NULL;
}

/* Lets the readers run until one has found the number in the cache. */
static void
await_hit(void)
{
	const struct timespec pause = { 0, 1000000 };
	int before = atomic_load(&race.hits);

	for (int i = 0; i < 5000 && atomic_load(&race.hits) == before; i++)
		nanosleep(&pause, NULL);
}

static void
a_read_is_never_older_than_a_change_that_was_over(void **state)
{
	pthread_t readers[READERS];

	race.hall = *state;
	race.changes = rounds(CHANGES);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(
		    pthread_create(&readers[i], NULL, read_on, NULL), 0);
	for (int i = 1; i <= race.changes; i++) {
		atomic_store(&race.number, i);
		cache_forget(race.hall->cache, STR("number"));
		atomic_store(&race.ended, i);
		sched_yield();
		if (i % (race.changes / 10) == 0)
			await_hit(); /* a busy machine may run no reader */
	}
	atomic_store(&race.is_over, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(race.stale, 0);
	assert_true(race.hits > 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_hall, close_hall)
	const struct CMUnitTest tests[] = {
		TEST(what_is_kept_is_found_until_it_is_forgotten),
		TEST(a_value_is_a_copy_of_ones_own),
		TEST(an_invalidation_that_overtakes_the_answer_wins),
		TEST(what_was_forgotten_before_one_asked_is_no_matter),
		TEST(who_found_all_keeps_nothing),
		TEST(most_invalidations_of_others_are_no_matter),
		TEST(an_entry_dies_at_its_own_expiry_or_of_age),
		TEST(entries_of_one_moment_do_not_die_of_age_at_one),
		TEST(in_doubt_nothing_is_found_and_nothing_is_kept),
		TEST(it_stays_within_its_bytes),
		cmocka_unit_test(
		    the_process_grows_by_its_bytes_whatever_is_kept),
		TEST(a_read_is_never_older_than_a_change_that_was_over),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
