/*
 * One connection to MySQL; the only file that knows libmysqlclient (MariaDB's
 * Connector/C or Oracle's).  Knows nothing of threads, places and retries.
 */
#include "config.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mysql.h>

#include "mysql/iowait.h"
#include "mysql/sql.h"

#define RESULT_COLUMNS_MAX 128
#define COLUMN_BYTES_MAX (64 * 1024)
#define NUMBER_BYTES_MAX 64	      /* of a number as text */
#define PACKET_BYTES_MAX (16UL << 20) /* a row that the library buffers */

/* Connector/C calls it my_bool, a char; Oracle's has bool since 8.0. */
#ifdef HAVE_MY_BOOL
typedef my_bool sql_bool;
#else
typedef bool sql_bool;
#endif

/* Where the library leaves what it says of one column. */
struct cell {
	unsigned long len;
	sql_bool is_null;
};

struct sql_link {
	const struct statement_plan *plan;
	MYSQL *mysql;
	MYSQL_STMT *statements[POOL_STATEMENTS];
	bool is_broken;
	/* of the statement under way */
	MYSQL_BIND params[NAMED_MAX];
	unsigned long long numbers[NAMED_MAX];
	MYSQL_BIND columns[RESULT_COLUMNS_MAX];
	struct cell cells[RESULT_COLUMNS_MAX];
};

/* Notes what went wrong; of: a statement's name or NULL. */
static enum sql_verdict
note_error(struct sql_link *link, const char *of, unsigned code,
    const char *text, struct sql_error *error)
{
	enum sql_verdict verdict = verdict_of_error(code);

	if (text[0] == '\0')
		text = "connection lost";
	snprintf(error->text, sizeof(error->text), "%s%s%s",
	    of != NULL ? of : "", of != NULL ? ": " : "", text);
	error->is_crowding = verdict_is_crowding(code);
	if (verdict == SQL_LOST)
		link->is_broken = true;
	return verdict;
}

static enum sql_verdict
mysql_failed(struct sql_link *link, struct sql_error *error)
{
	return note_error(link, NULL, mysql_errno(link->mysql),
	    mysql_error(link->mysql), error);
}

/* What breaks while rows are read Connector/C tells of the link only. */
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

/* The library wants to know the threads that use it, and their end. */
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
 * mysql_library_end is never called: another pool may follow, and what the
 * library keeps is the process's.
 */
bool
sql_library_open(char *why, size_t why_size)
{
	if (mysql_library_init(0, NULL, NULL) == 0)
		return true;
	snprintf(why, why_size, "the MySQL client library does not start");
	return false;
}

/* The library takes NULL for absent, "" for something. */
static const char *
or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/*
 * The time-outs are a net only: whole seconds, and per read.  Reconnecting is
 * off unless asked for; Oracle's library warns on stderr when it is named.
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
	iowait_set_deadline(deadline_ms);
	is_open = mysql_real_connect(link->mysql,
		      socket != NULL ? NULL : or_null(options->host),
		      or_null(options->user), options->password,
		      or_null(options->database), (unsigned)options->port,
		      socket, 0) != NULL;
	iowait_set_deadline(0);
	if (is_open)
		return link;
	(void)mysql_failed(link, error);
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

/* Of the two ways to say it a server knows one, or none (1193). */
static bool
limit_statements(struct sql_link *link, struct sql_error *error)
{
	for (int i = 0; i < STATEMENT_LIMITS; i++) {
		const char *limit = link->plan->limits[i];

		if (mysql_real_query(link->mysql, limit, strlen(limit)) == 0)
			return true;
		if (mysql_failed(link, error) == SQL_LOST)
			return false;
	}
	return true;
}

/* Where the wanted columns stand in a statement's result. */
static bool
find_columns(MYSQL_STMT *stmt, enum pool_statement which, size_t *places,
    struct sql_error *error)
{
	const struct statement_row *row = &statement_rows[which];
	struct str names[RESULT_COLUMNS_MAX];
	char why[200] = "it returns no columns";
	bool is_found = false;
	MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
	unsigned count = meta != NULL ? mysql_num_fields(meta) : 0;

