#ifndef COUNTER_SLOTS_H
#define COUNTER_SLOTS_H

#include <sys/types.h>

#include "base/counter_layout.h"

/*
 * Takes a slot for this process, which knows the first `sites` sites of the
 * file, after the slots of dead processes are folded into the past.  A process
 * that has executed itself anew folds its former slot too.  Called under the
 * file's lock; fd is the file's, -1 for memory.  The slot's number; -1 with
 * why.
 */
int counter_slots_take(const struct counter_map *map, int fd, uint32_t sites,
    char *why, size_t why_size);

/* Writes the head of this process's slot, which is empty. */
void counter_slot_begin(
    const struct counter_map *map, int slot, uint32_t sites);

/* True if the slot belongs to a process that runs. */
bool counter_slot_is_live(const struct counter_map *map, int slot);

/* The blocks of a slot that may hold counts, and the sites: within bounds. */
uint32_t counter_slot_blocks(const struct counter_slot *slot);
uint32_t counter_slot_sites(
    const struct counter_map *map, const struct counter_slot *slot);

#endif
