#ifndef GAUGES_H
#define GAUGES_H

#include "base/places.h"
#include "redis/wire/breaker.h"
#include "server/sites.h"
#include "store/cache/cache.h"

/* The sources of the gauges of base/counters.def. */
struct gauges {
	const struct breaker *breaker;
	struct cache *cache; /* NULL: none */
	struct places *places;
	const struct sites *sites;
};

/* Sets the gauges that no module sets itself.  Called by the watchdog. */
void gauges_set(const struct gauges *gauges);

#endif
