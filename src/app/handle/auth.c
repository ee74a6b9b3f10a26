/* GET /auth; the Node application calls it isAuthenticated. */
#include "config.h"

#include "app/handle/auth.h"
#include "app/handle/user.h"

static void
answer_auth(struct context *c, const struct user *user)
{
	struct json_writer writer =
	    handle_user_answer(c, STR("Authenticated"), user);

	json_write_name(&writer, STR("session"));
	json_write_object(&writer);
	json_write_time(
	    &writer, STR("createdAt"), c->who.found.session.created_ms);
	json_write_int(&writer, STR("expiresAt"), c->who.expires_ms);
	json_write_object_end(&writer);
	json_write_object_end(&writer);
}

enum result
handle_auth(struct context *c)
{
	struct user user;
	enum result result = handle_user_read_own(c, &user);

	if (result == RESULT_MISS)
		return context_refuse(
		    c, RESULT_NOAUTH, ANSWER_SESSION_USER_GONE);
	if (result == RESULT_OK)
		answer_auth(c, &user);
	return result;
}
