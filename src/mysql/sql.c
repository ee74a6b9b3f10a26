/*
 * One connection to MySQL.  The only user of libmysqlclient (MariaDB's
 * Connector/C or Oracle's), with sql_rows.c and sql_tls.c.  Knows no threads,
 * places or retries.
 */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mysql.h>

#include "mysql/iowait.h"
#include "mysql/settings.h"
#include "mysql/sql.h"
#include "mysql/sql_link.h"
#include "mysql/sql_tls.h"

#define PACKET_BYTES_MAX (16UL << 20) /* the largest row */

static const char repeatable_read[] =
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/* Records an error; of: the name of a statement, or NULL. */
static enum sql_verdict
note_error(struct sql_link *link, const char *of, unsigned code,
    const char *text, struct sql_error *error)
{
	enum sql_verdict verdict = error_code_verdict(code);

	if (text[0] == '\0')
		text = "connection lost";
	snprintf(error->text, sizeof(error->text), "%s%s%s",
	    of != NULL ? of : "", of != NULL ? ": " : "", text);
	error->is_crowding = error_code_is_crowding(code);
	if (verdict == SQL_LOST || verdict == SQL_ELSEWHERE)
		link->is_broken = true;
	return verdict;
}

static enum sql_verdict
mysql_failed(struct sql_link *link, struct sql_error *error)
{
	return note_error(link, NULL, mysql_errno(link->mysql),
	    mysql_error(link->mysql), error);
}

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
	return note_error(link, statement_rows[which].name, code, text, error);
}

/* The library needs a call at the start and end of each thread that uses it. */
static pthread_key_t thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static _Thread_local bool is_thread_known;

static void
leave_thread(void *unused)
{
	(void)unused;
	mysql_thread_end();
}

static void
make_thread_key(void)
{
	pthread_key_create(&thread_key, leave_thread);
}

static void
enter_thread(void)
{
	if (is_thread_known)
		return;
	pthread_once(&thread_once, make_thread_key);
	mysql_thread_init();
	pthread_setspecific(thread_key, &thread_key);
	is_thread_known = true;
}

/*
 * mysql_library_end is never called: another pool may follow, and the library's
 * memory belongs to the process.
 */
bool
sql_library_open(char *why, size_t why_size)
{
	if (mysql_library_init(0, NULL, NULL) == 0)
		return true;
	snprintf(why, why_size, "the MySQL client library does not start");
	return false;
}

/* For the library NULL means absent, but "" does not. */
static const char *
or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/*
 * These time-outs are only a safety net: whole seconds, per read.  Reconnect is
 * off by default; Oracle's library warns on stderr if it is set at all.
 */
static void
set_options(MYSQL *mysql, const struct pool_options *options)
{
	unsigned seconds = (unsigned)((options->timeout_ms + 999) / 1000);
	unsigned is_local_infile = 0;
	unsigned long packet_bytes = PACKET_BYTES_MAX;

	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &is_local_infile);
	mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_bytes);
#if defined(HAVE_DECL_MARIADB_OPT_IO_WAIT) && HAVE_DECL_MARIADB_OPT_IO_WAIT
	mysql_optionsv(mysql, MARIADB_OPT_IO_WAIT, (void *)iowait_wait);
#endif
}

struct sql_link *
sql_connect(const struct statement_plan *plan, int64_t deadline_ms,
    struct sql_error *error)
{
	const struct pool_options *options = plan->options;
	const char *socket = or_null(options->socket);
	struct sql_link *link = calloc(1, sizeof(*link));
	bool is_open;

	enter_thread();
	if (link != NULL)
		link->mysql = mysql_init(NULL);
	if (link == NULL || link->mysql == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		goto out;
	}
	link->plan = plan;
	set_options(link->mysql, options);
	sql_tls_set(link->mysql, options);
	iowait_set_deadline(deadline_ms);
	is_open = mysql_real_connect(link->mysql,
		      socket != NULL ? NULL : or_null(options->host),
		      or_null(options->user), options->password,
		      or_null(options->database), (unsigned)options->port,
		      socket, CLIENT_FOUND_ROWS) != NULL;
	iowait_set_deadline(0);
	if (!is_open)
		(void)mysql_failed(link, error);
	if (sql_tls_check(link->mysql, is_open, options, error))
		return link;
out:
	sql_close(link);
	return NULL;
}

void
sql_close(struct sql_link *link)
{
	if (link == NULL)
		return;
	for (int i = 0; i < POOL_STATEMENTS; i++)
		if (link->statements[i] != NULL)
			mysql_stmt_close(link->statements[i]);
	if (link->mysql != NULL)
		mysql_close(link->mysql);
	free(link);
}

int
sql_dup_socket(const struct sql_link *link)
{
#ifdef HAVE_MYSQL_GET_SOCKET
	int fd = (int)mysql_get_socket(link->mysql);
#else
	int fd = (int)link->mysql->net.fd;
#endif
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

bool
sql_is_broken(const struct sql_link *link)
{
	return link->is_broken;
}

/* The argument of run_setting. */
struct setter {
	struct sql_link *link;
	struct sql_error *error;
};

static enum setting_outcome
run_setting(void *arg, const char *sql)
{
	const struct setter *setter = arg;
	MYSQL *mysql = setter->link->mysql;

	if (mysql_real_query(mysql, sql, strlen(sql)) == 0)
		return SETTING_DONE;
	(void)mysql_failed(setter->link, setter->error);
	return error_code_is_unknown_setting(mysql_errno(mysql))
		   ? SETTING_UNKNOWN
		   : SETTING_FAILED;
}

static bool
set_up(struct sql_link *link, struct sql_error *error)
{
	struct setter setter = { link, error };

	return settings_apply(
	    run_setting, &setter, link->plan->options->timeout_ms);
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
	if (!set_up(link, error))
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
	const char *database = or_null(link->plan->options->database);

	if (link->statements[which] != NULL)
		return SQL_OK;
	if (database != NULL && mysql_select_db(link->mysql, database) != 0)
		return mysql_failed(link, error);
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
sql_judge_active(struct sql_link *link, struct sql_error *error)
{
	MYSQL_STMT *stmt = link->statements[POOL_USER_STATE];

	error->text[0] = '\0';
	return stmt == NULL || sql_rows_judge_active(stmt, error);
}

/*
 * An integer 0 or 1: in SQL's IF(:name_given, ..) a text could be true as well.
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

/* In a statement that reads, the SQL or a grant is wrong. */
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

	enter_thread();
	bind_params(link, which, params);
	if (mysql_stmt_bind_param(stmt, link->params) != 0)
		return read_verdict(statement_failed(link, which, error));
	if (mysql_stmt_execute(stmt) != 0) {
		/* ASCII exists in every character set: then the SQL is wrong */
		if (error_code_is_unfit_text(mysql_stmt_errno(stmt)) &&
		    statement_has_wide_text(which, params))
			return SQL_MISS;
		return read_verdict(statement_failed(link, which, error));
	}
	if (!sql_rows_read(
		&link->rows, stmt, which, arena, row, &verdict, error))
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

/* The privilege may be granted later: prepare again then. */
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

	enter_thread();
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
	/* nobody reads the result of a CALL: the link is used up */
	if (mysql_stmt_field_count(stmt) > 0 || mysql_more_results(link->mysql))
		link->is_broken = true;
	return SQL_OK;
}

enum sql_verdict
sql_ping(struct sql_link *link, struct sql_error *error)
{
	enter_thread();
	if (mysql_ping(link->mysql) != 0)
		return mysql_failed(link, error);
	return SQL_OK;
}
