/* SipHash-2-4, after section 2 of its paper. */
#include "config.h"

#include <endian.h>
#include <string.h>

#include "base/siphash.h"

static uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

/* Loads 8 bytes, little-endian. */
static uint64_t
load(const void *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return le64toh(word);
}

/*
 * Loads fewer than 8 bytes, little-endian.  They are not copied to memory
 * first: a load of a word would wait for the stores of its bytes.
 */
static uint64_t
load_rest(struct str rest)
{
	uint64_t word = 0;

	while (rest.len > 0)
		word = word << 8 | (unsigned char)rest.ptr[--rest.len];
	return word;
}

static void
mix(uint64_t v[4], int rounds)
{
	for (; rounds > 0; rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
take_uint64(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

uint64_t
siphash(const unsigned char seed[SIPHASH_SEED], struct str text)
{
	const uint64_t k0 = load(seed);
	const uint64_t k1 = load(seed + 8);
	uint64_t v[4] = { k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573) };
	const uint64_t last = (uint64_t)text.len << 56;

	for (; text.len >= 8; text.ptr += 8, text.len -= 8)
		take_uint64(v, load(text.ptr));
	take_uint64(v, last | load_rest(text));
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
