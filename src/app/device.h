#ifndef DEVICE_H
#define DEVICE_H

#include "app/app.h"

/*
 * The device cookie proves that this browser has logged in to an account before
 * (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").  Failed
 * logins with the cookie have a counter of their own for (account, browser).
 * So the attempts of others, behind the same address or from everywhere, do not
 * lock the owner out.  The cookie grants nothing else: no session, no other
 * account, and no more attempts than others have.
 *
 * The value is
 *
 *	ACCOUNT.NONCE.SECONDS.TAG
 *
 *	ACCOUNT  hash of the row's id.  Not of the login: two logins may
 *	         differ only in case, and a login may get another owner.
 *	NONCE    names the browser for the counter
 *	SECONDS  when the cookie was set (Unix time)
 *	TAG      over the other three (secret/tag.h)
 *
 * The cookie is used only with [session] secret_file.
 */
#define DEVICE_LIFE_S (INT64_C(400) * 86400)

/*
 * Returns the nonce of this browser, by which its failures at the account are
 * counted.  STR_NONE: the browser has never logged in to the account, or too
 * long ago.  id is that of the user's row; STR_NONE if there is no row.
 */
struct str device_of(const struct context *c, struct str id);

/* True if this browser has logged in to any account before. */
bool device_is_known(const struct context *c);

/*
 * Adds the cookie to the answer of a login.  A browser that has the cookie
 * already keeps its nonce and so its counter: a successful login does not reset
 * the counter.
 */
void device_set(struct context *c, struct str id);

#endif
