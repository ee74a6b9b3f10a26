/* Tests every command that the program sends to Redis. */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "redis/wire/error_reply.h"
#include "redis/wire/script.h"
#include "redis/command_check.h"
#include "secret/token.h"
#include "store/keys.h"

enum { ARGS_MAX = 7, NAME_LEN = 16, DEADLINE_MS = 3000, WHY_SIZE = 512 };

enum step_key {
	KIND_NONE, /* the command has no key */
	KIND_SESSION,
	KIND_GENERATION,
	KIND_LIST,
	KIND_ACCOUNT,
	KIND_USER,
	KIND_RATE,
	KIND_RESET,
	KIND_PROBE
};

struct step {
	enum step_key kind;
	bool is_write;		   /* part of the write test */
	struct str args[ARGS_MAX]; /* the key, if any, is inserted */
};

/* clang-format off */
#define STEP(kind, ...) { kind, false, { __VA_ARGS__ } }
#define WRITE(kind, ...) { kind, true, { __VA_ARGS__ } }
#define S STR_INIT

/*
 * The commands in the order of the test: one row for each command and kind of
 * key in use.
 */
static const struct step steps[] = {
	WRITE(KIND_NONE, S("TIME")),
	WRITE(KIND_PROBE, S("SET"), S("1"), S("PX"), S("60000")),
	STEP(KIND_PROBE, S("SET"), S("1"), S("NX"), S("GET"), S("PX"), S("60000")),
	STEP(KIND_PROBE, S("INCR")),
	STEP(KIND_PROBE, S("DECR")),
	STEP(KIND_PROBE, S("EXPIRE"), S("60")),
	WRITE(KIND_PROBE, S("DEL")),

	/* reading */
	STEP(KIND_SESSION, S("GET")),
	STEP(KIND_SESSION, S("PTTL")),
	STEP(KIND_GENERATION, S("GET")),
	STEP(KIND_GENERATION, S("MGET")),
	STEP(KIND_ACCOUNT, S("MGET")),
	STEP(KIND_ACCOUNT, S("GET")),
	STEP(KIND_LIST, S("ZSCORE"), S("m")),
	STEP(KIND_LIST, S("ZRANGE"), S("0"), S("1"), S("REV"), S("WITHSCORES")),
	STEP(KIND_LIST, S("ZCARD")),
	STEP(KIND_USER, S("GET")),
	STEP(KIND_USER, S("PTTL")),
	STEP(KIND_RATE, S("GET")),
	STEP(KIND_RATE, S("PTTL")),

	/* writing to keys that do not exist: no effect */
	STEP(KIND_SESSION, S("PEXPIRE"), S("1"), S("GT")),
	STEP(KIND_SESSION, S("SET"), S("1"), S("XX"), S("KEEPTTL")),
	STEP(KIND_SESSION, S("DEL")),
	STEP(KIND_GENERATION, S("SET"), S("1"), S("XX"), S("EX"), S("60")),
	STEP(KIND_GENERATION, S("EXPIRE"), S("60")),
	STEP(KIND_ACCOUNT, S("SET"), S("1"), S("XX"), S("PX"), S("60000")),
	STEP(KIND_ACCOUNT, S("DEL")),
	STEP(KIND_LIST, S("ZADD"), S("XX"), S("1"), S("m")),
	STEP(KIND_LIST, S("ZREM"), S("m")),
	STEP(KIND_LIST, S("ZREMRANGEBYSCORE"), S("-inf"), S("0")),
	STEP(KIND_LIST, S("EXPIRE"), S("60")),
	STEP(KIND_USER, S("SET"), S("1"), S("XX"), S("PX"), S("60000")),
	STEP(KIND_USER, S("DEL")),
	STEP(KIND_RATE, S("PEXPIRE"), S("60000"), S("NX")),
	STEP(KIND_RATE, S("SET"), S("1"), S("XX")),
	STEP(KIND_RESET, S("GET")),
	STEP(KIND_RESET, S("SET"), S("1"), S("XX")),
	STEP(KIND_RESET, S("DEL")),
};
/* clang-format on */

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static struct script check_script = {
	.text = "redis.call('TIME') return redis.call('PTTL', KEYS[1])"
};

