#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>

#include "base/arena.h"
#include "base/places.h"
#include "fcgi/codec.h"
#include "fcgi/intake.h"
#include "redis/wire/breaker.h"
#include "redis/wire/link.h"
#include "redis/refresher.h"
#include "server/leaders.h"
#include "server/sites.h"
#include "store/cache/cache.h"
#include "store/cache/stores.h"

/* What all workers use; all of it outlives them. */
struct worker_shared {
	const struct conf *conf; /* the process's own settings */
	struct sites *sites;
	struct intake *intake;
	struct places *places;
	struct leaders *leaders;
	struct breaker *breaker;
	struct refresher *refresher; /* of accounts, for all workers */
	struct cache *cache;	     /* NULL: none */
	_Atomic int *running;	     /* workers whose loop has not ended */
};

/* What a worker reaches of a site. */
struct site_stores {
	struct stores behind; /* Redis, and MySQL behind it */
	struct caching_stores
	    *caching_stores;	    /* the cache before them; NULL: none */
	const struct stores *asked; /* by requests: the first that there is */
};

/*
 * One worker owns its arena, its codec, its link to Redis and its ports.  No
 * two threads ever share one of them.
 */
struct worker {
	const struct worker_shared *shared;
	pthread_t thread;
	struct arena *arena;
	struct codec *codec;
	struct link *link;
	struct site_stores *sites; /* by their numbers */
	struct place_claims claims;
	struct leader leader;
	struct intake_worker intake;
};

/* All it owns, but no thread yet; false with errno, and nothing is left. */
bool worker_open(struct worker *worker, const struct worker_shared *shared);

/* False with errno: it has no thread, and is still to be closed. */
bool worker_start(struct worker *worker);

/* After its thread, if it was started, has been joined. */
void worker_close(struct worker *worker);

#endif
