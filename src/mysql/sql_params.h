#ifndef SQL_PARAMS_H
#define SQL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/str.h"

/*
 * Names in configured SQL: parameters (`:login`) and result columns.  Pure;
 * knows no database.
 */

/* The limit of parameters in one statement, repetitions included. */
#define SQL_PARAMS_MAX 16

struct sql_params {
	char *sql;		    /* with a ? for each parameter; owned */
	int count;		    /* number of ? */
	int params[SQL_PARAMS_MAX]; /* their indexes in allowed */
};

/*
 * Translates sql.  The first `needed` names in allowed (ended by NULL) must be
 * used at least once, and no name that is not in it.  Quotes, backticks,
 * comments and `::` are copied unchanged.  False with the reason in why: an
 * unknown or missing parameter, too many, a bare `?`, an open quote or comment.
 * Call sql_params_close in either case.
 */
MUST_CHECK bool sql_params_find(const char *sql, const char *const *allowed,
    int needed, struct sql_params *sql_params, char *why, size_t why_size);

/*
 * The length of the quote or comment at p, or of `::`; 0: code.
 * SQL_PARAMS_OPEN: begun and never ended.
 */
#define SQL_PARAMS_OPEN SIZE_MAX
size_t sql_params_span(const char *p);

/* True if the parameter with this index in allowed is used. */
bool sql_params_uses(const struct sql_params *sql_params, int param);

/* Frees the SQL; accepts what sql_params_find could not fill. */
void sql_params_close(struct sql_params *sql_params);

/*
 * Finds the wanted columns (ended by NULL) among the count names of a result,
 * in any order; ASCII case is ignored, as in SQL.  indexes[i] is set to the
 * index of wanted[i].  False with the reason in why: a column is missing or
 * appears twice.
 */
MUST_CHECK bool sql_columns(const char *const *wanted, const struct str *names,
    size_t count, size_t *indexes, char *why, size_t why_size);

#endif
