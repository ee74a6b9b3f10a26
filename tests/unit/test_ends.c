/* redis/wire/ends: the ring forgets what is old, by number and by time. */
#include "config.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "check.h"
#include "redis/wire/ends.h"

static int64_t now_ms;

/* The linker puts this in place of clock_ms. */
int64_t __wrap_clock_ms(void);

int64_t
__wrap_clock_ms(void)
{
	return now_ms;
}

static void
note(struct ends *ends, int number)
{
	char key[32];
	struct end end = {
		.text = STR_NONE, .old = STR_NONE, .ttl_s = STR_NONE
	};

	snprintf(key, sizeof(key), "sess:%d", number);
	end.key = str_from(key);
	ends_note(ends, &end);
}

static int
number_of(struct str key)
{
	int64_t number = -1;

	str_cut(&key, ':');
	assert_true(str_to_int(key, 0, INT32_MAX, &number));
	return (int)number;
}

/* Counts the ends; *first is set to the number in the first one's key. */
static int
count_ends(struct ends *ends, int *first)
{
	struct arena *arena = arena_open();
	uint64_t number = 0;
	struct end end;
	int count = 0;

	while (ends_next(ends, arena, &number, &end)) {
		if (count++ == 0)
			*first = number_of(end.key);
	}
	arena_close(arena);
	return count;
}

static void
the_oldest_make_room_for_the_newest(void **state)
{
	struct ends *ends = ends_open();
	int first = -1;

	(void)state;
	assert_int_equal(count_ends(ends, &first), 0);
	for (int i = 0; i < ENDS_MAX; i++)
		note(ends, i);
	assert_int_equal(count_ends(ends, &first), ENDS_MAX);
	assert_int_equal(first, 0);
	for (int i = ENDS_MAX; i < 2 * ENDS_MAX + 5; i++)
		note(ends, i);
	assert_int_equal(count_ends(ends, &first), ENDS_MAX);
	assert_int_equal(first, ENDS_MAX + 5);
	ends_close(ends);
}

static void
one_is_told_for_a_minute(void **state)
{
	struct ends *ends = ends_open();
	int first = -1;

	(void)state;
	now_ms = 1000;
	note(ends, 0);
	now_ms += ENDS_YOUNG_MS / 2;
	note(ends, 1);
	now_ms += ENDS_YOUNG_MS / 2;
	assert_int_equal(count_ends(ends, &first), 2);
	now_ms++;
	assert_int_equal(count_ends(ends, &first), 1);
	assert_int_equal(first, 1);
	now_ms += ENDS_YOUNG_MS / 2;
	assert_int_equal(count_ends(ends, &first), 0);
	ends_close(ends);
}

static void
a_generation_is_told_with_what_it_replaces(void **state)
{
	struct ends *ends = ends_open();
	struct arena *arena = arena_open();
	const struct end given = { .key = STR("ugen:1"),
		.text = STR("new"),
		.old = STR_NONE,
		.ttl_s = STR("60") };
	struct end end;
	uint64_t number = 0;

	(void)state;
	ends_note(ends, &given);
	assert_true(ends_next(ends, arena, &number, &end));
	assert_str(end.text, "new");
	assert_true(str_is_none(end.old));
	assert_str(end.ttl_s, "60");
	assert_false(ends_next(ends, arena, &number, &end));
	arena_close(arena);
	ends_close(ends);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_make_room_for_the_newest),
		cmocka_unit_test(one_is_told_for_a_minute),
		cmocka_unit_test(a_generation_is_told_with_what_it_replaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
