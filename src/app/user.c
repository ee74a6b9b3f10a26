/* /user/{id}: profiles. */
#include "config.h"

#include "app/user.h"
#include "store/rows.h"

/* One's own: `me`, or the id of the session. */
static bool
is_own(const struct context *c)
{
	return str_eq(c->id, STR("me")) ||
	       str_eq(c->id, c->who.session.user_id);
}

static enum result
not_found(struct context *c, bool own)
{
	if (own)
		return context_refuse(
		    c, RESULT_NOAUTH, ANSWER_SESSION_USER_GONE);
	return context_refuse(c, RESULT_MISS, ANSWER_USER_NOT_FOUND);
}

enum result
user_show(struct context *c)
{
	struct buf *body = &c->reply->body;
	bool own = is_own(c);
	struct user user;
	enum result result;

	if (!own && c->app->conf->user_access == CONF_ACCESS_SELF)
		return not_found(c, own);
	result = users_by_id(
	    c->stores, c->call, own ? c->who.session.user_id : c->id, &user);
	if (result == RESULT_MISS)
		return not_found(c, own);
	if (result != RESULT_OK)
		return result;
	reply_json(c->reply, 200);
	buf_add(
	    body, user.was_cached
		      ? STR("{\"message\":\"User fetched (cache)\",\"user\":")
		      : STR("{\"message\":\"User fetched\",\"user\":"));
	rows_user_encode(body, &user);
	buf_add_char(body, '}');
	return RESULT_OK;
}
