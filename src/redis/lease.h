#ifndef LEASE_H
#define LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/wire/link.h"

/*
 * A lease (as in "Scaling Memcache at Facebook", NSDI 2013): a key held for a
 * limited time by one owner, against stale fills and thundering herds.  It is
 * taken by SET NX PX with a random text, and replaced or released only while
 * the key still has that text (redis.io, SET, patterns;
 * redis/wire/compare_and_set.h).  Any SET or DEL of the key breaks the lease.
 * JSON.parse and json_decode read the text as the number 0, which other
 * programs treat as a miss.
 */
enum { LEASE_TEXT_MAX = 24 };

struct lease {
	struct str key;
	struct str text;	    /* view of bytes; of a claim: its text */
	char bytes[LEASE_TEXT_MAX]; /* "0e" and digits */
};

/*
 * Opens its scripts (script_open): may be repeated, and must have returned
 * before another thread uses them.  False: OpenSSL has no SHA-1.
 */
bool lease_init(void);

/* True if the value has the form of a lease. */
bool lease_is(struct str value);

/*
 * Takes the lease of a key that is absent.  OK: the caller holds it for
 * ttl_ms.  MISS: the key has a value, a copy of which is in *found (STR_NONE
 * if it is not a string).  FAULT: no randomness.  DOWN: as in link_exchange;
 * the lease may have been taken.
 */
MUST_CHECK enum result lease_take(struct link *link, struct call *call,
    struct str key, int64_t ttl_ms, struct lease *lease, struct str *found);

/*
 * Takes the lease unconditionally, overwriting any value or lease.  Results as
 * of lease_take, but never MISS.
 */
MUST_CHECK enum result lease_seize(struct link *link, struct call *call,
    struct str key, int64_t ttl_ms, struct lease *lease);

/*
 * Stores value for ttl_ms if the lease is not broken.  OK in either case: a
 * broken lease means that newer data exists.  Where Redis allows neither
 * scripts nor transactions, deletes the key instead and stores nothing.
 */
MUST_CHECK enum result lease_replace(struct link *link, struct call *call,
    const struct lease *lease, struct str value, int64_t ttl_ms);

/*
 * Replaces the value old by claim and keeps its TTL.  The claim acts as a lease
 * for lease_replace, while readers may go on to use its data.  MISS: the key
 * has another value, or none.  OK without any effect if this server allows no
 * compare-and-set (REFUSED of cas_run).
 */
MUST_CHECK enum result lease_claim(struct link *link, struct call *call,
    struct str key, struct str old, struct str claim);

/*
 * Releases the lease: deletes the key if the lease is not broken.  OK in either
 * case.
 */
MUST_CHECK enum result lease_release(
    struct link *link, struct call *call, const struct lease *lease);

#endif
