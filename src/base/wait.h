#ifndef WAIT_H
#define WAIT_H

#include <stdint.h>

/*
 * Where a thread of a worker is about to wait for somebody else.  The server
 * hangs its leader permit on it (server/leaders.h), so that stores need not
 * know of it.  Threads without a hook just wait.
 */

/* This thread's hook; called before a wait that is not short. */
void wait_set_hook(void (*yield)(void *), void *arg);

/* What follows will take long (SQL, a password hash): calls the hook. */
void wait_yield(void);

/*
 * Waits until one of poll(2)'s events shows on fd or deadline_ms (clock_ms)
 * has passed; calls the hook once 200 microseconds brought nothing.
 * 1: ready (or an error the next read or write will tell); 0: deadline.
 */
int wait_fd(int fd, short events, int64_t deadline_ms);

#endif
