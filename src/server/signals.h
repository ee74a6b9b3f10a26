#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The signals that the program handles are blocked in all threads, also across
 * an exec.  The main thread takes them one by one.  So no signal interrupts or
 * ends the program, however early it comes.
 */

/* Blocks the signals and ignores SIGPIPE, for all threads started later. */
void signals_block(void);

/*
 * Waits for the next signal and returns its number.  0: none came within
 * wait_ms.  wait_ms -1: no limit.
 */
int signals_wait(int64_t wait_ms);

/* True for a signal that ends the program: SIGTERM, SIGINT, SIGUSR1. */
bool signals_is_stop(int number);

/* True if a signal that ends the program is pending, not yet taken. */
bool signals_stop_is_pending(void);

#endif
