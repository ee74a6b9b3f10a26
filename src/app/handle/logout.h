#ifndef LOGOUT_H
#define LOGOUT_H

#include "app/app.h"
#include "app/session_cookie.h"

/* Ends the session of every cookie that came; DOWN: maybe not all. */
MUST_CHECK enum result logout_end_what_came(
    struct context *c, const struct cookies *cookies);

/*
 * POST /logout: ends this session and expires the cookies that came.  Without
 * a cookie, or with a stale one, it is done already.  A form goes on to its
 * field next.  Where the session could not be ended the cookies expire all the
 * same, with 503.
 */
enum result handle_logout(struct context *c);

/*
 * After a new generation: deletes the records of the user's sessions, but for
 * the one of that name (STR_NONE: none), where others read them too.
 */
MUST_CHECK enum result logout_end_listed(
    struct context *c, struct str keep, int64_t *count);

/*
 * POST /logout/all: every session of the user, but this one with the query
 * others=1.
 */
enum result handle_logout_all(struct context *c);

#endif
