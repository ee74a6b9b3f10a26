/* mysql/active: only a number other than 0 is active. */
#include "config.h"

#include "check.h"
#include "mysql/active.h"

static const struct row {
	const char *value;
	enum active active;
} rows[] = {
	{ NULL, ACTIVE_NO },
	/* numbers of INT, ZEROFILL, DECIMAL, FLOAT and BIT columns */
	{ "0", ACTIVE_NO },
	{ "1", ACTIVE_YES },
	{ "2", ACTIVE_YES },
	{ "-1", ACTIVE_YES },
	{ "000", ACTIVE_NO },
	{ "001", ACTIVE_YES },
	{ "00", ACTIVE_NO },
	{ "0.00", ACTIVE_NO },
	{ "0.01", ACTIVE_YES },
	{ "-0.00", ACTIVE_NO },
	{ "1.00", ACTIVE_YES },
	{ "+0", ACTIVE_NO },
	{ "-0", ACTIVE_NO },
	{ "+1", ACTIVE_YES },
	{ "255", ACTIVE_YES },
	{ "18446744073709551615", ACTIVE_YES },
	{ "100000000000000000000000000000000000000000000000000000000000000000",
	    ACTIVE_YES },
	{ "000000000000000000000000000000000000000000000000000000000000000000",
	    ACTIVE_NO },
	/* blanks around */
	{ " 1 ", ACTIVE_YES },
	{ "1         ", ACTIVE_YES },
	{ "\t1", ACTIVE_YES },
	{ " 0 ", ACTIVE_NO },
	{ " -1", ACTIVE_YES },
	/* no numbers */
	{ "", ACTIVE_UNREADABLE },
	{ " ", ACTIVE_UNREADABLE },
	{ "Y", ACTIVE_UNREADABLE },
	{ "N", ACTIVE_UNREADABLE },
	{ "true", ACTIVE_UNREADABLE },
	{ "false", ACTIVE_UNREADABLE },
	{ "yes", ACTIVE_UNREADABLE },
	{ "on", ACTIVE_UNREADABLE },
	{ "active", ACTIVE_UNREADABLE },
	{ "0x1", ACTIVE_UNREADABLE },
	{ "1e0", ACTIVE_UNREADABLE },
	{ "0e0", ACTIVE_UNREADABLE },
	{ "1x", ACTIVE_UNREADABLE },
	{ "1,5", ACTIVE_UNREADABLE },
	{ "1 2", ACTIVE_UNREADABLE },
	{ "1.", ACTIVE_UNREADABLE },
	{ ".5", ACTIVE_UNREADABLE },
	{ ".", ACTIVE_UNREADABLE },
	{ "1.2.3", ACTIVE_UNREADABLE },
	{ "--1", ACTIVE_UNREADABLE },
	{ "- 1", ACTIVE_UNREADABLE },
	{ "-", ACTIVE_UNREADABLE },
	{ "1\n", ACTIVE_UNREADABLE },
	{ "\x01", ACTIVE_UNREADABLE },
	{ "\xc2\xb9", ACTIVE_UNREADABLE },
	{ "0000-00-00", ACTIVE_UNREADABLE },
	{ "0000-00-00 00:00:00", ACTIVE_UNREADABLE },
	{ "2026-11-29", ACTIVE_UNREADABLE },
	{ "12:00:00", ACTIVE_UNREADABLE },
	{ "{\"a\":1}", ACTIVE_UNREADABLE },
	{ "[1]", ACTIVE_UNREADABLE },
	{ "a,b", ACTIVE_UNREADABLE },
	{ "NaN", ACTIVE_UNREADABLE },
	{ "inf", ACTIVE_UNREADABLE },
};

static void
only_a_number_other_than_zero_is_active(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(
		    active_read(str_from(rows[i].value)) == rows[i].active,
		    rows[i].value == NULL ? "NULL" : rows[i].value);
}

static void
a_nul_makes_no_number(void **state)
{
	const struct str rest = { "1\0", 2 }, alone = { "\0", 1 };

	(void)state;
	assert_int_equal(active_read(rest), ACTIVE_UNREADABLE);
	assert_int_equal(active_read(alone), ACTIVE_UNREADABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_number_other_than_zero_is_active),
		cmocka_unit_test(a_nul_makes_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
