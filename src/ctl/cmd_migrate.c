/* migrate: moves sessions from keys with the token to keys with its hash. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/guard.h"
#include "base/clock.h"
#include "config/key_kind.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/idset.h"
#include "ctl/json_line.h"
#include "ctl/scan.h"
#include "ctl/table.h"
#include "redis/migration.h"
#include "redis/session_list.h"
#include "redis/session_read.h"
#include "redis/sessions.h"
#include "secret/token.h"

enum { RATE_MAX = 1000000 };

struct migration {
	struct conf conf; /* of the site, but with [session] key = migrate */
	struct session_port *sessions;
	struct idset seen; /* SCAN may return a key twice */
	bool is_dry;
	int64_t rate; /* records a second, 0: no limit */
	int64_t started_ms, done;
	int64_t moved, already, other;
};

/* Waits until the next record may be read. */
static void
keep_rate(struct migration *migration)
{
	int64_t due_ms;

	if (migration->rate == 0)
		return;
	due_ms =
	    migration->started_ms + ++migration->done * 1000 / migration->rate;
	if (due_ms > clock_ms())
		poll(NULL, 0, clock_left_ms(due_ms));
}

/*
 * Finds the generation to write into a session; STR_NONE: it has one.  A user
 * of the Node application alone gets a new one.  MISS: the user is blocked.
 */
static enum result
generation_for(struct ctl *ctl, struct migration *migration,
    const struct session_facts *facts, struct str *gen)
{
	struct generation generation = facts->generation;
	int64_t now_ms;
	enum result result = RESULT_OK;

	*gen = STR_NONE;
	if (!str_is_none(facts->session.gen))
		return RESULT_OK;
	if (str_is_none(generation.gen))
		result = migration->sessions->enter(migration->sessions,
		    &ctl->call, facts->session.user_id, &generation, &now_ms);
	*gen = generation.gen;
	if (result == RESULT_OK && generation_is_blocked(&generation, 0))
		return RESULT_MISS;
	return result;
}

/* An invalid session is not moved: a generation would make it valid again. */
static enum result
move_one(struct ctl *ctl, struct migration *migration,
    const struct session_facts *facts)
{
	struct str gen = STR_NONE;
	enum result result = RESULT_MISS;

	if (facts->is_hashed) {
		migration->already++;
		return RESULT_OK;
	}
	if (guard_listed_is_live(
		&migration->conf, facts->session.user_id, facts))
		result = migration->is_dry
			     ? RESULT_OK
			     : generation_for(ctl, migration, facts, &gen);
	if (result == RESULT_OK && !migration->is_dry)
		result = redis_sessions_move(
		    migration->sessions, &ctl->call, facts, gen);
	if (result == RESULT_OK) {
		/* the scan may come to the new key, too */
		(void)idset_add(
		    &migration->seen, token_hash(ctl->arena, facts->name));
		migration->moved++;
	}
	if (result == RESULT_MISS)
		migration->other++;
	return result == RESULT_MISS ? RESULT_OK : result;
}

/* Reads each session just before it is moved, not all of a batch at once. */
static enum result
visit_sessions(
    struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct migration *migration = arg;
	enum result result = RESULT_OK;

	for (size_t i = 0; result == RESULT_OK && i < count; i++) {
		struct session_facts facts;
		size_t found;

		if (!idset_add(&migration->seen, names[i]))
			continue;
		keep_rate(migration);
		ctl_reset_deadline(ctl);
		result = redis_sessions_read(migration->sessions, &ctl->call,
		    &names[i], 1, &facts, &found);
		if (result == RESULT_OK && found == 0) {
			migration->other++;
			continue;
		}
		if (result == RESULT_OK)
			result = redis_sessions_judge(
			    migration->sessions, &ctl->call, &facts, 1);
		if (result == RESULT_OK)
			result = move_one(ctl, migration, &facts);
	}
	return result;
}

static void
report_migrated(struct ctl *ctl, const struct migration *migration)
{
	if (!migration->is_dry && migration->moved > 0)
		audit_change(ctl, "sessions migrated", log_text("by", ctl->by),
		    log_num("moved", migration->moved),
		    log_num("already", migration->already),
		    log_num("other", migration->other), LOG_END);
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_int(line, STR("moved"), migration->moved);
		json_write_int(line, STR("already"), migration->already);
		json_write_int(line, STR("other"), migration->other);
		json_line_print(line);
	} else {
		ctl_print(ctl, "%s %s, already %s, other %s",
		    migration->is_dry ? "would move" : "moved",
		    table_count(ctl->arena, migration->moved),
		    table_count(ctl->arena, migration->already),
		    table_count(ctl->arena, migration->other));
	}
}

int
cmd_migrate(struct ctl *ctl, const struct args *args)
{
	struct migration migration = { .conf = *ctl->conf,
		.is_dry = args_has(args, OPTION_DRY_RUN),
		.started_ms = clock_ms() };
	enum result result;

	if (!args_number(args, OPTION_RATE, 1, RATE_MAX, 0, &migration.rate))
		return EX_USAGE;
	if (ctl->conf->session_key == CONF_KEY_PLAIN) {
		ctl_warn("[session] key = plain reads no hashed session: set "
			 "key = migrate in every process first");
		return EX_CONFIG;
	}
	migration.conf.session_key = CONF_KEY_MIGRATE;
	migration.sessions = redis_sessions_open(ctl->link, &migration.conf);
	if (migration.sessions == NULL)
		return EX_OSERR;
	result = scan_keys(ctl, KEY_KIND_SESSION, visit_sessions, &migration);
	ctl_reset_deadline(ctl);
	report_migrated(ctl, &migration);
	redis_sessions_close(migration.sessions);
	idset_free(&migration.seen);
	return result == RESULT_OK ? CTL_DONE : ctl_fail(ctl, result, NULL);
}
