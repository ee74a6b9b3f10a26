#ifndef PLACES_H
#define PLACES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * Admission control (a bulkhead) for slow work.  A request that needs a place
 * takes it without waiting.  If none is free, the handler returns RESULT_FULL,
 * and the worker queues the request here, in one FIFO per kind, to be run again
 * from its start.  A place that is given back is granted to the head of the
 * FIFO at once, and that waiter becomes due.  Waiters for a time alone (a
 * connection past its turn, an answer that is held back) are queued here too.
 *
 * A login cannot be run again once its attempt is counted.  So it takes a
 * PLACE_LOGIN first, of which there are fewer than workers.  From places_commit
 * on its thread waits for the other places in the same FIFOs, ahead of logins
 * that began later: else, with many logins, all would have half of their SQL
 * done by the deadline, and none all of it.
 *
 * If several sites share the places, each may hold at most its share of a kind
 * (places_share), has its own FIFOs, and the sites take turns.
 *
 * One lock guards the counts, the FIFOs and the due times.  A check that is
 * answered from the cache does not take it.
 */
enum place_kind {
	PLACE_LOGIN, /* a worker, for a login or a password change */
	PLACE_SQL,   /* a link to MySQL */
	PLACE_KINDS
};

/*
 * Embedded in the waiting object; zeroed initially.  Guarded by the lock of the
 * places.
 */
struct place_waiter {
	TAILQ_ENTRY(place_waiter) in_kind, in_due;
	int64_t due_ms;
	enum place_kind kind;	/* PLACE_KINDS: waits for its due time only */
	int site;		/* the site whose place it waits for */
	bool is_granted;	/* it holds its place, and is due */
	pthread_cond_t *thread; /* signalled when granted; NULL: a request */
};

struct places;

/*
 * How many of size places one of several sites may hold: half of them; all of
 * them if there is one site or one place.
 */
int places_share(int size, int sites);

/*
 * sizes[k] places of kind k.  At most max_waiting wait for a kind, and for one
 * site at most its share of that.  NULL with errno: no memory or no timer.
 */
struct places *places_open(
    const int sizes[PLACE_KINDS], int max_waiting, int sites);
/* Nothing may wait.  Closes the timer.  NULL is allowed. */
void places_close(struct places *places);

/*
 * A timerfd that becomes readable at the earliest due time, for an epoll set.
 * Owned by places.
 */
int places_timer_fd(const struct places *places);

/*
 * The places that one worker holds.  Used by its own thread only.  Functions on
 * claims alone accept NULL, a thread that is no worker: it needs no place, and
 * its work cannot be run again.
 */
struct place_claims {
	struct places *places;
	int site; /* the site of the request, from 0; set before place_take */
	bool holds[PLACE_KINDS];
	int64_t wait_until_ms; /* clock_ms; place_take waits until then; 0: it
				  never waits */
	/*
	 * The reason of the last RESULT_FULL: the kind that place_take refused,
	 * or PLACE_KINDS, set by place_ask_again.
	 */
	enum place_kind lacking;
	/*
	 * Called by place_before_wait with `worker`; may be NULL.  The server's
	 * function gives the leader permit to another worker
	 * (server/leaders.h), so the stores need not know of permits.
	 */
	void (*before_wait)(void *worker);
	void *worker;
};

/*
 * Calls claims->before_wait.  For a thread that is about to wait for longer
 * than a moment, for whatever reason.
 */
void place_before_wait(const struct place_claims *claims);

/*
 * True: the place is held until it is given back, or was held already.  False:
 * none is free, or the site holds its share.
 */
bool place_take(struct place_claims *claims, enum place_kind kind);

/*
 * Like place_take, for a caller that uses the place only later.  After
 * places_commit it takes none, since place_take can wait for it then; the
 * result is true.
 */
bool place_take_ahead(struct place_claims *claims, enum place_kind kind);

/*
 * For a store that wants the request to be run again a little later (a lease of
 * another request).  True: it shall return RESULT_FULL.  False: the request
 * cannot be run again, go on now.
 */
bool place_ask_again(struct place_claims *claims);

/* True if place_take would take no new place. */
bool place_is_held(const struct place_claims *claims, enum place_kind kind);

/* claims->site; 0 without claims. */
int place_site(const struct place_claims *claims);

/* Gives back the place of this kind, if held.  Does not wait. */
void place_give_back(struct place_claims *claims, enum place_kind kind);

/*
 * From here on the request has side effects and cannot be run again: place_take
 * waits until until_ms (clock_ms), and RESULT_FULL means 503.  The claims must
 * hold PLACE_LOGIN, which bounds the number of workers that wait like this; a
 * PLACE_SQL that is held is given back.
 */
void places_commit(struct place_claims *claims, int64_t until_ms);

/* True after places_commit, and without claims: it cannot be run again. */
bool places_are_committed(const struct place_claims *claims);

/* The requests that wait for a place of this kind. */
int places_waiting(struct places *places, enum place_kind kind);

/* The request has ended: gives back all places.  Does not wait. */
void places_give_back(struct place_claims *claims);

enum place_verdict {
	PLACE_QUEUED, /* the FIFO owns the waiter now */
	PLACE_NOW,    /* a place became free: run the request again at once */
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
