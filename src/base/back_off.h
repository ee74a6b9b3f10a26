#ifndef BACK_OFF_H
#define BACK_OFF_H

#include <stdint.h>

/* A server that lets this many requests in a row time out is not asked. */
enum { BACK_OFF_TIMEOUTS = 3 };

/*
 * Exponential back-off with jitter: the pauses between attempts to reach a
 * server that does not answer.  100 ms, doubling to 1 s, each +-20 %, so that
 * the processes of many hosts do not retry in step (thundering herd).  A plain
 * value, zeroed initially; the owner locks it.
 */
struct back_off {
	int64_t next_ms; /* the next pause, without jitter; 0: the first one */
};

/* The server answered: the next pause is the first one again. */
void back_off_reset(struct back_off *back_off);

/*
 * Returns the milliseconds to wait before the next attempt, and doubles them.
 */
int64_t back_off_take(struct back_off *back_off);

#endif
