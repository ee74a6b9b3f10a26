#ifndef FUZZ_H
#define FUZZ_H

/*
 * What every fuzz target includes.  A target is one file with one
 * LLVMFuzzerTestOneInput over one parser; libFuzzer calls it (tests/fuzz/run),
 * or standalone.c with the files of its corpus (make check).
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Returns 0 always; what is wrong ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What no input may break; checked in every build. */
#define fuzz_claim(claim) \
	((claim) ? (void)0 : fuzz_broken(#claim, __FILE__, __LINE__))

static inline _Noreturn void
fuzz_broken(const char *claim, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, claim);
	abort();
}

static inline struct str
fuzz_str(const uint8_t *bytes, size_t len)
{
	return (struct str){ (const char *)bytes, len };
}

/* The same bytes in a block of their own: reading past its end shows. */
static inline struct str
fuzz_copy(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.len);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return (struct str){ copy, s.len };
}

/*
 * Takes the first line off *rest, in a block of its own; what is left is never
 * absent.
 */
static inline struct str
fuzz_line(struct arena *arena, struct str *rest)
{
	struct str line = fuzz_copy(arena, str_cut(rest, '\n'));

	*rest = fuzz_copy(arena, *rest);
	return line;
}

/* A sum over bytes (FNV-1a), to compare what two ways of reading came to. */
static inline uint64_t
fuzz_sum(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ p[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* The next piece of `left` bytes: all of them with seed 0, else any part. */
static inline size_t
fuzz_piece(uint32_t *seed, size_t left)
{
	size_t piece;

	if (*seed == 0 || left == 0)
		return left;
	*seed ^= *seed << 13; /* xorshift, which keeps away from 0 */
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	piece = 1 + (*seed >> 8) % ((size_t)1 << *seed % 12);
	return piece < left ? piece : left;
}

#endif
