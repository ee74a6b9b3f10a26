#ifndef SQL_ROWS_H
#define SQL_ROWS_H

#include <mysql.h>

#include "mysql/sql.h"

/*
 * Out of a prepared statement's result into a pool_row: the part of sql.c
 * that has nothing to do with links.
 */
#define SQL_ROWS_COLUMNS_MAX 128

/* Connector/C calls it my_bool, a char; Oracle's has bool since 8.0. */
#ifdef HAVE_MY_BOOL
typedef my_bool sql_bool;
#else
typedef bool sql_bool;
#endif

/* Where the library leaves what it says of one column. */
struct sql_cell {
	unsigned long len;
	sql_bool is_null;
};

/* A link's room for the result under way. */
struct sql_rows {
	MYSQL_BIND columns[SQL_ROWS_COLUMNS_MAX];
	struct sql_cell cells[SQL_ROWS_COLUMNS_MAX];
};

/*
 * Does it return the columns of its row in statement.c's table, and no more
 * than are allowed?  False with error; false for a change that returns any.
 */
MUST_CHECK bool sql_rows_check(
    MYSQL_STMT *stmt, enum pool_statement which, struct sql_error *error);

/*
 * Of a prepared user_state, by the type of its column active.  False with
 * error: it can never let anybody in.  True with words in error, which is
 * empty else: what it lets in depends on what stands there.
 */
MUST_CHECK bool sql_rows_judge_active(
    MYSQL_STMT *stmt, struct sql_error *error);

/*
 * After an execute: the one row into *row, or why there is none.  False: the
 * library failed, what it says stands in stmt or its MYSQL, and the link is of
 * no use any more.
 */
MUST_CHECK bool sql_rows_read(struct sql_rows *rows, MYSQL_STMT *stmt,
    enum pool_statement which, struct arena *arena, struct pool_row *row,
    enum sql_verdict *verdict, struct sql_error *error);

#endif
