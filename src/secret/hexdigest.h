#ifndef HEXDIGEST_H
#define HEXDIGEST_H

#include "secret/format.h"

/*
 * A bare digest in hexadecimal digits, without salt and cost, as written by
 * MySQL's MD5() and SHA2() and old PHP programs.
 */
enum hexdigest_variant {
	HEXDIGEST_MD5,
	HEXDIGEST_SHA1,
	HEXDIGEST_SHA256,
	HEXDIGEST_SHA512
};

/* Implements read_cost of struct format; the cost is always 1. */
bool hexdigest_cost(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict hexdigest_verify(
    const struct format *format, struct str password, struct str stored);

#define HEXDIGEST_SIZE 129 /* characters of SHA-512, and NUL */

/*
 * Writes the digest (by OpenSSL's name) of the concatenated parts, in
 * lower-case hexadecimal digits with a NUL.  False if OpenSSL fails.
 */
bool hexdigest_write(const char *digest, const struct str *parts, size_t count,
    char text[HEXDIGEST_SIZE]);

/* True if text is exactly len hexadecimal digits, in either case. */
bool hexdigest_is_text(struct str text, size_t len);

/*
 * Compares in constant time.  text is a result of hexdigest_write; expected may
 * have upper-case digits.
 */
bool hexdigest_equal(const char *text, struct str expected);

#endif
