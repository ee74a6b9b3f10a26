/* A fake of the stores for unit tests. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

/* the fake ignores most arguments of its ports */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static struct memory *
of_sessions(struct session_port *port)
{
	return (struct memory *)port; /* its first member */
}

void
memory_note(struct memory *memory, char what)
{
	size_t len = strlen(memory->trace);

	if (len + 1 < sizeof(memory->trace))
		memory->trace[len] = what;
}

static struct memory_session *
find_session(struct memory *memory, struct str token)
{
	for (size_t i = 0; i < memory->record_count; i++)
		if (str_eq(str_from(memory->records[i].token), token))
			return &memory->records[i];
	return NULL;
}

static enum result
session_get(struct session_port *port, struct call *call, struct str token,
    struct session_facts *facts)
{
	struct memory *memory = of_sessions(port);
	struct memory_session *found = find_session(memory, token);

	memory->session_reads++;
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	if (found == NULL)
		return RESULT_MISS;
	*facts = found->facts;
	facts->generation = memory->generation;
	facts->name = str_from(found->token);
	facts->now_ms = memory->now_ms;
	return RESULT_OK;
}

static enum result
session_put(struct session_port *port, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	struct memory *memory = of_sessions(port);
	struct memory_session *record = &memory->records[memory->record_count];

	memory_note(memory, 'p');
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	assert(memory->record_count < MEMORY_MAX);
	memory->record_count++;
	snprintf(record->token, sizeof(record->token), "%.*s", STR_ARG(token));
	record->facts = (struct session_facts){ .session = *session,
		.is_hashed = false, /* stored under the token */
		.ttl_ms = ttl_ms,
		.seen_ms = session->created_ms };
	return RESULT_OK;
}

/* As without [session] spool. */
static enum result
session_end_later(
    struct session_port *port, struct call *call, struct str token)
{
	(void)port;
	(void)call;
	(void)token;
	return RESULT_REDIS_DOWN;
}

static enum result
session_end(struct session_port *port, struct call *call, struct str token)
{
	struct memory *memory = of_sessions(port);
	struct memory_session *found = find_session(memory, token);

	memory_note(memory, 'e');
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	if (found == NULL)
		return RESULT_MISS;
	found->token[0] = '\0';
	return RESULT_OK;
}

static enum result
session_enter(struct session_port *port, struct call *call, struct str user_id,
    struct generation *generation, int64_t *now_ms)
{
	struct memory *memory = of_sessions(port);

	(void)user_id;
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	*generation = memory->generation;
	*now_ms = memory->now_ms;
	return RESULT_OK;
}

static enum result
session_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	struct memory *memory = of_sessions(port);
	struct memory_session *found = find_session(memory, facts->name);

	memory->touches++;
	if (memory->touch_result != RESULT_OK)
		return memory->touch_result;
	if (found == NULL)
		return RESULT_OK;
	found->facts.seen_ms = facts->now_ms;
	if (ttl_ms > found->facts.ttl_ms)
		found->facts.ttl_ms = ttl_ms;
	return RESULT_OK;
}

static enum result
session_supersede(struct session_port *port, struct call *call,
    const struct supersession *what, struct generation *generation,
    int64_t *now_ms)
{
	struct memory *memory = of_sessions(port);

	memory_note(memory, 'g');
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	if (what->is_conditional &&
	    !str_eq(what->known->gen, memory->generation.gen))
		return RESULT_MISS;
	snprintf(memory->gens[memory->supersedes % 2], sizeof(memory->gens[0]),
	    "new-%d", memory->supersedes);
	memory->generation = (struct generation){
		.gen = str_from(memory->gens[memory->supersedes++ % 2]),
		.ended_ms = memory->now_ms
	};
	*generation = memory->generation;
	*now_ms = memory->now_ms;
	return RESULT_OK;
}

static enum result
session_renew(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	struct memory *memory = of_sessions(port);
	struct memory_session *found = find_session(memory, facts->name);

	memory_note(memory, 'r');
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	if (found == NULL)
		return RESULT_MISS;
	found->facts.session.gen = gen;
	return RESULT_OK;
}

static enum result
session_list(struct session_port *port, struct call *call, struct str user_id,
    struct session_list *list)
{
	struct memory *memory = of_sessions(port);

	(void)user_id;
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	list->items =
	    arena_alloc(call->arena, MEMORY_MAX * sizeof(list->items[0]));
	list->count = 0;
	for (size_t i = 0; i < memory->record_count; i++) {
		struct memory_session *record = &memory->records[i];

		if (record->token[0] == '\0')
			continue;
		list->items[list->count] = record->facts;
		list->items[list->count++].name = str_from(record->token);
	}
	return RESULT_OK;
}

static enum result
session_end_named(struct session_port *port, struct call *call,
    struct str user_id, struct str handle)
{
	struct memory *memory = of_sessions(port);

