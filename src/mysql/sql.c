/*
 * Statements over one connection to MySQL.  The only user of libmysqlclient
 * (MariaDB's Connector/C or Oracle's), with sql_open.c, sql_rows.c and
 * sql_tls.c.  Knows no threads, places or retries.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <mysql.h>

#include "mysql/sql.h"
#include "mysql/sql_link.h"

static const char repeatable_read[] =
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/* If reading rows fails, Connector/C reports the error on the link only. */
static enum sql_verdict
statement_failed(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	MYSQL_STMT *stmt = link->statements[which];
	unsigned code = mysql_stmt_errno(stmt);
	const char *text = mysql_stmt_error(stmt);

	if (code == 0) {
		code = mysql_errno(link->mysql);
		text = mysql_error(link->mysql);
	}
	return sql_note_error(
	    link, statement_rows[which].name, code, text, error);
}

static enum sql_verdict
prepare_new(struct sql_link *link, enum pool_statement which, MYSQL_STMT *stmt,
    struct sql_error *error)
{
	const struct sql_params *sql_params = &link->plan->statements[which];

	if (mysql_stmt_prepare(
		stmt, sql_params->sql, strlen(sql_params->sql)) != 0)
		return statement_failed(link, which, error);
	/* an executable comment may hide a ? from our scanner */
	if (mysql_stmt_param_count(stmt) != (unsigned long)sql_params->count) {
		snprintf(error->text, sizeof(error->text),
		    "%s: the server counts other parameters",
		    statement_rows[which].name);
		return SQL_FAULT;
	}
	return sql_rows_check(stmt, which, error) ? SQL_OK : SQL_FAULT;
}

static void
forget_statement(struct sql_link *link, enum pool_statement which)
{
	mysql_stmt_close(link->statements[which]);
	link->statements[which] = NULL;
}

/* A statement that the server refuses is closed, so that it can be retried. */
static enum sql_verdict
prepare_statement(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	MYSQL_STMT *stmt = mysql_stmt_init(link->mysql);
	enum sql_verdict verdict;

	if (stmt == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return SQL_REFUSED;
	}
	link->statements[which] = stmt;
	verdict = prepare_new(link, which, stmt, error);
	if (verdict != SQL_OK)
		forget_statement(link, which);
	return verdict;
}

/*
 * Statements that change rows are prepared at their first use: if a privilege
 * or a table is missing, only they fail.
 */
bool
sql_prepare(struct sql_link *link, struct sql_error *error)
{
	if (!sql_set_up(link, error))
		return false;
	for (int i = 0; i < POOL_STATEMENTS; i++)
		if (!statement_rows[i].is_change &&
		    statement_plan_has(link->plan, (enum pool_statement)i) &&
		    prepare_statement(link, (enum pool_statement)i, error) !=
			SQL_OK)
			return false;
	return true;
}

/*
 * Selecting the database again makes the server reread the user's privileges
 * there: so new grants count without a new link.
 */
static enum sql_verdict
prepare_change(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	const char *database = sql_or_null(link->plan->options->database);

	if (link->statements[which] != NULL)
		return SQL_OK;
	if (database != NULL && mysql_select_db(link->mysql, database) != 0)
		return sql_link_failed(link, error);
	return prepare_statement(link, which, error);
}

bool
sql_try_changes(struct sql_link *link, struct sql_error *error)
{
	for (int i = 0; i < POOL_STATEMENTS; i++) {
		enum pool_statement which = (enum pool_statement)i;
		enum sql_verdict verdict;

		if (!statement_rows[i].is_change ||
		    !statement_plan_has(link->plan, which))
			continue;
		verdict = prepare_change(link, which, error);
		if (verdict != SQL_OK &&
		    !(verdict == SQL_BARRED && statement_rows[i].may_be_barred))
			return false;
	}
	return true;
}

bool
sql_has_totp(const struct sql_link *link)
{
	return sql_rows_has(link->statements[POOL_USER_BY_LOGIN],
	    POOL_USER_BY_LOGIN, POOL_TOTP);
}

bool
sql_check_active_type(struct sql_link *link, struct sql_error *error)
{
	MYSQL_STMT *stmt = link->statements[POOL_USER_STATE];

	error->text[0] = '\0';
	return stmt == NULL || sql_rows_judge_active(stmt, error);
}

/*
 * Binds the integer 0 or 1, not a text, since SQL's IF(:name_given, ..) tests a
 * number.
 */
static void
bind_flag(struct sql_link *link, int i, struct str value)
{
	link->flags[i] = str_eq(value, STR("1"));
	link->params[i] = (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_LONGLONG,
		.buffer = &link->flags[i],
		.is_unsigned = 1,
	};
}

