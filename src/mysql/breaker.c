/* The circuit breaker of MySQL; base/back_off.h has the delays. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "mysql/breaker.h"

#define LATE_MAX 3
#define PAUSE_MIN_MS 50 /* after an attempt that took longer than the delay */

bool
sql_breaker_is_on(const struct sql_breaker *sql_breaker)
{
	return sql_breaker->state == SQL_BREAKER_LOST ||
	       sql_breaker->state == SQL_BREAKER_RECONNECTING;
}

/*
 * The delay counts from the start of the last attempt.  An attempt that took
 * longer is followed by PAUSE_MIN_MS.
 */
static void
set_retry(struct sql_breaker *sql_breaker, int64_t started_ms)
{
	int64_t soonest_ms = clock_ms() + PAUSE_MIN_MS;

	sql_breaker->retry_ms =
	    started_ms + back_off_take(&sql_breaker->back_off);
	if (sql_breaker->retry_ms < soonest_ms)
		sql_breaker->retry_ms = soonest_ms;
}

bool
sql_breaker_put_off(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason)
{
	bool is_news = strcmp(sql_breaker->reason, reason) != 0;

	snprintf(
	    sql_breaker->reason, sizeof(sql_breaker->reason), "%s", reason);
	set_retry(sql_breaker, started_ms);
	return is_news;
}

bool
sql_breaker_begin(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason)
{
	bool was_on = sql_breaker_is_on(sql_breaker);

	if (!was_on) {
		sql_breaker->state = SQL_BREAKER_LOST;
		back_off_reset(&sql_breaker->back_off);
	}
	sql_breaker->late = 0;
	return sql_breaker_put_off(sql_breaker, started_ms, reason) || !was_on;
}

bool
sql_breaker_count_late(struct sql_breaker *sql_breaker)
{
	sql_breaker->late++;
	return sql_breaker->late >= LATE_MAX && !sql_breaker_is_on(sql_breaker);
}

bool
sql_breaker_try(struct sql_breaker *sql_breaker)
{
	if (sql_breaker->state != SQL_BREAKER_LOST)
		return false;
	sql_breaker->state = SQL_BREAKER_RECONNECTING;
	return true;
}

/*
 * A successful connect does not reset the count of consecutive statement
 * time-outs.
 */
bool
sql_breaker_end(struct sql_breaker *sql_breaker)
{
	bool is_news = sql_breaker->state != SQL_BREAKER_READY;

	*sql_breaker = (struct sql_breaker){
		.state = SQL_BREAKER_READY,
		.late = is_news ? 0 : sql_breaker->late,
	};
	return is_news;
}
