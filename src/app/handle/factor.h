#ifndef FACTOR_H
#define FACTOR_H

#include "app/app.h"

/*
 * The page on which a logged-in user sets up or removes a second factor.  The
 * form carries a new secret until a first code has confirmed it; until then
 * nothing is stored.
 */

/* True with [mysql] totp_update and a column totp. */
bool factor_is_possible(const struct context *c);

/* Writes the page.  Without a session: 303 to the login page. */
enum result handle_factor_page(struct context *c);

/*
 * Handles POST /account/totp, which needs the password and a code.  With a
 * field `secret` it writes this secret, if the code fits it.  With a field
 * `codes` it makes new recovery codes.  With neither it removes the second
 * factor.  New recovery codes are shown in the answer and nowhere else.
 */
enum result handle_factor_change(struct context *c);

/* Writes a refusal as the form again, or as a page with a link to it. */
void factor_refuse(struct context *c, enum answer answer, int status);

#endif
