#ifndef LOGOUT_H
#define LOGOUT_H

#include "app/app.h"

/*
 * POST /logout: ends this session and expires the cookies that came.  Without
 * a cookie, or with a stale one, it is done already.
 */
enum result logout_create(struct context *c);

#endif
