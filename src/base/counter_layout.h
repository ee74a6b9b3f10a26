#ifndef COUNTER_LAYOUT_H
#define COUNTER_LAYOUT_H

#include "base/counters.h"

/*
 * The counters' file: a head, two copies of the past, and slots.
 *
 *	head	identification of the file, and the names of the sites
 *	past	the counts of processes that have ended, in one of two copies
 *	slot	one for each process: its gauges and its blocks of cells
 *
 * Counting and reading take no lock.  Slots are taken under flock(2).  A slot
 * of a dead process is folded into the past in steps; the file is correct even
 * if the folding process is killed at any moment (counter_slots.c).
 */
enum {
	COUNTER_NAME_SIZE = 40, /* of a site, with its NUL */
	COUNTER_BLOCKS = 33,	/* the shared one, and 32 for workers */
	COUNTER_SLOTS = 64
};

/*
 * The head of the file.  Site 0 counts what belongs to no site, or to one
 * without a name; its name is "".
 */
struct counter_head {
	char magic[8];
	uint64_t table; /* metric_table_hash */
	uint64_t size;	/* of the file */
	uint32_t sites; /* capacity of names */
	uint32_t slots;
	/*
	 * The copy of the past that is valid, and the slot that it already
	 * includes; packed as in struct counter_commit.
	 */
	_Atomic uint64_t commit;
	_Atomic uint32_t site_count;
	char names[][COUNTER_NAME_SIZE];
};

struct counter_slot {
	_Atomic int64_t pid;	 /* 0: free */
	uint64_t start;		 /* start of the process, from /proc/PID/stat */
	int64_t started_s;	 /* start of the process, Unix time */
	uint32_t sites;		 /* number of sites whose cells are used */
	_Atomic uint32_t blocks; /* number of blocks in use */
	/*
	 * The gauges of the process, then SITE_GAUGES for each site.  0: the
	 * value is not known, else value + 1.
	 */
	_Atomic uint64_t gauges[];
};

/* The word `commit` of the head, unpacked. */
struct counter_commit {
	uint32_t turn;	   /* incremented by every change */
	unsigned int past; /* the valid copy: 0 or 1 */
	/*
	 * a slot that the copy includes but that is not cleared yet; -1: none
	 */
	int folded;
};

/* A mapped file, or memory of the same layout. */
struct counter_map {
	struct counter_head *head;
	size_t size;
	/* copies of those in head, which another process could change */
	uint32_t sites, slots;
};

/* Returns the size in bytes of a file for so many sites and slots. */
size_t counter_layout_size(uint32_t sites, uint32_t slots);

/* Writes the head of an empty file. */
void counter_layout_init(
    struct counter_head *head, uint32_t sites, uint32_t slots);

/* True for a file of counters, of any version of the program. */
bool counter_layout_is_ours(const struct counter_head *head);

/*
 * True if the file has the table of metrics of this program, and its whole
 * size.
 */
bool counter_layout_fits(const struct counter_head *head, uint64_t size);

/*
 * Return the offset of a slot in bytes, and how much of it a process with so
 * many sites uses.
 */
size_t counter_slot_offset(const struct counter_map *map, int slot);
size_t counter_slot_used(const struct counter_map *map, uint32_t sites);

/* Returns the slot with this number, from 0. */
struct counter_slot *counter_slot_at(const struct counter_map *map, int slot);

/*
 * Return the cells of a block of a slot: those of the process, and those of a
 * site.
 */
_Atomic uint64_t *counter_cells(
    const struct counter_map *map, int slot, uint32_t block);
_Atomic uint64_t *counter_site_cells(
    const struct counter_map *map, int slot, uint32_t site, uint32_t block);

/*
 * Returns the distance in cells between blocks of two sites whose numbers
 * differ by `sites`.
 */
ptrdiff_t counter_site_stride(int sites);

/*
 * Return the cells of a copy of the past: those of the process, and those of a
 * site.
 */
_Atomic uint64_t *counter_past_cells(
    const struct counter_map *map, unsigned int past);
_Atomic uint64_t *counter_past_site_cells(
    const struct counter_map *map, unsigned int past, uint32_t site);

/*
 * Read and write the word `commit` of the head, each with one atomic operation.
 * A slot that the map does not have is read as -1.
 */
struct counter_commit counter_commit_read(const struct counter_map *map);
void counter_commit_write(
    const struct counter_map *map, struct counter_commit commit);

/*
 * Returns the number of sites that have a name, at most the capacity of the
 * map.
 */
uint32_t counter_site_count(const struct counter_map *map);

#endif
