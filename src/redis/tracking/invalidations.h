#ifndef INVALIDATIONS_H
#define INVALIDATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "redis/wire/breaker.h"
#include "store/cache/cache.h"

/*
 * The link on which Redis reports changed keys: subscribed to
 * __redis__:invalidate, to which another link's CLIENT TRACKING is redirected
 * (redis.io, client-side caching, with RESP2).  Reported keys are invalidated
 * in the cache.
 *
 * The tracker (redis/tracking/tracker.h) connects and drops it; any thread may
 * call invalidations_catch_up.
 */
struct invalidations;

/*
 * Does not connect yet.  probe_key, which is copied, is not a key of the cache:
 * the tracker writes it to see its invalidation arrive.  Breaker and cache
 * outlive the link.  NULL: no memory.
 */
struct invalidations *invalidations_open(
    struct breaker *breaker, struct cache *cache, struct str probe_key);
void invalidations_close(struct invalidations *invalidations);

/* Connects and subscribes.  Returns the link's client id; 0: it failed. */
int64_t invalidations_connect(struct invalidations *invalidations);

/*
 * Closes the link and flushes the cache, since changes may go unnoticed from
 * now on.
 */
void invalidations_drop(struct invalidations *invalidations);

/*
 * Sets the descriptor of the link with CLIENT TRACKING on; -1: none.  Once
 * Redis has closed that link it reports nothing more, so the cache is no longer
 * current.  To be set to -1 after invalidations_drop and before the descriptor
 * is closed.
 */
void invalidations_watch(struct invalidations *invalidations, int tracking_fd);

/*
 * Reads and applies pending invalidations, without waiting.  True: everything
 * that Redis had sent before the call has been applied.  False: a message is
 * incomplete, or one of the two links is lost.
 */
bool invalidations_catch_up(struct invalidations *invalidations);
/* True if the subscribed link is closed or has failed. */
bool invalidations_is_lost(struct invalidations *invalidations);

/* The socket of the subscribed link; -1: not connected. */
int invalidations_fd(const struct invalidations *invalidations);

/* Notes that the probe key will now be written; now_ms is clock_ms. */
void invalidations_expect_probe(
    struct invalidations *invalidations, int64_t now_ms);

/*
 * The time (clock_ms) at which the last probe that arrived was written; far in
 * the past if none has arrived.
 */
int64_t invalidations_proved_ms(const struct invalidations *invalidations);

/* The reason of the last failure, as text. */
const char *invalidations_why(const struct invalidations *invalidations);

#endif
