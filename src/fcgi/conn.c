/*
 * One connection: reading, parking, draining, closing; see the states in
 * conn.h.  What its bytes mean is fcgi/stream.c's.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/conn.h"
#include "fcgi/protocol.h"

enum {
	STRAY_MAX = 16 * 1024 * 1024, /* thrown away between two requests */
	DRAIN_MAX = STRAY_MAX,	      /* and after the last */
	DRAIN_MS = 10000,
	STOP_GRACE_MS = 20 /* for the first byte on a new connection */
};

void
conn_open(struct conn_shared *shared, struct conn *conn, int fd,
    const struct listener *listener, int max_conns)
{
	/* the acquire that pairs with conn_close by whoever had it before */
	assert(atomic_load(&conn->state) == CONN_FREE);
	conn->fd = fd;
	conn->listener = listener;
	conn->stream = stream_open(max_conns);
	conn->room = NULL;
	conn->phase = CONN_READING;
	conn->is_watched = conn->is_watched_for_room = false;
	conn->has_ended = conn->may_have_more = false;
	conn->served = conn->in_a_row = 0;
	conn->has_replied = false;
	conn->strayed = 0;
	atomic_fetch_add(&shared->live, 1);
	atomic_store(&conn->state, CONN_BUSY);
}

/* Passwords were in it: what a request left is wiped before the next. */
static void
request_wipe(struct conn *conn)
{
	if (conn->room == NULL)
		return;
	explicit_bzero(conn->room->request.params, conn->stream.params_len);
	explicit_bzero(conn->room->request.body, conn->stream.body_len);
}

static void
room_leave(struct conn_shared *shared, struct conn *conn)
{
	room_give(&shared->rooms, conn->room);
	conn->room = NULL;
	conn->stream.room = NULL;
}

/* FREE comes before close: the descriptor may be somebody else's at once. */
void
conn_close(struct conn_shared *shared, struct conn *conn)
{
	int fd = conn->fd;

	request_wipe(conn);
	room_leave(shared, conn);
	atomic_store(&conn->state, CONN_FREE);
	close(fd);
	if (atomic_fetch_sub(&shared->live, 1) == 1 &&
	    atomic_load(&shared->is_stopping))
		eventfd_write(shared->wake_fd, 1);
}

bool
conn_claim_parked(struct conn *conn)
{
	int state = CONN_PARKED;

	return atomic_compare_exchange_strong(&conn->state, &state, CONN_BUSY);
}

bool
conn_claim(struct conn *conn)
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

/* When a connection that is parked as it is now will be overdue. */
static int64_t
overdue_at(const struct conn_shared *shared, const struct conn *conn)
{
	if (conn->phase == CONN_BLOCKED)
		return conn->whole_ms + shared->write_timeout_ms;
	if (conn->phase == CONN_DRAINING)
		return conn->began_ms + DRAIN_MS;
	if (stream_is_idle(&conn->stream))
		return clock_ms() + (atomic_load(&shared->is_stopping)
					    ? STOP_GRACE_MS
					    : shared->idle_ms);
	return conn->began_ms + shared->read_timeout_ms;
}

static bool
set_events(struct conn_shared *shared, struct conn *conn, int change)
{
	bool wants_room = conn->phase == CONN_BLOCKED;
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
		.data.u64 = (uint64_t)conn->fd };

	if (wants_room)
		event.events |= EPOLLOUT;
	conn->is_watched = true;
	conn->is_watched_for_room = wants_room;
	return epoll_ctl(shared->epoll_fd, change, conn->fd, &event) == 0;
}

/*
 * In the set edge-triggered and once; EPOLLOUT is asked for while the
 * connection is BLOCKED, and taken back.
 */
static bool
conn_watch(struct conn_shared *shared, struct conn *conn)
{
	if (!conn->is_watched)
		return set_events(shared, conn, EPOLL_CTL_ADD);
	if (conn->is_watched_for_room == (conn->phase == CONN_BLOCKED))
		return true;
	return set_events(shared, conn, EPOLL_CTL_MOD);
}

/*
 * During a stop who waits for another request is closed, but not who has
 * begun one, or has just been let in and is about to.
 */
static bool
may_park(const struct conn_shared *shared, const struct conn *conn)
{
	if (!atomic_load(&shared->is_stopping) || conn->phase == CONN_BLOCKED)
		return true;
	return conn->phase == CONN_READING &&
	       (conn->served == 0 || !stream_is_idle(&conn->stream));
}

