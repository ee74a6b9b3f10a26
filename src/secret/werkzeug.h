#ifndef WERKZEUG_H
#define WERKZEUG_H

#include "secret/format.h"

/*
 * The formats of Werkzeug, and so of Flask (werkzeug.security,
 * generate_password_hash): pbkdf2:DIGEST:ITERATIONS$SALT$HEX and
 * scrypt:N:R:P$SALT$HEX.  The member variant of struct format is a
 * werkzeug_variant; the digest is part of the prefix.
 */
enum werkzeug_variant {
	WERKZEUG_SHA1,
	WERKZEUG_SHA256,
	WERKZEUG_SHA512,
	WERKZEUG_SCRYPT
};

/*
 * Implements read_cost of struct format; the cost is the iterations, for scrypt
 * N times r times p.
 */
bool werkzeug_cost(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict werkzeug_verify(
    const struct format *format, struct str password, struct str stored);

#endif
