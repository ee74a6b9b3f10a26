/* Which stores answer. */
#include "config.h"

#include "server/stores_up.h"

unsigned int
stores_up_read(struct breaker *breaker, struct sites *sites)
{
	unsigned int stores = 0;

	if (breaker_is_closed(breaker))
		stores |= UP_REDIS;
	if (sites_mysql_state(sites) == POOL_IS_UP)
		stores |= UP_MYSQL;
	return stores;
}

bool
stores_up_is_settled(struct breaker *breaker, struct sites *sites)
{
	return (breaker_is_closed(breaker) || breaker_is_open(breaker)) &&
	       sites_mysql_state(sites) != POOL_STARTING;
}

const char *
stores_up_words(unsigned int stores)
{
	static const char *const words[] = {
		[0] = "serving, but neither Redis nor MySQL answers",
		[UP_REDIS] = "serving, but MySQL does not answer",
		[UP_MYSQL] = "serving, but Redis does not answer",
		[UP_ALL] = "serving",
	};

	return words[stores & UP_ALL];
}
