/* The clocks of this host.  Sessions are timed by the clock of Redis. */
#include "config.h"

#include <time.h>

#include "base/clock.h"

static int64_t
read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_thread_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
clock_process_us(void)
{
	return read_us(CLOCK_PROCESS_CPUTIME_ID);
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
