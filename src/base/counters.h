#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Counters of what the program does, for Prometheus and sessgatectl.  Their
 * table is base/counters.def.  A cell is one number: a counter with one
 * combination of label values, or one bucket of a histogram.
 *
 * Each worker has a block of cells of its own, to which no other thread writes:
 * to count is a load and a store, without a lock or a shared cache line.  All
 * other threads share one block of the process and add to it atomically.  The
 * blocks are in the file that base/counter_file.h maps, so that all processes
 * of a host can be summed.
 */

#include "base/counters.def" /* the sets alone */

#define COUNTER_SET_ENUM(name, text) name,
#define COUNTER_SET_ONE(name, text) +1
#define COUNTER_BOUND_ONE(us) +1
#define COUNTER_SIZE(set) (0 set(COUNTER_SET_ONE))
#define COUNTER_BUCKETS(bounds) (1 bounds(COUNTER_BOUND_ONE))

/* The label values of each set, from 0. */
enum counter_request { SET_REQUEST(COUNTER_SET_ENUM) REQUEST_KINDS };
enum counter_status { SET_STATUS(COUNTER_SET_ENUM) STATUSES };
enum counter_role { SET_ROLE(COUNTER_SET_ENUM) ROLES };
enum counter_check { SET_CHECK(COUNTER_SET_ENUM) CHECK_RESULTS };
enum counter_from { SET_FROM(COUNTER_SET_ENUM) FROMS };
enum counter_login { SET_LOGIN(COUNTER_SET_ENUM) LOGIN_RESULTS };
enum counter_ended { SET_ENDED(COUNTER_SET_ENUM) ENDED_HOWS };
enum counter_cached { SET_CACHED(COUNTER_SET_ENUM) CACHED_KINDS };
enum counter_redis_error { SET_REDIS_ERROR(COUNTER_SET_ENUM) REDIS_ERRORS };
enum counter_place { SET_PLACE(COUNTER_SET_ENUM) PLACE_LABELS };
enum counter_reload { SET_RELOAD(COUNTER_SET_ENUM) RELOAD_RESULTS };
enum counter_store { SET_STORE(COUNTER_SET_ENUM) STORE_LABELS };
enum counter_family { SET_FAMILY(COUNTER_SET_ENUM) FAMILIES };

#define COUNTER_RANGE(prefix, name, count) \
	prefix##name, prefix##name##_LAST = prefix##name + (count)-1,

/* The first cell of each metric of the process; the cells follow by label. */
enum counter {
#define COUNTER(NAME, name, one, two, help) \
	COUNTER_RANGE(COUNTER_, NAME, COUNTER_SIZE(one) * COUNTER_SIZE(two))
#define HISTOGRAM(NAME, name, set, bounds, help) \
	COUNTER_RANGE( \
	    COUNTER_, NAME, COUNTER_SIZE(set) * (COUNTER_BUCKETS(bounds) + 1))
#include "base/counters.def"
	COUNTERS
};

/* The cells of each site. */
enum site_counter {
#define SITE_COUNTER(NAME, name, one, two, help) \
	COUNTER_RANGE(COUNTER_, NAME, COUNTER_SIZE(one) * COUNTER_SIZE(two))
#include "base/counters.def"
	SITE_COUNTERS
};

enum gauge {
#define GAUGE(NAME, name, set, fold, help) \
	COUNTER_RANGE(GAUGE_, NAME, COUNTER_SIZE(set))
#include "base/counters.def"
	GAUGES
};

enum site_gauge {
#define SITE_GAUGE(NAME, name, set, fold, help) \
	COUNTER_RANGE(GAUGE_, NAME, COUNTER_SIZE(set))
#include "base/counters.def"
	SITE_GAUGES
};

/* The table of metrics, with one row for each metric. */
enum metric_type { METRIC_COUNTER, METRIC_HISTOGRAM, METRIC_GAUGE };

struct metric {
	const char *name; /* without `sessgate_` */
	const char *help;
	enum metric_type type;
	bool is_of_site;
	/* a gauge: the minimum over all processes, not the sum */
	bool is_least;
	unsigned int first; /* the number of its first cell */
	/* the label sets; a histogram has one */
	const char *const *sets[2];
	unsigned int sizes[2];
	const uint32_t *bounds; /* upper bounds of the buckets, without +Inf */
	unsigned int bound_count;
};
extern const struct metric metric_table[];
extern const size_t metric_count;

