#ifndef LIMIT_POLICY_H
#define LIMIT_POLICY_H

#include "app/app.h"
#include "app/attempts.h"

/*
 * Limits on guessing passwords, and on requests.
 *
 * A try is counted before its password is looked at, and taken back when it
 * turns out to be none: so of a hundred at once no more than may are hashed.
 * Whoever asks for a password does, after places_commit, since a request that
 * steps back is run again from its start:
 *
 *	result = limit_policy_take(c, &who, &ticket);
 *	if (result != RESULT_OK)
 *		return result;
 *	result = ... the password ...
 *	limit_end(c, &ticket, is_wrong);
 */
struct limit_ticket {
	struct attempt attempt;
	struct limit_bucket buckets[LIMIT_BUCKETS_MAX];
	size_t count;
};

/* Whose password is tried: by limit_who. */
struct limit_who {
	struct str account; /* folded; may be empty */
	struct str typed;   /* folded; mostly the same */
	struct str id;	    /* of the row; STR_NONE: there is none */
};

/*
 * The account is the row's own login or, where there is no row (an id that is
 * STR_NONE), the login that was typed; both in one spelling (base/fold.h). That
 * is its name in the log.
 *
 * The pair is counted by what was typed, known or not, so that its counter does
 * not tell whether the account exists.  The account as a whole, and a browser
 * with its cookie, are counted by the row: equalities that only the collation
 * knows get nobody around them.
 */
struct limit_who limit_who(
    struct arena *arena, struct str typed, const struct user *user);

/*
 * Counts a try.  A browser with a device cookie of the
 * account (app/device.h) has a counter of its own; any other is counted for
 * (network, login as typed), for the network and, with [session] secret_file,
 * for the account.  LIMIT: one of them is full and no attempt of this process
 * that is under way can change that before the deadline; nothing was counted,
 * the answer is set.  DOWN: could not tell, so no password is looked at.  After
 * OK limit_end is due, and the ticket stays where it is until then.
 */
MUST_CHECK enum result limit_policy_take(struct context *c,
    const struct limit_who *who, struct limit_ticket *ticket);

/*
 * The same without counting, for before a place is taken: who is over the
 * limit shall not make others wait.  What it lets pass limit_policy_take may
 * refuse.
 */
MUST_CHECK enum result limit_policy_peek(struct context *c, struct str typed);

/* The verdict: what was no wrong password is taken back. */
void limit_end(struct context *c, struct limit_ticket *ticket, bool is_wrong);

/* Takes a request back that limit_policy_request counted; without Redis it
 * stays. */
void limit_policy_give_back(
    struct context *c, const struct limit_ticket *ticket);

/*
 * [server] limit, for requests of any kind.  Where Redis is away nothing is
 * refused: what needs it will find out by itself.
 */
MUST_CHECK enum result limit_policy_request(
    struct context *c, struct limit_ticket *ticket);

#endif
