#ifndef MYSQL_SETTINGS_H
#define MYSQL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/*
 * The session settings of a link to MySQL.  Global variables and init_connect
 * of the server may say anything: a link that keeps one snapshot for ever
 * (autocommit=0), that sees no row (sql_select_limit=0), that cuts a list of
 * roles (group_concat_max_len).  So each link is set up before its first
 * statement.  Pure: knows no client library.
 */
#define SETTING_BYTES_MAX 512

/* What the server said to one statement. */
enum setting_outcome {
	SETTING_DONE,
	SETTING_UNKNOWN, /* it has no such variable, or sets it for nobody */
	SETTING_FAILED
};

/*
 * Has run(arg, sql) execute each statement that sets a link up; statements
 * are to end after timeout_ms on the server too.  A variable that this server
 * does not know (MariaDB and MySQL differ) is left out, unless a link is of no
 * use without it.  False: a statement failed, and run knows why.
 */
MUST_CHECK bool settings_apply(
    enum setting_outcome (*run)(void *arg, const char *sql), void *arg,
    int64_t timeout_ms);

#endif
