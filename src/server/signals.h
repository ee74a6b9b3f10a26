#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The signals of the program are blocked in all threads, and stay so over an
 * exec; the main thread takes them one by one.  So none can interrupt or end
 * the program, however early it comes.
 */

/* Blocks them, and ignores SIGPIPE.  Threads started later inherit that. */
void signals_block(void);

/*
 * Waits for the next of them: its number.  0: none came within wait_ms; -1 is
 * no limit.
 */
int signals_wait(int64_t wait_ms);

/* True if the number asks the program to end. */
bool signals_is_stop(int number);

/* True if a signal that asks the program to end waits to be taken. */
bool signals_stop_is_pending(void);

#endif
