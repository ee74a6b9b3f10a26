/*
 * The circuit breaker before Redis: one state, and a condition for its changes.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/back_off.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/monotonic.h"
#include "redis/wire/breaker.h"
#include "redis/wire/breaker_log.h"

enum {
	DOUBT_MS = 200,	  /* limit of the wait for the primary */
	CUT_OFF_MS = 2000 /* how long a cut-off replica is read */
};

enum breaker_state {
	BREAKER_STARTING, /* before the first probe's result */
	BREAKER_MOVING,	  /* after breaker_leave, before a result */
	BREAKER_CLOSED,	  /* Redis is asked */
	BREAKER_OPEN	  /* Redis is not asked */
};

struct breaker {
	struct breaker_options options;
	struct tls *tls;      /* NULL: without TLS */
	_Atomic int state;    /* enum breaker_state; written under the lock */
	_Atomic int timeouts; /* in a row */
	_Atomic unsigned int epoch; /* written under the lock */
	_Atomic bool reads_replica; /* written under the lock */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	bool is_stopping;
	bool is_asked;		/* a probe was requested */
	int64_t wrong_since_ms; /* no primary since; 0: there is one */
	bool is_doubt_logged;	/* "redis doubted" was logged */
	int64_t cut_since_ms;	/* replica cut off since; 0: it is not */
	unsigned int found;	/* number of probes that found a primary */
	struct server_address address; /* len 0: none yet */
	unsigned int address_epoch;    /* epoch in which it was found */
	bool is_left;		       /* links must not connect to it */
	char why[256]; /* why there is no usable primary, or "" */
};

static enum breaker_state
state_of(const struct breaker *breaker)
{
	return (enum breaker_state)atomic_load(&breaker->state);
}

/* Called with the lock held.  Returns the former state. */
static enum breaker_state
switch_state(struct breaker *breaker, enum breaker_state state)
{
	int old = atomic_exchange(&breaker->state, (int)state);

	atomic_store(&breaker->timeouts, 0);
	pthread_cond_broadcast(&breaker->changed);
	return (enum breaker_state)old;
}

/*
 * Called without the lock.  Logs a change of state, except from BREAKER_MOVING
 * to BREAKER_CLOSED: breaker_probed logs "redis moved" then.
 */
static void
log_switch(struct breaker *breaker, enum breaker_state old,
    enum breaker_state state, const char *reason)
{
	if (old == state || (old == BREAKER_MOVING && state == BREAKER_CLOSED))
		return;
	if (state == BREAKER_CLOSED) {
		breaker_log_ready(breaker);
	} else {
		breaker_log(breaker, LOG_ERROR, "redis lost", reason);
		breaker_log(breaker, LOG_INFO, "redis reconnecting", reason);
	}
}

/* Called with the lock held.  Sets the reason that breaker_why returns. */
static void
note_why(struct breaker *breaker, const char *why)
{
	snprintf(breaker->why, sizeof(breaker->why), "%s", why);
}

static void
set_state(struct breaker *breaker, enum breaker_state state, const char *reason)
{
	enum breaker_state old;

	pthread_mutex_lock(&breaker->lock);
	old = switch_state(breaker, state);
	note_why(breaker, reason);
	pthread_mutex_unlock(&breaker->lock);
	log_switch(breaker, old, state, reason);
}

/*
 * Called with the lock held, which it releases meanwhile.  Waits for any change
 * of the breaker.  False: deadline_ms has passed.
 */
static bool
wait_changed(struct breaker *breaker, int64_t deadline_ms)
{
	return monotonic_cond_wait(
	    &breaker->changed, &breaker->lock, deadline_ms);
}

static bool
awaits_probe(const struct breaker *breaker)
{
	enum breaker_state state = state_of(breaker);

	return state == BREAKER_STARTING || state == BREAKER_MOVING;
}

