/* Trying out what the configuration names. */
#include "config.h"

#include <stdio.h>

#include "redis/keeper.h"
#include "redis/link.h"
#include "server/check.h"
#include "server/stores_conf.h"

static bool
tell(const char *what, bool works, const char *why)
{
	if (works)
		printf("%s: works\n", what);
	else
		fprintf(stderr, "%s: %s\n", what, why);
	return works;
}

static bool
check_redis(const struct conf *conf)
{
	struct breaker_options options = stores_conf_redis(conf);
	char why[LINK_WHY_MAX] = "out of memory";

	return tell("[redis] url", keeper_try(&options, why, sizeof(why)), why);
}

static bool
check_mysql(const struct conf *conf)
{
	struct pool_options options = stores_conf_mysql(conf);
	char why[512] = "";

	return tell("[mysql] url", pool_check(&options, why, sizeof(why)), why);
}

bool
check_stores(const struct conf *conf)
{
	bool redis_works = check_redis(conf);
	bool mysql_works = check_mysql(conf);

	return redis_works && mysql_works;
}
