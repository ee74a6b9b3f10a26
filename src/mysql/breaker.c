/* The circuit breaker of MySQL; base/back_off.h has the delays. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "mysql/breaker.h"

#define PAUSE_MIN_MS 50 /* after an attempt that took longer than the delay */

bool
sql_breaker_is_open(const struct sql_breaker *sql_breaker)
{
	return sql_breaker->state == SQL_BREAKER_OPEN ||
	       sql_breaker->state == SQL_BREAKER_HALF_OPEN;
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
sql_breaker_trip(
    struct sql_breaker *sql_breaker, int64_t started_ms, const char *reason)
{
	bool was_open = sql_breaker_is_open(sql_breaker);

	if (!was_open) {
		sql_breaker->state = SQL_BREAKER_OPEN;
		back_off_reset(&sql_breaker->back_off);
	}
	sql_breaker->timeouts = 0;
	return sql_breaker_put_off(sql_breaker, started_ms, reason) ||
	       !was_open;
}

bool
sql_breaker_timed_out(struct sql_breaker *sql_breaker)
{
	sql_breaker->timeouts++;
	return sql_breaker->timeouts >= BACK_OFF_TIMEOUTS &&
	       !sql_breaker_is_open(sql_breaker);
}

bool
sql_breaker_try(struct sql_breaker *sql_breaker)
{
	if (sql_breaker->state != SQL_BREAKER_OPEN)
		return false;
	sql_breaker->state = SQL_BREAKER_HALF_OPEN;
	return true;
}

/*
 * A successful connect does not reset the count of consecutive statement
 * time-outs.
 */
bool
sql_breaker_reset(struct sql_breaker *sql_breaker)
{
	bool is_news = sql_breaker->state != SQL_BREAKER_CLOSED;

	*sql_breaker = (struct sql_breaker){
		.state = SQL_BREAKER_CLOSED,
		.timeouts = is_news ? 0 : sql_breaker->timeouts,
	};
	return is_news;
}
