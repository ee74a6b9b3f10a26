#ifndef ARGON_H
#define ARGON_H

#include "secret/format.h"

/*
 * argon2 of version 19 with PHP's salt and tag lengths; a row's variant is an
 * argon2_type.
 */

/* KiB times passes; memory and lanes within bounds of their own. */
bool argon_cost(const struct format *format, struct str stored, int64_t *cost);

enum password_verdict argon_verify(
    const struct format *format, struct str password, struct str stored);

#endif
