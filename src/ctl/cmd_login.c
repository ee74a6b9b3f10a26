/*
 * login: takes the steps of POST /login (app/handle/login.c) one by one,
 * without changing anything.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/client_ip.h"
#include "app/gate_rules.h"
#include "app/limit_policy.h"
#include "app/password_check.h"
#include "app/second_factor.h"
#include "base/buf.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/limit_counters.h"
#include "ctl/people.h"
#include "ctl/secret_in.h"
#include "ctl/table.h"
#include "redis/session_read.h"
#include "store/rows.h"

enum { STEP_NAME, STEP_OK, STEP_VERDICT, STEP_COLUMNS, DETAIL_SIZE = 512 };

static const struct column columns[STEP_COLUMNS] = {
	[STEP_NAME] = { "STEP", "step", COLUMN_TEXT },
	[STEP_OK] = { "OK", "ok", COLUMN_BOOL },
	[STEP_VERDICT] = { "VERDICT", "verdict", COLUMN_TEXT },
};

/* The walk through one login. */
struct walk {
	struct ctl *ctl;
	const struct args *args;
	struct table *table;
	struct str typed, password;
	struct user user;
	bool has_row;
	struct user_state state;
	struct session_facts standing;
	bool is_refused; /* a step has refused the login */
};

__attribute__((format(printf, 4, 5))) static void
add_step(
    struct walk *walk, const char *name, bool is_ok, const char *format, ...)
{
	char *detail = arena_alloc(walk->ctl->arena, DETAIL_SIZE);
	va_list list;

	va_start(list, format);
	vsnprintf(detail, DETAIL_SIZE, format, list);
	va_end(list);
	table_add(
	    walk->table, (const struct cell[STEP_COLUMNS]){
			     [STEP_NAME] = cell_text(str_from(name)),
			     [STEP_OK] = cell_bool(is_ok),
			     [STEP_VERDICT] = cell_text(str_from(detail)) });
	walk->is_refused = walk->is_refused || !is_ok;
}

static enum result
step_row(struct walk *walk)
{
	struct ctl *ctl = walk->ctl;
	enum result result = people_by_login(ctl, walk->typed, &walk->user);

	walk->has_row = result == RESULT_OK;
	if (result == RESULT_MISS) {
		walk->user = (struct user){ .id = STR_NONE };
		add_step(walk, "row", false, "no user logs in as %s",
		    ctl_shown(ctl, walk->typed));
		return RESULT_OK;
	}
	if (result == RESULT_OK)
		add_step(walk, "row", true, "id %s, login %s",
		    ctl_shown(ctl, walk->user.id),
		    ctl_shown(ctl, walk->user.login));
	return result;
}

static void
step_counter(struct walk *walk, const struct limit_counter *counter)
{
	char name[32];

	if (counter->most == 0)
		return;
	snprintf(name, sizeof(name), "limit %.*s", STR_ARG(counter->scope));
	if (limit_counter_is_full(counter))
		add_step(walk, name, false,
		    "full: %" PRId64 " of %" PRId64 ", for %" PRId64 " s more",
		    counter->count, counter->most,
		    (counter->ttl_ms + 999) / 1000);
	else
		add_step(walk, name, true, "%" PRId64 " of %" PRId64,
		    counter->count, counter->most);
}

static struct str
pair_name(struct arena *arena, struct str login, struct str network)
{
	enum { SIZE = 128 };
	struct buf pair = buf_open(arena, SIZE);

	buf_add(&pair, limit_policy_name(arena, login));
	buf_add_char(&pair, ':');
	buf_add(&pair, limit_policy_name(arena, network));
	return buf_str(&pair);
}

/*
 * Shows the counters that limit_policy_take would count in.  Without --from
 * there is no network; the account's counter exists with [session] secret_file
 * only.
 */
static enum result
step_limits(struct walk *walk)
{
	struct ctl *ctl = walk->ctl;
	struct limit_who who = limit_who(ctl->arena, walk->typed, &walk->user);
	struct str address = limit_counters_address(
	    ctl->arena, str_from(walk->args->values[OPTION_FROM]));
	struct limit_counter counters[3];
	size_t count = 0;
	enum result result;

	if (!str_is_none(address)) {
		struct str network = client_ip_network(ctl->arena, address);

		counters[count++] =
		    (struct limit_counter){ .scope = STR("network"),
			    .name = limit_policy_name(ctl->arena, network) };
		counters[count++] =
		    (struct limit_counter){ .scope = STR("pair"),
			    .name = pair_name(ctl->arena, who.typed, network) };
	}
	if (ctl->conf->secrets.count > 0)
		counters[count++] = (struct limit_counter){ .scope =
								STR("account"),
			.name = limit_policy_name(ctl->arena, who.account) };
	result = limit_counters_read(ctl, counters, count);
	for (size_t i = 0; result == RESULT_OK && i < count; i++)
		step_counter(walk, &counters[i]);
	return result;
}

