/*
 * The circuit breaker before Redis: one state, and a condition for its changes.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/wire/breaker.h"

enum {
	TIMEOUTS_MAX = 3, /* in a row */
	DOUBT_MS = 200,	  /* limit of the wait for the primary */
	CUT_OFF_MS = 2000 /* how long a cut-off replica is read */
};

enum breaker_state {
	BREAKER_STARTING, /* before the first probe's result */
	BREAKER_CLOSED,	  /* Redis is asked */
	BREAKER_OPEN	  /* Redis is not asked */
};

struct breaker {
	struct breaker_options options;
	_Atomic int state;    /* enum breaker_state; written under the lock */
	_Atomic int timeouts; /* in a row */
	_Atomic unsigned int epoch; /* written under the lock */
	_Atomic bool reads_replica; /* written under the lock */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	bool is_stopping;
	bool is_asked;		/* a probe was requested */
	int64_t wrong_since_ms; /* primary missing since; 0: it is there */
	bool is_doubt_logged;	/* "redis doubted" was logged */
	int64_t cut_since_ms;	/* replica cut off since; 0: it is not */
	unsigned int found;	/* times that a probe found a primary */
	struct where where;
};

static void
log_state(const struct breaker *breaker, enum log_level level,
    const char *words, const char *reason)
{
	const struct redis_url *url = breaker->options.url;
	const char *site = log_set_site(NULL); /* no single site's event */

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

/* Called with the lock held.  The condition uses the clock of clock_ms. */
static bool
wait_changed(struct breaker *breaker, int64_t deadline_ms)
{
	const struct timespec until = { .tv_sec = deadline_ms / 1000,
		.tv_nsec = deadline_ms % 1000 * 1000000 };

	return pthread_cond_timedwait(
		   &breaker->changed, &breaker->lock, &until) != ETIMEDOUT;
}

bool
breaker_admits(struct breaker *breaker, const struct call *call)
{
	bool in_time = true;

	if (state_of(breaker) == BREAKER_STARTING) {
		place_before_wait(call->claims);
		pthread_mutex_lock(&breaker->lock);
		while (state_of(breaker) == BREAKER_STARTING && in_time)
			in_time = wait_changed(breaker, call->deadline_ms);
		pthread_mutex_unlock(&breaker->lock);
	}
	return state_of(breaker) == BREAKER_CLOSED;
}

struct where
breaker_where(struct breaker *breaker, unsigned int *epoch)
{
	struct where where;

	pthread_mutex_lock(&breaker->lock);
	where = breaker->where;
	*epoch = atomic_load(&breaker->epoch);
	pthread_mutex_unlock(&breaker->lock);
	return where;
}

unsigned int
breaker_epoch(struct breaker *breaker)
{
	return atomic_load(&breaker->epoch);
}

bool
breaker_reads_replica(const struct breaker *breaker)
{
	return atomic_load(&breaker->reads_replica);
}

bool
breaker_is_closed(struct breaker *breaker)
{
	return state_of(breaker) == BREAKER_CLOSED;
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

/* Called with the lock held. */
static void
ask_prober(struct breaker *breaker)
{
	breaker->is_asked = true;
	pthread_cond_broadcast(&breaker->changed);
}

void
breaker_suspect(struct breaker *breaker)
{
	pthread_mutex_lock(&breaker->lock);
	ask_prober(breaker);
	pthread_mutex_unlock(&breaker->lock);
}

/* Called with the lock held.  The primary is missing from now on. */
static void
note_wrong(struct breaker *breaker)
{
	if (breaker->wrong_since_ms == 0)
		breaker->wrong_since_ms = clock_ms();
}

bool
breaker_doubt(struct breaker *breaker, const struct call *call)
{
	bool in_time = true, is_found;
	int64_t deadline_ms = call->deadline_ms;
	unsigned int found;

	place_before_wait(call->claims);
	pthread_mutex_lock(&breaker->lock);
	found = breaker->found;
	note_wrong(breaker);
	if (deadline_ms > breaker->wrong_since_ms + DOUBT_MS)
		deadline_ms = breaker->wrong_since_ms + DOUBT_MS;
	if (clock_ms() < deadline_ms) /* else its regular probes go on */
		ask_prober(breaker);
	while (breaker->found == found && !breaker->is_stopping && in_time)
		in_time = wait_changed(breaker, deadline_ms);
	is_found = breaker->found != found;
	pthread_mutex_unlock(&breaker->lock);
	return is_found;
}

bool
breaker_is_awaited(struct breaker *breaker)
{
	bool is_awaited;

	pthread_mutex_lock(&breaker->lock);
	is_awaited = breaker->wrong_since_ms != 0 &&
		     clock_ms() < breaker->wrong_since_ms + DOUBT_MS;
	pthread_mutex_unlock(&breaker->lock);
	return is_awaited;
}

/* Called with the lock held.  Maybe another server: ends older links. */
static void
move_to(struct breaker *breaker, const struct where *where)
{
	breaker->where = *where;
	atomic_fetch_add(&breaker->epoch, 1);
}

static void
settle_on_primary(
    struct breaker *breaker, const struct where *where, bool is_new)
{
	bool was_wrong, is_logged;

	pthread_mutex_lock(&breaker->lock);
	was_wrong = breaker->wrong_since_ms != 0;
	is_logged = was_wrong && (is_new || breaker->is_doubt_logged);
	if (is_new || was_wrong)
		move_to(breaker, where);
	breaker->wrong_since_ms = breaker->cut_since_ms = 0;
	atomic_store(&breaker->reads_replica, false);
	breaker->is_doubt_logged = false;
	breaker->found++;
	pthread_cond_broadcast(&breaker->changed);
	pthread_mutex_unlock(&breaker->lock);
	if (is_logged && breaker_is_closed(breaker))
		log_state(
		    breaker, LOG_INFO, "redis moved", "a primary was found");
	set_state(breaker, BREAKER_CLOSED, "");
}

/* A replica is read until the primary is found, unless it is cut off. */
static void
settle_on_replica(struct breaker *breaker, const struct where *where,
    bool is_new, bool is_cut_off, const char *reason)
{
	bool was_closed = breaker_is_closed(breaker), is_logged, is_of_use;

	pthread_mutex_lock(&breaker->lock);
	is_logged = breaker->wrong_since_ms != 0 && breaker->is_doubt_logged;
	note_wrong(breaker);
	if (!is_cut_off)
		breaker->cut_since_ms = 0;
	else if (breaker->cut_since_ms == 0)
		breaker->cut_since_ms = clock_ms();
	is_of_use =
	    !is_cut_off ||
	    (was_closed && clock_ms() < breaker->cut_since_ms + CUT_OFF_MS);
	if (is_new && is_of_use)
		move_to(breaker, where);
	breaker->is_doubt_logged = is_of_use;
	atomic_store(&breaker->reads_replica, is_of_use);
	pthread_mutex_unlock(&breaker->lock);
	if (!is_logged && is_of_use)
		log_state(breaker, LOG_WARN, "redis doubted", reason);
	set_state(breaker, is_of_use ? BREAKER_CLOSED : BREAKER_OPEN, reason);
}

void
breaker_probed(struct breaker *breaker, enum breaker_server server,
    const struct where *where, bool is_new, const char *reason)
{
	switch (server) {
	case BREAKER_AWAY:
		set_state(breaker, BREAKER_OPEN, reason);
		break;
	case BREAKER_CUT_OFF:
	case BREAKER_REPLICA:
		settle_on_replica(
		    breaker, where, is_new, server == BREAKER_CUT_OFF, reason);
		break;
	case BREAKER_PRIMARY:
		settle_on_primary(breaker, where, is_new);
		break;
	}
}

bool
breaker_wait(struct breaker *breaker, int64_t due_ms, bool *is_asked)
{
	bool was_open, is_stopping;

	pthread_mutex_lock(&breaker->lock);
	was_open = state_of(breaker) == BREAKER_OPEN;
	while (!breaker->is_stopping && !breaker->is_asked &&
	       clock_ms() < due_ms &&
	       (was_open || state_of(breaker) != BREAKER_OPEN))
		wait_changed(breaker, due_ms);
	*is_asked = breaker->is_asked;
	breaker->is_asked = false;
	is_stopping = breaker->is_stopping;
	pthread_mutex_unlock(&breaker->lock);
	return !is_stopping;
}

bool
breaker_pause(struct breaker *breaker, int64_t due_ms)
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

struct breaker_options
breaker_options_of(const struct conf *conf)
{
	return (struct breaker_options){
		.url = &conf->redis,
		.connect_ms = conf->effective.redis_connect_ms,
		.command_ms = conf->effective.redis_command_ms,
	};
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
