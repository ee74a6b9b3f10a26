/* A worker's connection: when to try again, and what errors mean. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/link.h"
#include "redis/refusal.h"
#include "redis/wire.h"

enum { LOG_EVERY_MS = 10000 };

struct link {
	struct breaker *breaker;
	struct wire *wire;
	int64_t logged_ms;
};

struct link *
link_open(struct breaker *breaker)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->breaker = breaker;
	link->logged_ms = -LOG_EVERY_MS;
	link->wire = wire_open(breaker);
	if (link->wire != NULL)
		return link;
	free(link);
	return NULL;
}

void
link_close(struct link *link)
{
	if (link == NULL)
		return;
	wire_close(link->wire);
	free(link);
}

void
link_add_args(struct link *link, const struct str *args, size_t count)
{
	wire_add_args(link->wire, args, count);
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static void
log_error_reply(struct link *link, struct str text)
{
	int64_t now_ms = clock_ms();

	if (link->logged_ms + LOG_EVERY_MS > now_ms)
		return;
	link->logged_ms = now_ms;
	log_event(LOG_ERROR, "redis refused", log_str("reason", text), LOG_END);
}

/* OK: no error, or one that the caller reads. */
static enum result
judge_error(struct link *link, struct arena *arena, struct str text)
{
	enum refusal refusal = refusal_of(text);

	if (refusal == REFUSAL_IS_VALUE)
		return RESULT_OK;
	if (refusal == REFUSAL_OPENS)
		breaker_refused(link->breaker, arena_cstr(arena, text));
	else
		log_error_reply(link, text);
	if (refusal != REFUSAL_FAILS)
		wire_disconnect(link->wire);
	return RESULT_DOWN;
}

static enum result
judge_values(struct link *link, struct arena *arena,
    const struct resp_value *values, int count, bool is_try)
{
	enum result result = RESULT_OK;

	for (int i = 0; i < count; i++) {
		if (values[i].type != RESP_ERROR || result != RESULT_OK ||
		    (is_try && refusal_of(values[i].text) == REFUSAL_FAILS))
			continue;
		result = judge_error(link, arena, values[i].text);
	}
	return result;
}

static enum wire_verdict
converse(struct link *link, struct call *call, struct resp_value *values)
{
	int64_t command_ms = breaker_options(link->breaker)->command_ms;

	return wire_converse(link->wire, call->arena,
	    earlier(call->deadline_ms, clock_ms() + command_ms), values);
}

/* A kept connection may be dead: then once more, on a new one. */
static enum wire_verdict
try_exchange(struct link *link, struct call *call, struct resp_value *values)
{
	bool is_fresh = wire_fd(link->wire) < 0;
	enum wire_verdict verdict = WIRE_DONE;

	for (;;) {
		if (wire_fd(link->wire) < 0)
			verdict = wire_connect(
			    link->wire, call->arena, call->deadline_ms);
		if (verdict == WIRE_DONE)
			verdict = converse(link, call, values);
		if (verdict == WIRE_DONE)
			return WIRE_DONE;
		wire_disconnect(link->wire);
		if (verdict != WIRE_BROKEN || is_fresh)
			return verdict;
		is_fresh = true;
		verdict = WIRE_DONE;
	}
}

static void
tell_breaker(struct link *link, enum wire_verdict verdict)
{
	if (verdict == WIRE_DONE)
		breaker_succeeded(link->breaker);
	else if (verdict == WIRE_TIMED_OUT)
		breaker_timed_out(link->breaker);
	else if (verdict != WIRE_SHORT)
		breaker_refused(link->breaker, wire_why(link->wire));
}

static enum result
exchange(struct link *link, struct call *call, struct resp_value *values,
    bool is_try)
{
	int count = wire_pending(link->wire);
	enum result result = RESULT_DOWN;
	enum wire_verdict verdict;

	if (breaker_admits(link->breaker, call->deadline_ms)) {
		verdict = try_exchange(link, call, values);
		tell_breaker(link, verdict);
		if (verdict == WIRE_DONE)
			result = judge_values(
			    link, call->arena, values, count, is_try);
	}
	wire_forget(link->wire);
	if (result != RESULT_OK)
		call->down_code = "redis_unavailable";
	return result;
}

enum result
link_exchange(struct link *link, struct call *call, struct resp_value *values)
{
	return exchange(link, call, values, false);
}

enum result
link_try(struct link *link, struct call *call, struct resp_value *values)
{
	return exchange(link, call, values, true);
}

static bool
has_error(const struct resp_value *values, int count)
{
	for (int i = 0; i < count; i++)
		if (values[i].type == RESP_ERROR)
			return true;
	return false;
}

enum result
link_go_on(struct link *link, struct call *call, struct resp_value *values)
{
	int count = wire_pending(link->wire);
	enum result result = RESULT_DOWN;

	if (wire_fd(link->wire) >= 0 &&
	    converse(link, call, values) == WIRE_DONE)
		result = judge_values(link, call->arena, values, count, true);
	if (result != RESULT_OK || has_error(values, count))
		wire_disconnect(link->wire);
	wire_forget(link->wire);
	if (result != RESULT_OK)
		call->down_code = "redis_unavailable";
	return result;
}

enum result
link_odd_reply(struct call *call)
{
	call->down_code = "redis_unavailable";
	log_event(LOG_ERROR, "redis refused",
	    log_text("reason", "its reply has an unexpected shape"), LOG_END);
	return RESULT_DOWN;
}

bool
link_probe(struct link *link, char *why, size_t size)
{
	int64_t command_ms = breaker_options(link->breaker)->command_ms;
	struct arena *arena = arena_open();
	struct resp_value value = { .type = RESP_NIL };
	enum wire_verdict verdict;
	bool is_error;

	wire_disconnect(link->wire);
	wire_forget(link->wire);
	verdict = wire_connect(link->wire, arena, INT64_MAX);
	wire_add(link->wire, STR("PING"));
	if (verdict == WIRE_DONE)
		verdict = wire_converse(
		    link->wire, arena, clock_ms() + command_ms, &value);
	is_error = verdict == WIRE_DONE && value.type == RESP_ERROR;
	snprintf(why, size, "%s",
	    is_error ? arena_cstr(arena, value.text) : wire_why(link->wire));
	wire_forget(link->wire);
	wire_disconnect(link->wire);
	arena_close(arena);
	return verdict == WIRE_DONE && !is_error;
}
