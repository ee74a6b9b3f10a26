/* Reads the results of prepared statements, column by column. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "mysql/sql_link.h"

#define COLUMN_BYTES_MAX (64 * 1024)
#define NUMBER_BYTES_MAX 64 /* of a number as text */

/* The column of a result that one of enum pool_column is read from. */
struct found_column {
	bool is_there;
	size_t index; /* in the result */
	bool is_bits;
	bool is_zero_filled;
	enum enum_field_types type;
};

static bool
has_name(const struct str *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(names[i], str_from(name)))
			return true;
	return false;
}

/*
 * True if the column is to be read.  An optional column only if the result has
 * it.
 */
static bool
is_wanted(enum pool_statement which, int column, const struct str *names,
    size_t count)
{
	const struct statement_row *row = &statement_rows[which];

	if (row->columns & 1u << column)
		return true;
	return row->more_columns & 1u << column &&
	       has_name(names, count, statement_columns[column]);
}

static void
describe(struct found_column *found, const MYSQL_FIELD *field, size_t index)
{
	*found = (struct found_column){ .is_there = true,
		.index = index,
		.is_bits = field->type == MYSQL_TYPE_BIT,
		.is_zero_filled = field->flags & ZEROFILL_FLAG,
		.type = field->type };
}

/* Finds the wanted columns among the fields of a result. */
static bool
match_columns(const MYSQL_FIELD *fields, size_t count,
    enum pool_statement which, struct found_column found[POOL_COLUMNS],
    char *why, size_t why_size)
{
	struct str names[SQL_ROWS_COLUMNS_MAX];
	const char *wanted[POOL_COLUMNS + 1] = { NULL };
	size_t indexes[POOL_COLUMNS], wanted_count = 0;
	int columns[POOL_COLUMNS] = { 0 };

	for (size_t i = 0; i < count; i++)
		names[i] = str_from(fields[i].name);
	for (int column = 0; column < POOL_COLUMNS; column++) {
		found[column] = (struct found_column){ .is_there = false };
		if (!is_wanted(which, column, names, count))
			continue;
		columns[wanted_count] = column;
		wanted[wanted_count++] = statement_columns[column];
	}
	if (!sql_columns(wanted, names, count, indexes, why, why_size))
		return false;
	for (size_t i = 0; i < wanted_count; i++)
		describe(&found[columns[i]], &fields[indexes[i]], indexes[i]);
	return true;
}

static bool
find_columns(MYSQL_STMT *stmt, enum pool_statement which,
    struct found_column found[POOL_COLUMNS], struct sql_error *error)
{
	char why[200] = "it returns no columns";
	bool is_found = false;
	MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
	unsigned count = meta != NULL ? mysql_num_fields(meta) : 0;

	if (count > SQL_ROWS_COLUMNS_MAX)
		snprintf(why, sizeof(why), "more than %d columns",
		    SQL_ROWS_COLUMNS_MAX);
	else if (count > 0)
		is_found = match_columns(mysql_fetch_fields(meta), count, which,
		    found, why, sizeof(why));
	if (!is_found)
		snprintf(error->text, sizeof(error->text), "%s: %s",
		    statement_rows[which].name, why);
	mysql_free_result(meta);
	return is_found;
}

bool
sql_rows_check(
    MYSQL_STMT *stmt, enum pool_statement which, struct sql_error *error)
{
	const struct statement_row *row = &statement_rows[which];
	struct found_column found[POOL_COLUMNS];

	if (!row->is_change)
		return find_columns(stmt, which, found, error);
	if (mysql_stmt_field_count(stmt) == 0)
		return true;
	snprintf(error->text, sizeof(error->text),
	    "%s: it returns columns instead of changing a row", row->name);
	return false;
}

bool
sql_rows_has(
    MYSQL_STMT *stmt, enum pool_statement which, enum pool_column column)
{
	struct found_column found[POOL_COLUMNS];
	struct sql_error error;

	return find_columns(stmt, which, found, &error) &&
	       found[column].is_there;
}

