/* Reads the counters of limits as Redis has them. */
#include "config.h"

#include "app/client_ip.h"
#include "app/limit_policy.h"
#include "ctl/limit_counters.h"
#include "store/keys.h"

enum { COUNTERS_MAX = 128 }; /* in one exchange */

static enum result
read_some(struct ctl *ctl, struct limit_counter *counters, size_t count)
{
	struct str prefix = str_from(ctl->conf->redis_key_prefix);
	struct resp_value values[2 * COUNTERS_MAX];
	enum result result;

	for (size_t i = 0; i < count; i++) {
		struct str key = keys_rate(
		    ctl->arena, prefix, counters[i].scope, counters[i].name);

		link_add(ctl->link, STR("GET"), key);
		link_add(ctl->link, STR("PTTL"), key);
	}
	result = link_exchange(ctl->link, &ctl->call, values);
	for (size_t i = 0; result == RESULT_OK && i < count; i++) {
		struct limit_counter *counter = &counters[i];

		counter->count = 0;
		if (values[2 * i].type == RESP_TEXT)
			(void)str_to_int(
			    values[2 * i].text, 0, INT64_MAX, &counter->count);
		counter->ttl_ms = values[2 * i + 1].number;
		counter->most =
		    limit_policy_rate(ctl->conf, counter->scope)->most;
	}
	return result;
}

enum result
limit_counters_read(
    struct ctl *ctl, struct limit_counter *counters, size_t count)
{
	enum result result = RESULT_OK;

	for (size_t at = 0; result == RESULT_OK && at < count;
	     at += COUNTERS_MAX)
		result = read_some(ctl, counters + at,
		    count - at < COUNTERS_MAX ? count - at : COUNTERS_MAX);
	return result;
}

struct str
limit_counters_address(struct arena *arena, struct str text)
{
	const struct conf_nets none = { .count = 0 };
	const struct str tail = STR("/64");

	if (text.len > tail.len &&
	    str_eq(str_from_byte(text, text.len - tail.len), tail))
		text.len -= tail.len;
	return client_ip_find(arena, &none, text, STR_NONE);
}
