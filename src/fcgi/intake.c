/*
 * The transport of all connections: one epoll set, who is let in, who is
 * served next.  One connection's life is fcgi/conn.c's.
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

enum { FD_MAX = 65536 };
enum { IN_A_ROW_MAX = 8 }; /* then others have their turn */

struct intake {
	struct intake_options options;
	struct conn_shared shared;
	size_t conn_count; /* records there are: one a possible descriptor */
	struct conn *conns;
	_Atomic int highest_fd; /* that ever was a connection */
	struct door door;
	struct crowd crowd;
};

/*
 * What an event is about, in epoll_data.u64: the descriptor of a connection,
 * or one of these with a number.
 */
#define EVENT_LISTENER (UINT64_C(1) << 32)
#define EVENT_TIMER (UINT64_C(2) << 32)
#define EVENT_WAKE (UINT64_C(3) << 32)
#define EVENT_KIND(data) ((data) & (UINT64_C(0xffff) << 32))

static bool
set_add(struct intake *intake, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	return epoll_ctl(intake->shared.epoll_fd, EPOLL_CTL_ADD, fd, &event) ==
	       0;
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
announce(struct intake_seat *seat)
{
	door_announce(&seat->intake->door, seat->listener);
	seat->listener = NULL;
}

/* accept(2) has failed. */
static void
accept_failed(struct intake_seat *seat, int why)
{
	if (why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM)
		door_shut(&seat->intake->door, strerror(why));
	else if (why != EAGAIN) /* that one is gone; others may wait */
		announce(seat);
	seat->listener = NULL;
}

/* Has had its turn: it goes on once others had theirs. */
static void
turn_ends(struct intake *intake, struct conn *conn)
{
	conn->in_a_row = 0;
	place_wait_until(intake->options.places, &conn->waiter, clock_ms());
}

/*
 * The connection is ours, unless it went on meanwhile, or is another one by
 * now: then it is put back.
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

/* One connection too many is open: closes the first that may be closed. */
static void
make_room(struct intake *intake)
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
 * The next one that waits at the seat's listener.  NULL: nobody does, or
 * nobody may be let in (the seat has no listener then), or that one may not.
 */
static struct conn *
conn_accept(struct intake_seat *seat)
{
	struct intake *intake = seat->intake;
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	struct conn *conn;
	int fd;

	if (atomic_load(&intake->shared.is_stopping)) {
		seat->listener = NULL;
		return NULL;
	}
	fd = accept4(seat->listener->fd, (struct sockaddr *)&peer, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		accept_failed(seat, errno);
		return NULL;
	}
	if ((size_t)fd >= intake->conn_count || !listen_peer_may(&peer)) {
		close(fd);
		return NULL;
	}
	conn = &intake->conns[fd];
	conn_open(&intake->shared, conn, fd, seat->listener,
	    intake->options.connections);
	note_highest(intake, fd);
	if (atomic_load(&intake->shared.live) > intake->options.connections)
		make_room(intake);
	if (is_crowded(intake) && !crowd_has_more(&intake->crowd)) {
		door_shut(&intake->door, "[server] connections are used up");
		seat->listener = NULL;
	}
	return conn;
}

/* To be served now; NULL: see conn_accept, or others have their turn. */
static struct conn *
accept_in_a_row(struct intake_seat *seat)
{
	if (seat->accepted++ < IN_A_ROW_MAX)
		return conn_accept(seat);
	announce(seat);
	return NULL;
}

/*
 * All of them get in line now: told of one by one, each would wait behind all
 * who are in line already.
 */
void
intake_pass_on(struct intake_seat *seat)
{
	struct intake *intake = seat->intake;

	for (int i = 0; i < IN_A_ROW_MAX && seat->listener != NULL; i++) {
		struct conn *conn = conn_accept(seat);

		if (conn != NULL && !park_last(&intake->shared, conn))
			turn_ends(intake, conn);
	}
	if (seat->listener != NULL)
		announce(seat);
}

static struct conn *
conn_of(struct place_waiter *waiter)
{
	if (waiter == NULL)
		return NULL;
	return (struct conn *)(void *)((char *)waiter -
				       offsetof(struct conn, waiter));
}

/* Others may be due as well: see intake_at_hand. */
static struct conn *
next_due(struct intake_seat *seat)
{
	struct conn *conn = conn_of(place_next_due(seat->desk, clock_ms()));

	seat->due_left = conn == NULL ? 0 : seat->due_left - 1;
	return conn;
}

static struct conn *
timer_fired(struct intake_seat *seat)
{
	eventfd_t count;

	eventfd_read(places_timer_fd(seat->desk->places), &count);
	seat->due_left = IN_A_ROW_MAX;
	return next_due(seat);
}

/* One at a time: another that the seat has is left to others. */
static void
listener_calls(struct intake_seat *seat, uint32_t number)
{
	const struct listener *listener =
	    &seat->intake->options.listeners->all[number];

	if (seat->listener == listener)
		return;
	if (seat->listener != NULL)
		announce(seat);
	seat->listener = listener;
	seat->accepted = seat->parked = 0;
}

/* A connection of ours, or NULL. */
static struct conn *
event_came(struct intake_seat *seat, const struct epoll_event *event)
{
	struct conn *conn;

	switch (EVENT_KIND(event->data.u64)) {
	case EVENT_LISTENER:
		listener_calls(seat, (uint32_t)event->data.u64);
		return NULL;
	case EVENT_TIMER:
		return timer_fired(seat);
	case EVENT_WAKE:
		return NULL;
	}
	conn = &seat->intake->conns[event->data.u64];
	if (!park_claim(conn))
		return NULL;
	if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		conn->may_have_more = true;
	return conn;
}

/* One event, awaited or looked for; see event_came.  False: none. */
static bool
next_event(struct intake_seat *seat, int wait_ms, struct conn **conn)
{
	struct epoll_event event;

	if (epoll_wait(seat->intake->shared.epoll_fd, &event, 1, wait_ms) != 1)
		return false;
	*conn = event_came(seat, &event);
	return true;
}

/*
 * The connection's request, if that is whole; else it is parked or closed, and
 * the place that it may have been granted is given back.
 */
static struct conn *
advance(struct intake_seat *seat, struct conn *conn)
{
	struct conn_shared *shared = &seat->intake->shared;

	arena_reset(seat->arena);
	if (conn != NULL &&
	    conn_advance(shared, conn, seat->arena) == CONN_IS_WHOLE)
		return conn;
	places_give_back(seat->desk);
	return NULL;
}

/* Counts whom the seat accepted too soon, since they were here first. */
static struct conn *
accept_and_advance(struct intake_seat *seat)
{
	struct conn *accepted = accept_in_a_row(seat);
	struct conn *conn = advance(seat, accepted);

	seat->parked += accepted != NULL && conn == NULL;
	return conn;
}

static struct conn *
event_or_accept(struct intake_seat *seat)
{
	struct conn *conn = NULL;

	if (seat->parked > 0 && next_event(seat, 0, &conn)) {
		seat->parked--;
		return advance(seat, conn);
	}
	return accept_and_advance(seat);
}

struct conn *
intake_at_hand(struct intake_seat *seat)
{
	struct conn *conn = advance(seat, seat->current);

	seat->current = NULL;
	while (conn == NULL && seat->due_left > 0)
		conn = advance(seat, next_due(seat));
	while (conn == NULL && seat->listener != NULL)
		conn = event_or_accept(seat);
	return conn;
}

struct conn *
intake_wait(struct intake_seat *seat)
{
	struct conn *conn = NULL;

	intake_pass_on(seat);
	next_event(seat, -1, &conn);
	return advance(seat, conn);
}

bool
intake_is_finished(const struct intake *intake)
{
	return atomic_load(&intake->shared.is_stopping) &&
	       atomic_load(&intake->shared.live) == 0;
}

void
intake_answer(struct intake_seat *seat, struct conn *conn, struct str records)
{
	struct intake *intake = seat->intake;

	if (!conn_answer(&intake->shared, conn, records) ||
	    park_last(&intake->shared, conn))
		return;
	if (conn->in_a_row < IN_A_ROW_MAX)
		seat->current = conn;
	else
		turn_ends(intake, conn);
}

bool
intake_step_back(struct intake_seat *seat, struct conn *conn, int64_t due_ms)
{
	if (due_ms <= clock_ms())
		return false;
	if (seat->desk->lacking == PLACE_KINDS) {
		place_wait_until(
		    seat->intake->options.places, &conn->waiter, due_ms);
		return true;
	}
	switch (place_wait(seat->desk, &conn->waiter, due_ms)) {
	case PLACE_QUEUED:
		return true;
	case PLACE_NOW:
		seat->current = conn;
		return true;
	case PLACE_CROWDED:
		break;
	}
	return false;
}

bool
intake_hold(struct intake_seat *seat, struct conn *conn, struct str records,
    int64_t due_ms)
{
	if (!conn_hold(conn, records, due_ms))
		return false;
	place_wait_until(seat->desk->places, &conn->waiter, due_ms);
	return true;
}

/* Between the look and the claim it may have gone on: then it is not late. */
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

	for (int fd = 0; fd <= highest_fd; fd++) {
		struct conn *conn = &intake->conns[fd];

		if (atomic_load(&conn->state) == CONN_PARKED &&
		    atomic_load(&conn->overdue_ms) <= now_ms)
			expire(intake, conn, now_ms);
	}
	door_watch(&intake->door,
	    is_crowded(intake) && !crowd_gather(&intake->crowd, intake->conns,
				      highest_fd, now_ms),
	    now_ms);
}

void
intake_stop(struct intake *intake)
{
	int highest_fd;

	atomic_store(&intake->shared.is_stopping, true);
	door_shut_for_good(&intake->door);
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
	rooms_open(&shared->rooms);
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
	    !door_open(&intake->door, intake->shared.epoll_fd, EVENT_LISTENER,
		options->listeners)) {
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
	rooms_close(&intake->shared.rooms);
	if (intake->shared.epoll_fd >= 0)
		close(intake->shared.epoll_fd);
	if (intake->shared.wake_fd >= 0)
		close(intake->shared.wake_fd);
	door_close(&intake->door);
	crowd_close(&intake->crowd);
	free(intake->conns);
	free(intake);
}
