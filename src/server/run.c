/* Opens the parts of the program in order; closes them in reverse. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "redis/accounts.h"
#include "redis/discovery/prober.h"
#include "redis/tracking/tracker.h"
#include "base/hash_pool.h"
#include "redis/wire/spool.h"
#include "server/descriptors.h"
#include "server/notify.h"
#include "server/stores_up.h"
#include "server/run.h"
#include "server/signals.h"
#include "server/watchdog.h"
#include "server/worker.h"

enum { REFRESHERS_MAX = 4 };
enum { WAITING_MAX = 256 };
enum { STOP_POLL_NS = 5 * 1000 * 1000 };
enum {
	SETTLE_MS = 2000, /* for the first results of the stores */
	ORPHAN_MS = 1500  /* for a bridge whose process has died */
};

struct program {
	const struct conf_all *all;
	const struct conf *conf; /* the options of the process, not of a site */
	const struct themes *themes;
	struct reload *reload;
	int connections; /* the most at once (server/descriptors.h) */
	struct worker_shared shared;
	struct hash_pool *hash_pool;
	struct watchdog *watchdog;
	struct ends *ends;
	struct prober *prober;
	struct tracker *tracker;
	struct worker *workers;
	int open_count, started_count; /* workers opened, threads started */
	const char *site_names[CONF_SITES_MAX];
	_Atomic int running; /* started threads that have not ended */
};

static bool
start_failed(struct program *program, const char *part, const char *why)
{
	reload_note(program->reload, "%s: %s", part, why);
	log_event(LOG_ERROR, "start failed", log_text("part", part),
	    log_text("reason", why), LOG_END);
	return false;
}

static bool
open_shared_stores(struct program *program)
{
	const struct app app = { .hash_run = hash_pool_run,
		.hash_pool = program->hash_pool };
	struct breaker_options redis = breaker_options_of(program->all);
	char why[PATH_MAX + 256] = "";

	if (program->conf->session_spool[0] != '\0')
		redis.spool = program->conf->session_spool;
	if (redis.spool != NULL && !spool_check(redis.spool)) {
		snprintf(
		    why, sizeof(why), "%s: %s", redis.spool, strerror(errno));
		return start_failed(program, "spool", why);
	}
	redis.ends = program->ends = ends_open();
	if (redis.ends == NULL)
		return start_failed(program, "redis", strerror(errno));
	program->shared.sites =
	    sites_open(program->all, program->themes, &app, why, sizeof(why));
	if (program->shared.sites == NULL)
		return start_failed(program, "mysql", why);
	program->shared.breaker = breaker_open(&redis, why, sizeof(why));
	if (program->shared.breaker == NULL)
		return start_failed(program, "redis", why);
	program->prober = prober_open(program->shared.breaker);
	return program->prober != NULL ||
	       start_failed(program, "prober", strerror(errno));
}

/*
 * Starts the refresher threads: not more than MySQL connections, since each
 * needs one.
 */
static bool
open_refresher(struct program *program)
{
	const struct conf *conf = program->conf;
	int threads = conf->mysql_connections < REFRESHERS_MAX
			  ? (int)conf->mysql_connections
			  : REFRESHERS_MAX;

	program->shared.refresher =
	    refresher_open(program->shared.breaker, redis_accounts_refresh,
		threads, conf_count(program->all), conf->server_deadline_ms);
	return program->shared.refresher != NULL ||
	       start_failed(program, "refresher", strerror(errno));
}

/*
 * Opens the cache of Redis values, unless it is off, and starts the tracker
 * thread that invalidates it.
 */
static bool
open_cache(struct program *program)
{
	const struct conf *conf = program->conf;
	int count = conf_count(program->all);
	struct str *prefixes = calloc((size_t)count, sizeof(prefixes[0]));
	struct tracker_options options = { .breaker = program->shared.breaker,
		.prefixes = prefixes,
		.prefix_count = (size_t)count,
		.proof_ms = conf->cache_proof_ms };

	if (conf->cache_memory_bytes == 0 || prefixes == NULL) {
		free(prefixes);
		return conf->cache_memory_bytes == 0 ||
		       start_failed(program, "cache", strerror(errno));
	}
	for (int i = 0; i < count; i++)
		prefixes[i] =
		    str_from(conf_at(program->all, i)->redis_key_prefix);
	options.cache = program->shared.cache =
	    cache_open(conf->cache_memory_bytes, conf->cache_age_ms);
	if (options.cache != NULL)
		program->tracker = tracker_open(&options);
	free(prefixes);
	return program->tracker != NULL ||
	       start_failed(program, "cache", strerror(errno));
}

static bool
open_places(struct program *program)
{
	const struct conf *conf = program->conf;
	const int sizes[PLACE_KINDS] = {
		[PLACE_LOGIN] = conf->effective.logins,
		[PLACE_SQL] = conf->mysql_connections,
	};
	int sites = conf_count(program->all);

	program->shared.places = places_open(sizes, WAITING_MAX, sites);
	program->shared.leaders = leaders_open(conf->effective.leaders);
	program->hash_pool =
	    hash_pool_open(conf->effective.hash_threads, sites);
	if (program->shared.places == NULL || program->shared.leaders == NULL ||
	    program->hash_pool == NULL)
		return start_failed(program, "places", strerror(errno));
	return true;
}

