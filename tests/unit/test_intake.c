/* fcgi/intake: in which order one worker serves those that wait */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "fcgi/intake.h"
#include "fed.h"

enum { PEERS = 4, WAITING_MAX = 16 };

/* One listener, one worker, and its peers. */
static struct {
	struct listeners listeners;
	struct intake *intake;
	struct place_claims claims;
	struct intake_worker worker;
	int peers[PEERS];
} hall;

static struct sockaddr_un address;
static socklen_t address_len;

/* The kernel finds it a name (unix(7), autobind). */
static int
listen_anywhere(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address.sun_family)),
	    0);
	address_len = sizeof(address);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)&address, &address_len), 0);
	assert_int_equal(listen(fd, PEERS), 0);
	return fd;
}

static int
open_hall(void **state)
{
	static const int sizes[PLACE_KINDS] = {
		[PLACE_LOGIN] = 1, [PLACE_SQL] = 1
	};

	(void)state;
	hall.listeners.all[0].fd = listen_anywhere();
	hall.listeners.count = 1;
	hall.claims = (struct place_claims){ .places = places_open(
						 sizes, WAITING_MAX, 1) };
	hall.intake =
	    intake_open(&(struct intake_options){ .listeners = &hall.listeners,
		.places = hall.claims.places,
		.connections = MAX_CONNS,
		.read_timeout_ms = 10000,
		.write_timeout_ms = 10000,
		.idle_ms = 10000 });
	hall.worker = (struct intake_worker){ .intake = hall.intake,
		.claims = &hall.claims,
		.arena = arena_open() };
	return hall.intake == NULL || hall.worker.arena == NULL;
}

static int
close_hall(void **state)
{
	(void)state;
	for (int i = 0; i < PEERS; i++)
		close(hall.peers[i]);
	intake_stop(hall.intake, -1);
	while (!intake_is_finished(hall.intake)) {
		struct conn *conn = intake_next_ready(&hall.worker);

		if (conn == NULL)
			conn = intake_wait(&hall.worker);
		if (conn != NULL)
			intake_answer(&hall.worker, conn, STR_NONE);
	}
	intake_close(hall.intake);
	places_close(hall.claims.places);
	arena_close(hall.worker.arena);
	close(hall.listeners.all[0].fd);
	return 0;
}

static void
comes(int who)
{
	hall.peers[who] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
	    connect(hall.peers[who], (struct sockaddr *)&address, address_len),
	    0);
}

/* So many requests on a kept connection, in one piece. */
static void
asks(int who, int count)
{
	struct wire wire = { .len = 0 };

	while (count-- > 0)
		add_request(&wire, 1, "0", "");
	assert_int_equal(
	    send(hall.peers[who], wire.bytes, wire.len, 0), wire.len);
	free(wire.bytes);
}

/* The connection that the loop of a worker serves next. */
static int
next_served(void)
{
	struct conn *conn = intake_next_ready(&hall.worker);
	char answer;

	while (conn == NULL) {
		conn = intake_wait(&hall.worker);
		if (conn == NULL)
			conn = intake_next_ready(&hall.worker);
	}
	intake_answer(&hall.worker, conn, STR("x"));
	for (int who = 0; who < PEERS; who++)
		if (recv(hall.peers[who], &answer, 1, 0) == 1)
			return who;
	return -1;
}

/* Connected first, it asked before any other was accepted. */
static void
who_was_accepted_too_soon_is_not_overtaken(void **state)
{
	(void)state;
	for (int who = 0; who < PEERS; who++)
		comes(who);
	for (int who = 1; who < PEERS; who++)
		asks(who, 1);
	assert_null(intake_wait(&hall.worker)); /* the listener's event */
	assert_int_equal(next_served(), 1);	/* and 0 is parked */
	asks(0, 1);
	assert_int_equal(next_served(), 0);
	assert_int_equal(next_served(), 2);
	assert_int_equal(next_served(), 3);
}

/* Nobody is late: in the order of their connections. */
static void
those_whose_bytes_are_there_are_served_in_order(void **state)
{
	(void)state;
	for (int who = 0; who < PEERS; who++) {
		comes(who);
		asks(who, 1);
	}
	for (int who = 0; who < PEERS; who++)
		assert_int_equal(next_served(), who);
}

/* One that has sent many waits for those that came after its first ones. */
static void
who_asks_for_much_lets_others_have_their_turn(void **state)
{
	int served = 0;

	(void)state;
	for (int who = 0; who < PEERS; who++)
		comes(who);
	asks(0, 100);
	for (int who = 1; who < PEERS; who++)
		asks(who, 1);
	for (int who = 1; who < PEERS; who++)
		while (next_served() != who)
			served++;
	assert_between(served, 1, 8);
}

static struct conn *
accept_one(int who)
{
	struct conn *conn;

	comes(who);
	asks(who, 1);
	while ((conn = intake_next_ready(&hall.worker)) == NULL)
		assert_null(intake_wait(&hall.worker));
	return conn;
}

/* Those whose time has come are served before who asks after them. */
static void
those_that_are_due_are_served_together(void **state)
{
	int64_t due_ms = clock_ms() + 1;
	struct conn *conns[PEERS];

	(void)state;
	for (int who = 0; who < PEERS; who++)
		conns[who] = accept_one(who);
	for (int who = 1; who < PEERS; who++)
		assert_true(
		    intake_hold(&hall.worker, conns[who], STR("x"), due_ms));
	intake_answer(&hall.worker, conns[0], STR("x"));
	usleep(5000);
	asks(0, 1);
	assert_null(intake_next_ready(&hall.worker));
	while (hall.worker.due_left == 0)
		if (intake_wait(&hall.worker) != NULL)
			fail_msg("who asked last is served first");
	assert_null(intake_next_ready(&hall.worker));
	for (int who = 1; who < PEERS; who++) {
		char answer;

		assert_int_equal(recv(hall.peers[who], &answer, 1, 0), 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    who_was_accepted_too_soon_is_not_overtaken, open_hall,
		    close_hall),
		cmocka_unit_test_setup_teardown(
		    those_whose_bytes_are_there_are_served_in_order, open_hall,
		    close_hall),
		cmocka_unit_test_setup_teardown(
		    who_asks_for_much_lets_others_have_their_turn, open_hall,
		    close_hall),
		cmocka_unit_test_setup_teardown(
		    those_that_are_due_are_served_together, open_hall,
		    close_hall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
