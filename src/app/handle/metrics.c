/* GET /metrics, for Prometheus. */
#include "config.h"

#include "app/handle/metrics.h"
#include "base/counter_text.h"

enum result
handle_metrics(struct context *c)
{
	struct counter_totals *totals = counter_totals_own(c->call->arena);

	if (totals == NULL)
		return RESULT_FAULT;
	c->reply->status = 200;
	reply_header(c->reply, "Content-Type", STR(COUNTER_TEXT_TYPE));
	reply_header(c->reply, "Cache-Control", STR("no-store"));
	buf_add(&c->reply->body,
	    counter_text(c->call->arena, totals, PACKAGE_VERSION));
	return RESULT_OK;
}