static bool
open_intake(struct program *program, const struct listeners *listeners)
{
	const struct intake_options options = {
		.listeners = listeners,
		.places = program->shared.places,
		.connections = program->connections,
		.read_timeout_ms = program->conf->server_read_timeout_ms,
		.write_timeout_ms = program->conf->server_write_timeout_ms,
		.idle_ms = program->conf->server_idle_ms,
	};

	const struct gauges gauges = { .breaker = program->shared.breaker,
		.cache = program->shared.cache,
		.places = program->shared.places,
		.sites = program->shared.sites };

	program->shared.intake = intake_open(&options);
	if (program->shared.intake == NULL)
		return start_failed(program, "intake", strerror(errno));
	program->watchdog = watchdog_open(
	    &(struct watchdog_options){ .intake = program->shared.intake,
		.sites = program->shared.sites,
		.gauges = gauges,
		.deadline_ms = program->conf->server_deadline_ms });
	return program->watchdog != NULL ||
	       start_failed(program, "watchdog", strerror(errno));
}

/*
 * Opens the counters.  A failure is only logged: the process then counts for
 * itself.  The names of the sites point into the configuration, which outlives
 * all threads.
 */
static void
open_counters(struct program *program)
{
	const char *path = program->conf->ops_counters;
	int count = conf_count(program->all);
	char why[256];

	for (int i = 0; i < count; i++)
		program->site_names[i] = conf_at(program->all, i)->site;
	if (!counters_open(
		path, program->site_names, count, why, sizeof(why)) &&
	    why[0] != '\0')
		log_event(LOG_WARN, "counters not shared",
		    log_text("path", path[0] != '\0' ? path : "counters"),
		    log_text("reason", why), LOG_END);
}

/*
 * Opens all workers before the first of their threads starts, so a failure
 * needs no join.
 * False: it was logged.
 */
static bool
open_workers(struct program *program)
{
	int wanted = program->conf->server_workers;

	program->shared.conf = program->conf;
	program->shared.running = &program->running;
	program->workers = calloc((size_t)wanted, sizeof(program->workers[0]));
	while (program->workers != NULL && program->open_count < wanted &&
	       worker_open(
		   &program->workers[program->open_count], &program->shared))
		program->open_count++;
	return program->open_count == wanted ||
	       start_failed(program, "workers", strerror(errno));
}

static bool
start_workers(struct program *program)
{
	while (program->started_count < program->open_count &&
	       worker_start(&program->workers[program->started_count]))
		program->started_count++;
	return program->started_count == program->open_count ||
	       start_failed(program, "workers", strerror(errno));
}

/*
 * Returns the milliseconds that requests under way get before the process
 * leaves.  At a reload no supervisor waits for the end, so they get as long as
 * any request may take.
 */
static int64_t
leave_timeout_ms(const struct program *program)
{
	const struct conf *conf = program->conf;

	if (reload_is_orphan(program->reload))
		return ORPHAN_MS;
	if (reload_successor(program->reload) < 0 || signals_stop_is_pending())
		return conf->server_stop_timeout_ms;
	return conf->server_read_timeout_ms + conf->server_deadline_ms +
	       conf->server_write_timeout_ms;
}

/*
 * Waits for the workers and the other threads that answer requests, and joins
 * the workers.  False: the time is up, and some of them still run.
 */
static bool
join_workers(struct program *program)
{
	const struct timespec pause = { .tv_nsec = STOP_POLL_NS };
	int64_t started_ms = clock_ms();

	while (atomic_load(&program->running) > 0 ||
	       !hash_pool_is_idle(program->hash_pool) ||
	       !refresher_is_idle(program->shared.refresher)) {
		if (clock_ms() >= started_ms + leave_timeout_ms(program))
			return false;
		nanosleep(&pause, NULL);
	}
	for (int i = 0; i < program->started_count; i++)
		pthread_join(program->workers[i].thread, NULL);
	return true;
}

static void
close_all(struct program *program)
{
	refresher_close(program->shared.refresher);
	watchdog_close(program->watchdog);
	for (int i = 0; i < program->open_count; i++)
		worker_close(&program->workers[i]);
	free(program->workers);
	intake_close(program->shared.intake);
	tracker_close(program->tracker);
	cache_close(program->shared.cache);
	prober_close(program->prober);
	breaker_close(program->shared.breaker);
	ends_close(program->ends);
	sites_close(program->shared.sites);
	hash_pool_close(program->hash_pool);
	leaders_close(program->shared.leaders);
	places_close(program->shared.places);
}

/* Returns the stores that answer: bits of enum store_up. */
static unsigned int
stores_up(const struct program *program)
{
	return stores_up_now(program->shared.breaker, program->shared.sites);
}

/*
 * Waits for the first result of both stores, SETTLE_MS at most.  For a store
 * that answered before a reload it waits until serve_by_ms.  False: that store
 * does not answer.
 */
