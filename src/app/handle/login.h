#ifndef LOGIN_H
#define LOGIN_H

#include "app/app.h"

/* POST /login: email and password in exchange for a session cookie. */
enum result handle_login(struct context *c);

#endif
