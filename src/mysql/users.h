#ifndef MYSQL_USERS_H
#define MYSQL_USERS_H

#include "mysql/pool.h"
#include "store/store.h"

/*
 * The users table, through the pool, as a user_table_port.  It keeps nothing of
 * a request, so one port serves all workers.  NULL: no memory.
 */
struct user_table_port *mysql_users_open(struct pool *pool);

/* Does not close the pool.  port may be NULL. */
void mysql_users_close(struct user_table_port *port);

#endif
