#ifndef LIMIT_POLICY_H
#define LIMIT_POLICY_H

#include "app/app.h"
#include "app/attempts.h"

/*
 * Limits on password guessing and on requests.
 *
 * An attempt is counted before the password is checked, and taken back if the
 * password was not wrong.  So of a hundred attempts at once no more are hashed
 * than the limit allows.  Call limit_policy_take after places_commit, because a
 * requeued request would be counted twice:
 *
 *	result = limit_policy_take(c, &who, &ticket);
 *	if (result != RESULT_OK)
 *		return result;
 *	result = ... check the password ...
 *	limit_policy_end(c, &ticket, is_wrong);
 */
struct limit_ticket {
	struct attempt attempt;
	struct limit_bucket buckets[LIMIT_BUCKETS_MAX];
	size_t count;
};

/* The user whose password an attempt tries; limit_who makes it. */
struct limit_who {
	struct str account; /* case-folded; may be empty */
	struct str typed;   /* case-folded; nearly always equal to account */
	struct str id;	    /* id of the row; STR_NONE: no row */
};

/*
 * Returns the names that an attempt is counted under.  The account is the login
 * in the row or, without a row (user->id is STR_NONE), the typed login;
 * case-folded (base/fold.h).  The log names this account.
 *
 * The pair counter uses the typed login, whether or not a row exists, so that
 * the counter does not reveal which accounts exist.  The account counter and
 * the device counter use the row: logins that the collation of the database
 * treats as equal share these two counters.
 */
struct limit_who limit_who(
    struct arena *arena, struct str typed, const struct user *user);

/*
 * Counts an attempt.  A browser with a device cookie of the account
 * (app/device.h) has its own counter.  Any other attempt counts for (network,
 * typed login), for the network and, with [session] secret_file, for the
 * account.
 *
 * OK: counted; call limit_policy_end, and keep the ticket in place until then.
 * LIMIT: a counter is full, and no pending attempt of this process changes that
 * before the deadline; nothing was counted, c->answer is set.  DOWN: the
 * counters cannot be read, so no password may be checked.
 */
MUST_CHECK enum result limit_policy_take(struct context *c,
    const struct limit_who *who, struct limit_ticket *ticket);

/*
 * Returns the result that limit_policy_take would have, but counts nothing.
 * For use before a place is taken, so that clients over their limit do not
 * delay others.  limit_policy_take may still refuse what this function admits.
 */
MUST_CHECK enum result limit_policy_peek(struct context *c, struct str typed);

/* Ends the attempt, and takes its count back unless the password was wrong. */
void limit_policy_end(
    struct context *c, struct limit_ticket *ticket, bool is_wrong);

/*
 * Takes back a request that limit_policy_request has counted.  If Redis is
 * unavailable the count stays.
 */
void limit_policy_give_back(
    struct context *c, const struct limit_ticket *ticket);

/*
 * Counts a request of any kind for [server] limit.  OK: go on; *ticket is for
 * limit_policy_give_back.  LIMIT: refuse the request; c->answer is set.  If
 * Redis is unavailable the result is OK: handlers that need Redis notice it
 * themselves.
 */
MUST_CHECK enum result limit_policy_request(
    struct context *c, struct limit_ticket *ticket);

/*
 * For sessgatectl, which shows and resets counters.  limit_policy_rate returns
 * the limit of a scope: pair, device, network, account or request.
 * limit_policy_name returns the name of a counter for a subject (a folded
 * login, a network).  Counters of the scopes pair and device are named
 * LOGIN:OTHER, each half by limit_policy_name.
 */
const struct conf_rate *limit_policy_rate(
    const struct conf *conf, struct str scope);
struct str limit_policy_name(struct arena *arena, struct str subject);

#endif
