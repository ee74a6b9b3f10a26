/*
 * Compare-and-set on one key.
 *
 * WATCH, GET and MULTI are sent in one exchange, the command only in the next.
 * Where MULTI is refused, a command sent with it would be executed at once,
 * watched or not.  For that reason the second exchange never uses another
 * connection.
 */
#include "config.h"

#include <assert.h>

#include "redis/wire/script.h"
#include "redis/wire/compare_and_set.h"

/* A command; args[1] is the key. */
struct cas {
	struct link *link;
	struct call *call;
	struct str old;
	const struct str *args;
	size_t count;
};

/* ARGV: the expected value, then the command without its key. */
static struct script cas_script = {
	.text = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
		"redis.call(ARGV[2], KEYS[1], unpack(ARGV, 3)) return 1"
};

bool
cas_init(void)
{
	return script_open(&cas_script);
}

static enum result
run_script(const struct cas *cas)
{
	struct str args[RESP_ARGS_MAX] = { cas->args[1], cas->old,
		cas->args[0] };
	struct resp_value value;
	enum result result;

	for (size_t i = 2; i < cas->count; i++)
		args[i + 1] = cas->args[i];
	result = script_run_args(&cas_script, cas->link, cas->call, &value,
	    &(struct script_args){ args, cas->count + 1, 1 });
	if (result == RESULT_OK && value.type == RESP_INT && value.number == 0)
		return RESULT_MISS;
	return result;
}

/*
 * Opens the transaction.  OK: it is open, and EXEC fails if the value changes.
 * MISS: the key has another value.  Then an empty transaction ends the watch.
 * REFUSED: WATCH or MULTI is refused.  A watch that stays has no effect.
 */
static enum result
open_transaction(const struct cas *cas)
{
	struct resp_value values[3];
	const struct resp_value *watch = &values[0], *get = &values[1],
				*multi = &values[2];
	enum result result;

	link_add(cas->link, STR("WATCH"), cas->args[1]);
	link_add(cas->link, STR("GET"), cas->args[1]);
	link_add(cas->link, STR("MULTI"));
	result = link_try(cas->link, cas->call, values);
	if (result != RESULT_OK)
		return result;
	if (multi->type == RESP_ERROR)
		return RESULT_REFUSED;
	result = watch->type == RESP_ERROR ? RESULT_REFUSED : RESULT_MISS;
	if (result == RESULT_MISS && resp_is(get, cas->old))
		return RESULT_OK;
	link_add(cas->link, STR("EXEC"));
	if (link_go_on(cas->link, cas->call, values) != RESULT_OK)
		return RESULT_REDIS_DOWN;
	return result;
}

static enum result
run_transaction(const struct cas *cas)
{
	struct resp_value values[2];
	const struct resp_value *exec = &values[1];
	enum result result = open_transaction(cas);

	if (result != RESULT_OK)
		return result;
	link_add_args(cas->link, cas->args, cas->count);
	link_add(cas->link, STR("EXEC"));
	result = link_go_on(cas->link, cas->call, values);
	if (result != RESULT_OK)
		return result;
	if (values[0].type == RESP_ERROR) /* out of memory, or read-only */
		return RESULT_REDIS_DOWN;
	if (exec->type == RESP_NIL) /* another client changed it */
		return RESULT_MISS;
	if (exec->type != RESP_LIST || exec->count != 1 ||
	    exec->items[0].type == RESP_ERROR)
		return RESULT_REFUSED;
	return RESULT_OK;
}

enum result
cas_run_args(struct link *link, struct call *call, struct str old,
    const struct str *args, size_t count)
{
	const struct cas cas = { link, call, old, args, count };
	enum result result;

	assert(count >= 2 && count < RESP_ARGS_MAX);
	result = run_script(&cas);
	if (result != RESULT_REFUSED)
		return result;
	result = run_transaction(&cas);
	if (result == RESULT_REDIS_DOWN && link_has_moved(link))
		result = run_transaction(&cas); /* nothing was done before */
	return result;
}