/* From the owner to whoever gets the next event; false: one came already. */
static bool
leave(struct conn_shared *shared, struct conn *conn)
{
	int busy = CONN_BUSY;

	atomic_store(&conn->overdue_ms, overdue_at(shared, conn));
	if (atomic_compare_exchange_strong(&conn->state, &busy, CONN_PARKED))
		return true;
	atomic_store(&conn->state, CONN_BUSY);
	return false;
}

/*
 * Nothing to do until an event comes.  True: the connection is parked (or
 * closed) and not the caller's any more.  False: an event has come meanwhile,
 * and the caller, still the owner, looks again.
 */
static bool
conn_park(struct conn_shared *shared, struct conn *conn)
{
	if (!may_park(shared, conn) || !conn_watch(shared, conn)) {
		conn_close(shared, conn);
		return true;
	}
	if (stream_is_idle(&conn->stream) || conn->phase == CONN_DRAINING)
		room_leave(shared, conn);
	return leave(shared, conn);
}

static bool
is_room_used_up(struct conn *conn)
{
	struct room *room = conn->room;

	if (room == NULL)
		return true;
	if (room->from < room->to)
		room->from += stream_late_end(&conn->stream,
		    room->bytes + room->from, room->to - room->from);
	return room->from == room->to;
}

/* Will an event tell of whatever is still to be read? */
static bool
is_read_up(struct conn *conn)
{
	return conn->phase == CONN_READING && stream_is_idle(&conn->stream) &&
	       is_room_used_up(conn) && !conn->may_have_more &&
	       !conn->has_ended;
}

/* The events are set while it is owned: its descriptor is still its own. */
bool
conn_go_last(struct conn_shared *shared, struct conn *conn)
{
	if (!is_read_up(conn) || atomic_load(&shared->is_stopping) ||
	    !conn_watch(shared, conn))
		return false;
	room_leave(shared, conn);
	conn->in_a_row = 0;
	return leave(shared, conn) ||
	       (set_events(shared, conn, EPOLL_CTL_MOD) && leave(shared, conn));
}

static bool
send_now(const struct conn *conn, const void *bytes, size_t len)
{
	return send(conn->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)len;
}

/*
 * Our side is shut, and the peer's bytes are read and thrown away: a plain
 * close with bytes unread would reset the connection and take the answer
 * with it.
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
	char waste[ROOM_BYTES_MAX];

	while (conn->drained < DRAIN_MAX) {
		ssize_t got =
		    recv(conn->fd, waste, sizeof(waste), MSG_DONTWAIT);

		if (got > 0) {
			conn->drained += (size_t)got;
		} else if (got < 0 && errno == EAGAIN) {
			if (conn_park(shared, conn))
				return CONN_IS_GONE;
		} else if (got == 0 || errno != EINTR) {
			break;
		}
	}
	conn_close(shared, conn);
	return CONN_IS_GONE;
}

static void
add_record(struct buf *buf, uint8_t type, uint16_t id, struct str content)
{
	uint8_t header[FCGI_REC_HEADER];

	stream_write_header(header, type, id, content.len);
	buf_add(buf, (struct str){ (const char *)header, sizeof(header) });
	buf_add(buf, content);
}

/* Our answer to what never becomes a request: written without libfcgi. */
static void
send_refusal(const struct conn *conn, struct arena *arena)
{
	static const char end[8] = { 0 };
	struct reply reply = reply_open(arena);
	struct buf records = buf_open(arena, REPLY_MAX);
	struct reply_text text;

	answer_write(&reply, conn->stream.refusal);
	text = reply_render(&reply, true);
	add_record(&records, FCGI_REC_STDOUT, conn->stream.id, text.head);
	add_record(&records, FCGI_REC_STDOUT, conn->stream.id, text.body);
	add_record(&records, FCGI_REC_STDOUT, conn->stream.id, STR_NONE);
	add_record(&records, FCGI_REC_END, conn->stream.id,
	    (struct str){ end, sizeof(end) });
	send_now(conn, records.ptr, records.len);
}

/* May an answer be written without waiting for the peer? */
static bool
has_answer_room(const struct conn *conn)
{
	struct pollfd poller = { .fd = conn->fd, .events = POLLOUT };

	/* a connection that nothing was ever written to has room */
	return (conn->served == 0 && !conn->has_replied) ||
	       poll(&poller, 1, 0) == 1;
}

static void
log_closed(const char *reason)
{
	log_event(
	    LOG_WARN, "connection closed", log_text("reason", reason), LOG_END);
}

/*
 * Bytes from the peer into the room.  False: none are there, and the
 * connection is parked or closed.
 */
