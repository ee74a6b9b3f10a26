/* The table of statements, and their texts as the server will get them. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "mysql/statement.h"

const struct statement_row statement_rows[POOL_STATEMENTS] = {
	[POOL_USER_BY_LOGIN] = { "user_by_login", { "login" },
	    { "id", "login", "name", "email", "image", "hash" } },
	[POOL_USER_BY_ID] = { "user_by_id", { "id" },
	    { "id", "login", "name", "email", "image" } },
};

static void
write_limits(struct statement_plan *plan, int64_t timeout_ms)
{
	snprintf(plan->limits[0], sizeof(plan->limits[0]),
	    "SET SESSION max_statement_time=%" PRId64 ".%03d",
	    timeout_ms / 1000, (int)(timeout_ms % 1000));
	snprintf(plan->limits[1], sizeof(plan->limits[1]),
	    "SET SESSION max_execution_time=%" PRId64, timeout_ms);
}

bool
statement_plan_open(struct statement_plan *plan,
    const struct pool_options *options, char *why, size_t why_size)
{
	*plan = (struct statement_plan){ .options = options };
	write_limits(plan, options->timeout_ms);
	for (int i = 0; i < POOL_STATEMENTS; i++) {
		const struct statement_row *row = &statement_rows[i];
		char reason[200];

		if (!named_params(options->sql[i], row->params,
			&plan->statements[i], reason, sizeof(reason))) {
			snprintf(why, why_size, "%s: %s", row->name, reason);
			return false;
		}
	}
	return true;
}

void
statement_plan_close(struct statement_plan *plan)
{
	for (int i = 0; i < POOL_STATEMENTS; i++)
		named_close(&plan->statements[i]);
}

bool
statement_read_id(struct str s, unsigned long long *out)
{
	unsigned long long value = 0;

	if (s.len == 0 || !str_only(s, "0123456789"))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.ptr[i] - '0');

		if (__builtin_mul_overflow(value, 10ULL, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
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
