#ifndef WAIT_H
#define WAIT_H

#include <stdint.h>

/*
 * Waits of worker threads for another party. The server sets a hook that gives
 * away the leader permit before a long wait (server/leaders.h), so that the
 * stores need not know of it. A thread without a hook just waits.
 */

/* Sets this thread's hook, which is called before each long wait. */
void wait_set_hook(void (*yield)(void *), void *arg);

/* Calls the hook, before work that takes long (SQL, a password hash). */
void wait_yield(void);

/*
 * Waits until poll(2) reports one of events on fd, or deadline_ms (clock_ms)
 * has passed. Calls the hook after 200 microseconds without an event. 1: ready,
 * or an error that the next read or write will return; 0: deadline.
 */
int wait_fd(int fd, short events, int64_t deadline_ms);

#endif
