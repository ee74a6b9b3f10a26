#ifndef SPAN_H
#define SPAN_H

#include <stdint.h>
#include <stdio.h>

/* Times as people write them: 500ms, 30s, 15m, 12h, 7d; bare is seconds. */
enum span_verdict { SPAN_READ, SPAN_SENSELESS, SPAN_BEYOND };

/* In milliseconds; *ms is set only with SPAN_READ. */
enum span_verdict span_read(
    const char *text, int64_t min_ms, int64_t max_ms, int64_t *ms);

/* In the largest unit that leaves no rest. */
void span_print(int64_t ms, FILE *out);

#endif
