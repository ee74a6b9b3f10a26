#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "config/conf.h"
#include "config/url.h"
#include "redis/wire/ends.h"
#include "redis/wire/tls.h"
#include "redis/wire/server_address.h"

/*
 * The circuit breaker before Redis, and the current server's address: one state
 * shared by all links of the process.  While the breaker is open, requests that
 * need Redis fail at once; the prober (redis/discovery/prober.h) probes the
 * server and closes the breaker again.
 *
 * The epoch is increased whenever the process may have changed to another
 * server.  A link opened in an earlier epoch is closed before its next use.
 *
 * These changes of state are logged: redis ready, redis lost, redis
 * reconnecting, redis doubted, redis moved.
 */
struct breaker;

struct breaker_options {
	/* the texts and structs behind these pointers outlive the breaker */
	const struct redis_url *url;
	int64_t connect_ms, command_ms;
	bool takes_replica;			       /* [redis] role = any */
	const char *sentinel_user, *sentinel_password; /* NULL: none */
	const char *key_prefix; /* has the tag of a Cluster's slot */
	struct tls_options tls;
	struct ends *ends; /* NULL: ends are not noted */
	const char *spool; /* NULL: none */
};

/*
 * Returns the options that the configuration sets.  They point into *all, which
 * outlives them; ends and spool are NULL.
 */
struct breaker_options breaker_options_of(const struct conf_all *all);

/*
 * Opens the breaker in its starting state: links wait for the first probe.
 * Reads the certificates of TLS.  NULL: why has the reason.
 */
struct breaker *breaker_open(
    const struct breaker_options *options, char *why, size_t why_size);
void breaker_close(struct breaker *breaker);

/* Returns the options of breaker_open. */
const struct breaker_options *breaker_options(const struct breaker *breaker);

/* The state that all links over TLS share; NULL without TLS. */
struct tls *breaker_tls(const struct breaker *breaker);

/* ---- for links ---- */

/*
 * Returns true if Redis may be asked.  Waits for the result of the first probe,
 * and of the first one after breaker_leave, until the call's deadline.
 */
bool breaker_admits(struct breaker *breaker, const struct call *call);

/*
 * Returns the last known address of Redis, and sets *epoch to the epoch in
 * which it was found.  len 0: none is known yet, or links must not connect to
 * it any more (breaker_leave).
 */
struct server_address breaker_address(
    struct breaker *breaker, unsigned int *epoch);
/* The current epoch. */
unsigned int breaker_epoch(const struct breaker *breaker);

/*
 * True if the last probe found no primary, or a failure has opened the breaker
 * since; why has the reason, in the words of --check-config (prober_try).
 * False: Redis works, as far as is known.
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
 * True if the replies of a replica are accepted: with [redis] role = any, or
 * while no primary was found.  If false, a link to a replica leads to the wrong
 * server.
 */
bool breaker_reads_replica(const struct breaker *breaker);

/*
 * Reports a failure of one link that may not concern the others.  The prober
 * probes at once, and opens the breaker if it gets no answer either.  Does not
 * wait.
 */
void breaker_suspect(struct breaker *breaker);

/*
 * Reports a doubt: the server answers, but another one must be asked (READONLY,
 * MOVED).  The breaker stays closed and the prober searches the primary.  Waits
 * for its result until the deadline, but at most until 200 ms after the first
 * doubt.  True: the primary was found; the caller asks again, over a new
 * connection.  False at once with [redis] role = any.
 */
bool breaker_doubt(struct breaker *breaker, const struct call *call);

/* ---- for the prober and the watchers of Sentinels ---- */

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
	unsigned int epoch; /* the breaker's, when the probe began */
	/* if it answered: its address, and if the connection is new */
	struct server_address address;
	bool is_new;
	const char *reason; /* if it is not a primary; not NULL */
};

/*
 * Reports the result of a probe.  If a replica that was read is cut off from
 * its primary, it is read for 2 s more; any other cut-off replica is not read.
 * The report is ignored if breaker_leave was called since the probe began: then
 * the result is about a server that was left.
 */
void breaker_probed(
    struct breaker *breaker, const struct breaker_report *report);

/* True if Redis is asked. */
bool breaker_is_closed(const struct breaker *breaker);
/*
 * True if requests fail at once.  While links wait for a probe both are false.
 */
bool breaker_is_open(const struct breaker *breaker);

/* True if links may be waiting in breaker_doubt for the primary. */
bool breaker_is_awaited(struct breaker *breaker);

/*
 * Waits until due_ms, until a probe is requested (breaker_suspect,
 * breaker_doubt, breaker_leave), or until the breaker opens.  *is_asked: a
 * probe was requested.  False: breaker_stop was called.
 */
bool breaker_wait(struct breaker *breaker, int64_t due_ms, bool *is_asked);

/*
 * Waits until due_ms, also if a probe is requested.  False: breaker_stop was
 * called.
 */
bool breaker_pause(struct breaker *breaker, int64_t due_ms);
/* Ends all waits of the prober, now and later. */
void breaker_stop(struct breaker *breaker);

#endif