/* The names of the keys of one check. */
struct key_names {
	struct arena *arena;
	struct str prefix, name;
};

static struct str
key_of(const struct key_names *names, enum step_key kind)
{
	struct arena *arena = names->arena;
	struct str prefix = names->prefix, name = names->name;

	switch (kind) {
	case KIND_SESSION:
		return keys_session(arena, prefix, name);
	case KIND_GENERATION:
		return keys_generation(arena, prefix, name);
	case KIND_LIST:
		return keys_list(arena, prefix, name);
	case KIND_ACCOUNT:
		return keys_account(arena, prefix, name);
	case KIND_USER:
		return keys_user(arena, prefix, name);
	case KIND_RATE:
		return keys_rate(arena, prefix, STR("pair"), name);
	case KIND_RESET:
		return keys_reset(arena, prefix, name);
	case KIND_PROBE:
		return keys_probe(arena, prefix, name);
	default:
		return STR_NONE;
	}
}

static bool
make_names(struct key_names *names, struct arena *arena, struct str prefix)
{
	char *name = arena_alloc(arena, TOKEN_LEN + 1);

	*names = (struct key_names){ arena, prefix, { name, NAME_LEN } };
	return token_new(name);
}

/* Queues a step: the verb, its key if it has one, and the rest. */
static void
add_step(
    struct link *link, const struct key_names *names, const struct step *step)
{
	struct str args[ARGS_MAX + 1] = { step->args[0] };
	size_t count = 1;

	if (step->kind != KIND_NONE)
		args[count++] = key_of(names, step->kind);
	for (size_t i = 1; i < ARGS_MAX && step->args[i].len > 0; i++)
		args[count++] = step->args[i];
	link_add_args(link, args, count);
}

/*
 * True if the error shows a Redis before 7.0, which has no SET with NX and GET.
 */
static bool
is_old_server(const struct step *step, struct str error)
{
	return str_eq(step->args[0], STR("SET")) &&
	       str_eq(step->args[2], STR("NX")) &&
	       str_starts(error, STR("ERR syntax error"));
}

/*
 * Fills why: the verb, the pattern of its key as in an ACL ("PREFIXrate:*"),
 * and the reason.
 */
static void
explain_step(const struct key_names *names, const struct step *step,
    const char *reason, char *why, size_t size)
{
	struct str key = key_of(names, step->kind);
	struct str kind =
	    str_from_byte(key, key.len > 0 ? names->prefix.len : 0);

	kind = str_cut(&kind, ':');
	if (key.len > 0)
		snprintf(why, size, "%.*s %.*s%.*s:*: %s",
		    STR_ARG(step->args[0]), STR_ARG(names->prefix),
		    STR_ARG(kind), reason);
	else
		snprintf(why, size, "%.*s: %s", STR_ARG(step->args[0]), reason);
}

/* Returns why an exchange of the write test was DOWN. */
static struct str
explain_write(struct link *link, const struct key_names *names,
    const struct resp_value *values)
{
	struct str text = STR_NONE;
	char why[WHY_SIZE];
	size_t at = 0;

	if (link_is_away(link, why, sizeof(why)))
		return str_from(arena_cstr(names->arena, str_from(why)));
	snprintf(why, sizeof(why), "%s", link_why(link));
	for (size_t i = 0; i < STEPS && str_is_none(text); i++)
		if (steps[i].is_write &&
		    error_reply_worst(&values[at++], &text) != ERROR_NONE)
			explain_step(names, &steps[i],
			    arena_cstr(names->arena, text), why, sizeof(why));
	return str_from(arena_cstr(names->arena, str_from(why)));
}

