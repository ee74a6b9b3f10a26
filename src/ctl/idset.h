#ifndef CTL_IDSET_H
#define CTL_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A set of texts, of which it keeps 64-bit hashes only: two of a million texts
 * are taken for one with a probability of 3e-8.  Zeroed at first.
 */
struct idset {
	uint64_t *slots; /* 0: free */
	size_t count, size;
};

/* True: it was not in the set.  Without memory the process exits. */
bool idset_add(struct idset *set, struct str text);

void idset_free(struct idset *set);

#endif
