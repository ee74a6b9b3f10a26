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
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/crowd.h"
#include "fcgi/acceptor.h"
#include "fcgi/intake.h"
#include "fcgi/park.h"

enum { FD_MAX = 65536, IN_A_ROW_MAX = 8 /* then others have a turn */ };

struct intake {
	struct intake_options options;
	struct conn_shared shared;
	size_t conn_count; /* structs: one for each possible descriptor */
	struct conn *conns;
	_Atomic int highest_fd; /* highest descriptor of a connection so far */
	struct acceptor acceptor;
	struct crowd crowd;
};

/* epoll_data.u64: a connection's descriptor, or one of these plus a number. */
#define EVENT_LISTENER (UINT64_C(1) << 32)
#define EVENT_TIMER (UINT64_C(2) << 32)
#define EVENT_WAKE (UINT64_C(3) << 32)
#define EVENT_KIND(data) ((data) & (UINT64_C(0xffff) << 32))

static bool
set_add(struct intake *intake, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	return !epoll_ctl(intake->shared.epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool
is_crowded(const struct intake *intake)
{
	return atomic_load(&intake->shared.live) >= intake->options.connections;
}

static void
note_highest(struct intake *intake, int fd)
{
	int highest = atomic_load(&intake->highest_fd);

	while (highest < fd &&
	       !atomic_compare_exchange_weak(&intake->highest_fd, &highest, fd))
		;
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
		acceptor_shut(&worker->intake->acceptor, strerror(why));
	else if (why != EAGAIN) /* only this one failed; others wait */
		announce(worker);
	worker->listener = NULL;
	return NULL;
}

/* Ends the turn of the connection: it continues after others that are due. */
static void
turn_ends(struct intake *intake, struct conn *conn)
{
	conn->in_a_row = 0;
	place_wait_until(intake->options.places, &conn->waiter, clock_ms());
}

/*
 * Claims a parked connection for eviction.  False if it has gone on meanwhile,
 * or is another connection by now; then it is put back.
 */
static bool
claim_ranked(struct intake *intake, struct conn *conn, int64_t rank)
{
	if (atomic_load(&conn->rank) != rank || !park_claim_parked(conn))
		return false;
	if (atomic_load(&conn->rank) == rank)
		return true;
	turn_ends(intake, conn);
	return false;
}

/* One connection too many is open: evicts the first candidate. */
static void
evict_one(struct intake *intake)
{
	struct crowd_row row;

	while (crowd_next(&intake->crowd, &row)) {
		struct conn *conn = &intake->conns[row.fd];

		if (!claim_ranked(intake, conn, row.rank))
			continue;
		conn_close(&intake->shared, conn);
		log_event(LOG_WARN, "connections closed",
		    log_text("reason", "[server] connections are used up"),
		    LOG_END);
		return;
	}
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

	if (atomic_load(&intake->shared.is_stopping)) {
		worker->listener = NULL;
		return NULL;
	}
	fd = accept4(worker->listener->fd, (struct sockaddr *)&peer, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return accept_failed(worker, errno);
	if ((size_t)fd >= intake->conn_count || !listen_peer_may(&peer)) {
		close(fd);
		return NULL;
	}
	conn = &intake->conns[fd];
	conn_open(&intake->shared, conn, fd, worker->listener,
	    intake->options.connections);
	note_highest(intake, fd);
	if (atomic_load(&intake->shared.live) > intake->options.connections)
		evict_one(intake);
	if (is_crowded(intake) && !crowd_has_more(&intake->crowd)) {
		acceptor_shut(
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

		if (conn != NULL && !park_last(&intake->shared, conn))
			turn_ends(intake, conn);
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

/* Others may be due too: see due_left. */
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

/* One listener a worker: the previous one is re-armed, for others. */
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

/* A connection that the worker owns now, or NULL. */
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
	case EVENT_WAKE:
		return NULL;
	}
	conn = &worker->intake->conns[event->data.u64];
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
	int epoll_fd = worker->intake->shared.epoll_fd;
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
	struct conn_shared *shared = &worker->intake->shared;

	arena_reset(worker->arena);
	if (conn != NULL &&
	    conn_advance(shared, conn, worker->arena) == CONN_IS_WHOLE)
		return conn;
	places_give_back(worker->claims);
	return NULL;
}

/* Accepted connections that had to be parked: their events come first. */
static struct conn *
accept_and_advance(struct intake_worker *worker)
{
	struct conn *accepted = accept_in_a_row(worker);
	struct conn *conn = advance(worker, accepted);

	worker->parked += accepted != NULL && conn == NULL;
	return conn;
}

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
	return atomic_load(&intake->shared.is_stopping) &&
	       atomic_load(&intake->shared.live) == 0;
}

void
intake_answer(
    struct intake_worker *worker, struct conn *conn, struct str records)
{
	struct intake *intake = worker->intake;

	if (!conn_answer(&intake->shared, conn, records) ||
	    park_last(&intake->shared, conn))
		return;
	if (conn->in_a_row < IN_A_ROW_MAX)
		worker->current = conn;
	else
		turn_ends(intake, conn);
}

bool
intake_requeue(struct intake_worker *worker, struct conn *conn, int64_t due_ms)
{
	if (due_ms <= clock_ms())
		return false;
	if (worker->claims->lacking == PLACE_KINDS) {
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

/* If the connection went on before the claim it is not overdue. */
static void
expire(struct intake *intake, struct conn *conn, int64_t now_ms)
{
	if (!park_claim_parked(conn))
		return;
	if (atomic_load(&conn->overdue_ms) <= now_ms)
		conn_expire(&intake->shared, conn);
	else
		turn_ends(intake, conn);
}

void
intake_watch(struct intake *intake)
{
	int64_t now_ms = clock_ms();
	int highest_fd = atomic_load(&intake->highest_fd);

	gauge_set(GAUGE_CONNECTIONS, atomic_load(&intake->shared.live));
	for (int fd = 0; fd <= highest_fd; fd++) {
		struct conn *conn = &intake->conns[fd];

		if (atomic_load(&conn->state) == CONN_PARKED &&
		    atomic_load(&conn->overdue_ms) <= now_ms)
			expire(intake, conn, now_ms);
	}
	acceptor_watch(&intake->acceptor,
	    is_crowded(intake) && !crowd_gather(&intake->crowd, intake->conns,
				      highest_fd, now_ms),
	    now_ms);
}

void
intake_stop(struct intake *intake)
{
	int highest_fd;

	atomic_store(&intake->shared.is_stopping, true);
	acceptor_shut_for_good(&intake->acceptor);
	highest_fd = atomic_load(&intake->highest_fd);
	for (int fd = 0; fd <= highest_fd; fd++)
		if (park_claim_parked(&intake->conns[fd]))
			turn_ends(intake, &intake->conns[fd]);
	if (intake_is_finished(intake))
		eventfd_write(intake->shared.wake_fd, 1);
}

static size_t
possible_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > FD_MAX)
		return FD_MAX;
	return (size_t)limit.rlim_cur;
}

static void
shared_open(struct conn_shared *shared, const struct intake_options *options)
{
	shared->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	shared->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->read_timeout_ms = options->read_timeout_ms;
	shared->write_timeout_ms = options->write_timeout_ms;
	shared->idle_ms = options->idle_ms;
	buffer_pool_open(&shared->buffer_pool);
}

struct intake *
intake_open(const struct intake_options *options)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (intake == NULL)
		return NULL;
	intake->options = *options;
	shared_open(&intake->shared, options);
	intake->conn_count = possible_descriptors();
	intake->conns = calloc(intake->conn_count, sizeof(*intake->conns));
	if (!crowd_open(&intake->crowd, intake->conn_count) ||
	    intake->conns == NULL || intake->shared.epoll_fd < 0 ||
	    intake->shared.wake_fd < 0 ||
	    !set_add(intake, intake->shared.wake_fd, EPOLLIN, EVENT_WAKE) ||
	    !set_add(intake, places_timer_fd(options->places),
		EPOLLIN | EPOLLEXCLUSIVE, EVENT_TIMER) ||
	    !acceptor_open(&intake->acceptor, intake->shared.epoll_fd,
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
	buffer_pool_close(&intake->shared.buffer_pool);
	if (intake->shared.epoll_fd >= 0)
		close(intake->shared.epoll_fd);
	if (intake->shared.wake_fd >= 0)
		close(intake->shared.wake_fd);
	acceptor_close(&intake->acceptor);
	crowd_close(&intake->crowd);
	free(intake->conns);
	free(intake);
}
