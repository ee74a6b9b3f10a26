/* mysql/sql_params */
#include "config.h"

#include <string.h>

#include "check.h"
#include "mysql/sql_params.h"

static const char *const login_only[] = { "login", NULL };
static const char *const id_and_name[] = { "id", "name", NULL };

static int
all(const char *const *names)
{
	int count = 0;

	while (names[count] != NULL)
		count++;
	return count;
}

/* params: the index in the allowed of each ?, as digits. */
struct good_row {
	const char *const *allowed;
	const char *sql, *expected, *params;
};

static void
check_good(const struct good_row *row)
{
	struct sql_params sql_params;
	char why[200] = "", params[SQL_PARAMS_MAX + 1] = "";

	if (!sql_params_find(row->sql, row->allowed, all(row->allowed),
		&sql_params, why, sizeof(why)))
		fail_msg("%s: %s", row->sql, why);
	for (int i = 0; i < sql_params.count; i++)
		params[i] = (char)('0' + sql_params.params[i]);
	assert_string_equal(sql_params.sql, row->expected);
	assert_string_equal(params, row->params);
	sql_params_close(&sql_params);
}

static void
parameters_become_question_marks_in_order(void **state)
{
	static const struct good_row rows[] = {
		{ login_only, "email = :login", "email = ?", "0" },
		{ login_only, ":login", "?", "0" },
		{ login_only, "f(:login,:login)", "f(?,?)", "00" },
		{ id_and_name, "n=:name AND i=:id OR n=:name",
		    "n=? AND i=? OR n=?", "101" },
		{ login_only, "a=:login\n", "a=?\n", "0" },
		{ login_only, "@x := :login", "@x := ?", "0" },
		{ login_only, "a : b :login :1", "a : b ? :1", "0" },
		{ login_only, "caf\xc3\xa9=:login", "caf\xc3\xa9=?", "0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_good(&rows[i]);
}

static void
those_behind_the_needed_ones_may_be_missing(void **state)
{
	static const char *const three[] = { "id", "name", "image", NULL };
	struct sql_params sql_params;
	char why[200] = "";

	(void)state;
	assert_true(sql_params_find(
	    "i=:id n=:image", three, 1, &sql_params, why, sizeof(why)));
	assert_true(sql_params_uses(&sql_params, 0));
	assert_false(sql_params_uses(&sql_params, 1));
	assert_true(sql_params_uses(&sql_params, 2));
	sql_params_close(&sql_params);
	assert_false(sql_params_find(
	    "n=:image", three, 1, &sql_params, why, sizeof(why)));
	assert_string_equal(why, "parameter :id is missing");
	sql_params_close(&sql_params);
}

static void
quotes_comments_and_double_colons_are_left_alone(void **state)
{
	static const struct good_row rows[] = {
		{ login_only, "':x ?' :login", "':x ?' ?", "0" },
		{ login_only, "\":x ?\" :login", "\":x ?\" ?", "0" },
		{ login_only, "`:x ?` :login", "`:x ?` ?", "0" },
		{ login_only, "'it''s :x' :login", "'it''s :x' ?", "0" },
		{ login_only, "'it\\'s :x' :login", "'it\\'s :x' ?", "0" },
		{ login_only, "'\\\\' :login", "'\\\\' ?", "0" },
		{ login_only, "`\\` :login", "`\\` ?", "0" },
		{ login_only, "'\"' :login '\"'", "'\"' ? '\"'", "0" },
		{ login_only, "-- :x ?\n:login", "-- :x ?\n?", "0" },
		{ login_only, "# it's :x\n:login", "# it's :x\n?", "0" },
		{ login_only, ":login -- :x", "? -- :x", "0" },
		{ login_only, ":login --", "? --", "0" },
		{ login_only, "1--:login", "1--?", "0" },
		{ login_only, "/* :x ' */:login", "/* :x ' */?", "0" },
		{ login_only, "/*:x*/:login/**/", "/*:x*/?/**/", "0" },
		{ login_only, "1/:login*2", "1/?*2", "0" },
		{ login_only, "x::text=:login", "x::text=?", "0" },
		{ login_only, "x:::login", "x::?", "0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_good(&rows[i]);
}

static void
bad_statements_are_refused_with_the_reason(void **state)
{
	static const struct bad_row {
		const char *const *allowed;
		const char *sql, *why;
	} rows[] = {
		{ login_only, "SELECT 1", "parameter :login is missing" },
		{ login_only, "", "parameter :login is missing" },
		{ login_only, "':login'", "parameter :login is missing" },
		{ id_and_name, ":id", "parameter :name is missing" },
		{ login_only, ":login :email", "unknown parameter :email" },
		{ login_only, ":Login", "unknown parameter :Login" },
		{ login_only, ":login2", "unknown parameter :login2" },
		{ login_only, ":log", "unknown parameter :log" },
		{ login_only, ":login ?", "a bare ?: write :name" },
		{ login_only, ":login '", "a quote or comment is open" },
		{ login_only, ":login 'x\\", "a quote or comment is open" },
		{ login_only, ":login 'x\\'", "a quote or comment is open" },
		{ login_only, ":login `x", "a quote or comment is open" },
		{ login_only, ":login /*/", "a quote or comment is open" },
		{ login_only,
		    ":login:login:login:login:login:login:login:login:login"
		    ":login:login:login:login:login:login:login:login",
		    "more than 16 parameters" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sql_params sql_params;
		char why[200] = "";

		assert_false(sql_params_find(rows[i].sql, rows[i].allowed,
		    all(rows[i].allowed), &sql_params, why, sizeof(why)));
		assert_string_equal(why, rows[i].why);
		sql_params_close(&sql_params);
	}
}

static const char *const id_and_hash[] = { "id", "hash", NULL };

static void
columns_are_found_by_name_in_any_order(void **state)
{
	static const struct str names[] = { STR_INIT("hash"), STR_INIT("x"),
		STR_INIT("x"), STR_INIT("ID") };
	size_t indexes[2] = { 9, 9 };
	char why[200] = "";

	(void)state;
	assert_true(sql_columns(
	    id_and_hash, names, COUNT(names), indexes, why, sizeof(why)));
	assert_int_equal(indexes[0], 3);
	assert_int_equal(indexes[1], 0);
}

static void
a_missing_or_doubled_column_is_named(void **state)
{
	static const struct str missing[] = { STR_INIT("id"),
		STR_INIT("hash2") };
	static const struct str doubled[] = { STR_INIT("id"), STR_INIT("hash"),
		STR_INIT("Id") };
	size_t indexes[2];
	char why[200] = "";

	(void)state;
	assert_false(sql_columns(
	    id_and_hash, missing, COUNT(missing), indexes, why, sizeof(why)));
	assert_string_equal(why, "column hash is missing");
	assert_false(sql_columns(
	    id_and_hash, doubled, COUNT(doubled), indexes, why, sizeof(why)));
	assert_string_equal(why, "column id stands there twice");
	assert_false(
	    sql_columns(id_and_hash, NULL, 0, indexes, why, sizeof(why)));
	assert_string_equal(why, "column id is missing");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_become_question_marks_in_order),
		cmocka_unit_test(
		    quotes_comments_and_double_colons_are_left_alone),
		cmocka_unit_test(those_behind_the_needed_ones_may_be_missing),
		cmocka_unit_test(bad_statements_are_refused_with_the_reason),
		cmocka_unit_test(columns_are_found_by_name_in_any_order),
		cmocka_unit_test(a_missing_or_doubled_column_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
