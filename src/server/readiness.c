/* Which stores answer. */
#include "config.h"

#include "server/readiness.h"

/* True if that is known of MySQL, or if it answers, for every site. */
static bool
is_mysql(const struct sites *sites, bool is_up)
{
	for (int i = 0; i < sites_count(sites); i++) {
		struct pool_state state = pool_state(sites_at(sites, i)->pool);

		if (is_up ? !state.is_up : !state.is_known)
			return false;
	}
	return true;
}

unsigned int
readiness_stores(struct breaker *breaker, const struct sites *sites)
{
	unsigned int stores = 0;

	if (breaker_is_closed(breaker))
		stores |= READY_REDIS;
	if (is_mysql(sites, true))
		stores |= READY_MYSQL;
	return stores;
}

bool
readiness_is_settled(struct breaker *breaker, const struct sites *sites)
{
	return (breaker_is_closed(breaker) || breaker_is_open(breaker)) &&
	       is_mysql(sites, false);
}

const char *
readiness_words(unsigned int stores)
{
	static const char *const words[] = {
		[0] = "serving, but neither Redis nor MySQL answers",
		[READY_REDIS] = "serving, but MySQL does not answer",
		[READY_MYSQL] = "serving, but Redis does not answer",
		[READY_ALL] = "serving",
	};

	return words[stores & READY_ALL];
}
