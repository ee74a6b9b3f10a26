#ifndef SQL_BREAKER_H
#define SQL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/back_off.h"

/*
 * The breaker: whether MySQL is there, and when to try next.  Plain values;
 * whoever owns one guards it (slots.c).  Times are clock_ms.
 */
enum sql_breaker_state {
	SQL_BREAKER_CONNECTING, /* never seen yet, and not yet missed */
	SQL_BREAKER_READY,
	SQL_BREAKER_LOST,
	SQL_BREAKER_RECONNECTING /* lost, and tried since */
};

struct sql_breaker {
	enum sql_breaker_state state;
	char reason[320]; /* as last told */
	int late;	  /* time-outs in a row */
	struct back_off back_off;
	int64_t retry_ms; /* no try before this time */
};

/* Nobody is let through: LOST or RECONNECTING. */
bool sql_breaker_is_on(const struct sql_breaker *sql_breaker);

/*
 * MySQL was missed, at a try begun at started_ms.  True: a change of state,
 * or another reason than before: worth a line in the log.
 */
bool sql_breaker_begin(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason);

/* One more time-out; true: the third in a row, and no outage yet. */
bool sql_breaker_count_late(struct sql_breaker *sql_breaker);

/* A try begun at started_ms brought no link, yet MySQL is there. */
bool sql_breaker_put_off(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason);

/* The next try begins; true: it is the first since MySQL was lost. */
bool sql_breaker_try(struct sql_breaker *sql_breaker);

/* MySQL is there; true: that is news. */
bool sql_breaker_end(struct sql_breaker *sql_breaker);

#endif
