#ifndef CROWD_H
#define CROWD_H

#include <pthread.h>
#include <stdbool.h>

#include "fcgi/conn.h"

/*
 * Admission where all connections are taken: one that has waited for its peer
 * for at least a second makes room for one that asks now.  The first to go is
 * the one that has been sending a request for longest, then those that drain,
 * those that do not read their answer, those that never sent a byte, and kept
 * ones without a request.
 *
 * Any thread may call.
 */
struct crowd {
	pthread_mutex_t lock;	/* guards all below */
	struct crowd_row *rows; /* candidates, the first to go first */
	size_t count, at;
};

struct crowd_row {
	int64_t rank; /* conn_rank of the connection when it was seen */
	int fd;
};

/* For so many records of connections; false with errno. */
bool crowd_open(struct crowd *crowd, size_t conn_count);
void crowd_close(struct crowd *crowd);

/* Looks at all connections anew; false: none of them may be closed. */
bool crowd_gather(
    struct crowd *crowd, struct conn *conns, int highest_fd, int64_t now_ms);

/* The next candidate into row; false: there is none. */
bool crowd_next(struct crowd *crowd, struct crowd_row *row);
bool crowd_has_more(struct crowd *crowd);

#endif
