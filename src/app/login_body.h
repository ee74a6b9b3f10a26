#ifndef LOGIN_BODY_H
#define LOGIN_BODY_H

#include <stdbool.h>

#include "app/app.h"

/* The body of POST /login, from JSON or from a form. */
struct login_body {
	struct str email; /* trimmed of blanks and tabs */
	struct str password;
	struct str code; /* a one-time or recovery code; STR_NONE: none */
	struct str next; /* where to go after the login, or STR_NONE */
	/*
	 * True: the cookie outlives the browser.  False only if the field
	 * `remember` was sent and is false.
	 */
	bool is_remembered;
};

/*
 * Reads the body.  False: it is malformed, email or password is missing, empty
 * or no string, or another member has the wrong type.  code is read only if
 * users may have a second factor.  A next that must not be followed becomes
 * STR_NONE.  The values of a form, except password and code, are kept in
 * c->form.
 */
bool login_body_read(struct context *c, struct login_body *login_body);

#endif
