#ifndef REFRESHER_H
#define REFRESHER_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/wire/link.h"
#include "store/store.h"

/*
 * Threads that refresh accounts from SQL in the background
 * (stale-while-revalidate).  A check whose account is known waits at most
 * REFRESHER_WAIT_MS for the new value, then uses the stale one.  The query goes
 * on, and its answer is stored in Redis for the next check.  While queries of a
 * site take longer than that, its checks do not wait at all, until a query is
 * fast again.
 *
 * Each site has at most its share of the threads and of the queue
 * (base/fair_queue.h), so slow SQL of one site delays no other.
 */
enum { REFRESHER_WAIT_MS = 100, REFRESHER_JOBS_MAX = 256 };

struct refresher;

/* The refresh of an account whose value in Redis is stale. */
struct refresh {
	struct user_table_port *table; /* thread-safe */
	struct str prefix;	       /* of the keys; outlives the refresh */
	struct str id;
	struct str known;      /* the stale value in Redis */
	int64_t now_ms;	       /* by Redis' clock */
	int site;	       /* index, as in struct place_claims */
	const char *site_name; /* for the log; NULL: none */
};

/*
 * Asks SQL and stores the answer.  Returns the new value in Redis, in
 * call->arena, or STR_NONE.  call->claims is NULL: the thread itself bounds the
 * load.
 */
typedef struct str refresher_work(
    struct link *link, struct call *call, const struct refresh *what);

/*
 * Starts the threads, each with a link to Redis.  deadline_ms is the time limit
 * of a query.  NULL: no memory or no thread.
 */
struct refresher *refresher_open(struct breaker *breaker, refresher_work *work,
    int threads, int sites, int64_t deadline_ms);

/*
 * Accepts no more queries and drops those that are queued.  refresher may be
 * NULL.
 */
void refresher_stop(struct refresher *refresher);

/*
 * True if no query is running any more, after refresher_stop.  refresher may be
 * NULL: true.
 */
bool refresher_is_idle(struct refresher *refresher);

/*
 * Joins the threads and frees all, after refresher_stop.  refresher may be
 * NULL.
 */
void refresher_close(struct refresher *refresher);

/*
 * Queues a refresh, unless one of this account is queued or running.  If
 * may_wait, and unless queries of the site are slow, waits at most
 * REFRESHER_WAIT_MS for its answer.  Returns the new value in call->arena.
 * STR_NONE: it did not wait, no answer came in time, the refresh failed, or
 * nothing was queued: the queue is full, memory is short, or the refresher is
 * stopping.
 */
struct str refresher_ask(struct refresher *refresher, struct call *call,
    const struct refresh *what, bool may_wait);

#endif
