/* base/arena */
#include "config.h"

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "check.h"
#include "in_arena.h"

static bool
is_filled(const char *memory, char with, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (memory[i] != with)
			return false;
	return true;
}

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 16, 17, 4096, 65536, 65537,
		300000, 3 };
	char *pieces[COUNT(sizes)];

	for (size_t i = 0; i < COUNT(sizes); i++) {
		pieces[i] = arena_alloc(*state, sizes[i]);
		assert_int_equal(
		    (uintptr_t)pieces[i] % alignof(max_align_t), 0);
		assert_true(is_filled(pieces[i], 0, sizes[i]));
		memset(pieces[i], 'a' + (int)i, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_true(is_filled(pieces[i], (char)('a' + i), sizes[i]));
}

static void
memory_is_zeroed_again_after_a_reset(void **state)
{
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 40; i++) {
			char *piece = arena_alloc(*state, 5000);

			assert_true(is_filled(piece, 0, 5000));
			memset(piece, 'x', 5000);
		}
		arena_reset(*state);
	}
}

#ifndef ARENA_MALLOC
static void
a_reset_wipes_and_reuses_the_first_block(void **state)
{
	char *secret = arena_alloc(*state, 16);

	memcpy(secret, "correct horse", 13);
	arena_reset(*state);
	assert_true(is_filled(secret, 0, 16));
	assert_ptr_equal(arena_alloc(*state, 16), secret);
}
#endif

static void
copies_end_with_nul_and_absence_is_kept(void **state)
{
	struct str copy = arena_dup(*state, STR("a\0b"));

	assert_str_eq(copy, STR("a\0b"));
	assert_int_equal(copy.ptr[3], 0);
	assert_true(str_is_none(arena_dup(*state, STR_NONE)));
	assert_str(arena_dup(*state, STR("")), "");
	assert_string_equal(arena_cstr(*state, STR("abc")), "abc");
	assert_string_equal(arena_cstr(*state, STR_NONE), "");
}

static void
closing_nothing_is_allowed(void **state)
{
	(void)state;
	arena_close(NULL);
}

#define ARENA_TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ARENA_TEST(memory_is_zeroed_aligned_and_apart),
		ARENA_TEST(memory_is_zeroed_again_after_a_reset),
#ifndef ARENA_MALLOC
		ARENA_TEST(a_reset_wipes_and_reuses_the_first_block),
#endif
		ARENA_TEST(copies_end_with_nul_and_absence_is_kept),
		cmocka_unit_test(closing_nothing_is_allowed),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