	if (count > RESULT_COLUMNS_MAX)
		snprintf(why, sizeof(why), "more than %d columns",
		    RESULT_COLUMNS_MAX);
	if (count == 0 || count > RESULT_COLUMNS_MAX)
		goto out;
	for (unsigned i = 0; i < count; i++)
		names[i] = str_from(mysql_fetch_fields(meta)[i].name);
	is_found =
	    named_columns(row->columns, names, count, places, why, sizeof(why));
out:
	if (!is_found)
		snprintf(
		    error->text, sizeof(error->text), "%s: %s", row->name, why);
	mysql_free_result(meta);
	return is_found;
}

static bool
prepare(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	const struct named *named = &link->plan->statements[which];
	MYSQL_STMT *stmt = mysql_stmt_init(link->mysql);
	size_t places[POOL_COLUMNS];

	link->statements[which] = stmt;
	if (stmt == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return false;
	}
	if (mysql_stmt_prepare(stmt, named->sql, strlen(named->sql)) != 0) {
		(void)statement_failed(link, which, error);
		return false;
	}
	/* an executable comment may hide a ? from our scanner */
	if (mysql_stmt_param_count(stmt) != (unsigned long)named->count) {
		snprintf(error->text, sizeof(error->text),
		    "%s: the server counts other parameters",
		    statement_rows[which].name);
		return false;
	}
	return find_columns(stmt, which, places, error);
}

bool
sql_prepare(struct sql_link *link, struct sql_error *error)
{
	if (!limit_statements(link, error))
		return false;
	for (int i = 0; i < POOL_STATEMENTS; i++)
		if (!prepare(link, (enum pool_statement)i, error))
			return false;
	return true;
}

/* As a number where the column is one: a string would cost the index. */
static bool
bind_number(struct sql_link *link, int i, struct str value)
{
	link->params[i] = (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_LONGLONG,
		.buffer = &link->numbers[i],
		.is_unsigned = 1,
	};
	return statement_read_id(value, &link->numbers[i]);
}

static void
bind_text(struct sql_link *link, int i, struct str value)
{
	link->params[i] = (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = (void *)(uintptr_t)value.ptr, /* only read */
		.buffer_length = value.len,
	};
}

/* False: there can be no row for a value that is no id. */
static bool
bind_params(
    struct sql_link *link, enum pool_statement which, const struct str *values)
{
	const struct named *named = &link->plan->statements[which];

	for (int i = 0; i < named->count; i++) {
		int param = named->params[i];
		const char *name = statement_rows[which].params[param];

		assert(!str_is_none(values[param]));
		if (strcmp(name, "id") != 0 ||
		    !link->plan->options->id_is_integer)
			bind_text(link, i, values[param]);
		else if (!bind_number(link, i, values[param]))
			return false;
	}
	return true;
}

/* Asks for lengths only: the bytes are fetched when those are known. */
static bool
bind_columns(struct sql_link *link, MYSQL_STMT *stmt)
{
	unsigned count = mysql_stmt_field_count(stmt);

	for (unsigned i = 0; i < count; i++) {
		struct cell *cell = &link->cells[i];

		*cell = (struct cell){ 0 };
		link->columns[i] = (MYSQL_BIND){
			.buffer_type = MYSQL_TYPE_STRING,
			.length = &cell->len,
			.is_null = &cell->is_null,
		};
	}
	return mysql_stmt_bind_result(stmt, link->columns) == 0;
}

/*
 * The bytes of one column of the row under the cursor, into the arena.  The
 * length known so far is true of texts; a number is written anew, by the room
 * it is given.
 */
static bool
copy_column(struct sql_link *link, MYSQL_STMT *stmt, size_t place,
    struct arena *arena, struct str *out)
{
	struct cell cell = link->cells[place];
	unsigned long size = cell.len + NUMBER_BYTES_MAX;
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer_length = size,
		.length = &cell.len,
		.is_null = &cell.is_null,
	};

	*out = STR_NONE;
	if (cell.is_null)
		return true;
	bind.buffer = arena_alloc(arena, size);
	*out = (struct str){ bind.buffer, 0 };
	if (mysql_stmt_fetch_column(stmt, &bind, (unsigned)place, 0) != 0 ||
	    cell.len > size)
		return false;
	out->len = cell.len;
	return true;
}

