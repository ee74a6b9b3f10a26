/* Admission control for slow work: counted places and their FIFOs. */
#include "config.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/monotonic.h"
#include "base/places.h"

TAILQ_HEAD(waiters, place_waiter);

/* The places and waiters of one site. */
struct site_places {
	int held[PLACE_KINDS]; /* places held, granted ones included */
	int waiting[PLACE_KINDS];
	struct waiters kinds[PLACE_KINDS]; /* in the order of arrival */
};

struct places {
	int share[PLACE_KINDS]; /* the most that one site may hold */
	int max_waiting, waiting_share;
	int timer_fd; /* armed for the first waiter of due */

	pthread_mutex_t lock; /* guards the fields below */
	int free[PLACE_KINDS];
	int waiting[PLACE_KINDS];
	int turn[PLACE_KINDS]; /* the site that is served first */
	struct waiters due;    /* earliest due time first */
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

/*
 * Arms the timer for the first due time.  One in the past fires at once; an
 * empty list disarms the timer.
 */
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

/*
 * Inserts the waiter by its due time.  Due times mostly ascend in the order of
 * insertion, so the search begins at the end.
 */
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
remove_due(struct places *places, struct place_waiter *waiter)
{
	bool was_nearest = waiter == TAILQ_FIRST(&places->due);

	TAILQ_REMOVE(&places->due, waiter, in_due);
	if (was_nearest)
		arm_timer(places);
}

static void
count_waiting(struct places *places, const struct place_waiter *waiter, int by)
{
	places->sites[waiter->site].waiting[waiter->kind] += by;
	places->waiting[waiter->kind] += by;
}

static void
remove_kind(struct places *places, struct place_waiter *waiter)
{
	struct site_places *site = &places->sites[waiter->site];

	TAILQ_REMOVE(&site->kinds[waiter->kind], waiter, in_kind);
	count_waiting(places, waiter, -1);
}

static bool
may_hold(const struct places *places, int site, int kind)
{
	return places->sites[site].held[kind] < places->share[kind];
}

/* True if the site may take a place of this kind now. */
static bool
is_free(const struct places *places, int site, int kind)
{
	return places->free[kind] > 0 && may_hold(places, site, kind);
}

/* Returns the waiter that gets the next free place, or NULL. */
static struct place_waiter *
next_waiter(const struct places *places, int kind)
{
	if (places->waiting[kind] == 0)
		return NULL;
	for (int i = 0; i < places->site_count; i++) {
		int site = (places->turn[kind] + i) % places->site_count;

		if (places->sites[site].waiting[kind] > 0 &&
		    may_hold(places, site, kind))
			return TAILQ_FIRST(&places->sites[site].kinds[kind]);
	}
	return NULL;
}

static void
occupy(struct places *places, int site, int kind)
{
	assert(is_free(places, site, kind));
	places->free[kind]--;
	places->sites[site].held[kind]++;
}

/*
 * Gives the waiter its place.  A waiting thread is woken; a request becomes due
 * at once, for any worker.
 */
static void
grant(struct places *places, struct place_waiter *waiter)
{
	remove_kind(places, waiter);
	occupy(places, waiter->site, (int)waiter->kind);
	places->turn[waiter->kind] = waiter->site + 1;
	waiter->is_granted = true;
	if (waiter->thread != NULL) {
		pthread_cond_signal(waiter->thread);
		return;
	}
	remove_due(places, waiter);
	waiter->due_ms = 0;
	insert_due(places, waiter);
}

static void
release_place(struct places *places, int site, int kind)
{
	struct place_waiter *waiter;

	places->sites[site].held[kind]--;
	places->free[kind]++;
	while (places->free[kind] > 0 &&
	       (waiter = next_waiter(places, kind)) != NULL)
		grant(places, waiter);
}

/*
 * Returns the first queued thread that began later, and so has a later
 * deadline; the waiter is inserted before it.  NULL: there is none.
 */
static struct place_waiter *
later_thread(struct site_places *site, const struct place_waiter *waiter)
{
	struct place_waiter *first = NULL, *other;

	TAILQ_FOREACH_REVERSE (
	    other, &site->kinds[waiter->kind], waiters, in_kind) {
		/* cppcheck-suppress uninitvar ; the macro sets it */
		if (other->thread == NULL || other->due_ms <= waiter->due_ms)
			break;
		first = other;
	}
	return first;
}

static void
insert_thread(struct places *places, struct place_waiter *waiter)
{
	struct site_places *site = &places->sites[waiter->site];
	struct place_waiter *later = later_thread(site, waiter);

	count_waiting(places, waiter, 1);
	if (later != NULL)
		TAILQ_INSERT_BEFORE(later, waiter, in_kind);
	else
		TAILQ_INSERT_TAIL(&site->kinds[waiter->kind], waiter, in_kind);
}

/*
 * Called with the lock held.  Waits until the place is granted.  False: the
 * time is over.
 */
static bool
wait_granted(struct place_claims *claims, enum place_kind kind)
{
	struct places *places = claims->places;
	pthread_cond_t granted;
	struct place_waiter waiter = { .kind = kind,
		.site = claims->site,
		.due_ms = claims->wait_until_ms,
		.thread = &granted };

	monotonic_cond_open(&granted);
	insert_thread(places, &waiter);
	while (!waiter.is_granted && monotonic_cond_wait(&granted,
					 &places->lock, claims->wait_until_ms))
		;
	if (!waiter.is_granted)
		remove_kind(places, &waiter);
	pthread_cond_destroy(&granted);
	return waiter.is_granted;
}

static bool
take_now(struct place_claims *claims, enum place_kind kind)
{
	struct places *places = claims->places;

	if (!is_free(places, claims->site, kind))
		return false;
	occupy(places, claims->site, kind);
	return true;
}

/*
 * Takes a place, waiting for it until claims->wait_until_ms.  Called without
 * the lock, because place_before_wait takes other locks.
 */
static bool
take_waiting(struct place_claims *claims, enum place_kind kind)
{
	struct places *places = claims->places;
	bool is_taken;

	place_before_wait(claims);
	pthread_mutex_lock(&places->lock);
	is_taken = take_now(claims, kind) || wait_granted(claims, kind);
	pthread_mutex_unlock(&places->lock);
	return is_taken;
}

void
place_before_wait(const struct place_claims *claims)
{
	if (claims != NULL && claims->before_wait != NULL)
		claims->before_wait(claims->worker);
}

bool
place_is_held(const struct place_claims *claims, enum place_kind kind)
{
	return claims == NULL || claims->holds[kind];
}

int
place_site(const struct place_claims *claims)
{
	return claims != NULL ? claims->site : 0;
}

bool
place_take(struct place_claims *claims, enum place_kind kind)
{
	struct places *places;

	if (place_is_held(claims, kind))
		return true;
	places = claims->places;
	assert(claims->site >= 0 && claims->site < places->site_count);
	pthread_mutex_lock(&places->lock);
	claims->holds[kind] = take_now(claims, kind);
	pthread_mutex_unlock(&places->lock);
	if (!claims->holds[kind] && places_are_committed(claims))
		claims->holds[kind] = take_waiting(claims, kind);
	if (!claims->holds[kind])
		claims->lacking = kind;
	return claims->holds[kind];
}

int
places_waiting(struct places *places, enum place_kind kind)
{
	int waiting;

	pthread_mutex_lock(&places->lock);
	waiting = places->waiting[kind];
	pthread_mutex_unlock(&places->lock);
	return waiting;
}

bool
place_try(struct place_claims *claims, enum place_kind kind)
{
	enum place_kind lacking = claims != NULL ? claims->lacking : PLACE_NONE;
	bool is_held = place_take(claims, kind);

	if (!is_held)
		claims->lacking = lacking;
	return is_held;
}

bool
place_take_ahead(struct place_claims *claims, enum place_kind kind)
{
	return places_are_committed(claims) || place_take(claims, kind);
}

bool
place_ask_again(struct place_claims *claims)
{
	if (places_are_committed(claims))
		return false;
	claims->lacking = PLACE_NONE;
	return true;
}

void
place_give_back(struct place_claims *claims, enum place_kind kind)
{
	struct places *places;

	if (claims == NULL || !claims->holds[kind])
		return;
	places = claims->places;
	claims->holds[kind] = false;
	pthread_mutex_lock(&places->lock);
	release_place(places, claims->site, kind);
	pthread_mutex_unlock(&places->lock);
}

void
places_commit(struct place_claims *claims, int64_t until_ms)
{
	if (claims == NULL)
		return;
	assert(claims->holds[PLACE_LOGIN]);
	place_give_back(claims, PLACE_SQL);
	claims->wait_until_ms = until_ms;
}

bool
places_are_committed(const struct place_claims *claims)
{
	return claims == NULL || claims->wait_until_ms > 0;
}

void
places_give_back(struct place_claims *claims)
{
	if (claims == NULL)
		return;
	claims->wait_until_ms = 0;
	for (int kind = 0; kind < PLACE_KINDS; kind++)
		place_give_back(claims, kind);
}

enum place_verdict
place_wait(
    struct place_claims *claims, struct place_waiter *waiter, int64_t due_ms)
{
	struct places *places = claims->places;
	enum place_kind kind = claims->lacking;
	struct site_places *site = &places->sites[claims->site];
	enum place_verdict verdict = PLACE_QUEUED;

