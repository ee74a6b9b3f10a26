#ifndef PASSWORD_H
#define PASSWORD_H

#include "base/str.h"

/*
 * Judging a password against its stored form, as PHP's password_hash and
 * others write it.  Costs 50 to 300 ms of processor time and, for argon2, the
 * memory that the stored form names: it belongs on the hash pool.  Any thread
 * may call it; every copy of a password is wiped.
 */
#define PASSWORD_MAX 4096 /* bytes; a longer one is wrong */

enum password_verdict {
	PASSWORD_FAILED,  /* could not be computed: no memory, no thread */
	PASSWORD_REFUSED, /* stored form not accepted; told without computing */
	PASSWORD_WRONG,
	PASSWORD_RIGHT
};

/*
 * Accepted are bcrypt ($2y$, $2a$, $2b$) and argon2id and argon2i of version
 * 19 with PHP's salt and tag lengths, whole and within the cost bounds of
 * password.c.  Anything else is refused: crypt(3) would take a plain text for
 * a DES salt.
 *
 * A password with NUL, above PASSWORD_MAX, or for bcrypt above the 72 bytes
 * that it reads, is wrong at the cost of one verification.
 */
enum password_verdict password_verify(struct str password, struct str stored);

/*
 * A stored form of bcrypt at cost 10 that no password matches, to spend the
 * usual time on users who do not exist.  Static.
 */
const char *password_dummy(void);

#endif
