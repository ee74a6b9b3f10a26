#ifndef COUNTER_TEXT_H
#define COUNTER_TEXT_H

#include "base/buf.h"
#include "base/counter_totals.h"

#define COUNTER_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { COUNTER_TEXT_MAX = 48 * 1024 };

/*
 * The text format of Prometheus, version 0.0.4, of at most COUNTER_TEXT_MAX
 * bytes, in the arena.  Where all of it would be longer (many sites, each asked
 * for everything in every way) it says less: first the routes of refused
 * requests are `other`, then all routes, then all sites are one.
 */
struct str counter_text(
    struct arena *arena, struct counter_totals *totals, const char *version);

/* One line of the text. */
struct counter_series {
	const struct metric *metric;
	struct str name;   /* with `sessgate_`, and `_bucket` and its like */
	struct str labels; /* without braces; may be "" */
	struct str value;  /* a NUL follows */
};
typedef void counter_text_each(void *arg, const struct counter_series *series);

/* Calls each for every series, in the order of the text. */
void counter_text_visit(struct arena *arena,
    const struct counter_totals *totals, const char *version,
    counter_text_each *each, void *arg);

#endif
