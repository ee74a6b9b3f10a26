#ifndef STATEMENT_H
#define STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "mysql/sql_params.h"
#include "mysql/pool_options.h"

/*
 * The statements that the configuration may define, one row each.  name: the
 * option.  params: the parameters, in the order of params of pool_select and
 * pool_change, ended by NULL; the SQL must use the first `needed`.
 */
struct statement_row {
	const char *name;
	const char *params[POOL_UPDATE_PARAMS + 1];
	int needed;
	unsigned columns;      /* result columns: 1u << enum pool_column */
	unsigned more_columns; /* optional result columns */
	bool is_change;	       /* changes rows, returns none */
	bool is_optional;      /* may be empty: not configured */
	bool may_be_barred;    /* its default needs a privilege that not every
				  database user has */
};

/* The names of the result columns in configured SQL. */
extern const char *const statement_columns[POOL_COLUMNS];

extern const struct statement_row statement_rows[POOL_STATEMENTS];

/* The data from which every link of a pool is made; immutable once opened. */
struct statement_plan {
	const struct pool_options *options; /* owned by the caller */
	struct sql_params statements[POOL_STATEMENTS];
};

/*
 * False with the reason in why, beginning with the statement's name: its
 * parameters are wrong.  Call statement_plan_close in either case.
 */
MUST_CHECK bool statement_plan_open(struct statement_plan *plan,
    const struct pool_options *options, char *why, size_t why_size);

/* Frees the statements; accepts a plan that could not be opened. */
void statement_plan_close(struct statement_plan *plan);

/* True if the statement is configured. */
bool statement_plan_has(
    const struct statement_plan *plan, enum pool_statement which);

/* True if the statement is configured and uses this parameter. */
bool statement_plan_uses(
    const struct statement_plan *plan, enum pool_statement which, int param);

/* True if the parameter is a `given` flag of another one. */
bool statement_is_flag(enum pool_statement which, int param);

/* True if one of params has a character outside ASCII. */
bool statement_has_wide_text(
    enum pool_statement which, const struct str *params);

#endif
