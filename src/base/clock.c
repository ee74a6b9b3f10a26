/* The monotonic clock.  Times of day come from Redis (store/store.h). */
#include "config.h"

#include <time.h>

#include "base/clock.h"

int64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_ms(void)
{
	return clock_us() / 1000;
}

int
clock_left_ms(int64_t deadline_ms)
{
	const int64_t hour_ms = 3600 * 1000;
	int64_t left = deadline_ms - clock_ms();

	if (left < 0)
		return 0;
	return (int)(left < hour_ms ? left : hour_ms);
}
