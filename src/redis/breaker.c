/* The breaker before Redis, and the thread that probes behind it. */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "redis/breaker.h"
#include "redis/link.h"

enum {
	TIMEOUTS_MAX = 3, /* in a row */
	PROBE_FIRST_MS = 100,
	PROBE_LAST_MS = 1000,
	JITTER_PERCENT = 20
};

enum breaker_state {
	BREAKER_STARTING, /* the first probe is not back */
	BREAKER_CLOSED,	  /* Redis is asked */
	BREAKER_OPEN	  /* Redis is not asked */
};

struct breaker {
	struct breaker_options options;
	pthread_t thread;
	_Atomic int state;    /* enum breaker_state; written under the lock */
	_Atomic int timeouts; /* in a row */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	bool is_stopping;
	struct sockaddr_storage address;
	socklen_t address_len;
	unsigned int seed;
};

static void
log_state(const struct breaker *breaker, enum log_level level,
    const char *words, const char *reason)
{
	const struct redis_url *url = breaker->options.url;

	log_event(level, words,
	    log_text("server", url->is_unix ? url->path : url->host),
	    log_text("reason", reason), LOG_END);
}

static void
set_state(struct breaker *breaker, enum breaker_state state, const char *reason)
{
	int old;

	pthread_mutex_lock(&breaker->lock);
	old = atomic_exchange(&breaker->state, (int)state);
	atomic_store(&breaker->timeouts, 0);
	pthread_cond_broadcast(&breaker->changed);
	pthread_mutex_unlock(&breaker->lock);
	if (old == (int)state)
		return;
	if (state == BREAKER_CLOSED) {
		log_state(breaker, LOG_INFO, "redis ready", "it answers");
	} else {
		log_state(breaker, LOG_ERROR, "redis lost", reason);
		log_state(breaker, LOG_INFO, "redis reconnecting", reason);
	}
}

const struct breaker_options *
breaker_options(const struct breaker *breaker)
{
	return &breaker->options;
}

/* The condition variables here run on the clock of clock_ms. */
static bool
wait_changed(struct breaker *breaker, int64_t deadline_ms)
{
	const struct timespec until = { .tv_sec = deadline_ms / 1000,
		.tv_nsec = deadline_ms % 1000 * 1000000 };

	return pthread_cond_timedwait(
		   &breaker->changed, &breaker->lock, &until) != ETIMEDOUT;
}

bool
breaker_admits(struct breaker *breaker, int64_t deadline_ms)
{
	if (atomic_load(&breaker->state) == BREAKER_STARTING) {
		wait_yield();
		pthread_mutex_lock(&breaker->lock);
		while (atomic_load(&breaker->state) == BREAKER_STARTING &&
		       wait_changed(breaker, deadline_ms))
			;
		pthread_mutex_unlock(&breaker->lock);
	}
	return atomic_load(&breaker->state) == BREAKER_CLOSED;
}

socklen_t
breaker_address(struct breaker *breaker, struct sockaddr_storage *address)
{
	socklen_t len;

	pthread_mutex_lock(&breaker->lock);
	*address = breaker->address;
	len = breaker->address_len;
	pthread_mutex_unlock(&breaker->lock);
	return len;
}

void
breaker_timed_out(struct breaker *breaker)
{
	if (atomic_fetch_add(&breaker->timeouts, 1) + 1 >= TIMEOUTS_MAX &&
	    atomic_load(&breaker->state) == BREAKER_CLOSED)
		set_state(breaker, BREAKER_OPEN, "it does not answer in time");
}

void
breaker_refused(struct breaker *breaker, const char *reason)
{
	if (atomic_load(&breaker->state) == BREAKER_CLOSED)
		set_state(breaker, BREAKER_OPEN, reason);
}

void
breaker_succeeded(struct breaker *breaker)
{
	if (atomic_load(&breaker->timeouts) != 0)
		atomic_store(&breaker->timeouts, 0);
}

static socklen_t
resolve_unix(const struct redis_url *url, struct sockaddr_storage *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)address;

	if (strlen(url->path) >= sizeof(un->sun_path))
		return 0;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, url->path, strlen(url->path) + 1);
	return sizeof(*un);
}

static socklen_t
resolve_host(const struct redis_url *url, struct sockaddr_storage *address)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *info = NULL;
	char port[8];
	socklen_t len = 0;

	snprintf(port, sizeof(port), "%d", url->port);
	if (getaddrinfo(url->host, port, &hints, &info) != 0)
		return 0;
	memcpy(address, info->ai_addr, info->ai_addrlen);
	len = info->ai_addrlen;
	freeaddrinfo(info);
	return len;
}

