#ifndef CHECK_H
#define CHECK_H

/* Included by every unit test: cmocka, and asserts for our own types. */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* cmocka's assert_in_range is another in each version, hence not used. */
#undef assert_in_range
static inline void
assert_between(int64_t value, int64_t least, int64_t most)
{
	if (value < least || value > most)
		fail_msg("%d is not from %d to %d", (int)value, (int)least,
		    (int)most);
}

/* Compares a struct str with another or with a C string (NULL: absent). */
#define assert_str_eq(actual, expected) \
	check_str(actual, expected, __FILE__, __LINE__)
#define assert_str(actual, expected) \
	check_str(actual, str_from(expected), __FILE__, __LINE__)

static inline struct str
check_shown(struct str s)
{
	return str_is_none(s) ? STR("absent") : s;
}

static inline void
check_str(struct str actual, struct str expected, const char *file, int line)
{
	if (str_eq(actual, expected))
		return;
	print_error("is       \"%.*s\" (%zu)\nexpected \"%.*s\" (%zu)\n",
	    STR_ARG(check_shown(actual)), actual.len,
	    STR_ARG(check_shown(expected)), expected.len);
	_fail(file, line);
}

/* In a loop over a table: says which row it was. */
#define assert_row(claim, row) \
	do { \
		if (!(claim)) { \
			print_error("row: %s\n", row); \
			_fail(__FILE__, __LINE__); \
		} \
	} while (0)

#endif
