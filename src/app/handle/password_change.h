#ifndef PASSWORD_CHANGE_H
#define PASSWORD_CHANGE_H

#include "app/app.h"

/* POST /password: another password for who knows the one that stands. */
enum result handle_password_change(struct context *c);

#endif
