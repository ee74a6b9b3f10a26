/*
 * Receives invalidations from Redis.
 *
 * A thread that is about to use the cache reads this link first.  Redis sends
 * the invalidation of a change before it acknowledges the change, but the
 * thread that waits for invalidations may run late.
 */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "redis/tracking/invalidations.h"
#include "redis/wire/wire.h"

#define CHANNEL "__redis__:invalidate"
#define LONG_AGO_MS (INT64_MIN / 2)

struct invalidations {
	struct breaker *breaker;
	struct cache *cache;
	char *probe_key;
	char why[WIRE_WHY_MAX];

	_Atomic int fd, tracking_fd;
	/*
	 * Set before the link is read.  True while invalidations that were read
	 * are not yet applied, a message is incomplete, or there is no link.
	 */
	atomic_bool is_behind;
	/* when the last probe was written, and the last one that arrived */
	_Atomic int64_t sent_ms, proved_ms;

	pthread_mutex_t lock; /* guards all below; never held in a wait */
	struct wire *wire;    /* NULL: not connected */
	struct arena *arena;  /* for the message being read */
	bool is_lost;
};

struct invalidations *
invalidations_open(
    struct breaker *breaker, struct cache *cache, struct str probe_key)
{
	struct invalidations *invalidations = calloc(1, sizeof(*invalidations));

	if (invalidations == NULL)
		return NULL;
	invalidations->breaker = breaker;
	invalidations->cache = cache;
	invalidations->probe_key = strndup(probe_key.ptr, probe_key.len);
	invalidations->fd = invalidations->tracking_fd = -1;
	invalidations->is_behind = true;
	invalidations->sent_ms = invalidations->proved_ms = LONG_AGO_MS;
	invalidations->arena = arena_open();
	pthread_mutex_init(&invalidations->lock, NULL);
	if (invalidations->probe_key != NULL && invalidations->arena != NULL)
		return invalidations;
	invalidations_close(invalidations);
	return NULL;
}

void
invalidations_close(struct invalidations *invalidations)
{
	if (invalidations == NULL)
		return;
	wire_close(invalidations->wire);
	arena_close(invalidations->arena);
	free(invalidations->probe_key);
	pthread_mutex_destroy(&invalidations->lock);
	free(invalidations);
}

/*
 * Connects wire and subscribes.  Returns the client id of the link; 0: it
 * failed, and why is set if Redis answered with an error.
 */
static int64_t
introduce(
    struct invalidations *invalidations, struct wire *wire, struct arena *arena)
{
	struct call call = { .arena = arena, .deadline_ms = INT64_MAX };
	struct resp_value values[2];

	if (wire_connect(wire, &call) != WIRE_DONE)
		return 0;
	wire_add(wire, STR("CLIENT"), STR("ID"));
	wire_add(wire, STR("SUBSCRIBE"), STR(CHANNEL));
	call.deadline_ms =
	    clock_ms() + breaker_options(invalidations->breaker)->command_ms;
	if (wire_converse(wire, &call, values) != WIRE_DONE)
		return 0;
	wire_forget(wire);
	if (values[0].type == RESP_INT && values[1].type == RESP_LIST)
		return values[0].number;
	snprintf(invalidations->why, sizeof(invalidations->why), "%s",
	    values[0].type == RESP_ERROR ? arena_cstr(arena, values[0].text)
	    : values[1].type == RESP_ERROR
		? arena_cstr(arena, values[1].text)
		: "its reply has an unexpected shape");
	return 0;
}

int64_t
invalidations_connect(struct invalidations *invalidations)
{
	struct wire *wire = wire_open(invalidations->breaker);
	struct arena *arena = arena_open();
	int64_t id = 0;

	invalidations->why[0] = '\0';
	if (wire != NULL && arena != NULL)
		id = introduce(invalidations, wire, arena);
	if (id == 0) {
		if (wire != NULL && invalidations->why[0] == '\0')
			snprintf(invalidations->why, sizeof(invalidations->why),
			    "%s", wire_why(wire));
		wire_close(wire);
		arena_close(arena);
		return 0;
	}
	arena_close(arena);
	pthread_mutex_lock(&invalidations->lock);
	invalidations->wire = wire;
	invalidations->is_lost = false;
	atomic_store(&invalidations->fd, wire_fd(wire));
	atomic_store(&invalidations->is_behind, wire_has_rest(wire));
	pthread_mutex_unlock(&invalidations->lock);
	return id;
}

