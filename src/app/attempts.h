#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "store/store.h"

/*
 * Login attempts of this process that are counted and not yet judged.
 *
 * An attempt is counted before its password is looked at (app/limit_policy.h),
 * so a counter may be full of attempts that will succeed: ten programs of one
 * person that log in at once are no attack.  Before an attempt is refused it
 * waits here for the end of those that are under way.
 *
 * One lock; it is held for a walk over the attempts under way, of which
 * PLACE_LOGIN bounds the number.
 */
struct attempts;

/* Embedded in what waits for its verdict. */
struct attempt {
	LIST_ENTRY(attempt) entry;
	const struct limit_bucket *buckets; /* that count it; the caller's */
	size_t bucket_count;
};

/* NULL without memory. */
struct attempts *attempts_open(void);
/* Takes NULL too. */
void attempts_close(struct attempts *attempts);

/* Between these two the attempt and its buckets stay where they are. */
void attempts_begin(struct attempts *attempts, struct attempt *attempt);
void attempts_end(struct attempts *attempts, struct attempt *attempt);

/* How many have ended; to be read before the counters are. */
uint64_t attempts_ended(struct attempts *attempts);

/*
 * May the counter be full for attempts that are under way, or that have ended
 * since attempts_ended gave `ended`?
 */
bool attempts_explain(struct attempts *attempts,
    const struct limit_bucket *bucket, uint64_t ended);

/*
 * True: an attempt has ended since then, if need be after a wait, so that the
 * counters are worth another look.  False: none that the bucket counts is under
 * way, or until_ms (clock_ms) has passed.
 */
bool attempts_await(struct attempts *attempts, struct place_claims *claims,
    const struct limit_bucket *bucket, uint64_t ended, int64_t until_ms);

#endif
