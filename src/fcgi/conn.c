/*
 * One connection: reading, answering, draining, closing; for the states see
 * conn.h.  fcgi/stream.c parses the bytes.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/conn.h"
#include "fcgi/handoff.h"
#include "fcgi/park.h"
#include "fcgi/protocol.h"
#include "fcgi/records.h"

enum {
	STRAY_MAX = 16 * 1024 * 1024, /* discarded between two requests */
	DRAIN_MAX = STRAY_MAX	      /* discarded after the last one */
};

void
conn_open(struct conn_shared *shared, struct conn *conn, int fd,
    const struct listener *listener, int max_conns)
{
	/* acquire: pairs with the store in conn_close by the previous owner */
	assert(atomic_load(&conn->state) == CONN_FREE);
	conn->fd = fd;
	conn->listener = listener;
	conn->stream = stream_open(max_conns);
	conn->conn_buffer = NULL;
	conn->phase = CONN_READING;
	conn->outbox = (struct outbox){ .bytes = NULL };
	conn->is_watched = conn->is_watched_for_output = false;
	conn->may_have_more = false;
	conn->served = conn->in_a_row = 0;
	conn->strayed = 0;
	atomic_fetch_add(&shared->live, 1);
	atomic_store(&conn->state, CONN_BUSY);
}

/* Wipes the request, which may hold passwords, before the next one. */
static void
request_wipe(struct conn *conn)
{
	if (conn->conn_buffer == NULL)
		return;
	explicit_bzero(
	    conn->conn_buffer->request.params, conn->stream.params_len);
	explicit_bzero(conn->conn_buffer->request.body, conn->stream.body_len);
}

void
conn_leave_buffer(struct conn_shared *shared, struct conn *conn)
{
	buffer_pool_give(&shared->buffer_pool, conn->conn_buffer);
	conn->conn_buffer = NULL;
	conn->stream.buffer = NULL;
}

/*
 * The struct is FREE before close(): after it another thread may accept a
 * connection with this descriptor at once.
 */
void
conn_close(struct conn_shared *shared, struct conn *conn)
{
	int fd = conn->fd;

	request_wipe(conn);
	outbox_drop(&conn->outbox);
	conn_leave_buffer(shared, conn);
	atomic_store(&conn->state, CONN_FREE);
	close(fd);
	if (atomic_fetch_sub(&shared->live, 1) == 1 &&
	    atomic_load(&shared->is_stopping))
		eventfd_write(shared->wake_fd, 1);
}

/*
 * Shuts our side; from now on the peer's bytes are read and discarded.  A plain
 * close with unread bytes would reset the connection, and the peer would lose
 * the answer.
 */
static void
drain_begin(struct conn *conn)
{
	shutdown(conn->fd, SHUT_WR);
	request_wipe(conn);
	stream_next(&conn->stream);
	conn->phase = CONN_DRAINING;
	conn->began_ms = clock_ms();
	conn->drained = 0;
}

static enum conn_progress
conn_drain(struct conn_shared *shared, struct conn *conn)
{
	char waste[BUFFER_BYTES_MAX];

	while (conn->drained < DRAIN_MAX) {
		ssize_t got =
		    recv(conn->fd, waste, sizeof(waste), MSG_DONTWAIT);

		if (got > 0) {
			conn->drained += (size_t)got;
		} else if (got < 0 && errno == EAGAIN) {
			if (park_wait(shared, conn))
				return CONN_IS_GONE;
		} else if (got == 0 || errno != EINTR) {
			break;
		}
	}
	conn_close(shared, conn);
	return CONN_IS_GONE;
}

static void
log_closed(const char *reason)
{
	log_event(
	    LOG_WARN, "connection closed", log_text("reason", reason), LOG_END);
}

/*
 * Wipes the previous bytes; buffer_pool_give wipes only the last ones received.
 */
static ssize_t
receive_into(struct conn_buffer *conn_buffer, int fd)
{
	explicit_bzero(conn_buffer->bytes, conn_buffer->to);
	conn_buffer->from = conn_buffer->to = 0;
	return recv(
	    fd, conn_buffer->bytes, sizeof(conn_buffer->bytes), MSG_DONTWAIT);
}

/*
 * True if read_timeout has passed.  The watchdog closes only parked
 * connections, and a peer that sends fast enough keeps its connection from
 * being parked.
 */
static bool
is_late(const struct conn_shared *shared, const struct conn *conn)
{
	return !stream_is_idle(&conn->stream) &&
	       conn->began_ms + shared->read_timeout_ms <= clock_ms();
}

/*
 * During a stop, hands a connection between two requests over to the successor.
 * The successor keeps the socket open, so close() alone would leave it in our
 * epoll set.  False: the connection has to be served here.  After a failure no
 * further connection is handed over.
 */
