#ifndef SLOTS_H
#define SLOTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "mysql/breaker.h"
#include "mysql/sql.h"
#include "mysql/statement.h"

/*
 * A slot for each link that the pool may have.  The connector (connector.c)
 * opens links, workers borrow them, the watchdog may shut them.
 *
 * One lock, never held across I/O or together with another lock: logging and
 * closing happen after it is released.  (shutdown(2) in slots_watch does not
 * block.)
 */

/* The owner of a slot is the connector in OPENING, one worker in BUSY. */
enum slot_state { SLOT_EMPTY, SLOT_OPENING, SLOT_READY, SLOT_BUSY };

struct slot {
	/* the lock guards state, watch_fd and deadline_ms */
	enum slot_state state;
	int watch_fd;	       /* our dup of the link's socket, or -1 */
	int64_t deadline_ms;   /* of the running statement; 0: none runs */
	int server;	       /* the link leads to it; set by the connector */
	struct sql_link *link; /* only for the owner in OPENING and BUSY */
};

struct slots {
	/* plan and count never change */
	const struct statement_plan *plan;
	int count;

	pthread_mutex_t lock;	   /* guards all below */
	pthread_cond_t link_ready; /* a link is READY, or none will come */
	pthread_cond_t work;	   /* the connector has something to do */
	struct sql_breaker sql_breaker;
	int server;  /* in use; links to other servers are closed */
	int waiting; /* workers that wait for a link */
	int64_t certificate_end_s; /* sql_certificate_end of the last link */
	atomic_bool has_totp;	   /* not guarded: see pool_has_totp */
	struct slot slots[];
};

/* plan and its options must outlive the slots.  NULL: no memory. */
struct slots *slots_open(const struct statement_plan *plan);

/* Call when every link is returned, and connector and watchdog have ended. */
void slots_close(struct slots *slots);

/* Take and release the lock of the slots. */
void slots_lock(struct slots *slots);
void slots_unlock(struct slots *slots);

/*
 * Called with the lock held, which it releases meanwhile.  Waits for the
 * condition or until until_ms (clock_ms).  False: until_ms has passed.
 */
bool slots_await(
    struct slots *slots, pthread_cond_t *condition, int64_t until_ms);

/*
 * Called with the lock held.  slots_find returns a slot in this state, or NULL;
 * slots_count the number of them.  READY and BUSY slots count only if they lead
 * to the server in use.
 */
struct slot *slots_find(struct slots *slots, enum slot_state state);
int slots_count(const struct slots *slots, enum slot_state state);

/* True if the breaker is open. */
bool slots_breaker_is_open(struct slots *slots);

/*
 * Called with the lock held.  Opens the breaker after an attempt begun at
 * started_ms failed, and wakes every waiting thread.  True: to be logged.
 */
bool slots_trip(struct slots *slots, int64_t started_ms, const char *reason);

/*
 * Called with the lock held.  Returns a READY slot whose link leads to another
 * server than the one in use, or NULL.
 */
struct slot *slots_find_left(struct slots *slots);

/*
 * Changes to the next server and logs the reason.  Does nothing if this server
 * is not in use any more, or is the only one.
 */
void slots_leave(struct slots *slots, int server, const char *reason);

/* Copies the breaker's last reason into why. */
void slots_why(struct slots *slots, char *why, size_t size);

/* Logs a change of state of a server; reason may be NULL. */
void slots_log(const struct slots *slots, int server, const char *words,
    const char *reason);

/*
 * Owner only.  Puts a link into the slot, for the watchdog to watch.  False: no
 * descriptor.
 */
bool slot_fill(struct slots *slots, struct slot *slot, struct sql_link *link);

/* Owner only.  Makes the link ready for the next borrower. */
void slot_give(struct slots *slots, struct slot *slot);

/*
 * Owner only.  Closes the link, if any, and keeps the slot.  The socket is shut
 * first, so that the library's goodbye to the server cannot block.
 */
void slot_close_link(struct slots *slots, struct slot *slot);

/* Owner only.  Closes the link, if any, and gives the slot back. */
void slot_drop(struct slots *slots, struct slot *slot);

/*
 * Waits until deadline_ms (clock_ms) for a ready link and borrows it, until
 * slots_return.  The watchdog shuts a link that is used beyond deadline_ms.
 * NULL: the time is up, or the breaker is open.
 */
struct slot *slots_take(struct slots *slots, int64_t deadline_ms);

/* Returns a borrowed link; a broken one is closed. */
void slots_return(struct slots *slots, struct slot *slot);

/* Shuts the sockets of links past their deadline.  Never blocks. */
void slots_watch(struct slots *slots, int64_t now_ms);

/* Counts a use that ran out of time; three in a row open the breaker. */
void slots_timed_out(struct slots *slots);

/* Resets the count of slots_timed_out, after any answer of the server. */
void slots_succeeded(struct slots *slots);

#endif