/* Anew before each probe: after a fail-over a name may lead elsewhere. */
static bool
resolve(struct breaker *breaker)
{
	const struct redis_url *url = breaker->options.url;
	struct sockaddr_storage address = { 0 };
	socklen_t len = url->is_unix ? resolve_unix(url, &address)
				     : resolve_host(url, &address);

	if (len == 0)
		return false;
	pthread_mutex_lock(&breaker->lock);
	breaker->address = address;
	breaker->address_len = len;
	pthread_mutex_unlock(&breaker->lock);
	return true;
}

static void
probe(struct breaker *breaker, struct link *link)
{
	char why[LINK_WHY_MAX];

	if (!resolve(breaker))
		set_state(breaker, BREAKER_OPEN, "its name cannot be resolved");
	else if (link_probe(link, why, sizeof(why)))
		set_state(breaker, BREAKER_CLOSED, NULL);
	else
		set_state(breaker, BREAKER_OPEN, why);
}

/* So that the gates of many hosts do not knock in step. */
static int64_t
with_jitter(struct breaker *breaker, int64_t pause_ms)
{
	int percent = rand_r(&breaker->seed) % (2 * JITTER_PERCENT + 1);

	return pause_ms * (100 - JITTER_PERCENT + percent) / 100;
}

/* Under the lock: sleeps until it is time for the next probe. */
static void
wait_for_probe(struct breaker *breaker, int64_t *pause_ms)
{
	int64_t due_ms;

	while (!breaker->is_stopping &&
	       atomic_load(&breaker->state) == BREAKER_CLOSED) {
		*pause_ms = PROBE_FIRST_MS;
		pthread_cond_wait(&breaker->changed, &breaker->lock);
	}
	due_ms = clock_ms() + with_jitter(breaker, *pause_ms);
	while (!breaker->is_stopping && clock_ms() < due_ms)
		wait_changed(breaker, due_ms);
	*pause_ms *= 2;
	if (*pause_ms > PROBE_LAST_MS)
		*pause_ms = PROBE_LAST_MS;
}

static void *
breaker_thread(void *arg)
{
	struct breaker *breaker = arg;
	struct link *link = link_open(breaker);
	int64_t pause_ms = PROBE_FIRST_MS;

	log_state(breaker, LOG_INFO, "redis connecting", "start");
	while (link != NULL) {
		bool is_stopping;

		probe(breaker, link);
		pthread_mutex_lock(&breaker->lock);
		wait_for_probe(breaker, &pause_ms);
		is_stopping = breaker->is_stopping;
		pthread_mutex_unlock(&breaker->lock);
		if (is_stopping)
			break;
	}
	link_close(link);
	return NULL;
}

static struct breaker *
breaker_new(const struct breaker_options *options)
{
	struct breaker *breaker = calloc(1, sizeof(*breaker));
	pthread_condattr_t monotonic;

	if (breaker == NULL)
		return NULL;
	breaker->options = *options;
	breaker->seed = (unsigned int)clock_ms();
	pthread_mutex_init(&breaker->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&breaker->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return breaker;
}

static void
breaker_free(struct breaker *breaker)
{
	pthread_cond_destroy(&breaker->changed);
	pthread_mutex_destroy(&breaker->lock);
	free(breaker);
}

struct breaker *
breaker_open(const struct breaker_options *options)
{
	struct breaker *breaker = breaker_new(options);

	if (breaker != NULL && pthread_create(&breaker->thread, NULL,
				   breaker_thread, breaker) != 0) {
		breaker_free(breaker);
		return NULL;
	}
	return breaker;
}

bool
breaker_try(const struct breaker_options *options, char *why, size_t size)
{
	struct breaker *breaker = breaker_new(options);
	struct link *link = NULL;
	bool works = false;

	if (breaker == NULL)
		return false;
	link = link_open(breaker);
	if (!resolve(breaker))
		snprintf(why, size, "its name cannot be resolved");
	else
		works = link != NULL && link_probe(link, why, size);
	link_close(link);
	breaker_free(breaker);
	return works;
}

void
breaker_close(struct breaker *breaker)
{
	if (breaker == NULL)
		return;
	pthread_mutex_lock(&breaker->lock);
	breaker->is_stopping = true;
	pthread_cond_broadcast(&breaker->changed);
	pthread_mutex_unlock(&breaker->lock);
	pthread_join(breaker->thread, NULL);
	breaker_free(breaker);
}
