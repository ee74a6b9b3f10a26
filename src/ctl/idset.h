#ifndef CTL_IDSET_H
#define CTL_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A set of texts that keeps only their 64-bit hashes: two of a million texts
 * are taken for one with a probability of 3e-8.  Zero it before use.
 */
struct idset {
	uint64_t *slots; /* 0: free */
	size_t count, size;
};

/* Adds a text.  False: it was in the set.  Without memory the process exits. */
bool idset_add(struct idset *set, struct str text);

/* Frees the hashes and empties the set. */
void idset_free(struct idset *set);

#endif