/*
 * Whether the values of a column type are numbers: always, never, or perhaps.
 */
enum number_type { NUMBER_ALWAYS, NUMBER_NEVER, NUMBER_PERHAPS };

static enum number_type
number_type(enum enum_field_types type)
{
	switch (type) {
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
	case MYSQL_TYPE_YEAR:
	case MYSQL_TYPE_BIT:
		return NUMBER_ALWAYS;
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
		return NUMBER_NEVER;
	default: /* all texts, ENUM, SET, JSON */
		return NUMBER_PERHAPS;
	}
}

bool
sql_rows_judge_active(MYSQL_STMT *stmt, struct sql_error *error)
{
	const char *name = statement_rows[POOL_USER_STATE].name;
	struct found_column found[POOL_COLUMNS];

	error->text[0] = '\0';
	if (!find_columns(stmt, POOL_USER_STATE, found, error))
		return false;
	switch (number_type(found[POOL_ACTIVE].type)) {
	case NUMBER_NEVER:
		snprintf(error->text, sizeof(error->text),
		    "%s: active is a date or a time, which lets nobody in; "
		    "write, for example, blocked_at IS NULL AS active",
		    name);
		return false;
	case NUMBER_PERHAPS:
		snprintf(error->text, sizeof(error->text),
		    "%s: active is a text; only a number other than 0 lets a "
		    "user in; write, for example, state = 'Y' AS active",
		    name);
		return true;
	case NUMBER_ALWAYS:
		return true;
	}
	return false;
}

/* Binds the lengths only; the bytes are fetched when the lengths are known. */
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
 * Copies one column of the current row into the arena; *out is STR_NONE if it
 * is NULL.  The library writes a number as text, for which cell.len may be too
 * short.  False: the library failed, or its text does not fit.
 */
static bool
copy_column(MYSQL_STMT *stmt, struct sql_cell cell, size_t index,
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
	if (mysql_stmt_fetch_column(stmt, &bind, (unsigned)index, 0) != 0)
		return false;
	/* cppcheck-suppress knownConditionTrueFalse ; bind has its address */
	if (cell.len > size)
		return false;
	out->len = cell.len;
	return true;
}

/*
 * A name or image above the limit is dropped: both are for display only.  It is
 * logged for user_by_id alone, since other statements' values are not used.
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

/*
 * A BIT column arrives as bytes, highest first; returns the number in digits.
 */
static struct str
bits_as_number(struct arena *arena, struct str bytes)
{
	char *digits = arena_alloc(arena, NUMBER_BYTES_MAX);
	uint64_t number = 0;

	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | (unsigned char)bytes.ptr[i];
	snprintf(digits, NUMBER_BYTES_MAX, "%" PRIu64, number);
	return str_from(digits);
}

/* ZEROFILL pads with zeros for display only; the id is the number. */
static struct str
without_zeros(struct str digits)
{
	while (digits.len > 1 && digits.ptr[0] == '0')
		digits = str_from_byte(digits, 1);
	return digits;
}

static struct str
as_text(const struct found_column *found, int column, struct arena *arena,
    struct str value)
{
	if (str_is_none(value))
		return value;
	if (found->is_bits)
		return bits_as_number(arena, value);
	if (found->is_zero_filled && column == POOL_ID)
		return without_zeros(value);
	return value;
}

/* Copies the wanted columns of the current row; results of sql_rows_read. */
static enum sql_verdict
copy_row(const struct sql_rows *rows, MYSQL_STMT *stmt,
    enum pool_statement which, const struct found_column *found,
    struct arena *arena, struct pool_row *row, struct sql_error *error)
{
	*row = (struct pool_row){ 0 };
	for (int i = 0; i < POOL_COLUMNS; i++) {
		struct sql_cell cell;
		struct str value;

		if (!found[i].is_there)
			continue;
		cell = rows->cells[found[i].index];
		if (is_left_out(which, i, cell))
			continue;
		if (cell.len > COLUMN_BYTES_MAX) {
			snprintf(error->text, sizeof(error->text),
			    "%s: column %s is above 64 KiB",
			    statement_rows[which].name, statement_columns[i]);
			return SQL_FAULT;
		}
		if (!copy_column(stmt, cell, found[i].index, arena, &value))
			return SQL_LOST;
		row->columns[i] = as_text(&found[i], i, arena, value);
	}
	return SQL_OK;
}

