#ifndef COUNTER_LAYOUT_H
#define COUNTER_LAYOUT_H

#include "base/counters.h"

/*
 * The counters' file: a head, two copies of the past, and slots.
 *
 *	head	what the file is, and the names of the sites
 *	past	the counts of processes that have ended, in one of two copies
 *	slot	one for each process: its gauges and its blocks of cells
 *
 * Nobody locks to count or to read.  Slots are taken under flock(2).  A slot of
 * a dead process is folded into the past in an order that a kill at any moment
 * leaves right: see counter_slots.c.
 */
enum {
	COUNTER_NAME_SIZE = 40, /* of a site, with its NUL */
	COUNTER_BLOCKS = 33,	/* the shared one, and 32 for workers */
	COUNTER_SLOTS = 64
};

/* 0 is for what belongs to no site; its name is "". */
struct counter_head {
	char magic[8];
	uint64_t table; /* metric_table_hash */
	uint64_t size;	/* of the file */
	uint32_t sites; /* how many names there is space for */
	uint32_t slots;
	/*
	 * The copy of the past that counts, and the slot that it has in it
	 * already; see counter_commit.
	 */
	_Atomic uint64_t commit;
	_Atomic uint32_t site_count;
	char names[][COUNTER_NAME_SIZE];
};

struct counter_slot {
	_Atomic int64_t pid;	 /* 0: free */
	uint64_t start;		 /* of the process, as /proc/PID/stat has it */
	int64_t started_s;	 /* the same by the clock */
	uint32_t sites;		 /* how many of its sites' cells there are */
	_Atomic uint32_t blocks; /* in use */
	/* GAUGES, then SITE_GAUGES for each site; 0: not known, else value+1 */
	_Atomic uint64_t gauges[];
};

/* The word `commit`, taken apart. */
struct counter_commit {
	uint32_t turn;	   /* goes up with every change */
	unsigned int past; /* the copy that counts: 0 or 1 */
	int folded;	   /* a slot that is in it and not cleared yet; -1 */
};

/* A mapped file, or memory of the same layout. */
struct counter_map {
	struct counter_head *head;
	size_t size;
	uint32_t sites, slots; /* as of head; it cannot change them */
};

/* The bytes that a file for so many sites and slots has. */
size_t counter_layout_size(uint32_t sites, uint32_t slots);

/* Writes the head of an empty file. */
void counter_layout_init(
    struct counter_head *head, uint32_t sites, uint32_t slots);

/* True if the file is one of counters, of whatever version. */
bool counter_layout_is_ours(const struct counter_head *head);

/* True if the head is that of a file of this program's table, whole. */
bool counter_layout_fits(const struct counter_head *head, uint64_t size);

/* The offset of a slot, and how much of it a process with so many sites uses.
 */
size_t counter_slot_offset(const struct counter_map *map, int slot);
size_t counter_slot_used(const struct counter_map *map, uint32_t sites);

struct counter_slot *counter_slot_at(const struct counter_map *map, int slot);

/* The cells of a slot's block: of the process, and of a site. */
_Atomic uint64_t *counter_cells(
    const struct counter_map *map, int slot, uint32_t block);
_Atomic uint64_t *counter_site_cells(
    const struct counter_map *map, int slot, uint32_t site, uint32_t block);

/* The distance, in cells, of a block of a site to that of another site. */
ptrdiff_t counter_site_stride(int sites);

/* The cells of a copy of the past. */
_Atomic uint64_t *counter_past_cells(
    const struct counter_map *map, unsigned int past);
_Atomic uint64_t *counter_past_site_cells(
    const struct counter_map *map, unsigned int past, uint32_t site);

struct counter_commit counter_commit_read(const struct counter_map *map);
void counter_commit_write(
    const struct counter_map *map, struct counter_commit commit);

/* The sites whose names are there, within the bounds of the map. */
uint32_t counter_site_count(const struct counter_map *map);

#endif
