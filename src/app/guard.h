#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

#include "app/app.h"

/*
 * The one place where a session is judged: cookie, token, record, generation.
 * OK fills c->who.  NOAUTH with the answer set: no cookie, or no good one.
 * DOWN: could not tell.
 */
enum result guard_session(struct context *c);

/* The same, and its login is as recent as [session] fresh asks for. */
enum result guard_fresh_session(struct context *c);

/*
 * For /user/{id}: a malformed id is not found before anything is asked;
 * then a session, unless it is only read, [user] access is public and the id
 * is not `me`.
 */
enum result guard_user(struct context *c, bool is_read);

/* Does [ops] access name the client's address? */
bool guard_admits_ops(const struct context *c);

/*
 * Is the record that a store found a live session?  Pure; the rules of the
 * generation are those of the manual's section on stored keys.
 */
bool guard_session_is_live(
    const struct conf *conf, const struct session_facts *facts);

/*
 * Is a session out of the list of c->who's user a live one, too?  What is
 * known of the user is what c->who was judged by.
 */
bool guard_is_another_live(
    const struct context *c, struct session_facts *facts);

/*
 * When SQL is to be asked again about the user of that id, who was last asked
 * about at at_ms: within [user] recheck, spread over its last three quarters
 * by the id.  Pure.
 */
int64_t guard_recheck_due_ms(
    const struct conf *conf, struct str id, int64_t at_ms);

/* When a session ends, however much it is used. */
int64_t guard_expires_ms(
    const struct conf *conf, const struct session_facts *facts);

#endif
