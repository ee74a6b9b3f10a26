/* The breaker before Redis: one state, and who waits for it to change. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "redis/breaker.h"

enum { TIMEOUTS_MAX = 3 /* in a row */ };

enum breaker_state {
	BREAKER_STARTING, /* the first probe is not back */
	BREAKER_CLOSED,	  /* Redis is asked */
	BREAKER_OPEN	  /* Redis is not asked */
};

struct breaker {
	struct breaker_options options;
	_Atomic int state;    /* enum breaker_state; written under the lock */
	_Atomic int timeouts; /* in a row */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	bool is_stopping;
	struct sockaddr_storage address;
	socklen_t address_len;
};

static void
log_state(const struct breaker *breaker, enum log_level level,
    const char *words, const char *reason)
{
	const struct redis_url *url = breaker->options.url;
	const char *site = log_set_site(NULL); /* it is of all sites */

	log_event(level, words,
	    log_text("server", url->is_unix ? url->path : url->host),
	    log_text("reason", reason), LOG_END);
	log_set_site(site);
}

static enum breaker_state
state_of(struct breaker *breaker)
{
	return (enum breaker_state)atomic_load(&breaker->state);
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

/* Under the lock; the condition runs on the clock of clock_ms. */
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
	bool in_time = true;

	if (state_of(breaker) == BREAKER_STARTING) {
		wait_yield();
		pthread_mutex_lock(&breaker->lock);
		while (state_of(breaker) == BREAKER_STARTING && in_time)
			in_time = wait_changed(breaker, deadline_ms);
		pthread_mutex_unlock(&breaker->lock);
	}
	return state_of(breaker) == BREAKER_CLOSED;
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
breaker_set_address(struct breaker *breaker,
    const struct sockaddr_storage *address, socklen_t len)
{
	pthread_mutex_lock(&breaker->lock);
	breaker->address = *address;
	breaker->address_len = len;
	pthread_mutex_unlock(&breaker->lock);
}

void
breaker_timed_out(struct breaker *breaker)
{
	if (atomic_fetch_add(&breaker->timeouts, 1) + 1 >= TIMEOUTS_MAX &&
	    state_of(breaker) == BREAKER_CLOSED)
		set_state(breaker, BREAKER_OPEN, "it does not answer in time");
}

void
breaker_refused(struct breaker *breaker, const char *reason)
{
	if (state_of(breaker) == BREAKER_CLOSED)
		set_state(breaker, BREAKER_OPEN, reason);
}

void
breaker_succeeded(struct breaker *breaker)
{
	if (atomic_load(&breaker->timeouts) != 0)
		atomic_store(&breaker->timeouts, 0);
}

void
breaker_probed(struct breaker *breaker, bool answers, const char *reason)
{
	set_state(breaker, answers ? BREAKER_CLOSED : BREAKER_OPEN, reason);
}

bool
breaker_wait_open(struct breaker *breaker)
{
	bool is_stopping;

	pthread_mutex_lock(&breaker->lock);
	while (!breaker->is_stopping && state_of(breaker) != BREAKER_OPEN)
		pthread_cond_wait(&breaker->changed, &breaker->lock);
	is_stopping = breaker->is_stopping;
	pthread_mutex_unlock(&breaker->lock);
	return !is_stopping;
}

bool
breaker_wait_until(struct breaker *breaker, int64_t due_ms)
{
	bool is_stopping;

	pthread_mutex_lock(&breaker->lock);
	while (!breaker->is_stopping && clock_ms() < due_ms)
		wait_changed(breaker, due_ms);
	is_stopping = breaker->is_stopping;
	pthread_mutex_unlock(&breaker->lock);
	return !is_stopping;
}

void
breaker_stop(struct breaker *breaker)
{
	pthread_mutex_lock(&breaker->lock);
	breaker->is_stopping = true;
	pthread_cond_broadcast(&breaker->changed);
	pthread_mutex_unlock(&breaker->lock);
}

const struct breaker_options *
breaker_options(const struct breaker *breaker)
{
	return &breaker->options;
}

struct breaker *
breaker_open(const struct breaker_options *options)
{
	struct breaker *breaker = calloc(1, sizeof(*breaker));
	pthread_condattr_t monotonic;

	if (breaker == NULL)
		return NULL;
	breaker->options = *options;
	pthread_mutex_init(&breaker->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&breaker->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return breaker;
}

void
breaker_close(struct breaker *breaker)
{
	if (breaker == NULL)
		return;
	pthread_cond_destroy(&breaker->changed);
	pthread_mutex_destroy(&breaker->lock);
	free(breaker);
}