/* Returns a number that changes when the table does. */
uint64_t metric_table_hash(void);

/*
 * Combines a gauge (enum gauge, enum site_gauge) of two processes: the sum of
 * both values, or the minimum.  -1 stands for a value that is not known.
 */
int64_t metric_gauge_fold(
    unsigned int gauge, bool is_of_site, int64_t one, int64_t other);

/* ---- counting ---- */

/* The cells of this thread.  own is NULL while it has no block of its own. */
struct counter_thread {
	_Atomic uint64_t *own, *own_site; /* own_site: of the current site */
	int site;			  /* the current site; 0: none */
	int number; /* number of the current site in counters_open, + 1 */
};
extern _Thread_local struct counter_thread counter_thread;

/* Add to the block of the process, for a thread without a block of its own. */
void counter_add_shared(enum counter cell, uint64_t by);
void counter_add_shared_site(enum site_counter cell, uint64_t by);

/* Adds to a cell to which no other thread writes. */
static inline void
counter_raise(_Atomic uint64_t *cell, uint64_t by)
{
	atomic_store_explicit(cell,
	    atomic_load_explicit(cell, memory_order_relaxed) + by,
	    memory_order_relaxed);
}

/*
 * Adds to a cell of the process: counter_add(COUNTER_RELOADS + RELOAD_OK, 1).
 */
static inline void
counter_add(unsigned int cell, uint64_t by)
{
	if (counter_thread.own != NULL)
		counter_raise(&counter_thread.own[cell], by);
	else
		counter_add_shared((enum counter)cell, by);
}

/* Adds to a cell of the thread's current site (counter_set_site). */
static inline void
counter_add_site(unsigned int cell, uint64_t by)
{
	if (counter_thread.own != NULL)
		counter_raise(&counter_thread.own_site[cell], by);
	else
		counter_add_shared_site((enum site_counter)cell, by);
}

/* Add a duration in microseconds to a histogram. */
void counter_observe_request(enum counter_role role, int64_t us);
void counter_observe_redis(int64_t us);
void counter_observe_mysql(int64_t us);
void counter_observe_hash(enum counter_family family, int64_t us);

/* Counts an answered request of the current site. */
void counter_add_request(enum counter_request kind, int status);

/* The slow path of counter_set_site. */
void counter_set_other_site(int number);

/*
 * Sets the site that the thread works for, by its number from 0 among the names
 * given to counters_open; -1: none.
 */
static inline void
counter_set_site(int number)
{
	if (counter_thread.number != number + 1)
		counter_set_other_site(number);
}

/*
 * Sets the site by its name, for a thread that works for one site only.  NULL,
 * or a name that counters_open did not get: none.
 */
void counter_set_site_named(const char *name);

/* Set a gauge of this process, and one of a site by its number. */
void gauge_set(unsigned int gauge, int64_t value);
void gauge_set_site(int number, unsigned int gauge, int64_t value);

/* ---- opening ---- */

enum { COUNTER_SITES_MAX = 64 };

/*
 * Begins to count in a file that all processes of this host share.  path: NULL
 * or "" is the file `counters` of the run-time folder, if that exists.  sites:
 * their names; NULL for a site without a name; the names must stay valid as
 * long as the process runs.
 *
 * True: it counts in the file.  False: it counts in memory of this process
 * alone; why has the reason, or "" if there is no run-time folder.  Call it
 * once, before the threads that count start.  Until then, and without memory,
 * counts are lost.
 */
bool counters_open(const char *path, const char *const *sites, int count,
    char *why, size_t why_size);

/* Gives this thread a block of its own, if there is a free one. */
void counters_attach(void);

/*
 * Adds to a counter of a site (its name, or NULL) in the file at path, for
 * sessgatectl, which has no slot.  False: there is no such file, or it cannot
 * be written; why has the reason.
 */
bool counters_add_past(const char *path, const char *site, unsigned int cell,
    uint64_t by, char *why, size_t why_size);

/*
 * Returns the map that this process counts in; its head is NULL if it does not
 * count.
 */
struct counter_map;
const struct counter_map *counters_map(void);

/*
 * If the file was truncated, goes on counting in memory of this process, from
 * 0, and logs that.  Call it from time to time, in one thread only.
 */
void counters_tend(void);

#endif