static void
step_password(struct walk *walk)
{
	struct str hash = walk->user.hash;
	enum password_family family = password_family_of(hash);
	const char *word = password_check_word(family);
	enum password_verdict verdict;

	if (!walk->has_row)
		return;
	if (word == NULL)
		add_step(walk, "format", false, "%s: not supported",
		    str_is_none(hash) ? "no stored password"
				      : password_unsupported(hash));
	else if (!password_check_accepts(walk->ctl->conf, family))
		add_step(
		    walk, "format", false, "%s: not in [login] formats", word);
	else
		add_step(walk, "format", true, "%s", word);
	verdict = word != NULL ? password_verify(walk->password, hash)
			       : PASSWORD_REFUSED;
	if (verdict == PASSWORD_FAILED)
		add_step(walk, "password", false, "could not be computed");
	else if (verdict != PASSWORD_REFUSED)
		add_step(walk, "password", verdict == PASSWORD_RIGHT, "%s",
		    verdict == PASSWORD_RIGHT ? "right" : "wrong");
}

/* A code is read only for a user who needs one; it is not used up. */
static enum result
step_code(struct walk *walk)
{
	struct ctl *ctl = walk->ctl;
	struct session_facts standing;
	struct second_factor factor;
	struct str code;
	enum result result;

	if (walk->user.totp.len == 0)
		return RESULT_OK;
	if (secret_in_read_code(ctl, "Code: ", &code) >= 0)
		code = STR_NONE;
	ctl_reset_deadline(ctl);
	result = redis_sessions_standing(
	    ctl->sessions, &ctl->call, walk->user.id, &standing);
	if (result != RESULT_OK)
		return result;
	factor =
	    second_factor_check(ctl->arena, &walk->user, code, standing.now_ms);
	add_step(walk, "code", factor.is_right, "%s",
	    factor.is_unreadable ? "the stored secret cannot be read"
	    : factor.is_right	 ? "right"
	    : code.len == 0	 ? "needed, and none was given"
				 : "wrong");
	return RESULT_OK;
}

static enum result
step_account(struct walk *walk)
{
	struct ctl *ctl = walk->ctl;
	struct str id = walk->user.id;
	struct generation *generation = &walk->standing.generation;
	enum result result;

	if (!walk->has_row)
		return RESULT_OK;
	result = people_state(ctl, id, &walk->state);
	if (result == RESULT_OK)
		result = redis_sessions_standing(
		    ctl->sessions, &ctl->call, id, &walk->standing);
	if (result != RESULT_OK)
		return result;
	add_step(walk, "account", walk->state.is_active, "%s",
	    walk->state.is_active ? "active"
				  : "not active, by [mysql] user_state");
	if (generation_is_blocked(generation, walk->standing.now_ms))
		add_step(walk, "block", false, "blocked until %s",
		    ctl_shown(
			ctl, table_at(ctl->arena, generation->blocked_ms)));
	else
		add_step(walk, "block", true, "not blocked");
	return RESULT_OK;
}

static void
step_path(struct walk *walk)
{
	struct ctl *ctl = walk->ctl;
	const char *path = walk->args->values[OPTION_PATH];
	struct gate_rules_demand demand;
	const struct str *roles;
	size_t count;
	bool is_let_in, is_without_code;

	if (path == NULL || !walk->has_row)
		return;
	demand =
	    gate_rules_find(&ctl->conf->gate_rule, ctl->arena, str_from(path));
	count = rows_roles_split(ctl->arena, walk->state.roles, &roles);
	is_let_in = demand.is_public ||
		    gate_rules_admit(&demand,
			str_is_none(walk->state.login) ? walk->user.login
						       : walk->state.login,
			roles, count);
	is_without_code = is_let_in && gate_rules_need_otp(&demand) &&
			  walk->user.totp.len == 0;
	add_step(walk, "path", is_let_in && !is_without_code, "%s: %s",
	    ctl_shown(ctl, str_from(path)),
	    demand.is_public	? "public"
	    : demand.count == 0 ? "needs a login and nothing else"
	    : is_without_code	? "its rule wants a login with a code"
	    : is_let_in		? "its rule lets them in"
				: "its rule lets others in");
}

static enum result
walk_through(struct walk *walk)
{
	enum result result = step_row(walk);

	if (result == RESULT_OK)
		result = step_limits(walk);
	if (result == RESULT_OK) {
		step_password(walk);
		result = step_code(walk);
	}
	if (result == RESULT_OK)
		result = step_account(walk);
	if (result == RESULT_OK)
		step_path(walk);
	return result;
}

int
cmd_login(struct ctl *ctl, const struct args *args)
{
	struct walk walk = { .ctl = ctl,
		.args = args,
		.typed = str_trim(str_from(args->words[0])) };
	enum result result;
	struct person person;
	int status = -1;

	if (str_starts(walk.typed, STR("id:")))
		status = people_find(ctl, args->words[0], PEOPLE_ROW, &person);
	if (status < 0 && str_starts(walk.typed, STR("id:")))
		walk.typed = person.user.login;
	if (status < 0)
		status =
		    secret_in_read(ctl, args, "Password: ", &walk.password);
	if (status >= 0)
		return status;
	if (args_has(args, OPTION_FROM) &&
	    str_is_none(limit_counters_address(
		ctl->arena, str_from(args->values[OPTION_FROM])))) {
		ctl_warn("--from: an address, as 192.0.2.7");
		return EX_USAGE;
	}
	ctl_reset_deadline(ctl);
	walk.table =
	    table_open(ctl->arena, columns, STEP_COLUMNS, ctl->is_json, 0);
	result = walk_through(&walk);
	table_print(walk.table);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	ctl_print(ctl, "%s",
	    walk.is_refused ? "this login is refused" : "this login works");
	return walk.is_refused ? CTL_NO : CTL_DONE;
}
