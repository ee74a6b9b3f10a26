#ifndef LEASE_H
#define LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/wire/link.h"

/*
 * A key held for a while by one owner: SET NX PX with a random text, given up
 * or replaced only while that text still stands there (redis.io, SET,
 * patterns; redis/wire/compare_and_set.h).  Whoever sets or deletes the key
 * breaks the lease; whoever reads it takes it for the number 0, which is a miss
 * to JSON.parse and json_decode.
 */
enum { LEASE_TEXT_MAX = 24 };

struct lease {
	struct str key;
	struct str text;	   /* in room, but for a claim */
	char room[LEASE_TEXT_MAX]; /* 0e and digits */
};

/* Called before there are threads.  False: OpenSSL has no SHA-1. */
bool lease_init(void);

/* Is this value somebody's lease? */
bool lease_is(struct str value);

/*
 * OK: ours for life_ms.  MISS: something else stands there, a copy of which
 * is in *found (STR_NONE where it is no text).
 */
MUST_CHECK enum result lease_take(struct link *link, struct call *call,
    struct str key, int64_t life_ms, struct lease *lease, struct str *found);

/* By force: whatever stood there is gone. */
MUST_CHECK enum result lease_seize(struct link *link, struct call *call,
    struct str key, int64_t life_ms, struct lease *lease);

/*
 * Puts value there for life_ms if the lease still stands.  OK either way: who
 * broke the lease knows better.
 */
MUST_CHECK enum result lease_replace(struct link *link, struct call *call,
    const struct lease *lease, struct str value, int64_t life_ms);

/*
 * Puts claim in place of the value old, which keeps its life; the claim is a
 * lease then, though readers may go on to use what it says.  MISS: another
 * value, or none, stands there.  Where nobody can be barred (DENY of cas_run):
 * OK.
 */
MUST_CHECK enum result lease_claim(struct link *link, struct call *call,
    struct str key, struct str old, struct str claim);

/* Deletes the key if the lease still stands. */
MUST_CHECK enum result lease_release(
    struct link *link, struct call *call, const struct lease *lease);

#endif
