/* Lua scripts in Redis: EVALSHA first, EVAL if the server lacks the script. */
#include "config.h"

#include <assert.h>

#include "base/buf.h"
#include "base/clock.h"
#include "redis/wire/script.h"
#include "secret/digest.h"

enum { HEAD_ARGS = 3 };

bool
script_open(struct script *script)
{
	return digest_sha1_hex(str_from(script->text), script->sha);
}

static enum result
run_as(struct link *link, struct call *call, struct str command,
    struct str which, const struct script_args *args, struct resp_value *value)
{
	struct str all[RESP_ARGS_MAX];

	assert(args->count + HEAD_ARGS <= RESP_ARGS_MAX);
	all[0] = command;
	all[1] = which;
	all[2] = buf_int_str(call->arena, (int64_t)args->key_count);
	for (size_t i = 0; i < args->count; i++)
		all[HEAD_ARGS + i] = args->texts[i];
	link_add_args(link, all, HEAD_ARGS + args->count);
	return link_try(link, call, value);
}

enum result
script_run_args(const struct script *script, struct link *link,
    struct call *call, struct resp_value *value, const struct script_args *args)
{
	enum result result = run_as(
	    link, call, STR("EVALSHA"), str_from(script->sha), args, value);

	if (result == RESULT_OK && value->type == RESP_ERROR &&
	    str_starts(value->text, STR("NOSCRIPT")))
		result = run_as(link, call, STR("EVAL"), str_from(script->text),
		    args, value);
	if (result == RESULT_OK && value->type == RESP_ERROR)
		return RESULT_REFUSED;
	return result;
}

enum result
script_run_unless_paused(struct script_pause *pause,
    const struct script *script, struct link *link, struct call *call,
    struct resp_value *value, const struct script_args *args)
{
	enum result result;

	if (clock_ms() < pause->until_ms)
		return RESULT_REFUSED;
	result = script_run_args(script, link, call, value, args);
	if (result == RESULT_REFUSED)
		pause->until_ms = clock_ms() + SCRIPT_PAUSE_MS;
	return result;
}
