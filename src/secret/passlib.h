#ifndef PASSLIB_H
#define PASSLIB_H

#include "secret/format.h"

/*
 * PBKDF2 as passlib and TYPO3 write it (passlib.hash.pbkdf2_sha256):
 * $pbkdf2-sha256$ROUNDS$SALT$KEY, $pbkdf2-sha512$, and $pbkdf2$ for SHA-1. Salt
 * and key are unpadded base64 with '.' for '+'; the key is as long as the
 * digest.  The member variant of struct format is a passlib_variant.
 */
enum passlib_variant { PASSLIB_SHA1, PASSLIB_SHA256, PASSLIB_SHA512 };

/* Implements read_cost of struct format; the cost is the iterations. */
bool passlib_cost(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict passlib_verify(
    const struct format *format, struct str password, struct str stored);

#endif
