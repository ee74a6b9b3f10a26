/* Health checks for operators and load balancers. */
#include "config.h"

#include "app/handle/health.h"

enum result
handle_health(struct context *c)
{
	reply_message(c->reply, 200, STR("OK"));
	return RESULT_OK;
}

enum result
handle_ready(struct context *c)
{
	enum result result = sessions_ping(c->stores, c->call);

	if (result == RESULT_OK)
		result = user_table_ping(c->stores, c->call);
	if (result != RESULT_OK)
		return result;
	return handle_health(c);
}
