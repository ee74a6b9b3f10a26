#ifndef STATEMENT_H
#define STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "mysql/sql_params.h"
#include "mysql/pool.h"

/*
 * The statements that the configuration may set, a row each: its name there,
 * its parameters in the order of pool_select's and pool_change's params (NULL
 * ends the list), the first `needed` of which it must have, and its columns.
 */
struct statement_row {
	const char *name;
	const char *params[POOL_UPDATE_PARAMS + 1];
	int needed;
	unsigned columns;      /* 1u << enum pool_column */
	unsigned more_columns; /* those that it may have */
	bool is_change;	       /* has no columns */
	bool is_optional;      /* may be empty: there is none */
	bool may_be_barred; /* the default asks for more than everybody has */
};

/* The names of columns in configured SQL. */
extern const char *const statement_columns[POOL_COLUMNS];

extern const struct statement_row statement_rows[POOL_STATEMENTS];

/* What every link of a pool is made from; never changes once it is open. */
struct statement_plan {
	const struct pool_options *options; /* the caller's */
	struct sql_params statements[POOL_STATEMENTS];
};

/*
 * False with the reason in why, the statement by its name: its parameters
 * are wrong.  To be closed either way.
 */
MUST_CHECK bool statement_plan_open(struct statement_plan *plan,
    const struct pool_options *options, char *why, size_t why_size);

void statement_plan_close(struct statement_plan *plan);

/* It is configured. */
bool statement_plan_has(
    const struct statement_plan *plan, enum pool_statement which);

/* It is configured and has that parameter. */
bool statement_plan_uses(
    const struct statement_plan *plan, enum pool_statement which, int param);

/* The parameter is one of those that say whether another counts. */
bool statement_is_flag(enum pool_statement which, int param);

/* One of the statement's params has a character that is not ASCII. */
bool statement_has_wide_text(
    enum pool_statement which, const struct str *params);

#endif
