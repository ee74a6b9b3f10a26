/* A thread's link: when to reconnect, and the consequences of errors. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "redis/wire/error_reply.h"
#include "redis/wire/link.h"
#include "redis/wire/spool.h"
#include "redis/wire/wire.h"

enum { WORDS_SIZE = 80, SPOOL_WAIT_MS = 200, TRIES = 2 };

struct link {
	struct breaker *breaker;
	struct wire *wire;
	bool has_moved;
	bool has_end;		/* one is noted, and no reply has settled it */
	char why[WIRE_WHY_MAX]; /* reason of the last DOWN */
};

/* The worst error among the replies of an exchange. */
struct trouble {
	enum error_meaning meaning;
	struct str text;
	int index;    /* number of its command */
	bool is_role; /* not an error reply: HELLO reported a replica */
};

struct link *
link_open(struct breaker *breaker)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->breaker = breaker;
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

static void
log_refused(const char *command, struct str reason)
{
	log_event(LOG_ERROR, "redis refused", log_str("reason", reason),
	    log_text("command", command[0] != '\0' ? command : "-"), LOG_END);
}

static void
log_trouble(struct link *link, const struct trouble *trouble)
{
	char command[WORDS_SIZE];

	wire_describe(link->wire, trouble->index, command, sizeof(command));
	log_refused(command, trouble->text);
}

static struct trouble
find_trouble(const struct resp_value *values, int count, bool is_try)
{
	struct trouble worst = { .meaning = ERROR_NONE, .text = STR_NONE };

	for (int i = 0; i < count; i++) {
		struct trouble one = { .index = i };

		one.meaning = error_reply_worst(&values[i], &one.text);
		if (is_try && values[i].type == RESP_ERROR &&
		    one.meaning == ERROR_COMMAND)
			continue;
		if (one.meaning > worst.meaning)
			worst = one;
	}
	return worst;
}

/* Applies an error to this connection and to the breaker. */
static enum result
act_on(struct link *link, struct arena *arena, const struct trouble *trouble)
{
	switch (trouble->meaning) {
	case ERROR_NONE:
	case ERROR_DATA:
		return RESULT_OK;
	case ERROR_COMMAND:
		log_trouble(link, trouble);
		return RESULT_REDIS_DOWN;
	case ERROR_LINK:
		log_trouble(link, trouble);
		breaker_suspect(link->breaker);
		break;
	case ERROR_SERVER:
		breaker_refused(
		    link->breaker, arena_cstr(arena, trouble->text));
		break;
	case ERROR_ELSEWHERE:
		break;
	}
	wire_disconnect(link->wire);
	return RESULT_REDIS_DOWN;
}

/* Runs an exchange within the command time-out and the call's deadline. */
static enum wire_verdict
converse_in_time(
    struct link *link, struct call *call, struct resp_value *values)
{
	const struct call shorter = call_until(
	    call, clock_ms() + breaker_options(link->breaker)->command_ms);

	return wire_converse(link->wire, &shorter, values);
}

/*
 * Runs the exchange.  If the connection breaks, tries once more on a new one:
 * the server may have closed an idle connection earlier, or all connections
 * just now.
 */
static enum wire_verdict
try_exchange(struct link *link, struct call *call, struct resp_value *values)
{
	enum wire_verdict verdict = WIRE_DONE;

	if (wire_is_outdated(link->wire))
		wire_disconnect(link->wire);
	for (int tries = 1;; tries++) {
		if (wire_fd(link->wire) < 0)
			verdict = wire_connect(link->wire, call);
		if (verdict == WIRE_DONE)
			verdict = converse_in_time(link, call, values);
		if (verdict == WIRE_DONE)
			return WIRE_DONE;
		wire_disconnect(link->wire);
		if (verdict != WIRE_BROKEN || tries == TRIES)
			return verdict;
		verdict = WIRE_DONE;
	}
}

/*
 * Reports the outcome to the breaker.  had_ms: the time that the call had at
 * the start.  A time-out counts against the server only if that was a full
 * command time-out.  A failure of a server that has been left is not reported.
 */
