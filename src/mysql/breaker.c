/* The breaker.  Contract section 8: 100 ms, doubling to 1 s, +-20 %. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "mysql/breaker.h"

#define LATE_MAX 3
#define DELAY_MIN_MS 100
#define DELAY_MAX_MS 1000
#define PAUSE_MIN_MS 50 /* after a try that took longer than the delay */

bool
outage_is_on(const struct outage *outage)
{
	return outage->state == OUTAGE_LOST ||
	       outage->state == OUTAGE_RECONNECTING;
}

/* +-20 %, so that siblings do not knock all at once. */
static int64_t
jittered(int64_t ms)
{
	unsigned char byte = 0;

	if (getrandom(&byte, sizeof(byte), GRND_NONBLOCK) != 1)
		byte = 128;
	return ms * (800 + 400 * byte / 255) / 1000;
}

/* From the start of the last try: one that took a second has waited. */
static void
set_retry(struct outage *outage, int64_t started_ms)
{
	int64_t soonest_ms = clock_ms() + PAUSE_MIN_MS;

	if (outage->delay_ms < DELAY_MIN_MS)
		outage->delay_ms = DELAY_MIN_MS;
	outage->retry_ms = started_ms + jittered(outage->delay_ms);
	if (outage->retry_ms < soonest_ms)
		outage->retry_ms = soonest_ms;
	outage->delay_ms *= 2;
	if (outage->delay_ms > DELAY_MAX_MS)
		outage->delay_ms = DELAY_MAX_MS;
}

bool
outage_put_off(struct outage *outage, int64_t started_ms, const char *reason)
{
	bool is_news = strcmp(outage->reason, reason) != 0;

	snprintf(outage->reason, sizeof(outage->reason), "%s", reason);
	set_retry(outage, started_ms);
	return is_news;
}

bool
outage_begin(struct outage *outage, int64_t started_ms, const char *reason)
{
	bool was_on = outage_is_on(outage);

	if (!was_on) {
		outage->state = OUTAGE_LOST;
		outage->delay_ms = DELAY_MIN_MS;
	}
	outage->late = 0;
	return outage_put_off(outage, started_ms, reason) || !was_on;
}

bool
outage_count_late(struct outage *outage)
{
	outage->late++;
	return outage->late >= LATE_MAX && !outage_is_on(outage);
}

bool
outage_try(struct outage *outage)
{
	if (outage->state != OUTAGE_LOST)
		return false;
	outage->state = OUTAGE_RECONNECTING;
	return true;
}

/*
 * A link that opens while others time out is no answer to those: their row
 * goes on.
 */
bool
outage_end(struct outage *outage)
{
	bool is_news = outage->state != OUTAGE_READY;

	*outage = (struct outage){
		.state = OUTAGE_READY,
		.late = is_news ? 0 : outage->late,
	};
	return is_news;
}
