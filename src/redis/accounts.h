#ifndef REDIS_ACCOUNTS_H
#define REDIS_ACCOUNTS_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "redis/refresher.h"
#include "store/store.h"

/*
 * The account port: SQL's answers, cached in uauth:{<id>}.  Of all hosts at
 * most one thread asks SQL about one user at a time, where Redis allows scripts
 * or transactions.
 *
 * The port uses all four arguments, which outlive it.  NULL: no memory, or
 * OpenSSL has no SHA-1.
 */
struct account_port *redis_accounts_open(struct link *link,
    const struct conf *conf, struct user_table_port *table,
    struct refresher *refresher);
void redis_accounts_close(struct account_port *port);

/* The refresher's work: asks SQL about one account and stores the answer. */
refresher_work redis_accounts_refresh;

#endif
