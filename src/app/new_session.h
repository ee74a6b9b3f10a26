#ifndef NEW_SESSION_H
#define NEW_SESSION_H

#include "app/app.h"
#include "secret/token.h"

/* A session for somebody whose password has just been verified. */
struct admission {
	/* by the caller: the row, with the stored form that was verified */
	const struct user *user;
	const struct generation *generation;
	int64_t now_ms;
	bool is_remembered;
	/* by admission_open */
	char *token;
};

/*
 * Writes the record.  A token never comes from the request, so that nobody
 * can choose whose session a cookie becomes.
 */
MUST_CHECK enum result admission_open(
    struct context *c, struct admission *admission);

/* Adds the cookie to the answer, which stands already. */
void admission_give(struct context *c, const struct admission *admission);

#endif
