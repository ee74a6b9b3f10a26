#ifndef CTL_TROUBLE_H
#define CTL_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The last warning or error in the log of each store's code, kept as the reason
 * of a failure.  One per process; any thread may log.
 */
enum trouble_of { TROUBLE_REDIS, TROUBLE_MYSQL, TROUBLES };

enum { TROUBLE_SIZE = 512 };

/* Makes the log keep its events here instead of writing them. */
void trouble_begin(void);

/*
 * Copies the last reason that was reported, without secrets and safe for a
 * terminal; empty if there was none.  command: the command of Redis that was
 * refused ("GET sess:"); of MySQL "prepare" where it is a statement of the
 * configuration; or empty.  Either may be NULL.
 */
void trouble_read(enum trouble_of which, char reason[TROUBLE_SIZE],
    char command[TROUBLE_SIZE]);

/* Sets the reason of a failure that is not logged. */
void trouble_set(enum trouble_of which, const char *reason);

#endif
