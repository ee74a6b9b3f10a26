#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/places.h"
#include "fcgi/conn.h"
#include "fcgi/listen.h"

/*
 * The reactor (epoll loop): turns listening sockets and bytes into whole,
 * checked requests.  No worker ever waits for a peer: a connection without a
 * whole request is parked in one epoll set, and a deadline closes it.
 */
struct intake;

struct intake_options {
	const struct listeners *listeners; /* must outlive the intake */
	struct places *places;		   /* must outlive the intake */
	int connections;		   /* limit: [server] connections */
	int64_t read_timeout_ms;	   /* for one request to arrive */
	int64_t write_timeout_ms;	   /* for the peer to take an answer */
	int64_t idle_ms;		   /* between two requests */
};

/* Opens it: the listeners are in its epoll set.  NULL: failed, errno is set. */
struct intake *intake_open(const struct intake_options *options);
/*
 * Closes all connections and frees it.  Call when no worker and no watchdog
 * uses it any more.  It may be NULL.
 */
void intake_close(struct intake *intake);

/* One worker's part of the intake; used by its own thread only. */
struct intake_worker {
	struct intake *intake;
	struct place_claims *claims;
	struct arena *arena;  /* reset for each request */
	struct conn *current; /* just answered, may have more */
	/* the worker accepts from it until nothing is pending; NULL: none */
	const struct listener *listener;
	int accepted; /* from the listener, in a row */
	int parked;   /* accepted and parked, without an event so far */
	int due_left; /* due waiters it may still take from the places */
};

/*
 * Both return a connection with a whole request, owned by the caller until
 * intake_answer, intake_requeue or intake_hold; or NULL if there is none.
 *
 * intake_next_ready never waits.  It returns the connection answered last, if
 * it sent more; then connections that are due; then pending ones, accepted now.
 * Call it until it returns NULL, since pending connections wait only for this
 * worker.  First come, first served: a connection accepted before its bytes
 * arrived is served before those accepted later.
 *
 * intake_wait waits for one event, which need not make a request whole.
 */
struct conn *intake_next_ready(struct intake_worker *worker);
struct conn *intake_wait(struct intake_worker *worker);

/*
 * Call before the thread blocks on anything but events: accepts pending
 * connections and queues them, so that other workers can serve them.
 */
void intake_accept_pending(struct intake_worker *worker);

/* True if the intake was stopped and has no connection left. */
bool intake_is_finished(const struct intake *intake);

/*
 * Sends the answer (fcgi/records.h).  The connection is then kept for its next
 * request, closed, or parked until its peer has taken the rest.  records:
 * STR_NONE closes it without an answer.  Never waits.
 */
void intake_answer(
    struct intake_worker *worker, struct conn *conn, struct str records);

/*
 * Requeues a request that found no place.  Its bytes stay in the connection. It
 * is run again from the start when a place of claims->lacking is free; at
 * due_ms (clock_ms) at the latest, and only then if lacking is PLACE_NONE.
 * False: too many requests wait, or due_ms has passed; the caller still owns
 * the connection and answers 503.
 */
bool intake_requeue(
    struct intake_worker *worker, struct conn *conn, int64_t due_ms);

/*
 * Sends the answer at due_ms (clock_ms), without blocking a worker.  False: no
 * memory; the caller still owns the connection.
 */
bool intake_hold(struct intake_worker *worker, struct conn *conn,
    struct str records, int64_t due_ms);

/*
 * Called about twenty times a second by the watchdog thread: closes overdue
 * connections, and resumes accepting after a pause.
 */
void intake_watch(struct intake *intake);

/*
 * Takes in the connections that another process hands over through the channel
 * (fcgi/handoff.h), until its end.  The channel stays the caller's, and must
 * stay open until intake_close.  False with errno.
 */
bool intake_adopt(struct intake *intake, int channel);

/*
 * Stops accepting.  Each parked connection is read once more, and a request
 * that has begun is served here.  Then the connection is handed to the
 * successor through this channel (fcgi/handoff.h), or, with -1, closed.  After
 * the last connection the intake is finished.
 */
void intake_stop(struct intake *intake, int successor);

#endif
