/*
 * Listening to Redis.
 *
 * Whoever is about to use what is kept reads this link first: a change that
 * was answered to anybody stood on it before that answer was sent, while the
 * thread that waits for it may be late.
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

struct feed {
	struct breaker *breaker;
	struct cache *cache;
	char *probe_key;
	char why[WIRE_WHY_MAX];

	_Atomic int fd, tracking_fd;
	/*
	 * What was read is not yet forgotten, or a part of a message is
	 * missing, or there is no link.  Set before the link is read.
	 */
	atomic_bool is_behind;
	_Atomic int64_t sent_ms, proved_ms; /* of the probe */

	pthread_mutex_t lock; /* guards all below; no thread waits with it */
	struct wire *wire;    /* NULL: not connected */
	struct arena *arena;  /* of the message that is being read */
	bool is_lost;
};

struct feed *
feed_open(struct breaker *breaker, struct cache *cache, struct str probe_key)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return NULL;
	feed->breaker = breaker;
	feed->cache = cache;
	feed->probe_key = strndup(probe_key.ptr, probe_key.len);
	feed->fd = feed->tracking_fd = -1;
	feed->is_behind = true;
	feed->sent_ms = feed->proved_ms = LONG_AGO_MS;
	feed->arena = arena_open();
	pthread_mutex_init(&feed->lock, NULL);
	if (feed->probe_key != NULL && feed->arena != NULL)
		return feed;
	feed_close(feed);
	return NULL;
}

void
feed_close(struct feed *feed)
{
	if (feed == NULL)
		return;
	wire_close(feed->wire);
	arena_close(feed->arena);
	free(feed->probe_key);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
}

/* Subscribes; the client id. */
static int64_t
introduce(struct feed *feed, struct wire *wire, struct arena *arena)
{
	int64_t deadline_ms =
	    clock_ms() + breaker_options(feed->breaker)->command_ms;
	struct resp_value values[2];

	if (wire_connect(wire, arena, INT64_MAX) != WIRE_DONE)
		return 0;
	wire_add(wire, STR("CLIENT"), STR("ID"));
	wire_add(wire, STR("SUBSCRIBE"), STR(CHANNEL));
	if (wire_converse(wire, arena, deadline_ms, values) != WIRE_DONE)
		return 0;
	wire_forget(wire);
	if (values[0].type == RESP_INT && values[1].type == RESP_LIST)
		return values[0].number;
	snprintf(feed->why, sizeof(feed->why), "%s",
	    values[0].type == RESP_ERROR ? arena_cstr(arena, values[0].text)
	    : values[1].type == RESP_ERROR
		? arena_cstr(arena, values[1].text)
		: "its reply has an unexpected shape");
	return 0;
}

int64_t
feed_connect(struct feed *feed)
{
	struct wire *wire = wire_open(feed->breaker);
	struct arena *arena = arena_open();
	int64_t id = 0;

	feed->why[0] = '\0';
	if (wire != NULL && arena != NULL)
		id = introduce(feed, wire, arena);
	if (id == 0) {
		if (wire != NULL && feed->why[0] == '\0')
			snprintf(
			    feed->why, sizeof(feed->why), "%s", wire_why(wire));
		wire_close(wire);
		arena_close(arena);
		return 0;
	}
	arena_close(arena);
	pthread_mutex_lock(&feed->lock);
	feed->wire = wire;
	feed->is_lost = false;
	atomic_store(&feed->fd, wire_fd(wire));
	atomic_store(&feed->is_behind, false);
	pthread_mutex_unlock(&feed->lock);
	return id;
}

/*
 * A thread may still poll the number that the descriptor had, and it may be
 * another's by then.  That thread's request began before this, and whatever it
 * finds was asked for after the cache was flushed: it is new enough.
 */
void
feed_drop(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	atomic_store(&feed->proved_ms, LONG_AGO_MS);
	atomic_store(&feed->is_behind, true);
	atomic_store(&feed->fd, -1);
	wire_close(feed->wire);
	feed->wire = NULL;
	arena_reset(feed->arena);
	pthread_mutex_unlock(&feed->lock);
	cache_flush(feed->cache);
}

static void
forget(struct feed *feed, const struct resp_value *key)
{
	if (key->type != RESP_TEXT)
		cache_flush(feed->cache);
	else if (str_eq(key->text, str_from(feed->probe_key)))
		atomic_store(&feed->proved_ms, atomic_load(&feed->sent_ms));
	else
		cache_forget(feed->cache, key->text);
}

/*
 * A message is a list of "message", the channel, and the keys; without keys
 * (FLUSHALL), and where it is anything else, nothing kept is sure.
 */
static void
apply(struct feed *feed, const struct resp_value *message)
{
	const struct resp_value *keys = NULL;

	if (message->type == RESP_LIST && message->count == 3)
		keys = &message->items[2];
	if (keys == NULL || keys->type != RESP_LIST) {
		cache_flush(feed->cache);
		return;
	}
	for (size_t i = 0; i < keys->count; i++)
		forget(feed, &keys->items[i]);
}

static void
read_all(struct feed *feed)
{
	struct resp_value message;
	enum wire_verdict verdict;

	atomic_store(&feed->is_behind, true);
	while ((verdict = wire_take(feed->wire, feed->arena, &message)) ==
	       WIRE_DONE) {
		apply(feed, &message);
		arena_reset(feed->arena);
	}
	if (verdict == WIRE_NOTHING) {
		atomic_store(&feed->is_behind, wire_has_rest(feed->wire));
		return;
	}
	feed->is_lost = true;
	atomic_store(&feed->proved_ms, LONG_AGO_MS);
	snprintf(feed->why, sizeof(feed->why), "%s", wire_why(feed->wire));
}

void
feed_watch(struct feed *feed, int tracking_fd)
{
	atomic_store(&feed->tracking_fd, tracking_fd);
}

/*
 * One system call for both links.  Of the tracking link only its end counts:
 * its replies are the tracker's to read.
 */
bool
feed_catch_up(struct feed *feed)
{
	struct pollfd pollers[] = {
		{ .fd = atomic_load(&feed->fd), .events = POLLIN },
		{ .fd = atomic_load(&feed->tracking_fd), .events = POLLRDHUP },
	};
	bool is_behind;

	if (poll(pollers, 2, 0) == 0 && !atomic_load(&feed->is_behind))
		return true;
	pthread_mutex_lock(&feed->lock);
	if (feed->wire != NULL && !feed->is_lost)
		read_all(feed);
	is_behind = atomic_load(&feed->is_behind);
	pthread_mutex_unlock(&feed->lock);
	return !is_behind && pollers[1].revents == 0;
}

bool
feed_is_lost(struct feed *feed)
{
	bool is_lost;

	pthread_mutex_lock(&feed->lock);
	is_lost = feed->wire == NULL || feed->is_lost;
	pthread_mutex_unlock(&feed->lock);
	return is_lost;
}

int
feed_fd(const struct feed *feed)
{
	return atomic_load(&feed->fd);
}

void
feed_expect_probe(struct feed *feed, int64_t now_ms)
{
	atomic_store(&feed->sent_ms, now_ms);
}

int64_t
feed_proved_ms(const struct feed *feed)
{
	return atomic_load(&feed->proved_ms);
}

const char *
feed_why(const struct feed *feed)
{
	return feed->why;
}
