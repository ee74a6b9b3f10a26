#ifndef LOG_THROTTLE_H
#define LOG_THROTTLE_H

#include <stdbool.h>

#include "base/log.h"

/*
 * Rate limit for log lines that a client can cause.  The table in
 * log_throttle.c gives each such event an interval and a key: some of its
 * fields, an address counting as its network (IPv4 address, IPv6 /64).  The
 * first line of a key is written at once, then at most one per interval.  Lines
 * in between are counted, and none is lost: the count is in the key's next
 * line, or log_throttle_next returns it.
 *
 * Memory is fixed.  Keys beyond the table's size share one count per event.
 * Any thread may call these functions; none of them blocks.
 */

/*
 * The number of events that a line written now stands for, itself included.  0:
 * counted, not to be written.  1 for events that are not in the table.
 */
int64_t log_throttle_admit(enum log_level level, const char *words,
    const char *site, const struct log_field *fields);

/* The count of a key whose interval has passed. */
struct log_pending {
	enum log_level level;
	int64_t count;
	/*
	 * the first counted line; its last fields are left out if they do not
	 * fit
	 */
	char body[256];
	size_t len;
	const char *words; /* of the event */
	bool is_shared;	   /* the count is that of many keys, body is empty */
};

/* Returns and resets the next count that is due at now_ms.  False: none. */
bool log_throttle_next(int64_t now_ms, struct log_pending *pending);

#endif
