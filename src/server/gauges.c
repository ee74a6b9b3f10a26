/* Gauges: states that are read now and then, not counted as they change. */
#include "config.h"

#include "base/clock.h"
#include "base/counters.h"
#include "redis/wire/tls.h"
#include "server/gauges.h"

/*
 * Sets the gauges of Redis.  Before the first probe the breaker is neither
 * closed nor open, and GAUGE_REDIS_UP stays unknown.
 */
static void
set_redis(const struct breaker *breaker)
{
	if (breaker_is_closed(breaker))
		gauge_set(GAUGE_REDIS_UP, 1);
	else if (breaker_is_open(breaker))
		gauge_set(GAUGE_REDIS_UP, 0);
	if (breaker_tls(breaker) != NULL)
		gauge_set(GAUGE_CERTIFICATE_EXPIRY + STORE_REDIS,
		    tls_first_end(breaker_tls(breaker)));
}

static void
set_cache(struct cache *cache)
{
	const struct cache_snapshot now = cache_snapshot(cache, clock_ms());

	gauge_set(GAUGE_CACHE_BYTES, (int64_t)cache_bytes(cache));
	gauge_set(GAUGE_CACHE_CURRENT, now.is_current);
}

static void
set_mysql(const struct sites *sites)
{
	int64_t first_end = -1;

	for (int i = 0; i < sites_count(sites); i++) {
		struct pool_gauges state =
		    pool_gauges(sites_at(sites, i)->pool);

		if (state.is_known)
			gauge_set_site(i, GAUGE_MYSQL_UP, state.is_up);
		gauge_set_site(i, GAUGE_MYSQL_LINKS, state.links);
		if (first_end < 0 ||
		    (state.end_s >= 0 && state.end_s < first_end))
			first_end = state.end_s;
	}
	gauge_set(GAUGE_CERTIFICATE_EXPIRY + STORE_MYSQL, first_end);
}

void
gauges_set(const struct gauges *gauges)
{
	set_redis(gauges->breaker);
	if (gauges->cache != NULL)
		set_cache(gauges->cache);
	set_mysql(gauges->sites);
	for (int kind = 0; kind < PLACE_KINDS; kind++)
		gauge_set(GAUGE_PLACES_WAITING + (unsigned int)kind,
		    places_waiting(gauges->places, (enum place_kind)kind));
}
