/* A set of ids, by their hashes. */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/siphash.h"
#include "ctl/idset.h"

enum { FIRST_SIZE = 1024 }; /* a power of two, as every size */

static bool
insert(struct idset *set, uint64_t hash)
{
	size_t at = hash & (set->size - 1);

	while (set->slots[at] != 0 && set->slots[at] != hash)
		at = (at + 1) & (set->size - 1);
	if (set->slots[at] == hash)
		return false;
	set->slots[at] = hash;
	set->count++;
	return true;
}

static void
grow_set(struct idset *set)
{
	struct idset larger = { .size = set->size > 0 ? 2 * set->size
						      : FIRST_SIZE };

	larger.slots = calloc(larger.size, sizeof(larger.slots[0]));
	if (larger.slots == NULL)
		arena_exhausted();
	for (size_t i = 0; i < set->size; i++)
		if (set->slots[i] != 0)
			(void)insert(&larger, set->slots[i]);
	free(set->slots);
	*set = larger;
}

bool
idset_add(struct idset *set, struct str text)
{
	static const unsigned char seed[SIPHASH_SEED];
	uint64_t hash = siphash(seed, text);

	if (2 * set->count >= set->size)
		grow_set(set);
	return insert(set, hash != 0 ? hash : 1);
}

void
idset_free(struct idset *set)
{
	free(set->slots);
	*set = (struct idset){ .count = 0 };
}
