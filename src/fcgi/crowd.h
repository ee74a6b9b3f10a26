#ifndef CROWD_H
#define CROWD_H

#include <pthread.h>
#include <stdbool.h>

#include "fcgi/conn.h"

/*
 * Eviction when all connections are in use: a connection that has waited for
 * its peer for at least a second is closed in favour of a new one.  The order:
 * those that have been sending a request for longest, then draining ones, those
 * that do not read their answer, those that never sent a byte, and kept ones
 * without a request.
 *
 * Any thread may call these functions.
 */
struct crowd {
	pthread_mutex_t lock;	/* guards all below */
	struct crowd_row *rows; /* candidates, in order */
	size_t count, at;
};

struct crowd_row {
	int64_t rank; /* conn_rank of the connection when it was gathered */
	int fd;
};

/* conn_count: number of connection structs.  False with errno set. */
bool crowd_open(struct crowd *crowd, size_t conn_count);
/* Call after crowd_open, also if that failed. */
void crowd_close(struct crowd *crowd);

/* Collects the candidates anew.  False: no connection may be evicted. */
bool crowd_gather(
    struct crowd *crowd, struct conn *conns, int highest_fd, int64_t now_ms);

/* Takes the next candidate into *row.  False: there is none. */
bool crowd_next(struct crowd *crowd, struct crowd_row *row);
/* True if there is another candidate, which may have gone on meanwhile. */
bool crowd_has_more(struct crowd *crowd);

#endif
