/* who, count, end --everybody: commands that walk over all keys. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/guard.h"
#include "config/key_kind.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/idset.h"
#include "ctl/json_line.h"
#include "ctl/people.h"
#include "ctl/scan.h"
#include "ctl/sessions.h"
#include "ctl/table.h"
#include "redis/generations.h"
#include "redis/session_list.h"
#include "redis/session_read.h"
#include "secret/token.h"

/* ---- count ---- */

struct totals {
	struct idset names, users; /* SCAN may return a key twice */
	int64_t sessions;
};

/* Reads sessions by name, with the generation and account of each user. */
static enum result
read_sessions(struct ctl *ctl, const struct str *names, size_t count,
    struct session_facts **facts, size_t *found)
{
	enum result result;

	*facts = arena_alloc(ctl->arena, (count + 1) * sizeof(**facts));
	result = redis_sessions_read(
	    ctl->sessions, &ctl->call, names, count, *facts, found);
	if (result == RESULT_OK)
		result = redis_sessions_judge(
		    ctl->sessions, &ctl->call, *facts, *found);
	return result;
}

static enum result
count_live(struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct totals *totals = arg;
	struct session_facts *facts;
	size_t found;
	enum result result = read_sessions(ctl, names, count, &facts, &found);

	for (size_t i = 0; result == RESULT_OK && i < found; i++) {
		struct str id = facts[i].session.user_id;

		if (!guard_listed_is_live(ctl->conf, id, &facts[i]) ||
		    !idset_add(&totals->names, facts[i].name))
			continue;
		totals->sessions++;
		(void)idset_add(&totals->users, id);
	}
	return result;
}

static void
print_count(struct ctl *ctl, int64_t sessions, int64_t users)
{
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_int(line, STR("sessions"), sessions);
		json_write_int(line, STR("users"), users);
		json_line_print(line);
	} else {
		printf("%" PRId64 " session%s of %" PRId64 " user%s\n",
		    sessions, sessions == 1 ? "" : "s", users,
		    users == 1 ? "" : "s");
	}
}

int
cmd_count(struct ctl *ctl, const struct args *args)
{
	struct totals totals = { .sessions = 0 };
	enum result result =
	    scan_keys(ctl, KEY_KIND_SESSION, count_live, &totals);

	(void)args;
	if (result == RESULT_OK)
		print_count(ctl, totals.sessions, (int64_t)totals.users.count);
	idset_free(&totals.names);
	idset_free(&totals.users);
	return result == RESULT_OK ? CTL_DONE : ctl_fail(ctl, result, NULL);
}

/* ---- who ---- */

enum { ID_SIZE = 65, WHO_MAX = 10000 };

/* A user, and when one of their sessions was last seen. */
struct seen {
	int64_t seen_ms;
	char id[ID_SIZE];
};

/* The users who were seen last.  A full array is sorted and cut to half. */
struct lately {
	struct seen *seen;
	size_t count, capacity;
	int64_t since_ms;
};

static int
later_first(const void *a, const void *b)
{
	const struct seen *one = a, *other = b;

	if (one->seen_ms != other->seen_ms)
		return one->seen_ms < other->seen_ms ? 1 : -1;
	return strcmp(one->id, other->id);
}

/* Sorts, and keeps at most capacity / 2: those seen last. */
static void
settle_lately(struct lately *lately)
{
	qsort(
	    lately->seen, lately->count, sizeof(lately->seen[0]), later_first);
	if (lately->count > lately->capacity / 2)
		lately->count = lately->capacity / 2;
}

static void
add_seen(struct lately *lately, struct str id, int64_t seen_ms)
{
	struct seen *seen;

	if (seen_ms < lately->since_ms || id.len >= ID_SIZE)
		return;
	if (lately->count == lately->capacity)
		settle_lately(lately);
	seen = &lately->seen[lately->count++];
	seen->seen_ms = seen_ms;
	memcpy(seen->id, id.ptr, id.len);
	seen->id[id.len] = '\0';
}

/* Adds each user with the time of the last entry of the user's list. */
static enum result
visit_lists(struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct resp_value *values =
	    arena_alloc(ctl->arena, count * sizeof(values[0]));
	enum result result;

	for (size_t i = 0; i < count; i++)
		link_add(ctl->link, STR("ZRANGE"),
		    scan_key(ctl, KEY_KIND_LIST, names[i]), STR("0"), STR("0"),
		    STR("REV"), STR("WITHSCORES"));
	result = link_exchange(ctl->link, &ctl->call, values);
	for (size_t i = 0; result == RESULT_OK && i < count; i++) {
		struct str id = scan_id(ctl, names[i]);
		int64_t seen_ms;

		if (!str_is_none(id) && values[i].type == RESP_LIST &&
		    values[i].count == 2 &&
		    str_to_int(values[i].items[1].text, 0, INT64_MAX, &seen_ms))
			add_seen(arg, id, seen_ms);
	}
	return result;
}

