#ifndef COUNTER_TOTALS_H
#define COUNTER_TOTALS_H

#include "base/arena.h"
#include "base/counter_layout.h"
#include "base/str.h"

/* The sums of one site over all processes of the host. */
struct counter_site_totals {
	/* empty for site 0: the counts of no site, or of one without a name */
	struct str name;
	uint64_t counters[SITE_COUNTERS];
	int64_t gauges[SITE_GAUGES]; /* -1: not known */
};

struct counter_totals {
	int processes;
	/* start of the oldest running process, Unix time; 0: no process runs */
	int64_t started_s;
	uint64_t counters[COUNTERS];
	int64_t gauges[GAUGES]; /* -1: not known */
	uint32_t site_count;
	struct counter_site_totals *sites;
};

/*
 * Sums up a map, in the arena.  Never waits.  A process whose slot is being
 * folded is counted once, and no counter goes back.
 */
struct counter_totals *counter_totals_read(
    const struct counter_map *map, struct arena *arena);

/*
 * counter_totals_read for the map that this process counts in.  NULL: it does
 * not count.
 */
struct counter_totals *counter_totals_own(struct arena *arena);

#endif
