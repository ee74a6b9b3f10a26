/* The meaning of MySQL's and MariaDB's error numbers. */
#include "config.h"

#include <stddef.h>

#include "mysql/error_code.h"

/* 2000 to 2999 come from the client library: 2006, 2013, 2055, ... */
#define CLIENT_ERROR_MIN 2000
#define CLIENT_ERROR_MAX 2999

/* A second property of an error, beside its verdict. */
enum error_kind { IS_PLAIN, IS_CROWDING, IS_TEXT, IS_SETTING, IS_ISOLATION };

/* SQL_UNFIT: the server reports these before it changes anything. */
static const struct error_row {
	unsigned code;
	enum sql_verdict verdict;
	enum error_kind kind;
} error_rows[] = {
	// clang-format off
	{ 0, SQL_LOST, IS_PLAIN }, /* Oracle's library can fail without a number */
	{ 1020, SQL_LOCKED, IS_PLAIN }, /* ER_CHECKREAD: the row changed (MariaDB) */
	{ 1021, SQL_REFUSED, IS_PLAIN }, /* ER_DISK_FULL */
	{ 1040, SQL_REFUSED, IS_CROWDING }, /* ER_CON_COUNT_ERROR */
	{ 1044, SQL_BARRED, IS_PLAIN }, /* ER_DBACCESS_DENIED_ERROR */
	{ 1045, SQL_BARRED, IS_PLAIN }, /* ER_ACCESS_DENIED_ERROR */
	{ 1047, SQL_ELSEWHERE, IS_PLAIN }, /* ER_UNKNOWN_COM_ERROR: Galera, no quorum */
	{ 1048, SQL_UNFIT, IS_PLAIN }, /* ER_BAD_NULL_ERROR */
	{ 1053, SQL_LOST, IS_PLAIN }, /* ER_SERVER_SHUTDOWN */
	{ 1062, SQL_UNFIT, IS_PLAIN }, /* ER_DUP_ENTRY */
	{ 1114, SQL_REFUSED, IS_PLAIN }, /* ER_RECORD_FILE_FULL */
	{ 1142, SQL_BARRED, IS_PLAIN }, /* ER_TABLEACCESS_DENIED_ERROR */
	{ 1143, SQL_BARRED, IS_PLAIN }, /* ER_COLUMNACCESS_DENIED_ERROR */
	{ 1156, SQL_LOST, IS_PLAIN }, /* ER_NET_PACKETS_OUT_OF_ORDER */
	{ 1158, SQL_LOST, IS_PLAIN }, /* ER_NET_READ_ERROR */
	{ 1159, SQL_LOST, IS_PLAIN }, /* ER_NET_READ_INTERRUPTED */
	{ 1160, SQL_LOST, IS_PLAIN }, /* ER_NET_ERROR_ON_WRITE */
	{ 1161, SQL_LOST, IS_PLAIN }, /* ER_NET_WRITE_INTERRUPTED */
	{ 1193, SQL_REFUSED, IS_SETTING }, /* ER_UNKNOWN_SYSTEM_VARIABLE */
	{ 1203, SQL_REFUSED, IS_CROWDING }, /* ER_TOO_MANY_USER_CONNECTIONS */
	{ 1205, SQL_LOCKED, IS_PLAIN }, /* ER_LOCK_WAIT_TIMEOUT */
	{ 1213, SQL_LOCKED, IS_PLAIN }, /* ER_LOCK_DEADLOCK */
	{ 1226, SQL_REFUSED, IS_CROWDING }, /* ER_USER_LIMIT_REACHED */
	{ 1227, SQL_BARRED, IS_SETTING }, /* ER_SPECIFIC_ACCESS_DENIED_ERROR */
	{ 1229, SQL_REFUSED, IS_SETTING }, /* ER_GLOBAL_VARIABLE */
	{ 1238, SQL_REFUSED, IS_SETTING }, /* ER_INCORRECT_GLOBAL_LOCAL_VAR */
	{ 1243, SQL_LOST, IS_PLAIN }, /* ER_UNKNOWN_STMT_HANDLER */
	{ 1264, SQL_UNFIT, IS_PLAIN }, /* ER_WARN_DATA_OUT_OF_RANGE */
	{ 1265, SQL_UNFIT, IS_PLAIN }, /* WARN_DATA_TRUNCATED */
	{ 1267, SQL_UNFIT, IS_TEXT }, /* ER_CANT_AGGREGATE_2COLLATIONS */
	{ 1270, SQL_UNFIT, IS_TEXT }, /* ER_CANT_AGGREGATE_3COLLATIONS */
	{ 1271, SQL_UNFIT, IS_TEXT }, /* ER_CANT_AGGREGATE_NCOLLATIONS */
	{ 1290, SQL_ELSEWHERE, IS_PLAIN }, /* ER_OPTION_PREVENTS_STATEMENT: --read-only */
	{ 1292, SQL_UNFIT, IS_PLAIN }, /* ER_TRUNCATED_WRONG_VALUE */
	{ 1317, SQL_REFUSED, IS_PLAIN }, /* ER_QUERY_INTERRUPTED: KILL QUERY */
	{ 1366, SQL_UNFIT, IS_PLAIN }, /* ER_TRUNCATED_WRONG_VALUE_FOR_FIELD */
	{ 1370, SQL_BARRED, IS_PLAIN }, /* ER_PROCACCESS_DENIED_ERROR */
	{ 1406, SQL_UNFIT, IS_PLAIN }, /* ER_DATA_TOO_LONG */
	{ 1412, SQL_LOCKED, IS_PLAIN }, /* ER_TABLE_DEF_CHANGED */
	{ 1451, SQL_UNFIT, IS_PLAIN }, /* ER_ROW_IS_REFERENCED_2 */
	{ 1452, SQL_UNFIT, IS_PLAIN }, /* ER_NO_REFERENCED_ROW_2 */
	{ 1461, SQL_REFUSED, IS_CROWDING }, /* ER_MAX_PREPARED_STMT_COUNT_REACHED */
	{ 1615, SQL_LOST, IS_PLAIN }, /* ER_NEED_REPREPARE */
	{ 1644, SQL_UNFIT, IS_PLAIN }, /* ER_SIGNAL_EXCEPTION: from a trigger */
	{ 1665, SQL_REFUSED, IS_ISOLATION }, /* ER_BINLOG_STMT_MODE_AND_ROW_ENGINE */
	{ 1689, SQL_LOCKED, IS_PLAIN }, /* ER_LOCK_ABORTED */
	{ 1792, SQL_ELSEWHERE, IS_PLAIN }, /* ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION */
	{ 1836, SQL_ELSEWHERE, IS_PLAIN }, /* ER_READ_ONLY_MODE */
	{ 1927, SQL_LOST, IS_PLAIN }, /* MariaDB: ER_CONNECTION_KILLED */
	{ 1969, SQL_LATE, IS_PLAIN }, /* MariaDB: ER_STATEMENT_TIMEOUT */
	{ 3024, SQL_LATE, IS_PLAIN }, /* MySQL: ER_QUERY_TIMEOUT */
	{ 3100, SQL_ELSEWHERE, IS_PLAIN }, /* MySQL: ER_RUN_HOOK_ERROR: Group Replication */
	{ 3101, SQL_LOCKED, IS_PLAIN }, /* MySQL: ER_TRANSACTION_ROLLBACK_DURING_COMMIT */
	{ 3572, SQL_LOCKED, IS_PLAIN }, /* MySQL: ER_LOCK_NOWAIT */
	{ 3819, SQL_UNFIT, IS_PLAIN }, /* MySQL: ER_CHECK_CONSTRAINT_VIOLATED */
	{ 3854, SQL_UNFIT, IS_TEXT }, /* MySQL: ER_CANNOT_CONVERT_STRING */
	{ 3988, SQL_UNFIT, IS_TEXT }, /* MySQL: ER_IMPOSSIBLE_STRING_CONVERSION */
	{ 4025, SQL_UNFIT, IS_PLAIN }, /* MariaDB: ER_CONSTRAINT_FAILED */
	{ 4031, SQL_LOST, IS_PLAIN }, /* MySQL: ER_CLIENT_INTERACTION_TIMEOUT */
	// clang-format on
};

static const struct error_row *
find_code(unsigned code)
{
	for (size_t i = 0; i < sizeof(error_rows) / sizeof(error_rows[0]); i++)
		if (error_rows[i].code == code)
			return &error_rows[i];
	return NULL;
}

static bool
is_verdict_of(unsigned code, enum error_kind kind)
{
	const struct error_row *row = find_code(code);

	return row != NULL && row->kind == kind;
}

enum sql_verdict
error_code_verdict(unsigned code)
{
	const struct error_row *row = find_code(code);

	if (code >= CLIENT_ERROR_MIN && code <= CLIENT_ERROR_MAX)
		return SQL_LOST;
	return row != NULL ? row->verdict : SQL_REFUSED;
}

bool
error_code_is_unfit_text(unsigned code)
{
	return is_verdict_of(code, IS_TEXT);
}

bool
error_code_is_crowding(unsigned code)
{
	return is_verdict_of(code, IS_CROWDING);
}

bool
error_code_is_unknown_setting(unsigned code)
{
	return is_verdict_of(code, IS_SETTING);
}

bool
error_code_wants_repeatable_read(unsigned code)
{
	return is_verdict_of(code, IS_ISOLATION);
}
