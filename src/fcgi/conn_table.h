#ifndef CONN_TABLE_H
#define CONN_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/places.h"
#include "fcgi/conn.h"
#include "fcgi/crowd.h"

/*
 * All connections of an intake, indexed by descriptor: admits new ones, evicts
 * old ones when too many are open, closes overdue ones.
 *
 * Any thread may call these functions, except open and close.
 */
struct conn_table {
	struct conn_shared shared;
	struct places *places;
	int limit;    /* [server] connections */
	size_t count; /* structs: one for each possible descriptor */
	struct conn *conns;
	_Atomic int highest_fd; /* highest descriptor of a connection so far */
	struct crowd crowd;
};

/*
 * Sets up the table; the caller fills in shared beforehand.  False with errno.
 * Call conn_table_close in any case.
 */
bool conn_table_open(
    struct conn_table *table, struct places *places, int limit);
void conn_table_close(struct conn_table *table);

/*
 * Takes in the connected socket fd of the listener, and evicts another
 * connection if there is one too many.  The caller owns the connection.  NULL:
 * there is no struct for this descriptor, and it was closed.
 */
struct conn *conn_table_admit(
    struct conn_table *table, int fd, const struct listener *listener);

/* True if no further connection may be admitted now. */
bool conn_table_is_full(struct conn_table *table);

/* Closes overdue connections.  Called about twenty times a second. */
void conn_table_watch(struct conn_table *table, int64_t now_ms);

/*
 * Gathers the connections that may be evicted, if the table is crowded.  False:
 * it is crowded, and none may be.
 */
bool conn_table_find_evictable(struct conn_table *table, int64_t now_ms);

/* Queues an owned connection behind those that are due now, for any worker. */
void conn_table_turn_ends(struct conn_table *table, struct conn *conn);

/* Queues every parked connection, so that workers read it once more. */
void conn_table_wake_all(struct conn_table *table);

#endif
