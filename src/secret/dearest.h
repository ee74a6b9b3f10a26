#ifndef DEAREST_H
#define DEAREST_H

#include <stdbool.h>
#include <stdint.h>

#include "secret/format.h"

/*
 * The processor time that verifications of this process took, by kind: a format
 * at a cost. One table for the process, under a lock of its own.
 */

/* A kind, and a stored form of it that nobody's password matches. */
struct dearest {
	const struct format *format;
	int64_t cost, us;
	size_t len;
	char form[FORMAT_LEN_MAX + 1];
};

/* Notes a verification of stored that took us microseconds. */
void dearest_note(
    const struct format *format, int64_t cost, struct str stored, int64_t us);

/* The quickest run of a kind; 0 where none was noted. */
int64_t dearest_us(const struct format *format, int64_t cost);

/* The dearest kind so far; false: nothing was noted. */
bool dearest_find(struct dearest *dearest);

#endif
