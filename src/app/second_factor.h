#ifndef SECOND_FACTOR_H
#define SECOND_FACTOR_H

#include "app/app.h"

/* A one-time or recovery code against the row of its user. */
struct second_factor {
	bool is_needed;	     /* the user has a secret */
	bool is_unreadable;  /* ... which is none: nobody gets in */
	bool is_right;	     /* the code fits, or none is needed */
	int64_t step;	     /* of a one-time code that is needed and right */
	struct str recovery; /* the hash of a recovery code; absent: none */
};

/*
 * Judges the code (STR_NONE: none was sent) at now_ms by the clock of Redis,
 * which all hosts share.  It is not claimed yet.
 */
struct second_factor second_factor_judge(struct arena *arena,
    const struct user *user, struct str code, int64_t now_ms);

/*
 * Claims a right code for one use, in all processes and hosts.  OK: claimed, or
 * none is needed; user->recovery is the list without it.  MISS: it was used
 * before.  DOWN, FAULT: the store cannot tell.
 */
MUST_CHECK enum result second_factor_claim(const struct stores *stores,
    struct call *call, struct user *user, const struct second_factor *factor);

/*
 * Replaces the list of recovery codes by another one.  OK: user->recovery is
 * the new list.  MISS: somebody else has replaced it; user->recovery is theirs,
 * absent if the user is gone.  DOWN, FAULT (logged): it may not be written.
 */
MUST_CHECK enum result second_factor_replace(const struct stores *stores,
    struct call *call, struct user *user, struct str list);

/* second_factor_claim; writes the use of a recovery code into the audit trail.
 */
MUST_CHECK enum result second_factor_use(
    struct context *c, struct user *user, const struct second_factor *factor);

/*
 * The otpauth URL of a secret (totp_url).  The site is [login] title, else the
 * host of the first of [server] origins.
 */
struct str second_factor_url(struct arena *arena, const struct conf *conf,
    struct str login, struct str text);

#endif
