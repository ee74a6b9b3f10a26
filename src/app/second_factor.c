/* One-time codes as a second factor of a login. */
#include "config.h"

#include <string.h>

#include "app/limit_policy.h"
#include "app/origin.h"
#include "app/second_factor.h"
#include "base/log.h"
#include "secret/totp.h"

/*
 * A code fits for three steps, 90 s, from the start of the step before its own.
 * The claim lives longer.
 */
enum { CLAIM_LIFE_MS = 4 * TOTP_STEP_MS, NAME_MAX_LEN = 128 };

struct second_factor
second_factor_judge(const struct user *user, struct str code, int64_t now_ms)
{
	struct second_factor factor = { .is_needed = user->totp.len > 0 };
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
	return factor;
}

enum result
second_factor_claim(const struct stores *stores, struct call *call,
    struct str user_id, const struct second_factor *factor)
{
	struct arena *arena = call->arena;
	struct buf name = buf_open(arena, NAME_MAX_LEN);

	if (!factor->is_needed)
		return RESULT_OK;
	buf_add(&name, user_id);
	buf_add_char(&name, ':');
	buf_add(&name, buf_int_str(arena, factor->step));
	return limits_claim(stores, call, STR("totp"),
	    limit_policy_name(arena, buf_str(&name)), CLAIM_LIFE_MS);
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
