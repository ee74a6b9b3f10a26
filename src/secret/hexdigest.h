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

#define HEXDIGEST_SIZE 129 /* characters of SHA-512, and NUL */

/*
 * Writes the digest (OpenSSL's name) of the parts, one behind the other, in
 * small hexadecimal digits with a NUL.  False where OpenSSL fails.
 */
bool hexdigest_write(const char *digest, const struct str *parts, size_t count,
    char text[HEXDIGEST_SIZE]);

/* Is text len such digits, in either case? */
bool hexdigest_is_text(struct str text, size_t len);

/* In constant time, whatever the case of expected; text as it was written. */
bool hexdigest_equal(const char *text, struct str expected);

#endif
