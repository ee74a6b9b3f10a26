/* mysql/settings: what a link is set to, on servers of all kinds. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "mysql/settings.h"

enum { SAID_MAX = 8192 };

/* A server that does not know some variables, or fails at some statement. */
struct server {
	const char *const *unknown; /* NULL ends them */
	const char *fails_at;
	char said[SAID_MAX]; /* what it has done, a line each */
};

static enum setting_outcome
run(void *arg, const char *sql)
{
	struct server *server = arg;
	size_t len = strlen(server->said);

	if (server->fails_at != NULL && strstr(sql, server->fails_at) != NULL)
		return SETTING_FAILED;
	for (size_t i = 0; server->unknown[i] != NULL; i++) {
		const char *found = strstr(sql, server->unknown[i]);

		if (found != NULL && found[-1] == ' ')
			return SETTING_UNKNOWN;
	}
	snprintf(server->said + len, SAID_MAX - len, "%s\n", sql);
	return SETTING_DONE;
}

#define NEEDED \
	"ROLLBACK AND NO CHAIN NO RELEASE\n" \
	"SET NAMES utf8mb4, @@session.autocommit=1, " \
	"@@session.sql_mode='STRICT_ALL_TABLES'\n" \
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE\n"
#define COMMON \
	"SET SESSION sql_select_limit=18446744073709551615, " \
	"sql_safe_updates=0, sql_auto_is_null=0, sql_big_selects=1, " \
	"group_concat_max_len=1048576, completion_type=0\n"

static const char *const none[] = { NULL };
static const char *const of_mysql[] = { "max_statement_time", NULL };
static const char *const of_mariadb[] = { "max_execution_time", NULL };
static const char *const without_innodb[] = { "innodb_lock_wait_timeout",
	"max_execution_time", NULL };
static const char *const of_a_stranger[] = { "sql_safe_updates",
	"lock_wait_timeout", "innodb_lock_wait_timeout", "max_execution_time",
	NULL };

static const struct row {
	const char *name;
	const char *const *unknown;
	int64_t timeout_ms;
	const char *said;
} rows[] = {
	{ "MariaDB", of_mariadb, 1000,
	    NEEDED COMMON
	    "SET SESSION lock_wait_timeout=1, innodb_lock_wait_timeout=1\n"
	    "SET SESSION max_statement_time=1.000\n" },
	{ "MySQL", of_mysql, 1500,
	    NEEDED COMMON
	    "SET SESSION lock_wait_timeout=2, innodb_lock_wait_timeout=2\n"
	    "SET SESSION max_execution_time=1500\n" },
	{ "without InnoDB", without_innodb, 50,
	    NEEDED COMMON "SET SESSION lock_wait_timeout=1\n"
			  "SET SESSION max_statement_time=0.050\n" },
	{ "a stranger", of_a_stranger, 60000,
	    NEEDED "SET SESSION sql_select_limit=18446744073709551615\n"
		   "SET SESSION sql_auto_is_null=0\n"
		   "SET SESSION sql_big_selects=1\n"
		   "SET SESSION group_concat_max_len=1048576\n"
		   "SET SESSION completion_type=0\n"
		   "SET SESSION max_statement_time=60.000\n" },
};

static void
what_a_server_does_not_know_is_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server server = { .unknown = rows[i].unknown };

		assert_row(settings_apply(run, &server, rows[i].timeout_ms),
		    rows[i].name);
		assert_string_equal(server.said, rows[i].said);
	}
}

static void
a_link_that_cannot_be_set_up_is_of_no_use(void **state)
{
	static const char *const parts[] = { "ROLLBACK", "NAMES", "ISOLATION",
		"sql_select_limit", "lock_wait", "max_statement_time",
		"max_execution_time" };

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct server server = { .unknown = none,
			.fails_at = parts[i] };

		assert_row(!settings_apply(run, &server, 1000), parts[i]);
	}
}

/* Without these a link reads what was, or not what is meant. */
static void
what_is_needed_must_be_known(void **state)
{
	static const char *const names[][2] = { { "TRANSACTION", NULL },
		{ "NAMES", NULL } };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct server server = { .unknown = names[i] };

		assert_row(!settings_apply(run, &server, 1000), names[i][0]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_does_not_know_is_left_out),
		cmocka_unit_test(a_link_that_cannot_be_set_up_is_of_no_use),
		cmocka_unit_test(what_is_needed_must_be_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
