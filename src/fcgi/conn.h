#ifndef CONN_H
#define CONN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/places.h"
#include "fcgi/listen.h"
#include "fcgi/outbox.h"
#include "fcgi/buffer_pool.h"
#include "fcgi/stream.h"

/*
 * One connection.  Records are indexed by descriptor and never freed: another
 * thread may still hold an event of the connection that had it before.
 *
 * `state` says who may touch the rest.  Whoever moves it from PARKED to BUSY
 * owns the connection until it is parked again, closed, or given to a queue
 * of base/places.h (which keeps it BUSY).  An event for a BUSY one only
 * leaves a mark (BUSY_MORE), and the owner looks again before it parks.
 */
enum conn_state { CONN_FREE, CONN_PARKED, CONN_BUSY, CONN_BUSY_MORE };

enum conn_phase {
	CONN_READING, /* no request is whole */
	CONN_WHOLE,   /* one is, and waits for its answer */
	CONN_SENDING, /* the socket did not take the whole answer yet */
	CONN_DRAINING /* our side is shut; the rest is read and thrown away */
};

/* The next step of a connection once its answer is sent. */
enum conn_next {
	CONN_NEXT_READ, /* it is kept for another request */
	CONN_NEXT_END,	/* it is closed, or drained where more may come */
	CONN_NEXT_DRAIN /* more is sure to come: see CONN_DRAINING */
};

struct conn {
	_Atomic int state;	    /* enum conn_state */
	_Atomic int64_t overdue_ms; /* when a PARKED one is closed (clock_ms) */
	_Atomic int64_t rank;	    /* of a PARKED one: see conn_rank */

	/* the owner's */
	int fd;
	const struct listener *listener;
	struct stream stream;
	struct conn_buffer *conn_buffer; /* NULL while no byte is here */
	enum conn_phase phase;
	enum conn_next next;
	struct outbox outbox;	  /* empty but while SENDING */
	int64_t sending_ms;	  /* since when */
	bool is_watched;	  /* in the epoll set */
	bool is_watched_for_room; /* for EPOLLOUT too */
	/*
	 * An event that told of more, of the end at least, may be spent: recv
	 * is to be asked until it has nothing, and no event waited for before.
	 */
	bool may_have_more;
	int served;	  /* requests answered */
	size_t strayed;	  /* bytes since then that are no request's */
	int in_a_row;	  /* of them since others had their turn */
	int64_t began_ms; /* the first byte of a request, or a drain */
	int64_t whole_ms; /* when the request was whole */
	size_t drained;	  /* bytes thrown away */
	struct place_waiter waiter;
};

/*
 * In which order parked connections make room where all are taken: the class,
 * then since when it has waited for its peer (clock_ms).  Lower goes first.
 */
enum conn_class {
	CONN_CLASS_REQUEST, /* a request has begun, and is not whole */
	CONN_CLASS_DRAINING,
	CONN_CLASS_SENDING,
	CONN_CLASS_SILENT, /* no byte ever came */
	CONN_CLASS_KEPT
};

enum { CONN_RANK_BITS = 48 }; /* of the time, for thousands of years */

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

/* What all connections of an intake share. */
struct conn_shared {
	int epoll_fd;
	int wake_fd; /* written when the last one closes during a stop */
	int64_t read_timeout_ms, write_timeout_ms, idle_ms;
	struct buffer_pool buffer_pool;
	_Atomic int live; /* connections open */
	atomic_bool is_stopping;
};

/* A fresh record for fd; the caller owns it (BUSY). */
void conn_open(struct conn_shared *shared, struct conn *conn, int fd,
    const struct listener *listener, int max_conns);

/* The owner's last act. */
void conn_close(struct conn_shared *shared, struct conn *conn);

/* Gives its buffers back: nothing in them is needed any more. */
void conn_leave_room(struct conn_shared *shared, struct conn *conn);

enum conn_progress {
	CONN_IS_GONE, /* parked or closed: not the caller's any more */
	CONN_IS_WHOLE /* it has a whole request */
};

/* Goes on with an owned connection until it is whole or gone. */
enum conn_progress conn_advance(
    struct conn_shared *shared, struct conn *conn, struct arena *arena);

/*
 * Sends the records of the answer to conn's request, as far as the socket takes
 * them; the rest is kept and sent when there is room, until the write timeout.
 * Nothing waits.  No records (STR_NONE): the connection is closed unanswered.
 * True: all is sent and the connection is still the caller's, to be advanced;
 * false: it was parked or closed.
 */
bool conn_answer(
    struct conn_shared *shared, struct conn *conn, struct str records);

/*
 * Keeps the records of the answer instead, until due_ms (clock_ms): whoever
 * advances the connection from then on sends them.  False: no memory; nothing
 * has changed.
 */
bool conn_hold(struct conn *conn, struct str records, int64_t due_ms);

/* Overdue: says so in the log, where a request was under way, and closes. */
void conn_expire(struct conn_shared *shared, struct conn *conn);

#endif
