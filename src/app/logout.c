/* POST /logout. */
#include "config.h"

#include "app/jar.h"
#include "app/logout.h"

enum result
logout_create(struct context *c)
{
	struct jar jar;

	jar_read(c, &jar);
	for (int i = 0; i < JAR_COOKIES; i++) {
		const struct jar_cookie *cookie = &jar.cookies[i];
		enum result result;

		if (!cookie->came || !cookie->is_wellformed)
			continue;
		result = sessions_end(c->stores, c->call, cookie->token);
		if (result != RESULT_OK)
			return result;
	}
	reply_json(c->reply, 200);
	jar_expire(c, &jar);
	buf_add(
	    &c->reply->body, STR("{\"message\":\"Logged out successfully\"}"));
	return RESULT_OK;
}
