/* The table of metrics, and counting. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/counter_file.h"
#include "base/counter_slots.h"
#include "base/counters.h"
#include "base/log.h"

#define SET_TEXT(name, text) text,
#define TEXTS(set) ((const char *const[]){ set(SET_TEXT) })
#define BOUND_VALUE(us) us,

/* Upper bounds of the buckets, in microseconds, without the last bucket. */
static const uint32_t request_bounds[] = { BOUNDS_REQUEST(BOUND_VALUE) };
static const uint32_t hash_bounds[] = { BOUNDS_HASH(BOUND_VALUE) };

enum {
	REQUEST_BOUNDS = sizeof(request_bounds) / sizeof(request_bounds[0]),
	HASH_BOUNDS = sizeof(hash_bounds) / sizeof(hash_bounds[0])
};

/* The ways to combine the gauges of several processes (base/counters.def). */
enum { SUM, LEAST };

#define SETS(one, two) \
	.sets = { TEXTS(one), TEXTS(two) }, \
	.sizes = { COUNTER_SIZE(one), COUNTER_SIZE(two) }

const struct metric metric_table[] = {
#define COUNTER(NAME, text, one, two, words) \
	{ .name = text, \
		.help = words, \
		.first = COUNTER_##NAME, \
		.type = METRIC_COUNTER, \
		SETS(one, two) },
#define SITE_COUNTER(NAME, text, one, two, words) \
	{ .name = text, \
		.help = words, \
		.first = COUNTER_##NAME, \
		.type = METRIC_COUNTER, \
		.is_of_site = true, \
		SETS(one, two) },
#define BOUNDS_OF(values) \
	.bounds = ((const uint32_t[]){ values(BOUND_VALUE) }), \
	.bound_count = COUNTER_BUCKETS(values) - 1
#define HISTOGRAM(NAME, text, set, values, words) \
	{ .name = text, \
		.help = words, \
		.first = COUNTER_##NAME, \
		.type = METRIC_HISTOGRAM, \
		SETS(set, SET_NONE), \
		BOUNDS_OF(values) },
#define GAUGE(NAME, text, set, fold, words) \
	{ .name = text, \
		.help = words, \
		.first = GAUGE_##NAME, \
		.type = METRIC_GAUGE, \
		.is_least = (fold) == LEAST, \
		SETS(set, SET_NONE) },
#define SITE_GAUGE(NAME, text, set, fold, words) \
	{ .name = text, \
		.help = words, \
		.first = GAUGE_##NAME, \
		.type = METRIC_GAUGE, \
		.is_least = (fold) == LEAST, \
		.is_of_site = true, \
		SETS(set, SET_NONE) },
#include "base/counters.def"
};
const size_t metric_count = sizeof(metric_table) / sizeof(metric_table[0]);

_Thread_local struct counter_thread counter_thread;

/*
 * The cells of the process.  Written only before the threads that count start.
 */
static struct {
	struct counter_map map;
	int slot;
	int site_count;
	const char *const *names;
	uint32_t sites[COUNTER_SITES_MAX]; /* site numbers in the file */
} open_counters;

/* Adds a text, with its NUL, to a hash of 64 bits (FNV-1a). */
static uint64_t
hash_add(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	while (*text++ != '\0');
	return hash;
}

static uint64_t
hash_add_all(uint64_t hash, const char *const *texts, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		hash = hash_add(hash, texts[i]);
	return hash;
}

uint64_t
metric_table_hash(void)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < metric_count; i++) {
		const struct metric *metric = &metric_table[i];
		uint64_t shape = metric->first * 4 + metric->type;

		hash = hash_add(hash, metric->name) ^ shape;
		for (int set = 0; set < 2; set++)
			hash = hash_add_all(
			    hash, metric->sets[set], metric->sizes[set]);
		for (unsigned int j = 0; j < metric->bound_count; j++)
			hash = (hash ^ metric->bounds[j]) *
			       UINT64_C(1099511628211);
	}
	return hash ^ COUNTER_BLOCKS;
}

static bool
gauge_is_least(unsigned int gauge, bool is_of_site)
{
	for (size_t i = 0; i < metric_count; i++) {
		const struct metric *metric = &metric_table[i];

		if (metric->type == METRIC_GAUGE &&
		    metric->is_of_site == is_of_site &&
		    gauge >= metric->first &&
		    gauge < metric->first + metric->sizes[0])
			return metric->is_least;
	}
	return false;
}

int64_t
metric_gauge_fold(
    unsigned int gauge, bool is_of_site, int64_t one, int64_t other)
{
	if (one < 0 || other < 0)
		return one < 0 ? other : one;
	if (!gauge_is_least(gauge, is_of_site))
		return one + other;
	return one < other ? one : other;
}

/* ---- counting ---- */

