/* The limit port of unit tests. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

/* the fake ignores most arguments of its ports */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static struct memory *
of_limits(struct limit_port *port)
{
	return (struct memory *)(void *)((char *)port -
					 offsetof(struct memory, limits));
}

static struct memory_counter *
counter_of(struct memory *memory, const struct limit_bucket *bucket)
{
	char key[sizeof(memory->counters[0].key)];
	struct memory_counter *counter = memory->counters;

	snprintf(key, sizeof(key), "%.*s:%.*s", STR_ARG(bucket->scope),
	    STR_ARG(bucket->name));
	for (; counter < memory->counters + memory->counter_count; counter++)
		if (strcmp(counter->key, key) == 0)
			return counter;
	assert(memory->counter_count < MEMORY_COUNTERS_MAX);
	memory->counter_count++;
	memcpy(counter->key, key, sizeof(key));
	counter->number = 0;
	counter->left_ms = bucket->window_ms;
	return counter;
}

static enum result
limit_policy_peek(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t count,
    struct limit_verdict *verdict)
{
	struct memory *memory = of_limits(port);
	enum result result = RESULT_OK;

	if (memory->limits_result != RESULT_OK)
		return memory->limits_result;
	for (size_t i = 0; i < count; i++) {
		const struct memory_counter *counter =
		    counter_of(memory, &buckets[i]);

		if (counter->number < buckets[i].most)
			continue;
		if (result == RESULT_OK || counter->left_ms > verdict->left_ms)
			*verdict = (struct limit_verdict){ .full = i,
				.left_ms = counter->left_ms };
		result = RESULT_LIMIT;
	}
	return result;
}

static enum result
limit_take(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t count,
    struct limit_verdict *verdict)
{
	enum result result =
	    limit_policy_peek(port, call, buckets, count, verdict);

	for (size_t i = 0; i < count && result == RESULT_OK; i++)
		counter_of(of_limits(port), &buckets[i])->number++;
	return result;
}

static enum result
limit_give_back(struct limit_port *port, struct call *call,
    const struct limit_bucket *buckets, size_t count)
{
	struct memory *memory = of_limits(port);

	if (memory->limits_result != RESULT_OK)
		return memory->limits_result;
	for (size_t i = 0; i < count; i++)
		counter_of(memory, &buckets[i])->number--;
	return RESULT_OK;
}

static enum result
limit_claim(struct limit_port *port, struct call *call, struct str scope,
    struct str name, int64_t ttl_ms)
{
	const struct limit_bucket bucket = {
		.scope = scope, .name = name, .window_ms = ttl_ms
	};
	struct memory *memory = of_limits(port);

	if (memory->claim_result != RESULT_OK)
		return memory->claim_result;
	return counter_of(memory, &bucket)->number++ == 0 ? RESULT_OK
							  : RESULT_MISS;
}

const struct limit_port memory_limit_port = { .take = limit_take,
	.peek = limit_policy_peek,
	.give_back = limit_give_back,
	.claim = limit_claim };
