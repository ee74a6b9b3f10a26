/* secret/recovery: codes are made, read as people type them, and used up */
#include "config.h"

#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "secret/recovery.h"

#define CODE "0123-4567-89ab-cdef-ghjk-mnpq"
/* base64url of the SHA-256 of its characters without hyphens */
#define HASH "rps7itAaNqF08WnMPHXEenvYc6LY-njMXYXz-goz_JY"

static void
a_new_set_has_ten_codes_that_its_list_knows(void **state)
{
	struct arena *arena = *state;
	struct str codes, list, left, others, none;

	assert_true(recovery_new(arena, &codes, &list));
	assert_true(recovery_new(arena, &others, &none));
	assert_int_equal(list.len, RECOVERY_LIST_MAX);
	assert_int_equal(recovery_count(list), RECOVERY_CODES);
	for (int i = 0; i < RECOVERY_CODES; i++) {
		struct str code = str_cut(&codes, '\n');
		struct str hash = recovery_hash(arena, code);
		struct str other = recovery_hash(arena, str_cut(&others, '\n'));

		assert_int_equal(code.len, RECOVERY_SHOWN_LEN);
		assert_int_equal(hash.len, RECOVERY_HASH_LEN);
		assert_false(recovery_without(arena, list, other, &left));
		assert_str_eq(left, list);
		assert_true(recovery_without(arena, list, hash, &left));
		assert_int_equal(recovery_count(left), RECOVERY_CODES - 1 - i);
		assert_false(recovery_without(arena, left, hash, &list));
		list = left;
	}
	assert_true(str_is_none(codes));
	assert_str(list, "");
}

static void
it_is_read_as_people_type_it(void **state)
{
	static const char *const same[] = { CODE, "0123456789abcdefghjkmnpq",
		"O123 4567 89AB CDEF GHJK MNPQ",
		"oI23-4567-89ab-cdef-ghjk-mnpq",
		"0l23_4567.89ab, cdef\tghjk\r\nmnpq ",
		" 0123\342\200\2234567\342\200\22389ab-cdef\302\240ghjk-mnpq" };
	static const char *const none[] = { "", "-", "0123",
		"0123-4567-89ab-cdef-ghjk-mnp",
		"0123-4567-89ab-cdef-ghjk-mnpqr",
		"0123-4567-89ab-cdef-ghjk-mnpu", "123456" };
	struct arena *arena = *state;

	for (size_t i = 0; i < COUNT(same); i++)
		assert_row(
		    str_eq(recovery_hash(arena, str_from(same[i])), STR(HASH)),
		    same[i]);
	for (size_t i = 0; i < COUNT(none); i++)
		assert_row(str_is_none(recovery_hash(arena, str_from(none[i]))),
		    none[i]);
	assert_true(str_is_none(recovery_hash(arena, STR_NONE)));
}

static void
a_list_may_be_empty_or_odd(void **state)
{
	static const char *const lists[] = { "", " ", "x", "x y", HASH "x",
		"x" HASH };
	struct arena *arena = *state;
	struct str left;

	for (size_t i = 0; i < COUNT(lists); i++)
		assert_row(!recovery_without(
			       arena, str_from(lists[i]), STR(HASH), &left),
		    lists[i]);
	assert_false(recovery_without(arena, STR_NONE, STR(HASH), &left));
	assert_int_equal(recovery_count(STR_NONE), 0);
	assert_false(recovery_without(arena, STR(HASH), STR_NONE, &left));
	assert_false(recovery_without(arena, STR(" "), STR(""), &left));
	assert_true(
	    recovery_without(arena, STR(" x  " HASH " y"), STR(HASH), &left));
	assert_str(left, "x y");
	assert_int_equal(recovery_count(STR(" x  y")), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_set_has_ten_codes_that_its_list_knows),
		cmocka_unit_test(it_is_read_as_people_type_it),
		cmocka_unit_test(a_list_may_be_empty_or_odd),
	};

	return cmocka_run_group_tests_name(
	    "recovery", tests, open_arena, close_arena);
}
