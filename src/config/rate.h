#ifndef RATE_H
#define RATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* At most so many in so long; none: no limit. */
struct conf_rate {
	int most;
	int64_t window_ms;
};

/*
 * Reads "5/900", "5/15m" or "0": at most max in 1 s to 30 days.  False: *rate
 * is untouched.
 */
bool rate_read(const char *text, int max, struct conf_rate *rate);

/* As rate_read reads it: in seconds, where they are whole. */
void rate_print(const struct conf_rate *rate, FILE *out);

#endif
