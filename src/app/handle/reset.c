/*
 * New passwords by a reset link.
 *
 * The order of POST /reset:
 *
 *	1. The new password is judged.  If it is refused the link still works.
 *	2. The record of the link and the row of the user are read.  The
 *	   stored hash must be the one that the link was made for.
 *	3. The record is deleted.  Of several requests with one link a single
 *	   one goes on.
 *	4. The steps of POST /password follow: a new generation, the new hash,
 *	   the cached account invalidated, another new generation.
 *
 * If a store fails after step 3 the record is written back.  If the hash was
 * written all the same, the link no longer fits it and does not work.
 */
#include "config.h"

#include <string.h>

#include "app/audit.h"
#include "app/handle/logout.h"
#include "app/handle/pages.h"
#include "app/handle/reset.h"
#include "app/limit_policy.h"
#include "app/password_check.h"
#include "app/reset_link.h"
#include "app/theme.h"
#include "base/log.h"
#include "http/form.h"
#include "http/json.h"
#include "http/json_write.h"
#include "secret/token.h"
#include "store/id.h"

enum { JSON_DEPTH_MAX = 4 };

static const struct str yes = STR_INIT("1");

/* ---- the link ---- */

static enum result
find_by_email(struct context *c, struct str email, struct user *user)
{
	enum result result;

	email = str_trim(email);
	if (email.len == 0)
		return RESULT_MISS;
	result = user_table_by_login(c->stores, c->call, email, user);
	if (result == RESULT_OK &&
	    !id_is_wellformed(c->app->conf->user_id_type, user->id))
		return RESULT_MISS;
	return result;
}

/*
 * Finds the user that the body names.  MISS: there is no such user, or the id
 * is malformed.  BAD: it has neither a text `id` nor a text `email`.
 */
static enum result
find_user(struct context *c, struct user *user)
{
	const struct json *json =
	    json_parse(c->call->arena, c->request->body, JSON_DEPTH_MAX);
	struct str text;

	if (json_is_object(json) &&
	    json_string(json_member(json, "id"), &text)) {
		if (!id_is_wellformed(c->app->conf->user_id_type, text))
			return RESULT_MISS;
		return reset_link_read_user(c->stores, c->call, text, user);
	}
	if (json_is_object(json) &&
	    json_string(json_member(json, "email"), &text))
		return find_by_email(c, text, user);
	return RESULT_BAD;
}

static void
answer_link(struct context *c, struct str url, int64_t expires_ms)
{
	struct json_writer writer = { .buf = &c->reply->body };

	reply_json(c->reply, 200);
	json_write_object(&writer);
	json_write_text(&writer, STR("url"), url);
	json_write_time(&writer, STR("expiresAt"), expires_ms);
	json_write_object_end(&writer);
}

enum result
handle_reset_link(struct context *c)
{
	struct user user;
	struct str url;
	int64_t expires_ms;
	enum result result = find_user(c, &user);

	if (result == RESULT_MISS)
		return context_refuse(c, RESULT_MISS, ANSWER_USER_NOT_FOUND);
	if (result == RESULT_OK)
		result = reset_link_new(c->app->conf, c->stores, c->call, &user,
		    RESET_LINK_LIFE_MS, &url, &expires_ms);
	if (result != RESULT_OK)
		return result;
	audit_reset_link(c, user.id, expires_ms);
	answer_link(c, url, expires_ms);
	return RESULT_OK;
}

/* ---- the page ---- */

static void
put_reset(const struct context *c, struct str *values)
{
	values[THEME_RESET] = yes;
	values[THEME_TOKEN] = c->reset.token;
	if (c->reset.differs)
		values[THEME_DIFFER] = yes;
}

void
reset_refuse(struct context *c, enum answer answer, int status)
{
	struct str values[THEME_COUNT] = { STR_NONE };

	if (!c->reset.may_go_on || answer == ANSWER_RESET_OVER) {
		page_refuse(c, answer, status);
		return;
	}
	put_reset(c, values);
	page_write_refusal(c, answer, status, values, NULL);
}

static enum result
refuse_over(struct context *c)
{
	return context_refuse(c, RESULT_MISS, ANSWER_RESET_OVER);
}

/*
 * Reads the token of the link.  Only a well-formed one is shown again, or
 * looked up.
 */
static bool
read_token(struct context *c, struct str fields)
{
	struct str token;

	if (!form_find(c->call->arena, fields, STR("t"), &token) ||
	    !token_is_wellformed(token))
		return false;
	c->reset.token = token;
	return true;
}

enum result
handle_reset_page(struct context *c)
{
	struct str values[THEME_COUNT] = { STR_NONE }, done;
	struct reset reset;
	int64_t left_ms;
	enum result result;

	if (form_find(c->call->arena, c->request->query, STR("done"), &done)) {
		values[THEME_RESET] = values[THEME_DONE] = yes;
		page_write(c, 200, values, NULL);
		return RESULT_OK;
	}
	if (!read_token(c, c->request->query))
		return refuse_over(c);
	result =
	    resets_get(c->stores, c->call, c->reset.token, &reset, &left_ms);
	if (result == RESULT_MISS)
		return refuse_over(c);
	if (result != RESULT_OK)
		return result;
	put_reset(c, values);
	page_write(c, 200, values, NULL);
	return RESULT_OK;
}

