#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>

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

/* Shared by all workers; everything here outlives them. */
struct worker_shared {
	const struct conf *conf; /* the options of the process */
	struct sites *sites;
	struct intake *intake;
	struct places *places;
	struct leaders *leaders;
	struct breaker *breaker;
	struct refresher *refresher; /* refreshes accounts for all workers */
	struct cache *cache;	     /* NULL: no cache */
	_Atomic int *running;	     /* worker threads that have not ended */
};

/* One worker's ports to one site. */
struct site_stores {
	struct stores behind; /* Redis, with MySQL behind it */
	/* the cache in front of `behind`; NULL: there is none */
	struct caching_stores *caching_stores;
	/* those that requests use: the cache, or `behind` if there is none */
	const struct stores *asked;
};

/*
 * Each worker owns its arena, its codec, its connection to Redis and its ports.
 * No other thread uses them.
 */
struct worker {
	const struct worker_shared *shared;
	pthread_t thread;
	struct arena *arena;
	struct codec *codec;
	struct link *link;
	struct site_stores *sites; /* indexed by site number */
	struct place_claims claims;
	struct leader leader;
	struct intake_worker intake;
	/* for the watchdog: clock_ms when its request was whole; 0: none */
	_Atomic int64_t busy_since_ms;
	/* for the watchdog: how often it has run a request to its end */
	_Atomic unsigned int served;
};

/* Opens everything but the thread.  False with errno: nothing stays open. */
bool worker_open(struct worker *worker, const struct worker_shared *shared);

/* Starts the thread.  False: no thread; close the worker nevertheless. */
bool worker_start(struct worker *worker);

/* Closes a worker, whose thread does not run or has been joined. */
void worker_close(struct worker *worker);

#endif
