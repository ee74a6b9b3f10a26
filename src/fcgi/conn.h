#ifndef CONN_H
#define CONN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/places.h"
#include "fcgi/listen.h"
#include "fcgi/outbox.h"
#include "fcgi/buffer_pool.h"
#include "fcgi/stream.h"

/*
 * One connection.  The structs are indexed by descriptor and never freed,
 * because another thread may still hold an event of a previous connection with
 * this descriptor.
 *
 * `state` decides who may touch the other members.  The thread that moves it
 * from PARKED to BUSY owns the connection until it is parked again, closed, or
 * handed to a queue of base/places.h (where it stays BUSY).  An event for a
 * BUSY connection only sets BUSY_MORE; the owner then reads again before it
 * parks.
 */
enum conn_state { CONN_FREE, CONN_PARKED, CONN_BUSY, CONN_BUSY_MORE };

enum conn_phase {
	CONN_READING, /* no request is whole */
	CONN_WHOLE,   /* a request is whole and waits for its answer */
	CONN_SENDING, /* the socket has not taken the whole answer */
	CONN_DRAINING /* our side is shut; input is discarded */
};

/* The next step of a connection after its answer is sent. */
enum conn_next {
	CONN_NEXT_READ, /* keep it for another request */
	CONN_NEXT_END,	/* close it; drain first if more input may come */
	CONN_NEXT_DRAIN /* drain it: more input will come */
};

struct conn {
	_Atomic int state;	    /* enum conn_state */
	_Atomic int64_t overdue_ms; /* while PARKED: its deadline (clock_ms) */
	_Atomic int64_t rank;	    /* while PARKED: see conn_rank */

	/* all below belongs to the owner */
	int fd;
	const struct listener *listener;
	struct stream stream;
	struct conn_buffer *conn_buffer; /* NULL: no bytes */
	enum conn_phase phase;
	enum conn_next next;
	struct outbox outbox;	    /* empty unless SENDING */
	int64_t sending_ms;	    /* clock_ms: start of SENDING */
	bool is_watched;	    /* in the epoll set */
	bool is_watched_for_output; /* for EPOLLOUT too */
	/*
	 * An event may have announced more input than was read, at least the
	 * peer's end.  Then call recv() until EAGAIN before waiting for an
	 * event: an edge is not repeated.
	 */
	bool may_have_more;
	int served;		/* requests answered */
	size_t strayed;		/* bytes between requests, since the last one */
	int in_a_row;		/* requests since others had their turn */
	int64_t began_ms;	/* clock_ms: first byte, or start of a drain */
	int64_t whole_ms;	/* clock_ms: the request became whole */
	int64_t whole_us;	/* whole_ms by clock_us */
	enum counter_role role; /* of the request; set before its answer */
	size_t drained;		/* bytes discarded */
	struct place_waiter waiter;
};

/*
 * The order in which parked connections are evicted when all are in use: first
 * by class, then by the time since which they wait for the peer (clock_ms). The
 * lowest rank is evicted first.
 */
enum conn_class {
	CONN_CLASS_REQUEST, /* a request has begun and is not whole */
	CONN_CLASS_DRAINING,
	CONN_CLASS_SENDING,
	CONN_CLASS_SILENT, /* no byte has ever come */
	CONN_CLASS_KEPT
};

enum { CONN_RANK_BITS = 48 }; /* for the time, enough for 8000 years */

static inline int64_t
conn_rank(enum conn_class class, int64_t since_ms)
{
	return ((int64_t) class << CONN_RANK_BITS) + since_ms;
}

static inline int64_t
conn_rank_since(int64_t rank)
{
	return rank & ((INT64_C(1) << CONN_RANK_BITS) - 1);
}

/* Shared by all connections of an intake. */
struct conn_shared {
	int epoll_fd;
	int wake_fd; /* written when the last connection closes during a stop */
	int64_t read_timeout_ms, write_timeout_ms, idle_ms;
	struct buffer_pool buffer_pool;
	_Atomic int live; /* open connections */
	atomic_bool is_stopping;
	/*
	 * During a stop: the channel (fcgi/handoff.h) to the process that goes
	 * on with connections between two requests; -1: they are closed.
	 */
	_Atomic int successor;
};

/* Initializes the struct for fd; the caller owns it (BUSY). */
void conn_open(struct conn_shared *shared, struct conn *conn, int fd,
    const struct listener *listener, int max_conns);

/* Closes the connection; the caller does not own it any more. */
void conn_close(struct conn_shared *shared, struct conn *conn);

/* Gives back the buffer.  Nothing in it may be needed any more. */
void conn_leave_buffer(struct conn_shared *shared, struct conn *conn);

enum conn_progress {
	CONN_IS_GONE, /* parked or closed; not owned any more */
	CONN_IS_WHOLE /* it has a whole request */
};

/*
 * Continues an owned connection until a request is whole or it is parked or
 * closed.
 */
enum conn_progress conn_advance(
    struct conn_shared *shared, struct conn *conn, struct arena *arena);

/*
 * Sends the answer to conn's request, as much as the socket takes.  The rest is
 * kept and sent on EPOLLOUT, until the write timeout.  Never waits.  records:
 * STR_NONE closes the connection without an answer.
 *
 * True: all is sent and the caller still owns the connection; call
 * conn_advance.  False: it was parked or closed.
 */
bool conn_answer(
    struct conn_shared *shared, struct conn *conn, struct str records);

/*
 * Keeps the records of the answer until due_ms (clock_ms); the first
 * conn_advance after that sends them.  False: no memory; nothing has changed.
 */
bool conn_hold(struct conn *conn, struct str records, int64_t due_ms);

/*
 * Closes an overdue connection.  Logged if a request or answer was under way.
 */
void conn_expire(struct conn_shared *shared, struct conn *conn);

#endif
