#ifndef RESET_LINK_H
#define RESET_LINK_H

#include "config/conf.h"
#include "store/store.h"

/*
 * Links by which somebody without a password sets a new one: one use, and dead
 * once the stored hash has changed.
 */
enum { RESET_LINK_LIFE_MS = 30 * 60 * 1000 };

/* True with [mysql] password_update and [server] origins. */
bool reset_link_is_possible(const struct conf *conf);

/*
 * Reads the row of a user, with the stored hash.  MISS: none, or user_by_login
 * finds another one by the login of that row.
 */
MUST_CHECK enum result reset_link_read_user(const struct stores *stores,
    struct call *call, struct str user_id, struct user *user);

/* True if the link was made for the stored hash of this row. */
bool reset_link_is_for(
    struct arena *arena, const struct reset *reset, const struct user *user);

/*
 * Makes a link for the user of this row.  OK: *url in call->arena, and when it
 * expires.  The host is the first of [server] origins, never the request's.
 */
MUST_CHECK enum result reset_link_new(const struct conf *conf,
    const struct stores *stores, struct call *call, const struct user *user,
    int64_t life_ms, struct str *url, int64_t *expires_ms);

#endif
