#ifndef RATE_H
#define RATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A rate limit: at most `most` events in window_ms.  most 0: no limit. */
struct conf_rate {
	int most;
	int64_t window_ms;
};

/*
 * Parses "5/900", "5/15m" or "0": a count up to max, and a window from 1 s to
 * 30 days.  False: the text is malformed, and *rate is unchanged.
 */
bool rate_read(const char *text, int max, struct conf_rate *rate);

/* Prints the limit in the syntax of rate_read; whole seconds have no unit. */
void rate_print(const struct conf_rate *rate, FILE *out);

#endif
