#ifndef STORES_CONF_H
#define STORES_CONF_H

#include "config/conf.h"
#include "mysql/pool.h"
#include "redis/wire/breaker.h"

/*
 * The options of Redis and of one site's MySQL pool, from the configuration.
 * sites: the number of sites that share [mysql] connections.
 */
struct breaker_options stores_conf_redis(const struct conf_all *all);
struct pool_options stores_conf_mysql(const struct conf *conf, int sites);

#endif
