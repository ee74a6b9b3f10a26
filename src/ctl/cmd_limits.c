/* limits: the counters of a person or of an address. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/client_ip.h"
#include "app/limit_policy.h"
#include "base/fold.h"
#include "config/key_kind.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/json_line.h"
#include "ctl/limit_counters.h"
#include "ctl/people.h"
#include "ctl/scan.h"
#include "ctl/table.h"
#include "store/keys.h"

enum { SUBJECTS_MAX = 4, MATCHED_MAX = 65536 };

/*
 * The subject whose counters are wanted.  The login that was typed and that of
 * the row may differ: then both may have counters.
 */
struct search {
	struct arena *arena;		 /* not wiped after a step of SCAN */
	struct str shown;		 /* the subject, for the last line */
	struct str logins[SUBJECTS_MAX]; /* their names in counters */
	size_t login_count;
	struct str network; /* its name in counters, or STR_NONE */
	struct limit_counter *found;
	size_t count;
};

static void
add_login(struct search *search, struct str login)
{
	struct str name;

	if (str_is_none(login) || search->login_count == SUBJECTS_MAX)
		return;
	name =
	    limit_policy_name(search->arena, fold_text(search->arena, login));
	for (size_t i = 0; i < search->login_count; i++)
		if (str_eq(search->logins[i], name))
			return;
	search->logins[search->login_count++] = name;
}

static void
add_counter(struct search *search, struct str scope, struct str name)
{
	for (size_t i = 0; i < search->count; i++)
		if (str_eq(search->found[i].scope, scope) &&
		    str_eq(search->found[i].name, name))
			return;
	if (search->count < MATCHED_MAX)
		search->found[search->count++] = (struct limit_counter){
			.scope = arena_dup(search->arena, scope),
			.name = arena_dup(search->arena, name),
		};
}

/* Undoes the escapes of the log, \xNN, \" and \\, for a login from there. */
static struct str
unescape(struct arena *arena, struct str text)
{
	static const char hex[] = "0123456789abcdef";
	char *plain = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *high, *low;

		plain[len++] = text.ptr[i];
		if (text.ptr[i] != '\\' || i + 1 == text.len)
			continue;
		if (text.ptr[i + 1] != 'x') {
			plain[len - 1] = text.ptr[++i];
			continue;
		}
		if (i + 3 >= text.len)
			continue;
		high = strchr(hex, text.ptr[i + 2]);
		low = strchr(hex, text.ptr[i + 3]);
		if (high == NULL || low == NULL)
			continue;
		plain[len - 1] = (char)((high - hex) << 4 | (low - hex));
		i += 3;
	}
	return (struct str){ plain, len };
}

/*
 * Notes the logins of a person.  A login without a row may have counters, too.
 * So if there is no row, or no answer of SQL, the given login is used.  Results
 * as of people_find.
 */
static int
name_person(struct ctl *ctl, const char *given, struct search *search)
{
	struct str typed = str_trim(str_from(given));
	struct person person;
	struct user user;
	int status;

	if (str_starts(typed, STR("id:"))) {
		status = people_find(ctl, given, PEOPLE_ROW, &person);
		if (status >= 0)
			return status;
		typed = person.user.login;
	} else {
		typed = unescape(ctl->arena, typed);
		if (people_by_login(ctl, typed, &user) == RESULT_OK)
			add_login(search, user.login);
	}
	add_login(search, typed);
	search->shown = arena_dup(search->arena, typed);
	return -1;
}

static int
name_subject(struct ctl *ctl, const char *given, struct search *search)
{
	struct str address =
	    limit_counters_address(ctl->arena, str_trim(str_from(given)));
	struct str network;

	if (str_is_none(address))
		return name_person(ctl, given, search);
	network = client_ip_network(search->arena, address);
	search->network = limit_policy_name(search->arena, network);
	search->shown = network;
	add_counter(search, STR("network"), search->network);
	add_counter(search, STR("request"), search->network);
	return -1;
}

static bool
is_login(const struct search *search, struct str name)
{
	for (size_t i = 0; i < search->login_count; i++)
		if (str_eq(search->logins[i], name))
			return true;
	return false;
}

/*
 * Adds the counters of the subject among these names: SCOPE:NAME, or with two
 * names pair:LOGIN:NETWORK and device:LOGIN:BROWSER.
 */
static enum result
visit_counters(
    struct ctl *ctl, void *arg, const struct str *names, size_t count)
{
	struct search *search = arg;

	(void)ctl;
	for (size_t i = 0; i < count; i++) {
		struct str rest = names[i];
		struct str scope = str_cut(&rest, ':');
		struct str name = rest;
		struct str first = str_cut(&rest, ':');

		if (str_is_none(rest)) /* SCOPE:NAME: added by name before */
			continue;
		if (is_login(search, first) ||
		    (!str_is_none(search->network) &&
			str_eq(rest, search->network) &&
			str_eq(scope, STR("pair"))))
			add_counter(search, scope, name);
	}
	return RESULT_OK;
}

/*
 * Finds the counters of the subject.  Without the right to SCAN an address
 * still has its own two.  Results as of people_find.
 */
