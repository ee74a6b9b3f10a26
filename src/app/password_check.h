#ifndef PASSWORD_CHECK_H
#define PASSWORD_CHECK_H

#include "app/app.h"
#include "base/log.h"
#include "secret/password.h"

/*
 * Checks a password against the stored hash of a row, on the hash pool.
 *
 * A wrong password, an unknown user and a stored hash that is not accepted cost
 * equal processor time, that of the slowest hash.  So timing does not reveal
 * the reason of a refusal, even on a busy machine.  A refusal is also held back
 * until a fixed time after the start.
 *
 * Call password_check_run after places_commit.  During a check the request
 * holds PLACE_LOGIN and no other place.
 */
struct password_check {
	int64_t started_us;	       /* clock_us; 0: the check never began */
	enum password_verdict verdict; /* FAILED, WRONG or RIGHT */
	const char *reason;	       /* of a refusal, for the log only */
	char new_hash[PASSWORD_NEW_SIZE]; /* a stronger hash to store, or "" */
};

/*
 * Checks the password; user->hash is STR_NONE for an unknown user.  OK: the
 * verdict is WRONG or RIGHT.  FULL: the check has not begun within [login]
 * hash_timeout, or has not ended by the deadline.  FAULT: the hash could not be
 * computed.
 */
MUST_CHECK enum result password_check_run(const struct context *c,
    struct str password, const struct user *user,
    struct password_check *password_check);

/*
 * Call this before every refusal, also that of a right password.  Spends the
 * time that a wrong password would have cost in addition, and holds the answer
 * back until [login] floor after the check began.
 */
void password_check_hold(struct context *c, struct str password,
    const struct user *user, const struct password_check *password_check);

/*
 * Computes a new stored hash for a password that fits into bcrypt, on the hash
 * pool.  FULL: not done in time.  FAULT: it could not be computed.
 */
MUST_CHECK enum result password_check_new_hash(const struct context *c,
    struct str password, char new_hash[PASSWORD_NEW_SIZE]);

/*
 * Stores password_check->new_hash ([login] rehash) for the user, whose login
 * has just succeeded with user->hash.  An error is logged and has no other
 * effect.
 */
void password_check_keep(const struct context *c, const struct user *user,
    const struct password_check *password_check);

/*
 * False for a new password that is too short to resist guessing, or that bcrypt
 * would truncate.
 */
bool password_check_is_fit(const struct conf *conf, struct str password);

/*
 * Judges a new password.  OK, or BAD with c->answer set: it is unfit, or in the
 * list [login] password_denied.
 */
MUST_CHECK enum result password_check_wanted(
    struct context *c, struct str wanted);

/*
 * Turns the result of an UPDATE that wrote nothing into the result of the
 * request.  BAD (the column is too narrow) becomes FAULT, and REFUSED (no
 * privilege) becomes MYSQL_DOWN; both are logged as event, with the reason.
 * Any other result is returned unchanged.
 */
MUST_CHECK enum result password_check_update_failed(enum log_level level,
    const char *event, struct str user_id, enum result result);

/*
 * password_check_word returns the word of [login] formats for a family; NULL
 * for PASSWORD_FAMILIES.  password_check_accepts: true if [login] formats has
 * the family.
 */
const char *password_check_word(enum password_family family);
bool password_check_accepts(
    const struct conf *conf, enum password_family family);

#endif
