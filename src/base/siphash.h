#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash for tables whose keys
 * others choose.  Without the seed nobody can choose keys that collide.
 */
#define SIPHASH_SEED 16 /* bytes */

uint64_t siphash(const unsigned char seed[SIPHASH_SEED], struct str text);

#endif