static int
find_counters(struct ctl *ctl, struct search *search)
{
	enum result result;
	int status;

	for (size_t i = 0; i < search->login_count; i++)
		add_counter(search, STR("account"), search->logins[i]);
	result = scan_keys(ctl, KEY_KIND_RATE, visit_counters, search);
	if (result == RESULT_OK)
		return -1;
	status = ctl_fail(ctl, result, NULL);
	if (status != EX_NOPERM || search->login_count > 0)
		return status;
	ctl_warn("the counters of its logins (pair) are not shown");
	return -1;
}

enum {
	LIMITS_SCOPE,
	LIMITS_COUNT,
	LIMITS_MOST,
	LIMITS_FULL,
	LIMITS_LEFT,
	LIMITS_LEFT_MS,
	LIMITS_NAME,
	LIMITS_COLUMNS
};

static const struct column columns[LIMITS_COLUMNS] = {
	[LIMITS_SCOPE] = { "LIMIT", "limit", COLUMN_TEXT },
	[LIMITS_COUNT] = { "COUNT", "count", COLUMN_NUMBER },
	[LIMITS_MOST] = { "OF", "most", COLUMN_NUMBER },
	[LIMITS_FULL] = { "FULL", "full", COLUMN_BOOL },
	[LIMITS_LEFT] = { "SECONDS LEFT", NULL, COLUMN_NUMBER },
	[LIMITS_LEFT_MS] = { NULL, "leftMs", COLUMN_NUMBER },
	[LIMITS_NAME] = { "COUNTER", "counter", COLUMN_TEXT },
};

static void
print_counters(struct ctl *ctl, const struct search *search)
{
	struct table *table =
	    table_open(ctl->arena, columns, LIMITS_COLUMNS, ctl->is_json, 0);
	size_t shown = 0, full = 0;

	for (size_t i = 0; i < search->count; i++) {
		const struct limit_counter *one = &search->found[i];

		if (one->count == 0)
			continue;
		table_add(table,
		    (const struct cell[LIMITS_COLUMNS]){
			[LIMITS_SCOPE] = cell_text(one->scope),
			[LIMITS_COUNT] = cell_number(one->count),
			[LIMITS_MOST] = cell_number(one->most),
			[LIMITS_FULL] = cell_bool(limit_counter_is_full(one)),
			[LIMITS_LEFT] = cell_number((one->ttl_ms + 999) / 1000),
			[LIMITS_LEFT_MS] = cell_number(one->ttl_ms),
			[LIMITS_NAME] = cell_text(one->name) });
		shown++;
		full += limit_counter_is_full(one);
	}
	table_print(table);
	ctl_print(ctl, "%zu counter%s of %s, %zu full", shown,
	    shown == 1 ? "" : "s", ctl_shown(ctl, search->shown), full);
}

static enum result
delete_counters(struct ctl *ctl, const struct search *search, int64_t *count)
{
	struct str prefix = str_from(ctl->conf->redis_key_prefix);
	enum result result = RESULT_OK;

	*count = 0;
	for (size_t i = 0; result == RESULT_OK && i < search->count; i++) {
		struct resp_value value;

		link_add(ctl->link, STR("DEL"),
		    keys_rate(ctl->arena, prefix, search->found[i].scope,
			search->found[i].name));
		result = link_exchange(ctl->link, &ctl->call, &value);
		if (result == RESULT_OK)
			*count += value.number;
		ctl_reset_deadline(ctl);
	}
	return result;
}

static int
reset(struct ctl *ctl, const struct search *search)
{
	int64_t count;
	enum result result = delete_counters(ctl, search, &count);

	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	audit_change(ctl, "limits reset", log_text("by", ctl->by),
	    log_num("counters", count), log_str("subject", search->shown),
	    LOG_END);
	if (ctl->is_json) {
		json_line_print_int(ctl->arena, STR("reset"), count);
	} else {
		ctl_print(ctl, "%" PRId64 " counter%s of %s reset", count,
		    count == 1 ? "" : "s", ctl_shown(ctl, search->shown));
	}
	return CTL_DONE;
}

int
cmd_limits(struct ctl *ctl, const struct args *args)
{
	struct search search = { .arena = arena_open(),
		.found = calloc(MATCHED_MAX, sizeof(struct limit_counter)) };
	enum result result;
	int status = EX_OSERR;

	if (search.arena == NULL || search.found == NULL)
		goto out;
	status = name_subject(ctl, args->words[0], &search);
	if (status < 0)
		status = find_counters(ctl, &search);
	if (status >= 0)
		goto out;
	ctl_begin_step(ctl);
	if (args_has(args, OPTION_RESET)) {
		status = reset(ctl, &search);
		goto out;
	}
	result = limit_counters_read(ctl, search.found, search.count);
	if (result == RESULT_OK)
		print_counters(ctl, &search);
	status = result == RESULT_OK ? CTL_DONE : ctl_fail(ctl, result, NULL);
out:
	free(search.found);
	arena_close(search.arena);
	return status;
}
