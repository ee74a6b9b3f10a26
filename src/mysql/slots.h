#ifndef SLOTS_H
#define SLOTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "mysql/breaker.h"
#include "mysql/sql.h"
#include "mysql/statement.h"

/*
 * A slot for each link that the pool may have.  Links are put in by the
 * connector (connector.c), lent to workers, and may be shut by the watchdog.
 *
 * One lock.  It is never held across I/O nor with another: what is to be
 * logged or closed is found out under it and done after it.  (shutdown(2) in
 * slots_watch is no I/O: it does not wait.)
 */

/* Whose a slot is: in OPENING the connector's, in BUSY one worker's. */
enum slot_state { SLOT_EMPTY, SLOT_OPENING, SLOT_READY, SLOT_BUSY };

struct slot {
	enum slot_state state; /* this and the next two: under the lock */
	int watch_fd;	       /* our dup of the link's socket, or -1 */
	int64_t deadline_ms;   /* of what runs on the link, 0 for nothing */
	struct sql_link *link; /* its owner's alone in OPENING and BUSY */
};

struct slots {
	const struct statement_plan *plan; /* these two never change */
	int count;

	pthread_mutex_t lock;	   /* guards all below */
	pthread_cond_t link_ready; /* to workers: a link, or none will come */
	pthread_cond_t work;	   /* to the connector */
	struct sql_breaker sql_breaker;
	int waiting; /* workers without a link */
	struct slot slots[];
};

/* plan and its options stay the caller's.  NULL: out of memory. */
struct slots *slots_open(const struct statement_plan *plan);

/* Every link given back; the connector and the watchdog have gone. */
void slots_close(struct slots *slots);

void slots_lock(struct slots *slots);
void slots_unlock(struct slots *slots);

/*
 * Under the lock, let go meanwhile: until the condition, one of the slots',
 * or until_ms (clock_ms); false: the latter.
 */
bool slots_await(
    struct slots *slots, pthread_cond_t *condition, int64_t until_ms);

/* Under the lock: a slot in that state, or NULL; how many there are. */
struct slot *slots_find(struct slots *slots, enum slot_state state);
int slots_count(const struct slots *slots, enum slot_state state);

/* Nobody is let through. */
bool slots_are_away(struct slots *slots);

/* Under the lock: MySQL was missed at a try of started_ms; true: tell it. */
bool slots_open_breaker(
    struct slots *slots, int64_t started_ms, const char *reason);

/* A line for a change of state; reason may be NULL. */
void slots_tell(
    const struct slots *slots, const char *words, const char *reason);

/* By its owner: puts a link in and lets it be watched; false: no descriptor. */
bool slot_fill(struct slots *slots, struct slot *slot, struct sql_link *link);

/* By its owner: the link is ready for whoever comes next. */
void slot_give(struct slots *slots, struct slot *slot);

/*
 * By its owner: closes the link, if there is one.  Its socket is shut first,
 * so that taking leave of the server cannot wait for it.
 */
void slot_drop(struct slots *slots, struct slot *slot);

/*
 * A worker's: a ready link to be cut off at deadline_ms, its own until
 * slots_return; waits for one until then.  NULL: the time is up, or MySQL is
 * away.
 */
struct slot *slots_take(struct slots *slots, int64_t deadline_ms);

/* A broken link is closed. */
void slots_return(struct slots *slots, struct slot *slot);

/* Shuts those past their deadline; never blocks, never touches a MYSQL. */
void slots_watch(struct slots *slots, int64_t now_ms);

/* A use ran out of time: three in a row are an outage. */
void slots_count_late(struct slots *slots);

/* A use got an answer, whatever it was. */
void slots_count_answer(struct slots *slots);

#endif
