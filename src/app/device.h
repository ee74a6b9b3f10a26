#ifndef DEVICE_H
#define DEVICE_H

#include "app/app.h"

/*
 * The device cookie: proof that this browser has logged in to an account
 * before (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
 * Failures in it are counted for (browser, account) alone, so that those of
 * others, a neighbour behind the same address or an attacker from everywhere,
 * do not lock the owner out.  It grants nothing else: not a session, no other
 * account, and no more tries than anybody else has.
 *
 * It is
 *	ACCOUNT.NONCE.SECONDS.TAG
 * the hash of the row's id (two logins may differ in nothing but their case,
 * and a login may be given to somebody else), what the browser is counted by,
 *when it was set, and a tag over these (secret/tag.h).  Only with [session]
 *secret_file.
 */
#define DEVICE_LIFE_S (INT64_C(400) * 86400)

/*
 * What this browser's failures at the account are counted by; absent: it has
 * not logged in to it, or too long ago.  id: of the row; STR_NONE: nobody's.
 */
struct str device_of(const struct context *c, struct str id);

/* Has it logged in to any account before? */
bool device_is_known(const struct context *c);

/*
 * Sets the cookie with the answer to a login.  A browser that was known keeps
 * its nonce, and so its count: a success resets nothing.
 */
void device_set(struct context *c, struct str id);

#endif
