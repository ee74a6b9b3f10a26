#ifndef HEXDIGEST_H
#define HEXDIGEST_H

#include "secret/format.h"

/*
 * A bare digest in hexadecimal digits, as MySQL's MD5() and SHA2() and old PHP
 * wrote it: no salt, no cost.
 */
enum hexdigest_variant {
	HEXDIGEST_MD5,
	HEXDIGEST_SHA1,
	HEXDIGEST_SHA256,
	HEXDIGEST_SHA512
};

/* always 1 */
bool hexdigest_cost(
    const struct format *format, struct str stored, int64_t *cost);

enum password_verdict hexdigest_verify(
    const struct format *format, struct str password, struct str stored);

#endif
