/* The table of connections: admission, eviction, deadlines. */
#include "config.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/conn_table.h"
#include "fcgi/park.h"

enum { FD_MAX = 65536 };

static size_t
possible_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > FD_MAX)
		return FD_MAX;
	return (size_t)limit.rlim_cur;
}

bool
conn_table_open(struct conn_table *table, struct places *places, int limit)
{
	table->places = places;
	table->limit = limit;
	table->count = possible_descriptors();
	table->conns = calloc(table->count, sizeof(*table->conns));
	return crowd_open(&table->crowd, table->count) && table->conns != NULL;
}

void
conn_table_close(struct conn_table *table)
{
	crowd_close(&table->crowd);
	free(table->conns);
}

static bool
is_crowded(struct conn_table *table)
{
	return atomic_load(&table->shared.live) >= table->limit;
}

static void
note_highest(struct conn_table *table, int fd)
{
	int highest = atomic_load(&table->highest_fd);

	while (highest < fd &&
	       !atomic_compare_exchange_weak(&table->highest_fd, &highest, fd))
		;
}

void
conn_table_turn_ends(struct conn_table *table, struct conn *conn)
{
	conn->in_a_row = 0;
	place_wait_until(table->places, &conn->waiter, clock_ms());
}

/*
 * Claims a parked connection for eviction.  False if it has gone on meanwhile,
 * or is another connection by now; then it is put back.
 */
static bool
claim_ranked(struct conn_table *table, struct conn *conn, int64_t rank)
{
	if (atomic_load(&conn->rank) != rank || !park_claim_parked(conn))
		return false;
	if (atomic_load(&conn->rank) == rank)
		return true;
	conn_table_turn_ends(table, conn);
	return false;
}

/* One connection too many is open: evicts the first candidate. */
static void
evict_one(struct conn_table *table)
{
	struct crowd_row row;

	while (crowd_next(&table->crowd, &row)) {
		struct conn *conn = &table->conns[row.fd];

		if (!claim_ranked(table, conn, row.rank))
			continue;
		conn_close(&table->shared, conn);
		log_event(LOG_WARN, "connections closed",
		    log_text("reason", "[server] connections are used up"),
		    LOG_END);
		return;
	}
}

struct conn *
conn_table_admit(
    struct conn_table *table, int fd, const struct listener *listener)
{
	struct conn *conn;

	if ((size_t)fd >= table->count) {
		close(fd);
		return NULL;
	}
	conn = &table->conns[fd];
	conn_open(&table->shared, conn, fd, listener, table->limit);
	note_highest(table, fd);
	if (atomic_load(&table->shared.live) > table->limit)
		evict_one(table);
	return conn;
}

bool
conn_table_is_full(struct conn_table *table)
{
	return is_crowded(table) && !crowd_has_more(&table->crowd);
}

/* If the connection went on before the claim it is not overdue. */
static void
expire(struct conn_table *table, struct conn *conn, int64_t now_ms)
{
	if (!park_claim_parked(conn))
		return;
	if (atomic_load(&conn->overdue_ms) <= now_ms)
		conn_expire(&table->shared, conn);
	else
		conn_table_turn_ends(table, conn);
}

void
conn_table_watch(struct conn_table *table, int64_t now_ms)
{
	int highest_fd = atomic_load(&table->highest_fd);

	for (int fd = 0; fd <= highest_fd; fd++) {
		struct conn *conn = &table->conns[fd];

		if (atomic_load(&conn->state) == CONN_PARKED &&
		    atomic_load(&conn->overdue_ms) <= now_ms)
			expire(table, conn, now_ms);
	}
}

bool
conn_table_find_evictable(struct conn_table *table, int64_t now_ms)
{
	return !is_crowded(table) ||
	       crowd_gather(&table->crowd, table->conns,
		   atomic_load(&table->highest_fd), now_ms);
}

void
conn_table_wake_all(struct conn_table *table)
{
	int highest_fd = atomic_load(&table->highest_fd);

	for (int fd = 0; fd <= highest_fd; fd++)
		if (park_claim_parked(&table->conns[fd]))
			conn_table_turn_ends(table, &table->conns[fd]);
}
