#ifndef NEW_SESSION_H
#define NEW_SESSION_H

#include "app/app.h"
#include "secret/token.h"

/* A session for a user whose password has just been verified. */
struct new_session {
	/* Set by the caller.  The row has the stored hash that was verified. */
	const struct user *user;
	const struct generation *generation;
	int64_t now_ms;
	bool is_remembered;
	bool has_otp; /* a one-time or recovery code was verified, too */
	/* Set by new_session_open, in the arena of the call. */
	char *token;
};

/*
 * Makes a token and writes the record.  The token never comes from the request:
 * that prevents session fixation.  FAULT: the kernel has no randomness.
 * Otherwise the result of sessions_put.
 */
MUST_CHECK enum result new_session_open(
    struct context *c, struct new_session *new_session);

/*
 * Adds the session cookie to the answer.  Call it after the answer was written.
 */
void new_session_give(struct context *c, const struct new_session *new_session);

#endif
