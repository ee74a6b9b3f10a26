#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/*
 * Milliseconds of CLOCK_MONOTONIC: for deadlines, which are absolute and
 * passed down.  No relation to the time of day.
 */
int64_t clock_ms(void);

/* The same in microseconds, for how long something took. */
int64_t clock_us(void);

/* Processor time that this thread, or the process, has used, microseconds. */
int64_t clock_thread_us(void);
int64_t clock_process_us(void);

/*
 * What is left until deadline_ms, in milliseconds for poll(2): never below 0,
 * never above one hour.
 */
int clock_left_ms(int64_t deadline_ms);

#endif
