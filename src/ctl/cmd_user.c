/* user: prints the row of a user, and what Redis stores about the user. */
#include "config.h"

#include "app/password_check.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/people.h"
#include "ctl/sessions.h"
#include "ctl/table.h"
#include "store/keys.h"
#include "store/rows.h"

enum {
	USER_SHOWN_ID,
	USER_SHOWN_LOGIN,
	USER_SHOWN_NAME,
	USER_SHOWN_EMAIL,
	USER_SHOWN_IMAGE,
	USER_SHOWN_ACTIVE,
	USER_SHOWN_ROLES,
	USER_SHOWN_FORMAT,
	USER_SHOWN_TOTP,
	USER_SHOWN_CACHED,
	USER_SHOWN_ENDED,
	USER_SHOWN_BLOCKED,
	USER_SHOWN_SESSIONS,
	USER_SHOWN_COLUMNS
};

static const struct column columns[USER_SHOWN_COLUMNS] = {
	[USER_SHOWN_ID] = { "id", "id", COLUMN_TEXT },
	[USER_SHOWN_LOGIN] = { "login", "login", COLUMN_TEXT },
	[USER_SHOWN_NAME] = { "name", "name", COLUMN_TEXT },
	[USER_SHOWN_EMAIL] = { "email", "email", COLUMN_TEXT },
	[USER_SHOWN_IMAGE] = { "image", "image", COLUMN_TEXT },
	[USER_SHOWN_ACTIVE] = { "active", "active", COLUMN_BOOL },
	[USER_SHOWN_ROLES] = { "roles", "roles", COLUMN_TEXT },
	[USER_SHOWN_FORMAT] = { "password", "passwordFormat", COLUMN_TEXT },
	[USER_SHOWN_TOTP] = { "second factor", "totp", COLUMN_BOOL },
	[USER_SHOWN_CACHED] = { "cached row", "cachedRow", COLUMN_TEXT },
	[USER_SHOWN_ENDED] = { "all ended", "allEndedAt", COLUMN_AGO },
	[USER_SHOWN_BLOCKED] = { "blocked", "blockedUntil", COLUMN_LEFT },
	[USER_SHOWN_SESSIONS] = { "sessions", "sessions", COLUMN_NUMBER },
};

/* The name of the stored hash's family; never a part of the hash. */
static struct str
format_of(struct str hash)
{
	if (str_is_none(hash))
		return STR_NONE;
	if (password_family_of(hash) == PASSWORD_FAMILIES)
		return str_from(password_unsupported(hash));
	return str_from(password_check_word(password_family_of(hash)));
}

static bool
is_same(const struct user *a, const struct user *b)
{
	return str_eq(a->name, b->name) && str_eq(a->email, b->email) &&
	       str_eq(a->image, b->image);
}

/* Compares the cached row, user:<id>, with the table.  *words: the outcome. */
static enum result
cached_row(struct ctl *ctl, const struct user *row, struct str *words)
{
	struct resp_value value;
	struct user cached;
	enum result result;

	link_add(ctl->link, STR("GET"),
	    keys_user(
		ctl->arena, str_from(ctl->conf->redis_key_prefix), row->id));
	result = link_exchange(ctl->link, &ctl->call, &value);
	if (result != RESULT_OK)
		return result;
	if (value.type == RESP_NIL)
		*words = STR("none");
	else if (resp_is(&value, STR("null")))
		*words = STR("says that there is no such user");
	else if (value.type != RESP_TEXT ||
		 !rows_user_decode(ctl->arena, value.text, row->id, &cached))
		*words = STR("being filled, or unreadable");
	else
		*words = is_same(&cached, row) ? STR("as the table has it")
					       : STR("differs from the table");
	return RESULT_OK;
}

static void
print_user(struct ctl *ctl, const struct person *person,
    const struct user_state *state, struct str cached,
    const struct session_facts *standing, size_t sessions)
{
	const struct user *user = &person->user;
	const struct generation *generation = &standing->generation;
	bool is_blocked = generation_is_blocked(generation, standing->now_ms);
	struct table *table = table_open(ctl->arena, columns,
	    USER_SHOWN_COLUMNS, ctl->is_json, standing->now_ms);
	const struct cell cells[USER_SHOWN_COLUMNS] = {
		[USER_SHOWN_ID] = cell_text(user->id),
		[USER_SHOWN_LOGIN] = cell_text(user->login),
		[USER_SHOWN_NAME] = cell_text(user->name),
		[USER_SHOWN_EMAIL] = cell_text(user->email),
		[USER_SHOWN_IMAGE] = cell_text(user->image),
		[USER_SHOWN_ACTIVE] = cell_bool(state->is_active),
		[USER_SHOWN_ROLES] = cell_text(state->roles),
		[USER_SHOWN_FORMAT] = cell_text(format_of(user->hash)),
		[USER_SHOWN_TOTP] = cell_bool(user->totp.len > 0),
		[USER_SHOWN_CACHED] = cell_text(cached),
		[USER_SHOWN_ENDED] =
		    cell_time(generation->ended_ms > 0 && !is_blocked
				  ? generation->ended_ms
				  : -1),
		[USER_SHOWN_BLOCKED] =
		    cell_time(is_blocked ? generation->blocked_ms : -1),
		[USER_SHOWN_SESSIONS] = cell_number((int64_t)sessions),
	};

	table_add(table, cells);
	table_print_pairs(table);
}

int
cmd_user(struct ctl *ctl, const struct args *args)
{
	struct session_facts standing;
	struct session_list list;
	struct user_state state;
	struct person person;
	struct str cached;
	enum result result;
	int status = people_find(ctl, args->words[0], PEOPLE_ROW, &person);

	if (status < 0)
		status = people_read_hash(ctl, &person);
	if (status >= 0)
		return status;
	result = people_state(ctl, person.id, &state);
	if (result == RESULT_OK)
		result = cached_row(ctl, &person.user, &cached);
	if (result == RESULT_OK)
		result = ctl_sessions_list(ctl, person.id, &list, &standing);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	print_user(ctl, &person, &state, cached, &standing, list.count);
	return CTL_DONE;
}
