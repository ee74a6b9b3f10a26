#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

/* What one try on one link came to, and what MySQL's error numbers mean. */
enum sql_verdict {
	SQL_LOST,    /* the connection is gone, or of no use any more */
	SQL_LATE,    /* out of time */
	SQL_LOCKED,  /* lock wait or deadlock: may be tried again */
	SQL_REFUSED, /* any other error of the server's */
	SQL_BARRED,  /* a change for which the privilege is missing */
	SQL_UNFIT,   /* a change to what the table does not take */
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

/*
 * A value that a column, a key, a constraint or a trigger does not take; by
 * the time this is known nothing has been changed.
 */
bool verdict_is_unfit_value(unsigned code);

/* This user of the database may not do that. */
bool verdict_is_barred(unsigned code);

/* The server has no room for one more link; it may serve those it has. */
bool verdict_is_crowding(unsigned code);

#endif