static enum sql_verdict
copy_row(struct sql_link *link, enum pool_statement which, const size_t *places,
    struct arena *arena, struct pool_row *row, struct sql_error *error)
{
	const struct statement_row *statement = &statement_rows[which];

	*row = (struct pool_row){ 0 };
	for (int i = 0; statement->columns[i] != NULL; i++) {
		unsigned long len = link->cells[places[i]].len;

		if (len > COLUMN_BYTES_MAX) {
			snprintf(error->text, sizeof(error->text),
			    "%s: column %s is above 64 KiB", statement->name,
			    statement->columns[i]);
			return SQL_FAULT;
		}
		if (!copy_column(link, link->statements[which], places[i],
			arena, &row->columns[i]))
			return statement_failed(link, which, error);
	}
	return SQL_OK;
}

/* An error in the middle of a result leaves the link of no use. */
static enum sql_verdict
fetch_failed(
    struct sql_link *link, enum pool_statement which, struct sql_error *error)
{
	link->is_broken = true;
	return statement_failed(link, which, error);
}

/*
 * The columns are looked for at each result, not once: after an ALTER TABLE
 * a SELECT * has others, and a hash must never be read as a name.
 */
static enum sql_verdict
read_result(struct sql_link *link, enum pool_statement which,
    struct arena *arena, struct pool_row *row, struct sql_error *error)
{
	MYSQL_STMT *stmt = link->statements[which];
	size_t places[POOL_COLUMNS];
	enum sql_verdict verdict;
	int fetched;

	if (!find_columns(stmt, which, places, error))
		return SQL_FAULT;
	if (!bind_columns(link, stmt))
		return fetch_failed(link, which, error);
	fetched = mysql_stmt_fetch(stmt);
	if (fetched == MYSQL_NO_DATA)
		return SQL_MISS;
	if (fetched != 0 && fetched != MYSQL_DATA_TRUNCATED)
		return fetch_failed(link, which, error);
	verdict = copy_row(link, which, places, arena, row, error);
	if (verdict != SQL_OK)
		return verdict;
	fetched = mysql_stmt_fetch(stmt);
	if (fetched == MYSQL_NO_DATA)
		return SQL_OK;
	if (fetched != 0 && fetched != MYSQL_DATA_TRUNCATED)
		return fetch_failed(link, which, error);
	snprintf(error->text, sizeof(error->text), "%s: more than one row",
	    statement_rows[which].name);
	return SQL_FAULT;
}

enum sql_verdict
sql_select(struct sql_link *link, enum pool_statement which,
    const struct str *params, struct arena *arena, struct pool_row *row,
    struct sql_error *error)
{
	MYSQL_STMT *stmt = link->statements[which];
	enum sql_verdict verdict;

	enter_thread();
	if (!bind_params(link, which, params))
		return SQL_MISS;
	if (mysql_stmt_bind_param(stmt, link->params) != 0)
		return statement_failed(link, which, error);
	if (mysql_stmt_execute(stmt) != 0) {
		/* ASCII fits every column: then it is the SQL */
		if (verdict_is_unfit_text(mysql_stmt_errno(stmt)) &&
		    statement_has_wide_text(which, params))
			return SQL_MISS;
		return statement_failed(link, which, error);
	}
	verdict = read_result(link, which, arena, row, error);
	/* reads what is left; on a broken link it would wait for it */
	if (!link->is_broken && mysql_stmt_free_result(stmt) != 0)
		link->is_broken = true;
	return verdict;
}

enum sql_verdict
sql_ping(struct sql_link *link, struct sql_error *error)
{
	enter_thread();
	if (mysql_ping(link->mysql) != 0)
		return mysql_failed(link, error);
	return SQL_OK;
}
