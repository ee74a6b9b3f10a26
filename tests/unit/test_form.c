/* http/form, http/percent */
#include "config.h"

#include "check.h"
#include "base/arena.h"
#include "http/form.h"

static void
fields_are_found_and_decoded(void **state)
{
	static const struct row {
		const char *body, *name, *value; /* NULL: not found */
	} rows[] = {
		{ "a=1", "a", "1" },
		{ "a=1&b=2", "b", "2" },
		{ "a=1&a=2", "a", "1" },
		{ "", "a", NULL },
		{ "b=1", "a", NULL },
		{ "a", "a", "" },
		{ "a=", "a", "" },
		{ "&&a=1&", "a", "1" },
		{ "a=x+y%20z%2B", "a", "x y z+" },
		{ "a=%C3%A9", "a", "\xc3\xa9" },
		{ "%61=1", "a", "1" },
		{ "a=1=2", "a", "1=2" },
		{ "a=%zz%4%", "a", "%zz%4%" },
		{ "A=1", "a", NULL },
		{ "aa=1", "a", NULL },
		{ "a=1;b=2", "b", NULL },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str value = STR_NONE;
		bool found = form_find(arena, str_from(rows[i].body),
		    str_from(rows[i].name), &value);

		assert_row(found == (rows[i].value != NULL), rows[i].body);
		if (found)
			assert_str(value, rows[i].value);
	}
	arena_close(arena);
}

static void
a_value_may_hold_NUL(void **state)
{
	struct arena *arena = arena_open();
	struct str value;

	(void)state;
	assert_true(form_find(arena, STR("p=a%00b"), STR("p"), &value));
	assert_int_equal(value.len, 3);
	assert_memory_equal(value.ptr, "a\0b", 3);
	arena_close(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_and_decoded),
		cmocka_unit_test(a_value_may_hold_NUL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
