/* POST /logout. */
#include "config.h"

#include "app/jar.h"
#include "app/logout.h"

enum result
logout_create(struct context *c)
{
	struct jar jar = jar_read(c);

	if (jar.is_wellformed) {
		enum result result =
		    sessions_end(c->stores, c->call, jar.token);

		if (result != RESULT_OK)
			return result;
	}
	reply_json(c->reply, 200);
	jar_expire(c, &jar);
	buf_add(
	    &c->reply->body, STR("{\"message\":\"Logged out successfully\"}"));
	return RESULT_OK;
}
