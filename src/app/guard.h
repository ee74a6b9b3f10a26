#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

#include "app/app.h"

/*
 * Checks the session of a request: cookie, token, record, generation, account.
 * No other code decides whether a request is logged in.  OK: c->who is filled.
 * NOAUTH: no cookie, or no valid session; c->answer may say which.  DOWN: a
 * store is unavailable.  FULL: requeue the request.
 */
enum result guard_session(struct context *c);

/*
 * Calls guard_session, and returns DENY if the login is older than [session]
 * fresh.
 */
enum result guard_fresh_session(struct context *c);

/*
 * Guards /user/{id}.  A malformed id is MISS before any store is asked.
 * Otherwise a session is needed, unless the user is only read, [user] access is
 * public and the id is not `me`.
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
 * guard_listed_is_live for a session from the list of the logged-in user.  Sets
 * generation, account and time in *facts to those by which c->who was checked.
 */
bool guard_check_another(const struct context *c, struct session_facts *facts);

/*
 * True if a session from the list of this user is live.  facts must hold the
 * generation and account of the user, and the time.  Pure.
 */
bool guard_listed_is_live(const struct conf *conf, struct str user_id,
    const struct session_facts *facts);

/*
 * Returns the time at which SQL must be asked about the user again, if at_ms
 * was the last time (both by the clock of Redis).  It is in the last three
 * quarters of [user] recheck after at_ms; the id decides where.  Pure.
 */
int64_t guard_recheck_due_ms(
    const struct conf *conf, struct str id, int64_t at_ms);

/* Returns the time at which the session ends, however much it is used. */
int64_t guard_expires_ms(
    const struct conf *conf, const struct session_facts *facts);

#endif