	assert(kind != PLACE_NONE);
	pthread_mutex_lock(&places->lock);
	if (is_free(places, claims->site, kind)) {
		verdict = PLACE_NOW;
	} else if (places->waiting[kind] >= places->max_waiting ||
		   site->waiting[kind] >= places->waiting_share) {
		verdict = PLACE_CROWDED;
	} else {
		waiter->kind = kind;
		waiter->site = claims->site;
		waiter->due_ms = due_ms;
		waiter->thread = NULL;
		waiter->is_granted = false;
		count_waiting(places, waiter, 1);
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
	waiter->kind = PLACE_NONE;
	waiter->is_granted = false;
	waiter->due_ms = due_ms;
	insert_due(places, waiter);
	pthread_mutex_unlock(&places->lock);
}

/*
 * Called with the lock held.  Removes the waiter from its lists and moves a
 * granted place to the claims.
 */
static void
take_along(struct place_claims *claims, struct place_waiter *waiter)
{
	remove_due(claims->places, waiter);
	if (waiter->is_granted) {
		assert(!claims->holds[waiter->kind]);
		claims->site = waiter->site;
		claims->holds[waiter->kind] = true;
	} else if (waiter->kind != PLACE_NONE) {
		remove_kind(claims->places, waiter);
	}
}

struct place_waiter *
place_next_due(struct place_claims *claims, int64_t now_ms)
{
	struct places *places = claims->places;
	struct place_waiter *waiter;

	pthread_mutex_lock(&places->lock);
	waiter = TAILQ_FIRST(&places->due);
	if (waiter != NULL && waiter->due_ms <= now_ms) {
		take_along(claims, waiter);
	} else {
		waiter = NULL;
		arm_timer(places);
	}
	pthread_mutex_unlock(&places->lock);
	return waiter;
}
