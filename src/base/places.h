#ifndef PLACES_H
#define PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * Slow work has places, and who finds none steps back: no worker ever queues
 * for one.  A request that needs a place takes it without waiting; where none
 * is free the worker parks the request here, in one FIFO a kind, and whoever
 * gives a place back serves that FIFO's head next, with the very place.
 * What only waits for a time (a connection past its turn) waits here too.
 *
 * Where several sites share the places, each may hold at most its share of a
 * kind, has its own FIFOs, and they take turns.
 *
 * One lock guards the counts, the FIFOs and the due times.  It is not on the
 * path of a check that finds what it needs in the cache.
 */
enum place_kind { PLACE_HASH, PLACE_SQL, PLACE_KINDS };

/* Embedded in what waits; zeroed at first.  Guarded by the places' lock. */
struct place_waiter {
	TAILQ_ENTRY(place_waiter) in_kind, in_due;
	int64_t due_ms;
	enum place_kind kind; /* PLACE_KINDS: waits for its due time only */
	int site;	      /* whose place it waits for */
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

enum { PLACE_NOBODY = -1 };

/* One worker's dealings with the places; touched by its own thread only. */
struct place_desk {
	struct places *places;
	int site; /* whose request is served, from 0; set before the first take
		   */
	bool holds[PLACE_KINDS];
	bool owes[PLACE_KINDS]; /* given back while others wait: theirs next */
	int owed_to[PLACE_KINDS]; /* the site whose waiter got it, or NOBODY */
	/*
	 * What the last RESULT_FULL was for: the kind that place_take refused,
	 * or PLACE_KINDS, set by a store: nothing but a little time.
	 */
	enum place_kind lacking;
};

/*
 * True: held until places_give_back.  A kind held already is true as well.
 * False also where the site holds its share.
 */
bool place_take(struct place_desk *desk, enum place_kind kind);

/* Gives back all that this desk holds; never blocks. */
void places_give_back(struct place_desk *desk);

enum place_verdict {
	PLACE_QUEUED, /* the waiter is in the FIFO and no longer the caller's */
	PLACE_NOW,    /* one came free meanwhile: try again at once */
	PLACE_CROWDED /* max_waiting wait already */
};

/* Waits for desk->lacking until due_ms. */
enum place_verdict place_wait(
    struct place_desk *desk, struct place_waiter *waiter, int64_t due_ms);

/* Waits for due_ms alone. */
void place_wait_until(
    struct places *places, struct place_waiter *waiter, int64_t due_ms);

/*
 * The next waiter for a place that this desk gave back, now the caller's to
 * serve (its place_take will succeed); NULL where nobody waits.
 */
struct place_waiter *place_next_owed(struct place_desk *desk);

/* The next waiter whose due time is at or before now_ms, or NULL. */
struct place_waiter *place_next_due(struct places *places, int64_t now_ms);

#endif
