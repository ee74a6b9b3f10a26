/*
 * Counters of limits in Redis.
 *
 * A script reads all counters of a request and increments all or none.  So of a
 * hundred concurrent requests exactly as many pass as are allowed.  Where
 * scripts are refused, a transaction increments first, and a request beyond the
 * limit decrements again.  Then no more pass either, but others may be refused
 * meanwhile.
 *
 * Both ways set a counter's TTL in the same step, and repair a counter that has
 * none.  A command that is sent twice after a reconnect may count twice.  That
 * is the safe direction, except for give_back, which may then undo one success
 * too many.
 */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"
#include "store/keys.h"
#include "redis/limits.h"
#include "redis/wire/ends.h"
#include "redis/wire/script.h"

/*
 * ARGV, for each key: most, the window, and the TTL that one count adds (the
 * whole window for a counter that does not fade).
 */
static struct script take_script = {
	.text = "local full, left = 0, 0 "
		"for i, key in ipairs(KEYS) do "
		"local n = tonumber(redis.call('GET', key) or 0) "
		"local ttl = redis.call('PTTL', key) "
		"if n and n >= tonumber(ARGV[3 * i - 2]) then "
		"if ttl < 0 then "
		"ttl = tonumber(ARGV[3 * i - 1]) redis.call('PEXPIRE', key, "
		"ttl) end "
		"if ttl >= left then full, left = i, ttl end end end "
		"if full > 0 then return {full, left} end "
		"for i, key in ipairs(KEYS) do "
		"local n = redis.call('INCR', key) "
		"local ttl = redis.call('PTTL', key) "
		"local life = math.min(n * tonumber(ARGV[3 * i]), "
		"tonumber(ARGV[3 * i - 1])) "
		"if ttl < 0 or (ARGV[3 * i] ~= ARGV[3 * i - 1] and ttl < life) "
		"then "
		"redis.call('PEXPIRE', key, string.format('%d', life)) end end "
		"return {0, 0}"
};
static struct script give_back_script = {
	.text = "for i, key in ipairs(KEYS) do "
		"if tonumber(redis.call('GET', key) or 0) > 0 then "
		"if redis.call('DECR', key) == 0 then "
		"redis.call('DEL', key) end end end "
		"return {0, 0}"
};

enum {
	ARGS_MAX = 4 * LIMIT_BUCKETS_MAX,
	/* MULTI, three commands a key, EXEC */
	STEPS_MAX = 2 + 3 * LIMIT_BUCKETS_MAX
};

struct redis_limits {
	struct limit_port port; /* first, so that the port converts to this */
	struct link *link;
	struct str prefix;
	struct script_pause pause;
};

/* The arguments of one call of the port. */
struct count {
	struct redis_limits *limits;
	struct call *call;
	const struct limit_bucket *buckets;
	size_t count;
	struct str keys[LIMIT_BUCKETS_MAX];
	struct limit_verdict *verdict; /* not used by give_back */
};

static struct count
make_count(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t bucket_count,
    struct limit_verdict *verdict)
{
	struct count count = { .limits = (struct redis_limits *)port,
		.call = call,
		.buckets = buckets,
		.count = bucket_count,
		.verdict = verdict };

	for (size_t i = 0; i < bucket_count; i++)
		count.keys[i] = keys_rate(call->arena, count.limits->prefix,
		    buckets[i].scope, buckets[i].name);
	return count;
}

static enum result
set_verdict(const struct count *count, size_t full, int64_t left_ms)
{
	*count->verdict =
	    (struct limit_verdict){ .full = full, .left_ms = left_ms };
	return RESULT_LIMIT;
}

/* The TTL (ms) that one count adds to a counter. */
static int64_t
step_ms(const struct limit_bucket *bucket)
{
	int64_t step_ms = bucket->window_ms / bucket->most;

	if (!bucket->is_fading)
		return bucket->window_ms;
	return step_ms > 0 ? step_ms : 1;
}

