#ifndef PROBER_H
#define PROBER_H

#include <stdbool.h>
#include <stddef.h>

#include "redis/wire/breaker.h"

/*
 * The health checker of Redis: a thread that asks servers whether they are the
 * primary.  redis/discovery/finder.h finds their addresses.  It probes at the
 * start; while the breaker is open, after 100 ms, doubling to 1 s, +-20 %,
 * counted from the start of one probe to the next; at once after
 * breaker_suspect or breaker_doubt; and once a second otherwise, so that
 * processes that only read also notice when their server becomes a replica.  It
 * probes 50 times a second while a doubt or a promotion is fresh.  Names are
 * resolved by this thread and by those that watch Sentinels, so no request
 * waits for a resolver.
 *
 * A probe is HELLO, whose reply has the server's role and which no ACL forbids,
 * and PING, whose errors are classified by redis/wire/error_reply.h.  A replica
 * is also asked ROLE, for the state of its link to the primary; where ROLE is
 * refused the replica counts as cut off.  All addresses are tried in turn, and
 * a primary is preferred.  With [redis] role = any a connected replica counts
 * as a primary.
 *
 * Before a server that may be another one is reported as the primary, the last
 * ends of sessions are repeated on it (redis/discovery/repeat.h).
 */
struct prober;

/* Starts the thread.  The breaker outlives the prober.  NULL with errno. */
struct prober *prober_open(struct breaker *breaker);

/* Stops the thread and joins it, which may take the time-outs of one probe. */
void prober_close(struct prober *prober);

/*
 * For --check-config: probes once, without a thread, and closes the breaker if
 * there is a primary.  False: why is the reason, without secrets.
 */
bool prober_try(struct breaker *breaker, char *why, size_t size);

#endif
