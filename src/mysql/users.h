#ifndef MYSQL_USERS_H
#define MYSQL_USERS_H

#include "mysql/pool.h"
#include "store/store.h"

/*
 * The users table through the pool, as a user_port.  It keeps nothing but
 * the pool, so one serves any number of workers.  NULL: out of memory.
 */
struct user_port *mysql_users_open(struct pool *pool);

/* The pool stays open.  Takes NULL too. */
void mysql_users_close(struct user_port *port);

#endif
