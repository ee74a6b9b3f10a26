#ifndef COUNTER_TEXT_H
#define COUNTER_TEXT_H

#include "base/buf.h"
#include "base/counter_totals.h"

#define COUNTER_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { COUNTER_TEXT_MAX = 48 * 1024 };

/*
 * Returns the counters in the text format of Prometheus, version 0.0.4, of at
 * most COUNTER_TEXT_MAX bytes, in the arena.  If the text would be longer (many
 * sites), details are merged in *totals, until it fits: first the routes of
 * refused requests become `other`, then all routes, then all sites become one.
 */
struct str counter_text(
    struct arena *arena, struct counter_totals *totals, const char *version);

/* One line of the text. */
struct counter_series {
	const struct metric *metric;
	/* with the prefix `sessgate_` and a suffix such as `_bucket` */
	struct str name;
	struct str labels; /* without braces; may be "" */
	struct str value;  /* followed by a NUL */
};
typedef void counter_text_each(void *arg, const struct counter_series *series);

/* Calls `each` for every series, in the order of the text. */
void counter_text_visit(struct arena *arena,
    const struct counter_totals *totals, const char *version,
    counter_text_each *each, void *arg);

#endif