enum result
command_check_write(
    struct link *link, struct call *call, struct str prefix, struct str *why)
{
	struct resp_value values[STEPS] = { { .type = RESP_NIL } };
	struct key_names names;
	enum result result;

	*why = STR("no memory");
	if (!make_names(&names, call->arena, prefix))
		return RESULT_FAULT;
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].is_write)
			add_step(link, &names, &steps[i]);
	result = link_exchange(link, call, values);
	if (result != RESULT_OK)
		*why = explain_write(link, &names, values);
	return result;
}

static bool
run_step(struct link *link, struct call *call, const struct key_names *names,
    const struct step *step, char *why, size_t size)
{
	struct str text = STR_NONE;
	struct resp_value value;
	enum result result;

	add_step(link, names, step);
	result = link_try(link, call, &value);
	if (result == RESULT_OK &&
	    error_reply_worst(&value, &text) == ERROR_NONE)
		return true;
	if (result == RESULT_OK && is_old_server(step, text))
		snprintf(why, size, "this Redis is older than 7.0");
	else
		explain_step(names, step,
		    result == RESULT_OK ? arena_cstr(call->arena, text)
					: link_why(link),
		    why, size);
	return false;
}

/*
 * Runs a script.  A refusal only sets notice: without scripts a check takes two
 * exchanges, and nothing else changes.
 */
static bool
try_scripts(struct link *link, struct call *call, const struct key_names *names,
    char *why, size_t why_size, char *notice, size_t notice_size)
{
	struct str key = key_of(names, KIND_SESSION);
	struct resp_value value;
	enum result result;

	if (!script_open(&check_script))
		return false;
	result = script_run(&check_script, link, call, &value, 1, key);
	if (result == RESULT_REFUSED)
		snprintf(notice, notice_size,
		    "scripts are refused (EVAL, EVALSHA): %s",
		    arena_cstr(call->arena, value.text));
	if (result == RESULT_OK || result == RESULT_REFUSED)
		return true;
	snprintf(why, why_size, "EVALSHA: %s", link_why(link));
	return false;
}

bool
command_check_all(struct link *link, const struct conf *conf, char *why,
    size_t why_size, char *notice, size_t notice_size)
{
	struct arena *arena = arena_open();
	struct call call = { .arena = arena,
		.deadline_ms = clock_ms() + DEADLINE_MS };
	struct key_names names;
	bool works;

	notice[0] = '\0';
	snprintf(why, why_size, "no memory");
	works = arena != NULL &&
		make_names(&names, arena, str_from(conf->redis_key_prefix));
	for (size_t i = 0; works && i < STEPS; i++)
		works = run_step(link, &call, &names, &steps[i], why, why_size);
	works = works && try_scripts(link, &call, &names, why, why_size, notice,
			     notice_size);
	arena_close(arena);
	return works;
}

/*
 * True if the record of this key has no member "v".  False also if the session
 * ended meanwhile.
 */
static bool
is_plain_record(struct link *link, struct call *call, struct str key)
{
	struct resp_value value;

	link_add(link, STR("GET"), key);
	return link_try(link, call, &value) == RESULT_OK &&
	       value.type == RESP_TEXT && !str_has(value.text, STR("\"v\":"));
}

/*
 * Runs one SCAN.  *cursor becomes the next cursor, "0" at the end or after a
 * failure.  *left bounds the records that are read.
 */
static bool
scan_for_plain(struct link *link, struct call *call, struct str prefix,
    struct str *cursor, int *left)
{
	struct str sessions = keys_session(call->arena, prefix, STR(""));
	struct resp_value value;
	enum result result;

	link_add(link, STR("SCAN"), *cursor, STR("COUNT"), STR("500"));
	result = link_try(link, call, &value);
	*cursor = STR("0");
	if (result != RESULT_OK || value.type != RESP_LIST || value.count != 2)
		return false;
	*cursor = value.items[0].text;
	value = value.items[1];
	for (size_t i = 0; i < value.count && 0 < *left; i++)
		if (str_starts(value.items[i].text, sessions) &&
		    (*left)-- > 0 &&
		    is_plain_record(link, call, value.items[i].text))
			return true;
	return false;
}

