#ifndef ERROR_CODE_H
#define ERROR_CODE_H

#include <stdbool.h>

/*
 * What one try on one link came to, and what the error numbers of MySQL and
 * MariaDB mean: one table for connecting, setting up, preparing, executing and
 * fetching alike.  Whatever is in no row could not tell (SQL_REFUSED): an
 * error is never "no such row".
 */
enum sql_verdict {
	SQL_LOST,      /* the connection is gone, or of no use any more */
	SQL_LATE,      /* out of time */
	SQL_LOCKED,    /* lock wait, deadlock, undone at commit: nothing was
			  done, and it may be tried again */
	SQL_ELSEWHERE, /* this server may not do it now (read only, no
			  quorum); nothing was done, another link may lead to
			  one that does */
	SQL_REFUSED,   /* any other error of the server's */
	SQL_BARRED,    /* a privilege is missing */
	SQL_UNFIT,     /* a value that the table does not take */
	SQL_FAULT,     /* an answer that makes no sense */
	SQL_MISS,
	SQL_OK
};

/* code: mysql_errno's after a failure; 0 happens. */
enum sql_verdict error_code_verdict(unsigned code);

/*
 * The server cannot compare: a parameter has a character that the column's
 * character set does not.  (Or the SQL mixes collations by itself.)
 */
bool error_code_is_unfit_text(unsigned code);

/* The server has no room for one more link; it may serve those it has. */
bool error_code_is_crowding(unsigned code);

/* A variable that this server does not have, or lets nobody like us set. */
bool error_code_is_unknown_setting(unsigned code);

/*
 * With binlog_format=STATEMENT InnoDB takes no change in READ COMMITTED;
 * nothing was done.
 */
bool verdict_wants_repeatable_read(unsigned code);

#endif
