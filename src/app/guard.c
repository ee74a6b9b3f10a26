/* Who is let in: judging sessions, ids and addresses. */
#include "config.h"

#include "app/guard.h"
#include "store/id.h"
#include "app/jar.h"
#include "config/net.h"

/*
 * A record of the origin's, without a generation: good while all of the
 * user's sessions have never been ended, else only if it is younger than that
 * by a clock that can be believed.
 */
static bool
is_younger_than_end(const struct conf *conf, const struct session_facts *facts)
{
	int64_t created_ms = facts->session.created_ms;
	int64_t ended_ms = facts->generation.ended_ms;

	if (str_is_none(facts->generation.gen) || ended_ms == 0)
		return true;
	return created_ms > ended_ms &&
	       created_ms <= facts->now_ms + conf->session_clock_skew_ms;
}

bool
guard_session_is_live(
    const struct conf *conf, const struct session_facts *facts)
{
	const struct session *session = &facts->session;

	if (!id_is_wellformed(conf->user_id_type, session->user_id))
		return false;
	if (session->expires_ms >= 0 && session->expires_ms <= facts->now_ms)
		return false;
	if (!str_is_none(session->gen))
		return str_eq(session->gen, facts->generation.gen);
	if (conf->session_key == CONF_KEY_SHA256)
		return false;
	return is_younger_than_end(conf, facts);
}

/* The origin's records do not say; a key that lives for ever ends some day. */
static int64_t
expires_ms(const struct conf *conf, const struct session_facts *facts)
{
	int64_t left_ms =
	    facts->ttl_ms >= 0 ? facts->ttl_ms : conf->session_life_ms;

	return facts->now_ms + left_ms;
}

enum result
guard_session(struct context *c)
{
	struct session_facts facts;
	struct jar jar;
	enum result result;

	jar_read(c, &jar);
	if (jar.counts == NULL)
		return context_refuse(c, RESULT_NOAUTH, ANSWER_TOKEN_MISSING);
	if (!jar.counts->is_wellformed)
		return RESULT_NOAUTH;
	result = sessions_get(c->stores, c->call, jar.counts->token, &facts);
	if (result == RESULT_MISS)
		return RESULT_NOAUTH;
	if (result != RESULT_OK)
		return result;
	if (!guard_session_is_live(c->app->conf, &facts))
		return RESULT_NOAUTH;
	c->who.token = jar.counts->token;
	c->who.session = facts.session;
	if (c->who.session.expires_ms < 0)
		c->who.session.expires_ms = expires_ms(c->app->conf, &facts);
	return RESULT_OK;
}

enum result
guard_user(struct context *c, bool is_read)
{
	const struct conf *conf = c->app->conf;
	bool is_me = str_eq(c->id, STR("me"));

	if (!is_me && !id_is_wellformed(conf->user_id_type, c->id))
		return context_refuse(c, RESULT_MISS, ANSWER_USER_NOT_FOUND);
	if (!is_me && is_read && conf->user_access == CONF_ACCESS_PUBLIC)
		return RESULT_OK;
	return guard_session(c);
}

bool
guard_admits_ops(const struct context *c)
{
	const char *address =
	    arena_cstr(c->call->arena, c->request->remote_addr);

	return conf_net_has(&c->app->conf->ops_access, address);
}
