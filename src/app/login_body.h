#ifndef LOGIN_BODY_H
#define LOGIN_BODY_H

#include <stdbool.h>

#include "app/app.h"

/* The body of POST /login, JSON or form alike. */
struct login_body {
	struct str email; /* without the blanks and tabs around it */
	struct str password;
	struct str next; /* where a form's login leads; absent: not said */
	/*
	 * The browser keeps the cookie when it ends: true unless `remember`
	 * was sent and is false.
	 */
	bool is_remembered;
};

/*
 * False: not parseable, email or password missing, empty or of another type.
 * A next that may not be followed is as good as none.  What a form was filled
 * with, but for the password, stays in c->form.
 */
bool login_body_read(struct context *c, struct login_body *login_body);

#endif