enum { SCANS = 20, SESSIONS_READ = 50 };

bool
command_check_finds_plain(struct link *link, const struct conf *conf)
{
	struct arena *arena = arena_open();
	struct call call = { .arena = arena,
		.deadline_ms = clock_ms() + DEADLINE_MS };
	struct str prefix = str_from(conf->redis_key_prefix), cursor = STR("0");
	int left = SESSIONS_READ;
	bool is_found = false;

	for (int i = 0; arena != NULL && i < SCANS && !is_found; i++) {
		is_found = scan_for_plain(link, &call, prefix, &cursor, &left);
		if (str_eq(cursor, STR("0")))
			break;
	}
	arena_close(arena);
	return is_found;
}

/* Commands that no step tries. */
static const struct str commands_beside[] = { STR_INIT("eval"),
	STR_INIT("evalsha"), STR_INIT("watch"), STR_INIT("multi"),
	STR_INIT("exec"), STR_INIT("ping"), STR_INIT("select"),
	STR_INIT("client|id"), STR_INIT("client|tracking"), STR_INIT("role"),
	STR_INIT("subscribe") };
static const struct str commands_of_admin[] = { STR_INIT("scan"),
	STR_INIT("info"), STR_INIT("dbsize") };

enum {
	BESIDE = sizeof(commands_beside) / sizeof(commands_beside[0]),
	OF_ADMIN = sizeof(commands_of_admin) / sizeof(commands_of_admin[0])
};

/*
 * True if an earlier step has the same kind of key (is_kind), or the same verb.
 */
static bool
is_repeated(size_t at, bool is_kind)
{
	for (size_t i = 0; i < at; i++)
		if (is_kind ? steps[i].kind == steps[at].kind
			    : str_eq(steps[i].args[0], steps[at].args[0]))
			return true;
	return false;
}

/* The pattern of a kind of key in an ACL, as `sess:*`. */
static struct str
pattern_of(struct arena *arena, enum step_key kind)
{
	struct key_names names = { arena, STR(""), STR("x") };
	struct str key = key_of(&names, kind);
	struct str head = str_cut(&key, ':');
	char *pattern = arena_alloc(arena, head.len + 3);

	snprintf(pattern, head.len + 3, "%.*s:*", STR_ARG(head));
	return str_from(pattern);
}

static struct str
lower_verb(struct arena *arena, struct str verb)
{
	char *lower = arena_alloc(arena, verb.len + 1);

	for (size_t i = 0; i < verb.len; i++)
		lower[i] = (char)(verb.ptr[i] - 'A' + 'a');
	return (struct str){ lower, verb.len };
}

void
command_check_rights(
    void (*visit)(void *arg, enum command_right kind, struct str right),
    void *arg)
{
	struct arena *arena = arena_open();

	if (arena == NULL)
		arena_exhausted();
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].kind != KIND_NONE && !is_repeated(i, true))
			visit(arg, COMMAND_RIGHT_KEY,
			    pattern_of(arena, steps[i].kind));
	for (size_t i = 0; i < STEPS; i++)
		if (!is_repeated(i, false))
			visit(arg, COMMAND_RIGHT_COMMAND,
			    lower_verb(arena, steps[i].args[0]));
	for (size_t i = 0; i < BESIDE; i++)
		visit(arg, COMMAND_RIGHT_COMMAND, commands_beside[i]);
	visit(arg, COMMAND_RIGHT_CHANNEL, STR("__redis__:invalidate"));
	arena_close(arena);
}

void
command_check_admin_rights(
    void (*visit)(void *arg, enum command_right kind, struct str right),
    void *arg)
{
	for (size_t i = 0; i < OF_ADMIN; i++)
		visit(arg, COMMAND_RIGHT_COMMAND, commands_of_admin[i]);
}
