/*
 * The sessions of a user: list them and end them.
 *
 * The list itself is not trusted: each session in it is read and checked as if
 * it were used.
 */
#include "config.h"

#include "app/audit.h"
#include "app/guard.h"
#include "app/session_cookie.h"
#include "app/handle/sessions.h"
#include "secret/token.h"

/*
 * Limits of a list item, in bytes: other programs write records too, with texts
 * of any length.
 */
enum {
	ADDRESS_MAX = 64,
	AGENT_MAX = 256,
	ITEM_MAX = 6 * (ADDRESS_MAX + AGENT_MAX) + 512 /* escapes: 6 bytes */
};

static void
add_text(struct buf *body, struct str name, struct str value)
{
	if (str_is_none(value))
		return;
	buf_add(body, name);
	buf_add_json(body, value);
}

static void
add_session_time(struct buf *body, struct str name, int64_t time_ms)
{
	if (time_ms < 0)
		return;
	buf_add(body, name);
	buf_add_int(body, time_ms);
}

static void
add_item(const struct context *c, const struct session_facts *facts)
{
	struct buf *body = &c->reply->body;
	const struct session *session = &facts->session;

	add_text(body, STR("{\"handle\":"),
	    token_handle(c->call->arena, facts->name));
	add_session_time(body, STR(",\"createdAt\":"), session->created_ms);
	add_session_time(body, STR(",\"lastSeenAt\":"), facts->seen_ms);
	add_session_time(body, STR(",\"expiresAt\":"),
	    guard_expires_ms(c->app->conf, facts));
	add_text(body, STR(",\"address\":"),
	    str_utf8_cut(session->addr, ADDRESS_MAX));
	add_text(body, STR(",\"userAgent\":"),
	    str_utf8_cut(session->agent, AGENT_MAX));
	buf_add(body, str_eq(facts->name, c->who.found.name)
			  ? STR(",\"current\":true}")
			  : STR(",\"current\":false}"));
}

static void
answer_list(const struct context *c, const struct session_list *list)
{
	struct buf *body = &c->reply->body;
	bool is_first = true;

	reply_json(c->reply, 200);
	reply_allow(c->reply, list->count * ITEM_MAX);
	buf_add(body, STR("{\"sessions\":["));
	for (size_t i = 0; i < list->count; i++) {
		struct session_facts *facts = &list->items[i];

		if (!guard_is_another_live(c, facts))
			continue;
		if (!is_first)
			buf_add_char(body, ',');
		is_first = false;
		add_item(c, facts);
	}
	buf_add(body, STR("]}"));
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
	audit_session_ended(c, c->who.found.session.user_id, c->id);
	reply_json(c->reply, 204);
	session_cookie_read(c, &cookies);
	session_cookie_expire(c, &cookies);
	return RESULT_OK;
}

enum result
handle_sessions_end_one(struct context *c)
{
	struct str own = token_handle(c->call->arena, c->who.found.name);
	enum result result;

	if (str_eq(c->id, own))
		return end_own(c);
	result = sessions_end_named(
	    c->stores, c->call, c->who.found.session.user_id, c->id);
	if (result != RESULT_OK)
		return result;
	audit_session_ended(c, c->who.found.session.user_id, c->id);
	reply_json(c->reply, 204);
	return RESULT_OK;
}
