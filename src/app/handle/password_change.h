#ifndef PASSWORD_CHANGE_H
#define PASSWORD_CHANGE_H

#include "app/app.h"

/* POST /password: sets a new password, given the current one. */
enum result handle_password_change(struct context *c);

#endif
