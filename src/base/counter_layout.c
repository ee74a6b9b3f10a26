/* The offsets of all parts of the counters' file. */
#include "config.h"

#include <string.h>

#include "base/counter_layout.h"

enum {
	PAGE_BYTES = 4096,
	LINE_CELLS = 8, /* a cache line */
	PROCESS_CELLS = (COUNTERS + LINE_CELLS - 1) / LINE_CELLS * LINE_CELLS,
	SITE_CELLS = (SITE_COUNTERS + LINE_CELLS - 1) / LINE_CELLS * LINE_CELLS,
	PASTS = 2
};

static const char magic[8] = "SGCOUNT";

static size_t
pages(size_t bytes)
{
	return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static size_t
past_bytes(uint32_t sites)
{
	return pages(
	    (PROCESS_CELLS + (size_t)sites * SITE_CELLS) * sizeof(uint64_t));
}

static size_t
slot_head_bytes(uint32_t sites)
{
	size_t gauges = GAUGES + (size_t)sites * SITE_GAUGES;

	return pages(sizeof(struct counter_slot) + gauges * sizeof(uint64_t));
}

/* Returns the bytes that a process with `known` sites uses of its slot. */
static size_t
used_bytes(uint32_t sites, uint32_t known)
{
	size_t cells = PROCESS_CELLS + (size_t)known * SITE_CELLS;

	return slot_head_bytes(sites) +
	       pages(COUNTER_BLOCKS * cells * sizeof(uint64_t));
}

size_t
counter_layout_size(uint32_t sites, uint32_t slots)
{
	return PAGE_BYTES + PASTS * past_bytes(sites) +
	       slots * used_bytes(sites, sites);
}

void
counter_layout_init(struct counter_head *head, uint32_t sites, uint32_t slots)
{
	memcpy(head->magic, magic, sizeof(head->magic));
	head->table = metric_table_hash();
	head->size = counter_layout_size(sites, slots);
	head->sites = sites;
	head->slots = slots;
	atomic_store(&head->site_count, 1);
}

bool
counter_layout_fits(const struct counter_head *head, uint64_t size)
{
	return head->table == metric_table_hash() && head->size == size &&
	       head->sites > 0 && head->sites <= COUNTER_SITES_MAX + 1 &&
	       head->slots > 0 && head->slots <= COUNTER_SLOTS &&
	       counter_layout_size(head->sites, head->slots) == size;
}

bool
counter_layout_is_ours(const struct counter_head *head)
{
	return memcmp(head->magic, magic, sizeof(magic)) == 0;
}

size_t
counter_slot_offset(const struct counter_map *map, int slot)
{
	return PAGE_BYTES + PASTS * past_bytes(map->sites) +
	       (size_t)slot * used_bytes(map->sites, map->sites);
}

size_t
counter_slot_used(const struct counter_map *map, uint32_t sites)
{
	return used_bytes(map->sites, sites);
}

static char *
at(const struct counter_map *map, size_t offset)
{
	return (char *)map->head + offset;
}

struct counter_slot *
counter_slot_at(const struct counter_map *map, int slot)
{
	return (struct counter_slot *)(void *)at(
	    map, counter_slot_offset(map, slot));
}

_Atomic uint64_t *
counter_cells(const struct counter_map *map, int slot, uint32_t block)
{
	_Atomic uint64_t *cells = (_Atomic uint64_t *)(void *)at(
	    map, counter_slot_offset(map, slot) + slot_head_bytes(map->sites));

	return cells + (size_t)block * PROCESS_CELLS;
}

/* All blocks of a site follow each other, so that unused sites take no page. */
_Atomic uint64_t *
counter_site_cells(
    const struct counter_map *map, int slot, uint32_t site, uint32_t block)
{
	size_t blocks = (size_t)site * COUNTER_BLOCKS + block;

	return counter_cells(map, slot, COUNTER_BLOCKS) + blocks * SITE_CELLS;
}

ptrdiff_t
counter_site_stride(int sites)
{
	return (ptrdiff_t)sites * COUNTER_BLOCKS * SITE_CELLS;
}

_Atomic uint64_t *
counter_past_cells(const struct counter_map *map, unsigned int past)
{
	return (_Atomic uint64_t *)(void *)at(
	    map, PAGE_BYTES + past * past_bytes(map->sites));
}

_Atomic uint64_t *
counter_past_site_cells(
    const struct counter_map *map, unsigned int past, uint32_t site)
{
	return counter_past_cells(map, past) + PROCESS_CELLS +
	       (size_t)site * SITE_CELLS;
}

/*
 * The word has turn in its bits 32 to 63, folded + 1 in 16 to 31, and past in
 * bit 0.
 */
struct counter_commit
counter_commit_read(const struct counter_map *map)
{
	uint64_t word = atomic_load(&map->head->commit);
	struct counter_commit commit = { .turn = (uint32_t)(word >> 32),
		.folded = (int)(word >> 16 & 0xffff) - 1,
		.past = word & 1 };

	if (commit.folded >= (int)map->slots)
		commit.folded = -1;
	return commit;
}

void
counter_commit_write(
    const struct counter_map *map, struct counter_commit commit)
{
	uint64_t folded = (uint64_t)commit.folded + 1;

	atomic_store(&map->head->commit,
	    (uint64_t)commit.turn << 32 | folded << 16 | commit.past);
}

uint32_t
counter_site_count(const struct counter_map *map)
{
	uint32_t count = atomic_load(&map->head->site_count);

	return count < map->sites ? count : map->sites;
}
