/* block, unblock, blocked. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "config/key_kind.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/counts.h"
#include "ctl/json_line.h"
#include "ctl/people.h"
#include "ctl/scan.h"
#include "ctl/sessions.h"
#include "ctl/table.h"
#include "redis/generations.h"
#include "redis/session_read.h"
#include "store/rows.h"

enum { REASON_MAX = 200 }; /* bytes */

static const int64_t longest_ms = INT64_C(400) * 86400 * 1000;

/* The time as 2026-12-07T10:12:00Z, for the audit trail. */
static const char *
utc_of(struct ctl *ctl, int64_t time_ms)
{
	enum { SIZE = 32 };
	time_t seconds = (time_t)(time_ms / 1000);
	char *text = arena_alloc(ctl->arena, SIZE);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL)
		strftime(text, SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

static void
report_blocked(struct ctl *ctl, const struct person *person,
    const struct account_block *block, int64_t ended)
{
	counts_add_ended(ctl, ended);
	audit_change(ctl, "user blocked", log_text("by", ctl->by),
	    log_str("id", person->id),
	    log_text("until", utc_of(ctl, block->until_ms)),
	    log_num("revoked", ended), log_str("reason", block->reason),
	    LOG_END);
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_int(line, STR("blockedUntil"), block->until_ms);
		json_write_int(line, STR("ended"), ended);
		json_line_print(line);
		return;
	}
	ctl_print(ctl, "%s is blocked until %s, %" PRId64 " session%s ended",
	    people_words(ctl, person),
	    ctl_shown(ctl, table_at(ctl->arena, block->until_ms)), ended,
	    ended == 1 ? "" : "s");
	ctl_print(ctl,
	    "The block is kept in Redis: it is lost if Redis is emptied.  To "
	    "shut an account\nfor good, set the column of your users table "
	    "that [mysql] user_state reads.");
}

/*
 * The block alone ends all sessions.  Their records are deleted as well, for a
 * Node application that reads them.
 */
int
cmd_block(struct ctl *ctl, const struct args *args)
{
	struct account_block block = { .by = str_from(ctl->by),
		.reason = str_utf8_cut(
		    str_from(args->values[OPTION_REASON]), REASON_MAX) };
	struct person person;
	int64_t span_ms, ended = 0;
	enum result result;
	int status;

	if (!args_span(args, OPTION_FOR, longest_ms, &span_ms))
		return EX_USAGE;
	status = people_find(ctl, args->words[0], PEOPLE_KNOWN, &person);
	if (status >= 0)
		return status;
	result = redis_sessions_block(
	    ctl->sessions, &ctl->call, person.id, span_ms, &block);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	result = sessions_end_listed(
	    &ctl->stores, &ctl->call, person.id, STR_NONE, &ended);
	report_blocked(ctl, &person, &block, ended);
	return result == RESULT_OK ? CTL_DONE : ctl_fail(ctl, result, NULL);
}

int
cmd_unblock(struct ctl *ctl, const struct args *args)
{
	struct person person;
	enum result result;
	int status = people_find(ctl, args->words[0], PEOPLE_ID, &person);

	if (status >= 0)
		return status;
	result = redis_sessions_unblock(ctl->sessions, &ctl->call, person.id);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, "the user is not blocked");
	audit_change(ctl, "user unblocked", log_text("by", ctl->by),
	    log_str("id", person.id), LOG_END);
	if (ctl->is_json) {
		json_line_print_bool(ctl->arena, STR("unblocked"), true);
	} else {
		ctl_print(
		    ctl, "%s may log in again", people_words(ctl, &person));
	}
	return CTL_DONE;
}

enum {
	BLOCKED_ID,
	BLOCKED_LOGIN,
	BLOCKED_SINCE,
	BLOCKED_UNTIL,
	BLOCKED_BY,
	BLOCKED_REASON,
	BLOCKED_COLUMNS
};

