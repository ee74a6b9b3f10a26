/*
 * A hash table with chaining and a doubly linked LRU ring, in one mapping that
 * is cut into chunks of one size.  An entry is a linked list of chunks,
 * wherever they are.  So a freed chunk fits any entry, and there is no
 * fragmentation.
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "store/cache/lru.h"

/*
 * Two cache lines.  Smaller chunks would waste less of an entry's last chunk,
 * but make its copy slower.
 */
enum {
	CHUNK_BYTES = 128,
	REST_BYTES = CHUNK_BYTES - sizeof(uint32_t), /* of a later chunk */
	CHUNKS_MIN = 16
};

/* Chunks are named by their index.  Chunk 0 belongs to no entry. */
#define NONE 0

struct entry {
	uint32_t more; /* the chunk with the bytes after these */
	uint32_t newer, older;
	uint32_t in_chain; /* next entry of the same chain */
	uint64_t hash;
	int64_t due_ms, moved_ms;
	uint32_t key_len, value_len;
	char bytes[CHUNK_BYTES - 48]; /* the key, then the value */
};

struct rest {
	uint32_t more;
	char bytes[REST_BYTES];
};

union chunk {
	struct entry entry;
	struct rest rest;
};

_Static_assert(sizeof(union chunk) == CHUNK_BYTES, "union chunk");

/*
 * A hot entry moves to the head of the ring only this often: a move writes to
 * its neighbours and to the ring's head, which another core has just written.
 */
enum { MOVE_MS = 1000 };

struct lru {
	/* chunk 0 closes the ring: its older is the newest entry */
	union chunk *chunks;
	uint32_t *chains;		   /* hash table, behind the chunks */
	size_t piece_bytes;		   /* chunks and chains */
	uint32_t chunk_count, chain_count; /* the latter a power of two */
	uint32_t free_count;
	uint32_t free;	/* head of the free list */
	uint32_t fresh; /* the first chunk never used */
};

/* A position in an entry's bytes. */
struct position {
	union chunk *chunk;
	size_t offset;
};

static struct entry *
entry_at(const struct lru *lru, uint32_t number)
{
	return &lru->chunks[number].entry;
}

static uint32_t
number_of(const struct lru *lru, const struct entry *entry)
{
	return (
	    uint32_t)((const union chunk *)(const void *)entry - lru->chunks);
}

static uint32_t
take_chunk(struct lru *lru)
{
	uint32_t number = lru->free;

	lru->free_count--;
	if (number == NONE)
		return lru->fresh++;
	lru->free = lru->chunks[number].rest.more;
	lru->chunks[number].rest.more = NONE;
	return number;
}

/* Uses all memory for chunks, with about one chain for each. */
static void
divide(struct lru *lru, size_t bytes)
{
	size_t count = bytes / (CHUNK_BYTES + sizeof(lru->chains[0]));

	lru->chunk_count = lru->free_count = (uint32_t)count;
	lru->chain_count = 1;
	while (lru->chain_count <= lru->chunk_count / 2)
		lru->chain_count *= 2;
	lru->piece_bytes =
	    count * CHUNK_BYTES + lru->chain_count * sizeof(lru->chains[0]);
}

