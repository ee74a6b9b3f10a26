#ifndef LEADERS_H
#define LEADERS_H

#include <stdbool.h>

/*
 * Few leaders of many workers: only who holds a permit waits for events.  A
 * worker gives its permit away when its answer takes long (base/wait.h calls
 * leader_yield), and takes one again before it waits for the next request.
 * 32 threads in epoll_wait cost a third more processor time than 3 of 32.
 */
struct leaders;

struct leaders *leaders_open(int permits);
void leaders_close(struct leaders *leaders);

/* One worker's permit. */
struct leader {
	struct leaders *leaders;
	bool has_permit;
};

/* Waits for a permit; nothing to do for who has one. */
void leader_take(struct leader *leader);

/* Lets another take the permit; nothing to do for who has none. */
void leader_yield(struct leader *leader);

#endif
