#ifndef LOG_THROTTLE_H
#define LOG_THROTTLE_H

#include <stdbool.h>

#include "base/log.h"

/*
 * Rate limit of the lines that a client can cause.  The table in
 * log_throttle.c has each such event with its interval and its key: some of its
 * fields, an address counting as its network (IPv4 address, IPv6 /64).  Of a
 * key the first line is written at once, then at most one each interval.  Lines
 * in between are counted, and none is lost: the next one of the key, or
 * log_throttle_next, has their number.
 *
 * Memory is fixed.  Keys beyond it share one count for their event.  The
 * functions may be called by any thread and never wait.
 */

/*
 * How many events a line that is written now stands for, itself included; 0:
 * it is counted, and not to be written.  1 for events that the table lacks.
 */
int64_t log_throttle_admit(enum log_level level, const char *words,
    const char *site, const struct log_field *fields);

/* The count of a key whose interval has passed. */
struct log_pending {
	enum log_level level;
	int64_t count;
	/* of the first line that was counted; fields that do not fit, the last
	 * ones, are left out */
	char body[256];
	size_t len;
	const char *shared_by; /* not NULL: no line, but an event, for which
				* many keys were counted */
};

/* Takes the next one that is due at now_ms; false: none is. */
bool log_throttle_next(int64_t now_ms, struct log_pending *pending);

#endif