/* ---- the new password ---- */

/* A request to set a new password. */
struct reset_form {
	struct str wanted;
	struct reset reset;
	int64_t left_ms;
	struct user user; /* the row, with the current hash */
	char new_hash[PASSWORD_NEW_SIZE];
};

static enum result
read_reset_form(struct context *c, struct reset_form *form)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body, again;

	if (!read_token(c, body))
		return refuse_over(c);
	c->reset.may_go_on = true;
	if (!form_find(arena, body, STR("new"), &form->wanted) ||
	    form->wanted.len == 0)
		return RESULT_BAD;
	c->reset.differs = form_find(arena, body, STR("again"), &again) &&
			   !str_eq(form->wanted, again);
	if (c->reset.differs)
		return RESULT_BAD;
	return password_check_wanted(c, form->wanted);
}

/*
 * Performs step 2.  MISS: the link was used, has expired, or is for another
 * hash.
 */
static enum result
find_reset_row(struct context *c, struct reset_form *form)
{
	enum result result = resets_get(
	    c->stores, c->call, c->reset.token, &form->reset, &form->left_ms);

	if (result == RESULT_OK)
		result = reset_link_read_user(
		    c->stores, c->call, form->reset.user_id, &form->user);
	if (result == RESULT_OK &&
	    !reset_link_is_for(c->call->arena, &form->reset, &form->user))
		return RESULT_MISS;
	return result;
}

static enum result
supersede(struct context *c, const struct reset_form *form)
{
	const struct generation known = { .gen = STR_NONE };
	struct generation generation;
	int64_t now_ms;

	return sessions_supersede(c->stores, c->call,
	    &(struct supersession){
		.user_id = form->reset.user_id, .known = &known },
	    &generation, &now_ms);
}

/*
 * Performs step 4.  DOWN: the hash may have been written; if so, all sessions
 * have ended.
 */
static enum result
write_hash(struct context *c, const struct reset_form *form)
{
	struct str id = form->reset.user_id;
	enum result forgotten, result = supersede(c, form);
	enum result written;

	if (result != RESULT_OK)
		return result;
	written = user_table_set_hash(
	    c->stores, c->call, id, form->user.hash, str_from(form->new_hash));
	if (written != RESULT_OK && !result_may_be_written(written))
		return password_check_update_failed(
		    LOG_WARN, "password not changed", id, written);
	forgotten = accounts_forget(c->stores, c->call, id);
	result = supersede(c, form);
	if (written != RESULT_OK)
		return written;
	return forgotten != RESULT_OK ? forgotten : result;
}

/* Performs steps 3 and 4. */
static enum result
use_link(struct context *c, struct reset_form *form)
{
	enum result result = resets_take(c->stores, c->call, c->reset.token);
	int64_t now_ms;

	if (result != RESULT_OK)
		return result;
	result = write_hash(c, form);
	if (result != RESULT_OK && result != RESULT_MISS)
		(void)!resets_put(c->stores, c->call, c->reset.token,
		    &form->reset, form->left_ms, &now_ms);
	return result;
}

static enum result
set_password(struct context *c, struct reset_form *form)
{
	enum result result = find_reset_row(c, form);

	if (result == RESULT_OK)
		result =
		    password_check_new_hash(c, form->wanted, form->new_hash);
	if (result == RESULT_OK)
		result = use_link(c, form);
	explicit_bzero(form->new_hash, sizeof(form->new_hash));
	return result;
}

/*
 * Counts the request as a login attempt of this network, so that made-up links
 * are limited.
 */
static enum result
set_password_counted(struct context *c, struct reset_form *form)
{
	const struct user nobody = { .id = STR_NONE };
	struct limit_who who = limit_who(c->call->arena, STR(""), &nobody);
	struct limit_ticket ticket;
	enum result result = limit_policy_take(c, &who, &ticket);

	if (result != RESULT_OK)
		return result;
	result = set_password(c, form);
	limit_policy_end(c, &ticket, result == RESULT_MISS);
	return result == RESULT_MISS ? refuse_over(c) : result;
}

static enum result
end_sessions(struct context *c, const struct reset_form *form)
{
	int64_t count = 0;
	enum result result =
	    logout_end_listed(c, form->reset.user_id, STR_NONE, &count);

	counter_add_site(COUNTER_ENDED + ENDED_RESET, (uint64_t)count);
	audit_password_reset(c, form->reset.user_id, count);
	return result;
}

enum result
handle_reset(struct context *c)
{
	struct reset_form form = { .new_hash = "" };
	enum result result = read_reset_form(c, &form);

	if (result != RESULT_OK)
		return result;
	if (!place_take(c->call->claims, PLACE_LOGIN))
		return RESULT_FULL;
	places_commit(c->call->claims, c->call->deadline_ms);
	result = set_password_counted(c, &form);
	if (result == RESULT_OK)
		result = end_sessions(c, &form);
	if (result == RESULT_OK)
		page_redirect(c, page_own_url(c, "/reset?done=1"));
	return result;
}
