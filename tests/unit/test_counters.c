/* base/counters and the files around it */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/counter_file.h"
#include "base/counter_slots.h"
#include "base/counter_text.h"
#include "base/places.h"
#include "check.h"
#include "in_arena.h"

_Static_assert(
    (int)PLACE_HASH_LABEL == PLACE_LOGIN && (int)PLACE_SQL_LABEL == PLACE_SQL,
    "labels in the order of the kinds of places");
enum { SITES = 8 };

static uint64_t
request_of(const struct counter_totals *totals)
{
	return totals->sites[0].counters[COUNTER_REQUESTS];
}

/* A map for `slots` processes, in memory. */
static struct counter_map
map_of(void)
{
	struct counter_map map = { .sites = SITES + 1, .slots = COUNTER_SLOTS };

	map.size = counter_layout_size(map.sites, map.slots);
	map.head = calloc(1, map.size);
	assert_non_null(map.head);
	counter_layout_init(map.head, map.sites, map.slots);
	return map;
}

/* The id of a process that has ended. */
static pid_t
dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

/* A slot of a dead process that has counted n requests. */
static void
fill_slot(const struct counter_map *map, int number, uint64_t n)
{
	struct counter_slot *slot = counter_slot_at(map, number);

	counter_slot_begin(map, number, map->sites);
	atomic_store(&slot->pid, dead_pid());
	atomic_store(&slot->blocks, 3);
	atomic_store(
	    &counter_site_cells(map, number, 0, 2)[COUNTER_REQUESTS], n);
}

static void
a_dead_process_is_folded_once(void **state)
{
	struct counter_map map = map_of();
	char why[100];

	fill_slot(&map, 0, 40);
	fill_slot(&map, 1, 2);
	assert_int_equal(request_of(counter_totals_read(&map, *state)), 42);
	for (int i = 0; i < 3; i++) {
		assert_true(
		    counter_slots_take(&map, -1, 1, why, sizeof(why)) >= 0);
		assert_int_equal(
		    request_of(counter_totals_read(&map, *state)), 42);
	}
	free(map.head);
}

/* A process that was killed after the second step of folding. */
static void
a_folding_that_was_cut_off_is_ended(void **state)
{
	struct counter_map map = map_of();
	struct counter_commit commit = counter_commit_read(&map);
	char why[100];

	fill_slot(&map, 5, 42);
	atomic_store(&counter_past_site_cells(
			 &map, 1 - commit.past, 0)[COUNTER_REQUESTS],
	    42);
	commit.past = 1 - commit.past;
	commit.folded = 5;
	commit.turn++;
	counter_commit_write(&map, commit);
	assert_int_equal(request_of(counter_totals_read(&map, *state)), 42);
	assert_true(counter_slots_take(&map, -1, 1, why, sizeof(why)) >= 0);
	assert_int_equal(request_of(counter_totals_read(&map, *state)), 42);
	assert_int_equal(atomic_load(&counter_slot_at(&map, 5)->pid), 0);
	free(map.head);
}

/* It is the slot of this process, and no other has one. */
static void
assert_live_alone(const struct counter_map *map, int slot)
{
	for (int i = 0; i < (int)map->slots; i++)
		assert_int_equal(counter_slot_is_live(map, i), i == slot);
	assert_int_equal(
	    atomic_load(&counter_slot_at(map, slot)->pid), getpid());
}

static void
a_process_that_executed_itself_folds_its_former_slot(void **state)
{
	struct counter_map map = map_of();
	char why[100];

	for (int i = 0; i < 3; i++) {
		int slot = counter_slots_take(&map, -1, 1, why, sizeof(why));

		assert_true(slot >= 0);
		assert_live_alone(&map, slot);
		atomic_store(
		    &counter_site_cells(&map, slot, 0, 0)[COUNTER_REQUESTS],
		    14);
	}
	assert_int_equal(request_of(counter_totals_read(&map, *state)), 42);
	free(map.head);
}

static struct counter_totals *
full_totals(struct arena *arena, uint64_t value)
{
	struct counter_totals *totals = arena_alloc(arena, sizeof(*totals));

	totals->processes = 8;
	totals->started_s = 1796034219;
	totals->site_count = SITES + 1;
	totals->sites =
	    arena_alloc(arena, totals->site_count * sizeof(totals->sites[0]));
	for (int i = 0; i < COUNTERS; i++)
		totals->counters[i] = value;
	for (int i = 0; i < GAUGES; i++)
		totals->gauges[i] = (int64_t)value;
	for (uint32_t site = 0; site < totals->site_count; site++) {
		char name[32];

		snprintf(name, sizeof(name), "shop-%02u.example.org", site);
		totals->sites[site].name =
		    site == 0 ? STR("")
			      : str_from(arena_cstr(arena, str_from(name)));
		for (int i = 0; i < SITE_COUNTERS; i++)
			totals->sites[site].counters[i] = value;
		for (int i = 0; i < SITE_GAUGES; i++)
			totals->sites[site].gauges[i] = (int64_t)value;
	}
	return totals;
}

static void
the_text_is_never_above_its_bound(void **state)
{
	struct str text =
	    counter_text(*state, full_totals(*state, UINT64_MAX / 1024), "1");

	assert_true(text.len > COUNTER_TEXT_MAX / 8);
	assert_true(text.len <= COUNTER_TEXT_MAX);
	assert_int_equal(text.ptr[text.len - 1], '\n');
}

/* The series of eight sites that are used in every usual way: six routes. */
static void
eight_sites_keep_their_routes(void **state)
{
	static const enum counter_status statuses[] = { STATUS_200, STATUS_401,
		STATUS_403, STATUS_503 };
	struct counter_totals *totals = full_totals(*state, 1234567);
	struct str text;

	for (uint32_t site = 0; site < totals->site_count; site++) {
		uint64_t *requests =
		    &totals->sites[site].counters[COUNTER_REQUESTS];

		memset(requests, 0,
		    REQUEST_KINDS * STATUSES * sizeof(requests[0]));
		for (int kind = 0; kind < 18; kind += 3)
			for (int i = 0; i < 4; i++)
				requests[kind * STATUSES + (int)statuses[i]] =
				    1234567;
	}
	for (int i = COUNTER_HASH_TIME; i <= COUNTER_HASH_TIME_LAST; i++)
		totals->counters[i] = i < COUNTER_HASH_TIME + 30 ? 1234567 : 0;
	text = counter_text(*state, totals, "1");
	assert_true(str_has(text, STR("route=\"/auth\",status=\"401\"")));
}

#define IN_ARENA(test) \
	cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ARENA(a_dead_process_is_folded_once),
		IN_ARENA(a_folding_that_was_cut_off_is_ended),
		IN_ARENA(a_process_that_executed_itself_folds_its_former_slot),
		IN_ARENA(the_text_is_never_above_its_bound),
		IN_ARENA(eight_sites_keep_their_routes),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
