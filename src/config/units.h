#ifndef UNITS_H
#define UNITS_H

#include <stdint.h>
#include <stdio.h>

/*
 * Numbers with units: time spans in milliseconds (500ms, 30s, 15m, 12h, 7d; a
 * bare number is seconds), sizes in bytes (4096, 64K, 32M, 1G).
 */
enum units { UNITS_SPAN, UNITS_SIZE };

enum units_verdict { UNITS_READ, UNITS_SENSELESS, UNITS_BEYOND };

/*
 * Parses text.  UNITS_SENSELESS: it is malformed.  UNITS_BEYOND: it is not from
 * min to max.  *number is set only with UNITS_READ.
 */
enum units_verdict units_read(enum units units, const char *text, int64_t min,
    int64_t max, int64_t *number);

/* Prints number in the largest unit without a remainder. */
void units_print(enum units units, int64_t number, FILE *out);

#endif
