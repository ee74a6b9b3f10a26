#ifndef RESET_LINK_H
#define RESET_LINK_H

#include "config/conf.h"
#include "store/store.h"

/*
 * Links by which users who have lost their password set a new one.  A link
 * works once, and not after the stored hash has changed.
 */
enum { RESET_LINK_LIFE_MS = 30 * 60 * 1000 };

/* True with [mysql] password_update and [server] origins. */
bool reset_link_is_possible(const struct conf *conf);

/*
 * Reads the row of a user, with the stored hash.  MISS: there is no such user,
 * or user_by_login does not find the same row by its login.
 */
MUST_CHECK enum result reset_link_read_user(const struct stores *stores,
    struct call *call, struct str user_id, struct user *user);

/* True if the link was made for the stored hash of this row. */
bool reset_link_is_for(
    struct arena *arena, const struct reset *reset, const struct user *user);

/*
 * Makes a link for the user of this row, which works for life_ms.  OK: *url, in
 * call->arena, and *expires_ms are set.  The host of the link is the first of
 * [server] origins, never that of a request.  FAULT, DOWN: there is no link.
 */
MUST_CHECK enum result reset_link_new(const struct conf *conf,
    const struct stores *stores, struct call *call, const struct user *user,
    int64_t life_ms, struct str *url, int64_t *expires_ms);

#endif
