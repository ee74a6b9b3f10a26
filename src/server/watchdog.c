/* The thread that enforces deadlines on behalf of other threads. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/thread.h"
#include "server/notify.h"
#include "server/stores_up.h"
#include "server/watchdog.h"

enum {
	ROUND_NS = 50 * 1000 * 1000,
	GAUGE_ROUNDS = 10, /* gauges are read every 0.5 s */
	LATE_MS = 1000
};

struct watchdog {
	pthread_t thread;
	struct watchdog_options options;
	_Atomic int worker_count; /* 0: they are not watched yet */
	const struct worker *workers;
	unsigned int served; /* requests of all workers, in the last round */
	unsigned int stores; /* bits of enum store_up, as last sent */
	bool has_told_stores;
	atomic_bool is_stopping;
};

/* Returns the milliseconds that a worker may be in one request. */
static int64_t
longest_ms(const struct watchdog *watchdog)
{
	int64_t deadline_ms = watchdog->options.deadline_ms + LATE_MS;
	int64_t half_ms = notify_watchdog_ms() / 2;

	return deadline_ms > half_ms ? deadline_ms : half_ms;
}

/*
 * True if a request has ended since the last round, or if no worker has been in
 * one request for too long.
 */
static bool
workers_go_on(struct watchdog *watchdog, int64_t now_ms)
{
	int count = atomic_load(&watchdog->worker_count);
	int64_t too_old_ms = now_ms - longest_ms(watchdog);
	unsigned int served = 0;
	bool is_stuck = false, has_gone_on;

	for (int i = 0; i < count; i++) {
		const struct worker *worker = &watchdog->workers[i];
		int64_t since_ms = atomic_load(&worker->busy_since_ms);

		served += atomic_load(&worker->served);
		is_stuck = is_stuck || (since_ms != 0 && since_ms < too_old_ms);
	}
	has_gone_on = served != watchdog->served;
	watchdog->served = served;
	return has_gone_on || !is_stuck;
}

static void
tell_stores(struct watchdog *watchdog)
{
	unsigned int stores = stores_up_now(
	    watchdog->options.gauges.breaker, watchdog->options.sites);

	if (watchdog->has_told_stores && stores != watchdog->stores)
		notify_status(stores_up_words(stores));
	watchdog->has_told_stores = true;
	watchdog->stores = stores;
}

static void
tell_manager(struct watchdog *watchdog, int64_t now_ms)
{
	if (!notify_is_wanted() || atomic_load(&watchdog->worker_count) == 0)
		return;
	tell_stores(watchdog);
	if (workers_go_on(watchdog, now_ms))
		notify_alive();
}

static void *
watchdog_thread(void *arg)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };
	struct watchdog *watchdog = arg;

	for (int round = 0; !atomic_load(&watchdog->is_stopping); round++) {
		int64_t now_ms = clock_ms();

		intake_watch(watchdog->options.intake);
		sites_watch(watchdog->options.sites, now_ms);
		log_tick();
		counters_tend();
		if (round % GAUGE_ROUNDS == 0)
			gauges_set(&watchdog->options.gauges);
		tell_manager(watchdog, now_ms);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

struct watchdog *
watchdog_open(const struct watchdog_options *options)
{
	struct watchdog *watchdog = calloc(1, sizeof(*watchdog));

	if (watchdog == NULL)
		return NULL;
	watchdog->options = *options;
	if (thread_start(&watchdog->thread, watchdog_thread, watchdog))
		return watchdog;
	free(watchdog);
	return NULL;
}

void
watchdog_watch_workers(
    struct watchdog *watchdog, const struct worker *workers, int count)
{
	watchdog->workers = workers;
	atomic_store(&watchdog->worker_count, count);
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
