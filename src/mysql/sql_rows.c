/* Results of prepared statements, column by column. */
#include "config.h"

#include <stdio.h>

#include "base/log.h"
#include "mysql/sql_rows.h"

#define COLUMN_BYTES_MAX (64 * 1024)
#define NUMBER_BYTES_MAX 64 /* of a number as text */

static bool
has_column(enum pool_statement which, int column)
{
	return statement_rows[which].columns & 1u << column;
}

static void
list_columns(enum pool_statement which, const char *wanted[POOL_COLUMNS + 1])
{
	for (int column = 0; column < POOL_COLUMNS; column++)
		if (has_column(which, column))
			*wanted++ = statement_columns[column];
	*wanted = NULL;
}

/* Where the statement's columns stand in its result, in their order. */
static bool
find_columns(MYSQL_STMT *stmt, enum pool_statement which, size_t *places,
    struct sql_error *error)
{
	const struct statement_row *row = &statement_rows[which];
	const char *wanted[POOL_COLUMNS + 1];
	struct str names[SQL_ROWS_COLUMNS_MAX];
	char why[200] = "it returns no columns";
	bool is_found = false;
	MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
	unsigned count = meta != NULL ? mysql_num_fields(meta) : 0;

	if (count > SQL_ROWS_COLUMNS_MAX)
		snprintf(why, sizeof(why), "more than %d columns",
		    SQL_ROWS_COLUMNS_MAX);
	if (count == 0 || count > SQL_ROWS_COLUMNS_MAX)
		goto out;
	for (unsigned i = 0; i < count; i++)
		names[i] = str_from(mysql_fetch_fields(meta)[i].name);
	list_columns(which, wanted);
	is_found =
	    named_columns(wanted, names, count, places, why, sizeof(why));
out:
	if (!is_found)
		snprintf(
		    error->text, sizeof(error->text), "%s: %s", row->name, why);
	mysql_free_result(meta);
	return is_found;
}

bool
sql_rows_check(
    MYSQL_STMT *stmt, enum pool_statement which, struct sql_error *error)
{
	const struct statement_row *row = &statement_rows[which];
	size_t places[POOL_COLUMNS];

	if (!row->is_change)
		return find_columns(stmt, which, places, error);
	if (mysql_stmt_field_count(stmt) == 0)
		return true;
	snprintf(error->text, sizeof(error->text),
	    "%s: it returns columns instead of changing a row", row->name);
	return false;
}

/* Asks for lengths only: the bytes are fetched when those are known. */
static bool
bind_columns(struct sql_rows *rows, MYSQL_STMT *stmt)
{
	unsigned count = mysql_stmt_field_count(stmt);

	for (unsigned i = 0; i < count; i++) {
		struct sql_cell *cell = &rows->cells[i];

		*cell = (struct sql_cell){ 0 };
		rows->columns[i] = (MYSQL_BIND){
			.buffer_type = MYSQL_TYPE_STRING,
			.length = &cell->len,
			.is_null = &cell->is_null,
		};
	}
	return mysql_stmt_bind_result(stmt, rows->columns) == 0;
}

/*
 * The bytes of one column of the row under the cursor, into the arena.  The
 * length known so far is true of texts; a number is written anew, by the room
 * it is given.
 */
static bool
copy_column(MYSQL_STMT *stmt, struct sql_cell cell, size_t place,
    struct arena *arena, struct str *out)
{
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

/*
 * A name or an image above the bound is left out, with a line in the log: they
 * are for show, and who asks for a login or a state has no use for them.
 */
static bool
is_left_out(enum pool_statement which, int column, struct sql_cell cell)
{
	if (cell.len <= COLUMN_BYTES_MAX ||
	    (column != POOL_NAME && column != POOL_IMAGE))
		return false;
	if (which == POOL_USER_BY_ID)
		log_event(LOG_WARN, "mysql column left out",
		    log_text("column", statement_columns[column]),
		    log_text("reason", "above 64 KiB"), LOG_END);
	return true;
}

static bool
copy_row(const struct sql_rows *rows, MYSQL_STMT *stmt,
    enum pool_statement which, const size_t *places, struct arena *arena,
    struct pool_row *row, enum sql_verdict *verdict, struct sql_error *error)
{
	*row = (struct pool_row){ 0 };
	for (int column = 0; column < POOL_COLUMNS; column++) {
		struct sql_cell cell;

		if (!has_column(which, column))
			continue;
		cell = rows->cells[*places];
		if (is_left_out(which, column, cell)) {
			places++;
			continue;
		}
		if (cell.len > COLUMN_BYTES_MAX) {
			snprintf(error->text, sizeof(error->text),
			    "%s: column %s is above 64 KiB",
			    statement_rows[which].name,
			    statement_columns[column]);
			*verdict = SQL_FAULT;
			return true;
		}
		if (!copy_column(
			stmt, cell, *places++, arena, &row->columns[column]))
			return false;
	}
	*verdict = SQL_OK;
	return true;
}

/* False: it broke in the middle. */
static bool
fetch(MYSQL_STMT *stmt, bool *is_there)
{
	int fetched = mysql_stmt_fetch(stmt);

	*is_there = fetched != MYSQL_NO_DATA;
	return !*is_there || fetched == 0 || fetched == MYSQL_DATA_TRUNCATED;
}

/*
 * The columns are looked for at each result, not once: after an ALTER TABLE
 * a SELECT * has others, and a hash must never be read as a name.
 */
bool
sql_rows_read(struct sql_rows *rows, MYSQL_STMT *stmt,
    enum pool_statement which, struct arena *arena, struct pool_row *row,
    enum sql_verdict *verdict, struct sql_error *error)
{
	size_t places[POOL_COLUMNS];
	bool is_there;

	*verdict = SQL_FAULT;
	if (!find_columns(stmt, which, places, error))
		return true;
	if (!bind_columns(rows, stmt) || !fetch(stmt, &is_there))
		return false;
	if (!is_there) {
		*verdict = SQL_MISS;
		return true;
	}
	if (!copy_row(rows, stmt, which, places, arena, row, verdict, error))
		return false;
	if (*verdict != SQL_OK)
		return true;
	if (!fetch(stmt, &is_there))
		return false;
	if (!is_there)
		return true;
	snprintf(error->text, sizeof(error->text), "%s: more than one row",
	    statement_rows[which].name);
	*verdict = SQL_FAULT;
	return true;
}
