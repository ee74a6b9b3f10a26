#ifndef LEADERS_H
#define LEADERS_H

#include <stdbool.h>

/*
 * The Leader/Followers pattern (POSA2) with several leaders: only a worker that
 * holds a leader permit may wait for events.  A worker releases its permit when
 * an answer takes long (place_before_wait calls leader_yield) and takes one
 * before it waits for the next request.  32 threads in epoll_wait cost a third
 * more processor time than 3 of 32.
 */
struct leaders;

/*
 * Opens the permits: the number of workers that may wait at a time.  NULL: no
 * memory.
 */
struct leaders *leaders_open(int permits);
/* Frees the permits, when no worker runs any more.  May be NULL. */
void leaders_close(struct leaders *leaders);

/* One worker's leader permit. */
struct leader {
	struct leaders *leaders;
	bool has_permit;
};

/* Waits until a permit is free.  Returns at once if the worker holds one. */
void leader_take(struct leader *leader);

/* Releases the permit.  Does nothing if the worker holds none. */
void leader_yield(struct leader *leader);

#endif
