/*
 * The reactor (epoll loop): accepts connections and chooses the next one to
 * serve.  fcgi/conn.c handles a single connection.
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/acceptor.h"
#include "fcgi/conn_table.h"
#include "fcgi/handoff.h"
#include "fcgi/intake.h"
#include "fcgi/park.h"

enum { IN_A_ROW_MAX = 8 /* then others have a turn */ };

struct intake {
	struct intake_options options;
	struct conn_table table;
	struct acceptor acceptor;
	int predecessor; /* channel from which connections are adopted */
};

/* epoll_data.u64: a connection's descriptor, or one of these plus a number. */
#define EVENT_LISTENER (UINT64_C(1) << 32)
#define EVENT_TIMER (UINT64_C(2) << 32)
#define EVENT_WAKE (UINT64_C(3) << 32)
#define EVENT_HANDOFF (UINT64_C(4) << 32)
#define EVENT_KIND(data) ((data) & (UINT64_C(0xffff) << 32))

static bool
set_add(struct intake *intake, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	return !epoll_ctl(
	    intake->table.shared.epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void
announce(struct intake_worker *worker)
{
	acceptor_announce(&worker->intake->acceptor, worker->listener);
	worker->listener = NULL;
}

/* Handles a failed accept(2).  Always NULL: no connection. */
static struct conn *
accept_failed(struct intake_worker *worker, int why)
{
	if (why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM)
		acceptor_pause(&worker->intake->acceptor, strerror(why));
	else if (why != EAGAIN) /* only this one failed; more may be pending */
		announce(worker);
	worker->listener = NULL;
	return NULL;
}

/*
 * The next pending connection of worker->listener.  NULL: none is pending, none
 * may be accepted now (listener is NULL then), or this one was refused.
 */
static struct conn *
conn_accept(struct intake_worker *worker)
{
	struct intake *intake = worker->intake;
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	struct conn *conn;
	int fd;

	if (atomic_load(&intake->table.shared.is_stopping)) {
		worker->listener = NULL;
		return NULL;
	}
	fd = accept4(worker->listener->fd, (struct sockaddr *)&peer, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return accept_failed(worker, errno);
	if (!listen_peer_may(&peer)) {
		close(fd);
		return NULL;
	}
	conn = conn_table_admit(&intake->table, fd, worker->listener);
	if (conn_table_is_full(&intake->table)) {
		acceptor_pause(
		    &intake->acceptor, "[server] connections are used up");
		worker->listener = NULL;
	}
	return conn;
}

/* Calls conn_accept; after IN_A_ROW_MAX it leaves the listener to others. */
static struct conn *
accept_in_a_row(struct intake_worker *worker)
{
	if (worker->accepted++ < IN_A_ROW_MAX)
		return conn_accept(worker);
	announce(worker);
	return NULL;
}

/*
 * Before blocking, accepts pending connections and queues them.  Re-arming the
 * listener instead would put each of them behind everybody already queued.
 */
void
intake_accept_pending(struct intake_worker *worker)
{
	struct intake *intake = worker->intake;

	for (int i = 0; i < IN_A_ROW_MAX && worker->listener != NULL; i++) {
		struct conn *conn = conn_accept(worker);

		if (conn != NULL && !park_last(&intake->table.shared, conn))
			conn_table_turn_ends(&intake->table, conn);
	}
	if (worker->listener != NULL)
		announce(worker);
}

static struct conn *
conn_of(struct place_waiter *waiter)
{
	if (waiter == NULL)
		return NULL;
	return (struct conn *)(void *)((char *)waiter -
				       offsetof(struct conn, waiter));
}

/* The next due connection, or NULL.  due_left: how many more it may take. */
static struct conn *
next_due(struct intake_worker *worker)
{
	struct conn *conn = conn_of(place_next_due(worker->claims, clock_ms()));

	worker->due_left = conn == NULL ? 0 : worker->due_left - 1;
	return conn;
}

static struct conn *
timer_fired(struct intake_worker *worker)
{
	eventfd_t count;

	eventfd_read(places_timer_fd(worker->claims->places), &count);
	worker->due_left = IN_A_ROW_MAX;
	return next_due(worker);
}

/* A worker accepts from one listener at a time and re-arms the previous one. */
static void
listener_calls(struct intake_worker *worker, uint32_t number)
{
	const struct listener *listener =
	    &worker->intake->options.listeners->all[number];

	if (worker->listener == listener)
		return;
	if (worker->listener != NULL)
		announce(worker);
	worker->listener = listener;
	worker->accepted = worker->parked = 0;
}

/*
 * Takes the next connection from the predecessor.  NULL: there is none now, or
 * it cannot be admitted and was closed, or the channel has ended and was
 * removed from the epoll set.
 */
static struct conn *
adopt_next(struct intake *intake)
{
	const struct listeners *listeners = intake->options.listeners;
	struct handoff_conn came;
	struct conn *conn = NULL;

	switch (handoff_receive(intake->predecessor, &came, NULL)) {
	case HANDOFF_NOTHING:
	case HANDOFF_READY:
	case HANDOFF_FAILED:
		break;
	case HANDOFF_ENDED:
		epoll_ctl(intake->table.shared.epoll_fd, EPOLL_CTL_DEL,
		    intake->predecessor, NULL);
		break;
	case HANDOFF_CONN:
		if (came.listener < listeners->count)
			conn = conn_table_admit(&intake->table, came.fd,
			    &listeners->all[came.listener]);
		else
			close(came.fd);
		break;
	}
	if (conn != NULL)
		conn->served = came.is_kept;
	return conn;
}

/* Handles an event.  Returns a connection that the worker owns now, or NULL. */
static struct conn *
event_came(struct intake_worker *worker, const struct epoll_event *event)
{
	struct conn *conn;

	switch (EVENT_KIND(event->data.u64)) {
	case EVENT_LISTENER:
		listener_calls(worker, (uint32_t)event->data.u64);
		return NULL;
	case EVENT_TIMER:
		return timer_fired(worker);
	case EVENT_HANDOFF:
		return adopt_next(worker->intake);
	case EVENT_WAKE:
		return NULL;
	}
	conn = &worker->intake->table.conns[event->data.u64];
	if (!park_claim(conn))
		return NULL;
	if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		conn->may_have_more = true;
	return conn;
}

/* Takes one event (see event_came) within wait_ms; -1: no limit. */
static bool
next_event(struct intake_worker *worker, int wait_ms, struct conn **conn)
{
	int epoll_fd = worker->intake->table.shared.epoll_fd;
	struct epoll_event event;

	if (epoll_wait(epoll_fd, &event, 1, wait_ms) != 1)
		return false;
	*conn = event_came(worker, &event);
	return true;
}

/*
 * Returns conn if its request is whole.  Otherwise it is parked or closed, a
 * place granted to it is given back, and the result is NULL.
 */
static struct conn *
advance(struct intake_worker *worker, struct conn *conn)
{
	struct conn_shared *shared = &worker->intake->table.shared;

	arena_reset(worker->arena);
	if (conn != NULL &&
	    conn_advance(shared, conn, worker->arena) == CONN_IS_WHOLE)
		return conn;
	places_give_back(worker->claims);
	return NULL;
}

/* Counts accepted connections that were parked; see event_or_accept. */
static struct conn *
accept_and_advance(struct intake_worker *worker)
{
	struct conn *accepted = accept_in_a_row(worker);
	struct conn *conn = advance(worker, accepted);

	worker->parked += accepted != NULL && conn == NULL;
	return conn;
}

/* Takes events of connections accepted before, then accepts another one. */
static struct conn *
event_or_accept(struct intake_worker *worker)
{
	struct conn *conn = NULL;

	if (worker->parked > 0 && next_event(worker, 0, &conn)) {
		worker->parked--;
		return advance(worker, conn);
	}
	return accept_and_advance(worker);
}

struct conn *
intake_next_ready(struct intake_worker *worker)
{
	struct conn *conn = advance(worker, worker->current);

	worker->current = NULL;
	while (conn == NULL && worker->due_left > 0)
		conn = advance(worker, next_due(worker));
	while (conn == NULL && worker->listener != NULL)
		conn = event_or_accept(worker);
	return conn;
}

struct conn *
intake_wait(struct intake_worker *worker)
{
	struct conn *conn = NULL;

	intake_accept_pending(worker);
	next_event(worker, -1, &conn);
	return advance(worker, conn);
}

bool
intake_is_finished(const struct intake *intake)
{
	return atomic_load(&intake->table.shared.is_stopping) &&
	       atomic_load(&intake->table.shared.live) == 0;
}

void
intake_answer(
    struct intake_worker *worker, struct conn *conn, struct str records)
{
	struct intake *intake = worker->intake;

	if (!conn_answer(&intake->table.shared, conn, records) ||
	    park_last(&intake->table.shared, conn))
		return;
	if (conn->in_a_row < IN_A_ROW_MAX)
		worker->current = conn;
	else
		conn_table_turn_ends(&intake->table, conn);
}

bool
intake_requeue(struct intake_worker *worker, struct conn *conn, int64_t due_ms)
{
	if (due_ms <= clock_ms())
		return false;
	if (worker->claims->lacking == PLACE_NONE) {
		place_wait_until(
		    worker->intake->options.places, &conn->waiter, due_ms);
		return true;
	}
	switch (place_wait(worker->claims, &conn->waiter, due_ms)) {
	case PLACE_QUEUED:
		return true;
	case PLACE_NOW:
		worker->current = conn;
		return true;
	case PLACE_CROWDED:
		break;
	}
	return false;
}

bool
intake_hold(struct intake_worker *worker, struct conn *conn, struct str records,
    int64_t due_ms)
{
	if (!conn_hold(conn, records, due_ms))
		return false;
	place_wait_until(worker->claims->places, &conn->waiter, due_ms);
	return true;
}

void
intake_watch(struct intake *intake)
{
	int64_t now_ms = clock_ms();

	gauge_set(GAUGE_CONNECTIONS, atomic_load(&intake->table.shared.live));
	conn_table_watch(&intake->table, now_ms);
	acceptor_watch(&intake->acceptor,
	    !conn_table_find_evictable(&intake->table, now_ms), now_ms);
}

bool
intake_adopt(struct intake *intake, int channel)
{
	intake->predecessor = channel;
	return set_add(
	    intake, channel, EPOLLIN | EPOLLEXCLUSIVE, EVENT_HANDOFF);
}

void
intake_stop(struct intake *intake, int successor)
{
	atomic_store(&intake->table.shared.successor, successor);
	atomic_store(&intake->table.shared.is_stopping, true);
	acceptor_stop(&intake->acceptor);
	conn_table_wake_all(&intake->table);
	if (intake_is_finished(intake))
		eventfd_write(intake->table.shared.wake_fd, 1);
}

static void
shared_open(struct conn_shared *shared, const struct intake_options *options)
{
	shared->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	shared->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->read_timeout_ms = options->read_timeout_ms;
	shared->write_timeout_ms = options->write_timeout_ms;
	shared->idle_ms = options->idle_ms;
	atomic_init(&shared->successor, -1);
	buffer_pool_open(&shared->buffer_pool);
}

struct intake *
intake_open(const struct intake_options *options)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (intake == NULL)
		return NULL;
	intake->options = *options;
	shared_open(&intake->table.shared, options);
	if (!conn_table_open(
		&intake->table, options->places, options->connections) ||
	    intake->table.shared.epoll_fd < 0 ||
	    intake->table.shared.wake_fd < 0 ||
	    !set_add(
		intake, intake->table.shared.wake_fd, EPOLLIN, EVENT_WAKE) ||
	    !set_add(intake, places_timer_fd(options->places),
		EPOLLIN | EPOLLEXCLUSIVE, EVENT_TIMER) ||
	    !acceptor_open(&intake->acceptor, intake->table.shared.epoll_fd,
		EVENT_LISTENER, options->listeners)) {
		intake_close(intake);
		return NULL;
	}
	return intake;
}

void
intake_close(struct intake *intake)
{
	if (intake == NULL)
		return;
	buffer_pool_close(&intake->table.shared.buffer_pool);
	if (intake->table.shared.epoll_fd >= 0)
		close(intake->table.shared.epoll_fd);
	if (intake->table.shared.wake_fd >= 0)
		close(intake->table.shared.wake_fd);
	acceptor_close(&intake->acceptor);
	conn_table_close(&intake->table);
	free(intake);
}
