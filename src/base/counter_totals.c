/* Sums over the past and all slots of the counters' file. */
#include "config.h"

#include <string.h>

#include "base/counter_slots.h"
#include "base/counter_totals.h"

enum { READS_MAX = 100 };

static void
sum_cells(uint64_t *sums, const _Atomic uint64_t *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] +=
		    atomic_load_explicit(&cells[i], memory_order_relaxed);
}

static void
add_slot(const struct counter_map *map, int slot, struct counter_totals *totals)
{
	const struct counter_slot *one = counter_slot_at(map, slot);
	uint32_t blocks = counter_slot_blocks(one);
	uint32_t sites = counter_slot_sites(map, one);

	if (sites > totals->site_count)
		sites = totals->site_count;
	for (uint32_t block = 0; block < blocks; block++)
		sum_cells(totals->counters, counter_cells(map, slot, block),
		    COUNTERS);
	for (uint32_t site = 0; site < sites; site++)
		for (uint32_t block = 0; block < blocks; block++)
			sum_cells(totals->sites[site].counters,
			    counter_site_cells(map, slot, site, block),
			    SITE_COUNTERS);
}

static void
clear_counters(struct counter_totals *totals)
{
	memset(totals->counters, 0, sizeof(totals->counters));
	for (uint32_t site = 0; site < totals->site_count; site++)
		memset(totals->sites[site].counters, 0,
		    sizeof(totals->sites[site].counters));
}

static void
sum_up(const struct counter_map *map, struct counter_commit commit,
    struct counter_totals *totals)
{
	clear_counters(totals);
	sum_cells(
	    totals->counters, counter_past_cells(map, commit.past), COUNTERS);
	for (uint32_t site = 0; site < totals->site_count; site++)
		sum_cells(totals->sites[site].counters,
		    counter_past_site_cells(map, commit.past, site),
		    SITE_COUNTERS);
	for (int slot = 0; slot < (int)map->slots; slot++)
		if (slot != commit.folded &&
		    atomic_load(&counter_slot_at(map, slot)->pid) != 0)
			add_slot(map, slot, totals);
}

static void
fold_gauges(int64_t *folded, const _Atomic uint64_t *gauges, unsigned int count,
    bool is_of_site)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t value =
		    atomic_load_explicit(&gauges[i], memory_order_relaxed);

		folded[i] = metric_gauge_fold(
		    i, is_of_site, folded[i], (int64_t)value - 1);
	}
}

static void
forget_gauges(int64_t *gauges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		gauges[i] = -1;
}

/* Adds the gauges of a slot, if its process runs. */
static void
add_live(const struct counter_map *map, int slot, struct counter_totals *totals)
{
	const struct counter_slot *one = counter_slot_at(map, slot);
	uint32_t sites = counter_slot_sites(map, one);

	if (!counter_slot_is_live(map, slot))
		return;
	totals->processes++;
	if (totals->started_s == 0 || one->started_s < totals->started_s)
		totals->started_s = one->started_s;
	fold_gauges(totals->gauges, one->gauges, GAUGES, false);
	for (uint32_t site = 0; site < sites && site < totals->site_count;
	     site++)
		fold_gauges(totals->sites[site].gauges,
		    one->gauges + GAUGES + (size_t)site * SITE_GAUGES,
		    SITE_GAUGES, true);
}

static struct counter_totals *
totals_open(const struct counter_map *map, struct arena *arena)
{
	struct counter_totals *totals = arena_alloc(arena, sizeof(*totals));

	memset(totals, 0, sizeof(*totals));
	totals->site_count = counter_site_count(map);
	totals->sites =
	    arena_alloc(arena, totals->site_count * sizeof(totals->sites[0]));
	forget_gauges(totals->gauges, GAUGES);
	for (uint32_t site = 0; site < totals->site_count; site++) {
		const char *name = map->head->names[site];

		totals->sites[site].name =
		    (struct str){ name, strnlen(name, COUNTER_NAME_SIZE) };
		forget_gauges(totals->sites[site].gauges, SITE_GAUGES);
	}
	return totals;
}

/* Sums the cells again if a slot was folded meanwhile. */
struct counter_totals *
counter_totals_read(const struct counter_map *map, struct arena *arena)
{
	struct counter_totals *totals = totals_open(map, arena);
	struct counter_commit commit;

	for (int reads = 0; reads < READS_MAX; reads++) {
		commit = counter_commit_read(map);
		sum_up(map, commit, totals);
		if (counter_commit_read(map).turn == commit.turn)
			break;
	}
	for (int slot = 0; slot < (int)map->slots; slot++)
		add_live(map, slot, totals);
	return totals;
}

struct counter_totals *
counter_totals_own(struct arena *arena)
{
	const struct counter_map *map = counters_map();

	return map->head != NULL ? counter_totals_read(map, arena) : NULL;
}
