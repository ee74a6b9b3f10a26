/* Health checks for operators and load balancers. */
#include "config.h"

#include "app/handle/health.h"
#include "app/readiness.h"
#include "http/json_write.h"

enum result
handle_health(struct context *c)
{
	reply_message(c->reply, 200, STR("OK"));
	return RESULT_OK;
}

static void
write_store(struct json_writer *writer, struct str name, const char *why)
{
	if (why[0] == '\0')
		json_write_constant(writer, name, STR("works"));
	else
		json_write_text(writer, name, str_from(why));
}

/*
 * Writes a refusal with the state of each store, in the words of
 * --check-config.
 */
static void
write_unready(
    struct reply *reply, enum answer answer, const struct readiness_report *why)
{
	struct json_writer writer = { .buf = &reply->body };
	int status = answer_status(answer);

	reply_json(reply, status);
	json_write_object(&writer);
	json_write_constant(&writer, STR("message"), answer_message(answer));
	write_store(&writer, STR("redis"), why->redis);
	write_store(&writer, STR("mysql"), why->mysql);
	json_write_object_end(&writer);
	answer_add_headers(reply, answer, status);
}

enum result
handle_ready(struct context *c)
{
	struct readiness_report report;
	enum result result =
	    readiness_read(c->app->readiness, c->stores, c->call, &report);

	if (result != RESULT_OK)
		return result;
	if (report.redis[0] == '\0' && report.mysql[0] == '\0')
		return handle_health(c);
	write_unready(c->reply,
	    report.redis[0] != '\0' ? ANSWER_REDIS_UNAVAILABLE
				    : ANSWER_MYSQL_UNAVAILABLE,
	    &report);
	return RESULT_OK;
}
