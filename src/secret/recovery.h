#ifndef RECOVERY_H
#define RECOVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Recovery codes, each for one login without the device that makes the one-time
 * codes.
 *
 * A code is 24 characters of 5 random bits, 120 bits in all.  NIST SP 800-63B,
 * 5.1.2.2, asks for a salt and a slow function only for look-up secrets of less
 * than 112 bits.  For longer ones an approved one-way function is enough:
 * nobody can try 2^112 codes.  So a plain SHA-256 is stored.
 */
enum {
	RECOVERY_CODES = 10, /* in a new set */
	RECOVERY_LEN = 24,
	RECOVERY_GROUP = 4,
	/* of a code as it is shown, with a hyphen between groups */
	RECOVERY_SHOWN_LEN = RECOVERY_LEN + RECOVERY_LEN / RECOVERY_GROUP - 1,
	RECOVERY_HASH_LEN = 43, /* base64url */
	/* of a list: hashes with a blank between */
	RECOVERY_LIST_MAX = RECOVERY_CODES * (RECOVERY_HASH_LEN + 1) - 1
};

/*
 * Makes a new set, in the arena: codes, one a line, to be shown once, and list,
 * the hashes to be stored.  False: the kernel has no randomness.
 */
bool recovery_new(struct arena *arena, struct str *codes, struct str *list);

/*
 * The hash of a code as it was typed, in the arena.  Upper and lower case are
 * equal, and characters that are neither letter nor digit are ignored; O is
 * read as 0, I and L as 1.  STR_NONE: the text is not such a code.
 */
struct str recovery_hash(struct arena *arena, struct str code);

/*
 * Sets *left to the list without the hash, in the arena; "" if it was the last
 * one.  False: the list has no such hash, and *left is the list.  The time does
 * not depend on the position of the hash.
 */
bool recovery_without(
    struct arena *arena, struct str list, struct str hash, struct str *left);

/* The number of hashes in a list. */
size_t recovery_count(struct str list);

#endif
