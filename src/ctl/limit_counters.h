#ifndef CTL_LIMIT_COUNTERS_H
#define CTL_LIMIT_COUNTERS_H

#include "ctl/open.h"

/* A counter of a limit, as it stands in Redis. */
struct limit_counter {
	struct str scope; /* pair, device, account, network, request */
	struct str name;
	int64_t count; /* 0: it cannot be read, or has run out */
	int64_t most;  /* limit of the configuration; 0: it is off */
	int64_t ttl_ms;
};

static inline bool
limit_counter_is_full(const struct limit_counter *counter)
{
	return counter->most > 0 && counter->count >= counter->most;
}

/* Reads count, most and ttl_ms of counters whose scope and name are set. */
enum result limit_counters_read(
    struct ctl *ctl, struct limit_counter *counters, size_t count);

/*
 * An address in its canonical spelling; a `/64` at its end is dropped.
 * STR_NONE: the text is no address.
 */
struct str limit_counters_address(struct arena *arena, struct str text);

#endif
