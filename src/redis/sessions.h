#ifndef SESSIONS_H
#define SESSIONS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "store/store.h"

/*
 * The session port of store/ports.h over Redis.  link and conf stay the
 * caller's and outlive the port.  NULL: no memory, or OpenSSL has no SHA-1.
 */
struct session_port *redis_sessions_open(
    struct link *link, const struct conf *conf);
void redis_sessions_close(struct session_port *port);

#endif
