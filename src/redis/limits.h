#ifndef LIMITS_H
#define LIMITS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "store/store.h"

/*
 * The limit port of store/ports.h over Redis.  link and conf stay the caller's
 * and outlive the port.  NULL: no memory, or OpenSSL has no SHA-1.
 */
struct limit_port *redis_limits_open(
    struct link *link, const struct conf *conf);
void redis_limits_close(struct limit_port *port);

#endif
