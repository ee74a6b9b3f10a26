#ifndef PASSWORD_CHECK_H
#define PASSWORD_CHECK_H

#include "app/app.h"
#include "secret/password.h"

/*
 * A password against the stored form of a user's row, on the hash pool.  A
 * wrong password, a user who does not exist and a stored form that is not
 * accepted cost the same processor time, that of the dearest form, so that
 * they look alike on a busy machine too; and the answer of a refusal is held
 * back, so that all take the same time.
 *
 * No place is held for it but PLACE_LOGIN: to be called after places_commit.
 */
struct password_check {
	int64_t started_us;	       /* clock_us; 0: it never began */
	enum password_verdict verdict; /* FAILED, WRONG or RIGHT */
	const char *reason;	       /* of a refusal, for the log */
	char form[PASSWORD_NEW_SIZE];  /* a better one to be stored, or "" */
};

/*
 * user->hash is STR_NONE for a user who does not exist.  FULL: not in time,
 * neither begun within [login] hash_timeout nor done by the deadline.  FAULT:
 * could not be computed.
 */
MUST_CHECK enum result password_check_run(const struct context *c,
    struct str password, const struct user *user,
    struct password_check *password_check);

/*
 * Before a refusal of any kind, for a right password too: what else a wrong
 * one costs, and the answer no sooner than [login] floor after the
 * verification began.
 */
void password_check_hold(struct context *c, struct str password,
    const struct user *user, const struct password_check *password_check);

/*
 * A new stored form for a password that fits bcrypt, on the hash pool.  FULL:
 * not in time.  FAULT: could not be computed.
 */
MUST_CHECK enum result password_check_new_form(
    const struct context *c, struct str password, char form[PASSWORD_NEW_SIZE]);

/*
 * [login] rehash: stores verification's form for the user who has just been
 * let in by user->hash.  What goes wrong is logged and changes nothing.
 */
void password_check_keep(const struct context *c, const struct user *user,
    const struct password_check *password_check);

#endif
