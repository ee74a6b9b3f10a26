/*
 * POST /login.
 *
 * A wrong password and an unknown user take equal steps, so that neither the
 * answer nor the time distinguishes them: row, generation (for an unknown user
 * a ping of Redis), hash, row again.
 *
 * The order matters.  The generation is read before the password is verified,
 * and the row is read again after it.  So a logout everywhere or a password
 * change during the login ends the new session at its first check.  The attempt
 * is counted before the hash (app/limit_policy.h).
 *
 * A user with a second factor needs a code as well.  It is judged together with
 * the password, so that neither answer, time nor limits tell which of the two
 * was wrong.  It is claimed last.  So a login that is refused for another
 * reason does not use up the code, and of parallel logins with one code a
 * single one gets a session.
 *
 * A login that has its place never runs again (places_commit).  From then on it
 * waits for SQL places in its own thread; this wait does not count as [mysql]
 * timeout.
 */
#include "config.h"

#include <stdatomic.h>

#include "app/new_session.h"
#include "app/audit.h"
#include "app/login_body.h"
#include "app/device.h"
#include "app/limit_policy.h"
#include "app/handle/login.h"
#include "app/handle/logout.h"
#include "app/handle/user.h"
#include "app/origin.h"
#include "app/handle/pages.h"
#include "app/password_check.h"
#include "app/second_factor.h"
#include "base/log.h"
#include "secret/token.h"
#include "store/id.h"

/*
 * Reads the row of a login.  An unknown user gives a row without an id, and OK.
 */
static enum result
read_row(struct context *c, struct str login, struct user *user)
{
	enum result result =
	    user_table_by_login(c->stores, c->call, login, user);

	if (result == RESULT_MISS) {
		*user = (struct user){ .id = STR_NONE };
		return RESULT_OK;
	}
	if (result == RESULT_OK &&
	    !id_is_wellformed(c->app->conf->user_id_type, user->id)) {
		log_event(LOG_ERROR, "login refused",
		    log_text("reason", "the id does not fit [user] id_type"),
		    log_str("id", user->id), LOG_END);
		return RESULT_FAULT;
	}
	return result;
}

static enum result
enter(struct context *c, const struct user *user, struct generation *generation,
    int64_t *now_ms)
{
	struct str why; /* unused: the store logs it */

	if (str_is_none(user->id))
		return sessions_ping(c->stores, c->call, &why);
	return sessions_enter(c->stores, c->call, user->id, generation, now_ms);
}

/*
 * True if the browser will drop the Secure cookie.  The first time in a process
 * it is logged.
 */
static bool
drops_cookie(const struct context *c)
{
	static atomic_flag was_logged = ATOMIC_FLAG_INIT;

	if (!c->app->conf->cookie_secure || !origin_drops_secure(c->request))
		return false;
	if (!atomic_flag_test_and_set(&was_logged))
		log_event(LOG_WARN, "cookie needs https",
		    log_str("origin", c->request->origin),
		    log_text("setting", "[cookie] secure"), LOG_END);
	return true;
}

static void
answer_json(struct context *c, const struct user *user)
{
	struct json_writer writer =
	    handle_user_answer(c, STR("Logged in successfully"), user);

	json_write_object_end(&writer);
}

/* Redirects to next, unless the browser will drop the cookie. */
static void
answer_login_form(struct context *c, struct str next, bool drops)
{
	if (drops)
		page_needs_https(c);
	else
		page_redirect(c, str_is_none(next) ? STR("/") : next);
}

static void
answer_login(struct context *c, const struct login_body *given,
    const struct new_session *new_session)
{
	bool drops = drops_cookie(c);

	if (c->is_form)
		answer_login_form(c, given->next, drops);
	else
		answer_json(c, new_session->user);
	if (drops)
		reply_code(c->reply, "cookie_needs_https");
	new_session_give(c, new_session);
	device_set(c, new_session->user->id);
}

static enum result
refuse_login(struct context *c, const char *reason, const struct limit_who *who)
{
	audit_login_failed(c, reason, who->account);
	tally_login_failed(c, reason);
	return context_refuse(c, RESULT_NOAUTH, ANSWER_LOGIN_FAILED);
}

/*
 * Checks that the account is active and the verified password still the current
 * one.  Always asks SQL, so that cached account data is never older than the
 * user's last login.
 */
static enum result
check_account_again(struct context *c, const struct user *user,
    const struct limit_who *who, const struct new_session *new_session)
{
	const struct account nothing = { .is_known = false };
	struct str pw = token_fingerprint(c->call->arena, user->hash);
	struct account account;
	enum result result = accounts_ask(c->stores, c->call,
	    &(struct account_question){
		user->id, new_session->now_ms, ACCOUNT_NEW, &nothing },
	    &account);

	if (result != RESULT_OK)
		return result;
	if (!account.is_active ||
	    generation_is_blocked(new_session->generation, new_session->now_ms))
		return refuse_login(c, "closed", who);
	if (!str_is_none(account.pw) && !str_eq(account.pw, pw))
		return refuse_login(c, "changed", who);
	return RESULT_OK;
}

