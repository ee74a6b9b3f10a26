#ifndef INVALIDATIONS_H
#define INVALIDATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "redis/wire/breaker.h"
#include "store/cache/cache.h"

/*
 * The link on which Redis tells what was changed: subscribed to
 * __redis__:invalidate, where another link's CLIENT TRACKING is redirected to
 * (redis.io, client-side caching, with RESP2).  What it tells is forgotten in
 * the cache.
 *
 * The tracker (redis/tracking/tracker.h) connects and drops it; any thread may
 * make it catch up.
 */
struct invalidations;

/* A key that is no key of the cache's: the tracker's own, to see it come. */
struct invalidations *invalidations_open(
    struct breaker *breaker, struct cache *cache, struct str probe_key);
void invalidations_close(struct invalidations *invalidations);

/* Connects and subscribes; the link's client id, 0 where that fails. */
int64_t invalidations_connect(struct invalidations *invalidations);

/* Nothing that was kept can be trusted now: it is all forgotten. */
void invalidations_drop(struct invalidations *invalidations);

/*
 * The descriptor of the link that tracks, -1 for none: once its peer has
 * closed it Redis tells nothing more, so nothing is up to date.  To be set
 * back after invalidations_drop and before it is closed.
 */
void feed_watch(struct invalidations *invalidations, int tracking_fd);

/*
 * Reads what is there, without waiting, and forgets it.  True: nothing that
 * Redis had told when this was called is left unread.  False: a part of a
 * message is, or one of the two links is lost.
 */
bool invalidations_catch_up(struct invalidations *invalidations);
bool invalidations_is_lost(struct invalidations *invalidations);

/* -1: not connected. */
int invalidations_fd(const struct invalidations *invalidations);

/* The probe key is about to be written, at now_ms. */
void invalidations_expect_probe(
    struct invalidations *invalidations, int64_t now_ms);

/* When the last probe that came back was written; long ago for none. */
int64_t invalidations_proved_ms(const struct invalidations *invalidations);

/* What went wrong last, in words. */
const char *invalidations_why(const struct invalidations *invalidations);

#endif