/* Maps zero pages of the kernel: chunks that were never used take no memory. */
static bool
open_piece(struct lru *lru)
{
	void *piece = mmap(NULL, lru->piece_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (piece == MAP_FAILED)
		return false;
	lru->chunks = piece;
	lru->chains = (uint32_t *)(void *)(lru->chunks + lru->chunk_count);
	take_chunk(lru); /* chunk 0 is NONE */
	return true;
}

struct lru *
lru_open(size_t bytes_max)
{
	struct lru *lru = calloc(1, sizeof(*lru));

	if (lru == NULL)
		return NULL;
	if (bytes_max > sizeof(*lru))
		divide(lru, bytes_max - sizeof(*lru));
	if (lru->chunk_count >= CHUNKS_MIN && open_piece(lru))
		return lru;
	free(lru);
	return NULL;
}

void
lru_close(struct lru *lru)
{
	if (lru == NULL)
		return;
	lru_clear(lru);
	munmap(lru->chunks, lru->piece_bytes);
	free(lru);
}

size_t
lru_bytes(const struct lru *lru)
{
	return sizeof(*lru) + lru->piece_bytes -
	       (size_t)lru->free_count * CHUNK_BYTES;
}

static struct position
position_first(struct entry *entry)
{
	return (struct position){ (union chunk *)(void *)entry,
		offsetof(struct entry, bytes) };
}

static char *
position_bytes(struct position at)
{
	return (char *)at.chunk + at.offset;
}

/* The number of contiguous bytes from the position on. */
static size_t
position_space(struct position at)
{
	return CHUNK_BYTES - at.offset;
}

static struct position
position_next(const struct lru *lru, struct position at)
{
	return (struct position){ &lru->chunks[at.chunk->rest.more],
		offsetof(struct rest, bytes) };
}

/* Writes bytes at the position.  Returns the one behind them. */
static struct position
position_write(const struct lru *lru, struct position at, struct str bytes)
{
	size_t space;

	while (bytes.len > (space = position_space(at))) {
		memcpy(position_bytes(at), bytes.ptr, space);
		bytes = str_from_byte(bytes, space);
		at = position_next(lru, at);
	}
	if (bytes.len > 0)
		memcpy(position_bytes(at), bytes.ptr, bytes.len);
	at.offset += bytes.len;
	return at;
}

/*
 * Copies left bytes from the position.  Whole chunks have a constant size, so
 * the compiler inlines their copy.
 */
static void
position_read(const struct lru *lru, struct position at, char *to, size_t left)
{
	size_t space = position_space(at);

	if (left > space) {
		memcpy(to, position_bytes(at), space);
		to += space;
		left -= space;
		at = position_next(lru, at);
	}
	while (left > REST_BYTES) {
		memcpy(to, position_bytes(at), REST_BYTES);
		to += REST_BYTES;
		left -= REST_BYTES;
		at = position_next(lru, at);
	}
	memcpy(to, position_bytes(at), left);
}

/* Returns the position len bytes further on. */
static struct position
position_skip(const struct lru *lru, struct position at, size_t len)
{
	size_t space;

	while (len > (space = position_space(at))) {
		len -= space;
		at = position_next(lru, at);
	}
	at.offset += len;
	return at;
}

/*
 * Compares the key of an entry, not in constant time: a client that guesses
 * keys cannot hit the keyed hash of another key, so comparing times tells it
 * nothing.
 */
static bool
has_key(const struct lru *lru, struct entry *entry, struct str key)
{
	struct position at = position_first(entry);
	size_t space;

	if (entry->key_len != key.len)
		return false;
	while (key.len > (space = position_space(at))) {
		if (!str_starts(key, (struct str){ position_bytes(at), space }))
			return false;
		key = str_from_byte(key, space);
		at = position_next(lru, at);
	}
	return str_eq(key, (struct str){ position_bytes(at), key.len });
}

/* The number of chunks that len bytes take. */
static size_t
chunks_for(size_t len)
{
	const size_t first = sizeof(((struct entry *)NULL)->bytes);

	if (len <= first)
		return 1;
	return 1 + (len - first + REST_BYTES - 1) / REST_BYTES;
}

/*
 * Takes and links count chunks, which must be free.  They are zero except for
 * the links.
 */
static struct entry *
take_chunks(struct lru *lru, size_t count)
{
	union chunk *first = &lru->chunks[take_chunk(lru)], *last = first;

	for (size_t i = 1; i < count; i++) {
		uint32_t number = take_chunk(lru);

		last->rest.more = number;
		last = &lru->chunks[number];
	}
	return &first->entry;
}

static void
give_chunks_back(struct lru *lru, uint32_t number)
{
	while (number != NONE) {
		union chunk *chunk = &lru->chunks[number];
		uint32_t next = chunk->rest.more;

		explicit_bzero(chunk, sizeof(*chunk));
		chunk->rest.more = lru->free;
		lru->free = number;
		lru->free_count++;
		number = next;
	}
}

static void
ring_remove(struct lru *lru, const struct entry *entry)
{
	entry_at(lru, entry->newer)->older = entry->older;
	entry_at(lru, entry->older)->newer = entry->newer;
}

static void
ring_insert(struct lru *lru, struct entry *entry)
{
	struct entry *end = entry_at(lru, NONE);

	entry->newer = NONE;
	entry->older = end->older;
	entry_at(lru, end->older)->newer = number_of(lru, entry);
	end->older = number_of(lru, entry);
}

static uint32_t *
chain_of(struct lru *lru, uint64_t hash)
{
	return &lru->chains[hash & (lru->chain_count - 1)];
}

static void
chain_remove(struct lru *lru, const struct entry *entry)
{
	uint32_t *link = chain_of(lru, entry->hash);

	while (entry_at(lru, *link) != entry)
		link = &entry_at(lru, *link)->in_chain;
	*link = entry->in_chain;
}

static void
drop(struct lru *lru, struct entry *entry)
{
	ring_remove(lru, entry);
	chain_remove(lru, entry);
	give_chunks_back(lru, number_of(lru, entry));
}

static void
drop_oldest(struct lru *lru)
{
	drop(lru, entry_at(lru, entry_at(lru, NONE)->newer));
}

void
lru_clear(struct lru *lru)
{
	while (entry_at(lru, NONE)->newer != NONE)
		drop_oldest(lru);
}

static struct entry *
entry_of(struct lru *lru, uint64_t hash, struct str key)
{
	uint32_t number = *chain_of(lru, hash);

	while (number != NONE) {
		struct entry *entry = entry_at(lru, number);

		if (entry->hash == hash && has_key(lru, entry, key))
			return entry;
		number = entry->in_chain;
	}
	return NULL;
}

struct str
lru_find(struct lru *lru, struct arena *arena, uint64_t hash, struct str key,
    int64_t now_ms)
{
	struct entry *entry = entry_of(lru, hash, key);
	char *copy;

	if (entry == NULL)
		return STR_NONE;
	if (entry->due_ms <= now_ms) {
		drop(lru, entry);
		return STR_NONE;
	}
	if (now_ms - entry->moved_ms >= MOVE_MS) {
		ring_remove(lru, entry);
		ring_insert(lru, entry);
		entry->moved_ms = now_ms;
	}
	copy = arena_alloc(arena, entry->value_len);
	position_read(lru, position_skip(lru, position_first(entry), key.len),
	    copy, entry->value_len);
	return (struct str){ copy, entry->value_len };
}

void
lru_put(struct lru *lru, uint64_t hash, struct str key, struct str value,
    int64_t due_ms)
{
	size_t count = chunks_for(key.len + value.len);
	uint32_t *chain = chain_of(lru, hash);
	struct entry *entry;

	lru_forget(lru, hash, key);
	if (count >= lru->chunk_count)
		return;
	while (lru->free_count < count)
		drop_oldest(lru);
	entry = take_chunks(lru, count);
	entry->hash = hash;
	entry->due_ms = due_ms;
	entry->moved_ms = 0; /* the first hit moves it */
	entry->key_len = (uint32_t)key.len;
	entry->value_len = (uint32_t)value.len;
	position_write(
	    lru, position_write(lru, position_first(entry), key), value);
	entry->in_chain = *chain;
	*chain = number_of(lru, entry);
	ring_insert(lru, entry);
}

void
lru_forget(struct lru *lru, uint64_t hash, struct str key)
{
	struct entry *entry = entry_of(lru, hash, key);

	if (entry != NULL)
		drop(lru, entry);
}
