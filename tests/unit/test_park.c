/* fcgi/park: no event is lost between two owners, nor is an end of stream */
#include "config.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/park.h"
#include "fed.h"

enum { KEEP = 1 };

/* One accepted connection, its peer, and the events that were reported of it.
 */
static struct {
	struct conn_shared shared;
	struct listener listener;
	struct conn conn;
	struct arena *arena;
	int peer;
} line;

static int
open_line(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
		return -1;
	line.shared = (struct conn_shared){ .epoll_fd = epoll_create1(0),
		.wake_fd = -1,
		.read_timeout_ms = 1000,
		.write_timeout_ms = 1000,
		.idle_ms = 1000 };
	buffer_pool_open(&line.shared.buffer_pool);
	line.conn = (struct conn){ .state = CONN_FREE };
	line.arena = arena_open();
	line.peer = pair[1];
	conn_open(&line.shared, &line.conn, pair[0], &line.listener, MAX_CONNS);
	return line.shared.epoll_fd < 0 || line.arena == NULL;
}

static int
close_line(void **state)
{
	(void)state;
	if (atomic_load(&line.conn.state) != CONN_FREE)
		conn_close(&line.shared, &line.conn);
	close(line.peer);
	close(line.shared.epoll_fd);
	buffer_pool_close(&line.shared.buffer_pool);
	arena_close(line.arena);
	return 0;
}

static bool
is_parked(void)
{
	return atomic_load(&line.conn.state) == CONN_PARKED;
}

/* Another thread receives an event; true: it owns the connection now. */
static bool
event_comes(void)
{
	struct epoll_event event;

	assert_int_equal(epoll_wait(line.shared.epoll_fd, &event, 1, 0), 1);
	if (!park_claim(&line.conn))
		return false;
	if (event.events & EPOLLRDHUP)
		line.conn.may_have_more = true;
	return true;
}

static void
assert_no_event(void)
{
	struct epoll_event event;

	assert_int_equal(epoll_wait(line.shared.epoll_fd, &event, 1, 0), 0);
}

static enum conn_progress
advance(void)
{
	return conn_advance(&line.shared, &line.conn, line.arena);
}

static void
peer_sends_request(void)
{
	struct wire wire = { .len = 0 };

	add_request(&wire, KEEP, "0", "");
	assert_int_equal(send(line.peer, wire.bytes, wire.len, 0), wire.len);
	free(wire.bytes);
}

static bool
answer_and_park(void)
{
	assert_true(conn_answer(&line.shared, &line.conn, STR("an answer")));
	return park_last(&line.shared, &line.conn);
}

/* Parked at its first wait, as one that was accepted before its bytes came. */
static void
park_silent(void)
{
	assert_int_equal(advance(), CONN_IS_GONE);
	assert_true(is_parked());
}

static void
a_kept_connection_is_parked_without_a_recv(void **state)
{
	(void)state;
	park_silent();
	peer_sends_request();
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_true(answer_and_park());
	assert_no_event();
	shutdown(line.peer, SHUT_WR);
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_GONE);
	assert_int_equal(atomic_load(&line.conn.state), CONN_FREE);
}

/* The end has been reported together with the request: no event is to come. */
static void
an_end_that_came_with_the_request_is_seen(void **state)
{
	(void)state;
	park_silent();
	peer_sends_request();
	shutdown(line.peer, SHUT_WR);
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_false(answer_and_park());
	assert_int_equal(advance(), CONN_IS_GONE);
	assert_int_equal(atomic_load(&line.conn.state), CONN_FREE);
}

/*
 * The owner has found nothing to read; before it is parked, a request and the
 * end come, and the event leaves its mark.
 */
static void
an_end_whose_event_met_an_owner_is_seen(void **state)
{
	(void)state;
	park_silent();
	assert_true(park_claim(&line.conn));
	peer_sends_request();
	shutdown(line.peer, SHUT_WR);
	assert_false(event_comes());
	assert_false(park_wait(&line.shared, &line.conn));
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_no_event();
	assert_false(answer_and_park());
	assert_int_equal(advance(), CONN_IS_GONE);
	assert_int_equal(atomic_load(&line.conn.state), CONN_FREE);
}

/* The next request came while the first was served: it is reported anew. */
static void
a_request_whose_event_met_an_owner_is_reported_anew(void **state)
{
	(void)state;
	park_silent();
	peer_sends_request();
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	peer_sends_request();
	assert_false(event_comes());
	assert_true(answer_and_park());
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_true(answer_and_park());
	assert_no_event();
}

/* Held back until its time, while its peer sends the next and ends. */
static void
a_held_answer_is_followed_by_what_came_meanwhile(void **state)
{
	(void)state;
	park_silent();
	peer_sends_request();
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_true(conn_hold(&line.conn, STR("an answer"), 1));
	peer_sends_request();
	shutdown(line.peer, SHUT_WR);
	assert_false(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_true(conn_answer(&line.shared, &line.conn, STR("an answer")));
	assert_false(park_last(&line.shared, &line.conn));
	assert_int_equal(advance(), CONN_IS_GONE);
	assert_int_equal(atomic_load(&line.conn.state), CONN_FREE);
}

static void
a_held_answer_whose_peer_is_gone_is_dropped(void **state)
{
	(void)state;
	park_silent();
	peer_sends_request();
	assert_true(event_comes());
	assert_int_equal(advance(), CONN_IS_WHOLE);
	assert_true(conn_hold(&line.conn, STR("an answer"), 1));
	close(line.peer);
	assert_false(event_comes());
	assert_int_equal(advance(), CONN_IS_GONE);
	assert_int_equal(atomic_load(&line.conn.state), CONN_FREE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_kept_connection_is_parked_without_a_recv, open_line,
		    close_line),
		cmocka_unit_test_setup_teardown(
		    an_end_that_came_with_the_request_is_seen, open_line,
		    close_line),
		cmocka_unit_test_setup_teardown(
		    an_end_whose_event_met_an_owner_is_seen, open_line,
		    close_line),
		cmocka_unit_test_setup_teardown(
		    a_request_whose_event_met_an_owner_is_reported_anew,
		    open_line, close_line),
		cmocka_unit_test_setup_teardown(
		    a_held_answer_is_followed_by_what_came_meanwhile, open_line,
		    close_line),
		cmocka_unit_test_setup_teardown(
		    a_held_answer_whose_peer_is_gone_is_dropped, open_line,
		    close_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
