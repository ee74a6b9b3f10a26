/* sessions, end USER. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/guard.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/counts.h"
#include "ctl/json_line.h"
#include "ctl/people.h"
#include "ctl/sessions.h"
#include "ctl/table.h"
#include "redis/session_read.h"
#include "secret/token.h"
#include "store/keys.h"

enum {
	SHOWN_HANDLE,
	SHOWN_CREATED,
	SHOWN_SEEN,
	SHOWN_ENDS,
	SHOWN_ADDRESS,
	SHOWN_AGENT,
	SHOWN_ID,
	SHOWN_LOGIN,
	SHOWN_COLUMNS
};

static const struct column columns[SHOWN_COLUMNS] = {
	[SHOWN_HANDLE] = { "HANDLE", "handle", COLUMN_TEXT },
	[SHOWN_CREATED] = { "SINCE", "createdAt", COLUMN_AT },
	[SHOWN_SEEN] = { "LAST SEEN", "lastSeenAt", COLUMN_AGO },
	[SHOWN_ENDS] = { "ENDS", "expiresAt", COLUMN_LEFT },
	[SHOWN_ADDRESS] = { "ADDRESS", "address", COLUMN_TEXT },
	[SHOWN_AGENT] = { "AGENT", "userAgent", COLUMN_AGENT },
	[SHOWN_ID] = { NULL, "userId", COLUMN_TEXT },
	[SHOWN_LOGIN] = { NULL, "login", COLUMN_TEXT },
};

enum result
ctl_sessions_list(struct ctl *ctl, struct str id, struct session_list *list,
    struct session_facts *standing)
{
	size_t live = 0;
	enum result result =
	    redis_sessions_standing(ctl->sessions, &ctl->call, id, standing);

	if (result == RESULT_OK)
		result = sessions_list(&ctl->stores, &ctl->call, id, list);
	for (size_t i = 0; result == RESULT_OK && i < list->count; i++) {
		struct session_facts *facts = &list->items[i];

		facts->generation = standing->generation;
		facts->account = standing->account;
		facts->now_ms = standing->now_ms;
		if (guard_listed_is_live(ctl->conf, id, facts))
			list->items[live++] = *facts;
	}
	if (result == RESULT_OK)
		list->count = live;
	return result;
}

static void
add_session_row(
    struct ctl *ctl, struct table *table, const struct session_facts *facts)
{
	const struct session *session = &facts->session;
	const struct cell cells[SHOWN_COLUMNS] = {
		[SHOWN_HANDLE] =
		    cell_text(token_handle(ctl->arena, facts->name)),
		[SHOWN_CREATED] = cell_time(session->created_ms),
		[SHOWN_SEEN] = cell_time(facts->seen_ms),
		[SHOWN_ENDS] = cell_time(guard_expires_ms(ctl->conf, facts)),
		[SHOWN_ADDRESS] = cell_text(session->addr),
		[SHOWN_AGENT] = cell_text(session->agent),
		[SHOWN_ID] = cell_text(session->user_id),
		[SHOWN_LOGIN] = cell_text(session->login),
	};

	table_add(table, cells);
}

static void
print_standing(struct ctl *ctl, const struct session_facts *standing)
{
	if (generation_is_blocked(&standing->generation, standing->now_ms))
		ctl_print(ctl, "the account is blocked until %s",
		    ctl_shown(ctl,
			table_at(ctl->arena, standing->generation.blocked_ms)));
	else if (standing->account.is_known && !standing->account.is_active)
		ctl_print(ctl,
		    "SQL says that the account is not active: none is let in");
}

int
cmd_sessions(struct ctl *ctl, const struct args *args)
{
	struct session_facts standing;
	struct session_list list;
	struct person person;
	struct table *table;
	enum result result;
	int status = people_find(ctl, args->words[0], PEOPLE_ID, &person);

	if (status >= 0)
		return status;
	result = ctl_sessions_list(ctl, person.id, &list, &standing);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	table = table_open(
	    ctl->arena, columns, SHOWN_COLUMNS, ctl->is_json, standing.now_ms);
	for (size_t i = 0; i < list.count; i++)
		add_session_row(ctl, table, &list.items[i]);
	table_print(table);
	ctl_print(ctl, "%zu session%s of %s", list.count,
	    list.count == 1 ? "" : "s", people_words(ctl, &person));
	print_standing(ctl, &standing);
	return CTL_DONE;
}

void
ctl_sessions_print_ended(struct ctl *ctl, int64_t count)
{
	counts_add_ended(ctl, count);
	if (ctl->is_json) {
		json_line_print_int(ctl->arena, STR("ended"), count);
	} else {
		ctl_print(ctl, "%" PRId64 " session%s ended", count,
		    count == 1 ? "" : "s");
	}
}

static enum result
supersede_all(struct ctl *ctl, struct str id)
{
	struct session_facts standing;
	struct generation generation;
	enum result result =
	    redis_sessions_standing(ctl->sessions, &ctl->call, id, &standing);

	if (result != RESULT_OK)
		return result;
	return sessions_supersede(&ctl->stores, &ctl->call,
	    &(struct supersession){
		.user_id = id, .known = &standing.generation },
	    &generation, &standing.now_ms);
}

enum result
ctl_sessions_end_all(struct ctl *ctl, struct str id, int64_t *count)
{
	enum result result = supersede_all(ctl, id);

	*count = 0;
	if (result == RESULT_OK)
		result = sessions_end_listed(
		    &ctl->stores, &ctl->call, id, STR_NONE, count);
	return result;
}

/* The number of sessions in the list of the user. */
static enum result
count_listed(struct ctl *ctl, struct str id, int64_t *count)
{
	struct resp_value value;
	enum result result;

	link_add(ctl->link, STR("ZCARD"),
	    keys_list(ctl->arena, str_from(ctl->conf->redis_key_prefix), id));
	result = link_exchange(ctl->link, &ctl->call, &value);
	*count =
	    result == RESULT_OK && value.type == RESP_INT ? value.number : 0;
	return result;
}

