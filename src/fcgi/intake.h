#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/places.h"
#include "fcgi/conn.h"
#include "fcgi/listen.h"

/*
 * The transport: from listening sockets and bytes to whole, proven requests.
 * No worker ever waits for a peer: a connection without a whole request is
 * parked in one epoll set, and a deadline closes it.
 */
struct intake;

struct intake_options {
	const struct listeners *listeners; /* outlives the intake */
	struct places *places;		   /* likewise */
	int connections;		   /* at most, [server] connections */
	int64_t read_timeout_ms;	   /* for one request to come */
	int64_t write_timeout_ms;	   /* for a peer to take an answer */
	int64_t idle_ms;		   /* between two requests */
};

/* NULL with errno. */
struct intake *intake_open(const struct intake_options *options);
void intake_close(struct intake *intake);

/* One worker's side of it; touched by its own thread only. */
struct intake_worker {
	struct intake *intake;
	struct place_claims *claims;
	struct arena *arena;  /* the request's; reset for each */
	struct conn *current; /* answered, may have more */
	/* this worker accepts from it until nobody waits there; NULL: none */
	const struct listener *listener;
	int accepted; /* from it, in a row */
	int parked;   /* of them, and no event came of it yet */
	int due_left; /* waiters that it may still take from the places */
};

/*
 * Both return a connection with a whole request, owned by the caller until
 * intake_answer or intake_requeue, or NULL where there is none.
 *
 * intake_next_ready never waits: the connection answered last, which may have
 * sent more, those that are due, and who else wants to be accepted.  It is to
 * be asked until it has none: others wait for what it serves.  First come,
 * first served: one that was accepted before its bytes were there is not
 * overtaken by those accepted after them.
 *
 * intake_wait waits for one event, whatever comes of it.
 */
struct conn *intake_next_ready(struct intake_worker *worker);
struct conn *intake_wait(struct intake_worker *worker);

/*
 * To be called before the worker's thread waits for anything but events: whom
 * it would have accepted next gets in line, for others to serve.
 */
void intake_accept_pending(struct intake_worker *worker);

/* It was stopped and has no connection left. */
bool intake_is_finished(const struct intake *intake);

/*
 * Answers the request with these records (fcgi/records.h): the connection is
 * then kept for its next request, closed, or parked until its peer has taken
 * the rest.  STR_NONE: it is closed unanswered.  Nothing waits.
 */
void intake_answer(
    struct intake_worker *worker, struct conn *conn, struct str records);

/*
 * The request found no place: it waits for one of claims->lacking, its bytes
 * still in the connection, until due_ms; or for due_ms alone, where it lacks
 * nothing but time.  False: too many wait, or due_ms has passed; the caller
 * still owns it and answers 503.
 */
bool intake_requeue(
    struct intake_worker *worker, struct conn *conn, int64_t due_ms);

/*
 * Answers the request with these records, but no sooner than at due_ms
 * (clock_ms); no worker waits meanwhile.  False: no memory; the caller still
 * owns the connection.
 */
bool intake_hold(struct intake_worker *worker, struct conn *conn,
    struct str records, int64_t due_ms);

/*
 * To be called about twenty times a second by one thread: closes what is
 * overdue, and lets listeners in again after a pause.
 */
void intake_watch(struct intake *intake);

/*
 * No new connection is accepted; each parked one is read once more, served if
 * a request was there or had begun, and closed.  Then the intake is finished.
 */
void intake_stop(struct intake *intake);

#endif
