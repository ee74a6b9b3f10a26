#ifndef LRU_H
#define LRU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A map from bytes to bytes that is bounded in bytes, what it needs for itself
 * included: it forgets first what was not used longest, give or take a second.
 * No locks and no clock: the caller has them.  hash is the same for the same
 * key, and hard to guess.
 *
 * All its memory is one piece of its own, taken when it is opened and given by
 * the kernel as it fills: nothing is asked of malloc, so that neither the sizes
 * of what comes and goes nor the number of threads make it take more.
 *
 * What is forgotten is wiped.
 */
struct lru;

/* NULL: no memory, or less than a few KiB to use. */
struct lru *lru_open(size_t bytes_max);
void lru_close(struct lru *lru);

/*
 * A copy in the arena of the value of a key that is not past its due time.
 * STR_NONE where there is none.  The whole key is compared.
 */
struct str lru_find(struct lru *lru, struct arena *arena, uint64_t hash,
    struct str key, int64_t now_ms);

/*
 * Copies key and value, in place of what the key had.  What is too large is
 * not put.
 */
void lru_put(struct lru *lru, uint64_t hash, struct str key, struct str value,
    int64_t due_ms);

void lru_forget(struct lru *lru, uint64_t hash, struct str key);

/* Forgets everything. */
void lru_clear(struct lru *lru);

/* In use. */
size_t lru_bytes(const struct lru *lru);

#endif