static void
report_all_ended(struct ctl *ctl, const struct person *person, int64_t count)
{
	audit_change(ctl, "logout all", log_text("by", ctl->by),
	    log_str("id", person->id), log_num("revoked", count), LOG_END);
	ctl_sessions_print_ended(ctl, count);
	fflush(stdout);
}

/*
 * Replacing the generation ends the sessions.  Deleting many records takes
 * time, so the end is reported before it, with the length of the list, which
 * may count expired sessions, too.
 */
static int
end_all_of(struct ctl *ctl, const struct person *person)
{
	const int64_t many = 500;
	int64_t listed = 0, count = 0;
	enum result result = supersede_all(ctl, person->id);

	if (result == RESULT_OK)
		result = count_listed(ctl, person->id, &listed);
	if (result == RESULT_OK && listed > many)
		report_all_ended(ctl, person, listed);
	if (result == RESULT_OK)
		result = sessions_end_listed(
		    &ctl->stores, &ctl->call, person->id, STR_NONE, &count);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	if (listed <= many)
		report_all_ended(ctl, person, count);
	return CTL_DONE;
}

static int
end_one_of(struct ctl *ctl, const struct person *person, struct str handle)
{
	enum result result =
	    sessions_end_named(&ctl->stores, &ctl->call, person->id, handle);

	if (result != RESULT_OK)
		return ctl_fail(
		    ctl, result, "the user has no session of this handle");
	audit_change(ctl, "session ended", log_text("by", ctl->by),
	    log_str("id", person->id), log_str("session", handle), LOG_END);
	ctl_sessions_print_ended(ctl, 1);
	return CTL_DONE;
}

int
cmd_end(struct ctl *ctl, const struct args *args)
{
	bool is_all = args_has(args, OPTION_ALL);
	bool is_everybody = args_has(args, OPTION_EVERYBODY);
	size_t words = is_everybody ? 0 : is_all ? 1 : 2;
	struct person person;
	int status;

	if (args->count != words || (is_all && is_everybody)) {
		ctl_warn("end USER HANDLE (sessions USER lists them), "
			 "end USER --all, or end --everybody");
		return EX_USAGE;
	}
	if (is_everybody)
		return cmd_end_everybody(ctl);
	status = people_find(ctl, args->words[0], PEOPLE_ID, &person);
	if (status >= 0)
		return status;
	return is_all ? end_all_of(ctl, &person)
		      : end_one_of(ctl, &person, str_from(args->words[1]));
}
