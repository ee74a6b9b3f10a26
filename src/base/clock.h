#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/*
 * Milliseconds of CLOCK_MONOTONIC, for deadlines.  Deadlines are absolute and
 * are passed down.  Unrelated to the time of day.
 */
int64_t clock_ms(void);

/* Microseconds of CLOCK_MONOTONIC, for durations. */
int64_t clock_us(void);

/* Processor time used by this thread, or by the process, in microseconds. */
int64_t clock_thread_us(void);
int64_t clock_process_us(void);

/*
 * The milliseconds left until deadline_ms, for poll(2): 0 if it has passed, at
 * most one hour.
 */
int clock_left_ms(int64_t deadline_ms);

#endif