static bool
hand_over(struct conn_shared *shared, struct conn *conn)
{
	const struct handoff_conn handed = {
		.fd = conn->fd,
		.listener = (unsigned char)conn->listener->number,
		.is_kept = conn->served > 0,
	};
	int successor;

	if (!atomic_load(&shared->is_stopping) ||
	    !stream_is_idle(&conn->stream))
		return false;
	successor = atomic_load(&shared->successor);
	if (successor < 0)
		return false;
	if (!handoff_send(successor, &handed)) {
		atomic_store(&shared->successor, -1);
		return false;
	}
	if (conn->is_watched)
		epoll_ctl(shared->epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
	conn_close(shared, conn);
	return true;
}

/* Reads once into the buffer.  -1: with errno, ENOMEM without a buffer. */
static ssize_t
receive_once(struct conn_shared *shared, struct conn *conn)
{
	if (conn->conn_buffer == NULL)
		conn->conn_buffer = buffer_pool_take(&shared->buffer_pool);
	if (conn->conn_buffer == NULL) {
		errno = ENOMEM;
		return -1;
	}
	return receive_into(conn->conn_buffer, conn->fd);
}

/*
 * Makes the received bytes known to the stream.  False: the peer has sent too
 * much that belongs to no request, and the connection is closed.
 */
static bool
begin_bytes(struct conn_shared *shared, struct conn *conn, size_t len)
{
	conn->stream.buffer = &conn->conn_buffer->request;
	conn->conn_buffer->to = len;
	if (len == BUFFER_BYTES_MAX)
		conn->may_have_more = true;
	if (stream_is_idle(&conn->stream))
		conn->began_ms = clock_ms();
	if (!conn->stream.is_open)
		conn->strayed += len;
	if (conn->strayed < STRAY_MAX)
		return true;
	log_closed("its records belong to no request");
	conn_close(shared, conn);
	return false;
}

/*
 * Reads from the peer into the buffer, whose bytes were all parsed before.
 * False: there is nothing to read; the connection is parked, closed or handed
 * over.
 */
static bool
conn_receive(struct conn_shared *shared, struct conn *conn)
{
	for (;;) {
		ssize_t got;

		if (hand_over(shared, conn))
			return false;
		if (is_late(shared, conn)) {
			conn_expire(shared, conn);
			return false;
		}
		got = receive_once(shared, conn);
		if (got > 0)
			return begin_bytes(shared, conn, (size_t)got);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0 || errno != EAGAIN) {
			conn_close(shared, conn);
			return false;
		}
		conn->may_have_more = false;
		if (park_wait(shared, conn))
			return false;
	}
}

/* Parses the received bytes. */
static enum stream_verdict
conn_feed(struct conn *conn)
{
	struct conn_buffer *conn_buffer = conn->conn_buffer;
	enum stream_verdict verdict;
	size_t used;

	if (conn_buffer == NULL || conn_buffer->from == conn_buffer->to)
		return STREAM_MORE;
	verdict =
	    stream_feed(&conn->stream, conn_buffer->bytes + conn_buffer->from,
		conn_buffer->to - conn_buffer->from, &used);
	conn_buffer->from += used;
	return verdict;
}

/*
 * True if the peer will certainly send no more: it has ended its STDIN.  An
 * authorizer request has no STDIN; then look for bytes that have arrived.
 */
static bool
peer_is_done(struct conn *conn)
{
	char byte;

	conn_feed(conn);
	if (conn->conn_buffer != NULL &&
	    conn->conn_buffer->from != conn->conn_buffer->to)
		return false;
	if (conn->stream.role != FCGI_REC_AUTHORIZER)
		return conn->stream.is_peer_done;
	return conn->stream.is_peer_done ||
	       recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) <= 0;
}

/* The whole answer is sent.  True: the caller still owns the connection. */
static bool
sent(struct conn_shared *shared, struct conn *conn)
{
	conn->phase = CONN_READING;
	if (conn->next == CONN_NEXT_READ)
		return true;
	if (conn->next == CONN_NEXT_END && peer_is_done(conn)) {
		conn_close(shared, conn);
		return false;
	}
	drain_begin(conn);
	return true;
}

/*
 * Continues after a send that ended in `state`.  True: all is sent and the
 * caller still owns the connection.  False: it was parked or closed.  While
 * SENDING, events for input may be consumed, hence may_have_more.
 */
static bool
send_on(struct conn_shared *shared, struct conn *conn, enum outbox_state state)
{
	bool was_blocked = state == OUTBOX_FULL || conn->phase == CONN_SENDING;

	while (state == OUTBOX_FULL) {
		if (park_wait(shared, conn))
			return false;
		state = outbox_go_on(&conn->outbox, conn->fd);
	}
	if (state == OUTBOX_GONE) {
		conn_close(shared, conn);
		return false;
	}
	if (was_blocked) {
		conn->may_have_more = true;
		conn->began_ms = clock_ms();
	}
	return sent(shared, conn);
}

