#ifndef LRU_H
#define LRU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A map from byte strings to byte strings, bounded in bytes including its
 * overhead.  It evicts the least recently used entry, with a precision of a
 * second.  It has no lock and no clock; the caller provides both.  hash is a
 * function of the key that clients cannot guess.
 *
 * All memory is one mapping made by lru_open, which the kernel backs as it
 * fills.  malloc is not used, so neither a mix of sizes nor many threads can
 * make it take more.
 *
 * Removed entries are wiped.
 */
struct lru;

/* Opens an empty map.  NULL: no memory, or bytes_max is below a few KiB. */
struct lru *lru_open(size_t bytes_max);
void lru_close(struct lru *lru);

/*
 * Finds a key.  Returns a copy of its value in the arena if due_ms is later
 * than now_ms, else STR_NONE.  The whole key is compared, not only the hash.
 */
struct str lru_find(struct lru *lru, struct arena *arena, uint64_t hash,
    struct str key, int64_t now_ms);

/*
 * Stores copies of key and value until due_ms, in place of the old value of the
 * key.  A value that is too large is not stored; the old one is removed all the
 * same.
 */
void lru_put(struct lru *lru, uint64_t hash, struct str key, struct str value,
    int64_t due_ms);

/* Removes the key, if it is there. */
void lru_forget(struct lru *lru, uint64_t hash, struct str key);

/* Removes all entries. */
void lru_clear(struct lru *lru);

/* The bytes in use, overhead included. */
size_t lru_bytes(const struct lru *lru);

#endif
