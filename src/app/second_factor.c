/* One-time codes, and recovery codes in their place, as a second factor. */
#include "config.h"

#include <string.h>

#include "app/audit.h"
#include "app/limit_policy.h"
#include "app/origin.h"
#include "app/password_check.h"
#include "app/second_factor.h"
#include "base/log.h"
#include "secret/recovery.h"
#include "secret/totp.h"

/*
 * A code is right for three steps, 90 s, from the start of the step before its
 * own.  The claim lives longer.
 */
enum { CLAIM_LIFE_MS = 4 * TOTP_STEP_MS, NAME_MAX_LEN = 128 };

static bool
has_recovery_code(struct arena *arena, const struct user *user,
    const struct second_factor *factor)
{
	struct str left;

	return !str_is_none(factor->recovery) &&
	       recovery_without(arena, user->recovery, factor->recovery, &left);
}

struct second_factor
second_factor_check(struct arena *arena, const struct user *user,
    struct str code, int64_t now_ms)
{
	struct second_factor factor = { .is_needed = user->totp.len > 0,
		.recovery = STR_NONE };
	struct totp_secret secret;

	if (!factor.is_needed) {
		factor.is_right = true;
		return factor;
	}
	if (!totp_secret_read(user->totp, &secret)) {
		log_event(LOG_ERROR, "totp unreadable",
		    log_str("user", user->id), LOG_END);
		factor.is_unreadable = true;
		return factor;
	}
	factor.step = totp_find_step(&secret, code, now_ms);
	factor.is_right = factor.step >= 0;
	explicit_bzero(&secret, sizeof(secret));
	if (factor.is_right)
		return factor;
	factor.recovery = recovery_hash(arena, code);
	factor.is_right = has_recovery_code(arena, user, &factor);
	return factor;
}

static enum result
claim_step(const struct stores *stores, struct call *call, struct str user_id,
    int64_t step)
{
	struct arena *arena = call->arena;
	struct buf name = buf_open(arena, NAME_MAX_LEN);

	buf_add(&name, user_id);
	buf_add_char(&name, ':');
	buf_add(&name, buf_int_str(arena, step));
	return limits_claim(stores, call, STR("totp"),
	    limit_policy_name(arena, buf_str(&name)), CLAIM_LIFE_MS);
}

/*
 * Reads the list again, after an UPDATE has not found the list that was read
 * before.  OK: somebody else has written it meanwhile, or the user is gone
 * (user->recovery is STR_NONE).  FAULT, logged: it is unchanged, so the
 * configured SQL cannot find it.
 */
static enum result
read_list_again(
    const struct stores *stores, struct call *call, struct user *user)
{
	struct str former = user->recovery;
	struct user again;
	enum result result =
	    user_table_by_login(stores, call, user->login, &again);

	user->recovery = STR_NONE;
	if (result == RESULT_OK && str_eq(again.id, user->id))
		user->recovery = again.recovery;
	if (result == RESULT_MISS || !str_eq(former, user->recovery))
		return RESULT_OK;
	if (result != RESULT_OK)
		return result;
	log_event(LOG_ERROR, "recovery codes not written",
	    log_str("user", user->id),
	    log_text("reason",
		"totp_codes_update does not find the list that user_by_login "
		"reads"),
	    LOG_END);
	return RESULT_FAULT;
}

enum result
second_factor_replace(const struct stores *stores, struct call *call,
    struct user *user, struct str list)
{
	enum result result = user_table_set_recovery(
	    stores, call, user->id, user->recovery, list);

	if (result == RESULT_OK)
		user->recovery = list;
	if (result != RESULT_MISS)
		return password_check_update_failed(
		    LOG_ERROR, "recovery codes not written", user->id, result);
	result = read_list_again(stores, call, user);
	return result == RESULT_OK ? RESULT_MISS : result;
}

/*
 * The UPDATE compares the list, so of several requests with one code a single
 * one succeeds.  An UPDATE fails only if another code of this user was used
 * meanwhile, so there are no more tries than codes.
 */
static enum result
claim_recovery_code(const struct stores *stores, struct call *call,
    struct user *user, struct str hash)
{
	enum result result = RESULT_MISS;
	struct str left;

	for (int i = 0; result == RESULT_MISS && i < RECOVERY_CODES; i++) {
		if (!recovery_without(call->arena, user->recovery, hash, &left))
			return RESULT_MISS;
		result = second_factor_replace(stores, call, user, left);
	}
	return result;
}

enum result
second_factor_claim(const struct stores *stores, struct call *call,
    struct user *user, const struct second_factor *factor)
{
	if (!factor->is_needed)
		return RESULT_OK;
	if (str_is_none(factor->recovery))
		return claim_step(stores, call, user->id, factor->step);
	return claim_recovery_code(stores, call, user, factor->recovery);
}

enum result
second_factor_use(
    struct context *c, struct user *user, const struct second_factor *factor)
{
	enum result result =
	    second_factor_claim(c->stores, c->call, user, factor);

	if (result == RESULT_OK && !str_is_none(factor->recovery))
		audit_recovery_used(
		    c, user->id, recovery_count(user->recovery));
	return result;
}

static struct str
issuer_of(const struct conf *conf)
{
	struct str first = origin_first(conf), rest = first;

	if (conf->login_title[0] != '\0')
		return str_from(conf->login_title);
	while (!str_is_none(rest))
		first = str_cut(&rest, '/');
	return first;
}

struct str
second_factor_url(struct arena *arena, const struct conf *conf,
    struct str login, struct str text)
{
	return totp_url(arena, issuer_of(conf), login, text);
}
