#ifndef LOGOUT_H
#define LOGOUT_H

#include "app/app.h"
#include "app/session_cookie.h"

/* Ends the session of every cookie that came.  DOWN: some may still be open. */
MUST_CHECK enum result logout_end_what_came(
    struct context *c, const struct cookies *cookies);

/*
 * POST /logout: ends this session and expires the cookies that came.  Without a
 * cookie, or with a stale one, this succeeds too.  A form is redirected to its
 * field next.  If the session could not be ended the answer is 503, and the
 * cookies expire nevertheless.
 */
enum result handle_logout(struct context *c);

/*
 * Call after sessions_supersede.  Deletes the records of the user's sessions,
 * except the one named keep (STR_NONE: no exception), for other programs that
 * read them.  *count: how many there were.
 */
MUST_CHECK enum result logout_end_listed(
    struct context *c, struct str user_id, struct str keep, int64_t *count);

/*
 * POST /logout/all: ends all sessions of the user; with the query others=1 all
 * except this one.
 */
enum result handle_logout_all(struct context *c);

#endif
