/* The findings about MySQL. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/doctor.h"
#include "mysql/inspect.h"
#include "secret/recovery.h"

#define AREA "sql"

enum { WHY_SIZE = 400, HASH_MIN = 60, ROWS_MANY = 1000 };

/* The link to one site's MySQL server, for the checks below. */
struct target {
	struct doctor *doctor;
	const struct conf *conf;
	struct inspect *inspect;
};

static bool
ask_target(
    const struct target *target, const char *sql, struct sql_answer *answer)
{
	char why[WHY_SIZE];

	return inspect_ask(target->inspect, target->doctor->ctl->arena, sql,
	    answer, why, sizeof(why));
}

/* Returns a variable of the server that is a number; -1: not known. */
static int64_t
variable(const struct target *target, const char *name)
{
	struct sql_answer answer;
	char sql[128];
	int64_t number = -1;

	snprintf(sql, sizeof(sql), "SELECT @@GLOBAL.%s", name);
	if (ask_target(target, sql, &answer) && answer.rows == 1)
		(void)str_to_int(answer.cells[0], 0, INT64_MAX, &number);
	return number;
}

static struct str
cell(const struct sql_answer *answer, size_t row, const char *name)
{
	struct str text = inspect_cell(answer, row, name);

	return str_is_none(text) ? STR("") : text;
}

/* Warns if this row of a plan reads a whole table or a whole index. */
static void
check_plan_row(struct target *target, const char *name,
    const struct sql_answer *plan, size_t row)
{
	struct str type = cell(plan, row, "type");
	struct str table = cell(plan, row, "table");
	int64_t rows = 0;

	(void)str_to_int(cell(plan, row, "rows"), 0, INT64_MAX, &rows);
	if (!str_eq_nocase(type, STR("ALL")) &&
	    !str_eq_nocase(type, STR("index")))
		return;
	if (str_starts(table, STR("<"))) /* a derived table */
		return;
	doctor_report(target->doctor,
	    rows >= ROWS_MANY ? DOCTOR_BAD : DOCTOR_WARN, AREA,
	    "add an index on the column that WHERE compares, and compare it "
	    "as it is",
	    "%s reads all of %.*s, %" PRId64 " rows, for each question", name,
	    STR_ARG(table), rows);
}

static bool
is_unique_step(struct str type)
{
	return str_eq_nocase(type, STR("const")) ||
	       str_eq_nocase(type, STR("system")) ||
	       str_eq_nocase(type, STR("eq_ref"));
}

/*
 * Checks the plan of one statement.  If a login is found by an index that is
 * not unique (`ref`), two rows may have it.  An empty plan (no matching row)
 * gives no finding.
 */
static void
check_plan(struct target *target, enum pool_statement which, const char *name)
{
	struct sql_answer plan;
	char why[WHY_SIZE];

	if (!inspect_explain(target->inspect, target->doctor->ctl->arena, which,
		"1", &plan, why, sizeof(why)))
		return;
	for (size_t i = 0; i < plan.rows; i++)
		check_plan_row(target, name, &plan, i);
	if (plan.rows == 0 || which != POOL_USER_BY_LOGIN)
		return;
	if (str_eq_nocase(cell(&plan, 0, "type"), STR("ref")))
		doctor_report(target->doctor, DOCTOR_WARN, AREA,
		    "make the index on it UNIQUE",
		    "nothing keeps two rows of %.*s from having one login",
		    STR_ARG(cell(&plan, 0, "table")));
	else if (is_unique_step(cell(&plan, 0, "type")))
		doctor_report(target->doctor, DOCTOR_OK, AREA, NULL,
		    "a login is found by a unique index");
}

/*
 * Checks the column of recovery codes: MySQL refuses a list that is too wide
 * or, without strict mode, cuts it.
 */
static void
check_recovery_width(struct target *target)
{
	int64_t width = -1;

	if (target->conf->mysql_totp_codes_update[0] != '\0')
		width =
		    inspect_width(target->inspect, target->doctor->ctl->arena,
			POOL_USER_BY_LOGIN, "totp_codes");
	if (width >= 0 && width < RECOVERY_LIST_MAX)
		doctor_report(target->doctor, DOCTOR_BAD, AREA,
		    "make it VARCHAR(500)",
		    "the column totp_codes takes %" PRId64
		    " characters, and ten recovery codes have %d",
		    width, RECOVERY_LIST_MAX);
}

static void
check_hash_width(struct target *target)
{
	int64_t width = inspect_width(target->inspect,
	    target->doctor->ctl->arena, POOL_USER_BY_LOGIN, "hash");

	if (width < 0)
		return;
	if (width < HASH_MIN)
		doctor_report(target->doctor, DOCTOR_BAD, AREA,
		    "make it VARCHAR(255)",
		    "the column of the hash takes %" PRId64
		    " characters, and bcrypt has %d",
		    width, HASH_MIN);
	else
		doctor_report(target->doctor, DOCTOR_OK, AREA, NULL,
		    "the column of the hash takes %" PRId64 " characters",
		    width);
}

/* Returns a right that the usual statements do not need; NULL: none. */
static const char *
odd_right(struct str grant)
{
	static const char *const words[] = { "ALL PRIVILEGES", "DROP", "ALTER",
		"CREATE", "SUPER", "FILE", "PROCESS", "SHUTDOWN",
		"GRANT OPTION", "DELETE", "INSERT", "TRIGGER", "REFERENCES" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_has(grant, str_from(words[i])))
			return words[i];
	return NULL;
}

