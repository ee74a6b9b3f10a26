#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Judging a password against a stored hash, as PHP's password_hash and others
 * write it.  Costs up to 300 ms of processor time as hashes are made today,
 * 3 s at the bounds of the table in formats.c, and the memory that the stored
 * hash names: it belongs on the hash pool.  Any thread may call it; every copy
 * of a password is wiped.
 */
#define PASSWORD_MAX 4096 /* bytes; a longer one is wrong */

enum password_verdict {
	PASSWORD_FAILED,  /* could not be computed: no memory, no thread */
	PASSWORD_REFUSED, /* format not accepted; told without computing */
	PASSWORD_WRONG,
	PASSWORD_RIGHT
};

/* Formats by their writers: what can be accepted or not. */
enum password_family {
	PASSWORD_BCRYPT = 1,   /* $2y$, $2a$, $2b$, $2x$ */
	PASSWORD_ARGON2,       /* $argon2id$, $argon2i$, $argon2d$ */
	PASSWORD_YESCRYPT,     /* $y$, $gy$ */
	PASSWORD_SCRYPT,       /* $7$ */
	PASSWORD_SHA512_CRYPT, /* $6$ */
	PASSWORD_SHA256_CRYPT, /* $5$ */
	PASSWORD_WORDPRESS,    /* $wp$2y$, and $P$ as until 6.7 */
	PASSWORD_PHPBB,	       /* $H$ */
	PASSWORD_DRUPAL,       /* $S$; U$S$, U$P$ of Drupal 6 */
	PASSWORD_DJANGO,       /* pbkdf2_sha256$ and its other hashers */
	PASSWORD_MEDIAWIKI,    /* :pbkdf2:, :bcrypt:, :argon2: */
	PASSWORD_PBKDF2,       /* $pbkdf2-sha256$ of passlib and TYPO3 */
	PASSWORD_WERKZEUG,     /* pbkdf2:sha256:, scrypt: of Flask */
	PASSWORD_MAGENTO,      /* HEX:SALT:2, HEX:SALT:3_32_2_67108864 */
	/* digests without a cost, museum: bare ones in hexadecimal digits */
	PASSWORD_MD5,
	PASSWORD_SHA1,
	PASSWORD_SHA256,
	PASSWORD_SHA512,
	/* and salted ones */
	PASSWORD_MAGENTO_SHA256, /* HEX:SALT, HEX:SALT:1 */
	PASSWORD_JOOMLA,	 /* HEX:SALT, of MD5 */
	PASSWORD_MEDIAWIKI_MD5,	 /* :A:, :B: */
	PASSWORD_MYBB,		 /* mybb:SALT:HEX */
	PASSWORD_OPENCART,	 /* opencart:SALT:HEX */
	PASSWORD_FAMILIES	 /* none of them */
};

/*
 * The family of a stored hash; PASSWORD_FAMILIES where it has none, is not
 * whole, or is beyond the cost bounds: crypt(3) would take a plain text for a
 * DES salt.  Costs next to nothing.
 */
enum password_family password_family_of(struct str stored);

/*
 * The name of a format that is recognised and not supported, or is beyond the
 * bounds; doc/passwords.md says why.  "unknown" for anything else that has no
 * family.  Costs next to nothing.
 */
const char *password_unsupported(struct str stored);

/*
 * Judges; PASSWORD_REFUSED where there is no family, and where the library
 * finds the stored hash malformed after all.
 *
 * A password with NUL, or longer than the format reads or stores (4,096
 * bytes; crypt(3) 511, Drupal 512, less where each byte costs every round), is
 * wrong at the cost of one verification.  For bcrypt, which reads 72 bytes, a
 * longer one is digested first as Symfony does.
 */
enum password_verdict password_verify(struct str password, struct str stored);

/*
 * Is the password longer than the 72 bytes that bcrypt reads, and the stored
 * hash one of bcrypt's that nothing is digested for?  Then its product may
 * have cut it, and a wrong password may be right there.
 */
bool password_is_beyond_bcrypt(struct str password, struct str stored);

/*
 * After a wrong password against `stored`: spends, in processor time, what the
 * dearest stored hash that was verified so far costs more than that one.
 * STR_NONE (no such user, or a hash that is not accepted): all of what the
 * dearest costs, which is bcrypt at cost 10 where none was verified.
 */
void password_spend(struct str password, struct str stored);

/*
 * The processor time, in microseconds, that this password costs when it is
 * wrong, against the dearest kind of stored hash (a format at a cost, with what
 * a product puts before it) that this process has verified; of each kind its
 * quickest run, since a slow one tells of the machine.  At least that of bcrypt
 * at cost 10, which is measured by whoever asks first.
 */
int64_t password_slowest_us(struct str password);

/*
 * As good as a new hash or better: bcrypt of at least its cost, argon2id of
 * at least 19 MiB twice over (OWASP's least).
 */
bool password_is_strong(struct str stored);

/*
 * May a new hash of the password as it is typed stand in place of this stored
 * hash?  Not where its product prepares the password first: it would no longer
 * know it.
 */
bool password_may_renew(struct str password, struct str stored);

#define PASSWORD_NEW_SIZE 61
#define PASSWORD_NEW_MAX 72 /* bytes that bcrypt reads */

/*
 * A new stored hash, what PHP's password_hash makes by default (8.4: $2y$ at
 * cost 12).  False: bcrypt would not read the whole password (above
 * PASSWORD_NEW_MAX, or with NUL), or failure.
 */
bool password_new(struct str password, char form[PASSWORD_NEW_SIZE]);

#endif
