/* Runs the last ends of sessions again on another server. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/discovery/repeat.h"
#include "redis/wire/error_reply.h"
#include "redis/wire/spool.h"

enum { BATCH = 512 };

/* An empty ARGV[1] stands for no key. */
static const struct str replace_text = STR_INIT(
    "if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1");

static bool
sets_value(const struct end *end)
{
	return !str_is_none(end->text);
}

static void
add(struct wire *wire, const struct end *end)
{
	if (sets_value(end))
		wire_add(wire, STR("EVAL"), replace_text, STR("1"), end->key,
		    str_is_none(end->old) ? STR("") : end->old, end->text,
		    end->ttl_s);
	else
		wire_add(wire, STR("DEL"), end->key);
}

/* Sends the queued commands.  False: no answer; why has the reason. */
static bool
send_queued(const struct repeat *repeat, struct resp_value *values, char *why)
{
	const struct call call = { .arena = repeat->arena,
		.deadline_ms = clock_ms() + repeat->wait_ms };
	enum wire_verdict verdict = wire_converse(repeat->wire, &call, values);

	wire_forget(repeat->wire);
	if (verdict != WIRE_DONE)
		snprintf(why, WIRE_WHY_MAX, "%s", wire_why(repeat->wire));
	return verdict == WIRE_DONE;
}

/*
 * Sets *meaning to the meaning of a reply.  False: the server refuses all
 * commands; why has the reason.
 */
static bool
is_served(
    const struct resp_value *value, enum error_meaning *meaning, char *why)
{
	struct str text = STR_NONE;

	*meaning = error_reply_worst(value, &text);
	if (*meaning < ERROR_LINK)
		return true;
	snprintf(why, WIRE_WHY_MAX, "%.*s", (int)text.len, text.ptr);
	return false;
}

/*
 * Replaces a value by a transaction, where scripts are refused.  Does nothing
 * where WATCH is refused.  If only MULTI is refused, SET runs without a watch.
 * False: no answer; why has the reason.
 */
static bool
replace_watched(const struct repeat *repeat, const struct end *end, char *why)
{
	struct wire *wire = repeat->wire;
	struct resp_value values[3];
	const struct resp_value *get = &values[1];
	bool is_same;

	wire_add(wire, STR("WATCH"), end->key);
	wire_add(wire, STR("GET"), end->key);
	if (!send_queued(repeat, values, why))
		return false;
	is_same = values[0].type != RESP_ERROR &&
		  (str_is_none(end->old) ? get->type == RESP_NIL
					 : resp_is(get, end->old));
	wire_add(wire, STR("MULTI"));
	if (is_same)
		wire_add(wire, STR("SET"), end->key, end->text, STR("EX"),
		    end->ttl_s);
	wire_add(wire, STR("EXEC")); /* also ends the watch */
	return send_queued(repeat, values, why);
}

static bool
take_reply(const struct repeat *repeat, const struct end *end,
    const struct resp_value *value, char *why)
{
	enum error_meaning meaning;

	if (!is_served(value, &meaning, why))
		return false;
	return meaning != ERROR_COMMAND || !sets_value(end) ||
	       replace_watched(repeat, end, why);
}

/* Repeats up to BATCH ends.  Sets *count to their number. */
static bool
run_batch(struct repeat *repeat, size_t *count, char *why)
{
	struct arena *arena = repeat->arena;
	struct end *ends = arena_alloc(arena, BATCH * sizeof(*ends));
	struct resp_value *values = arena_alloc(arena, BATCH * sizeof(*values));
	bool goes_on = true;

	for (*count = 0; *count < BATCH && ends_next(repeat->ends, arena,
					       &repeat->number, &ends[*count]);
	     ++*count)
		add(repeat->wire, &ends[*count]);
	if (*count > 0 && !send_queued(repeat, values, why))
		return false;
	for (size_t i = 0; goes_on && i < *count; i++)
		goes_on = take_reply(repeat, &ends[i], &values[i], why);
	return goes_on;
}

static bool
repeat_noted(struct repeat *repeat, char *why)
{
	size_t count = BATCH, total = 0;
	bool goes_on = true;

	for (; goes_on && count == BATCH; total += count)
		goes_on = run_batch(repeat, &count, why);
	if (total > 0)
		log_event(LOG_INFO, "ends repeated",
		    log_num("count", (int64_t)total), LOG_END);
	return goes_on;
}

