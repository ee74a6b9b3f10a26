#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "store/store.h"

/*
 * Login attempts of this process that are counted but not yet decided.
 *
 * An attempt is counted before its password is checked (app/limit_policy.h).  A
 * counter may thus be full of attempts that will succeed: ten programs of one
 * user that log in at once are no attack.  Before an attempt is refused it
 * waits here until the pending attempts have ended.
 *
 * One lock guards the list of pending attempts and is held while the list is
 * searched.  The number of login places (PLACE_LOGIN) bounds the length of the
 * list.
 */
struct attempts;

/* A pending attempt; embedded in its struct limit_ticket. */
struct attempt {
	LIST_ENTRY(attempt) entry;
	/* the counters that count it; the caller owns them */
	const struct limit_bucket *buckets;
	size_t bucket_count;
};

/* Opens an empty list.  NULL: no memory. */
struct attempts *attempts_open(void);
/* Frees the list; NULL is allowed. */
void attempts_close(struct attempts *attempts);

/*
 * Adds a pending attempt to the list; removes it and wakes all that wait.  The
 * attempt and its buckets must stay valid from begin to end.
 */
void attempts_begin(struct attempts *attempts, struct attempt *attempt);
void attempts_end(struct attempts *attempts, struct attempt *attempt);

/* Returns how many attempts have ended so far.  Read it before the counters. */
uint64_t attempts_ended(struct attempts *attempts);

/*
 * True if the counter may be full because of attempts that are pending, or that
 * have ended since attempts_ended returned `ended`.
 */
bool attempts_explain(struct attempts *attempts,
    const struct limit_bucket *bucket, uint64_t ended);

/*
 * Waits, if necessary, until an attempt has ended since attempts_ended returned
 * `ended`.  True: an attempt has ended, so the counters are worth reading
 * again.  False: no pending attempt is counted by the bucket, or until_ms
 * (clock_ms) has passed.
 */
bool attempts_await(struct attempts *attempts, struct place_claims *claims,
    const struct limit_bucket *bucket, uint64_t ended, int64_t until_ms);

#endif
