/* The meaning of each error of Redis, by the words that servers write. */
#include "config.h"

#include "check.h"
#include "redis/wire/error_reply.h"

static const struct row {
	const char *text;
	enum error_meaning meaning;
} rows[] = {
	{ "WRONGTYPE Operation against a key", ERROR_DATA },
	{ "TOOLONG a value of 70000 bytes", ERROR_DATA },
	{ "LOADING Redis is loading the dataset in memory", ERROR_SERVER },
	{ "BUSY Redis is busy running a script.", ERROR_SERVER },
	{ "UNKILLABLE Sorry the script already wrote", ERROR_SERVER },
	{ "READONLY You can't write against a read only replica.",
	    ERROR_ELSEWHERE },
	{ "MASTERDOWN Link with MASTER is down", ERROR_ELSEWHERE },
	{ "MOVED 3999 127.0.0.1:6381", ERROR_ELSEWHERE },
	{ "ASK 3999 127.0.0.1:6381", ERROR_ELSEWHERE },
	{ "NOAUTH Authentication required.", ERROR_LINK },
	{ "WRONGPASS invalid username-password pair", ERROR_LINK },
	{ "DENIED Redis is running in protected mode", ERROR_LINK },
	{ "ERR max number of clients reached", ERROR_LINK },
	{ "OOM command not allowed when used memory", ERROR_COMMAND },
	{ "MISCONF Redis is configured to save RDB snapshots", ERROR_COMMAND },
	{ "NOREPLICAS Not enough good replicas to write.", ERROR_COMMAND },
	{ "NOPERM this user has no permissions", ERROR_COMMAND },
	{ "CLUSTERDOWN Hash slot not served", ERROR_COMMAND },
	{ "TRYAGAIN Multiple keys request during rehashing", ERROR_COMMAND },
	{ "EXECABORT Transaction discarded", ERROR_COMMAND },
	{ "BUSYKEY Target key name already exists.", ERROR_COMMAND },
	{ "ERR unknown command", ERROR_COMMAND },
	{ "", ERROR_COMMAND },
};

static void
each_error_has_a_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(error_reply_meaning(str_from(rows[i].text)),
		    rows[i].meaning);
}

static void
the_worst_error_counts_however_deep(void **state)
{
	struct resp_value inner[] = {
		{ .type = RESP_ERROR, .text = STR("WRONGTYPE x") },
		{ .type = RESP_ERROR, .text = STR("NOPERM y") },
	};
	struct resp_value outer[] = {
		{ .type = RESP_NIL },
		{ .type = RESP_LIST, .items = inner, .count = 2 },
		{ .type = RESP_TEXT, .text = STR("READONLY is a text") },
	};
	struct resp_value all = {
		.type = RESP_LIST, .items = outer, .count = 3
	};
	struct str text = STR_NONE;

	(void)state;
	assert_int_equal(error_reply_worst(&all, &text), ERROR_COMMAND);
	assert_str(text, "NOPERM y");
	inner[1].type = RESP_TEXT;
	assert_int_equal(error_reply_worst(&all, &text), ERROR_DATA);
	inner[0].type = RESP_TEXT;
	assert_int_equal(error_reply_worst(&all, &text), ERROR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_a_meaning),
		cmocka_unit_test(the_worst_error_counts_however_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
