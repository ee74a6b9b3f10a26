#ifndef PACK_H
#define PACK_H

#include "base/arena.h"
#include "base/str.h"
#include "store/store.h"

/*
 * Flat encoding of the structs for the cache: one byte string without pointers,
 * numbers in host order, each text preceded by its length.  A hit is one copy,
 * and nothing is parsed.
 *
 * pack_* encodes into the arena; STR_NONE: too large to cache.  unpack_*
 * accepts only the output of pack_*; the texts of the struct point into it.
 */
#define PACK_MAX (64 * 1024) /* bytes */

/*
 * A session and the facts about its key.  name is not packed, since the reader
 * knows it from the key; generation and account are entries of their own.
 * answered_ms: when the facts arrived, by clock_ms.
 */
struct str pack_session(struct arena *arena, const struct session_facts *facts,
    int64_t answered_ms);
void unpack_session(
    struct str packed, struct session_facts *facts, int64_t *answered_ms);

/* All members of a generation. */
struct str pack_generation(
    struct arena *arena, const struct generation *generation);
void unpack_generation(struct str packed, struct generation *generation);

/* All members of an account; its array of roles is decoded into the arena. */
struct str pack_account(struct arena *arena, const struct account *account);
void unpack_account(
    struct arena *arena, struct str packed, struct account *account);

/* hash, totp and recovery are not packed: no cached row has them. */
struct str pack_user(struct arena *arena, const struct user *user);
void unpack_user(struct str packed, struct user *user);

#endif
