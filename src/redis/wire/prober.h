#ifndef PROBER_H
#define PROBER_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"

/*
 * The thread that knows where Redis is.  It probes at the start; while the
 * breaker is open, after 100 ms, doubling to 1 s, +-20 %, from the begin of one
 * look to the next; at once when a link has a suspicion or a doubt; and once a
 * second while all is well, so that a server which was made a replica is
 * noticed by processes that only read.  It alone resolves names, so that no
 * request waits for a resolver.
 *
 * A probe is HELLO, whose answer has the server's role and which no ACL
 * refuses, and PING, whose errors are judged by the table of
 * redis/wire/error_reply.h. ROLE is asked of a replica only, for whether it
 * hears of its primary; where ROLE is refused it counts as cut off.  Of several
 * addresses each is tried in turn, and a primary is preferred.
 */
struct prober;

/* The breaker outlives it.  NULL with errno. */
struct prober *prober_open(struct breaker *breaker);

/* Stops the thread and waits for it: at most one look's time-outs. */
void prober_close(struct prober *prober);

/*
 * For --check-config: looks once, without a thread, and closes the breaker
 * where there is a primary.  False: why says what is wrong (never a secret).
 */
bool prober_try(struct breaker *breaker, char *why, size_t size);

#endif