static uint32_t
site_in_file(int number)
{
	if (number < 0 || number >= open_counters.site_count)
		return 0;
	return open_counters.sites[number];
}

void
counter_add_shared(enum counter cell, uint64_t by)
{
	if (open_counters.map.head != NULL)
		atomic_fetch_add_explicit(&counter_cells(&open_counters.map,
					      open_counters.slot, 0)[cell],
		    by, memory_order_relaxed);
}

void
counter_add_shared_site(enum site_counter cell, uint64_t by)
{
	if (open_counters.map.head != NULL)
		atomic_fetch_add_explicit(
		    &counter_site_cells(&open_counters.map, open_counters.slot,
			(uint32_t)counter_thread.site, 0)[cell],
		    by, memory_order_relaxed);
}

static inline void
observe(unsigned int first, const uint32_t *bounds, unsigned int count,
    unsigned int label, int64_t us)
{
	unsigned int bucket = 0;

	first += label * (count + 2);
	if (us < 0)
		us = 0;
	while (bucket < count && us > bounds[bucket])
		bucket++;
	counter_add(first + bucket, 1);
	counter_add(first + count + 1, (uint64_t)us);
}

void
counter_observe_request(enum counter_role role, int64_t us)
{
	observe(COUNTER_REQUEST_TIME, request_bounds, REQUEST_BOUNDS, role, us);
}

void
counter_observe_redis(int64_t us)
{
	observe(COUNTER_REDIS_TIME, request_bounds, REQUEST_BOUNDS, 0, us);
}

void
counter_observe_mysql(int64_t us)
{
	observe(COUNTER_MYSQL_TIME, request_bounds, REQUEST_BOUNDS, 0, us);
}

void
counter_observe_hash(enum counter_family family, int64_t us)
{
	if (family >= FAMILIES)
		family = FAMILY_NONE;
	observe(COUNTER_HASH_TIME, hash_bounds, HASH_BOUNDS, family, us);
}

/*
 * Returns the label of a status of three digits; 0 for one that has no label.
 */
static enum counter_status
status_label(int code)
{
	enum { LEAST_CODE = 200, MOST_CODE = 503 };
#define STATUS_CELL(unused, code, phrase) [code - LEAST_CODE] = STATUS_##code,
	static const unsigned char statuses[MOST_CODE - LEAST_CODE + 1] = {
		STATUS_CODES(STATUS_CELL, )
	};

	if (code < LEAST_CODE || code > MOST_CODE)
		return STATUS_OTHER;
	return statuses[code - LEAST_CODE];
}

void
counter_add_request(enum counter_request kind, int status)
{
	counter_add_site(
	    COUNTER_REQUESTS + kind * STATUSES + status_label(status), 1);
}

/* ---- opening ---- */

void
counter_set_other_site(int number)
{
	uint32_t site = site_in_file(number);

	if (counter_thread.own_site != NULL)
		counter_thread.own_site +=
		    counter_site_stride((int)site - counter_thread.site);
	counter_thread.site = (int)site;
	counter_thread.number = number + 1;
}

void
counter_set_site_named(const char *name)
{
	int number = -1;

	for (int i = 0; name != NULL && i < open_counters.site_count; i++)
		if (open_counters.names[i] != NULL &&
		    strcmp(open_counters.names[i], name) == 0)
			number = i;
	counter_set_site(number);
}

void
counters_attach(void)
{
	const struct counter_map *map = &open_counters.map;
	uint32_t block;

	if (map->head == NULL || counter_thread.own != NULL)
		return;
	block = atomic_fetch_add(
	    &counter_slot_at(map, open_counters.slot)->blocks, 1);
	if (block >= COUNTER_BLOCKS)
		return;
	counter_thread.own_site = counter_site_cells(
	    map, open_counters.slot, (uint32_t)counter_thread.site, block);
	counter_thread.own = counter_cells(map, open_counters.slot, block);
}

static void
set_cell(unsigned int at, int64_t value)
{
	const struct counter_map *map = &open_counters.map;

	if (map->head != NULL)
		atomic_store_explicit(
		    &counter_slot_at(map, open_counters.slot)->gauges[at],
		    value < 0 ? 0 : (uint64_t)value + 1, memory_order_relaxed);
}

void
gauge_set(unsigned int gauge, int64_t value)
{
	set_cell(gauge, value);
}

void
gauge_set_site(int number, unsigned int gauge, int64_t value)
{
	set_cell(GAUGES + site_in_file(number) * SITE_GAUGES + gauge, value);
}

const struct counter_map *
counters_map(void)
{
	return &open_counters.map;
}

/* Returns the number of the site in the file; 0: none. */
static uint32_t
find_site(const struct counter_map *map, const char *name)
{
	uint32_t count = counter_site_count(map);

	for (uint32_t i = 1; name != NULL && i < count; i++)
		if (strncmp(map->head->names[i], name, COUNTER_NAME_SIZE) == 0)
			return i;
	return 0;
}

