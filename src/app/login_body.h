#ifndef LOGIN_BODY_H
#define LOGIN_BODY_H

#include <stdbool.h>

#include "app/app.h"

/* The body of POST /login, from JSON or from a form. */
struct login_body {
	struct str email; /* trimmed of blanks and tabs */
	struct str password;
	struct str code; /* a one-time code; STR_NONE: none was sent */
	struct str next; /* where to go after the login, or STR_NONE */
	/*
	 * Keep the cookie when the browser ends: true unless `remember` was
	 * sent and is false.
	 */
	bool is_remembered;
};

/*
 * False: malformed, or email or password missing, empty or not a string, or
 * code not a string.  The code is read only where users may have one.  A
 * next that must not be followed becomes STR_NONE.  The values of a form,
 * except password and code, are kept in c->form.
 */
bool login_body_read(struct context *c, struct login_body *login_body);

#endif
