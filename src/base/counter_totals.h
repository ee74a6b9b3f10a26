#ifndef COUNTER_TOTALS_H
#define COUNTER_TOTALS_H

#include "base/arena.h"
#include "base/counter_layout.h"
#include "base/str.h"

/* The sums of all processes of the host, and their gauges. */
struct counter_site_totals {
	struct str name; /* "": what belongs to no site, or the only site */
	uint64_t counters[SITE_COUNTERS];
	int64_t gauges[SITE_GAUGES]; /* -1: not known */
};

struct counter_totals {
	int processes;
	int64_t started_s; /* the first of those that run; 0: none runs */
	uint64_t counters[COUNTERS];
	int64_t gauges[GAUGES]; /* -1: not known */
	uint32_t site_count;
	struct counter_site_totals *sites;
};

/*
 * Sums up a map, in the arena.  Never waits: a process that is being folded is
 * counted once, and no counter goes back.
 */
struct counter_totals *counter_totals_read(
    const struct counter_map *map, struct arena *arena);

/* Those that this process counts in.  NULL: it does not count. */
struct counter_totals *counter_totals_own(struct arena *arena);

#endif
