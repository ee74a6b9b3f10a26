/* Opens the parts of the program in order; closes them in reverse. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "redis/accounts.h"
#include "redis/where/prober.h"
#include "redis/tracking/tracker.h"
#include "base/hash_pool.h"
#include "redis/wire/spool.h"
#include "server/run.h"
#include "server/watchdog.h"
#include "server/worker.h"

enum { REFRESHERS_MAX = 4 };
enum { WAITING_MAX = 256, DESCRIPTORS_BESIDE = 64, CONNECTIONS_MIN = 16 };
enum { STOP_POLL_NS = 5 * 1000 * 1000 };

struct program {
	const struct conf_all *all;
	const struct conf *conf; /* the options of the process, not of a site */
	const struct themes *themes;
	int connections; /* the most at once (count_connections) */
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
start_failed(const char *part, const char *why)
{
	log_event(LOG_ERROR, "start failed", log_text("part", part),
	    log_text("reason", why), LOG_END);
	return false;
}

static const char *
spool_path(const struct conf *conf)
{
	return conf->session_spool[0] != '\0' ? conf->session_spool : NULL;
}

static bool
open_shared_stores(struct program *program)
{
	const struct app app = { .hash_run = hash_pool_run,
		.hash_pool = program->hash_pool };
	struct breaker_options redis = breaker_options_of(program->all);
	char why[512] = "";

	redis.spool = spool_path(program->conf);
	if (redis.spool != NULL && !spool_check(redis.spool))
		return start_failed("spool", strerror(errno));
	redis.ends = program->ends = ends_open();
	if (redis.ends == NULL)
		return start_failed("redis", strerror(errno));
	program->shared.sites =
	    sites_open(program->all, program->themes, &app, why, sizeof(why));
	if (program->shared.sites == NULL)
		return start_failed("mysql", why);
	program->shared.breaker = breaker_open(&redis, why, sizeof(why));
	if (program->shared.breaker == NULL)
		return start_failed("redis", why);
	program->prober = prober_open(program->shared.breaker);
	return program->prober != NULL ||
	       start_failed("prober", strerror(errno));
}

/* Every refresher needs a MySQL connection; more threads would be useless. */
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
	       start_failed("refresher", strerror(errno));
}

/* The cache of Redis values, and the tracker thread that invalidates it. */
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
		       start_failed("cache", strerror(errno));
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
	       start_failed("cache", strerror(errno));
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
		return start_failed("places", strerror(errno));
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
		return start_failed("intake", strerror(errno));
	program->watchdog = watchdog_open(
	    program->shared.intake, program->shared.sites, &gauges);
	return program->watchdog != NULL ||
	       start_failed("watchdog", strerror(errno));
}

/*
 * A file that cannot be shared is no reason not to serve.  The names of the
 * sites are those of the configuration, which outlives all threads.
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

/* All workers are open before the first thread starts. */
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
	       start_failed("workers", strerror(errno));
}

static bool
start_workers(struct program *program)
{
	while (program->started_count < program->open_count &&
	       worker_start(&program->workers[program->started_count]))
		program->started_count++;
	return program->started_count == program->open_count ||
	       start_failed("workers", strerror(errno));
}

/* False: stop_timeout passed; some threads still run and cannot be joined. */
static bool
join_workers(struct program *program)
{
	const struct timespec pause = { .tv_nsec = STOP_POLL_NS };
	int64_t deadline_ms =
	    clock_ms() + program->conf->server_stop_timeout_ms;

	while (atomic_load(&program->running) > 0 ||
	       !hash_pool_is_idle(program->hash_pool) ||
	       !refresher_is_idle(program->shared.refresher)) {
		if (clock_ms() >= deadline_ms)
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

/* Descriptors needed for anything else: stores, workers, the log. */
static rlim_t
descriptors_beside(const struct conf_all *conf)
{
	const struct conf *common = &conf->common;

	return (rlim_t)common->server_workers * 2 +
	       (rlim_t)(common->mysql_connections * 2) *
		   (rlim_t)conf_count(conf) +
	       DESCRIPTORS_BESIDE;
}

/* Raises RLIMIT_NOFILE to wanted, if allowed.  Returns the limit in force. */
static rlim_t
raise_limit(rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return wanted;
	if (limit.rlim_cur >= wanted)
		return limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

/*
 * The number of connections to allow.  Many systems limit a process to 1,024
 * descriptors.  Connections get only the descriptors that the stores do not
 * need: without connections to the stores no check could be answered.
 */
static int
count_connections(const struct conf_all *conf)
{
	int connections = conf->common.server_connections;
	rlim_t beside = descriptors_beside(conf);
	rlim_t wanted = (rlim_t)connections + beside;
	rlim_t limit = raise_limit(wanted);

	if (limit >= wanted)
		return connections;
	connections = limit > beside + CONNECTIONS_MIN ? (int)(limit - beside)
						       : CONNECTIONS_MIN;
	if (connections > conf->common.server_connections)
		connections = conf->common.server_connections;
	log_event(LOG_WARN, "descriptors few", log_num("limit", (int64_t)limit),
	    log_num("wanted", (int64_t)wanted),
	    log_num("connections", connections), LOG_END);
	return connections;
}

/* All threads inherit this mask: only sigwait() receives these signals. */
static sigset_t
block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return set;
}

static int
wait_for_stop(const sigset_t *set)
{
	int number = 0;

	do {
		if (number != 0)
			log_reopen();
		if (sigwait(set, &number) != 0)
			number = SIGTERM;
	} while (number == SIGHUP || number == SIGUSR2);
	return number;
}

int
run(const struct conf_all *conf, const struct themes *themes,
    const struct listeners *listeners)
{
	struct program program = {
		.all = conf, .conf = &conf->common, .themes = themes
	};
	sigset_t set = block_signals();
	bool has_started;

	program.connections = count_connections(conf);
	open_counters(&program);
	has_started = open_places(&program) && open_shared_stores(&program) &&
		      open_refresher(&program) && open_cache(&program) &&
		      open_intake(&program, listeners) &&
		      open_workers(&program) && start_workers(&program);

	if (has_started) {
		log_event(LOG_INFO, "started",
		    log_text("version", PACKAGE_VERSION),
		    log_num("workers", program.conf->server_workers), LOG_END);
		log_event(LOG_INFO, "stopping",
		    log_num("signal", wait_for_stop(&set)), LOG_END);
	}
	if (program.shared.intake != NULL)
		intake_stop(program.shared.intake);
	refresher_stop(program.shared.refresher);
	if (!join_workers(&program)) {
		log_event(LOG_WARN, "stopped",
		    log_text("reason", "stop_timeout passed"), LOG_END);
		log_close();
		_exit(EX_OK); /* threads still run, so nothing can be freed */
	}
	close_all(&program);
	if (has_started)
		log_event(LOG_INFO, "stopped",
		    log_text("reason", "all answered"), LOG_END);
	log_close();
	return has_started ? EX_OK : EX_OSERR;
}
