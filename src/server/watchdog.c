/* The thread that enforces deadlines on behalf of other threads. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "server/watchdog.h"

enum {
	ROUND_NS = 50 * 1000 * 1000,
	GAUGE_ROUNDS = 10 /* gauges are read every 0.5 s */
};

struct watchdog {
	pthread_t thread;
	struct intake *intake;
	struct sites *sites;
	struct gauges gauges;
	atomic_bool is_stopping;
};

static void *
watchdog_thread(void *arg)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };
	struct watchdog *watchdog = arg;

	for (int round = 0; !atomic_load(&watchdog->is_stopping); round++) {
		intake_watch(watchdog->intake);
		sites_watch(watchdog->sites, clock_ms());
		log_tick();
		counters_tend();
		if (round % GAUGE_ROUNDS == 0)
			gauges_set(&watchdog->gauges);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

struct watchdog *
watchdog_open(
    struct intake *intake, struct sites *sites, const struct gauges *gauges)
{
	struct watchdog *watchdog = calloc(1, sizeof(*watchdog));

	if (watchdog == NULL)
		return NULL;
	watchdog->intake = intake;
	watchdog->sites = sites;
	watchdog->gauges = *gauges;
	if (pthread_create(
		&watchdog->thread, NULL, watchdog_thread, watchdog) == 0)
		return watchdog;
	free(watchdog);
	return NULL;
}

void
watchdog_close(struct watchdog *watchdog)
{
	if (watchdog == NULL)
		return;
	atomic_store(&watchdog->is_stopping, true);
	pthread_join(watchdog->thread, NULL);
	free(watchdog);
}
