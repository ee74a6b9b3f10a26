/* The thread that enforces deadlines on behalf of other threads. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/watchdog.h"

enum { ROUND_NS = 50 * 1000 * 1000 };

struct watchdog {
	pthread_t thread;
	struct intake *intake;
	struct sites *sites;
	atomic_bool is_stopping;
};

static void *
watchdog_thread(void *arg)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };
	struct watchdog *watchdog = arg;

	while (!atomic_load(&watchdog->is_stopping)) {
		intake_watch(watchdog->intake);
		sites_watch(watchdog->sites, clock_ms());
		log_tick();
		nanosleep(&pause, NULL);
	}
	return NULL;
}

struct watchdog *
watchdog_open(struct intake *intake, struct sites *sites)
{
	struct watchdog *watchdog = calloc(1, sizeof(*watchdog));

	if (watchdog == NULL)
		return NULL;
	watchdog->intake = intake;
	watchdog->sites = sites;
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
