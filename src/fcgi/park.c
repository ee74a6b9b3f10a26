/* Parks connections until an event comes; for the states see conn.h. */
#include "config.h"

#include <sys/epoll.h>

#include "base/clock.h"
#include "fcgi/park.h"

enum {
	DRAIN_MS = 10000,
	STOP_GRACE_MS = 20 /* for the first byte on a new connection */
};

bool
park_claim_parked(struct conn *conn)
{
	int state = CONN_PARKED;

	return atomic_compare_exchange_strong(&conn->state, &state, CONN_BUSY);
}

bool
park_claim(struct conn *conn)
{
	int state = atomic_load(&conn->state);

	for (;;) {
		if (state == CONN_PARKED) {
			if (atomic_compare_exchange_weak(
				&conn->state, &state, CONN_BUSY))
				return true;
		} else if (state == CONN_BUSY) {
			if (atomic_compare_exchange_weak(
				&conn->state, &state, CONN_BUSY_MORE))
				return false;
		} else {
			return false;
		}
	}
}

/* The class, start and time limit of a parked connection's wait. */
struct wait {
	enum conn_class class;
	int64_t since_ms, limit_ms;
};

static struct wait
idle_wait(const struct conn_shared *shared, const struct conn *conn)
{
	struct wait wait = { CONN_CLASS_KEPT, clock_ms(), shared->idle_ms };

	if (conn->served == 0)
		wait.class = CONN_CLASS_SILENT;
	if (atomic_load(&shared->is_stopping))
		wait.limit_ms = STOP_GRACE_MS;
	return wait;
}

static struct wait
wait_of(const struct conn_shared *shared, const struct conn *conn)
{
	if (conn->phase == CONN_SENDING)
		return (struct wait){ CONN_CLASS_SENDING, conn->sending_ms,
			shared->write_timeout_ms };
	if (conn->phase == CONN_DRAINING)
		return (struct wait){ CONN_CLASS_DRAINING, conn->began_ms,
			DRAIN_MS };
	if (stream_is_idle(&conn->stream))
		return idle_wait(shared, conn);
	return (struct wait){ CONN_CLASS_REQUEST, conn->began_ms,
		shared->read_timeout_ms };
}

static bool
set_events(struct conn_shared *shared, struct conn *conn, int change)
{
	bool wants_output = conn->phase == CONN_SENDING;
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
		.data.u64 = (uint64_t)conn->fd };

	if (wants_output)
		event.events |= EPOLLOUT;
	if (epoll_ctl(shared->epoll_fd, change, conn->fd, &event) != 0)
		return false;
	conn->is_watched = true;
	conn->is_watched_for_output = wants_output;
	return true;
}

/*
 * Puts the connection into the epoll set once, edge-triggered.  EPOLLOUT is set
 * only while the connection is SENDING.
 */
static bool
conn_watch(struct conn_shared *shared, struct conn *conn)
{
	if (!conn->is_watched)
		return set_events(shared, conn, EPOLL_CTL_ADD);
	if (conn->is_watched_for_output == (conn->phase == CONN_SENDING))
		return true;
	return set_events(shared, conn, EPOLL_CTL_MOD);
}

/*
 * During a stop, connections that wait for another request are closed.  Those
 * with a begun request, and new ones without a byte yet, may still park.
 */
static bool
may_park(const struct conn_shared *shared, const struct conn *conn)
{
	if (!atomic_load(&shared->is_stopping) || conn->phase == CONN_SENDING)
		return true;
	return conn->phase == CONN_READING &&
	       (conn->served == 0 || !stream_is_idle(&conn->stream));
}

/*
 * Gives up ownership: BUSY to PARKED.  False: the caller still owns the
 * connection, for one of two reasons.  An event came meanwhile and is consumed,
 * so there may be more to read.  Or a stop began meanwhile, and intake_stop may
 * have missed this connection.
 */
static bool
leave(struct conn_shared *shared, struct conn *conn)
{
	bool was_stopping = atomic_load(&shared->is_stopping);
	struct wait wait = wait_of(shared, conn);
	int busy = CONN_BUSY;

	atomic_store(&conn->overdue_ms, wait.since_ms + wait.limit_ms);
	atomic_store(&conn->rank, conn_rank(wait.class, wait.since_ms));
	if (atomic_compare_exchange_strong(&conn->state, &busy, CONN_PARKED))
		return was_stopping || !atomic_load(&shared->is_stopping) ||
		       !park_claim_parked(conn);
	atomic_store(&conn->state, CONN_BUSY);
	conn->may_have_more = true;
	return false;
}

/*
 * Skips the empty STDIN record that may follow a request whose answer did not
 * wait for it.  True: nothing else is in the buffer.
 */
static bool
skip_late_end(struct conn *conn)
{
	struct conn_buffer *conn_buffer = conn->conn_buffer;

	if (conn_buffer == NULL)
		return true;
	if (conn_buffer->from < conn_buffer->to)
		conn_buffer->from += stream_late_end(&conn->stream,
		    conn_buffer->bytes + conn_buffer->from,
		    conn_buffer->to - conn_buffer->from);
	return conn_buffer->from == conn_buffer->to;
}

/* True if nothing in the buffer is needed any more. */
static bool
may_leave_buffer(struct conn *conn)
{
	return conn->phase == CONN_DRAINING ||
	       (stream_is_idle(&conn->stream) && skip_late_end(conn));
}

bool
park_wait(struct conn_shared *shared, struct conn *conn)
{
	if (!may_park(shared, conn) || !conn_watch(shared, conn)) {
		conn_close(shared, conn);
		return true;
	}
	if (may_leave_buffer(conn))
		conn_leave_buffer(shared, conn);
	return leave(shared, conn);
}

/* True if all input is read, so that an event will report any new input. */
static bool
is_read_up(struct conn *conn)
{
	return conn->phase == CONN_READING && stream_is_idle(&conn->stream) &&
	       skip_late_end(conn) && !conn->may_have_more;
}

/* EPOLL_CTL_MOD makes a new event if input is there now (epoll_ctl(2)). */
static bool
watch_anew(struct conn_shared *shared, struct conn *conn)
{
	conn->may_have_more = false;
	return set_events(shared, conn, EPOLL_CTL_MOD);
}

/* The events are set before leave(), after which the fd may be reused. */
bool
park_last(struct conn_shared *shared, struct conn *conn)
{
	if (!is_read_up(conn) || atomic_load(&shared->is_stopping) ||
	    !conn_watch(shared, conn))
		return false;
	conn_leave_buffer(shared, conn);
	conn->in_a_row = 0;
	return leave(shared, conn) ||
	       (watch_anew(shared, conn) && leave(shared, conn));
}
