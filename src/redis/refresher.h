#ifndef REFRESHER_H
#define REFRESHER_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/wire/link.h"
#include "store/store.h"

/*
 * Threads that ask SQL about accounts beside the checks
 * (stale-while-revalidate): a check whose account is known waits for the
 * answer for at most REFRESHER_WAIT_MS and goes on with what is known.  The
 * question goes on, and its answer reaches Redis for the next check.  Where
 * questions of a site take longer than that nobody of that site waits until one
 * is quick again.
 *
 * Of several sites each has at most its share of the threads and of the queue
 * (base/fair_queue.h): slow SQL of one delays no answer of another.
 */
enum { REFRESHER_WAIT_MS = 100, REFRESHER_JOBS_MAX = 256 };

struct refresher;

/* An account whose value in Redis is old. */
struct refresh {
	struct user_port *table; /* serves any thread */
	struct str prefix;	 /* of the keys; outlives the refresher */
	struct str id;
	struct str known;      /* the value in Redis */
	int64_t now_ms;	       /* by Redis' clock */
	int site;	       /* its number (struct place_claims) */
	const char *site_name; /* for the log; NULL: none */
};

/*
 * Asks and keeps the answer; the value that is in Redis then, in call->arena,
 * or STR_NONE.  call has no claims: a thread is its own place.
 */
typedef struct str refresher_work(
    struct link *link, struct call *call, const struct refresh *what);

/*
 * So many threads for so many sites, each thread with a link to Redis; a
 * question may take deadline_ms.  NULL: no memory or no thread.
 */
struct refresher *refresher_open(struct breaker *breaker, refresher_work *work,
    int threads, int sites, int64_t deadline_ms);

/* Takes no more questions, and drops those that wait.  Takes NULL too. */
void refresher_stop(struct refresher *refresher);

/* After refresher_stop: no question is under way any more.  NULL: true. */
bool refresher_is_idle(struct refresher *refresher);

/* After refresher_stop; waits for what is under way.  Takes NULL too. */
void refresher_close(struct refresher *refresher);

/*
 * Has somebody ask, unless that is under way or too many wait.  The new value
 * in call->arena; STR_NONE: not yet, or not to be had.  may_wait: else it is
 * not waited for at all.
 */
struct str refresher_ask(struct refresher *refresher, struct call *call,
    const struct refresh *what, bool may_wait);

#endif
