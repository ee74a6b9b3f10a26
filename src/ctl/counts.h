#ifndef CTL_COUNTS_H
#define CTL_COUNTS_H

#include "base/counter_totals.h"
#include "ctl/open.h"

/*
 * Reads what the processes of this host have counted, into the arena.  NULL:
 * the reason was printed, and *status is the exit status.
 */
struct counter_totals *counts_read(
    const struct ctl *ctl, struct arena *arena, int *status);

/* Waits between two readings. */
void counts_pause(int64_t pause_ms);

/* Clears the screen, if standard output is a terminal. */
void counts_clear_screen(void);

/* Counts sessions that the operator has ended, if the file can be written. */
void counts_add_ended(const struct ctl *ctl, int64_t count);

#endif
