#ifndef BACK_OFF_H
#define BACK_OFF_H

#include <stdint.h>

/* After this many time-outs in a row a server is not asked for a while. */
enum { BACK_OFF_TIMEOUTS = 3 };

/*
 * Exponential back-off with jitter: the pauses between attempts to reach a
 * server that does not answer.  The first pause is 100 ms; it doubles up to
 * last_ms.  Each varies by up to 20 % at random, so that many hosts do not
 * retry at the same moment (thundering herd).  A plain value, zeroed initially;
 * its owner must lock it.
 */
struct back_off {
	int64_t next_ms; /* the next pause, without jitter; 0: the first one */
	int64_t last_ms; /* the longest pause, without jitter; 0: 1000 ms */
};

/*
 * Makes the next pause the first one again.  Call it when the server has
 * answered.
 */
void back_off_reset(struct back_off *back_off);

/*
 * Returns the milliseconds to wait before the next attempt, and doubles the
 * pause.
 */
int64_t back_off_take(struct back_off *back_off);

#endif
