#ifndef NEW_SESSION_H
#define NEW_SESSION_H

#include "app/app.h"
#include "secret/token.h"

/* A session for somebody whose password has just been verified. */
struct new_session {
	/* by the caller: the row, with the stored form that was verified */
	const struct user *user;
	const struct generation *generation;
	int64_t now_ms;
	bool is_remembered;
	/* by new_session_open */
	char *token;
};

/*
 * Writes the record.  A token never comes from the request, so that nobody
 * can choose whose session a cookie becomes.
 */
MUST_CHECK enum result new_session_open(
    struct context *c, struct new_session *new_session);

/* Adds the cookie to the answer, which stands already. */
void new_session_give(struct context *c, const struct new_session *new_session);

#endif
