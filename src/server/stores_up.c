/* The stores that answer. */
#include "config.h"

#include "mysql/pool.h"
#include "server/stores_up.h"

/*
 * With is_up: true if MySQL answers for every site.  Without: true if it is
 * known for every site whether MySQL answers.
 */
static bool
is_mysql(const struct sites *sites, bool is_up)
{
	for (int i = 0; i < sites_count(sites); i++) {
		struct pool_gauges state =
		    pool_gauges(sites_at(sites, i)->pool);

		if (is_up ? !state.is_up : !state.is_known)
			return false;
	}
	return true;
}

unsigned int
stores_up_now(const struct breaker *breaker, const struct sites *sites)
{
	unsigned int stores = 0;

	if (breaker_is_closed(breaker))
		stores |= UP_REDIS;
	if (is_mysql(sites, true))
		stores |= UP_MYSQL;
	return stores;
}

bool
stores_up_are_known(const struct breaker *breaker, const struct sites *sites)
{
	return (breaker_is_closed(breaker) || breaker_is_open(breaker)) &&
	       is_mysql(sites, false);
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
