/* Weighs the answers of all Sentinels. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/monotonic.h"
#include "redis/discovery/sentinel_reply.h"
#include "redis/discovery/sentinels.h"
#include "redis/discovery/watcher.h"

enum {
	START_MS = 1000, /* the wait for all Sentinels, at the start */
	PROMOTED_MS =
	    3000, /* the time for a promoted replica to be a primary */
	CONFIRMED_MS = 10000 /* and then for the Sentinels to name it */
};

struct sentinels {
	struct breaker *breaker;
	size_t count;
	int stop_fd;
	struct watcher *watchers[REDIS_HOSTS_MAX];
	int64_t start_ms;

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	struct sentinel_answer answers[REDIS_HOSTS_MAX];
	/* of the answers, resolved */
	struct server_address addresses[REDIS_HOSTS_MAX];
	struct sentinel_choice choice;
	struct server_address chosen; /* of the choice; len 0: none */
	/* of the replica that is being promoted; len 0: none */
	struct server_address promoted;
	bool is_promoted_named; /* it counts as the primary */
	int64_t promoted_until_ms;
	bool is_lost; /* "sentinel lost" was logged */
};

/* Counts the Sentinels in this state.  Called with the lock held. */
static size_t
count_of(const struct sentinels *sentinels, enum sentinel_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < sentinels->count; i++)
		count += sentinels->answers[i].state == state;
	return count;
}

/* Returns why a Sentinel is lost.  Called with the lock held. */
static const char *
lost_why(const struct sentinels *sentinels)
{
	for (size_t i = 0; i < sentinels->count; i++)
		if (sentinels->answers[i].state == SENTINEL_LOST &&
		    sentinels->answers[i].why[0] != '\0')
			return sentinels->answers[i].why;
	return "time-out";
}

/*
 * Called with the lock held.  True if the last Sentinel was lost now, or one is
 * back: log_sentinels is to be called, with why (SENTINEL_WHY_MAX) if it was
 * lost.
 */
static bool
note_lost(struct sentinels *sentinels, char *why)
{
	bool is_lost = count_of(sentinels, SENTINEL_LOST) == sentinels->count;

	why[0] = '\0';
	if (is_lost == sentinels->is_lost)
		return false;
	sentinels->is_lost = is_lost;
	if (is_lost)
		snprintf(why, SENTINEL_WHY_MAX, "%s", lost_why(sentinels));
	return true;
}

/* Called without the lock.  why: the reason for the loss; empty: one is back.
 */
static void
log_sentinels(const struct sentinels *sentinels, const char *why)
{
	const char *name =
	    url_redis_name(breaker_options(sentinels->breaker)->url);

	if (why[0] != '\0')
		log_event(LOG_WARN, "sentinel lost", log_text("server", name),
		    log_text("reason", why), LOG_END);
	else
		log_event(LOG_INFO, "sentinel ready", log_text("server", name),
		    LOG_END);
}

/*
 * Returns the address that counts as that of the primary now.  Called with the
 * lock held.
 */
static const struct server_address *
named(const struct sentinels *sentinels)
{
	return sentinels->is_promoted_named ? &sentinels->promoted
					    : &sentinels->chosen;
}

/*
 * Called with the lock held.  Forgets the promoted replica: the choice of the
 * Sentinels counts again.
 */
static void
drop_promoted(struct sentinels *sentinels)
{
	sentinels->promoted.len = 0;
	sentinels->is_promoted_named = false;
}

/*
 * Called with the lock held.  Drops a promoted replica whose time is over: it
 * has not become the primary, or no Sentinel has confirmed it.
 */
static void
expire_promoted(struct sentinels *sentinels)
{
	if (sentinels->promoted.len != 0 &&
	    clock_ms() >= sentinels->promoted_until_ms)
		drop_promoted(sentinels);
}

static bool
resolve(const char *host, int port, struct server_address *address)
{
	struct server_address found[SERVER_ADDRESS_MAX];

	if (server_address_resolve(host, port, found) == 0)
		return false;
	*address = found[0];
	return true;
}

/*
 * Called with the lock held.  Stores an answer and the address in it.  A
 * Sentinel whose address could not be resolved (len 0) counts as lost.
 */
static void
note_answer(struct sentinels *sentinels, size_t number,
    const struct sentinel_answer *answer, const struct server_address *address)
{
	struct sentinel_answer *noted = &sentinels->answers[number];

	*noted = *answer;
	sentinels->addresses[number] = *address;
	if (answer->state != SENTINEL_KNOWS || address->len != 0)
		return;
	noted->state = SENTINEL_LOST;
	snprintf(noted->why, sizeof(noted->why),
	    "the name that it answers cannot be resolved");
}

/*
 * Called with the lock held.  Chooses among the answers.  Another choice than
 * before also replaces a promoted replica.
 */
static void
choose(struct sentinels *sentinels)
{
	const struct sentinel_answer *chosen =
	    sentinel_choose(&sentinels->choice, sentinels->answers,
		sentinels->count, clock_ms());

	if (chosen == NULL)
		return;
	sentinels->chosen = sentinels->addresses[chosen - sentinels->answers];
	drop_promoted(sentinels);
}

/*
 * The callback of the watchers.  A host that Sentinels announce by name is
 * resolved here, in the watcher's thread.
 */
static void
on_answer(void *arg, size_t number, const struct sentinel_answer *answer)
{
	struct sentinels *sentinels = arg;
	struct server_address address = { .len = 0 }, before;
	char why[SENTINEL_WHY_MAX];
	bool has_left, is_logged;

	if (answer->state == SENTINEL_KNOWS)
		(void)resolve(answer->host, answer->port, &address);
	pthread_mutex_lock(&sentinels->lock);
	before = *named(sentinels);
	expire_promoted(sentinels);
	note_answer(sentinels, number, answer, &address);
	choose(sentinels);
	has_left =
	    before.len != 0 && !server_address_equal(&before, named(sentinels));
	is_logged = note_lost(sentinels, why);
	pthread_cond_broadcast(&sentinels->changed);
	pthread_mutex_unlock(&sentinels->lock);
	if (is_logged)
		log_sentinels(sentinels, why);
	if (has_left)
		breaker_leave(sentinels->breaker);
}

