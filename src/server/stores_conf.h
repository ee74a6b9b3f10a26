#ifndef STORES_CONF_H
#define STORES_CONF_H

#include "config/conf.h"
#include "mysql/pool.h"
#include "redis/wire/breaker.h"

/*
 * What the rooms of Redis and MySQL want to know, out of the configuration;
 * for MySQL that of one of so many sites.
 */
struct breaker_options stores_conf_redis(const struct conf *conf);
struct pool_options stores_conf_mysql(const struct conf *conf, int sites);

#endif
