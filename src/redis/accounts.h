#ifndef REDIS_ACCOUNTS_H
#define REDIS_ACCOUNTS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "redis/refresher.h"
#include "store/store.h"

/*
 * What SQL says of accounts, kept in uauth:{<id>} in front of the table: at
 * most one thread of all hosts asks about a user at a time.
 *
 * The port uses link, table and refresher, which outlive it.  NULL: no memory.
 */
struct account_port *redis_accounts_open(struct link *link,
    const struct conf *conf, struct user_port *table,
    struct refresher *refresher);
void redis_accounts_close(struct account_port *port);

/* What a refresher is to do. */
refresher_work redis_accounts_refresh;

#endif
