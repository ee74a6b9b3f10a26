/* The thread that opens the links, one after the other. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "mysql/connector.h"

/* Time to stop; the client library's time-outs are in whole seconds. */
#define LEAVE_MS(timeout_ms) ((timeout_ms) + 1500)

struct connector {
	struct slots *slots;
	pthread_t thread;
	bool is_stopping; /* these three are guarded by the slots' lock */
	bool has_left;	  /* signalled by link_ready */
	int64_t leave_ms; /* connector_close waits until then */
};

static void
open_succeeded(struct slots *slots, struct slot *slot)
{
	bool is_news;

	slots_lock(slots);
	is_news = sql_breaker_reset(&slots->sql_breaker);
	slots_unlock(slots);
	if (is_news)
		slots_log(slots, "mysql ready", NULL);
	slot_give(slots, slot);
}

/* Lock held.  True if a working link exists, ready or in use. */
static bool
has_links(struct slots *slots)
{
	return !sql_breaker_is_open(&slots->sql_breaker) &&
	       (slots_find(slots, SLOT_READY) != NULL ||
		   slots_find(slots, SLOT_BUSY) != NULL);
}

/*
 * If the server refuses one more link while others work, the breaker stays
 * closed: waiting workers share the existing links.
 */
static void
open_failed(
    struct slots *slots, int64_t started_ms, const struct sql_error *error)
{
	bool is_crowded, is_news;

	slots_lock(slots);
	is_crowded = error->is_crowding && has_links(slots);
	if (is_crowded)
		is_news = sql_breaker_put_off(
		    &slots->sql_breaker, started_ms, error->text);
	else
		is_news = slots_trip(slots, started_ms, error->text);
	slots_unlock(slots);
	if (is_news)
		slots_log(slots, is_crowded ? "mysql crowded" : "mysql lost",
		    error->text);
}

static void
open_slot(struct slots *slots, struct slot *slot)
{
	struct sql_error error = { 0 };
	int64_t started_ms = clock_ms();
	struct sql_link *link = sql_connect(
	    slots->plan, started_ms + slots->plan->options->timeout_ms, &error);

	if (link != NULL && !slot_fill(slots, slot, link)) {
		snprintf(error.text, sizeof(error.text), "no descriptor left");
	} else if (link != NULL && sql_prepare(link, &error)) {
		open_succeeded(slots, slot);
		return;
	}
	counter_add_site(COUNTER_MYSQL_ERRORS, 1);
	slot_drop(slots, slot);
	open_failed(slots, started_ms, &error);
}

/* Lock held.  A link that was idle when the breaker opened must be closed. */
static struct slot *
next_to_drop(struct slots *slots)
{
	struct slot *slot = NULL;

	if (sql_breaker_is_open(&slots->sql_breaker))
		slot = slots_find(slots, SLOT_READY);
	if (slot != NULL)
		slot->state = SLOT_OPENING;
	return slot;
}

/* Lock held.  The slot to open a link in, or NULL. */
static struct slot *
next_to_open(struct slots *slots)
{
	bool is_wanted = slots->sql_breaker.state != SQL_BREAKER_CLOSED ||
			 slots->waiting > slots_count(slots, SLOT_READY);
	struct slot *slot = NULL;

	if (is_wanted && clock_ms() >= slots->sql_breaker.retry_ms)
		slot = slots_find(slots, SLOT_EMPTY);
	if (slot != NULL)
		slot->state = SLOT_OPENING;
	return slot;
}

/* Lock held, released meanwhile.  Waits until there may be work. */
static void
wait_for_work(struct slots *slots)
{
	if (slots->sql_breaker.retry_ms > clock_ms())
		slots_await(slots, &slots->work, slots->sql_breaker.retry_ms);
	else
		pthread_cond_wait(&slots->work, &slots->lock);
}

/* Lock held, released during the work.  One piece of work, or a wait. */
static void
step(struct slots *slots)
{
	struct slot *dead = next_to_drop(slots);
	struct slot *slot = dead == NULL ? next_to_open(slots) : NULL;
	bool is_news = slot != NULL && sql_breaker_try(&slots->sql_breaker);

	if (dead == NULL && slot == NULL) {
		wait_for_work(slots);
		return;
	}
	slots_unlock(slots);
	if (is_news)
		slots_log(slots, "mysql reconnecting", NULL);
	if (dead != NULL)
		slot_drop(slots, dead);
	else
		open_slot(slots, slot);
	slots_lock(slots);
}

static void *
connector_thread(void *arg)
{
	struct connector *connector = arg;
	struct slots *slots = connector->slots;

	log_set_site(slots->plan->options->site);
	counter_set_site_named(slots->plan->options->site);
	slots_log(slots, "mysql connecting", NULL);
	slots_lock(slots);
	while (!connector->is_stopping)
		step(slots);
	connector->has_left = true;
	pthread_cond_broadcast(&slots->link_ready);
	slots_unlock(slots);
	return NULL;
}

/* Blocks all signals: main handles them with sigwait. */
struct connector *
connector_open(struct slots *slots)
{
	struct connector *connector = calloc(1, sizeof(*connector));
	sigset_t all, saved;

	if (connector == NULL)
		return NULL;
	connector->slots = slots;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &saved);
	if (pthread_create(
		&connector->thread, NULL, connector_thread, connector) != 0) {
		free(connector);
		connector = NULL;
	}
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return connector;
}

void
connector_stop(struct connector *connector)
{
	struct slots *slots = connector->slots;

	slots_watch(slots, INT64_MAX); /* shuts a link in preparation */
	slots_lock(slots);
	connector->is_stopping = true;
	connector->leave_ms =
	    clock_ms() + LEAVE_MS(slots->plan->options->timeout_ms);
	pthread_cond_signal(&slots->work);
	slots_unlock(slots);
}

bool
connector_close(struct connector *connector)
{
	struct slots *slots = connector->slots;
	bool has_left, is_in_time = true;

	slots_lock(slots);
	while (!connector->has_left && is_in_time)
		is_in_time =
		    slots_await(slots, &slots->link_ready, connector->leave_ms);
	has_left = connector->has_left;
	slots_unlock(slots);
	if (!has_left) {
		pthread_detach(connector->thread);
		return false;
	}
	pthread_join(connector->thread, NULL);
	free(connector);
	return true;
}
