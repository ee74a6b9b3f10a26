#ifndef LIMITS_H
#define LIMITS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "store/store.h"

/*
 * Counters of limits in Redis behind the port of store/store.h.  link stays
 * the caller's and outlives the port.  NULL: no memory.
 */
struct limit_port *redis_limits_open(
    struct link *link, const struct conf *conf);
void redis_limits_close(struct limit_port *port);

#endif