static bool
writes_rows(const struct conf *conf)
{
	const char *const statements[] = { conf->mysql_user_update,
		conf->mysql_password_update, conf->mysql_totp_update,
		conf->mysql_totp_codes_update };

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (str_has_nocase(str_from(statements[i]), STR("INSERT")) ||
		    str_has_nocase(str_from(statements[i]), STR("DELETE")) ||
		    str_has_nocase(str_from(statements[i]), STR("REPLACE")))
			return true;
	return false;
}

static void
check_grants(struct target *target)
{
	struct sql_answer answer;
	const char *odd = NULL;
	bool is_global = false;

	if (!ask_target(target, "SHOW GRANTS", &answer))
		return;
	for (size_t i = 0; i < answer.rows; i++) {
		struct str grant = answer.cells[i * answer.columns];

		if (odd == NULL)
			odd = odd_right(grant);
		if (str_has(grant, STR(" ON *.*")) &&
		    !str_starts(grant, STR("GRANT USAGE ")))
			is_global = true;
	}
	if (odd != NULL && !writes_rows(target->conf))
		doctor_report(target->doctor, DOCTOR_WARN, AREA,
		    "revoke all and grant what sessgatectl grants prints",
		    "its account may do more than it needs: %s", odd);
	else if (is_global)
		doctor_report(target->doctor, DOCTOR_WARN, AREA,
		    "revoke all and grant what sessgatectl grants prints",
		    "its account has rights on all databases (*.*)");
	else
		doctor_report(target->doctor, DOCTOR_OK, AREA, NULL,
		    "its account has no right that it does not need");
}

static void
check_connections(struct target *target)
{
	int64_t max = variable(target, "max_connections");
	int64_t wanted = target->conf->mysql_connections;
	struct sql_answer answer;
	int64_t have = 0;

	if (max < 0)
		return;
	if (ask_target(target, "SHOW GLOBAL STATUS LIKE 'Threads_connected'",
		&answer) &&
	    answer.rows == 1)
		(void)str_to_int(cell(&answer, 0, "Value"), 0, max, &have);
	if (wanted >= max)
		doctor_report(target->doctor, DOCTOR_BAD, AREA,
		    "raise max_connections, or lower [mysql] connections",
		    "max_connections is %" PRId64
		    ", and one process opens up to %" PRId64,
		    max, wanted);
	else if (have * 10 >= max * 9)
		doctor_report(target->doctor, DOCTOR_WARN, AREA,
		    "raise max_connections",
		    "%" PRId64 " of %" PRId64 " connections are open", have,
		    max);
	else
		doctor_report(target->doctor, DOCTOR_OK, AREA, NULL,
		    "%" PRId64 " of %" PRId64 " connections are open", have,
		    max);
}

static void
check_read_only(struct target *target)
{
	const struct conf *conf = target->conf;
	bool writes = conf->mysql_password_update[0] != '\0' ||
		      conf->mysql_totp_update[0] != '\0' ||
		      conf->mysql_user_update[0] != '\0';

	if (variable(target, "read_only") == 1 && writes)
		doctor_report(target->doctor, DOCTOR_WARN, AREA,
		    "put [mysql] url on the primary",
		    "the server is read-only: nobody can change a profile or a "
		    "password");
}

static void
check_mysql_encryption(struct target *target)
{
	const struct conf_database *database =
	    &target->conf->databases[inspect_server(target->inspect)];
	const struct mysql_url *url = &database->url;

	if (database->tls != CONF_MYSQL_TLS_OFF || url->socket != NULL ||
	    strcmp(url->host, "localhost") == 0 ||
	    strncmp(url->host, "127.", 4) == 0 || strcmp(url->host, "::1") == 0)
		return;
	doctor_report(target->doctor, DOCTOR_WARN, AREA,
	    "set [mysql] tls = verify",
	    "stored passwords come from %s without encryption", url->host);
}

void
doctor_sql(struct doctor *doctor, const struct conf *conf)
{
	struct pool_options options = pool_options_of(conf, 1);
	char why[WHY_SIZE];
	struct target target = { .doctor = doctor,
		.conf = conf,
		.inspect = inspect_open(&options, why, sizeof(why)) };

	if (target.inspect == NULL)
		return;
	if (options.server_count > 1) {
		char name[POOL_NAME_SIZE];

		pool_server_name(
		    &options, inspect_server(target.inspect), name);
		doctor_report(doctor, DOCTOR_OK, AREA, NULL,
		    "asked is %s, the first of %d servers that can be used",
		    name, options.server_count);
	}
	if (!doctor->is_quick) {
		check_plan(&target, POOL_USER_BY_LOGIN, "user_by_login");
		check_plan(&target, POOL_USER_BY_ID, "user_by_id");
		if (conf->mysql_user_state[0] != '\0')
			check_plan(&target, POOL_USER_STATE, "user_state");
	}
	check_hash_width(&target);
	check_recovery_width(&target);
	check_grants(&target);
	check_connections(&target);
	check_read_only(&target);
	check_mysql_encryption(&target);
	inspect_close(target.inspect);
}
