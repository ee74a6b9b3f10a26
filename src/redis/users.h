#ifndef REDIS_USERS_H
#define REDIS_USERS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "store/store.h"

/*
 * The user port: rows of the port table, cached in Redis under user:<id> for
 * 300 s, in the format of the Node application.  link, conf and table stay the
 * caller's and outlive the port.  NULL: no memory, or OpenSSL has no SHA-1.
 */
struct user_port *redis_users_open(
    struct link *link, const struct conf *conf, struct user_table_port *table);
void redis_users_close(struct user_port *port);

#endif
