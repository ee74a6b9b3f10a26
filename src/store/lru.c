/* A table of chains, and a queue of all entries by their last use. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "store/lru.h"

enum {
	ENTRY_BYTES = 512, /* a usual one: one chain each */
	CHAINS_MIN = 8,
	MALLOC_BYTES = 16 /* what the allocator adds */
};

struct entry {
	TAILQ_ENTRY(entry) in_queue;
	LIST_ENTRY(entry) in_chain;
	uint64_t hash;
	int64_t due_ms, moved_ms;
	size_t key_len, value_len;
	char bytes[]; /* the key, then the value */
};

/*
 * An entry that is used all the time moves this often: a move writes to its
 * neighbours and to the head of the queue, which another core has just written.
 */
enum { MOVE_MS = 1000 };

TAILQ_HEAD(queue, entry);
LIST_HEAD(chain, entry);

struct lru {
	struct queue queue; /* the last used first */
	size_t bytes, bytes_max;
	size_t chain_count; /* a power of two */
	struct chain chains[];
};

struct lru *
lru_open(size_t bytes_max)
{
	size_t count = CHAINS_MIN, own;
	struct lru *lru;

	while (count * ENTRY_BYTES < bytes_max)
		count *= 2;
	own = sizeof(*lru) + count * sizeof(lru->chains[0]);
	if (bytes_max < own)
		return NULL;
	lru = calloc(1, own);
	if (lru == NULL)
		return NULL;
	TAILQ_INIT(&lru->queue);
	lru->bytes = own;
	lru->bytes_max = bytes_max;
	lru->chain_count = count;
	return lru;
}

static size_t
bytes_of(size_t key_len, size_t value_len)
{
	return MALLOC_BYTES + sizeof(struct entry) + key_len + value_len;
}

static void
drop(struct lru *lru, struct entry *entry)
{
	size_t bytes = bytes_of(entry->key_len, entry->value_len);

	TAILQ_REMOVE(&lru->queue, entry, in_queue);
	LIST_REMOVE(entry, in_chain);
	lru->bytes -= bytes;
	explicit_bzero(entry, bytes - MALLOC_BYTES);
	free(entry);
}

void
lru_clear(struct lru *lru)
{
	while (!TAILQ_EMPTY(&lru->queue))
		drop(lru, TAILQ_FIRST(&lru->queue));
}

void
lru_close(struct lru *lru)
{
	if (lru == NULL)
		return;
	lru_clear(lru);
	free(lru);
}

size_t
lru_bytes(const struct lru *lru)
{
	return lru->bytes;
}

static struct chain *
chain_of(struct lru *lru, uint64_t hash)
{
	return &lru->chains[hash & (lru->chain_count - 1)];
}

/*
 * Whoever guesses at keys does not meet the hash, and so learns nothing from
 * how long comparing takes.
 */
static struct entry *
entry_of(struct lru *lru, uint64_t hash, struct str key)
{
	struct entry *entry;

	LIST_FOREACH(entry, chain_of(lru, hash), in_chain)
	if (entry->hash == hash &&
	    str_eq((struct str){ entry->bytes, entry->key_len }, key))
		return entry;
	return NULL;
}

struct str
lru_find(struct lru *lru, uint64_t hash, struct str key, int64_t now_ms)
{
	struct entry *entry = entry_of(lru, hash, key);

	if (entry == NULL)
		return STR_NONE;
	if (entry->due_ms <= now_ms) {
		drop(lru, entry);
		return STR_NONE;
	}
	if (now_ms - entry->moved_ms >= MOVE_MS) {
		TAILQ_REMOVE(&lru->queue, entry, in_queue);
		TAILQ_INSERT_HEAD(&lru->queue, entry, in_queue);
		entry->moved_ms = now_ms;
	}
	return (struct str){ entry->bytes + entry->key_len, entry->value_len };
}

void
lru_put(struct lru *lru, uint64_t hash, struct str key, struct str value,
    int64_t due_ms)
{
	size_t bytes = bytes_of(key.len, value.len);
	struct entry *entry;

	lru_forget(lru, hash, key);
	while (lru->bytes + bytes > lru->bytes_max && !TAILQ_EMPTY(&lru->queue))
		drop(lru, TAILQ_LAST(&lru->queue, queue));
	if (lru->bytes + bytes > lru->bytes_max)
		return;
	entry = malloc(bytes - MALLOC_BYTES);
	if (entry == NULL)
		return;
	entry->hash = hash;
	entry->due_ms = due_ms;
	entry->moved_ms = 0; /* its first use moves it */
	entry->key_len = key.len;
	entry->value_len = value.len;
	memcpy(entry->bytes, key.ptr, key.len);
	memcpy(entry->bytes + key.len, value.ptr, value.len);
	TAILQ_INSERT_HEAD(&lru->queue, entry, in_queue);
	LIST_INSERT_HEAD(chain_of(lru, hash), entry, in_chain);
	lru->bytes += bytes;
}

void
lru_forget(struct lru *lru, uint64_t hash, struct str key)
{
	struct entry *entry = entry_of(lru, hash, key);

	if (entry != NULL)
		drop(lru, entry);
}
