#ifndef SQL_ROWS_H
#define SQL_ROWS_H

#include <mysql.h>

#include "mysql/sql.h"

/*
 * Copies the result of a prepared statement into a pool_row: the part of sql.c
 * that does not depend on the link.
 */
#define SQL_ROWS_COLUMNS_MAX 128

/* my_bool (a char) in Connector/C; bool in Oracle's library since 8.0. */
#ifdef HAVE_MY_BOOL
typedef my_bool sql_bool;
#else
typedef bool sql_bool;
#endif

/* The library writes length and NULL of one column here. */
struct sql_cell {
	unsigned long len;
	sql_bool is_null;
};

/* A link's buffers for the current result. */
struct sql_rows {
	MYSQL_BIND columns[SQL_ROWS_COLUMNS_MAX];
	struct sql_cell cells[SQL_ROWS_COLUMNS_MAX];
};

/*
 * Checks that the statement returns the columns of its row in statement.c's
 * table, and at most SQL_ROWS_COLUMNS_MAX.  A change must return none.  False
 * with error.
 */
MUST_CHECK bool sql_rows_check(
    MYSQL_STMT *stmt, enum pool_statement which, struct sql_error *error);

/* True if the prepared statement returns this column. */
bool sql_rows_has(
    MYSQL_STMT *stmt, enum pool_statement which, enum pool_column column);

/*
 * Checks the type of the column `active` of a prepared user_state.  False with
 * error: it can never let a user in.  True: error is empty, or a warning that
 * only some values let a user in.
 */
MUST_CHECK bool sql_rows_judge_active(
    MYSQL_STMT *stmt, struct sql_error *error);

/*
 * Call after an execute.  Reads the only row into *row.  SQL_OK; SQL_MISS: no
 * row; SQL_FAULT with error: other columns, a column above 64 KiB, two rows.
 * SQL_LOST: the library failed; stmt or its MYSQL has the error, and the link
 * is unusable.
 */
MUST_CHECK enum sql_verdict sql_rows_read(struct sql_rows *rows,
    MYSQL_STMT *stmt, enum pool_statement which, struct arena *arena,
    struct pool_row *row, struct sql_error *error);

#endif
