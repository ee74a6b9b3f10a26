/* Counted places for slow work, and who waits for them. */
#include "config.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/places.h"

TAILQ_HEAD(waiters, place_waiter);

/* A site's part of them. */
struct site_places {
	int held[PLACE_KINDS]; /* those owed to it count */
	int waiting[PLACE_KINDS];
	struct waiters kinds[PLACE_KINDS]; /* in the order of arrival */
};

struct places {
	int share[PLACE_KINDS]; /* what one site may hold */
	int max_waiting, waiting_share;
	int timer_fd; /* armed for the head of due */

	pthread_mutex_t lock; /* guards all below */
	int free[PLACE_KINDS];
	int waiting[PLACE_KINDS];
	int turn[PLACE_KINDS]; /* the site that is asked first */
	struct waiters due;    /* nearest due time first */
	int site_count;
	struct site_places sites[];
};

int
places_share(int size, int sites)
{
	if (sites == 1 || size == 1)
		return size;
	return size / 2;
}

struct places *
places_open(const int sizes[PLACE_KINDS], int max_waiting, int sites)
{
	struct places *places = calloc(
	    1, sizeof(*places) + (size_t)sites * sizeof(places->sites[0]));

	assert(sites > 0);
	if (places == NULL)
		return NULL;
	places->site_count = sites;
	places->timer_fd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (places->timer_fd < 0) {
		free(places);
		return NULL;
	}
	pthread_mutex_init(&places->lock, NULL);
	places->max_waiting = max_waiting;
	places->waiting_share = places_share(max_waiting, sites);
	TAILQ_INIT(&places->due);
	for (int kind = 0; kind < PLACE_KINDS; kind++) {
		places->free[kind] = sizes[kind];
		places->share[kind] = places_share(sizes[kind], sites);
		for (int site = 0; site < sites; site++)
			TAILQ_INIT(&places->sites[site].kinds[kind]);
	}
	return places;
}

void
places_close(struct places *places)
{
	if (places == NULL)
		return;
	close(places->timer_fd);
	pthread_mutex_destroy(&places->lock);
	free(places);
}

int
places_timer_fd(const struct places *places)
{
	return places->timer_fd;
}

