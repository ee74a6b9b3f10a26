#ifndef COUNTER_SLOTS_H
#define COUNTER_SLOTS_H

#include <sys/types.h>

#include "base/counter_layout.h"

/*
 * Takes a slot for this process, after the slots of dead processes are folded
 * into the past.  The process counts for the first `sites` sites of the file.
 * A process that has executed itself anew folds its former slot too.  The
 * caller holds the lock of the file.  fd is that of the file, -1 for memory.
 * Returns the number of the slot; -1: why has the reason.
 */
int counter_slots_take(const struct counter_map *map, int fd, uint32_t sites,
    char *why, size_t why_size);

/* Writes the head of a slot for this process.  The slot is empty. */
void counter_slot_begin(
    const struct counter_map *map, int slot, uint32_t sites);

/* True if the slot belongs to a running process. */
bool counter_slot_is_live(const struct counter_map *map, int slot);

/*
 * Return how many blocks, and how many sites, of a slot may hold counts.  Both
 * are at most what the map has.
 */
uint32_t counter_slot_blocks(const struct counter_slot *slot);
uint32_t counter_slot_sites(
    const struct counter_map *map, const struct counter_slot *slot);

#endif
