/* The thread that opens the links, one after the other. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/thread.h"
#include "mysql/connector.h"

/* The time limit of a stop; the library's time-outs are in whole seconds. */
#define LEAVE_MS(timeout_ms) ((timeout_ms) + 1500)

struct connector {
	struct slots *slots;
	pthread_t thread;
	int ready_server; /* last logged as ready; used by the thread alone */

	/* guarded by the lock of the slots */
	bool is_stopping;
	bool has_left;	  /* the thread has ended; signalled by link_ready */
	int64_t leave_ms; /* connector_close waits until then */
};

/*
 * Called with the lock held.  True if a working link exists, ready or in use.
 */
static bool
has_links(struct slots *slots)
{
	return !sql_breaker_is_open(&slots->sql_breaker) &&
	       (slots_find(slots, SLOT_READY) != NULL ||
		   slots_find(slots, SLOT_BUSY) != NULL);
}

/* failures: the text of open_slot about the servers tried before this one. */
static void
open_succeeded(
    struct connector *connector, struct slot *slot, const char *failures)
{
	struct slots *slots = connector->slots;
	int64_t end_s = sql_certificate_end(slot->link);
	bool is_news;
	int left;

	atomic_store(&slots->has_totp, sql_has_totp(slot->link));
	slots_lock(slots);
	slots->certificate_end_s = end_s;
	is_news = sql_breaker_reset(&slots->sql_breaker);
	left = slots->server;
	slots->server = slot->server;
	slots_unlock(slots);
	if (left != slot->server && failures[0] != '\0')
		slots_log(slots, left, "mysql left", failures);
	if (is_news || slot->server != connector->ready_server)
		slots_log(slots, slot->server, "mysql ready", NULL);
	connector->ready_server = slot->server;
	slot_give(slots, slot);
}

/*
 * Called with the lock held.  True if the server refuses one more link while
 * others work.  Then it is not left, and the breaker stays closed: waiting
 * workers share the existing links.
 */
static bool
is_full_only(struct slots *slots, const struct sql_error *error)
{
	return error->is_crowding && has_links(slots);
}

static void
open_failed(
    struct slots *slots, int64_t started_ms, const struct sql_error *error)
{
	bool is_full, is_news;
	int server;

	slots_lock(slots);
	server = slots->server;
	is_full = is_full_only(slots, error);
	if (is_full)
		is_news = sql_breaker_put_off(
		    &slots->sql_breaker, started_ms, error->text);
	else
		is_news = slots_trip(slots, started_ms, error->text);
	slots_unlock(slots);
	if (is_news)
		slots_log(slots, server,
		    is_full ? "mysql crowded" : "mysql lost", error->text);
}

/* False with error: no link, and the slot is still the caller's. */
static bool
open_server(struct slots *slots, struct slot *slot, struct sql_error *error)
{
	const struct statement_plan *plan = slots->plan;
	struct sql_link *link = sql_connect(
	    plan, slot->server, clock_ms() + plan->options->timeout_ms, error);

	if (link != NULL && !slot_fill(slots, slot, link))
		snprintf(
		    error->text, sizeof(error->text), "no descriptor left");
	else if (link != NULL && sql_prepare(link, error) &&
		 sql_check_writable(link, error) == SQL_OK)
		return true;
	slot_close_link(slots, slot);
	return false;
}

/* Appends words to the text; words that do not fit are cut off. */
static void
add_words(struct sql_error *error, const char *words)
{
	size_t len = strlen(error->text), space = sizeof(error->text) - 1 - len;

	memcpy(error->text + len, words, strnlen(words, space));
	error->text[len + strnlen(words, space)] = '\0';
}

/* Appends the failure of a server to the failures of those tried before. */
static void
add_failure(const struct slots *slots, int server, struct sql_error *all,
    const struct sql_error *error)
{
	char name[POOL_NAME_SIZE];

	all->is_crowding = error->is_crowding;
	if (all->text[0] != '\0')
		add_words(all, "; ");
	if (slots->plan->options->server_count > 1) {
		pool_server_name(slots->plan->options, server, name);
		add_words(all, name);
		add_words(all, ": ");
	}
	add_words(all, error->text);
}

