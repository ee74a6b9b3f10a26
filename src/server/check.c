/* Trying out what the configuration names. */
#include "config.h"

#include <stdio.h>

#include "redis/keeper.h"
#include "redis/link.h"
#include "server/check.h"
#include "server/stores_conf.h"

static bool
tell(const char *site, const char *what, bool works, const char *why)
{
	FILE *out = works ? stdout : stderr;

	if (site != NULL)
		fprintf(out, "site \"%s\": ", site);
	fprintf(out, "%s: %s\n", what, works ? "works" : why);
	return works;
}

static bool
check_redis(const struct conf *conf)
{
	struct breaker_options options = stores_conf_redis(conf);
	char why[LINK_WHY_MAX] = "out of memory";
	bool works = keeper_try(&options, why, sizeof(why));

	return tell(NULL, "[redis] url", works, why);
}

static bool
check_mysql(const struct conf *conf)
{
	struct pool_options options = stores_conf_mysql(conf, 1);
	char why[512] = "";
	bool works = pool_check(&options, why, sizeof(why));

	if (works && why[0] != '\0')
		fprintf(stderr, "warning: [mysql] %s\n", why);
	return tell(conf->site, "[mysql] url", works, why);
}

bool
check_stores(const struct conf_all *all)
{
	bool works = check_redis(&all->common);

	for (int i = 0; i < conf_count(all); i++)
		works = check_mysql(conf_at(all, i)) && works;
	return works;
}
