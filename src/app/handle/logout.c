/* POST /logout and /logout/all. */
#include "config.h"

#include "app/audit.h"
#include "app/session_cookie.h"
#include "app/handle/account.h"
#include "app/handle/logout.h"
#include "http/json_write.h"
#include "app/handle/pages.h"
#include "http/form.h"

enum result
logout_end_what_came(struct context *c, const struct cookies *cookies)
{
	for (int i = 0; i < SESSION_COOKIES; i++) {
		const struct session_cookie *cookie = &cookies->cookies[i];
		enum result result;

		if (!cookie->came || !cookie->is_wellformed)
			continue;
		result = sessions_end(c->stores, c->call, cookie->token);
		if (result != RESULT_OK && result != RESULT_MISS)
			return result;
		if (result != RESULT_OK)
			continue;
		counter_add_site(COUNTER_ENDED + ENDED_LOGOUT, 1);
		audit_logout(c, STR_NONE, audit_name(c, cookie->token));
	}
	return RESULT_OK;
}

/* Writes the logout to the spool.  False: it is not written. */
static bool
write_to_spool(struct context *c, const struct cookies *cookies)
{
	for (int i = 0; i < SESSION_COOKIES; i++) {
		const struct session_cookie *cookie = &cookies->cookies[i];

		if (cookie->came && cookie->is_wellformed &&
		    sessions_end_later(c->stores, c->call, cookie->token) !=
			RESULT_OK)
			return false;
	}
	return true;
}

static void
answer_pending(struct context *c)
{
	reply_message(c->reply, 202, STR("Logged out successfully"));
	reply_code(c->reply, "logout_pending");
}

/*
 * Answers a logout that could not end the session.  The caller expires the
 * cookies nevertheless, so that the next user of this browser does not get the
 * session.
 */
static void
answer_away(struct context *c, enum result result)
{
	enum answer answer = answer_of(result);

	if (c->is_form)
		page_still_open(c, answer);
	else
		answer_write(c->reply, answer);
}

static void
answer_logout_form(struct context *c)
{
	page_read_next(c, c->request->body);
	if (str_is_none(c->form.next))
		page_redirect(c, page_own_url(c, "/login"));
	else
		page_redirect(c, c->form.next);
}

enum result
handle_logout(struct context *c)
{
	struct cookies cookies;
	bool is_pending;
	enum result result;

	session_cookie_read(c, &cookies);
	result = logout_end_what_came(c, &cookies);
	if (result != RESULT_OK && !result_is_down(result))
		return result;
	is_pending = result_is_down(result) && write_to_spool(c, &cookies);
	if (result_is_down(result) && !is_pending)
		answer_away(c, result);
	else if (c->is_form)
		answer_logout_form(c);
	else if (is_pending)
		answer_pending(c);
	else
		reply_message(c->reply, 200, STR("Logged out successfully"));
	session_cookie_expire(c, &cookies);
	return RESULT_OK;
}

/*
 * Reads others=1 from the query, which keeps this session.  False: the value is
 * neither 0 nor 1.
 */
static bool
read_others(const struct context *c, bool *keeps_own)
{
	struct str query = c->request->target, others;

	*keeps_own = false;
	str_cut(&query, '?');
	if (!form_find(c->call->arena, query, STR("others"), &others))
		return true;
	*keeps_own = str_eq(others, STR("1"));
	return *keeps_own || str_eq(others, STR("0"));
}

/*
 * With hashed names sessgate alone reads the records, and the new generation
 * has invalidated them already; so a failure does not matter.
 */
enum result
logout_end_listed(
    struct context *c, struct str user_id, struct str keep, int64_t *count)
{
	enum result result =
	    sessions_end_listed(c->stores, c->call, user_id, keep, count);

	if (c->app->conf->session_key != CONF_KEY_SHA256)
		return result;
	return RESULT_OK;
}

/*
 * Ends all other sessions.  This session moves to the new generation only if
 * its own is still current: another request may have ended all sessions, this
 * one included, since the guard checked it.
 */
static enum result
end_others(struct context *c, int64_t *count)
{
	const struct session_facts *own = &c->who.found;
	struct generation generation;
	int64_t now_ms;
	enum result result = sessions_supersede(c->stores, c->call,
	    &(struct supersession){ .user_id = own->session.user_id,
		.known = &own->generation,
		.is_conditional = true },
	    &generation, &now_ms);

	if (result == RESULT_OK)
		result =
		    sessions_renew(c->stores, c->call, own, generation.gen);
	if (result == RESULT_OK)
		return logout_end_listed(
		    c, own->session.user_id, own->name, count);
	return result == RESULT_MISS ? RESULT_NOAUTH : result;
}

static enum result
end_all(struct context *c, int64_t *count)
{
	const struct session_facts *own = &c->who.found;
	struct generation generation;
	int64_t now_ms;
	enum result result = sessions_supersede(c->stores, c->call,
	    &(struct supersession){
		.user_id = own->session.user_id, .known = &own->generation },
	    &generation, &now_ms);

	if (result == RESULT_OK)
		result =
		    logout_end_listed(c, own->session.user_id, STR_NONE, count);
	return result;
}

static void
answer_everywhere(struct context *c, int64_t count)
{
	struct json_writer writer = { .buf = &c->reply->body };

	reply_json(c->reply, 200);
	json_write_object(&writer);
	json_write_constant(
	    &writer, STR("message"), STR("Logged out successfully"));
	json_write_int(&writer, STR("revoked"), count);
	json_write_object_end(&writer);
}

enum result
handle_logout_all(struct context *c)
{
	struct cookies cookies;
	bool keeps_own;
	int64_t count = 0;
	enum result result;

	if (!read_others(c, &keeps_own))
		return RESULT_BAD;
	result = keeps_own ? end_others(c, &count) : end_all(c, &count);
	if (result != RESULT_OK)
		return result;
	counter_add_site(COUNTER_ENDED + ENDED_ALL, (uint64_t)count);
	audit_logout_all(c, c->who.found.session.user_id, count);
	if (!c->is_form)
		answer_everywhere(c, count);
	else if (keeps_own)
		account_done(c, "others");
	else
		page_redirect(c, page_own_url(c, "/login"));
	if (keeps_own)
		return RESULT_OK;
	session_cookie_read(c, &cookies);
	session_cookie_expire(c, &cookies);
	return RESULT_OK;
}