static void
notify_breaker(struct link *link, enum wire_verdict verdict, int64_t had_ms)
{
	const char *why = wire_why(link->wire);

	if (verdict != WIRE_DONE && wire_is_outdated(link->wire))
		return;
	switch (verdict) {
	case WIRE_DONE:
		breaker_succeeded(link->breaker);
		break;
	case WIRE_ELSEWHERE: /* handled by exchange() */
		break;
	case WIRE_TIMED_OUT:
		if (had_ms >= breaker_options(link->breaker)->command_ms)
			breaker_timed_out(link->breaker);
		else
			breaker_suspect(link->breaker);
		break;
	case WIRE_REFUSED:
		breaker_refused(link->breaker, why);
		break;
	case WIRE_BROKEN:
	case WIRE_BARRED:
		log_refused("", str_from(why));
		breaker_suspect(link->breaker);
		break;
	default: /* WIRE_LONG, or short of memory here */
		log_refused("", str_from(why));
		break;
	}
}

/* Counts an exchange without a reply. */
static void
count_failure(enum wire_verdict verdict)
{
	enum counter_redis_error kind = REDIS_ERROR_OTHER;

	if (verdict == WIRE_DONE || verdict == WIRE_ELSEWHERE)
		return;
	if (verdict == WIRE_TIMED_OUT)
		kind = REDIS_ERROR_TIME_OUT;
	if (verdict == WIRE_REFUSED)
		kind = REDIS_ERROR_REFUSED;
	counter_add(COUNTER_REDIS_ERRORS + kind, 1);
}

/* Counts an error reply, except those about the value of one key. */
static void
count_trouble(const struct trouble *trouble)
{
	static const struct {
		struct str words;
		enum counter_redis_error kind;
	} rows[] = {
		{ STR_INIT("READONLY"), REDIS_ERROR_READONLY },
		{ STR_INIT("OOM"), REDIS_ERROR_OOM },
		{ STR_INIT("NOPERM"), REDIS_ERROR_NOPERM },
	};
	enum counter_redis_error kind = REDIS_ERROR_OTHER;

	if (trouble->meaning == ERROR_NONE || trouble->meaning == ERROR_DATA)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(trouble->text, rows[i].words))
			kind = rows[i].kind;
	counter_add(COUNTER_REDIS_ERRORS + kind, 1);
}

/* Runs one exchange.  *trouble is set to the worst error among the replies. */
static enum result
ask_server(struct link *link, struct call *call, struct resp_value *values,
    bool is_try, struct trouble *trouble)
{
	int count = wire_pending(link->wire);
	int64_t begun_us = clock_us();
	int64_t had_ms = call->deadline_ms - begun_us / 1000;
	enum wire_verdict verdict = try_exchange(link, call, values);

	counter_observe_redis(clock_us() - begun_us);
	count_failure(verdict);
	*trouble = (struct trouble){ .meaning = ERROR_NONE };
	if (verdict == WIRE_ELSEWHERE)
		*trouble = (struct trouble){ .meaning = ERROR_ELSEWHERE,
			.text = STR("it is a replica"),
			.is_role = true };
	notify_breaker(link, verdict, had_ms);
	link->why[0] = '\0';
	if (verdict != WIRE_DONE) {
		snprintf(
		    link->why, sizeof(link->why), "%s", wire_why(link->wire));
		return RESULT_REDIS_DOWN;
	}
	*trouble = find_trouble(values, count, is_try);
	count_trouble(trouble);
	if (trouble->text.len > 0)
		snprintf(link->why, sizeof(link->why), "%.*s",
		    STR_ARG(trouble->text));
	return act_on(link, call->arena, trouble);
}

/*
 * Asks once more after the wrong server answered, if the right one was found.
 * A reply of a replica is accepted if the prober has found nothing better.
 */
