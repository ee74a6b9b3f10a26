#ifndef PLACES_H
#define PLACES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * Admission control (a bulkhead) for slow work.  A request takes the place that
 * it needs without waiting.  If none is free, the handler returns RESULT_FULL,
 * and the worker queues the request here, in one FIFO per kind, to be run again
 * from its start.  A place that is given back is granted to the head of the
 * FIFO at once, and that waiter becomes due.  Waiters for a time alone (a
 * connection whose turn has ended, a request that waits for a lease, an answer
 * that is held back) are queued here, too.
 *
 * A login cannot be run again once its attempt is counted.  So it takes a
 * PLACE_LOGIN first, of which there are fewer than workers.  After
 * places_commit its thread waits for the other places in the same FIFOs, ahead
 * of logins that began later.  Otherwise, with many logins at once, all would
 * have half of their SQL done by the deadline, and none all of it.
 *
 * If several sites share the places, each may hold at most its share of a kind
 * (places_share) and has its own FIFOs; the sites take turns.
 *
 * One lock guards the counts, the FIFOs and the due times.  A check that is
 * answered from the cache does not take this lock.
 */
enum place_kind {
	PLACE_LOGIN, /* a worker may serve a login or a password change */
	PLACE_SQL,   /* a worker may use a link to MySQL */
	PLACE_KINDS,
	PLACE_NONE = PLACE_KINDS /* no place is wanted, or none is lacking */
};

/*
 * A waiter.  It is embedded in the waiting object and zeroed initially.  The
 * lock of the places guards it.
 */
struct place_waiter {
	TAILQ_ENTRY(place_waiter) in_kind, in_due;
	int64_t due_ms;
	enum place_kind kind; /* PLACE_NONE: it waits for its due time only */
	int site;	      /* the site whose place it waits for */
	bool is_granted;      /* it has got its place, and is due */
	/* signalled when granted; NULL: a request waits */
	pthread_cond_t *thread;
};

struct places;

/*
 * Returns how many of `size` places one of several sites may hold: half of
 * them; all if there is one site or one place.
 */
int places_share(int size, int sites);

/*
 * Opens the places, sizes[k] of kind k.  At most max_waiting requests wait for
 * a kind; one site may use its share of that.  NULL with errno: no memory or no
 * timer.
 */
struct places *places_open(
    const int sizes[PLACE_KINDS], int max_waiting, int sites);
/* Closes the places and their timer.  Nothing may wait.  places may be NULL. */
void places_close(struct places *places);

/*
 * Returns a timerfd that becomes readable at the earliest due time, for an
 * epoll set.  The places own it.
 */
int places_timer_fd(const struct places *places);

/*
 * The places that one worker holds.  Only its own thread uses them.  claims may
 * be NULL, except for place_wait and place_next_due: the thread is no worker,
 * needs no place, and its work cannot be run again.
 */
struct place_claims {
	struct places *places;
	int site; /* the site of the request, from 0; set before place_take */
	bool holds[PLACE_KINDS];
	int64_t wait_until_ms; /* clock_ms; place_take waits until then; 0: it
				  never waits */
	/*
	 * The reason of the last RESULT_FULL: the kind that place_take refused,
	 * or PLACE_NONE, set by place_ask_again.
	 */
	enum place_kind lacking;
	/*
	 * place_before_wait calls it with `worker`; may be NULL.  The function
	 * of the server gives the leader permit to another worker
	 * (server/leaders.h), so that the stores need not know of permits.
	 */
	void (*before_wait)(void *worker);
	void *worker;
};

/*
 * Calls claims->before_wait.  A thread calls it before any wait that may be
 * longer than a moment.
 */
void place_before_wait(const struct place_claims *claims);

/*
 * Takes a place.  True: it is held until it is given back, or was held already.
 * False: no place is free, or the site holds its share.
 */
bool place_take(struct place_claims *claims, enum place_kind kind);

/*
 * Takes a place as place_take does, for a caller that goes on without it:
 * leaves claims->lacking as it was.
 */
bool place_try(struct place_claims *claims, enum place_kind kind);

/*
 * Takes a place as place_take does, for a caller that uses it only later.
 * After places_commit it takes none and returns true: place_take can wait for
 * the place then.
 */
bool place_take_ahead(struct place_claims *claims, enum place_kind kind);

/*
 * Lets a store have the request run again a little later, because another
 * request holds a lease.  True: the store must return RESULT_FULL.  False: the
 * request cannot be run again, and must go on now.
 */
bool place_ask_again(struct place_claims *claims);

/* True if this place is held, so that place_take would take no new one. */
bool place_is_held(const struct place_claims *claims, enum place_kind kind);

/* Returns claims->site; 0 without claims. */
int place_site(const struct place_claims *claims);

/* Gives back the place of this kind, if it is held.  Does not wait. */
void place_give_back(struct place_claims *claims, enum place_kind kind);

/*
 * Notes that the request can no longer be run again.  Call it before the first
 * side effect.  From then on place_take waits until until_ms (clock_ms), and
 * RESULT_FULL means 503.  The claims must hold PLACE_LOGIN, which bounds the
 * number of workers that wait like this; a PLACE_SQL that is held is given
 * back.
 */
void places_commit(struct place_claims *claims, int64_t until_ms);

/*
 * True after places_commit, and without claims: the request cannot be run
 * again.
 */
bool places_are_committed(const struct place_claims *claims);

/* Returns the number of requests that wait for a place of this kind. */
int places_waiting(struct places *places, enum place_kind kind);

/* Gives back all places, at the end of a request.  Does not wait. */
void places_give_back(struct place_claims *claims);

enum place_verdict {
	PLACE_QUEUED, /* the FIFO owns the waiter now */
	PLACE_NOW,    /* a place became free: run the request again now */
	PLACE_CROWDED /* the FIFO is full (max_waiting, or the site's share) */
};

/*
 * Queues the waiter for a place of kind claims->lacking, until due_ms
 * (clock_ms).
 */
enum place_verdict place_wait(
    struct place_claims *claims, struct place_waiter *waiter, int64_t due_ms);

/*
 * Queues the waiter until due_ms (clock_ms), for no place.  The places own it
 * until place_next_due returns it.
 */
void place_wait_until(
    struct places *places, struct place_waiter *waiter, int64_t due_ms);

/*
 * Removes and returns the next waiter that was granted its place, or whose due
 * time is now_ms or earlier; NULL: none.  The claims must hold nothing; they
 * get a granted place and its site.
 */
struct place_waiter *place_next_due(
    struct place_claims *claims, int64_t now_ms);

#endif