/* Deletes the keys of up to BATCH lines.  Sets *count to their number. */
static bool
run_lines(struct repeat *repeat, struct str *text, size_t *count, char *why)
{
	struct resp_value *values =
	    arena_alloc(repeat->arena, BATCH * sizeof(*values));
	enum error_meaning meaning;
	bool goes_on = true;
	struct str key;

	for (*count = 0; *count < BATCH && spool_next(text, &key); ++*count)
		wire_add(repeat->wire, STR("DEL"), key);
	if (*count > 0 && !send_queued(repeat, values, why))
		return false;
	for (size_t i = 0; goes_on && i < *count; i++)
		goes_on = is_served(&values[i], &meaning, why) &&
			  meaning == ERROR_NONE;
	return goes_on;
}

/*
 * Sets why to the reason in errno for which the spool cannot be read, and logs
 * it unless it is the one that was logged last.  Until the spool can be read no
 * session is accepted, since one that the spool ends would be accepted, too.
 * The log has a line for this because the breaker may have been open for
 * another reason.
 */
static void
say_unreadable(struct repeat *repeat, char *why)
{
	int reason = errno;

	snprintf(why, WIRE_WHY_MAX,
	    "spool: %s: no session is accepted before it can be read",
	    reason == EWOULDBLOCK ? "another process holds its lock"
				  : strerror(reason));
	if (reason != repeat->spool_errno)
		log_event(LOG_ERROR, "spool failed",
		    log_text("file", repeat->spool), log_text("reason", why),
		    LOG_END);
	repeat->spool_errno = reason;
}

/* Runs the lines of the locked spool.  False: why is set. */
static bool
run_spool(struct repeat *repeat, char *bytes, char *why)
{
	struct str text = { bytes, 0 };
	size_t count = BATCH, total = 0;

	if (!spool_read(repeat->spool_fd, bytes, &text.len)) {
		say_unreadable(repeat, why);
		return false;
	}
	repeat->spool_errno = 0;
	snprintf(why, WIRE_WHY_MAX, "it refuses to end what the spool has");
	for (; count == BATCH; total += count)
		if (!run_lines(repeat, &text, &count, why))
			return false;
	if (!spool_clear(repeat->spool_fd))
		log_event(LOG_ERROR, "spool failed",
		    log_text("file", repeat->spool),
		    log_text("reason", strerror(errno)), LOG_END);
	if (total > 0)
		log_event(LOG_INFO, "spool done",
		    log_num("count", (int64_t)total), LOG_END);
	return true;
}

void
repeat_init(struct repeat *repeat, const struct breaker_options *options,
    struct arena *arena)
{
	*repeat =
	    (struct repeat){ .arena = arena, .wait_ms = options->command_ms };
	if (options->takes_replica)
		return;
	repeat->ends = options->ends;
	repeat->spool = options->spool;
}

bool
repeat_ends(struct repeat *repeat, char *why)
{
	char *bytes;
	bool is_done;

	ends_settle(repeat->ends);
	if (repeat->spool == NULL || repeat->spool_fd != 0)
		return repeat_noted(repeat, why);
	repeat->spool_fd = spool_open(repeat->spool, repeat->wait_ms);
	if (repeat->spool_fd < 0) {
		repeat->spool_fd = 0;
		if (errno == ENOENT) /* no file, so no lines */
			return repeat_noted(repeat, why);
		say_unreadable(repeat, why);
		return false;
	}
	bytes = malloc(SPOOL_MAX);
	snprintf(why, WIRE_WHY_MAX, "no memory");
	is_done = bytes != NULL && run_spool(repeat, bytes, why);
	free(bytes);
	return is_done && repeat_noted(repeat, why);
}

void
repeat_release(struct repeat *repeat)
{
	if (repeat->spool_fd != 0)
		spool_close(repeat->spool_fd);
	repeat->spool_fd = 0;
}

bool
repeat_is_due(const struct repeat *repeat)
{
	return !spool_is_empty(repeat->spool) || ends_are_owed(repeat->ends);
}
