/* Chooses the connections to evict. */
#include "config.h"

#include <stdlib.h>

#include "base/log.h"
#include "fcgi/crowd.h"

enum { AGE_MIN_MS = 1000 };

bool
crowd_open(struct crowd *crowd, size_t conn_count)
{
	*crowd = (struct crowd){ .rows = NULL };
	pthread_mutex_init(&crowd->lock, NULL);
	crowd->rows = calloc(conn_count, sizeof(crowd->rows[0]));
	return crowd->rows != NULL;
}

void
crowd_close(struct crowd *crowd)
{
	pthread_mutex_destroy(&crowd->lock);
	free(crowd->rows);
}

static int
by_rank(const void *left, const void *right)
{
	const struct crowd_row *a = left, *b = right;

	return (a->rank > b->rank) - (a->rank < b->rank);
}

static bool
take_rank(struct conn *conn, int64_t now_ms, int64_t *rank)
{
	*rank = atomic_load(&conn->rank);
	return atomic_load(&conn->state) == CONN_PARKED &&
	       conn_rank_since(*rank) + AGE_MIN_MS <= now_ms;
}

bool
crowd_gather(
    struct crowd *crowd, struct conn *conns, int highest_fd, int64_t now_ms)
{
	bool has_any;

	pthread_mutex_lock(&crowd->lock);
	crowd->count = crowd->at = 0;
	for (int fd = 0; fd <= highest_fd; fd++) {
		struct crowd_row row = { .fd = fd };

		if (take_rank(&conns[fd], now_ms, &row.rank))
			crowd->rows[crowd->count++] = row;
	}
	qsort(crowd->rows, crowd->count, sizeof(crowd->rows[0]), by_rank);
	has_any = crowd->count > 0;
	pthread_mutex_unlock(&crowd->lock);
	return has_any;
}

bool
crowd_next(struct crowd *crowd, struct crowd_row *row)
{
	bool has_any;

	pthread_mutex_lock(&crowd->lock);
	has_any = crowd->at < crowd->count;
	if (has_any)
		*row = crowd->rows[crowd->at++];
	pthread_mutex_unlock(&crowd->lock);
	return has_any;
}

bool
crowd_has_more(struct crowd *crowd)
{
	bool has_any;

	pthread_mutex_lock(&crowd->lock);
	has_any = crowd->at < crowd->count;
	pthread_mutex_unlock(&crowd->lock);
	return has_any;
}
