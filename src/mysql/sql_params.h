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
#define NAMED_MAX 16

struct named {
	char *sql;	       /* with a ? for each parameter; owned */
	int count;	       /* of those */
	int params[NAMED_MAX]; /* which of the allowed each of them is */
};

/*
 * Reads sql, whose parameters are those of allowed (a NULL ends the list),
 * each at least once.  What stands in quotes, backticks and comments is left
 * alone, and so is `::`.  False with the reason in why: an unknown, missing
 * or supernumerary parameter, a bare `?`, an open quote or comment.  named
 * is to be closed by named_close either way.
 */
MUST_CHECK bool named_params(const char *sql, const char *const *allowed,
    struct named *named, char *why, size_t why_size);

/* The same, but of allowed only the first `needed` must be there. */
MUST_CHECK bool named_some_params(const char *sql, const char *const *allowed,
    int needed, struct named *named, char *why, size_t why_size);

/* Does it have that parameter, an index of allowed? */
bool named_uses(const struct named *named, int param);

void named_close(struct named *named);

/*
 * Finds the columns wanted (a NULL ends the list) among the count names that
 * a statement returns, in any order, A-Z as a-z, as SQL has it.  places[i]
 * becomes the index of wanted[i].  False with the reason in why: one is
 * missing, or stands there twice.
 */
MUST_CHECK bool named_columns(const char *const *wanted,
    const struct str *names, size_t count, size_t *places, char *why,
    size_t why_size);

#endif
