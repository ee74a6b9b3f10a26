#ifndef LOG_THROTTLE_H
#define LOG_THROTTLE_H

#include <stdbool.h>

#include "base/log.h"

/*
 * Rate limit for log lines that a client can cause.  The table in
 * log_throttle.c gives each such event an interval and a key.  The key is some
 * of the event's fields; an address counts as its network (IPv4 address, IPv6
 * /64).  The first line of a key is written at once, later ones at most once
 * per interval.  Lines in between are counted, and no count is lost: the next
 * line of the key has it, or log_throttle_next returns it.
 *
 * Memory is fixed.  If the table has no free slot for a key, the key shares one
 * count with others of its event.  Any thread may call these functions; none of
 * them blocks.
 */

/*
 * Returns the number of events that a line written now stands for, itself
 * included.  0: the event was counted, and must not be written.  1 for events
 * that are not in the table.
 */
int64_t log_throttle_admit(enum log_level level, const char *words,
    const char *site, const struct log_field *fields);

/* The count of a key whose interval has passed. */
struct log_pending {
	enum log_level level;
	int64_t count;
	/*
	 * The first counted line.  Its last fields are left out if they do not
	 * fit.
	 */
	char body[256];
	size_t len;
	const char *words; /* the words of the event */
	bool is_shared; /* the count is that of many keys, and body is empty */
};

/* Returns and resets the next count that is due at now_ms.  False: none. */
bool log_throttle_next(int64_t now_ms, struct log_pending *pending);

#endif