bool
breaker_admits(struct breaker *breaker, const struct call *call)
{
	bool in_time = true;

	if (awaits_probe(breaker)) {
		place_before_wait(call->claims);
		pthread_mutex_lock(&breaker->lock);
		while (awaits_probe(breaker) && in_time)
			in_time = wait_changed(breaker, call->deadline_ms);
		pthread_mutex_unlock(&breaker->lock);
	}
	return state_of(breaker) == BREAKER_CLOSED;
}

struct server_address
breaker_address(struct breaker *breaker, unsigned int *epoch)
{
	struct server_address address;

	pthread_mutex_lock(&breaker->lock);
	address = breaker->address;
	if (breaker->is_left)
		address.len = 0;
	*epoch = breaker->address_epoch;
	pthread_mutex_unlock(&breaker->lock);
	return address;
}

unsigned int
breaker_epoch(const struct breaker *breaker)
{
	return atomic_load(&breaker->epoch);
}

bool
breaker_why(struct breaker *breaker, char *why, size_t size)
{
	pthread_mutex_lock(&breaker->lock);
	snprintf(why, size, "%s", breaker->why);
	pthread_mutex_unlock(&breaker->lock);
	return why[0] != '\0';
}

bool
breaker_reads_replica(const struct breaker *breaker)
{
	return breaker->options.takes_replica ||
	       atomic_load(&breaker->reads_replica);
}

bool
breaker_is_closed(const struct breaker *breaker)
{
	return state_of(breaker) == BREAKER_CLOSED;
}

bool
breaker_is_open(const struct breaker *breaker)
{
	return state_of(breaker) == BREAKER_OPEN;
}

