#ifndef LOGOUT_H
#define LOGOUT_H

#include "app/app.h"
#include "app/session_cookie.h"

/*
 * Ends the session of every cookie in the request.  DOWN: some sessions may
 * still be open.
 */
MUST_CHECK enum result logout_end_what_came(
    struct context *c, const struct cookies *cookies);

/*
 * POST /logout: ends the session of this browser and expires its cookies.
 * Without a cookie, or with a stale one, this succeeds too.  A form is
 * redirected to its field `next`.  If Redis is unavailable and [session] spool
 * keeps the logout, it succeeds (202 to programs).  If the session cannot be
 * ended the answer is 503; the cookies expire in any case.
 */
enum result handle_logout(struct context *c);

/*
 * Deletes the records of the user's sessions, except the one named keep
 * (STR_NONE: no exception), because other programs may read these records.
 * Call it after sessions_supersede.  *count is the number of sessions.  DOWN:
 * some records may be left.
 */
MUST_CHECK enum result logout_end_listed(
    struct context *c, struct str user_id, struct str keep, int64_t *count);

/*
 * POST /logout/all: ends all sessions of the user; with the query others=1 all
 * except this one.
 */
enum result handle_logout_all(struct context *c);

#endif