/* A login attempt that the limits have counted. */
struct trial {
	const struct login_body *given;
	const struct user *user; /* the row as it was before the hash */
	struct limit_who who;
	struct password_check password_check;
	struct second_factor factor;
};

static enum result
check_password(struct context *c, struct trial *trial, struct user *again)
{
	const struct user *user = trial->user;
	enum result result = password_check_run(
	    c, trial->given->password, user, &trial->password_check);

	if (result == RESULT_OK)
		result = read_row(c, trial->given->email, again);
	if (result != RESULT_OK)
		return result;
	if (trial->password_check.verdict != PASSWORD_RIGHT)
		return refuse_login(
		    c, trial->password_check.reason, &trial->who);
	if (!str_eq(again->id, user->id) || !str_eq(again->hash, user->hash))
		return refuse_login(c, "changed", &trial->who);
	return RESULT_OK;
}

/* Judges the code.  The password was right. */
static enum result
check_code(struct context *c, struct trial *trial, const struct user *user,
    int64_t now_ms)
{
	trial->factor = second_factor_check(
	    c->call->arena, user, trial->given->code, now_ms);
	if (trial->factor.is_unreadable)
		return refuse_login(c, "closed", &trial->who);
	if (!trial->factor.is_right)
		return refuse_login(c, "code", &trial->who);
	return RESULT_OK;
}

static enum result
claim_code(struct context *c, const struct trial *trial, struct user *again)
{
	enum result result = second_factor_use(c, again, &trial->factor);

	if (result == RESULT_MISS)
		return refuse_login(c, "code", &trial->who);
	return result;
}

/*
 * Checks password, code and account.  All refusals take equally long, so timing
 * does not reveal a correct password.
 */
static enum result
check_all(struct context *c, struct trial *trial,
    const struct new_session *new_session, struct user *again)
{
	enum result result = check_password(c, trial, again);

	if (result == RESULT_OK)
		result = check_code(c, trial, again, new_session->now_ms);
	if (result == RESULT_OK)
		result =
		    check_account_again(c, again, &trial->who, new_session);
	if (result == RESULT_OK)
		result = claim_code(c, trial, again);
	if (result == RESULT_NOAUTH || result == RESULT_FAULT)
		password_check_hold(c, trial->given->password, trial->user,
		    &trial->password_check);
	return result;
}

/*
 * Ends the sessions whose cookies came with the login: the new session replaces
 * them.
 */
static enum result
end_former(struct context *c)
{
	struct cookies cookies;

	session_cookie_read(c, &cookies);
	return logout_end_what_came(c, &cookies);
}

/* Opens the session of a counted attempt, or refuses it. */
static enum result
open_session(struct context *c, struct trial *trial, struct user *again,
    struct new_session *new_session)
{
	struct generation generation = { 0 };
	enum result result =
	    enter(c, trial->user, &generation, &new_session->now_ms);

	new_session->user = again;
	new_session->generation = &generation;
	if (result == RESULT_OK)
		result = check_all(c, trial, new_session, again);
	new_session->has_otp = trial->factor.is_needed;
	if (result == RESULT_OK)
		result = new_session_open(c, new_session);
	if (result == RESULT_OK)
		result = end_former(c);
	new_session->generation = NULL;
	return result;
}

static enum result
try_login(
    struct context *c, const struct login_body *given, const struct user *user)
{
	struct trial trial = { .given = given,
		.user = user,
		.who = limit_who(c->call->arena, given->email, user) };
	struct new_session new_session = { .is_remembered =
					       given->is_remembered };
	struct limit_ticket ticket;
	struct user again;
	enum result result = limit_policy_take(c, &trial.who, &ticket);

	if (result != RESULT_OK)
		return result;
	result = open_session(c, &trial, &again, &new_session);
	limit_policy_end(c, &ticket, result == RESULT_NOAUTH);
	if (result != RESULT_OK)
		return result;
	tally_login(c, LOGIN_OK);
	audit_login(c, &trial.who, audit_name(c, str_from(new_session.token)));
	password_check_keep(c, &again, &trial.password_check);
	answer_login(c, given, &new_session);
	return RESULT_OK;
}

enum result
handle_login(struct context *c)
{
	struct login_body given;
	struct user user;
	enum result result;

	c->tally.is_login = true;
	if (!login_body_read(c, &given))
		return RESULT_BAD;
	result = limit_policy_peek(c, given.email);
	if (result != RESULT_OK)
		return result;
	if (!place_take(c->call->claims, PLACE_LOGIN))
		return RESULT_FULL;
	places_commit(c->call->claims, c->call->deadline_ms);
	result = read_row(c, given.email, &user);
	if (result != RESULT_OK)
		return result;
	return try_login(c, &given, &user);
}
