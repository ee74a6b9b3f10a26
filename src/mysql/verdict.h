#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

/* What one try on one link came to, and what MySQL's error numbers mean. */
enum sql_verdict {
	SQL_LOST,    /* the connection is gone, or of no use any more */
	SQL_LATE,    /* out of time */
	SQL_LOCKED,  /* lock wait or deadlock: may be tried again */
	SQL_REFUSED, /* any other error of the server's */
	SQL_FAULT,   /* an answer that makes no sense */
	SQL_MISS,
	SQL_OK
};

/* code: mysql_errno's after a failure; 0 happens. */
enum sql_verdict verdict_of_error(unsigned code);

/*
 * The server cannot compare: a parameter has a character that the column's
 * character set does not.  (Or the SQL mixes collations by itself.)
 */
bool verdict_is_unfit_text(unsigned code);

/* The server has no room for one more link; it may serve those it has. */
bool verdict_is_crowding(unsigned code);

#endif
