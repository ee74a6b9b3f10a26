/* POST /logout. */
#include "config.h"

#include "app/audit.h"
#include "app/jar.h"
#include "app/logout.h"
#include "app/page.h"

enum { LOCATION_MAX = 1024 };

static void
redirect_to_login(struct context *c)
{
	struct buf location = buf_open(c->call->arena, LOCATION_MAX);

	buf_add(&location, str_from(c->app->conf->server_mount));
	buf_add(&location, STR("/login"));
	page_redirect(c, buf_str(&location));
}

static void
answer_done(struct context *c)
{
	reply_json(c->reply, 200);
	buf_add(
	    &c->reply->body, STR("{\"message\":\"Logged out successfully\"}"));
}

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
		audit_logout(c, STR_NONE, audit_name(c, cookie->token));
	}
	if (c->is_form)
		redirect_to_login(c);
	else
		answer_done(c);
	jar_expire(c, &jar);
	return RESULT_OK;
}
