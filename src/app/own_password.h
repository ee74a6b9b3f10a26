#ifndef OWN_PASSWORD_H
#define OWN_PASSWORD_H

#include "app/app.h"

/*
 * Checks a password of the user of c->who, who is logged in, against SQL.  It
 * is counted with the login attempts, since it can guess passwords just as
 * well.
 *
 * OK: it is right; *user is the row, with its stored hash, and the places are
 * committed.  DENY: it is wrong; c->answer is set and the answer held back.
 * NOAUTH: the account is closed.  LIMIT, FULL, DOWN, FAULT as in a login.
 */
MUST_CHECK enum result own_password_verify(
    struct context *c, struct str given, struct user *user);

/*
 * Writes the refusal of a wrong password into the audit trail, with one of our
 * fixed words.  Returns DENY, with c->answer set.
 */
enum result own_password_refuse(struct context *c, const char *reason);

#endif
