#ifndef SECOND_FACTOR_H
#define SECOND_FACTOR_H

#include "app/app.h"

/* The verdict on a one-time or recovery code, for the row of its user. */
struct second_factor {
	bool is_needed; /* the user has a secret */
	/* the secret is malformed; the user cannot log in */
	bool is_unreadable;
	bool is_right;	     /* the code is right, or none is needed */
	int64_t step;	     /* the time step of a right one-time code */
	struct str recovery; /* hash of a recovery code, else STR_NONE */
};

/*
 * Judges the code (STR_NONE: none was sent) at now_ms by the clock of Redis,
 * which all hosts share.  Does not claim the code.
 */
struct second_factor second_factor_check(struct arena *arena,
    const struct user *user, struct str code, int64_t now_ms);

/*
 * Claims a right code, in all processes and hosts, so that it works once.  OK:
 * claimed, or no code is needed; user->recovery has lost the code that was
 * used.  MISS: the code was used before.  DOWN, FAULT: it may or may not be
 * claimed.
 */
MUST_CHECK enum result second_factor_claim(const struct stores *stores,
    struct call *call, struct user *user, const struct second_factor *factor);

/*
 * Replaces the list of recovery codes by another one.  OK: user->recovery is
 * the new list.  MISS: somebody else has replaced the list; user->recovery is
 * theirs, absent if the user is gone.  DOWN, FAULT: the list may or may not be
 * written.
 */
MUST_CHECK enum result second_factor_replace(const struct stores *stores,
    struct call *call, struct user *user, struct str list);

/*
 * second_factor_claim, which also writes the use of a recovery code into the
 * audit trail.
 */
MUST_CHECK enum result second_factor_use(
    struct context *c, struct user *user, const struct second_factor *factor);

/*
 * Returns the otpauth URL (totp_url) of the secret `text`.  Its issuer is
 * [login] title, else the host of the first of [server] origins.
 */
struct str second_factor_url(struct arena *arena, const struct conf *conf,
    struct str login, struct str text);

#endif
