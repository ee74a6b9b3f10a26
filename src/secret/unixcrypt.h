#ifndef UNIXCRYPT_H
#define UNIXCRYPT_H

#include "secret/format.h"

/* The formats that libxcrypt's crypt(3) computes; see crypt(5). */

#define UNIXCRYPT_PASSWORD_MAX 511
#define UNIXCRYPT_BCRYPT_READS 72 /* bytes; bcrypt ignores the rest */

/* Implements read_cost of struct format; the cost is log2 of the rounds. */
bool unixcrypt_cost_bcrypt(
    const struct format *format, struct str stored, int64_t *cost);

/*
 * Implements read_cost for SHA-512 and SHA-256; the cost is the rounds, 5,000
 * if not given.
 */
bool unixcrypt_cost_sha(
    const struct format *format, struct str stored, int64_t *cost);

/*
 * Implements read_cost; the cost is N times r, times parallelism, times the
 * time parameter plus one.  False also if the memory (128 bytes times N times
 * r) exceeds 1 GiB.
 */
bool unixcrypt_cost_yescrypt(
    const struct format *format, struct str stored, int64_t *cost);

/*
 * Implements read_cost; the cost is N times r times p.  False also if the
 * memory (128 bytes times N times r) exceeds 1 GiB.
 */
bool unixcrypt_cost_scrypt(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict unixcrypt_verify(
    const struct format *format, struct str password, struct str stored);

/*
 * Makes a new $2y$ hash, NUL-terminated.  cost is log2 of the rounds.  False:
 * the password is longer than UNIXCRYPT_BCRYPT_READS or has a NUL, or crypt(3)
 * failed.
 */
bool unixcrypt_new_bcrypt(
    struct str password, int cost, char new_hash[PASSWORD_NEW_SIZE]);

/*
 * Makes a new $y$ hash with the default cost of crypt(3), NUL-terminated.
 * False: the password is longer than UNIXCRYPT_PASSWORD_MAX or has a NUL, or
 * crypt(3) failed.
 */
bool unixcrypt_new_yescrypt(
    struct str password, char new_hash[PASSWORD_HASH_SIZE]);

#endif