/*
 * Returns the number of the site, which is added if it is new.  0: it has no
 * name, or there is no space for it.
 */
static uint32_t
find_or_add_site(const struct counter_map *map, const char *name)
{
	struct counter_head *head = map->head;
	uint32_t count = counter_site_count(map);
	uint32_t number = find_site(map, name);

	if (number != 0 || name == NULL || name[0] == '\0')
		return number;
	if (count == map->sites || strlen(name) >= COUNTER_NAME_SIZE)
		return 0;
	memcpy(head->names[count], name, strlen(name) + 1);
	atomic_store(&head->site_count, count + 1);
	return count;
}

/*
 * Adds the names of the sites.  False: there was no space for one of them,
 * because sites that have left the configuration still have theirs.  *known:
 * one more than the highest number of a site of this process.
 */
static bool
name_sites(const struct counter_map *map, const char *const *names, int count,
    uint32_t *known)
{
	bool is_whole = true;

	*known = 1;
	open_counters.site_count = count;
	open_counters.names = names;
	for (int i = 0; i < count; i++) {
		uint32_t site = find_or_add_site(map, names[i]);

		if (site == 0 && names[i] != NULL && names[i][0] != '\0')
			is_whole = false;
		if (site + 1 > *known)
			*known = site + 1;
		open_counters.sites[i] = site;
	}
	return is_whole;
}

static bool
open_in_file(const char *path, const char *const *sites, int count,
    enum counter_file_use use, char *why, size_t why_size)
{
	struct counter_map *map = &open_counters.map;
	uint32_t known;
	int fd =
	    counter_file_open(path, (uint32_t)count, use, map, why, why_size);

	if (fd < 0)
		return false;
	if (!name_sites(map, sites, count, &known)) {
		counter_file_close(map);
		counter_file_unlock(fd);
		return use == COUNTER_FILE_JOIN &&
		       open_in_file(path, sites, count, COUNTER_FILE_RENEW, why,
			   why_size);
	}
	open_counters.slot = counter_slots_take(map, fd, known, why, why_size);
	if (open_counters.slot < 0)
		counter_file_close(map);
	counter_file_unlock(fd);
	return open_counters.slot >= 0;
}

static void
open_in_memory(const char *const *sites, int count)
{
	struct counter_map *map = &open_counters.map;
	uint32_t known;

	open_counters.slot = 0;
	if (!counter_file_none((uint32_t)count + 1, map))
		return;
	(void)name_sites(map, sites, count, &known);
	counter_slot_begin(map, 0, known);
}

bool
counters_open(const char *path, const char *const *sites, int count, char *why,
    size_t why_size)
{
	char found[COUNTER_PATH_MAX];
	bool is_named = path != NULL && path[0] != '\0';

	why[0] = '\0';
	if (!counter_file_path(path, found))
		snprintf(why, why_size, "the path is too long");
	else if (open_in_file(
		     found, sites, count, COUNTER_FILE_JOIN, why, why_size))
		return true;
	if (!is_named && !counter_file_has_folder(found))
		why[0] = '\0';
	open_in_memory(sites, count);
	return false;
}

bool
counters_add_past(const char *path, const char *site, unsigned int cell,
    uint64_t by, char *why, size_t why_size)
{
	struct counter_map map;
	int fd =
	    counter_file_open(path, 0, COUNTER_FILE_KEEP, &map, why, why_size);
	uint32_t number;

	if (fd < 0)
		return false;
	number = find_site(&map, site);
	atomic_fetch_add(&counter_past_site_cells(&map,
			     counter_commit_read(&map).past, number)[cell],
	    by);
	counter_file_close(&map);
	counter_file_unlock(fd);
	return true;
}

/*
 * Gives the sites of this process their former numbers again, since its threads
 * hold pointers to the cells of these numbers.
 */
static void
rename_sites(const struct counter_map *map)
{
	struct counter_head *head = map->head;
	uint32_t count = 1;

	for (int i = 0; i < open_counters.site_count; i++) {
		uint32_t number = open_counters.sites[i];

		if (number == 0)
			continue;
		memcpy(head->names[number], open_counters.names[i],
		    strlen(open_counters.names[i]) + 1);
		if (number >= count)
			count = number + 1;
	}
	atomic_store(&head->site_count, count);
}

void
counters_tend(void)
{
	struct counter_map *map = &open_counters.map;

	if (!counter_file_was_lost())
		return;
	counter_layout_init(map->head, map->sites, map->slots);
	rename_sites(map);
	counter_slot_begin(map, open_counters.slot, map->sites);
	atomic_store(
	    &counter_slot_at(map, open_counters.slot)->blocks, COUNTER_BLOCKS);
	log_event(LOG_WARN, "counters lost",
	    log_text("reason", "their file was cut short"), LOG_END);
}