static bool
conn_receive(struct conn_shared *shared, struct conn *conn)
{
	for (;;) {
		ssize_t got = -1;

		if (conn->room == NULL)
			conn->room = room_take(&shared->rooms);
		if (conn->room != NULL)
			got = recv(conn->fd, conn->room->bytes,
			    sizeof(conn->room->bytes), MSG_DONTWAIT);
		if (got > 0) {
			conn->stream.room = &conn->room->request;
			conn->room->from = 0;
			conn->room->to = (size_t)got;
			conn->may_have_more = got == ROOM_BYTES_MAX;
			if (stream_is_idle(&conn->stream))
				conn->began_ms = clock_ms();
			if (!conn->stream.is_open)
				conn->strayed += (size_t)got;
			if (conn->strayed < STRAY_MAX)
				return true;
			log_closed("its records belong to no request");
			conn_close(shared, conn);
			return false;
		}
		if (got < 0 && conn->room != NULL && errno == EINTR)
			continue;
		if (got == 0 || conn->room == NULL || errno != EAGAIN) {
			conn_close(shared, conn);
			return false;
		}
		if (conn_park(shared, conn))
			return false;
	}
}

/* What the received bytes come to. */
static enum stream_verdict
conn_feed(struct conn *conn)
{
	struct room *room = conn->room;
	enum stream_verdict verdict;
	size_t used;

	if (room == NULL || room->from == room->to)
		return STREAM_MORE;
	verdict = stream_feed(&conn->stream, room->bytes + room->from,
	    room->to - room->from, &used);
	room->from += used;
	return verdict;
}

static enum conn_progress
conn_whole(struct conn_shared *shared, struct conn *conn)
{
	if (conn->phase == CONN_READING)
		conn->whole_ms = clock_ms();
	conn->strayed = 0;
	while (!has_answer_room(conn)) {
		conn->phase = CONN_BLOCKED;
		if (conn_park(shared, conn))
			return CONN_IS_GONE;
	}
	conn->phase = CONN_WHOLE;
	return CONN_IS_WHOLE;
}

/* A record that we answer ourselves; false: the connection ends with it. */
static bool
send_reply(struct conn *conn)
{
	conn->has_replied = true;
	return send_now(conn, conn->stream.reply, conn->stream.reply_len) &&
	       !conn->stream.ends_after;
}

enum conn_progress
conn_advance(struct conn_shared *shared, struct conn *conn, struct arena *arena)
{
	if (conn->phase == CONN_DRAINING)
		return conn_drain(shared, conn);
	if (conn->phase != CONN_READING)
		return conn_whole(shared, conn);
	for (;;) {
		switch (conn_feed(conn)) {
		case STREAM_WHOLE:
			return conn_whole(shared, conn);
		case STREAM_MORE:
			if (!conn_receive(shared, conn))
				return CONN_IS_GONE;
			break;
		case STREAM_REPLY:
			if (send_reply(conn))
				break;
			drain_begin(conn);
			return conn_drain(shared, conn);
		case STREAM_REFUSE:
			send_refusal(conn, arena);
			drain_begin(conn);
			return conn_drain(shared, conn);
		case STREAM_BAD:
			log_closed(conn->stream.bad);
			conn_close(shared, conn);
			return CONN_IS_GONE;
		}
	}
}

/*
 * Is the peer sure to send no more?  It is once it has ended its STDIN; an
 * authorizer's request has none, and what else could come lies there already.
 */
static bool
peer_is_done(struct conn *conn)
{
	char byte;

	conn_feed(conn);
	if (conn->room->from != conn->room->to)
		return false;
	if (conn->stream.role != FCGI_REC_AUTHORIZER)
		return conn->stream.is_peer_done;
	return conn->stream.is_peer_done ||
	       recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) <= 0;
}

bool
conn_answered(struct conn_shared *shared, struct conn *conn, bool is_sound)
{
	bool keeps = conn->stream.keeps;

	request_wipe(conn);
	stream_next(&conn->stream);
	conn->phase = CONN_READING;
	conn->served++;
	conn->in_a_row++;
	if (is_sound && keeps)
		return true;
	if (!is_sound || peer_is_done(conn)) {
		conn_close(shared, conn);
		return false;
	}
	drain_begin(conn);
	return true;
}

void
conn_expire(struct conn_shared *shared, struct conn *conn)
{
	if (conn->phase == CONN_BLOCKED)
		log_closed("the peer does not read its answer");
	else if (conn->phase == CONN_READING && !stream_is_idle(&conn->stream))
		log_closed("the request did not come in time");
	conn_close(shared, conn);
}
