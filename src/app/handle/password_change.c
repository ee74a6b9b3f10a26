/*
 * POST /password.
 *
 * The order matters:
 *
 *	1. The user gets a new generation, and this session is moved to it.
 *	   If that fails, or the session was ended since the guard checked
 *	   it, nothing is written.
 *	2. The new hash is written to the users table.
 *	3. The cached account is invalidated.
 *	4. The user gets another new generation.  A login that verified the
 *	   old password meanwhile has at best the generation of step 1, so
 *	   its session ends.
 *	5. This session continues in the last generation under a new token,
 *	   unless somebody ended it first.
 */
#include "config.h"

#include <string.h>

#include "app/new_session.h"
#include "app/audit.h"
#include "app/session_cookie.h"
#include "app/session_life.h"
#include "app/own_password.h"
#include "app/handle/account.h"
#include "app/handle/logout.h"
#include "app/handle/password_change.h"
#include "app/password_check.h"
#include "base/log.h"
#include "http/form.h"
#include "http/json.h"

enum { JSON_DEPTH_MAX = 4 };

/* A change of a password: the request, the row, the new hash. */
struct change {
	struct str current, wanted;
	struct user user; /* the row, with the current hash */
	char new_hash[PASSWORD_NEW_SIZE];
};

static bool
read_change_json(const struct context *c, struct change *change)
{
	const struct json *json =
	    json_parse(c->call->arena, c->request->body, JSON_DEPTH_MAX);

	return json_is_object(json) &&
	       json_string(json_member(json, "current"), &change->current) &&
	       json_string(json_member(json, "new"), &change->wanted);
}

/*
 * Reads a form.  It may have the new password twice, since the user does not
 * see what was typed.
 */
static bool
read_change_form(struct context *c, struct change *change)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body, again;

	if (!form_find(arena, body, STR("current"), &change->current) ||
	    !form_find(arena, body, STR("new"), &change->wanted))
		return false;
	c->account.differs = form_find(arena, body, STR("again"), &again) &&
			     !str_eq(change->wanted, again);
	return !c->account.differs;
}

static bool
read_wish(struct context *c, struct change *change)
{
	bool is_read = c->is_form ? read_change_form(c, change)
				  : read_change_json(c, change);

	return is_read && change->current.len > 0 && change->wanted.len > 0;
}

/* Explains why nothing was written.  MISS: the row has another hash by now. */
static enum result
explain_failure(struct context *c, enum result result)
{
	if (result == RESULT_MISS)
		return own_password_refuse(c, "changed");
	return password_check_update_failed(LOG_WARN, "password not changed",
	    c->who.found.session.user_id, result);
}

/*
 * Moves this session to the new generation, with the same token: the generation
 * that it was checked against is gone.
 */
static void
keep_own(struct context *c, const struct generation *generation)
{
	(void)!sessions_renew(
	    c->stores, c->call, &c->who.found, generation->gen);
}

/*
 * Performs step 1.  MISS: this session was ended meanwhile; nothing was
 * written.
 */
static enum result
supersede_first(struct context *c, struct generation *first)
{
	int64_t now_ms;
	enum result result = sessions_supersede(c->stores, c->call,
	    &(struct supersession){ .user_id = c->who.found.session.user_id,
		.known = &c->who.found.generation,
		.is_conditional = true },
	    first, &now_ms);

	if (result == RESULT_OK)
		result = sessions_renew(
		    c->stores, c->call, &c->who.found, first->gen);
	return result;
}

/*
 * Performs steps 3 and 4, after the table was or may have been written.  MISS:
 * all sessions, this one included, were ended meanwhile.  DOWN: this session
 * goes on as far as possible.
 */
static enum result
start_anew(struct context *c, const struct generation *first,
    struct generation *generation, int64_t *now_ms)
{
	struct str id = c->who.found.session.user_id;
	enum result forgotten = accounts_forget(c->stores, c->call, id);
	enum result result = sessions_supersede(c->stores, c->call,
	    &(struct supersession){
		.user_id = id, .known = first, .is_conditional = true },
	    generation, now_ms);

	if (result == RESULT_OK && forgotten != RESULT_OK)
		keep_own(c, generation);
	return result == RESULT_OK ? forgotten : result;
}

/*
 * The UPDATE may or may not have happened.  Acts as if it had, and returns the
 * original error.
 */
static enum result
assume_written(
    struct context *c, const struct generation *first, enum result result)
{
	struct generation generation;
	int64_t now_ms;

	if (start_anew(c, first, &generation, &now_ms) == RESULT_OK)
		keep_own(c, &generation);
	return result;
}

static void
answer_changed(struct context *c)
{
	if (c->is_form)
		account_done(c, "password");
	else
		reply_message(c->reply, 200, STR("Password changed"));
}

/* Answers if the password is changed, but this session was ended meanwhile. */
static enum result
answer_ended(struct context *c)
{
	struct cookies cookies;

	audit_password_changed(c, c->who.found.session.user_id, STR_NONE);
	answer_changed(c);
	session_cookie_read(c, &cookies);
	session_cookie_expire(c, &cookies);
	return RESULT_OK;
}

static enum result
give_session(struct context *c, const struct change *change,
    const struct generation *generation, int64_t now_ms)
{
	struct user user = change->user;
	struct new_session new_session = { .user = &user,
		.generation = generation,
		.now_ms = now_ms,
		.is_remembered = session_life_is_remembered(
		    c->app->conf, &c->who.found.session),
		.has_otp = c->who.found.session.has_otp };
	int64_t count = 0;
	enum result result = logout_end_listed(
	    c, c->who.found.session.user_id, c->who.found.name, &count);

	user.hash = str_from(change->new_hash);
	if (result == RESULT_OK) {
		counter_add_site(
		    COUNTER_ENDED + ENDED_PASSWORD, (uint64_t)count);
		result = sessions_end(c->stores, c->call, c->who.token);
	}
	if (result == RESULT_MISS)
		return answer_ended(c);
	if (result == RESULT_OK)
		result = new_session_open(c, &new_session);
	if (result != RESULT_OK)
		return result;
	audit_password_changed(
	    c, user.id, audit_name(c, str_from(new_session.token)));
	answer_changed(c);
	new_session_give(c, &new_session);
	return RESULT_OK;
}

static enum result
change_hash(struct context *c, const struct change *change)
{
	struct str id = c->who.found.session.user_id;
	struct generation first, generation;
	int64_t now_ms;
	enum result result = supersede_first(c, &first);

	if (result != RESULT_OK)
		return result == RESULT_MISS ? RESULT_NOAUTH : result;
	result = user_table_set_hash(c->stores, c->call, id, change->user.hash,
	    str_from(change->new_hash));
	if (result_may_be_written(result))
		return assume_written(c, &first, result);
	if (result != RESULT_OK)
		return explain_failure(c, result);
	result = start_anew(c, &first, &generation, &now_ms);
	if (result == RESULT_MISS)
		return answer_ended(c);
	if (result != RESULT_OK)
		return result;
	return give_session(c, change, &generation, now_ms);
}

enum result
handle_password_change(struct context *c)
{
	struct change change = { .new_hash = "" };
	enum result result;

	if (!read_wish(c, &change))
		return RESULT_BAD;
	result = password_check_wanted(c, change.wanted);
	if (result == RESULT_OK)
		result = own_password_verify(c, change.current, &change.user);
	if (result == RESULT_OK)
		result =
		    password_check_new_hash(c, change.wanted, change.new_hash);
	if (result == RESULT_OK)
		result = change_hash(c, &change);
	explicit_bzero(change.new_hash, sizeof(change.new_hash));
	return result;
}
