#ifndef ERROR_CODE_H
#define ERROR_CODE_H

#include <stdbool.h>

/*
 * The verdict of one attempt on one link, and the meaning of the error numbers
 * of MySQL and MariaDB.  One table serves connecting, setting up, preparing,
 * executing and fetching.  An unknown error is SQL_REFUSED: an error is never
 * taken for "no such row".
 */
enum sql_verdict {
	SQL_LOST,      /* the connection is broken or unusable */
	SQL_LATE,      /* out of time */
	SQL_LOCKED,    /* lock wait, deadlock, rollback at commit: nothing was
			  done; may be repeated */
	SQL_ELSEWHERE, /* impossible on this server now (read-only, no quorum):
			  nothing was done; a new link may help */
	SQL_REFUSED,   /* any other error of the server */
	SQL_BARRED,    /* a privilege is missing */
	SQL_UNFIT,     /* the table does not accept a value */
	SQL_FAULT,     /* a malformed answer */
	SQL_MISS,      /* no row */
	SQL_OK
};

/* code: mysql_errno() after a failure; may be 0. */
enum sql_verdict error_code_verdict(unsigned code);

/*
 * True if the server could not compare texts: a parameter has a character that
 * does not exist in the column's character set, or the SQL mixes collations.
 */
bool error_code_is_unfit_text(unsigned code);

/*
 * True if the server has no capacity for one more link; existing links may
 * still work.
 */
bool error_code_is_crowding(unsigned code);

/* True if the server has no such variable, or this user may not set it. */
bool error_code_is_unknown_setting(unsigned code);

/*
 * True if the change needs REPEATABLE READ: with binlog_format=STATEMENT InnoDB
 * accepts no change in READ COMMITTED.  Nothing was done.
 */
bool error_code_wants_repeatable_read(unsigned code);

#endif
