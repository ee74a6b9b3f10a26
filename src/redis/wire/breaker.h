#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "config/conf.h"
#include "config/url.h"
#include "redis/wire/ends.h"
#include "redis/wire/tls.h"
#include "redis/wire/where.h"

/*
 * The circuit breaker before Redis, and the current server's address: one state
 * shared by all links of the process.  While the breaker is open, requests that
 * need Redis fail at once; the prober (redis/where/prober.h) probes the server
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
	/* all that is pointed to outlives the breaker */
	const struct redis_url *url;
	int64_t connect_ms, command_ms;
	bool takes_replica;			       /* [redis] role = any */
	const char *sentinel_user, *sentinel_password; /* NULL: none */
	const char *key_prefix; /* has the tag of a Cluster's slot */
	struct tls_options tls;
	struct ends *ends; /* NULL: none are noted */
	const char *spool; /* NULL: none */
};

/* The options that the configuration sets; they point into all. */
struct breaker_options breaker_options_of(const struct conf_all *all);

/*
 * Starts in the state BREAKER_STARTING: links wait for the first probe.  Reads
 * the certificates of TLS.  NULL: why has the reason.
 */
struct breaker *breaker_open(
    const struct breaker_options *options, char *why, size_t why_size);
void breaker_close(struct breaker *breaker);

const struct breaker_options *breaker_options(const struct breaker *breaker);

/* The state that links over TLS share; NULL: without TLS. */
struct tls *breaker_tls(const struct breaker *breaker);

/* ---- for links ---- */

/*
 * Whether Redis may be asked.  Waits for the result of the first probe, and of
 * the first one after breaker_leave, until the call's deadline.
 */
bool breaker_admits(struct breaker *breaker, const struct call *call);

/*
 * The last known address of Redis and the epoch in which it was found.  len 0:
 * none yet, or the server was left (breaker_leave).
 */
struct where breaker_where(struct breaker *breaker, unsigned int *epoch);
/* The current epoch. */
unsigned int breaker_epoch(struct breaker *breaker);

/*
 * Why Redis is not as it should be, as the last probe, or the failure that
 * opened the breaker, has found it: the words of --check-config (prober_try).
 * False: it is a primary that answers.
 */
bool breaker_why(struct breaker *breaker, char *why, size_t size);

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

/* ---- for the prober and for what watches Sentinels ---- */

/*
 * Reports that another server is the primary now: no link asks the current one
 * again, and the prober probes at once.  An open breaker stays open.
 */
void breaker_leave(struct breaker *breaker);

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

struct breaker_report {
	enum breaker_server server;
	unsigned int epoch; /* the breaker's when the probe began */
	/* if it answered: its address, and whether the connection is new */
	struct where where;
	bool is_new;
	const char *reason; /* if it is not a primary; not NULL */
};

/*
 * Reports the result of a probe.  A server that is cut off is read for 2 s more
 * if it was read before, else not at all.  Nothing happens if breaker_leave was
 * called since the probe began: its result is about another server.
 */
void breaker_probed(
    struct breaker *breaker, const struct breaker_report *report);

/* Whether Redis is asked. */
bool breaker_is_closed(struct breaker *breaker);
/* Whether requests fail at once.  Neither, while links wait for a probe. */
bool breaker_is_open(struct breaker *breaker);

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
