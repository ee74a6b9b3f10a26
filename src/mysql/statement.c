/* The table of statements, and their SQL as sent to the server. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "mysql/statement.h"

#define COLUMN(column) (1u << (column))
#define PROFILE \
	(COLUMN(POOL_ID) | COLUMN(POOL_LOGIN) | COLUMN(POOL_NAME) | \
	    COLUMN(POOL_EMAIL) | COLUMN(POOL_IMAGE))

const char *const statement_columns[POOL_COLUMNS] = {
	[POOL_ID] = "id",
	[POOL_LOGIN] = "login",
	[POOL_NAME] = "name",
	[POOL_EMAIL] = "email",
	[POOL_IMAGE] = "image",
	[POOL_HASH] = "hash",
	[POOL_ACTIVE] = "active",
	[POOL_ROLES] = "roles",
	[POOL_TOTP] = "totp",
	[POOL_CODES] = "totp_codes",
};

const struct statement_row statement_rows[POOL_STATEMENTS] = {
	[POOL_USER_BY_LOGIN] = { .name = "user_by_login",
	    .params = { "login" },
	    .needed = 1,
	    .columns = PROFILE | COLUMN(POOL_HASH),
	    .more_columns = COLUMN(POOL_TOTP) | COLUMN(POOL_CODES) },
	[POOL_USER_BY_ID] = { .name = "user_by_id",
	    .params = { "id" },
	    .needed = 1,
	    .columns = PROFILE },
	[POOL_USER_STATE] = { .name = "user_state",
	    .params = { "id" },
	    .needed = 1,
	    .columns = COLUMN(POOL_LOGIN) | COLUMN(POOL_HASH) |
		       COLUMN(POOL_ACTIVE) | COLUMN(POOL_ROLES),
	    .more_columns = COLUMN(POOL_ID),
	    .is_optional = true },
	[POOL_USER_UPDATE] = { .name = "user_update",
	    .params = { "id", "name", "name_given", "image", "image_given" },
	    .needed = 1,
	    .is_change = true,
	    .is_optional = true,
	    .may_be_barred = true },
	[POOL_PASSWORD_UPDATE] = { .name = "password_update",
	    .params = { "id", "hash", "old" },
	    .needed = 2,
	    .is_change = true,
	    .is_optional = true },
	[POOL_TOTP_UPDATE] = { .name = "totp_update",
	    .params = { "id", "totp", "codes" },
	    .needed = 2,
	    .is_change = true,
	    .is_optional = true },
	[POOL_CODES_UPDATE] = { .name = "totp_codes_update",
	    .params = { "id", "codes", "old" },
	    .needed = 3,
	    .is_change = true,
	    .is_optional = true },
};

#define GIVEN_SUFFIX "_given"

static bool
is_given_param(const char *name)
{
	size_t len = strlen(name), suffix_len = sizeof(GIVEN_SUFFIX) - 1;

	return len > suffix_len &&
	       strcmp(name + len - suffix_len, GIVEN_SUFFIX) == 0;
}

/* A column in the SQL needs its `given` flag, and the flag its column. */
static bool
has_pairs(const struct statement_row *row, const struct sql_params *sql_params,
    char *why, size_t why_size)
{
	for (int i = 1; row->params[i] != NULL; i++) {
		if (!is_given_param(row->params[i]) ||
		    sql_params_uses(sql_params, i) ==
			sql_params_uses(sql_params, i - 1))
			continue;
		snprintf(why, why_size, ":%s and :%s belong together",
		    row->params[i - 1], row->params[i]);
		return false;
	}
	return true;
}

static bool
read_statement(const struct statement_row *row, const char *sql,
    struct sql_params *sql_params, char *why, size_t why_size)
{
	char reason[200];

	if (row->is_optional && (sql == NULL || sql[0] == '\0'))
		return true;
	if (sql_params_find(sql, row->params, row->needed, sql_params, reason,
		sizeof(reason)) &&
	    has_pairs(row, sql_params, reason, sizeof(reason)))
		return true;
	snprintf(why, why_size, "%s: %s", row->name, reason);
	return false;
}

bool
statement_plan_open(struct statement_plan *plan,
    const struct pool_options *options, char *why, size_t why_size)
{
	*plan = (struct statement_plan){ .options = options };
	for (int i = 0; i < POOL_STATEMENTS; i++) {
		if (!read_statement(&statement_rows[i], options->sql[i],
			&plan->statements[i], why, why_size))
			return false;
	}
	return true;
}

bool
statement_plan_has(const struct statement_plan *plan, enum pool_statement which)
{
	return plan->statements[which].sql != NULL;
}

bool
statement_plan_uses(
    const struct statement_plan *plan, enum pool_statement which, int param)
{
	return sql_params_uses(&plan->statements[which], param);
}

bool
statement_is_flag(enum pool_statement which, int param)
{
	return is_given_param(statement_rows[which].params[param]);
}

void
statement_plan_close(struct statement_plan *plan)
{
	for (int i = 0; i < POOL_STATEMENTS; i++)
		sql_params_close(&plan->statements[i]);
}

static bool
is_wide(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return true;
	return false;
}

bool
statement_has_wide_text(enum pool_statement which, const struct str *params)
{
	for (int i = 0; statement_rows[which].params[i] != NULL; i++)
		if (is_wide(params[i]))
			return true;
	return false;
}
