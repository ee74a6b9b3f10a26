#ifndef SQL_PARAMS_H
#define SQL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/str.h"

/*
 * Names in configured SQL: the parameters that go in (`:login`) and the
 * columns that come out.  Pure; knows no database.
 */

/* As often may parameters stand in one statement, all together. */
#define SQL_PARAMS_MAX 16

struct sql_params {
	char *sql;		    /* with a ? for each parameter; owned */
	int count;		    /* of those */
	int params[SQL_PARAMS_MAX]; /* which of the allowed each of them is */
};

/*
 * Reads sql, whose parameters are those of allowed (a NULL ends the list),
 * each at least once.  What stands in quotes, backticks and comments is left
 * alone, and so is `::`.  False with the reason in why: an unknown, missing
 * or supernumerary parameter, a bare `?`, an open quote or comment.  sql_params
 * is to be closed by sql_params_close either way.
 */
MUST_CHECK bool sql_params_find(const char *sql, const char *const *allowed,
    struct sql_params *sql_params, char *why, size_t why_size);

/* The same, but of allowed only the first `needed` must be there. */
MUST_CHECK bool sql_params_find_some(const char *sql,
    const char *const *allowed, int needed, struct sql_params *sql_params,
    char *why, size_t why_size);

/* Does it have that parameter, an index of allowed? */
bool sql_params_uses(const struct sql_params *sql_params, int param);

void sql_params_close(struct sql_params *sql_params);

/*
 * Finds the columns wanted (a NULL ends the list) among the count names that
 * a statement returns, in any order, A-Z as a-z, as SQL has it.  places[i]
 * becomes the index of wanted[i].  False with the reason in why: one is
 * missing, or stands there twice.
 */
MUST_CHECK bool sql_columns(const char *const *wanted, const struct str *names,
    size_t count, size_t *places, char *why, size_t why_size);

#endif
