#ifndef UNITS_H
#define UNITS_H

#include <stdint.h>
#include <stdio.h>

/*
 * Numbers with units, as people write them: times in milliseconds (500ms, 30s,
 * 15m, 12h, 7d; bare is seconds), sizes in bytes (4096, 64K, 32M, 1G).
 */
enum units { UNITS_SPAN, UNITS_SIZE };

enum units_verdict { UNITS_READ, UNITS_SENSELESS, UNITS_BEYOND };

/* *number is set only with UNITS_READ. */
enum units_verdict units_read(enum units units, const char *text, int64_t min,
    int64_t max, int64_t *number);

/* In the largest unit that leaves no rest. */
void units_print(enum units units, int64_t number, FILE *out);

#endif
