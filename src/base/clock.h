#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/*
 * Returns milliseconds of CLOCK_MONOTONIC, for deadlines.  A deadline is a time
 * of this clock, passed down through the layers.  The clock is unrelated to the
 * time of day.
 */
int64_t clock_ms(void);

/* Returns microseconds of CLOCK_MONOTONIC, for durations. */
int64_t clock_us(void);

/*
 * Returns milliseconds since 1970 of CLOCK_REALTIME, the time of day of this
 * host.  It may jump; Redis' clock, not this one, decides when sessions end.
 */
int64_t clock_wall_ms(void);

/*
 * Return the processor time used by this thread, and by the process, in
 * microseconds.
 */
int64_t clock_thread_us(void);
int64_t clock_process_us(void);

/*
 * Returns the milliseconds left until deadline_ms, for poll(2): 0 if it has
 * passed, at most one hour.
 */
int clock_left_ms(int64_t deadline_ms);

#endif
