/* GET /auth; isAuthenticated of the Node application. */
#include "config.h"

#include "app/handle/auth.h"
#include "app/handle/user.h"
#include "store/rows.h"

static void
add_session(struct buf *body, const struct identity *who)
{
	int64_t created_ms = who->found.session.created_ms;

	buf_add(body, STR("\"session\":{"));
	if (created_ms >= 0) {
		buf_add(body, STR("\"createdAt\":"));
		buf_add_int(body, created_ms);
		buf_add_char(body, ',');
	}
	buf_add(body, STR("\"expiresAt\":"));
	buf_add_int(body, who->expires_ms);
	buf_add_char(body, '}');
}

enum result
handle_auth(struct context *c)
{
	struct buf *body = &c->reply->body;
	struct user user;
	enum result result = handle_user_read_own(c, &user);

	if (result == RESULT_MISS)
		return context_refuse(
		    c, RESULT_NOAUTH, ANSWER_SESSION_USER_GONE);
	if (result != RESULT_OK)
		return result;
	reply_json(c->reply, 200);
	reply_allow(c->reply, rows_user_len_max(&user));
	buf_add(body, STR("{\"message\":\"Authenticated\",\"user\":"));
	rows_user_encode(body, &user);
	buf_add_char(body, ',');
	add_session(body, &c->who);
	buf_add_char(body, '}');
	return RESULT_OK;
}
