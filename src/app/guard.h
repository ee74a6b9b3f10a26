#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

#include "app/app.h"

/*
 * Checks the session of a request: cookie, token, record, generation, account.
 * The only place that decides this.  OK: c->who is filled.  NOAUTH: no cookie
 * or no valid session; c->answer may say more.  DOWN: a store could not tell.
 * FULL: requeue.
 */
enum result guard_session(struct context *c);

/* Calls guard_session.  DENY: the login is older than [session] fresh. */
enum result guard_fresh_session(struct context *c);

/*
 * For /user/{id}.  A malformed id is MISS before any store is asked.  Otherwise
 * a session is needed, unless the user is only read, [user] access is public
 * and the id is not `me`.
 */
enum result guard_user(struct context *c, bool is_read);

/* True if the client's address is in [ops] access. */
bool guard_admits_ops(const struct context *c);

/*
 * True if the record in facts is a live session.  Pure.  The rules for the
 * generation are in sessgate(8), section on stored keys.
 */
bool guard_session_is_live(
    const struct conf *conf, const struct session_facts *facts);

/*
 * True if this session, from the list of c->who's user, is live too.  Uses the
 * generation, account and time by which c->who was checked.
 */
bool guard_is_another_live(
    const struct context *c, struct session_facts *facts);

/*
 * Is a session from the list of this user live?  facts has the user's
 * generation and account, and the time.  Pure.
 */
bool guard_listed_is_live(const struct conf *conf, struct str user_id,
    const struct session_facts *facts);

/*
 * The time when SQL must be asked again about the user with that id, if at_ms
 * was the last time: in the last three quarters of [user] recheck, spread by
 * the id. Pure.
 */
int64_t guard_recheck_due_ms(
    const struct conf *conf, struct str id, int64_t at_ms);

/* The time at which the session ends, however much it is used. */
int64_t guard_expires_ms(
    const struct conf *conf, const struct session_facts *facts);

#endif