static void
bind_text(struct sql_link *link, int i, struct str value)
{
	link->params[i] = (MYSQL_BIND){
		.buffer_type =
		    str_is_none(value) ? MYSQL_TYPE_NULL : MYSQL_TYPE_STRING,
		.buffer = (void *)value.ptr, /* only read */
		.buffer_length = value.len,
	};
}

/*
 * Ids are bound as texts for every type of column.  Compared with a number, a
 * text column would be read as numbers, so 42x would equal 42.  A numeric
 * column reads the text as a number, and uses its index.
 */
static void
bind_params(
    struct sql_link *link, enum pool_statement which, const struct str *values)
{
	const struct sql_params *sql_params = &link->plan->statements[which];

	for (int i = 0; i < sql_params->count; i++) {
		int param = sql_params->params[i];

		if (statement_is_flag(which, param))
			bind_flag(link, i, values[param]);
		else
			bind_text(link, i, values[param]);
	}
}

/* For a SELECT, BARRED and UNFIT mean that the SQL or the grants are wrong. */
static enum sql_verdict
read_verdict(enum sql_verdict verdict)
{
	return verdict == SQL_BARRED || verdict == SQL_UNFIT ? SQL_REFUSED
							     : verdict;
}

/* An error in the middle of a result makes the link unusable. */
static enum sql_verdict
read_failed(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	link->is_broken = true;
	return read_verdict(statement_failed(link, which, error));
}

enum sql_verdict
sql_select(struct sql_link *link, enum pool_statement which,
    const struct str *params, struct arena *arena, struct pool_row *row,
    struct sql_error *error)
{
	MYSQL_STMT *stmt = link->statements[which];
	enum sql_verdict verdict;

	sql_enter_thread();
	bind_params(link, which, params);
	if (mysql_stmt_bind_param(stmt, link->params) != 0)
		return read_verdict(statement_failed(link, which, error));
	if (mysql_stmt_execute(stmt) != 0) {
		/* no row has a character that its column cannot store */
		if (error_code_is_unfit_text(mysql_stmt_errno(stmt)) &&
		    statement_has_wide_text(which, params))
			return SQL_MISS;
		return read_verdict(statement_failed(link, which, error));
	}
	verdict = sql_rows_read(&link->rows, stmt, which, arena, row, error);
	if (verdict == SQL_LOST)
		verdict = read_failed(link, which, error);
	/* reads the rest; on a broken link that would block */
	if (!link->is_broken && mysql_stmt_free_result(stmt) != 0)
		link->is_broken = true;
	return verdict;
}

/*
 * If the server cannot log the change under READ COMMITTED, repeats it under
 * REPEATABLE READ.
 */
static bool
execute_change(struct sql_link *link, MYSQL_STMT *stmt)
{
	if (mysql_stmt_execute(stmt) == 0)
		return true;
	return error_code_wants_repeatable_read(mysql_stmt_errno(stmt)) &&
	       mysql_real_query(link->mysql, repeatable_read,
		   sizeof(repeatable_read) - 1) == 0 &&
	       mysql_stmt_execute(stmt) == 0;
}

/* The privilege may be granted later: the next use prepares it again. */
static enum sql_verdict
change_failed(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	enum sql_verdict verdict = statement_failed(link, which, error);

	if (verdict == SQL_BARRED)
		forget_statement(link, which);
	return verdict;
}

enum sql_verdict
sql_change(struct sql_link *link, enum pool_statement which,
    const struct str *params, int64_t *affected, struct sql_error *error)
{
	enum sql_verdict verdict;
	MYSQL_STMT *stmt;

	sql_enter_thread();
	*affected = 0;
	verdict = prepare_change(link, which, error);
	if (verdict != SQL_OK)
		return verdict;
	bind_params(link, which, params);
	stmt = link->statements[which];
	if (mysql_stmt_bind_param(stmt, link->params) != 0 ||
	    !execute_change(link, stmt))
		return change_failed(link, which, error);
	*affected = (int64_t)mysql_stmt_affected_rows(stmt);
	/* nothing reads the result of a CALL, so the link is unusable */
	if (mysql_stmt_field_count(stmt) > 0 || mysql_more_results(link->mysql))
		link->is_broken = true;
	return SQL_OK;
}

enum sql_verdict
sql_ping(struct sql_link *link, struct sql_error *error)
{
	sql_enter_thread();
	if (mysql_ping(link->mysql) != 0)
		return sql_link_failed(link, error);
	return SQL_OK;
}
