#ifndef OWN_PASSWORD_H
#define OWN_PASSWORD_H

#include "app/app.h"

/*
 * Checks the password of the logged-in user (c->who) against SQL.  The check is
 * counted as a login attempt, since it could guess passwords just as well.
 *
 * OK: it is right; *user is the row, with its stored hash, and the places are
 * committed.  DENY: it is wrong; c->answer is set and the answer held back.
 * NOAUTH: the account is closed.  LIMIT, FULL, DOWN, FAULT: as in a login.
 */
MUST_CHECK enum result own_password_verify(
    struct context *c, struct str given, struct user *user);

/*
 * Writes the refusal of a wrong password into the audit trail.  reason is one
 * of a few fixed words.  Returns DENY, with c->answer set.
 */
enum result own_password_refuse(struct context *c, const char *reason);

/*
 * own_password_verify for the password and a code (NULL: none is asked for).
 * Both are judged and counted together, so that the answer does not tell which
 * was wrong.  The code is not claimed.
 */
MUST_CHECK enum result own_password_verify_with(struct context *c,
    struct str given, const struct str *code, struct user *user);

/*
 * Reads the row of the logged-in user, with the stored hash and secret.
 * NOAUTH: the account is closed.  FAULT, logged: user_by_login does not find
 * this row.  FULL, DOWN: as in a login.
 */
MUST_CHECK enum result own_password_find_row(
    struct context *c, struct user *user);

#endif
