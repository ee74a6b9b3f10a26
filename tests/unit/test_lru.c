/* store/cache/lru */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "store/cache/lru.h"

#define ROOM 8192 /* bytes; a dozen entries of BIG and their like */
#define BIG 400
#define FAR_MS 100000

static struct arena *arena;

static int
open_lru(void **state)
{
	arena = arena_open();
	*state = lru_open(ROOM);
	return arena == NULL || *state == NULL;
}

static int
close_lru(void **state)
{
	lru_close(*state);
	arena_close(arena);
	return 0;
}

/* The key of a number. */
static struct str
key_of(int number, char text[16])
{
	snprintf(text, 16, "key-%d", number);
	return str_from(text);
}

/* Its value: no two bytes that are near are the same, nor two values. */
static struct str
value_of(int number, size_t len, char value[ROOM])
{
	for (size_t i = 0; i < len; i++)
		value[i] = (char)(number * 31 + (int)i % 251);
	return (struct str){ value, len };
}

static void
put(struct lru *lru, int number, size_t len)
{
	char key[16], value[ROOM];

	lru_put(lru, (uint64_t)number, key_of(number, key),
	    value_of(number, len, value), FAR_MS);
}

static bool
has_at(struct lru *lru, int number, size_t len, int64_t now_ms)
{
	char key[16], value[ROOM];

	return str_eq(
	    lru_find(lru, arena, (uint64_t)number, key_of(number, key), now_ms),
	    value_of(number, len, value));
}

static bool
has(struct lru *lru, int number, size_t len)
{
	return has_at(lru, number, len, 0);
}

static void
what_was_put_is_found_and_what_was_forgotten_is_not(void **state)
{
	char key[16];

	put(*state, 1, 10);
	put(*state, 2, 20);
	assert_true(has(*state, 1, 10));
	assert_true(has(*state, 2, 20));
	put(*state, 1, 30);
	assert_true(has(*state, 1, 30));
	lru_forget(*state, 1, key_of(1, key));
	lru_forget(*state, 3, key_of(3, key));
	assert_true(str_is_none(lru_find(*state, arena, 1, key_of(1, key), 0)));
	assert_true(has(*state, 2, 20));
	lru_clear(*state);
	assert_true(str_is_none(lru_find(*state, arena, 2, key_of(2, key), 0)));
}

static void
a_near_miss_is_a_miss(void **state)
{
	static const char *const misses[] = { "tokem", "toke", "tokens",
		"Token", "" };

	lru_put(*state, 7, STR("token"), STR("value"), FAR_MS);
	assert_str(lru_find(*state, arena, 7, STR("token"), 0), "value");
	for (size_t i = 0; i < COUNT(misses); i++)
		assert_row(str_is_none(lru_find(
			       *state, arena, 7, str_from(misses[i]), 0)),
		    misses[i]);
	assert_true(str_is_none(lru_find(*state, arena, 8, STR("token"), 0)));
	assert_true(str_is_none(
	    lru_find(*state, arena, 7, (struct str){ "token", 6 }, 0)));
}

/* Key and value share what an entry has; each may be of any length. */
static void
every_length_is_found_whole(void **state)
{
	char bytes[ROOM];
	struct str text = value_of(1, sizeof(bytes), bytes);

	for (size_t key_len = 0; key_len < 400; key_len += 7)
		for (size_t len = 0; len < 400; len += 11) {
			struct str key = { text.ptr, key_len };
			struct str value = { text.ptr + 100, len };

			lru_put(*state, 1, key, value, FAR_MS);
			assert_str_eq(
			    lru_find(*state, arena, 1, key, 0), value);
			key.ptr++;
			assert_int_equal(
			    str_is_none(lru_find(*state, arena, 1, key, 0)),
			    key_len > 0);
			arena_reset(arena);
		}
}

static void
an_entry_dies_when_it_is_due(void **state)
{
	size_t empty = lru_bytes(*state);

	lru_put(*state, 1, STR("k"), STR("v"), 500);
	assert_str(lru_find(*state, arena, 1, STR("k"), 499), "v");
	assert_true(str_is_none(lru_find(*state, arena, 1, STR("k"), 500)));
	assert_int_equal(lru_bytes(*state), empty);
}

static int
fill(struct lru *lru)
{
	int count = 0;

	while (lru_bytes(lru) + 2 * BIG < ROOM)
		put(lru, count++, BIG);
	assert_true(count > 4);
	return count;
}

static void
what_was_not_used_longest_goes_first(void **state)
{
	fill(*state);
	assert_true(has_at(*state, 0, BIG, 5000)); /* now 1 is the oldest */
	put(*state, 100, BIG);
	put(*state, 101, BIG);
	assert_false(has(*state, 1, BIG));
	assert_true(has(*state, 0, BIG));
	assert_true(has(*state, 101, BIG));
}

static void
what_is_used_all_the_time_stays(void **state)
{
	fill(*state);
	for (int i = 0; i < 100; i++) {
		assert_true(has_at(*state, 0, BIG, 5000 + i * 400));
		put(*state, 100 + i, BIG);
		assert_true(has_at(*state, 100 + i, BIG, 5000 + i * 400));
	}
}

static void
it_never_holds_more_than_its_bytes(void **state)
{
	for (int i = 0; i < 1000; i++) {
		put(*state, i, (size_t)(i * 37 % 900));
		assert_true(lru_bytes(*state) <= ROOM);
		assert_true(has(*state, i, (size_t)(i * 37 % 900)));
	}
}

static void
what_is_too_large_is_not_put(void **state)
{
	put(*state, 1, 10);
	put(*state, 1, ROOM - 1);
	assert_false(has(*state, 1, ROOM - 1));
	assert_false(has(*state, 1, 10)); /* what it was to replace is old */
	assert_null(lru_open(64));
}

/* Against an array that does the same the slow way. */
static void
it_does_what_a_simple_map_does(void **state)
{
	enum { KEYS = 20 };
	size_t lens[KEYS] = { 0 };

	srand(1);
	for (int i = 0; i < 20000; i++) {
		int number = rand() % KEYS;
		char key[16];

		switch (rand() % 3) {
		case 0:
			lens[number] = (size_t)(1 + rand() % 200);
			put(*state, number, lens[number]);
			break;
		case 1:
			lens[number] = 0;
			lru_forget(
			    *state, (uint64_t)number, key_of(number, key));
			break;
		default:
			if (lens[number] > 0)
				assert_true(has(*state, number, lens[number]));
			else
				assert_true(str_is_none(lru_find(*state, arena,
				    (uint64_t)number, key_of(number, key), 0)));
			arena_reset(arena);
		}
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_lru, close_lru)
	const struct CMUnitTest tests[] = {
		TEST(what_was_put_is_found_and_what_was_forgotten_is_not),
		TEST(a_near_miss_is_a_miss),
		TEST(every_length_is_found_whole),
		TEST(an_entry_dies_when_it_is_due),
		TEST(what_was_not_used_longest_goes_first),
		TEST(what_is_used_all_the_time_stays),
		TEST(it_never_holds_more_than_its_bytes),
		TEST(what_is_too_large_is_not_put),
		TEST(it_does_what_a_simple_map_does),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