/* A due time that has passed already fires at once; none disarms. */
static void
arm_timer(struct places *places)
{
	const struct place_waiter *nearest = TAILQ_FIRST(&places->due);
	struct itimerspec timer = { 0 };

	if (nearest != NULL) {
		int64_t due_ms = nearest->due_ms > 0 ? nearest->due_ms : 1;

		timer.it_value.tv_sec = due_ms / 1000;
		timer.it_value.tv_nsec = due_ms % 1000 * 1000000;
	}
	timerfd_settime(places->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

/* Waiters mostly come in the order of their due times: search from behind. */
static void
insert_due(struct places *places, struct place_waiter *waiter)
{
	struct place_waiter *before = TAILQ_LAST(&places->due, waiters);

	while (before != NULL && before->due_ms > waiter->due_ms)
		before = TAILQ_PREV(before, waiters, in_due);
	if (before != NULL) {
		TAILQ_INSERT_AFTER(&places->due, before, waiter, in_due);
	} else {
		TAILQ_INSERT_HEAD(&places->due, waiter, in_due);
		arm_timer(places);
	}
}

static void
remove_waiter(struct places *places, struct place_waiter *waiter)
{
	bool was_nearest = waiter == TAILQ_FIRST(&places->due);

	TAILQ_REMOVE(&places->due, waiter, in_due);
	if (waiter->kind < PLACE_KINDS) {
		struct site_places *site = &places->sites[waiter->site];

		TAILQ_REMOVE(&site->kinds[waiter->kind], waiter, in_kind);
		site->waiting[waiter->kind]--;
		places->waiting[waiter->kind]--;
	}
	if (was_nearest)
		arm_timer(places);
}

static bool
may_hold(const struct places *places, int site, int kind)
{
	return places->sites[site].held[kind] < places->share[kind];
}

/* The site whose waiter is served next, or PLACE_NOBODY. */
static int
next_site(const struct places *places, int kind)
{
	if (places->waiting[kind] == 0)
		return PLACE_NOBODY;
	for (int i = 0; i < places->site_count; i++) {
		int site = (places->turn[kind] + i) % places->site_count;

		if (places->sites[site].waiting[kind] > 0 &&
		    may_hold(places, site, kind))
			return site;
	}
	return PLACE_NOBODY;
}

/* Whoever the desk's owed place was for has not taken it. */
static void
forget_owed(struct places *places, struct place_desk *desk, int kind)
{
	if (desk->owes[kind] && desk->owed_to[kind] != PLACE_NOBODY) {
		places->sites[desk->owed_to[kind]].held[kind]--;
		desk->owed_to[kind] = PLACE_NOBODY;
	}
}

bool
place_take(struct place_desk *desk, enum place_kind kind)
{
	struct places *places = desk->places;

	assert(desk->site >= 0 && desk->site < places->site_count);
	if (desk->holds[kind])
		return true;
	pthread_mutex_lock(&places->lock);
	forget_owed(places, desk, kind);
	if ((desk->owes[kind] || places->free[kind] > 0) &&
	    may_hold(places, desk->site, kind)) {
		if (!desk->owes[kind])
			places->free[kind]--;
		desk->owes[kind] = false;
		desk->holds[kind] = true;
		places->sites[desk->site].held[kind]++;
	}
	pthread_mutex_unlock(&places->lock);
	if (!desk->holds[kind])
		desk->lacking = kind;
	return desk->holds[kind];
}

void
places_give_back(struct place_desk *desk)
{
	struct places *places = desk->places;

	for (int kind = 0; kind < PLACE_KINDS; kind++) {
		if (!desk->holds[kind])
			continue;
		/* one at a time is owed: take, serve and give are a sequence */
		assert(!desk->owes[kind]);
		desk->holds[kind] = false;
		pthread_mutex_lock(&places->lock);
		places->sites[desk->site].held[kind]--;
		desk->owed_to[kind] = PLACE_NOBODY;
		desk->owes[kind] = next_site(places, kind) != PLACE_NOBODY;
		if (!desk->owes[kind])
			places->free[kind]++;
		pthread_mutex_unlock(&places->lock);
	}
}

enum place_verdict
place_wait(struct place_desk *desk, struct place_waiter *waiter, int64_t due_ms)
{
	struct places *places = desk->places;
	enum place_kind kind = desk->lacking;
	struct site_places *site = &places->sites[desk->site];
	enum place_verdict verdict = PLACE_QUEUED;

	assert(kind < PLACE_KINDS);
	pthread_mutex_lock(&places->lock);
	if (places->free[kind] > 0 && may_hold(places, desk->site, kind)) {
		verdict = PLACE_NOW;
	} else if (places->waiting[kind] >= places->max_waiting ||
		   site->waiting[kind] >= places->waiting_share) {
		verdict = PLACE_CROWDED;
	} else {
		waiter->kind = kind;
		waiter->site = desk->site;
		waiter->due_ms = due_ms;
		site->waiting[kind]++;
		places->waiting[kind]++;
		TAILQ_INSERT_TAIL(&site->kinds[kind], waiter, in_kind);
		insert_due(places, waiter);
	}
	pthread_mutex_unlock(&places->lock);
	return verdict;
}

void
place_wait_until(
    struct places *places, struct place_waiter *waiter, int64_t due_ms)
{
	pthread_mutex_lock(&places->lock);
	waiter->kind = PLACE_KINDS;
	waiter->due_ms = due_ms;
	insert_due(places, waiter);
	pthread_mutex_unlock(&places->lock);
}

/* Under the lock: the owed place goes to a waiter's site, or is free again. */
static struct place_waiter *
pass_on(struct places *places, struct place_desk *desk, int kind)
{
	struct place_waiter *waiter;
	int site;

	forget_owed(places, desk, kind);
	site = next_site(places, kind);
	if (site == PLACE_NOBODY) {
		desk->owes[kind] = false;
		places->free[kind]++;
		return NULL;
	}
	places->turn[kind] = site + 1;
	places->sites[site].held[kind]++;
	desk->owed_to[kind] = site;
	waiter = TAILQ_FIRST(&places->sites[site].kinds[kind]);
	remove_waiter(places, waiter);
	return waiter;
}

struct place_waiter *
place_next_owed(struct place_desk *desk)
{
	struct places *places = desk->places;
	struct place_waiter *waiter = NULL;

	for (int kind = 0; kind < PLACE_KINDS && waiter == NULL; kind++) {
		if (!desk->owes[kind])
			continue;
		pthread_mutex_lock(&places->lock);
		waiter = pass_on(places, desk, kind);
		pthread_mutex_unlock(&places->lock);
	}
	return waiter;
}

struct place_waiter *
place_next_due(struct places *places, int64_t now_ms)
{
	struct place_waiter *waiter;

	pthread_mutex_lock(&places->lock);
	waiter = TAILQ_FIRST(&places->due);
	if (waiter != NULL && waiter->due_ms <= now_ms)
		remove_waiter(places, waiter);
	else
		waiter = NULL;
	if (waiter == NULL)
		arm_timer(places);
	pthread_mutex_unlock(&places->lock);
	return waiter;
}
