#ifndef SLOWEST_HASH_H
#define SLOWEST_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "secret/format.h"
#include "secret/wrappers.h"

/*
 * The processor time of this process's verifications, by kind of hash.  A kind
 * is a format, a cost and a wrapper.  There is one table per process, with a
 * lock of its own.
 */

/* A kind, its time, and a stored hash of it that no password matches. */
struct slowest_hash {
	const struct wrapper *wrapper;
	const struct format *format;
	int64_t cost, us;
	size_t len;
	char stored[FORMAT_LEN_MAX + 1];
};

/*
 * Records that a verification took us microseconds.  stored: without the
 * wrapper's prefix.  Only wrapper, format and cost of kind are read.
 */
void slowest_hash_note(
    const struct slowest_hash *kind, struct str stored, int64_t us);

/* The quickest run of a kind in microseconds; 0 if none was recorded. */
int64_t slowest_hash_us(const struct slowest_hash *kind);

/*
 * Finds the kind for which this wrong password takes longest: its time is
 * multiplied by the number of ways to prepare the password.  `us` is set to the
 * product.  False: nothing was recorded.
 */
bool slowest_hash_find(struct str password, struct slowest_hash *slowest_hash);

#endif