static const struct column columns[BLOCKED_COLUMNS] = {
	[BLOCKED_ID] = { "ID", "userId", COLUMN_TEXT },
	[BLOCKED_LOGIN] = { "LOGIN", "login", COLUMN_TEXT },
	[BLOCKED_SINCE] = { "SINCE", "blockedAt", COLUMN_AT },
	[BLOCKED_UNTIL] = { "UNTIL", "blockedUntil", COLUMN_AT },
	[BLOCKED_BY] = { "BY", "by", COLUMN_TEXT },
	[BLOCKED_REASON] = { "REASON", "reason", COLUMN_TEXT },
};

/*
 * The ids of blocked users.  One may stand twice: SCAN may return a key twice.
 */
struct blocked_list {
	char **ids;
	size_t count, capacity;
};

static bool
add_id(struct blocked_list *list, struct str id)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
		char **ids = realloc(list->ids, capacity * sizeof(ids[0]));

		if (ids == NULL)
			return false;
		list->ids = ids;
		list->capacity = capacity;
	}
	list->ids[list->count] = strndup(id.ptr, id.len);
	return list->ids[list->count++] != NULL;
}

static enum result
visit_generations(
    struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct session_facts *facts =
	    arena_alloc(ctl->arena, count * sizeof(facts[0]));
	size_t users = 0;
	enum result result;

	for (size_t i = 0; i < count; i++) {
		struct str id = scan_id(ctl, names[i]);

		if (!str_is_none(id))
			facts[users++].session.user_id = id;
	}
	result = redis_sessions_judge(ctl->sessions, &ctl->call, facts, users);
	for (size_t i = 0; result == RESULT_OK && i < users; i++)
		if (generation_is_blocked(
			&facts[i].generation, facts[i].now_ms) &&
		    !add_id(arg, facts[i].session.user_id))
			return RESULT_FAULT;
	return result;
}

/* Adds a row, if the user is still blocked. */
static enum result
add_blocked(struct ctl *ctl, struct table *table, struct str id, size_t *shown)
{
	struct session_facts standing;
	struct user user = { .login = STR_NONE };
	struct account_block block;
	enum result result =
	    redis_sessions_standing(ctl->sessions, &ctl->call, id, &standing);

	if (result != RESULT_OK ||
	    !generation_is_blocked(&standing.generation, standing.now_ms) ||
	    !rows_block_decode(ctl->arena, standing.generation.text, &block))
		return result;
	if (people_by_id(ctl, id, &user) != RESULT_OK)
		user.login = STR_NONE;
	if (block.until_ms == INT64_MAX) /* an unreadable block has no end */
		block.until_ms = -1;
	table_add(table,
	    (const struct cell[BLOCKED_COLUMNS]){ [BLOCKED_ID] = cell_text(id),
		[BLOCKED_LOGIN] = cell_text(user.login),
		[BLOCKED_SINCE] = cell_time(block.at_ms),
		[BLOCKED_UNTIL] = cell_time(block.until_ms),
		[BLOCKED_BY] = cell_text(block.by),
		[BLOCKED_REASON] = cell_text(block.reason) });
	++*shown;
	return RESULT_OK;
}

static bool
is_listed_before(const struct blocked_list *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(str_from(list->ids[i]), str_from(list->ids[at])))
			return true;
	return false;
}

int
cmd_blocked(struct ctl *ctl, const struct args *args)
{
	struct blocked_list list = { .count = 0 };
	enum result result =
	    scan_keys(ctl, KEY_KIND_GENERATION, visit_generations, &list);
	struct table *table;
	size_t shown = 0;

	(void)args;
	ctl_reset_deadline(ctl);
	table =
	    table_open(ctl->arena, columns, BLOCKED_COLUMNS, ctl->is_json, 0);
	for (size_t i = 0; i < list.count; i++) {
		if (result == RESULT_OK && !is_listed_before(&list, i))
			result = add_blocked(
			    ctl, table, str_from(list.ids[i]), &shown);
		ctl_reset_deadline(ctl);
	}
	if (result == RESULT_OK) {
		table_print(table);
		ctl_print(ctl, "%zu account%s blocked", shown,
		    shown == 1 ? " is" : "s are");
	}
	while (list.count > 0)
		free(list.ids[--list.count]);
	free(list.ids);
	return result == RESULT_OK ? CTL_DONE : ctl_fail(ctl, result, NULL);
}
