/* Which stores answer. */
#include "config.h"

#include "server/readiness.h"

unsigned int
readiness_stores(struct breaker *breaker, struct sites *sites)
{
	unsigned int stores = 0;

	if (breaker_is_closed(breaker))
		stores |= STORE_REDIS;
	if (sites_mysql_state(sites) == POOL_IS_UP)
		stores |= STORE_MYSQL;
	return stores;
}

bool
readiness_is_settled(struct breaker *breaker, struct sites *sites)
{
	return (breaker_is_closed(breaker) || breaker_is_open(breaker)) &&
	       sites_mysql_state(sites) != POOL_STARTING;
}

const char *
readiness_words(unsigned int stores)
{
	static const char *const words[] = {
		[0] = "serving, but neither Redis nor MySQL answers",
		[STORE_REDIS] = "serving, but MySQL does not answer",
		[STORE_MYSQL] = "serving, but Redis does not answer",
		[STORES_ALL] = "serving",
	};

	return words[stores & STORES_ALL];
}