	(void)user_id;
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	for (size_t i = 0; i < memory->record_count; i++) {
		struct memory_session *record = &memory->records[i];

		if (record->token[0] == '\0' ||
		    !str_eq(str_from(record->handle), handle))
			continue;
		if (port->on_ended != NULL)
			port->on_ended(
			    port->on_ended_arg, call, str_from(record->token));
		record->token[0] = '\0';
		return RESULT_OK;
	}
	return RESULT_MISS;
}

static enum result
session_end_listed(struct session_port *port, struct call *call,
    struct str user_id, struct str keep, int64_t *count)
{
	struct memory *memory = of_sessions(port);

	memory_note(memory, 'l');
	(void)user_id;
	if (memory->sessions_result != RESULT_OK)
		return memory->sessions_result;
	*count = 0;
	for (size_t i = 0; i < memory->record_count; i++) {
		char *token = memory->records[i].token;

		if (token[0] == '\0' || str_eq(str_from(token), keep))
			continue;
		token[0] = '\0';
		++*count;
	}
	return RESULT_OK;
}

static enum result
session_ping(struct session_port *port, struct call *call, struct str *why)
{
	struct memory *memory = of_sessions(port);

	memory->pings++;
	*why = STR("SET probe:*: OOM");
	return memory->sessions_result;
}

static struct memory *
of_resets(struct reset_port *port)
{
	return (struct memory *)(void *)((char *)port -
					 offsetof(struct memory, resets));
}

static enum result
reset_put(struct reset_port *port, struct call *call, struct str token,
    const struct reset *reset, int64_t ttl_ms, int64_t *now_ms)
{
	struct memory *memory = of_resets(port);
	struct memory_reset *kept = &memory->reset;

	if (memory->resets_result != RESULT_OK)
		return memory->resets_result;
	snprintf(kept->token, sizeof(kept->token), "%.*s", STR_ARG(token));
	kept->reset = *reset;
	kept->left_ms = ttl_ms;
	*now_ms = memory->now_ms;
	return RESULT_OK;
}

static enum result
reset_get(struct reset_port *port, struct call *call, struct str token,
    struct reset *reset, int64_t *left_ms)
{
	struct memory *memory = of_resets(port);

	if (memory->resets_result != RESULT_OK)
		return memory->resets_result;
	if (!str_eq(str_from(memory->reset.token), token))
		return RESULT_MISS;
	*reset = memory->reset.reset;
	*left_ms = memory->reset.left_ms;
	return RESULT_OK;
}

static enum result
reset_take(struct reset_port *port, struct call *call, struct str token)
{
	struct memory *memory = of_resets(port);

	memory_note(memory, 't');
	if (memory->resets_result != RESULT_OK)
		return memory->resets_result;
	if (!str_eq(str_from(memory->reset.token), token))
		return RESULT_MISS;
	memory->reset.token[0] = '\0';
	return RESULT_OK;
}

void
memory_open(struct memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	memory->sessions = (struct session_port){ .get = session_get,
		.put = session_put,
		.end = session_end,
		.end_later = session_end_later,
		.enter = session_enter,
		.touch = session_touch,
		.supersede = session_supersede,
		.renew = session_renew,
		.list = session_list,
		.end_named = session_end_named,
		.end_listed = session_end_listed,
		.ping = session_ping };
	memory->user_table = memory_user_table_port;
	memory->users = memory_user_port;
	memory->accounts = memory_account_port;
	memory->limits = memory_limit_port;
	memory->resets = (struct reset_port){
		.put = reset_put, .get = reset_get, .take = reset_take
	};
	memory->stores = (struct stores){ .sessions = &memory->sessions,
		.user_table = &memory->user_table,
		.users = &memory->users,
		.accounts = &memory->accounts,
		.limits = &memory->limits,
		.resets = &memory->resets };
	memory->generation = (struct generation){ .gen = STR("gen-1") };
	memory->now_ms = 1800000000000;
}

void
memory_add_session(struct memory *memory, const char *token, struct str user_id)
{
	struct memory_session *record = &memory->records[memory->record_count];

	assert(memory->record_count < MEMORY_MAX);
	memory->record_count++;
	snprintf(record->token, sizeof(record->token), "%s", token);
	record->facts = (struct session_facts){
		.session = { .user_id = user_id,
		    .created_ms = memory->now_ms - 1000,
		    .expires_ms = memory->now_ms + 1000000,
		    .gen = memory->generation.gen },
		.is_hashed = false, /* stored under the token */
		.ttl_ms = 1000000,
		.seen_ms = memory->now_ms - 1000,
	};
}

void
memory_add_user(struct memory *memory, const struct user *user)
{
	assert(memory->user_count < MEMORY_MAX);
	memory->table[memory->user_count++] = *user;
}