/*
 * Runs a script that returns {0, 0}, or the number of the full key (from 1) and
 * its TTL.  REFUSED: this server runs no scripts.
 */
static enum result
count_by_script(const struct count *count, const struct script *script)
{
	struct arena *arena = count->call->arena;
	struct resp_value value;
	struct str args[ARGS_MAX];
	size_t len = 0;
	enum result result;

	for (size_t i = 0; i < count->count; i++)
		args[len++] = count->keys[i];
	for (size_t i = 0; i < count->count; i++) {
		args[len++] = buf_int_str(arena, count->buckets[i].most);
		args[len++] = buf_int_str(arena, count->buckets[i].window_ms);
		args[len++] = buf_int_str(arena, step_ms(&count->buckets[i]));
	}
	result = script_run_unless_paused(&count->limits->pause, script,
	    count->limits->link, count->call, &value,
	    &(struct script_args){ args, len, count->count });
	if (result != RESULT_OK)
		return result;
	if (value.type != RESP_LIST || value.count != 2 ||
	    value.items[0].number < 0 ||
	    value.items[0].number > (int64_t)count->count)
		return link_odd_reply();
	if (value.items[0].number == 0)
		return RESULT_OK;
	return set_verdict(
	    count, (size_t)value.items[0].number - 1, value.items[1].number);
}

/*
 * Increments or decrements each counter (step is the command) and sets a
 * missing TTL, in one transaction.  counters gets three replies for each
 * bucket: the count, that of PEXPIRE, and the TTL (ms).
 */
static enum result
count_by_transaction(
    const struct count *count, struct str step, struct resp_value *counters)
{
	struct link *link = count->limits->link;
	struct resp_value values[STEPS_MAX], *last;
	enum result result;
	size_t steps = 0;

	link_add(link, STR("MULTI"));
	for (size_t i = 0; i < count->count; i++) {
		struct str window_ms = buf_int_str(
		    count->call->arena, count->buckets[i].window_ms);

		link_add_args(
		    link, (const struct str[]){ step, count->keys[i] }, 2);
		link_add(
		    link, STR("PEXPIRE"), count->keys[i], window_ms, STR("NX"));
		link_add(link, STR("PTTL"), count->keys[i]);
		steps += 3;
	}
	link_add(link, STR("EXEC"));
	result = link_exchange(link, count->call, values);
	if (result != RESULT_OK)
		return result;
	last = &values[steps + 1];
	if (last->type != RESP_LIST || last->count != steps)
		return link_odd_reply();
	for (size_t i = 0; i < steps; i++) {
		if (last->items[i].type != RESP_INT)
			return link_odd_reply();
		counters[i] = last->items[i];
	}
	return RESULT_OK;
}

/*
 * A counter that has expired meanwhile becomes -1 until its window ends, so one
 * count more than `most` may pass in it.
 */
static enum result
give_back_without_script(const struct count *count)
{
	struct resp_value counters[STEPS_MAX];

	return count_by_transaction(count, STR("DECR"), counters);
}

static enum result
take_without_script(const struct count *count)
{
	struct resp_value counters[STEPS_MAX];
	enum result result = count_by_transaction(count, STR("INCR"), counters);
	int64_t left_ms = -1;
	size_t full = 0;

	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < count->count; i++) {
		if (counters[3 * i].number <= count->buckets[i].most ||
		    counters[3 * i + 2].number <= left_ms)
			continue;
		full = i;
		left_ms = counters[3 * i + 2].number;
	}
	if (left_ms < 0)
		return RESULT_OK;
	result = give_back_without_script(count);
	return result == RESULT_OK ? set_verdict(count, full, left_ms) : result;
}

static enum result
redis_limits_take(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t bucket_count,
    struct limit_verdict *verdict)
{
	struct count count =
	    make_count(port, call, buckets, bucket_count, verdict);
	enum result result;

