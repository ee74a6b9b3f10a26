/* The session settings of a link, whatever the server's defaults are. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mysql/settings.h"

/*
 * Required settings.  The ROLLBACK ends a transaction that init_connect may
 * have begun.  sql_mode has nothing that changes the meaning of the configured
 * SQL (ANSI_QUOTES, PIPES_AS_CONCAT, NO_BACKSLASH_ESCAPES,
 * PAD_CHAR_TO_FULL_LENGTH, ...).  It is strict, so that no value is truncated
 * to fit its column: a truncated password hash would lock the user out.
 */
static const char *const needed[] = {
	"ROLLBACK AND NO CHAIN NO RELEASE",
	"SET NAMES utf8mb4, @@session.autocommit=1, "
	"@@session.sql_mode='STRICT_ALL_TABLES'",
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
};

/*
 * Variables that some servers do not know.  A group is set by one statement or,
 * if the server refuses one of them, each alone.  value NULL: the time limit,
 * in the unit of the group; the server then stops statements that we have given
 * up.
 */
struct assignment {
	const char *name, *value;
};

static const struct assignment common[] = {
	{ "sql_select_limit", "18446744073709551615" },
	{ "sql_safe_updates", "0" },
	{ "sql_auto_is_null", "0" },
	{ "sql_big_selects", "1" },
	{ "group_concat_max_len", "1048576" },
	{ "completion_type", "0" },
	{ NULL, NULL },
};
static const struct assignment lock_limits[] = { /* seconds, whole */
	{ "lock_wait_timeout", NULL }, { "innodb_lock_wait_timeout", NULL },
	{ NULL, NULL }
};
static const struct assignment mariadb_limit[] = { /* seconds */
	{ "max_statement_time", NULL }, { NULL, NULL }
};
static const struct assignment mysql_limit[] = { /* milliseconds */
	{ "max_execution_time", NULL }, { NULL, NULL }
};

struct runner {
	enum setting_outcome (*run)(void *arg, const char *sql);
	void *arg;
};

/* Sets at most count variables of the group: SET SESSION a=1, b=2, ... */
static enum setting_outcome
set(const struct runner *runner, const struct assignment *group, size_t count,
    const char *limit)
{
	char sql[SETTING_BYTES_MAX] = "SET SESSION ";
	size_t len = strlen(sql);

	for (size_t i = 0; i < count && group[i].name != NULL; i++)
		len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s%s=%s",
		    i > 0 ? ", " : "", group[i].name,
		    group[i].value != NULL ? group[i].value : limit);
	return runner->run(runner->arg, sql);
}

static bool
set_group(const struct runner *runner, const struct assignment *group,
    const char *limit)
{
	enum setting_outcome outcome = set(runner, group, SIZE_MAX, limit);

	if (outcome != SETTING_UNKNOWN || group[1].name == NULL)
		return outcome != SETTING_FAILED;
	for (size_t i = 0; group[i].name != NULL; i++)
		if (set(runner, group + i, 1, limit) == SETTING_FAILED)
			return false;
	return true;
}

static bool
set_limits(const struct runner *runner, int64_t timeout_ms)
{
	char whole[32], fraction[32], ms[32];

	snprintf(whole, sizeof(whole), "%" PRId64, (timeout_ms + 999) / 1000);
	snprintf(fraction, sizeof(fraction), "%" PRId64 ".%03d",
	    timeout_ms / 1000, (int)(timeout_ms % 1000));
	snprintf(ms, sizeof(ms), "%" PRId64, timeout_ms);
	return set_group(runner, lock_limits, whole) &&
	       set_group(runner, mariadb_limit, fraction) &&
	       set_group(runner, mysql_limit, ms);
}

bool
settings_apply(enum setting_outcome (*run)(void *arg, const char *sql),
    void *arg, int64_t timeout_ms)
{
	const struct runner runner = { run, arg };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (run(arg, needed[i]) != SETTING_DONE)
			return false;
	return set_group(&runner, common, "") &&
	       set_limits(&runner, timeout_ms);
}