/* The callback of the watchers.  The prober asks the replica at once. */
static void
on_promoting(void *arg, const char *host, int port)
{
	struct sentinels *sentinels = arg;
	struct server_address promoted;
	bool is_new = false;

	if (!resolve(host, port, &promoted))
		return;
	pthread_mutex_lock(&sentinels->lock);
	if (!server_address_equal(&promoted, named(sentinels))) {
		is_new = !server_address_equal(&promoted, &sentinels->promoted);
		sentinels->promoted = promoted;
		sentinels->is_promoted_named = false;
		sentinels->promoted_until_ms = clock_ms() + PROMOTED_MS;
	}
	pthread_mutex_unlock(&sentinels->lock);
	if (is_new)
		breaker_suspect(sentinels->breaker);
}

/* Called with the lock held.  Waits for the first answer of each Sentinel. */
static void
await_answers(struct sentinels *sentinels)
{
	bool in_time = true;

	while (count_of(sentinels, SENTINEL_SILENT) > 0 && in_time)
		in_time = monotonic_cond_wait(&sentinels->changed,
		    &sentinels->lock, sentinels->start_ms + START_MS);
}

bool
sentinels_find(struct sentinels *sentinels, struct server_address *address,
    char *why, size_t size)
{
	const struct redis_url *url = breaker_options(sentinels->breaker)->url;

	pthread_mutex_lock(&sentinels->lock);
	await_answers(sentinels);
	*address = *named(sentinels);
	if (count_of(sentinels, SENTINEL_IGNORANT) > 0)
		snprintf(why, size, "no Sentinel knows %s", url->primary);
	else
		snprintf(
		    why, size, "no Sentinel answers: %s", lost_why(sentinels));
	pthread_mutex_unlock(&sentinels->lock);
	return address->len != 0;
}

bool
sentinels_names(
    struct sentinels *sentinels, const struct server_address *address)
{
	bool is_named;

	pthread_mutex_lock(&sentinels->lock);
	is_named = named(sentinels)->len == 0 ||
		   server_address_equal(address, named(sentinels));
	pthread_mutex_unlock(&sentinels->lock);
	return is_named;
}

bool
sentinels_is_down(struct sentinels *sentinels)
{
	bool is_down = false;

	pthread_mutex_lock(&sentinels->lock);
	for (size_t i = 0; i < sentinels->count; i++)
		is_down = is_down || sentinels->answers[i].is_down;
	pthread_mutex_unlock(&sentinels->lock);
	return is_down;
}

bool
sentinels_promoted(struct sentinels *sentinels, struct server_address *promoted)
{
	bool is_there;

	pthread_mutex_lock(&sentinels->lock);
	expire_promoted(sentinels);
	is_there =
	    sentinels->promoted.len != 0 && !sentinels->is_promoted_named;
	*promoted = sentinels->promoted;
	pthread_mutex_unlock(&sentinels->lock);
	return is_there;
}

void
sentinels_follow_promoted(struct sentinels *sentinels)
{
	pthread_mutex_lock(&sentinels->lock);
	if (sentinels->promoted.len != 0) {
		sentinels->is_promoted_named = true;
		sentinels->promoted_until_ms = clock_ms() + CONFIRMED_MS;
	}
	pthread_mutex_unlock(&sentinels->lock);
}

static struct sentinels *
sentinels_new(struct breaker *breaker)
{
	struct sentinels *sentinels = calloc(1, sizeof(*sentinels));

	if (sentinels == NULL)
		return NULL;
	sentinels->breaker = breaker;
	sentinels->count = url_redis_hosts(breaker_options(breaker)->url);
	sentinels->start_ms = clock_ms();
	sentinels->stop_fd = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&sentinels->lock, NULL);
	monotonic_cond_open(&sentinels->changed);
	return sentinels;
}

static bool
start_watchers(struct sentinels *sentinels)
{
	const struct redis_url *url = breaker_options(sentinels->breaker)->url;

	for (size_t i = 0; i < sentinels->count; i++) {
		const struct watcher_options options = {
			.breaker = sentinels->breaker,
			.host = url_redis_host(url, i),
			.stop_fd = sentinels->stop_fd,
			.number = i,
			.answered = on_answer,
			.promoting = on_promoting,
			.arg = sentinels,
		};

		sentinels->watchers[i] = watcher_open(&options);
		if (sentinels->watchers[i] == NULL)
			return false;
	}
	return true;
}

struct sentinels *
sentinels_open(struct breaker *breaker)
{
	struct sentinels *sentinels = sentinels_new(breaker);

	if (sentinels == NULL)
		return NULL;
	if (sentinels->stop_fd >= 0 && start_watchers(sentinels))
		return sentinels;
	sentinels_close(sentinels);
	return NULL;
}

void
sentinels_close(struct sentinels *sentinels)
{
	if (sentinels == NULL)
		return;
	if (sentinels->stop_fd >= 0)
		(void)!eventfd_write(sentinels->stop_fd, 1);
	for (size_t i = 0; i < sentinels->count; i++)
		watcher_close(sentinels->watchers[i]);
	if (sentinels->stop_fd >= 0)
		close(sentinels->stop_fd);
	pthread_cond_destroy(&sentinels->changed);
	pthread_mutex_destroy(&sentinels->lock);
	free(sentinels);
}
