#ifndef ARGON_H
#define ARGON_H

#include "secret/format.h"

/*
 * argon2 in the PHC string format, as libargon2 writes it (RFC 9106): versions
 * 19 and 16, salts from 8 bytes, tags from 4.  The parameters keyid and data
 * are refused: keyid names a secret that sessgate does not have, and libargon2
 * reads neither.  The member variant of struct format is an argon2_type.
 */

/*
 * Implements read_cost of struct format; the cost is KiB of memory times
 * passes.  False also if memory, passes or lanes exceed their bounds.
 */
bool argon_cost(const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict argon_verify(
    const struct format *format, struct str password, struct str stored);

/*
 * Makes a new $argon2id$ hash with the cost of PHP's password_hash: 64 MiB,
 * four passes.  False: no memory or no randomness.
 */
bool argon_new(struct str password, char new_hash[PASSWORD_HASH_SIZE]);

#endif
