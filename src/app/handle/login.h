#ifndef LOGIN_H
#define LOGIN_H

#include "app/app.h"

/* POST /login: an email and a password for a session and its cookie. */
enum result handle_login(struct context *c);

#endif
