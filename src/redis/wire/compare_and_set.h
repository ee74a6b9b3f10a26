#ifndef COMPARE_AND_SET_H
#define COMPARE_AND_SET_H

#include "redis/wire/link.h"

/*
 * Compare-and-set: runs a command on a key only if the key still has the value
 * old, which the caller has read.  Uses a script or, where scripts are refused,
 * a transaction (optimistic locking; redis.io, WATCH).
 *
 *	cas_run(link, call, old, STR("SET"), key, value, STR("KEEPTTL"));
 */

/*
 * Opens its scripts (script_open): may be repeated, and must have returned
 * before another thread uses them.  False: OpenSSL has no SHA-1.
 */
bool cas_init(void);

/*
 * OK: done.  MISS: the key has another value, or none.  REFUSED: this server
 * allows neither way; nothing was done.  DOWN: as in link_exchange, or the
 * server is out of memory; it may have been done.  args: the command, the key,
 * further arguments.
 */
#define cas_run(link, call, old, ...) \
	cas_run_args(link, call, old, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
MUST_CHECK enum result cas_run_args(struct link *link, struct call *call,
    struct str old, const struct str *args, size_t count);

#endif
