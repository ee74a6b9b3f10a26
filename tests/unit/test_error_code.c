/* mysql/error_code: what each error number means. */
#include "config.h"

#include <stdio.h>

#include "check.h"
#include "mysql/error_code.h"

enum kind { IS_PLAIN, IS_CROWDING, IS_TEXT, IS_SETTING, IS_ISOLATION };

static const struct row {
	unsigned code;
	enum sql_verdict verdict;
	enum kind kind;
} rows[] = {
	{ 0, SQL_LOST, IS_PLAIN },
	{ 1020, SQL_LOCKED, IS_PLAIN },
	{ 1021, SQL_REFUSED, IS_PLAIN },
	{ 1040, SQL_REFUSED, IS_CROWDING },
	{ 1044, SQL_BARRED, IS_PLAIN },
	{ 1045, SQL_BARRED, IS_PLAIN },
	{ 1047, SQL_ELSEWHERE, IS_PLAIN },
	{ 1048, SQL_UNFIT, IS_PLAIN },
	{ 1053, SQL_LOST, IS_PLAIN },
	{ 1062, SQL_UNFIT, IS_PLAIN },
	{ 1114, SQL_REFUSED, IS_PLAIN },
	{ 1142, SQL_BARRED, IS_PLAIN },
	{ 1143, SQL_BARRED, IS_PLAIN },
	{ 1156, SQL_LOST, IS_PLAIN },
	{ 1158, SQL_LOST, IS_PLAIN },
	{ 1159, SQL_LOST, IS_PLAIN },
	{ 1160, SQL_LOST, IS_PLAIN },
	{ 1161, SQL_LOST, IS_PLAIN },
	{ 1193, SQL_REFUSED, IS_SETTING },
	{ 1203, SQL_REFUSED, IS_CROWDING },
	{ 1205, SQL_LOCKED, IS_PLAIN },
	{ 1213, SQL_LOCKED, IS_PLAIN },
	{ 1226, SQL_REFUSED, IS_CROWDING },
	{ 1227, SQL_BARRED, IS_SETTING },
	{ 1229, SQL_REFUSED, IS_SETTING },
	{ 1238, SQL_REFUSED, IS_SETTING },
	{ 1243, SQL_LOST, IS_PLAIN },
	{ 1264, SQL_UNFIT, IS_PLAIN },
	{ 1265, SQL_UNFIT, IS_PLAIN },
	{ 1267, SQL_UNFIT, IS_TEXT },
	{ 1270, SQL_UNFIT, IS_TEXT },
	{ 1271, SQL_UNFIT, IS_TEXT },
	{ 1290, SQL_ELSEWHERE, IS_PLAIN },
	{ 1292, SQL_UNFIT, IS_PLAIN },
	{ 1317, SQL_REFUSED, IS_PLAIN },
	{ 1366, SQL_UNFIT, IS_PLAIN },
	{ 1370, SQL_BARRED, IS_PLAIN },
	{ 1406, SQL_UNFIT, IS_PLAIN },
	{ 1412, SQL_LOCKED, IS_PLAIN },
	{ 1451, SQL_UNFIT, IS_PLAIN },
	{ 1452, SQL_UNFIT, IS_PLAIN },
	{ 1461, SQL_REFUSED, IS_CROWDING },
	{ 1615, SQL_LOST, IS_PLAIN },
	{ 1644, SQL_UNFIT, IS_PLAIN },
	{ 1665, SQL_REFUSED, IS_ISOLATION },
	{ 1689, SQL_LOCKED, IS_PLAIN },
	{ 1792, SQL_ELSEWHERE, IS_PLAIN },
	{ 1836, SQL_ELSEWHERE, IS_PLAIN },
	{ 1927, SQL_LOST, IS_PLAIN },
	{ 1969, SQL_LATE, IS_PLAIN },
	{ 3024, SQL_LATE, IS_PLAIN },
	{ 3100, SQL_ELSEWHERE, IS_PLAIN },
	{ 3101, SQL_LOCKED, IS_PLAIN },
	{ 3572, SQL_LOCKED, IS_PLAIN },
	{ 3819, SQL_UNFIT, IS_PLAIN },
	{ 3854, SQL_UNFIT, IS_TEXT },
	{ 3988, SQL_UNFIT, IS_TEXT },
	{ 4025, SQL_UNFIT, IS_PLAIN },
	{ 4031, SQL_LOST, IS_PLAIN },
	/* the client library's own, any of them */
	{ 2000, SQL_LOST, IS_PLAIN },
	{ 2002, SQL_LOST, IS_PLAIN },
	{ 2003, SQL_LOST, IS_PLAIN },
	{ 2006, SQL_LOST, IS_PLAIN },
	{ 2013, SQL_LOST, IS_PLAIN },
	{ 2026, SQL_LOST, IS_PLAIN },
	{ 2055, SQL_LOST, IS_PLAIN },
	{ 2999, SQL_LOST, IS_PLAIN },
	/* in no row: could not tell */
	{ 1049, SQL_REFUSED, IS_PLAIN },
	{ 1054, SQL_REFUSED, IS_PLAIN },
	{ 1146, SQL_REFUSED, IS_PLAIN },
	{ 1999, SQL_REFUSED, IS_PLAIN },
	{ 3000, SQL_REFUSED, IS_PLAIN },
	{ 9001, SQL_REFUSED, IS_PLAIN },
	{ 4294967295U, SQL_REFUSED, IS_PLAIN },
};

static void
each_error_means_one_thing(void **state)
{
	char code[16];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];

		snprintf(code, sizeof(code), "%u", row->code);
		assert_row(error_code_verdict(row->code) == row->verdict, code);
		assert_row(error_code_is_crowding(row->code) ==
			       (row->kind == IS_CROWDING),
		    code);
		assert_row(error_code_is_unfit_text(row->code) ==
			       (row->kind == IS_TEXT),
		    code);
		assert_row(error_code_is_unknown_setting(row->code) ==
			       (row->kind == IS_SETTING),
		    code);
		assert_row(error_code_wants_repeatable_read(row->code) ==
			       (row->kind == IS_ISOLATION),
		    code);
	}
}

/* An error is never an answer: neither "no such row" nor success. */
static void
no_error_is_an_answer(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 70000; code++) {
		enum sql_verdict verdict = error_code_verdict(code);

		assert_true(verdict != SQL_OK && verdict != SQL_MISS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_means_one_thing),
		cmocka_unit_test(no_error_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
