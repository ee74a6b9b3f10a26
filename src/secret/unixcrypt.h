#ifndef UNIXCRYPT_H
#define UNIXCRYPT_H

#include "secret/format.h"

/* What libxcrypt's crypt(3) computes; see crypt(5) for the forms. */

#define UNIXCRYPT_PASSWORD_MAX 511
#define UNIXCRYPT_BCRYPT_READS 72 /* bytes; the rest would be ignored */

/* log2 of the rounds */
bool unixcrypt_cost_bcrypt(
    const struct format *format, struct str stored, int64_t *cost);

/* rounds; 5,000 where they are not named.  SHA-512 and SHA-256. */
bool unixcrypt_cost_sha(
    const struct format *format, struct str stored, int64_t *cost);

/*
 * N times r, 128 bytes of memory each, times parallelism, times one more than
 * the time parameter.
 */
bool unixcrypt_cost_yescrypt(
    const struct format *format, struct str stored, int64_t *cost);

/* N times r times p; N times r within the same bound of memory. */
bool unixcrypt_cost_scrypt(
    const struct format *format, struct str stored, int64_t *cost);

enum password_verdict unixcrypt_verify(
    const struct format *format, struct str password, struct str stored);

/* A new $2y$ of log2 cost; false: too long, NUL, or failure. */
bool unixcrypt_new_bcrypt(
    struct str password, int cost, char form[PASSWORD_NEW_SIZE]);

#endif
