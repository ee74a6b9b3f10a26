#ifndef PLACES_H
#define PLACES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * Admission control (a bulkhead) for slow work.  A request that needs a place
 * takes it without waiting; where none is free it returns RESULT_FULL, and the
 * worker parks it here, in one FIFO a kind, to be run again from its start.  A
 * place that is given back is granted to the FIFO's head at once, and that
 * waiter becomes due.  What only waits for a time (a connection past its turn,
 * an answer that is held back) waits here too.
 *
 * A login cannot be run again once its try is counted.  So it takes a
 * PLACE_LOGIN first, of which there are fewer than workers, and from
 * places_commit on its thread waits for the other places in the same FIFOs,
 * where it goes ahead of logins that began later: else many logins would all
 * have the first half of their SQL done by the deadline, and none all of it.
 *
 * Where several sites share the places, each may hold at most its share of a
 * kind, has its own FIFOs, and they take turns.
 *
 * One lock guards the counts, the FIFOs and the due times.  It is not on the
 * path of a check that finds what it needs in the cache.
 */
enum place_kind {
	PLACE_LOGIN, /* a worker for a login, or a change of a password */
	PLACE_SQL,   /* a link to MySQL */
	PLACE_KINDS
};

/* Embedded in what waits; zeroed at first.  Guarded by the places' lock. */
struct place_waiter {
	TAILQ_ENTRY(place_waiter) in_kind, in_due;
	int64_t due_ms;
	enum place_kind kind;	/* PLACE_KINDS: waits for its due time only */
	int site;		/* whose place it waits for */
	bool is_granted;	/* it has its place, and is due */
	pthread_cond_t *thread; /* signalled when granted; NULL: a request */
};

struct places;

/* Of so many places how many may one of so many sites hold? */
int places_share(int size, int sites);

/*
 * sizes[k] places of kind k; at most max_waiting wait for a kind, and a share
 * of that for one site.  NULL with errno where the system refuses the timer.
 */
struct places *places_open(
    const int sizes[PLACE_KINDS], int max_waiting, int sites);
void places_close(struct places *places);

/*
 * A timerfd that becomes readable when the nearest due time has come; owned
 * by places, to be put into an epoll set.
 */
int places_timer_fd(const struct places *places);

/* One worker's dealings with the places; touched by its own thread only. */
struct place_claims {
	struct places *places;
	int site; /* whose request is served, from 0; set before the first take
		   */
	bool holds[PLACE_KINDS];
	int64_t wait_until_ms; /* place_take waits so long; 0: never */
	/*
	 * What the last RESULT_FULL was for: the kind that place_take refused,
	 * or PLACE_KINDS, set by a store: nothing but a little time.
	 */
	enum place_kind lacking;
	/*
	 * Called by place_before_wait; NULL: nobody has to know.  A worker
	 * gives its leader permit to another one here (server/leaders.h).
	 */
	void (*before_wait)(void *worker);
	void *worker;
};

/*
 * To be called before this thread waits for longer than a moment, for
 * whatever.  NULL: a thread that is no worker, which just waits.
 */
void place_before_wait(const struct place_claims *claims);

/*
 * True: held until it is given back.  A kind held already is true as well.
 * False also where the site holds its share.
 */
bool place_take(struct place_claims *claims, enum place_kind kind);

/*
 * As place_take, for a caller that has more to do before it uses the place;
 * after places_commit, when the place can be waited for then, it takes none.
 */
bool place_take_ahead(struct place_claims *claims, enum place_kind kind);

/* Gives back one kind, if it is held; never blocks. */
void place_give_back(struct place_claims *claims, enum place_kind kind);

/*
 * The request has an effect from here on and cannot be run again: place_take
 * waits until the time given (clock_ms), and RESULT_FULL means 503.  The
 * claims must hold PLACE_LOGIN, which bounds the workers that wait so; the
 * others it held are given back.
 */
void places_commit(struct place_claims *claims, int64_t until_ms);

/* Has the request an effect, so that it cannot be run again? */
bool places_are_committed(const struct place_claims *claims);

/* The request has ended: gives back all that is held; never blocks. */
void places_give_back(struct place_claims *claims);

enum place_verdict {
	PLACE_QUEUED, /* the waiter is in the FIFO and no longer the caller's */
	PLACE_NOW,    /* one came free meanwhile: try again at once */
	PLACE_CROWDED /* max_waiting wait already */
};

/* Waits for claims->lacking until due_ms. */
enum place_verdict place_wait(
    struct place_claims *claims, struct place_waiter *waiter, int64_t due_ms);

/* Waits for due_ms alone. */
void place_wait_until(
    struct places *places, struct place_waiter *waiter, int64_t due_ms);

/*
 * The next waiter that is granted its place, which the claims hold then, or
 * whose due time is at or before now_ms; NULL: none.  The claims hold nothing
 * before.
 */
struct place_waiter *place_next_due(
    struct place_claims *claims, int64_t now_ms);

#endif
