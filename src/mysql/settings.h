#ifndef MYSQL_SETTINGS_H
#define MYSQL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/*
 * The session settings of a link to MySQL.  The server's global variables and
 * init_connect may have set anything: autocommit=0 keeps one snapshot for ever,
 * sql_select_limit=0 hides all rows, group_concat_max_len truncates a list of
 * roles.  So each link is set up before its first statement.  Pure: knows no
 * client library.
 */
#define SETTING_BYTES_MAX 512

/* The outcome of one statement. */
enum setting_outcome {
	SETTING_DONE,
	SETTING_UNKNOWN, /* no such variable, or it cannot be set */
	SETTING_FAILED
};

/*
 * Calls run(arg, sql) for each statement that sets up a link; timeout_ms
 * becomes the server's time limit too.  Variables that the server does not know
 * are skipped (MariaDB and MySQL differ), unless they are required.  False: a
 * statement failed; run has the error.
 */
MUST_CHECK bool settings_apply(
    enum setting_outcome (*run)(void *arg, const char *sql), void *arg,
    int64_t timeout_ms);

#endif
