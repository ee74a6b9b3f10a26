#ifndef SQL_BREAKER_H
#define SQL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/back_off.h"

/*
 * The circuit breaker of MySQL: whether the server is available, and when the
 * next connection attempt is due.  Plain values; the owner guards them
 * (slots.c).  Times are clock_ms.
 */
enum sql_breaker_state {
	SQL_BREAKER_STARTING, /* no attempt has ended yet */
	SQL_BREAKER_CLOSED,
	SQL_BREAKER_OPEN,     /* no attempt has begun since */
	SQL_BREAKER_HALF_OPEN /* an attempt has begun */
};

struct sql_breaker {
	enum sql_breaker_state state;
	char reason[320]; /* as last logged */
	int timeouts;	  /* in a row */
	struct back_off back_off;
	int64_t retry_ms; /* no attempt before this time */
};

/* OPEN or HALF_OPEN: every use of MySQL is refused. */
bool sql_breaker_is_open(const struct sql_breaker *sql_breaker);

/*
 * Opens the breaker after an attempt begun at started_ms failed.  True: to be
 * logged, since the state or the reason has changed.
 */
bool sql_breaker_trip(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason);

/*
 * Counts a time-out.  True: it is the third in a row and the breaker is closed;
 * the caller opens it.
 */
bool sql_breaker_timed_out(struct sql_breaker *sql_breaker);

/*
 * Sets the next attempt after one begun at started_ms failed, without opening
 * the breaker.  True: to be logged, since the reason has changed.
 */
bool sql_breaker_put_off(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason);

/* An attempt begins.  True: it is the first since OPEN; to be logged. */
bool sql_breaker_try(struct sql_breaker *sql_breaker);

/*
 * Closes the breaker: MySQL answers.  True: to be logged, as it was not CLOSED.
 */
bool sql_breaker_reset(struct sql_breaker *sql_breaker);

#endif
