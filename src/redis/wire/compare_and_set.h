#ifndef COMPARE_AND_SET_H
#define COMPARE_AND_SET_H

#include "redis/wire/link.h"

/*
 * One command about a key, done only while the key still has the value old,
 * which somebody read: by a script, or where those are refused by a
 * transaction (redis.io, WATCH).
 *
 *	cas_run(link, call, old, STR("SET"), key, value, STR("KEEPTTL"));
 */

/* Called before there are threads.  False: OpenSSL has no SHA-1. */
bool cas_init(void);

/*
 * OK: done.  MISS: another value, or none, stands there.  DENY: this server
 * knows neither way, or is full; nothing was done.  DOWN: as link_exchange
 * says, and it may have been done.
 */
#define cas_run(link, call, old, ...) \
	cas_run_args(link, call, old, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))
MUST_CHECK enum result cas_run_args(struct link *link, struct call *call,
    struct str old, const struct str *args, size_t count);

#endif