enum {
	WHO_SEEN,
	WHO_LOGIN,
	WHO_ID,
	WHO_HANDLE,
	WHO_ADDRESS,
	WHO_AGENT,
	WHO_COLUMNS
};

static const struct column who_columns[WHO_COLUMNS] = {
	[WHO_SEEN] = { "LAST SEEN", "lastSeenAt", COLUMN_AGO },
	[WHO_LOGIN] = { "LOGIN", "login", COLUMN_TEXT },
	[WHO_ID] = { "ID", "userId", COLUMN_TEXT },
	[WHO_HANDLE] = { "HANDLE", "handle", COLUMN_TEXT },
	[WHO_ADDRESS] = { "ADDRESS", "address", COLUMN_TEXT },
	[WHO_AGENT] = { "AGENT", "userAgent", COLUMN_AGENT },
};

static int
seen_later_first(const void *a, const void *b)
{
	const struct session_facts *one = a, *other = b;

	return (one->seen_ms < other->seen_ms) -
	       (one->seen_ms > other->seen_ms);
}

static void
add_who(struct ctl *ctl, struct table *table, const struct session_facts *facts)
{
	const struct session *session = &facts->session;
	struct str login = str_is_none(facts->account.login)
			       ? session->login
			       : facts->account.login;

	table_add(table,
	    (const struct cell[WHO_COLUMNS]){
		[WHO_SEEN] = cell_time(facts->seen_ms),
		[WHO_LOGIN] = cell_text(login),
		[WHO_ID] = cell_text(session->user_id),
		[WHO_HANDLE] = cell_text(token_handle(ctl->arena, facts->name)),
		[WHO_ADDRESS] = cell_text(session->addr),
		[WHO_AGENT] = cell_text(session->agent) });
}

/*
 * Gathers the `limit` sessions that were seen last, user by user, last seen
 * first.  Stops when no further user can have one of them.
 */
static enum result
gather_sessions(struct ctl *ctl, const struct lately *lately, size_t limit,
    struct session_facts *found, size_t *count)
{
	enum result result = RESULT_OK;
	struct idset ids = { .count = 0 }; /* SCAN may return a list twice */

	*count = 0;
	for (size_t i = 0; result == RESULT_OK && i < lately->count; i++) {
		struct session_facts standing;
		struct session_list list;

		if (!idset_add(&ids, str_from(lately->seen[i].id)))
			continue;
		if (*count >= limit &&
		    lately->seen[i].seen_ms < found[limit - 1].seen_ms)
			break; /* all users that follow were seen earlier */
		ctl_reset_deadline(ctl);
		result = ctl_sessions_list(
		    ctl, str_from(lately->seen[i].id), &list, &standing);
		for (size_t k = 0; result == RESULT_OK && k < list.count; k++)
			if (list.items[k].seen_ms >= lately->since_ms)
				found[(*count)++] = list.items[k];
		qsort(found, *count, sizeof(found[0]), seen_later_first);
		if (*count > limit)
			*count = limit;
	}
	idset_free(&ids);
	return result;
}

static enum result
print_who(
    struct ctl *ctl, const struct lately *lately, size_t limit, int64_t now_ms)
{
	struct session_facts *found =
	    calloc(limit + SESSIONS_LISTED_MAX, sizeof(struct session_facts));
	struct table *table = table_open(
	    ctl->arena, who_columns, WHO_COLUMNS, ctl->is_json, now_ms);
	size_t count;
	enum result result;

	if (found == NULL)
		arena_exhausted();
	result = gather_sessions(ctl, lately, limit, found, &count);
	for (size_t i = 0; result == RESULT_OK && i < count; i++)
		add_who(ctl, table, &found[i]);
	free(found);
	if (result != RESULT_OK)
		return result;
	table_print(table);
	ctl_print(ctl, "%zu session%s seen in the last %s", count,
	    count == 1 ? "" : "s",
	    ctl_shown(ctl, table_span(ctl->arena, now_ms - lately->since_ms)));
	return RESULT_OK;
}

