#ifndef BACK_OFF_H
#define BACK_OFF_H

#include <stdint.h>

/*
 * Exponential back-off with jitter: the pauses between tries to reach a server
 * that does not answer.  100 ms, doubling to 1 s, each +-20 %, so that the
 * processes of many hosts do not try in step (thundering herd).  Plain values,
 * zeroed at first; the owner guards them.
 */
struct back_off {
	int64_t next_ms; /* the pause after the next one, without jitter */
};

/* The server answered: the next pause is the first one again. */
void back_off_reset(struct back_off *back_off);

/* How many milliseconds to wait before the next try. */
int64_t back_off_take(struct back_off *back_off);

#endif
