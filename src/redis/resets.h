#ifndef RESETS_H
#define RESETS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "store/store.h"

/*
 * The reset port of store/ports.h over Redis.  link and conf stay the caller's
 * and outlive the port.  NULL: no memory.
 */
struct reset_port *redis_resets_open(
    struct link *link, const struct conf *conf);
void redis_resets_close(struct reset_port *port);

#endif
