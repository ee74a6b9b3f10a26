#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "config/url.h"
#include "redis/wire/where.h"

/*
 * The circuit breaker before Redis, and where Redis is: what this process
 * believes of its server, shared by all links.  While the breaker is open a
 * request that needs Redis is refused at once; the prober (redis/wire/prober.h)
 * probes, and closes it again.
 *
 * The epoch counts the servers that were believed in: a link that was opened
 * in an earlier one may lead to another server, and is closed before its next
 * use.
 *
 * One log line a change of state: ready, lost, reconnecting, doubted, moved.
 */
struct breaker;

struct breaker_options {
	const struct redis_url *url; /* outlives the breaker */
	int64_t connect_ms, command_ms;
};

/*
 * Starts without an answer: until the first probe is back, links wait for it.
 * NULL: no memory.
 */
struct breaker *breaker_open(const struct breaker_options *options);
void breaker_close(struct breaker *breaker);

const struct breaker_options *breaker_options(const struct breaker *breaker);

/* ---- for links ---- */

/*
 * May Redis be asked?  Before the first probe has come back this waits for
 * it, until the call's deadline.
 */
bool breaker_admits(struct breaker *breaker, const struct call *call);

/* Where Redis was last found (len 0: never), and in which epoch. */
struct where breaker_where(struct breaker *breaker, unsigned int *epoch);
unsigned int breaker_epoch(struct breaker *breaker);

/* The third time-out in a row opens; a refusal does at once. */
void breaker_timed_out(struct breaker *breaker);
void breaker_refused(struct breaker *breaker, const char *reason);
void breaker_succeeded(struct breaker *breaker);

/*
 * Is a replica what is read, since no primary was found?  Else a link that
 * leads to a replica leads to the wrong server.
 */
bool breaker_reads_replica(const struct breaker *breaker);

/*
 * One link failed in a way that says nothing of the others: the prober looks,
 * and opens the breaker where it has no answer either.  Does not wait.
 */
void breaker_suspect(struct breaker *breaker);

/*
 * The server answers, but another one should be asked (READONLY, MOVED).  The
 * breaker stays closed, and the prober looks for the right one.  Waits for
 * what it finds until the deadline, and 200 ms after the first doubt at most:
 * where the right server has been missing for longer than that, not at all.
 * True: the right one was found; ask again, over a new connection.
 */
bool breaker_doubt(struct breaker *breaker, const struct call *call);

/* ---- for the prober ---- */

/* What the prober finds of the server. */
enum breaker_server {
	BREAKER_AWAY,	 /* no answer, or none of use */
	BREAKER_CUT_OFF, /* a replica that does not hear of its primary */
	BREAKER_REPLICA, /* a replica that does: it can be read */
	BREAKER_PRIMARY	 /* or one that does not tell */
};

/*
 * A look came to this; where and is_new (another connection, so maybe another
 * server) count for what answers, reason for what is no primary.  A server
 * that is cut off is read for 2 s more where it was read before, and not at
 * all else.
 */
void breaker_probed(struct breaker *breaker, enum breaker_server server,
    const struct where *where, bool is_new, const char *reason);

bool breaker_is_closed(struct breaker *breaker);

/* The right server is being missed, and somebody may be waiting for it. */
bool breaker_is_awaited(struct breaker *breaker);

/*
 * Waits until due_ms, or until there is something to look for: a suspicion, a
 * doubt, or a breaker that has opened.  *is_asked: one of these.  False:
 * breaker_stop was called.
 */
bool breaker_wait(struct breaker *breaker, int64_t due_ms, bool *is_asked);

/* Waits until due_ms whatever happens; false: breaker_stop was called. */
bool breaker_pause(struct breaker *breaker, int64_t due_ms);
void breaker_stop(struct breaker *breaker);

#endif
