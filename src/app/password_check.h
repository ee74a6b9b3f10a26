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
 * which it was, even on a busy machine.  The answer to a refusal is also held
 * back until a fixed time after the start.
 *
 * Call after places_commit; no place but PLACE_LOGIN is held meanwhile.
 */
struct password_check {
	int64_t started_us;	       /* clock_us; 0: the check never began */
	enum password_verdict verdict; /* FAILED, WRONG or RIGHT */
	const char *reason;	       /* of a refusal, for the log */
	char new_hash[PASSWORD_NEW_SIZE]; /* a stronger hash to store, or "" */
};

/*
 * user->hash is STR_NONE for an unknown user.  OK: the verdict is WRONG or
 * RIGHT.  FULL: not in time: not begun within [login] hash_timeout, or not done
 * by the deadline.  FAULT: could not be computed.
 */
MUST_CHECK enum result password_check_run(const struct context *c,
    struct str password, const struct user *user,
    struct password_check *password_check);

/*
 * Call before every refusal, also of a right password.  Spends the time that a
 * wrong password costs in addition, and holds the answer back until [login]
 * floor after the check began.
 */
void password_check_hold(struct context *c, struct str password,
    const struct user *user, const struct password_check *password_check);

/*
 * Computes a new stored hash for a password that fits into bcrypt, on the hash
 * pool.  FULL: not in time.  FAULT: could not be computed.
 */
MUST_CHECK enum result password_check_new_hash(const struct context *c,
    struct str password, char new_hash[PASSWORD_NEW_SIZE]);

/*
 * [login] rehash: stores password_check->new_hash for the user, whose login has
 * just succeeded with user->hash.  Errors are logged and have no other effect.
 */
void password_check_keep(const struct context *c, const struct user *user,
    const struct password_check *password_check);

/*
 * False for a new password that is too short to resist guessing, or that bcrypt
 * would truncate.
 */
bool password_check_is_fit(const struct conf *conf, struct str password);

/* OK, or the refusal of a new password: unfit, or in [login] password_denied.
 */
MUST_CHECK enum result password_check_wanted(
    struct context *c, struct str wanted);

/*
 * The result of a request whose statement changed no row.  For BAD (the column
 * is too narrow) and DENY (no privilege) the event is logged with the reason,
 * and it is FAULT and MYSQL_DOWN; else it is the same.
 */
MUST_CHECK enum result password_check_unwritten(enum log_level level,
    const char *event, struct str user_id, enum result result);

/*
 * The word of [login] formats for a family; NULL for PASSWORD_FAMILIES.  And
 * whether the configuration accepts it.
 */
const char *password_check_word(enum password_family family);
bool password_check_accepts(
    const struct conf *conf, enum password_family family);

#endif
