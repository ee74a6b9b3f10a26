#ifndef ARGON_H
#define ARGON_H

#include "secret/format.h"

/*
 * argon2 in the PHC string format, as libargon2 writes it (RFC 9106): versions
 * 19 and 16, salts from 8 bytes on, tags from 4.  keyid and data are refused:
 * the one names a secret that nobody gives us, libargon2 reads neither.  A
 * row's variant is an argon2_type.
 */

/* KiB times passes; memory and lanes within bounds of their own. */
bool argon_cost(const struct format *format, struct str stored, int64_t *cost);

enum password_verdict argon_verify(
    const struct format *format, struct str password, struct str stored);

#endif
