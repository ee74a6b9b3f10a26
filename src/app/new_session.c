/* Opens a session: writes the record and makes the cookie. */
#include "config.h"

#include "app/new_session.h"
#include "app/client_ip.h"
#include "app/session_cookie.h"
#include "app/session_life.h"

enum result
new_session_open(struct context *c, struct new_session *new_session)
{
	const struct conf *conf = c->app->conf;
	const struct user *user = new_session->user;
	int64_t whole_ms =
	    session_life_whole_ms(conf, new_session->is_remembered);
	const struct session session = {
		.user_id = user->id,
		.created_ms = new_session->now_ms,
		.expires_ms = new_session->now_ms + whole_ms,
		.login = user->login,
		.gen = new_session->generation->gen,
		.pw = token_fingerprint(c->call->arena, user->hash),
		.addr = client_ip(c),
		.agent =
		    str_utf8_cut(c->request->user_agent, SESSION_AGENT_MAX),
		.has_otp = new_session->has_otp,
	};

	new_session->token = arena_alloc(c->call->arena, TOKEN_TAGGED_LEN + 1);
	if (!token_new_tagged(app_keys(c->app), new_session->token))
		return RESULT_FAULT;
	return sessions_put(c->stores, c->call, str_from(new_session->token),
	    &session, session_life_first_ms(conf, whole_ms));
}

void
new_session_give(struct context *c, const struct new_session *new_session)
{
	struct str token = str_from(new_session->token);

	if (new_session->is_remembered)
		session_cookie_set(
		    c, token, session_life_whole_ms(c->app->conf, true) / 1000);
	else
		session_cookie_set_until_closed(c, token);
}
