#ifndef NEW_SESSION_H
#define NEW_SESSION_H

#include "app/app.h"
#include "secret/token.h"

/* A session for a user whose password has just been verified. */
struct new_session {
	/* set by the caller: the row, with the stored hash that was verified */
	const struct user *user;
	const struct generation *generation;
	int64_t now_ms;
	bool is_remembered;
	bool has_otp; /* a code was verified, too */
	/* set by new_session_open */
	char *token;
};

/*
 * Makes a token and writes the record.  The token never comes from the request:
 * that prevents session fixation.
 */
MUST_CHECK enum result new_session_open(
    struct context *c, struct new_session *new_session);

/* Adds the cookie.  The answer must be written already. */
void new_session_give(struct context *c, const struct new_session *new_session);

#endif
