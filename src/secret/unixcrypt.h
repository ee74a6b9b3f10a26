#ifndef UNIXCRYPT_H
#define UNIXCRYPT_H

#include "secret/format.h"

/* The formats that libxcrypt's crypt(3) computes; see crypt(5). */

#define UNIXCRYPT_PASSWORD_MAX 511
#define UNIXCRYPT_BCRYPT_READS 72 /* bytes; bcrypt ignores the rest */

/* Cost: log2 of the rounds. */
bool unixcrypt_cost_bcrypt(
    const struct format *format, struct str stored, int64_t *cost);

/* SHA-512 and SHA-256.  Cost: rounds, 5,000 if not given. */
bool unixcrypt_cost_sha(
    const struct format *format, struct str stored, int64_t *cost);

/*
 * Cost: N times r, times parallelism, times one more than the time parameter.
 * False also if N times r, 128 bytes of memory each, exceeds 1 GiB.
 */
bool unixcrypt_cost_yescrypt(
    const struct format *format, struct str stored, int64_t *cost);

/*
 * Cost: N times r times p.  False also if N times r, 128 bytes each, exceeds 1
 * GiB.
 */
bool unixcrypt_cost_scrypt(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict unixcrypt_verify(
    const struct format *format, struct str password, struct str stored);

/*
 * Makes a new $2y$ hash with log2 of the rounds `cost`.  False: the password is
 * too long or has a NUL, or crypt(3) failed.
 */
bool unixcrypt_new_bcrypt(
    struct str password, int cost, char new_hash[PASSWORD_NEW_SIZE]);

/* Makes a new $y$ hash with crypt(3)'s own cost; false likewise. */
bool unixcrypt_new_yescrypt(
    struct str password, char new_hash[PASSWORD_HASH_SIZE]);

#endif
