#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "config/conf.h"
#include "config/url.h"
#include "redis/wire/where.h"

/*
 * The circuit breaker before Redis, and the current server's address: one state
 * shared by all links of the process.  While the breaker is open, requests that
 * need Redis fail at once; the prober (redis/wire/prober.h) probes the server
 * and closes the breaker again.
 *
 * The epoch is increased whenever the process may have changed to another
 * server.  A link opened in an earlier epoch is closed before its next use.
 *
 * Each change of state is one log line: ready, lost, reconnecting, doubted,
 * moved.
 */
struct breaker;

struct breaker_options {
	const struct redis_url *url; /* outlives the breaker */
	int64_t connect_ms, command_ms;
};

/* The options that the configuration sets; they point into conf. */
struct breaker_options breaker_options_of(const struct conf *conf);

/*
 * Starts in the state BREAKER_STARTING: links wait for the first probe.  NULL:
 * no memory.
 */
struct breaker *breaker_open(const struct breaker_options *options);
void breaker_close(struct breaker *breaker);

const struct breaker_options *breaker_options(const struct breaker *breaker);

/* ---- for links ---- */

/*
 * Whether Redis may be asked.  Waits for the result of the first probe, until
 * the call's deadline.
 */
bool breaker_admits(struct breaker *breaker, const struct call *call);

/* The last known address of Redis (len 0: none yet), and its epoch. */
struct where breaker_where(struct breaker *breaker, unsigned int *epoch);
/* The current epoch. */
unsigned int breaker_epoch(struct breaker *breaker);

/*
 * Reports of links.  The third time-out in a row opens the breaker, a refused
 * connection opens it at once, and a success resets the count.
 */
void breaker_timed_out(struct breaker *breaker);
void breaker_refused(struct breaker *breaker, const char *reason);
void breaker_succeeded(struct breaker *breaker);

/*
 * Whether a replica is in use because no primary was found.  If not, a link
 * that leads to a replica leads to the wrong server.
 */
bool breaker_reads_replica(const struct breaker *breaker);

/*
 * Reports a failure of one link that need not concern the others.  The prober
 * probes at once, and opens the breaker if it gets no answer either.  Does not
 * wait.
 */
void breaker_suspect(struct breaker *breaker);

/*
 * Reports a doubt: the server answers, but another one must be asked (READONLY,
 * MOVED).  The breaker stays closed and the prober searches the primary.  Waits
 * for it until the deadline, and at most 200 ms after the first doubt; if the
 * primary has been missing for longer, not at all.  True: it was found; ask
 * again, over a new connection.
 */
bool breaker_doubt(struct breaker *breaker, const struct call *call);

/* ---- for the prober ---- */

/* The result of a probe. */
enum breaker_server {
	/* no answer, or no usable one */
	BREAKER_AWAY,
	/* a replica whose link to its primary is down */
	BREAKER_CUT_OFF,
	/* a replica connected to its primary: it can be read */
	BREAKER_REPLICA,
	/* a primary, or a server that does not report its role */
	BREAKER_PRIMARY
};

/*
 * Reports the result of a probe.  where and is_new (a new connection, maybe to
 * another server) are used if the server answered, reason if it is not a
 * primary.  A server that is cut off is read for 2 s more if it was read
 * before, else not at all.
 */
void breaker_probed(struct breaker *breaker, enum breaker_server server,
    const struct where *where, bool is_new, const char *reason);

/* Whether Redis is asked. */
bool breaker_is_closed(struct breaker *breaker);

/* Whether links may be waiting in breaker_doubt for the primary. */
bool breaker_is_awaited(struct breaker *breaker);

/*
 * Waits until due_ms, or until a suspicion, a doubt or an opened breaker asks
 * for a probe.  *is_asked: a suspicion or a doubt did.  False: breaker_stop was
 * called.
 */
bool breaker_wait(struct breaker *breaker, int64_t due_ms, bool *is_asked);

/* Waits until due_ms, whatever is reported.  False: breaker_stop was called. */
bool breaker_pause(struct breaker *breaker, int64_t due_ms);
/* Ends all waits of the prober, now and later. */
void breaker_stop(struct breaker *breaker);

#endif
