/* What MySQL's error numbers mean to us. */
#include "config.h"

#include <stddef.h>

#include "mysql/verdict.h"

/* 2000 to 2999 are the client library's own: 2006, 2013, 2055 and kin. */
#define CLIENT_ERROR_MIN 2000
#define CLIENT_ERROR_MAX 2999

/* Errors of the server's that mean more than "refused". */
static const struct error_row {
	unsigned code;
	enum sql_verdict verdict;
} error_rows[] = {
	{ 0, SQL_LOST },      /* Oracle's library fails without a number */
	{ 1053, SQL_LOST },   /* ER_SERVER_SHUTDOWN */
	{ 1205, SQL_LOCKED }, /* ER_LOCK_WAIT_TIMEOUT */
	{ 1213, SQL_LOCKED }, /* ER_LOCK_DEADLOCK */
	{ 1243, SQL_LOST },   /* ER_UNKNOWN_STMT_HANDLER */
	{ 1615, SQL_LOST },   /* ER_NEED_REPREPARE */
	{ 1927, SQL_LOST },   /* MariaDB: ER_CONNECTION_KILLED */
	{ 1969, SQL_LATE },   /* MariaDB: ER_STATEMENT_TIMEOUT */
	{ 3024, SQL_LATE },   /* MySQL: ER_QUERY_TIMEOUT */
	{ 4031, SQL_LOST },   /* MySQL: ER_CLIENT_INTERACTION_TIMEOUT */
};

/* max_connections, max_user_connections (two ways), prepared statements. */
static const unsigned crowding_codes[] = { 1040, 1203, 1226, 1461, 0 };

/* ER_CANT_AGGREGATE_COLLATIONS (2, 3, n), and MySQL 8's for conversions. */
static const unsigned unfit_codes[] = { 1267, 1270, 1271, 3854, 3988, 0 };

/*
 * Too long, out of range, not of the column's character set or kind, NULL,
 * a duplicate, a foreign key, a constraint, a trigger's SIGNAL.
 */
static const unsigned unfit_value_codes[] = { 1406, 1264, 1366, 1265, 1292,
	1048, 1062, 1451, 1452, 3819, 4025, 1644, 0 };

/* Denied for a table, for a column. */
static const unsigned barred_codes[] = { 1142, 1143, 0 };

static bool
is_listed(unsigned code, const unsigned *codes)
{
	while (*codes != 0 && *codes != code)
		codes++;
	return code != 0 && *codes == code;
}

enum sql_verdict
verdict_of_error(unsigned code)
{
	if (code >= CLIENT_ERROR_MIN && code <= CLIENT_ERROR_MAX)
		return SQL_LOST;
	for (size_t i = 0; i < sizeof(error_rows) / sizeof(error_rows[0]); i++)
		if (error_rows[i].code == code)
			return error_rows[i].verdict;
	return SQL_REFUSED;
}

bool
verdict_is_unfit_text(unsigned code)
{
	return is_listed(code, unfit_codes);
}

bool
verdict_is_unfit_value(unsigned code)
{
	return is_listed(code, unfit_value_codes) ||
	       verdict_is_unfit_text(code);
}

bool
verdict_is_barred(unsigned code)
{
	return is_listed(code, barred_codes);
}

bool
verdict_is_crowding(unsigned code)
{
	return is_listed(code, crowding_codes);
}