/* Starts an answer; results as send_on. */
static bool
conn_send(struct conn_shared *shared, struct conn *conn, struct str bytes,
    enum conn_next next)
{
	enum outbox_state state = outbox_send(&conn->outbox, conn->fd, bytes);

	conn->next = next;
	if (state == OUTBOX_FULL) {
		conn->phase = CONN_SENDING;
		conn->sending_ms = clock_ms();
	}
	return send_on(shared, conn, state);
}

/* Sends our answer to a request that never becomes whole. */
static bool
send_refusal(struct conn_shared *shared, struct conn *conn, struct arena *arena)
{
	struct reply reply = reply_open(arena);
	struct reply_text text;

	answer_write(&reply, conn->stream.refusal);
	counter_set_site(-1); /* the site is not known */
	counter_add_request(conn->stream.role == FCGI_REC_AUTHORIZER
				? REQUEST_GATE
				: REQUEST_OTHER,
	    reply.status);
	text = reply_render(&reply, true);
	return conn_send(shared, conn,
	    records_answer(arena, conn->stream.id, &text), CONN_NEXT_DRAIN);
}

/* Sends our reply to a management record or a refused BEGIN. */
static bool
send_reply(struct conn_shared *shared, struct conn *conn)
{
	const struct stream *stream = &conn->stream;
	struct str reply = { (const char *)stream->reply, stream->reply_len };

	return conn_send(shared, conn, reply,
	    stream->ends_after ? CONN_NEXT_DRAIN : CONN_NEXT_READ);
}

static enum conn_progress
conn_whole(struct conn *conn)
{
	if (conn->phase == CONN_READING) {
		conn->whole_us = clock_us();
		conn->whole_ms = conn->whole_us / 1000;
	}
	conn->strayed = 0;
	conn->phase = CONN_WHOLE;
	return CONN_IS_WHOLE;
}

/* Reads until a request is whole, or the connection is parked or closed. */
static enum conn_progress
conn_read(struct conn_shared *shared, struct conn *conn, struct arena *arena)
{
	while (conn->phase == CONN_READING) {
		bool is_ours = true;

		switch (conn_feed(conn)) {
		case STREAM_WHOLE:
			return conn_whole(conn);
		case STREAM_MORE:
			is_ours = conn_receive(shared, conn);
			break;
		case STREAM_REPLY:
			is_ours = send_reply(shared, conn);
			break;
		case STREAM_REFUSE:
			is_ours = send_refusal(shared, conn, arena);
			break;
		case STREAM_BAD:
			log_closed(conn->stream.bad);
			conn_close(shared, conn);
			return CONN_IS_GONE;
		}
		if (!is_ours)
			return CONN_IS_GONE;
	}
	return conn_drain(shared, conn);
}

enum conn_progress
conn_advance(struct conn_shared *shared, struct conn *conn, struct arena *arena)
{
	if (conn->phase == CONN_WHOLE)
		return conn_whole(conn);
	if (conn->phase == CONN_SENDING &&
	    !send_on(shared, conn, outbox_go_on(&conn->outbox, conn->fd)))
		return CONN_IS_GONE;
	return conn_read(shared, conn, arena);
}

/*
 * Ends the request, whose answer is about to be sent, or held until due_us
 * (clock_us; 0: not held).  Returns the next step of the connection.
 */
static enum conn_next
request_done(struct conn *conn, int64_t due_us)
{
	int64_t now_us = clock_us();
	enum conn_next next =
	    conn->stream.keeps ? CONN_NEXT_READ : CONN_NEXT_END;

	request_wipe(conn);
	stream_next(&conn->stream);
	/* for a next request that is in the buffer already */
	conn->began_ms = now_us / 1000;
	counter_observe_request(
	    conn->role, (now_us > due_us ? now_us : due_us) - conn->whole_us);
	conn->served++;
	conn->in_a_row++;
	return next;
}

bool
conn_answer(struct conn_shared *shared, struct conn *conn, struct str records)
{
	enum conn_next next = request_done(conn, 0);

	if (!str_is_none(records))
		return conn_send(shared, conn, records, next);
	conn_close(shared, conn);
	return false;
}

bool
conn_hold(struct conn *conn, struct str records, int64_t due_ms)
{
	if (!outbox_keep(&conn->outbox, records))
		return false;
	conn->next = request_done(conn, due_ms * 1000);
	conn->phase = CONN_SENDING;
	conn->sending_ms = due_ms;
	return true;
}

void
conn_expire(struct conn_shared *shared, struct conn *conn)
{
	if (conn->phase == CONN_SENDING)
		log_closed("the peer does not read its answer");
	else if (conn->phase == CONN_READING && !stream_is_idle(&conn->stream))
		log_closed("the request did not come in time");
	conn_close(shared, conn);
}
