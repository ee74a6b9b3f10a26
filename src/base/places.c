/* Counted places for slow work, and who waits for them. */
#include "config.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/places.h"

TAILQ_HEAD(waiters, place_waiter);

struct places {
	pthread_mutex_t lock; /* guards all below */
	int free[PLACE_KINDS];
	int waiting[PLACE_KINDS];
	int max_waiting;
	struct waiters kinds[PLACE_KINDS]; /* in the order of arrival */
	struct waiters due;		   /* nearest due time first */
	int timer_fd;			   /* armed for the head of due */
};

struct places *
places_open(const int sizes[PLACE_KINDS], int max_waiting)
{
	struct places *places = calloc(1, sizeof(*places));

	if (places == NULL)
		return NULL;
	places->timer_fd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (places->timer_fd < 0) {
		free(places);
		return NULL;
	}
	pthread_mutex_init(&places->lock, NULL);
	places->max_waiting = max_waiting;
	TAILQ_INIT(&places->due);
	for (int kind = 0; kind < PLACE_KINDS; kind++) {
		places->free[kind] = sizes[kind];
		TAILQ_INIT(&places->kinds[kind]);
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
		TAILQ_REMOVE(&places->kinds[waiter->kind], waiter, in_kind);
		places->waiting[waiter->kind]--;
	}
	if (was_nearest)
		arm_timer(places);
}

bool
place_take(struct place_desk *desk, enum place_kind kind)
{
	struct places *places = desk->places;

	if (desk->holds[kind])
		return true;
	if (desk->owes[kind]) {
		desk->owes[kind] = false;
		desk->holds[kind] = true;
		return true;
	}
	pthread_mutex_lock(&places->lock);
	if (places->free[kind] > 0) {
		places->free[kind]--;
		desk->holds[kind] = true;
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
		desk->holds[kind] = false;
		pthread_mutex_lock(&places->lock);
		/* one at a time is owed: take, serve and give are a sequence */
		if (places->waiting[kind] > 0 && !desk->owes[kind])
			desk->owes[kind] = true;
		else
			places->free[kind]++;
		pthread_mutex_unlock(&places->lock);
	}
}

enum place_verdict
place_wait(struct place_desk *desk, struct place_waiter *waiter, int64_t due_ms)
{
	struct places *places = desk->places;
	enum place_kind kind = desk->lacking;
	enum place_verdict verdict = PLACE_QUEUED;

	assert(kind < PLACE_KINDS);
	pthread_mutex_lock(&places->lock);
	if (places->free[kind] > 0) {
		verdict = PLACE_NOW;
	} else if (places->waiting[kind] >= places->max_waiting) {
		verdict = PLACE_CROWDED;
	} else {
		waiter->kind = kind;
		waiter->due_ms = due_ms;
		places->waiting[kind]++;
		TAILQ_INSERT_TAIL(&places->kinds[kind], waiter, in_kind);
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

struct place_waiter *
place_next_owed(struct place_desk *desk)
{
	struct places *places = desk->places;
	struct place_waiter *waiter = NULL;

	for (int kind = 0; kind < PLACE_KINDS && waiter == NULL; kind++) {
		if (!desk->owes[kind])
			continue;
		pthread_mutex_lock(&places->lock);
		waiter = TAILQ_FIRST(&places->kinds[kind]);
		if (waiter != NULL) {
			remove_waiter(places, waiter);
		} else {
			desk->owes[kind] = false;
			places->free[kind]++;
		}
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