/*
 * Fetches the next row; *is_there: there is one.  It may count as truncated,
 * since bind_columns binds no bytes.  False: the library failed.
 */
static bool
fetch(MYSQL_STMT *stmt, bool *is_there)
{
	int fetched = mysql_stmt_fetch(stmt);

	*is_there = fetched != MYSQL_NO_DATA;
	return !*is_there || fetched == 0 || fetched == MYSQL_DATA_TRUNCATED;
}

/*
 * The columns are matched for every result: after an ALTER TABLE a SELECT * has
 * other columns, and a hash must never be read as a name.
 */
enum sql_verdict
sql_rows_read(struct sql_rows *rows, MYSQL_STMT *stmt,
    enum pool_statement which, struct arena *arena, struct pool_row *row,
    struct sql_error *error)
{
	struct found_column found[POOL_COLUMNS];
	enum sql_verdict verdict;
	bool is_there;

	if (!find_columns(stmt, which, found, error))
		return SQL_FAULT;
	if (!bind_columns(rows, stmt) || !fetch(stmt, &is_there))
		return SQL_LOST;
	if (!is_there)
		return SQL_MISS;
	verdict = copy_row(rows, stmt, which, found, arena, row, error);
	if (verdict != SQL_OK)
		return verdict;
	if (!fetch(stmt, &is_there))
		return SQL_LOST;
	if (!is_there)
		return SQL_OK;
	snprintf(error->text, sizeof(error->text), "%s: more than one row",
	    statement_rows[which].name);
	return SQL_FAULT;
}

enum { UTF8MB4_BYTES = 4 }; /* bytes that a length counts for a character */

static void
copy_rows(MYSQL_RES *result, struct arena *arena, struct sql_answer *answer)
{
	const MYSQL_FIELD *fields = mysql_fetch_fields(result);
	size_t at = 0;
	MYSQL_ROW row;

	answer->columns = mysql_num_fields(result);
	answer->rows = (size_t)mysql_num_rows(result);
	answer->names =
	    arena_alloc(arena, answer->columns * sizeof(struct str));
	answer->cells = arena_alloc(
	    arena, (answer->rows * answer->columns + 1) * sizeof(struct str));
	answer->widths = arena_alloc(arena, answer->columns * sizeof(int64_t));
	for (size_t i = 0; i < answer->columns; i++) {
		answer->names[i] = arena_dup(arena, str_from(fields[i].name));
		answer->widths[i] = (int64_t)fields[i].length / UTF8MB4_BYTES;
	}
	while ((row = mysql_fetch_row(result)) != NULL) {
		const unsigned long *lengths = mysql_fetch_lengths(result);

		for (size_t i = 0; i < answer->columns; i++, at++)
			answer->cells[at] = arena_dup(
			    arena, (struct str){ row[i], lengths[i] });
	}
}

bool
sql_ask(struct sql_link *link, const char *sql, struct arena *arena,
    struct sql_answer *answer, struct sql_error *error)
{
	MYSQL_RES *result = NULL;

	*answer = (struct sql_answer){ .rows = 0 };
	error->text[0] = '\0';
	if (mysql_real_query(link->mysql, sql, strlen(sql)) == 0)
		result = mysql_store_result(link->mysql);
	if (result != NULL) {
		copy_rows(result, arena, answer);
		mysql_free_result(result);
	}
	if (mysql_errno(link->mysql) == 0)
		return true;
	snprintf(
	    error->text, sizeof(error->text), "%s", mysql_error(link->mysql));
	return false;
}
