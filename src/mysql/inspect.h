#ifndef INSPECT_H
#define INSPECT_H

#include "base/arena.h"
#include "mysql/pool_options.h"
#include "mysql/sql.h"

/*
 * A link to MySQL for sessgatectl: runs any SQL and returns all rows as texts.
 * It is not of a pool, and not for requests.
 */
struct inspect;

/*
 * Connects to the first server that works and is not read-only, else to the
 * first that works.  The texts that options point to must outlive the result.
 * NULL with the reason in why.
 */
struct inspect *inspect_open(
    const struct pool_options *options, char *why, size_t why_size);
/* The number in the options of the server that was connected. */
int inspect_server(const struct inspect *inspect);

void inspect_close(struct inspect *inspect); /* inspect may be NULL */

/* Runs sql; the answer is in the arena.  False with the reason in why. */
bool inspect_ask(struct inspect *inspect, struct arena *arena, const char *sql,
    struct sql_answer *answer, char *why, size_t why_size);

/*
 * Asks for the plan (EXPLAIN) of a configured SELECT, with `value` in the place
 * of each parameter.  Results as of inspect_ask.
 */
bool inspect_explain(struct inspect *inspect, struct arena *arena,
    enum pool_statement which, const char *value, struct sql_answer *answer,
    char *why, size_t why_size);

/*
 * The width in characters of a column that a configured SELECT returns; -1: it
 * has no such column, or failed.
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
