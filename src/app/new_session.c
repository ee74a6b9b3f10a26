/* New sessions: the record, and the cookie that opens it. */
#include "config.h"

#include "app/new_session.h"
#include "app/client_ip.h"
#include "app/session_cookie.h"
#include "app/session_life.h"

enum { AGENT_MAX = 256 };

enum result
admission_open(struct context *c, struct admission *admission)
{
	const struct conf *conf = c->app->conf;
	const struct user *user = admission->user;
	int64_t whole_ms = life_whole_ms(conf, admission->is_remembered);
	const struct session session = {
		.user_id = user->id,
		.created_ms = admission->now_ms,
		.expires_ms = admission->now_ms + whole_ms,
		.login = user->login,
		.gen = admission->generation->gen,
		.pw = token_fingerprint(c->call->arena, user->hash),
		.addr = client_ip(c),
		.agent = str_utf8_cut(c->request->user_agent, AGENT_MAX),
	};

	admission->token = arena_alloc(c->call->arena, TOKEN_TAGGED_LEN + 1);
	if (!token_new_tagged(app_keys(c->app), admission->token))
		return RESULT_FAULT;
	return sessions_put(c->stores, c->call, str_from(admission->token),
	    &session, life_first_ms(conf, whole_ms));
}

void
admission_give(struct context *c, const struct admission *admission)
{
	struct str token = str_from(admission->token);

	if (admission->is_remembered)
		jar_set(c, token, life_whole_ms(c->app->conf, true) / 1000);
	else
		jar_set_until_closed(c, token);
}