	if (bucket_count == 0)
		return RESULT_OK;
	result = count_by_script(&count, &take_script);
	if (result == RESULT_REFUSED)
		result = take_without_script(&count);
	return result;
}

static enum result
redis_limits_give_back(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t bucket_count)
{
	struct limit_verdict none;
	struct count count =
	    make_count(port, call, buckets, bucket_count, &none);
	enum result result;

	if (bucket_count == 0)
		return RESULT_OK;
	result = count_by_script(&count, &give_back_script);
	if (result == RESULT_REFUSED)
		result = give_back_without_script(&count);
	return result;
}

/* A counter without a TTL does not count as full: the next take repairs it. */
static bool
is_full(const struct limit_bucket *bucket, const struct resp_value *counter,
    const struct resp_value *left)
{
	int64_t number;

	return counter->type == RESP_TEXT &&
	       str_to_int(counter->text, 0, INT64_MAX, &number) &&
	       number >= bucket->most && left->type == RESP_INT &&
	       left->number > 0;
}

static enum result
redis_limits_peek(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t bucket_count,
    struct limit_verdict *verdict)
{
	struct count count =
	    make_count(port, call, buckets, bucket_count, verdict);
	struct resp_value values[2 * LIMIT_BUCKETS_MAX];
	enum result result;

	if (bucket_count == 0)
		return RESULT_OK;
	for (size_t i = 0; i < bucket_count; i++) {
		link_add(count.limits->link, STR("GET"), count.keys[i]);
		link_add(count.limits->link, STR("PTTL"), count.keys[i]);
	}
	result = link_exchange(count.limits->link, call, values);
	for (size_t i = 0; i < bucket_count && result != RESULT_REDIS_DOWN;
	     i++) {
		const struct resp_value *left = &values[2 * i + 1];

		if (is_full(&buckets[i], &values[2 * i], left) &&
		    (result == RESULT_OK || left->number > verdict->left_ms))
			result = set_verdict(&count, i, left->number);
	}
	return result;
}

/*
 * The SET may be sent twice after a reconnect, and then finds its own claim:
 * MISS, which refuses a good code but never accepts one twice.  The claim is
 * noted with the ends of sessions, since a new primary may lack it and would
 * accept the code again.
 */
static enum result
redis_limits_claim(struct limit_port *port, struct call *call, struct str scope,
    struct str name, int64_t ttl_ms)
{
	const struct redis_limits *limits = (struct redis_limits *)port;
	const struct end claim = { .key = keys_rate(call->arena, limits->prefix,
				       scope, name),
		.text = STR("1"),
		.old = STR_NONE,
		.ttl_s = buf_int_str(call->arena, ttl_ms / 1000) };
	struct resp_value value;
	enum result result;

	link_note_end(limits->link, &claim);
	link_add(limits->link, STR("SET"), claim.key, claim.text, STR("EX"),
	    claim.ttl_s, STR("NX"));
	result = link_exchange(limits->link, call, &value);
	if (result == RESULT_OK && value.type == RESP_NIL)
		return RESULT_MISS;
	if (result == RESULT_OK && !str_eq(value.text, STR("OK")))
		return link_odd_reply();
	return result;
}

struct limit_port *
redis_limits_open(struct link *link, const struct conf *conf)
{
	struct redis_limits *limits = calloc(1, sizeof(*limits));

	if (limits == NULL || !script_open(&take_script) ||
	    !script_open(&give_back_script)) {
		free(limits);
		return NULL;
	}
	limits->port = (struct limit_port){ .take = redis_limits_take,
		.peek = redis_limits_peek,
		.give_back = redis_limits_give_back,
		.claim = redis_limits_claim };
	limits->link = link;
	limits->prefix = str_from(conf->redis_key_prefix);
	return &limits->port;
}

void
redis_limits_close(struct limit_port *port)
{
	free(port);
}