static bool
await_stores(struct program *program)
{
	const struct timespec pause = { .tv_nsec = STOP_POLL_NS };
	unsigned int needs = program->reload->needs, lacking;
	int64_t settle_ms = clock_ms() + SETTLE_MS;

	for (;;) {
		bool is_settled = stores_up_are_known(
		    program->shared.breaker, program->shared.sites);

		lacking = needs & ~stores_up(program);
		if (signals_stop_is_pending() ||
		    (lacking == 0 && (is_settled || clock_ms() >= settle_ms)))
			return true;
		if (lacking != 0 && clock_ms() >= program->reload->serve_by_ms)
			break;
		notify_alive();
		nanosleep(&pause, NULL);
	}
	return start_failed(program, lacking & UP_REDIS ? "redis" : "mysql",
	    "it does not answer, and did before the reload");
}

/*
 * Opens all parts and starts the workers.  At a reload the program waits for
 * the stores before it accepts: with a bridge another process serves meanwhile.
 * Otherwise it accepts first.  False: the failure was logged.
 */
static bool
open_and_start(struct program *program, const struct listeners *listeners)
{
	int channel = reload_predecessor(program->reload);

	if (!open_places(program) || !open_shared_stores(program) ||
	    !open_refresher(program) || !open_cache(program) ||
	    (channel >= 0 && !await_stores(program)) ||
	    !open_intake(program, listeners))
		return false;
	if (channel >= 0 && !intake_adopt(program->shared.intake, channel))
		return start_failed(program, "intake", strerror(errno));
	if (!open_workers(program) || !start_workers(program))
		return false;
	watchdog_watch_workers(
	    program->watchdog, program->workers, program->open_count);
	return channel >= 0 || await_stores(program);
}

/*
 * Begins a reload.  True: the new program serves, or its trial succeeded.  A
 * bridge ignores SIGHUP: only its parent process reloads.
 */
static bool
begin_reload(struct program *program)
{
	bool with_bridge = program->conf->server_reload == CONF_RELOAD_BRIDGE;

	if (program->reload->part == RELOAD_BRIDGE)
		return false;
	notify_reloading();
	if (reload_begin(program->reload, with_bridge, stores_up(program)))
		return true;
	reload_tell_refused(program->reload);
	return false;
}

/*
 * Takes signals until one says to stop, or a reload succeeds.  While the bridge
 * of the last reload still answers its requests, the next reload waits.
 */
static void
serve_on(struct program *program)
{
	bool is_reload_wanted = false;

	for (;;) {
		int number = signals_wait(-1);

		if (signals_is_stop(number)) {
			log_event(LOG_INFO, "stopping",
			    log_num("signal", number), LOG_END);
			notify_stopping();
			return;
		}
		if (number == SIGHUP || number == SIGUSR2)
			log_reopen();
		reload_reap(program->reload);
		is_reload_wanted = is_reload_wanted || number == SIGHUP;
		if (!is_reload_wanted || program->reload->bridge > 0)
			continue;
		is_reload_wanted = false;
		if (begin_reload(program))
			return;
	}
}

/*
 * Ends the process, or becomes the new program, without freeing anything:
 * threads that still run use it all, the stack of run() included.
 */
static _Noreturn void
leave_at_once(struct program *program)
{
	struct reload *reload = program->reload;

	log_event(LOG_WARN, "stopped",
	    log_text("reason", "stop_timeout passed"), LOG_END);
	log_close();
	if (reload->is_leaving && signals_stop_is_pending())
		reload_abandon(reload);
	if (!reload->is_leaving)
		_exit(EX_OK);
	reload_exec(reload);
	_exit(reload_failed(reload, EX_OSERR));
}

/* Answers the requests under way, then closes everything. */
static void
answer_and_close(struct program *program, bool has_started)
{
	if (program->shared.intake != NULL)
		intake_stop(
		    program->shared.intake, reload_successor(program->reload));
	refresher_stop(program->shared.refresher);
	if (!join_workers(program))
		leave_at_once(program);
	close_all(program);
	if (has_started && !program->reload->is_leaving)
		log_event(LOG_INFO, "stopped",
		    log_text("reason", "all answered"), LOG_END);
	log_close();
}

int
run(const struct conf_all *conf, const struct themes *themes,
    const struct listeners *listeners, struct reload *reload)
{
	struct program program = { .all = conf,
		.conf = &conf->common,
		.themes = themes,
		.reload = reload };
	bool has_started;

	program.connections = descriptors_for_connections(conf);
	open_counters(&program);
	has_started = open_and_start(&program, listeners);
	if (has_started) {
		log_event(LOG_INFO, "started",
		    log_text("version", PACKAGE_VERSION),
		    log_num("workers", program.conf->server_workers), LOG_END);
		reload_serves(reload);
		notify_ready(stores_up_words(stores_up(&program)));
		serve_on(&program);
	}
	answer_and_close(&program, has_started);
	if (reload->is_leaving && signals_stop_is_pending())
		reload_abandon(reload);
	return has_started ? EX_OK : EX_OSERR;
}
