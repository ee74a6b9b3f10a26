#ifndef SQL_LINK_H
#define SQL_LINK_H

#include "mysql/sql_rows.h"

/* One connection; only sql.c and sql_rows.c look into it. */
struct sql_link {
	const struct statement_plan *plan;
	MYSQL *mysql;
	MYSQL_STMT *statements[POOL_STATEMENTS]; /* NULL: not prepared */
	bool is_broken;
	/* of the running statement */
	MYSQL_BIND params[SQL_PARAMS_MAX];
	unsigned long long flags[SQL_PARAMS_MAX];
	struct sql_rows rows;
};

#endif