/*
 * A thread may still poll the old number of the descriptor, which may be that
 * of another file by then.  This is harmless.  The request of that thread began
 * before this call, and all that it finds in the cache was stored after the
 * flush, hence is no older than the request.
 */
void
invalidations_drop(struct invalidations *invalidations)
{
	pthread_mutex_lock(&invalidations->lock);
	atomic_store(&invalidations->proved_ms, LONG_AGO_MS);
	atomic_store(&invalidations->is_behind, true);
	atomic_store(&invalidations->fd, -1);
	wire_close(invalidations->wire);
	invalidations->wire = NULL;
	arena_reset(invalidations->arena);
	pthread_mutex_unlock(&invalidations->lock);
	cache_flush(invalidations->cache);
}

static void
forget_key(struct invalidations *invalidations, const struct resp_value *key)
{
	if (key->type != RESP_TEXT)
		cache_flush(invalidations->cache);
	else if (str_eq(key->text, str_from(invalidations->probe_key)))
		atomic_store(&invalidations->proved_ms,
		    atomic_load(&invalidations->sent_ms));
	else
		cache_forget(invalidations->cache, key->text);
}

/*
 * A message is a list of "message", the channel, and the keys.  Without keys
 * (FLUSHALL), or if it is anything else, the whole cache is invalid.
 */
static void
apply(struct invalidations *invalidations, const struct resp_value *message)
{
	const struct resp_value *keys = NULL;

	if (message->type == RESP_LIST && message->count == 3)
		keys = &message->items[2];
	if (keys == NULL || keys->type != RESP_LIST) {
		cache_flush(invalidations->cache);
		return;
	}
	for (size_t i = 0; i < keys->count; i++)
		forget_key(invalidations, &keys->items[i]);
}

static void
read_all(struct invalidations *invalidations)
{
	struct resp_value message;
	enum wire_verdict verdict;

	atomic_store(&invalidations->is_behind, true);
	while ((verdict = wire_take(invalidations->wire, invalidations->arena,
		    &message)) == WIRE_DONE) {
		apply(invalidations, &message);
		arena_reset(invalidations->arena);
	}
	if (verdict == WIRE_NOTHING) {
		atomic_store(&invalidations->is_behind,
		    wire_has_rest(invalidations->wire));
		return;
	}
	invalidations->is_lost = true;
	atomic_store(&invalidations->proved_ms, LONG_AGO_MS);
	snprintf(invalidations->why, sizeof(invalidations->why), "%s",
	    wire_why(invalidations->wire));
}

void
invalidations_watch(struct invalidations *invalidations, int tracking_fd)
{
	atomic_store(&invalidations->tracking_fd, tracking_fd);
}

/*
 * Polls both links in one system call.  On the tracking link only its end
 * counts: the tracker reads its replies.
 */
bool
invalidations_catch_up(struct invalidations *invalidations)
{
	struct pollfd pollers[] = {
		{ .fd = atomic_load(&invalidations->fd), .events = POLLIN },
		{ .fd = atomic_load(&invalidations->tracking_fd),
		    .events = POLLRDHUP },
	};
	bool is_behind;

	if (poll(pollers, 2, 0) == 0 && !atomic_load(&invalidations->is_behind))
		return true;
	pthread_mutex_lock(&invalidations->lock);
	if (invalidations->wire != NULL && !invalidations->is_lost)
		read_all(invalidations);
	is_behind = atomic_load(&invalidations->is_behind);
	pthread_mutex_unlock(&invalidations->lock);
	return !is_behind && pollers[1].revents == 0;
}

bool
invalidations_is_lost(struct invalidations *invalidations)
{
	bool is_lost;

	pthread_mutex_lock(&invalidations->lock);
	is_lost = invalidations->wire == NULL || invalidations->is_lost;
	pthread_mutex_unlock(&invalidations->lock);
	return is_lost;
}

int
invalidations_fd(const struct invalidations *invalidations)
{
	return atomic_load(&invalidations->fd);
}

void
invalidations_expect_probe(struct invalidations *invalidations, int64_t now_ms)
{
	atomic_store(&invalidations->sent_ms, now_ms);
}

int64_t
invalidations_proved_ms(const struct invalidations *invalidations)
{
	return atomic_load(&invalidations->proved_ms);
}

const char *
invalidations_why(const struct invalidations *invalidations)
{
	return invalidations->why;
}
