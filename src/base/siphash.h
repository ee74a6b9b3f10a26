#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define SIPHASH_SEED 16 /* bytes */

/*
 * Returns SipHash-2-4 (Aumasson and Bernstein, 2012), a keyed hash for tables
 * whose keys an attacker may choose.  Without the seed nobody can construct
 * collisions.
 */
uint64_t siphash(const unsigned char seed[SIPHASH_SEED], struct str text);

#endif