int
cmd_who(struct ctl *ctl, const struct args *args)
{
	const int64_t usual_ms = 15 * 60 * 1000, usual_limit = 50;
	int64_t since_ms, limit, now_ms;
	struct lately lately = { .count = 0 };
	enum result result;

	if (!args_span(args, OPTION_SINCE, usual_ms, &since_ms) ||
	    !args_number(args, OPTION_LIMIT, 1, WHO_MAX, usual_limit, &limit))
		return EX_USAGE;
	result = redis_sessions_time(ctl->sessions, &ctl->call, &now_ms);
	lately.since_ms = now_ms - since_ms;
	lately.capacity = 4 * ((size_t)limit + SESSIONS_LISTED_MAX);
	lately.seen = calloc(lately.capacity, sizeof(lately.seen[0]));
	if (lately.seen == NULL)
		arena_exhausted();
	if (result == RESULT_OK)
		result = scan_keys(ctl, KEY_KIND_LIST, visit_lists, &lately);
	settle_lately(&lately);
	ctl_begin_step(ctl);
	if (result == RESULT_OK)
		result = print_who(ctl, &lately, (size_t)limit, now_ms);
	free(lately.seen);
	return result == RESULT_OK ? CTL_DONE : ctl_fail(ctl, result, NULL);
}

/* ---- end --everybody ---- */

struct ending {
	int64_t started_ms;
	int64_t users, sessions;
};

static enum result
supersede_batch(
    struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct ending *ending = arg;
	struct str ids[GENERATIONS_MAX];
	size_t id_count = 0;
	enum result result = RESULT_OK;

	for (size_t i = 0; result == RESULT_OK && i < count; i++) {
		struct str id = scan_id(ctl, names[i]);

		if (!str_is_none(id))
			ids[id_count++] = id;
		if (id_count == GENERATIONS_MAX || i + 1 == count) {
			result = redis_sessions_supersede_many(ctl->sessions,
			    &ctl->call, ids, id_count, &ending->users);
			id_count = 0;
		}
	}
	return result;
}

/* True for a session opened since the command began: it is not ended. */
static bool
is_opened_since(const struct ctl *ctl, const struct ending *ending,
    const struct session_facts *facts)
{
	return guard_listed_is_live(ctl->conf, facts->session.user_id, facts) &&
	       (!str_is_none(facts->session.gen) ||
		   facts->session.created_ms > ending->started_ms);
}

static enum result
delete_batch(struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct ending *ending = arg;
	struct session_facts *facts;
	size_t found, doomed = 0;
	enum result result = read_sessions(ctl, names, count, &facts, &found);

	for (size_t i = 0; result == RESULT_OK && i < found; i++)
		if (!is_opened_since(ctl, ending, &facts[i]))
			facts[doomed++] = facts[i];
	if (result == RESULT_OK)
		result = redis_sessions_delete(ctl->sessions, &ctl->call, facts,
		    doomed, &ending->sessions);
	return result;
}

/* Asks for confirmation.  False: refused, or there is no terminal to ask. */
static bool
is_meant(const struct ctl *ctl)
{
	char line[32] = "";

	if (ctl->is_yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		ctl_warn("end --everybody wants --yes where it cannot ask");
		return false;
	}
	fputs("This logs everybody out. Type the word everybody: ", stderr);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, "everybody") == 0)
		return true;
	ctl_warn("nobody was logged out");
	return false;
}

/*
 * The first walk replaces all generations, which ends all sessions but those of
 * a Node application whose users have no generation.  The second walk deletes
 * the records.
 */
int
cmd_end_everybody(struct ctl *ctl)
{
	struct ending ending = { .users = 0 };
	enum result result;

	if (!is_meant(ctl))
		return ctl->is_yes || isatty(STDIN_FILENO) ? CTL_NO : EX_USAGE;
	ctl_reset_deadline(ctl);
	result =
	    redis_sessions_time(ctl->sessions, &ctl->call, &ending.started_ms);
	if (result == RESULT_OK)
		result = scan_keys(
		    ctl, KEY_KIND_GENERATION, supersede_batch, &ending);
	if (result == RESULT_OK)
		result =
		    scan_keys(ctl, KEY_KIND_SESSION, delete_batch, &ending);
	if (ending.users > 0 || ending.sessions > 0 || result == RESULT_OK)
		audit_change(ctl, "logout everybody", log_text("by", ctl->by),
		    log_num("users", ending.users),
		    log_num("revoked", ending.sessions), LOG_END);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	ctl_sessions_print_ended(ctl, ending.sessions);
	return CTL_DONE;
}
