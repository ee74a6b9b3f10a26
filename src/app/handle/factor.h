#ifndef FACTOR_H
#define FACTOR_H

#include "app/app.h"

/*
 * The page on which somebody who is logged in sets up a second factor, or
 * removes it.  A new secret is in the form until a first code has confirmed it;
 * nothing is stored before.
 */

/* True with [mysql] totp_update and a column totp. */
bool factor_is_possible(const struct context *c);

/* GET /account/totp.  Without a session: 303 to the login page. */
enum result handle_factor_page(struct context *c);

/*
 * POST /account/totp: with a field secret writes it, for the password and a
 * first code; with a field codes makes new recovery codes, else removes the
 * second factor, for the password and a code.  New recovery codes are in the
 * answer, and shown nowhere else.
 */
enum result handle_factor_change(struct context *c);

/* A refusal: the form again, or a page of its own that leads to it. */
void factor_refuse(struct context *c, enum answer answer, int status);

#endif
