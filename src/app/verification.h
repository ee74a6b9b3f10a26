#ifndef VERIFICATION_H
#define VERIFICATION_H

#include "app/app.h"
#include "secret/password.h"

/*
 * A password against the stored form of a user's row, on the hash pool; the
 * caller holds PLACE_HASH.  Does as much for a wrong password, a user who does
 * not exist and a stored form that is not accepted; whoever refuses then waits,
 * so that all refusals take the same time.
 */
struct verification {
	int64_t started_us;	       /* clock_us */
	enum password_verdict verdict; /* FAILED, WRONG or RIGHT */
	const char *reason;	       /* of a refusal, for the log */
	char form[PASSWORD_NEW_SIZE];  /* a better one to be stored, or "" */
};

/* user->hash is STR_NONE for a user who does not exist. */
void verification_run(const struct context *c, struct str password,
    const struct user *user, struct verification *verification);

/*
 * Before a refusal of any kind, for a right password too: until [login] floor
 * after the verification began.
 */
void verification_wait(
    const struct context *c, const struct verification *verification);

/*
 * [login] rehash: stores verification's form for the user who has just been
 * let in by user->hash.  What goes wrong is logged and changes nothing.
 */
void verification_keep(const struct context *c, const struct user *user,
    const struct verification *verification);

#endif
