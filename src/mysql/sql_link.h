#ifndef SQL_LINK_H
#define SQL_LINK_H

#include "mysql/sql.h"
#include "mysql/sql_rows.h"

/* One connection; only sql.c, sql_open.c and sql_rows.c look into it. */
struct sql_link {
	const struct statement_plan *plan;
	MYSQL *mysql;
	MYSQL_STMT *statements[POOL_STATEMENTS]; /* NULL: not prepared */
	bool is_broken;
	int64_t checked_ms; /* the last answer that it is not read-only */
	/* of the running statement */
	MYSQL_BIND params[SQL_PARAMS_MAX];
	unsigned long long flags[SQL_PARAMS_MAX];
	struct sql_rows rows;
};

/* Registers the thread with the library.  Call it before any other use. */
void sql_enter_thread(void);

/* The text, or NULL if it is "": for the library only NULL means absent. */
const char *sql_or_null(const char *text);

/* Applies the settings of the session (settings.h).  False with error. */
bool sql_set_up(struct sql_link *link, struct sql_error *error);

/*
 * Writes an error of the library into error, marks the link as broken if it is,
 * and returns the verdict.  of: the name of a statement, or NULL.
 */
enum sql_verdict sql_note_error(struct sql_link *link, const char *of,
    unsigned code, const char *text, struct sql_error *error);

/* sql_note_error with the link's last error. */
enum sql_verdict sql_link_failed(
    struct sql_link *link, struct sql_error *error);

#endif
