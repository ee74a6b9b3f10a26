/*
 * The pool's links, one in each slot: lending, returning, shutting.  sql.c uses
 * a link; breaker.c decides when uses are refused.
 */
#include "config.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/monotonic.h"
#include "mysql/slots.h"

void
slots_lock(struct slots *slots)
{
	pthread_mutex_lock(&slots->lock);
}

void
slots_unlock(struct slots *slots)
{
	pthread_mutex_unlock(&slots->lock);
}

bool
slots_await(struct slots *slots, pthread_cond_t *condition, int64_t until_ms)
{
	return monotonic_cond_wait(condition, &slots->lock, until_ms);
}

/* A slot that is EMPTY or OPENING leads to no server yet. */
static bool
has_slot_state(
    const struct slots *slots, const struct slot *slot, enum slot_state state)
{
	return slot->state == state &&
	       (state < SLOT_READY || slot->server == slots->server);
}

struct slot *
slots_find(struct slots *slots, enum slot_state state)
{
	for (int i = 0; i < slots->count; i++)
		if (has_slot_state(slots, &slots->slots[i], state))
			return &slots->slots[i];
	return NULL;
}

struct slot *
slots_find_left(struct slots *slots)
{
	for (int i = 0; i < slots->count; i++)
		if (slots->slots[i].state == SLOT_READY &&
		    slots->slots[i].server != slots->server)
			return &slots->slots[i];
	return NULL;
}

int
slots_count(const struct slots *slots, enum slot_state state)
{
	int count = 0;

	for (int i = 0; i < slots->count; i++)
		count += has_slot_state(slots, &slots->slots[i], state);
	return count;
}

bool
slots_breaker_is_open(struct slots *slots)
{
	bool is_open;

	slots_lock(slots);
	is_open = sql_breaker_is_open(&slots->sql_breaker);
	slots_unlock(slots);
	return is_open;
}

bool
slots_trip(struct slots *slots, int64_t started_ms, const char *reason)
{
	pthread_cond_broadcast(&slots->link_ready);
	pthread_cond_signal(&slots->work);
	return sql_breaker_trip(&slots->sql_breaker, started_ms, reason);
}

/* Called with the lock held.  Changes to the next server. */
static void
use_next(struct slots *slots)
{
	slots->server =
	    (slots->server + 1) % slots->plan->options->server_count;
	pthread_cond_signal(&slots->work);
}

void
slots_leave(struct slots *slots, int server, const char *reason)
{
	bool is_left;

	slots_lock(slots);
	is_left =
	    slots->plan->options->server_count > 1 && server == slots->server;
	if (is_left)
		use_next(slots);
	slots_unlock(slots);
	if (is_left)
		slots_log(slots, server, "mysql left", reason);
}

void
slots_why(struct slots *slots, char *why, size_t size)
{
	slots_lock(slots);
	snprintf(why, size, "%s", slots->sql_breaker.reason);
	slots_unlock(slots);
}

/* A line with a reason is a warning. */
void
slots_log(const struct slots *slots, int server, const char *words,
    const char *reason)
{
	char address[POOL_NAME_SIZE];

	pool_server_name(slots->plan->options, server, address);
	if (reason != NULL)
		log_event(LOG_WARN, words, log_text("reason", reason),
		    log_text("address", address), LOG_END);
	else
		log_event(
		    LOG_INFO, words, log_text("address", address), LOG_END);
}

bool
slot_fill(struct slots *slots, struct slot *slot, struct sql_link *link)
{
	int fd = sql_dup_socket(link);

	slot->link = link;
	slots_lock(slots);
	slot->watch_fd = fd;
	slot->deadline_ms = clock_ms() + slots->plan->options->timeout_ms;
	slots_unlock(slots);
	return fd >= 0;
}

void
slot_give(struct slots *slots, struct slot *slot)
{
	slots_lock(slots);
	slot->deadline_ms = 0;
	slot->state = SLOT_READY;
	pthread_cond_broadcast(&slots->link_ready);
	if (sql_breaker_is_open(&slots->sql_breaker) ||
	    slot->server != slots->server)
		pthread_cond_signal(&slots->work);
	slots_unlock(slots);
}

void
slot_close_link(struct slots *slots, struct slot *slot)
{
	int fd;

	slots_lock(slots);
	fd = slot->watch_fd;
	slot->watch_fd = -1; /* the watchdog stops using it first */
	slot->deadline_ms = 0;
	slots_unlock(slots);
	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
	sql_close(slot->link);
	if (fd >= 0)
		close(fd);
	slot->link = NULL;
}