void
breaker_timed_out(struct breaker *breaker)
{
	if (atomic_fetch_add(&breaker->timeouts, 1) + 1 >= BACK_OFF_TIMEOUTS &&
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

/* Called with the lock held.  Requests a probe. */
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

/* Called with the lock held.  Notes that there is no primary from now on. */
static void
note_wrong(struct breaker *breaker)
{
	if (breaker->wrong_since_ms == 0)
		breaker->wrong_since_ms = clock_ms();
}

void
breaker_leave(struct breaker *breaker)
{
	pthread_mutex_lock(&breaker->lock);
	atomic_fetch_add(&breaker->epoch, 1);
	breaker->is_left = true;
	note_wrong(breaker);
	if (state_of(breaker) == BREAKER_CLOSED)
		atomic_store(&breaker->state, BREAKER_MOVING);
	ask_prober(breaker);
	pthread_mutex_unlock(&breaker->lock);
}

bool
breaker_doubt(struct breaker *breaker, const struct call *call)
{
	bool in_time = true, is_found;
	int64_t deadline_ms = call->deadline_ms;
	unsigned int found;

	if (breaker->options.takes_replica)
		return false;
	place_before_wait(call->claims);
	pthread_mutex_lock(&breaker->lock);
	found = breaker->found;
	note_wrong(breaker);
	if (deadline_ms > breaker->wrong_since_ms + DOUBT_MS)
		deadline_ms = breaker->wrong_since_ms + DOUBT_MS;
	if (clock_ms() < deadline_ms) /* else its regular probes are enough */
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

/*
 * Called with the lock held.  Sets the current address.  The server may be
 * another one, so the epoch grows and older links are closed.
 */
static void
move_to(struct breaker *breaker, const struct server_address *address)
{
	breaker->address = *address;
	breaker->is_left = false;
	breaker->address_epoch = atomic_fetch_add(&breaker->epoch, 1) + 1;
}

/* Called with the lock held.  True: the caller logs "redis moved". */
static bool
settle_on_primary(struct breaker *breaker, const struct breaker_report *report)
{
	bool was_wrong = breaker->wrong_since_ms != 0;
	bool is_elsewhere =
	    breaker->address.len != 0 &&
	    !server_address_equal(&breaker->address, &report->address);
	bool is_logged =
	    is_elsewhere ||
	    (was_wrong && (report->is_new || breaker->is_doubt_logged));

	if (report->is_new || was_wrong)
		move_to(breaker, &report->address);
	breaker->wrong_since_ms = breaker->cut_since_ms = 0;
	atomic_store(&breaker->reads_replica, false);
	breaker->is_doubt_logged = false;
	breaker->found++;
	return is_logged && state_of(breaker) != BREAKER_OPEN;
}

/*
 * Called with the lock held.  True if the replica is read: until the primary is
 * found, and once it is cut off, for CUT_OFF_MS if it was read before.
 */
static bool
note_cut_off(struct breaker *breaker, bool is_cut_off)
{
	if (!is_cut_off)
		breaker->cut_since_ms = 0;
	else if (breaker->cut_since_ms == 0)
		breaker->cut_since_ms = clock_ms();
	return !is_cut_off ||
	       (state_of(breaker) == BREAKER_CLOSED &&
		   clock_ms() < breaker->cut_since_ms + CUT_OFF_MS);
}

/* Called with the lock held.  True: the caller logs "redis doubted". */
static bool
settle_on_replica(
    struct breaker *breaker, const struct breaker_report *report, bool is_used)
{
	bool was_logged =
	    breaker->wrong_since_ms != 0 && breaker->is_doubt_logged;

	note_wrong(breaker);
	if (report->is_new && is_used)
		move_to(breaker, &report->address);
	breaker->is_doubt_logged = is_used;
	atomic_store(&breaker->reads_replica, is_used);
	return !was_logged && is_used;
}

/*
 * Called with the lock held.  Applies a report.  Returns the new state;
 * *is_logged: the caller logs "redis moved" or "redis doubted".
 */
static enum breaker_state
settle(struct breaker *breaker, const struct breaker_report *report,
    bool *is_logged)
{
	bool is_used;

	switch (report->server) {
	case BREAKER_PRIMARY:
		*is_logged = settle_on_primary(breaker, report);
		return BREAKER_CLOSED;
	case BREAKER_CUT_OFF:
	case BREAKER_REPLICA:
		is_used =
		    note_cut_off(breaker, report->server == BREAKER_CUT_OFF);
		*is_logged = settle_on_replica(breaker, report, is_used);
		return is_used ? BREAKER_CLOSED : BREAKER_OPEN;
	default:
		return BREAKER_OPEN;
	}
}

void
breaker_probed(struct breaker *breaker, const struct breaker_report *report)
{
	enum breaker_state old, state;
	bool is_logged = false;

	pthread_mutex_lock(&breaker->lock);
	old = state = state_of(breaker);
	if (report->epoch == atomic_load(&breaker->epoch)) {
		state = settle(breaker, report, &is_logged);
		switch_state(breaker, state);
		note_why(breaker,
		    report->server == BREAKER_PRIMARY ? "" : report->reason);
	}
	pthread_mutex_unlock(&breaker->lock);
	if (is_logged && report->server == BREAKER_PRIMARY) {
		counter_add(COUNTER_REDIS_MOVES, 1);
		breaker_log(
		    breaker, LOG_INFO, "redis moved", "a primary was found");
	} else if (is_logged) {
		breaker_log(breaker, LOG_WARN, "redis doubted", report->reason);
	}
	log_switch(breaker, old, state, report->reason);
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

struct tls *
breaker_tls(const struct breaker *breaker)
{
	return breaker->tls;
}

struct breaker *
breaker_open(const struct breaker_options *options, char *why, size_t why_size)
{
	struct breaker *breaker = calloc(1, sizeof(*breaker));

	snprintf(why, why_size, "no memory");
	if (breaker == NULL)
		return NULL;
	breaker->options = *options;
	if (options->tls.is_used) {
		breaker->tls = tls_open(&options->tls, why, why_size);
		if (breaker->tls == NULL) {
			free(breaker);
			return NULL;
		}
	}
	pthread_mutex_init(&breaker->lock, NULL);
	monotonic_cond_open(&breaker->changed);
	return breaker;
}

void
breaker_close(struct breaker *breaker)
{
	if (breaker == NULL)
		return;
	pthread_cond_destroy(&breaker->changed);
	pthread_mutex_destroy(&breaker->lock);
	tls_close(breaker->tls);
	free(breaker);
}
