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

/* Called first by whatever uses the library; a thread needs it once. */
void sql_enter_thread(void);

/* For the library NULL means absent, but "" does not. */
const char *sql_or_null(const char *text);

/* Makes the settings of the session (settings.h). */
bool sql_set_up(struct sql_link *link, struct sql_error *error);

/* Records an error; of: the name of a statement, or NULL. */
enum sql_verdict sql_note_error(struct sql_link *link, const char *of,
    unsigned code, const char *text, struct sql_error *error);

/* Records the link's last error. */
enum sql_verdict sql_link_failed(
    struct sql_link *link, struct sql_error *error);

#endif
