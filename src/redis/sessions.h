#ifndef SESSIONS_H
#define SESSIONS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "store/store.h"

/*
 * Sessions in Redis behind the port of store/store.h.  link stays the
 * caller's and outlives the port.  NULL: no memory.
 */
struct session_port *redis_sessions_open(
    struct link *link, const struct conf *conf);
void redis_sessions_close(struct session_port *port);

#endif