static enum result
ask_elsewhere(struct link *link, struct call *call, struct resp_value *values,
    bool is_try, struct trouble *trouble)
{
	const struct trouble first = *trouble;
	enum result result = RESULT_REDIS_DOWN;

	if (breaker_doubt(link->breaker, call) ||
	    (first.is_role && breaker_reads_replica(link->breaker)))
		result = ask_server(link, call, values, is_try, trouble);
	if (trouble->meaning == ERROR_ELSEWHERE)
		log_trouble(link, &first);
	return result;
}

/* True if the server was left during an exchange that had no error reply. */
static bool
has_left(const struct link *link, const struct trouble *trouble)
{
	return trouble->meaning == ERROR_NONE && wire_is_outdated(link->wire);
}

static bool
has_error(const struct resp_value *values, int count)
{
	for (int i = 0; i < count; i++)
		if (values[i].type == RESP_ERROR)
			return true;
	return false;
}

/*
 * Lets the prober repeat the noted end if Redis has not acknowledged it.  After
 * an error reply another exchange follows, as EVAL follows EVALSHA.
 */
static void
settle_end(struct link *link, enum result result,
    const struct resp_value *values, int count)
{
	if (!link->has_end)
		return;
	if (result != RESULT_OK)
		ends_owe(breaker_options(link->breaker)->ends);
	link->has_end = result == RESULT_OK && has_error(values, count);
}

static enum result
exchange(struct link *link, struct call *call, struct resp_value *values,
    bool is_try)
{
	int count = wire_pending(link->wire);
	enum result result = RESULT_REDIS_DOWN;
	struct trouble trouble = { .meaning = ERROR_NONE };

	link->has_moved = false;
	call->has_asked = true;
	if (breaker_admits(link->breaker, call))
		result = ask_server(link, call, values, is_try, &trouble);
	if (trouble.meaning == ERROR_ELSEWHERE)
		result = ask_elsewhere(link, call, values, is_try, &trouble);
	else if (result != RESULT_OK && has_left(link, &trouble) &&
		 breaker_admits(link->breaker, call))
		result = ask_server(link, call, values, is_try, &trouble);
	settle_end(link, result, values, count);
	wire_forget(link->wire);
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

enum result
link_go_on(struct link *link, struct call *call, struct resp_value *values)
{
	int count = wire_pending(link->wire);
	struct trouble trouble = { .meaning = ERROR_NONE };
	enum result result = RESULT_REDIS_DOWN;

	link->has_moved = false;
	if (wire_fd(link->wire) >= 0 &&
	    converse_in_time(link, call, values) == WIRE_DONE) {
		trouble = find_trouble(values, count, true);
		count_trouble(&trouble);
		result = act_on(link, call->arena, &trouble);
	}
	if (result != RESULT_OK || has_error(values, count))
		wire_disconnect(link->wire);
	settle_end(link, result, values, count);
	wire_forget(link->wire);
	if (trouble.meaning == ERROR_ELSEWHERE)
		link->has_moved = breaker_doubt(link->breaker, call);
	return result;
}

void
link_note_end(struct link *link, const struct end *end)
{
	ends_note(breaker_options(link->breaker)->ends, end);
	link->has_end = true;
}

bool
link_spool_end(
    struct link *link, struct call *call, const char *site, struct str key)
{
	const char *path = breaker_options(link->breaker)->spool;
	bool is_written;

	place_before_wait(call->claims);
	is_written =
	    spool_add(path, site == NULL ? "-" : site, key, SPOOL_WAIT_MS);
	if (is_written)
		breaker_suspect(link->breaker);
	return is_written;
}

const char *
link_why(const struct link *link)
{
	return link->why;
}

bool
link_is_away(const struct link *link, char *why, size_t size)
{
	return breaker_why(link->breaker, why, size);
}

bool
link_has_moved(const struct link *link)
{
	return link->has_moved;
}

enum result
link_odd_reply(void)
{
	log_event(LOG_ERROR, "redis refused",
	    log_text("reason", "its reply has an unexpected shape"), LOG_END);
	return RESULT_REDIS_DOWN;
}