/* True if the next server is to be tried after this failure. */
static bool
may_go_on(struct connector *connector, const struct sql_error *error)
{
	bool may;

	slots_lock(connector->slots);
	may = !connector->is_stopping && !is_full_only(connector->slots, error);
	slots_unlock(connector->slots);
	return may;
}

/* Fills the slot: tries this server, then the others in turn. */
static void
open_slot(struct connector *connector, struct slot *slot, int server)
{
	struct slots *slots = connector->slots;
	int count = slots->plan->options->server_count;
	struct sql_error all = { 0 };
	int64_t started_ms = clock_ms();

	for (int i = 0; i < count; i++) {
		struct sql_error error = { 0 };

		slot->server = (server + i) % count;
		if (open_server(slots, slot, &error)) {
			open_succeeded(connector, slot, all.text);
			return;
		}
		add_failure(slots, slot->server, &all, &error);
		if (!may_go_on(connector, &error))
			break;
	}
	counter_add_site(COUNTER_MYSQL_ERRORS, 1);
	slot_drop(slots, slot);
	open_failed(slots, started_ms, &all);
}

/*
 * Called with the lock held.  Returns a slot whose link must be closed, now
 * OPENING, or NULL.  Such a link leads to a server that was left, or is idle
 * while the breaker is open.
 */
static struct slot *
next_to_drop(struct slots *slots)
{
	struct slot *slot = slots_find_left(slots);

	if (slot == NULL && sql_breaker_is_open(&slots->sql_breaker))
		slot = slots_find(slots, SLOT_READY);
	if (slot != NULL)
		slot->state = SLOT_OPENING;
	return slot;
}

/*
 * Called with the lock held.  Returns the slot to open a link in, now OPENING;
 * NULL: none is wanted yet, or all slots are in use.
 */
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

/*
 * Called with the lock held, which it releases meanwhile.  Waits until there
 * may be work.
 */
static void
wait_for_work(struct slots *slots)
{
	if (slots->sql_breaker.retry_ms > clock_ms())
		slots_await(slots, &slots->work, slots->sql_breaker.retry_ms);
	else
		pthread_cond_wait(&slots->work, &slots->lock);
}

/*
 * Called with the lock held, which it releases meanwhile.  Closes or opens one
 * link, or waits.
 */
static void
step(struct connector *connector)
{
	struct slots *slots = connector->slots;
	struct slot *dead = next_to_drop(slots);
	struct slot *slot = dead == NULL ? next_to_open(slots) : NULL;
	bool is_news = slot != NULL && sql_breaker_try(&slots->sql_breaker);
	int server = slots->server;

	if (dead == NULL && slot == NULL) {
		wait_for_work(slots);
		return;
	}
	slots_unlock(slots);
	if (is_news)
		slots_log(slots, server, "mysql reconnecting", NULL);
	if (dead != NULL)
		slot_drop(slots, dead);
	else
		open_slot(connector, slot, server);
	slots_lock(slots);
}

static void *
connector_thread(void *arg)
{
	struct connector *connector = arg;
	struct slots *slots = connector->slots;

	log_set_site(slots->plan->options->site);
	counter_set_site_named(slots->plan->options->site);
	slots_log(slots, 0, "mysql connecting", NULL);
	slots_lock(slots);
	while (!connector->is_stopping)
		step(connector);
	connector->has_left = true;
	pthread_cond_broadcast(&slots->link_ready);
	slots_unlock(slots);
	return NULL;
}

struct connector *
connector_open(struct slots *slots)
{
	struct connector *connector = calloc(1, sizeof(*connector));

	if (connector == NULL)
		return NULL;
	connector->slots = slots;
	connector->ready_server = -1;
	if (thread_start(&connector->thread, connector_thread, connector))
		return connector;
	free(connector);
	return NULL;
}

void
connector_stop(struct connector *connector)
{
	struct slots *slots = connector->slots;

	slots_watch(slots, INT64_MAX); /* shuts a link that is being opened */
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
