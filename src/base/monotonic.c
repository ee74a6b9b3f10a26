/* pthread_cond_timedwait(3) by CLOCK_MONOTONIC. */
#include "config.h"

#include <time.h>

#include "base/monotonic.h"

void
monotonic_cond_open(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

bool
monotonic_cond_wait(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms)
{
	const struct timespec until = { .tv_sec = deadline_ms / 1000,
		.tv_nsec = deadline_ms % 1000 * 1000000 };

	return pthread_cond_timedwait(cond, lock, &until) == 0;
}
