#ifndef INSPECT_H
#define INSPECT_H

#include "base/arena.h"
#include "mysql/pool.h"
#include "mysql/sql.h"

/*
 * A link of its own for an operator's questions about the server: any text, all
 * rows as texts.  Not for requests.
 */
struct inspect;

/*
 * Connects to the first server that works and is not read-only, else to the
 * first that works.  NULL with the reason in why; options outlive it.
 */
struct inspect *inspect_open(
    const struct pool_options *options, char *why, size_t why_size);
/* The number of the server that it asks. */
int inspect_server(const struct inspect *inspect);

void inspect_close(struct inspect *inspect); /* accepts NULL */

/* False with the reason in why.  Answers live in the arena. */
bool inspect_ask(struct inspect *inspect, struct arena *arena, const char *sql,
    struct sql_answer *answer, char *why, size_t why_size);

/*
 * The plan (EXPLAIN) of a SELECT of the configuration, with `value` in the
 * place of each parameter.
 */
bool inspect_explain(struct inspect *inspect, struct arena *arena,
    enum pool_statement which, const char *value, struct sql_answer *answer,
    char *why, size_t why_size);

/*
 * The width in characters of a column that a SELECT of the configuration
 * returns; -1: not known.
 */
int64_t inspect_width(struct inspect *inspect, struct arena *arena,
    enum pool_statement which, const char *name);

/*
 * A cell by the name of its column, in any case of letters; STR_NONE: NULL, or
 * there is no such column.
 */
struct str inspect_cell(
    const struct sql_answer *answer, size_t row, const char *name);

#endif
