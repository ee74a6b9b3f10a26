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

/*
 * Verifies the password and a one-time code (NULL: none is asked for), which
 * are judged and counted together.  The code is not claimed.
 */
MUST_CHECK enum result own_password_verify_with(struct context *c,
    struct str given, const struct str *code, struct user *user);

/*
 * Reads the row of c->who's user, with the stored hash and secret.  FAULT,
 * logged: user_by_login finds another one.
 */
MUST_CHECK enum result own_password_find_row(
    struct context *c, struct user *user);

#endif
