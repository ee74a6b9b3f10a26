/* Checks the password of the logged-in user. */
#include "config.h"

#include "app/audit.h"
#include "app/limit_policy.h"
#include "app/own_password.h"
#include "app/password_check.h"
#include "app/second_factor.h"
#include "base/log.h"

static enum result
read_own_row(struct context *c, struct str login, struct user *user)
{
	enum result result =
	    user_table_by_login(c->stores, c->call, login, user);

	if (result == RESULT_OK &&
	    !str_eq(user->id, c->who.found.session.user_id))
		return RESULT_MISS;
	return result;
}

/*
 * The cached login may be out of date.  If it does not find the row, SQL is
 * asked for the account.
 */
enum result
own_password_find_row(struct context *c, struct user *user)
{
	struct account *account = &c->who.found.account;
	const struct account known = *account;
	struct str id = c->who.found.session.user_id;
	enum result result = read_own_row(c, identity_login(&c->who), user);

	if (result != RESULT_MISS)
		return result;
	result = accounts_ask(c->stores, c->call,
	    &(struct account_question){
		id, c->who.found.now_ms, ACCOUNT_NEW, &known },
	    account);
	if (result == RESULT_OK && !account->is_active)
		return context_refuse(
		    c, RESULT_NOAUTH, ANSWER_SESSION_USER_GONE);
	if (result == RESULT_OK)
		result = read_own_row(c, identity_login(&c->who), user);
	if (result != RESULT_MISS)
		return result;
	log_event(LOG_ERROR, "own row not found", log_str("user", id),
	    log_text("reason",
		"user_by_login finds no row, or another one, by the login that "
		"user_by_id returns"),
	    LOG_END);
	return RESULT_FAULT;
}

enum result
own_password_refuse(struct context *c, const char *reason)
{
	audit_password_refused(c, reason, c->who.found.session.user_id);
	return context_refuse(c, RESULT_DENY, ANSWER_PASSWORD_WRONG);
}

/* False also if no code is asked for (NULL). */
static bool
is_code_wrong(
    const struct context *c, const struct str *code, const struct user *user)
{
	return code != NULL && !second_factor_check(c->call->arena, user, *code,
				   c->who.found.now_ms)
				    .is_right;
}

static enum result
verify_given(struct context *c, struct str given, const struct str *code,
    const struct user *user)
{
	struct limit_who who = limit_who(c->call->arena, STR_NONE, user);
	struct password_check password_check;
	struct limit_ticket ticket;
	enum result result = limit_policy_take(c, &who, &ticket);
	bool is_wrong;

	if (result != RESULT_OK)
		return result;
	result = password_check_run(c, given, user, &password_check);
	is_wrong =
	    result == RESULT_OK && (password_check.verdict == PASSWORD_WRONG ||
				       is_code_wrong(c, code, user));
	limit_policy_end(c, &ticket, is_wrong);
	if (!is_wrong)
		return result;
	password_check_hold(c, given, user, &password_check);
	return own_password_refuse(c, "password");
}

enum result
own_password_verify_with(struct context *c, struct str given,
    const struct str *code, struct user *user)
{
	enum result result = limit_policy_peek(c, identity_login(&c->who));

	if (result != RESULT_OK)
		return result;
	if (!place_take(c->call->claims, PLACE_LOGIN))
		return RESULT_FULL;
	result = own_password_find_row(c, user);
	if (result != RESULT_OK)
		return result;
	places_commit(c->call->claims, c->call->deadline_ms);
	return verify_given(c, given, code, user);
}

enum result
own_password_verify(struct context *c, struct str given, struct user *user)
{
	return own_password_verify_with(c, given, NULL, user);
}
