/*
 * The sessions of a user: list them and end them.
 *
 * The list in Redis is not trusted: each session in it is read and checked as
 * in a request of its own.
 */
#include "config.h"

#include "app/audit.h"
#include "app/guard.h"
#include "app/session_cookie.h"
#include "app/handle/account.h"
#include "app/handle/pages.h"
#include "app/handle/sessions.h"
#include "http/json_write.h"
#include "secret/token.h"

/*
 * Limits of a list item, in bytes: other programs write records too, with texts
 * of any length.
 */
enum {
	ADDRESS_MAX = 64,
	ITEM_MAX =
	    6 * (ADDRESS_MAX + SESSION_AGENT_MAX) + 512 /* escapes: 6 bytes */
};

static void
write_item(struct json_writer *writer, const struct context *c,
    const struct session_facts *facts)
{
	const struct session *session = &facts->session;

	json_write_object(writer);
	json_write_text(
	    writer, STR("handle"), token_handle(c->call->arena, facts->name));
	json_write_time(writer, STR("createdAt"), session->created_ms);
	json_write_time(writer, STR("lastSeenAt"), facts->seen_ms);
	json_write_time(
	    writer, STR("expiresAt"), guard_expires_ms(c->app->conf, facts));
	json_write_text(
	    writer, STR("address"), str_utf8_cut(session->addr, ADDRESS_MAX));
	json_write_text(writer, STR("userAgent"),
	    str_utf8_cut(session->agent, SESSION_AGENT_MAX));
	json_write_bool(
	    writer, STR("current"), str_eq(facts->name, c->who.found.name));
	json_write_object_end(writer);
}

static void
answer_list(const struct context *c, const struct session_list *list)
{
	struct json_writer writer = { .buf = &c->reply->body };

	reply_json(c->reply, 200);
	reply_allow(c->reply, list->count * ITEM_MAX);
	json_write_object(&writer);
	json_write_name(&writer, STR("sessions"));
	json_write_array(&writer);
	for (size_t i = 0; i < list->count; i++)
		if (guard_check_another(c, &list->items[i]))
			write_item(&writer, c, &list->items[i]);
	json_write_array_end(&writer);
	json_write_object_end(&writer);
}

enum result
handle_sessions_show(struct context *c)
{
	struct session_list list;
	enum result result = sessions_list(
	    c->stores, c->call, c->who.found.session.user_id, &list);

	if (result == RESULT_OK)
		answer_list(c, &list);
	return result;
}

static enum result
end_own(struct context *c)
{
	struct cookies cookies;
	enum result result = sessions_end(c->stores, c->call, c->who.token);

	if (result != RESULT_OK && result != RESULT_MISS)
		return result;
	if (result == RESULT_OK)
		counter_add_site(COUNTER_ENDED + ENDED_HANDLE, 1);
	audit_session_ended(c, c->who.found.session.user_id, c->id);
	if (c->is_form)
		page_send_to_login(c, STR_NONE);
	else
		reply_json(c->reply, 204);
	session_cookie_read(c, &cookies);
	session_cookie_expire(c, &cookies);
	return RESULT_OK;
}

static void
answer_gone(struct context *c)
{
	if (c->is_form)
		account_done(c, "ended");
	else
		reply_json(c->reply, 204);
}

/* A form that is sent twice, or after the session has ended, succeeds too. */
enum result
handle_sessions_end_one(struct context *c)
{
	struct str own = token_handle(c->call->arena, c->who.found.name);
	enum result result;

	if (str_eq(c->id, own))
		return end_own(c);
	result = sessions_end_named(
	    c->stores, c->call, c->who.found.session.user_id, c->id);
	if (result != RESULT_OK && (result != RESULT_MISS || !c->is_form))
		return result;
	if (result == RESULT_OK) {
		counter_add_site(COUNTER_ENDED + ENDED_HANDLE, 1);
		audit_session_ended(c, c->who.found.session.user_id, c->id);
	}
	answer_gone(c);
	return RESULT_OK;
}
