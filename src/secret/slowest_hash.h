#ifndef SLOWEST_HASH_H
#define SLOWEST_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "secret/format.h"
#include "secret/wrappers.h"

/*
 * The processor time that verifications of this process took, by kind: a format
 * at a cost behind a wrapper.  One table for the process, under a lock of its
 * own.
 */

/* A kind, and a stored form of it that nobody's password matches. */
struct slowest_hash {
	const struct wrapper *wrapper;
	const struct format *format;
	int64_t cost, us;
	size_t len;
	char form[FORMAT_LEN_MAX + 1];
};

/*
 * Notes a verification of stored, without what the wrapper dropped, that took
 * so many microseconds.  Of kind the first three members are read.
 */
void slowest_hash_note(
    const struct slowest_hash *kind, struct str stored, int64_t us);

/* The quickest run of a kind; 0 where none was noted. */
int64_t dearest_us(const struct slowest_hash *kind);

/*
 * The kind that a wrong password costs most, which depends on how many ways
 * there are to prepare it; `us` is of all these ways.  False: nothing was
 * noted.
 */
bool slowest_hash_find(struct str password, struct slowest_hash *slowest_hash);

#endif
