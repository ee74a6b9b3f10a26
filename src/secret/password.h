#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Judging a password against its stored form, as PHP's password_hash and
 * others write it.  Costs up to 300 ms of processor time as forms are made
 * today, 3 s at the bounds of the table in password.c, and the memory that
 * the stored form names: it belongs on the hash pool.  Any thread may call
 * it; every copy of a password is wiped.
 */
#define PASSWORD_MAX 4096 /* bytes; a longer one is wrong */

enum password_verdict {
	PASSWORD_FAILED,  /* could not be computed: no memory, no thread */
	PASSWORD_REFUSED, /* stored form not accepted; told without computing */
	PASSWORD_WRONG,
	PASSWORD_RIGHT
};

/* Stored forms by who writes them: what can be accepted or not. */
enum password_family {
	PASSWORD_BCRYPT,       /* $2y$, $2a$, $2b$ */
	PASSWORD_ARGON2,       /* $argon2id$, $argon2i$ */
	PASSWORD_YESCRYPT,     /* $y$ */
	PASSWORD_SCRYPT,       /* $7$ */
	PASSWORD_SHA512_CRYPT, /* $6$ */
	PASSWORD_SHA256_CRYPT, /* $5$ */
	PASSWORD_WORDPRESS,    /* $wp$2y$, and $P$ as until 6.7 */
	PASSWORD_PHPBB,	       /* $H$ */
	PASSWORD_DRUPAL,       /* $S$ */
	PASSWORD_DJANGO,       /* pbkdf2_sha256$ */
	/* bare digests in hexadecimal digits: no salt, no cost, museum */
	PASSWORD_MD5,
	PASSWORD_SHA1,
	PASSWORD_SHA256,
	PASSWORD_SHA512,
	PASSWORD_FAMILIES /* none of them */
};

/*
 * Whose form that is; PASSWORD_FAMILIES where it is nobody's, is not whole,
 * or is beyond the cost bounds: crypt(3) would take a plain text for a DES
 * salt.  Costs next to nothing.
 */
enum password_family password_family_of(struct str stored);

/*
 * Judges; PASSWORD_REFUSED where there is no family, and where the library
 * finds the form malformed after all.
 *
 * A password with NUL, or longer than the family reads or stores (4,096
 * bytes; bcrypt 72, crypt(3) 511, Drupal 512, less where each byte costs every
 * round), is wrong at the cost of one verification.
 */
enum password_verdict password_verify(struct str password, struct str stored);

/*
 * For users who do not exist: spends what the dearest stored form that was
 * verified so far costs, else bcrypt at cost 10.
 */
void password_spend(struct str password);

/*
 * The wall time, in microseconds, of the dearest kind of stored form (a format
 * at a cost) that this process has verified; of each kind its quickest run,
 * since a slow one tells of the machine.  At least that of bcrypt at cost 10,
 * which is measured by whoever asks first.
 */
int64_t password_dearest_us(void);

/*
 * As good as a new form or better: bcrypt of at least its cost, argon2id of
 * at least 19 MiB twice over (OWASP's least).
 */
bool password_is_strong(struct str stored);

#define PASSWORD_NEW_SIZE 61
#define PASSWORD_NEW_MAX 72 /* bytes that bcrypt reads */

/*
 * A new stored form, what PHP's password_hash makes by default (8.4: $2y$ at
 * cost 12).  False: bcrypt would not read the whole password (above
 * PASSWORD_NEW_MAX, or with NUL), or failure.
 */
bool password_new(struct str password, char form[PASSWORD_NEW_SIZE]);

#endif
