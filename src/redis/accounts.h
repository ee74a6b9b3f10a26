#ifndef REDIS_ACCOUNTS_H
#define REDIS_ACCOUNTS_H

#include "config/conf.h"
#include "redis/link.h"
#include "store/store.h"

/*
 * What SQL says of accounts, kept in uauth:{<id>} in front of the table: at
 * most one worker of all hosts asks about a user at a time.
 *
 * The port uses link and table, which outlive it.  NULL: no memory.
 */
struct account_port *redis_accounts_open(
    struct link *link, const struct conf *conf, struct user_port *table);
void redis_accounts_close(struct account_port *port);

#endif