void
slot_drop(struct slots *slots, struct slot *slot)
{
	slot_close_link(slots, slot);
	slots_lock(slots);
	slot->state = SLOT_EMPTY;
	pthread_cond_signal(&slots->work);
	slots_unlock(slots);
}

static struct slot *
await_slot(struct slots *slots, int64_t deadline_ms)
{
	struct slot *slot = NULL;
	bool is_in_time = true;

	slots_lock(slots);
	slots->waiting++;
	while (!sql_breaker_is_open(&slots->sql_breaker) && is_in_time) {
		slot = slots_find(slots, SLOT_READY);
		if (slot != NULL)
			break;
		pthread_cond_signal(&slots->work);
		is_in_time =
		    slots_await(slots, &slots->link_ready, deadline_ms);
	}
	slots->waiting--;
	if (slot != NULL) {
		slot->state = SLOT_BUSY;
		slot->deadline_ms = deadline_ms;
	}
	slots_unlock(slots);
	return slot;
}

/*
 * An idle link receives nothing.  If its socket is readable the server has
 * closed it (idle time-out, shutdown).
 */
static bool
is_stale(const struct slot *slot)
{
	struct pollfd poller = { .fd = slot->watch_fd, .events = POLLIN };

	return poll(&poller, 1, 0) != 0;
}

struct slot *
slots_take(struct slots *slots, int64_t deadline_ms)
{
	struct slot *slot = await_slot(slots, deadline_ms);

	while (slot != NULL && is_stale(slot)) {
		slot_drop(slots, slot);
		slot = await_slot(slots, deadline_ms);
	}
	return slot;
}

void
slots_return(struct slots *slots, struct slot *slot)
{
	if (sql_is_broken(slot->link))
		slot_drop(slots, slot);
	else
		slot_give(slots, slot);
}

void
slots_watch(struct slots *slots, int64_t now_ms)
{
	slots_lock(slots);
	for (int i = 0; i < slots->count; i++) {
		struct slot *slot = &slots->slots[i];

		if (slot->watch_fd >= 0 && slot->deadline_ms > 0 &&
		    slot->deadline_ms <= now_ms) {
			shutdown(slot->watch_fd, SHUT_RDWR);
			slot->deadline_ms = 0; /* only once */
		}
	}
	slots_unlock(slots);
}

void
slots_timed_out(struct slots *slots)
{
	static const char reason[] = "three time-outs in a row";
	bool is_news = false;
	int server;

	slots_lock(slots);
	server = slots->server;
	if (sql_breaker_timed_out(&slots->sql_breaker)) {
		is_news = slots_trip(slots, clock_ms(), reason);
		use_next(slots);
	}
	slots_unlock(slots);
	if (is_news)
		slots_log(slots, server, "mysql lost", reason);
}

void
slots_succeeded(struct slots *slots)
{
	slots_lock(slots);
	slots->sql_breaker.timeouts = 0;
	slots_unlock(slots);
}

struct slots *
slots_open(const struct statement_plan *plan)
{
	size_t count = (size_t)plan->options->connections;
	struct slots *slots =
	    calloc(1, sizeof(*slots) + count * sizeof(struct slot));

	if (slots == NULL)
		return NULL;
	slots->plan = plan;
	slots->count = (int)count;
	slots->certificate_end_s = -1;
	atomic_init(&slots->has_totp,
	    str_has_nocase(
		str_from(plan->options->sql[POOL_USER_BY_LOGIN]), STR("totp")));
	for (size_t i = 0; i < count; i++)
		slots->slots[i].watch_fd = -1;
	pthread_mutex_init(&slots->lock, NULL);
	monotonic_cond_open(&slots->link_ready);
	monotonic_cond_open(&slots->work);
	return slots;
}

/* Does not shut the sockets first: the server would log aborted connections. */
void
slots_close(struct slots *slots)
{
	for (int i = 0; i < slots->count; i++) {
		assert(slots->slots[i].state == SLOT_EMPTY ||
		       slots->slots[i].state == SLOT_READY);
		sql_close(slots->slots[i].link);
		if (slots->slots[i].watch_fd >= 0)
			close(slots->slots[i].watch_fd);
	}
	pthread_cond_destroy(&slots->link_ready);
	pthread_cond_destroy(&slots->work);
	pthread_mutex_destroy(&slots->lock);
	free(slots);
}
