#ifndef PACK_H
#define PACK_H

#include "base/arena.h"
#include "base/str.h"
#include "store/store.h"

/*
 * What a cache keeps of a store's answer: the struct as one piece of memory
 * without pointers, numbers as they are and texts with their length before
 * them.  So a hit is one copy, and nothing is parsed.
 *
 * pack_* makes it in the arena; STR_NONE: it is too large to keep.  unpack_*
 * takes only what pack_* made; the texts of the struct are views of it.
 */
#define PACK_MAX (64 * 1024) /* bytes */

/*
 * A session and what goes with its key: name is not kept (whoever has the key
 * has it), and generation and account are not its own.  answered_ms: when the
 * facts came, by clock_ms.
 */
struct str pack_session(struct arena *arena, const struct session_facts *facts,
    int64_t answered_ms);
void unpack_session(
    struct str packed, struct session_facts *facts, int64_t *answered_ms);

struct str pack_generation(
    struct arena *arena, const struct generation *generation);
void unpack_generation(struct str packed, struct generation *generation);

struct str pack_account(struct arena *arena, const struct account *account);
void unpack_account(
    struct arena *arena, struct str packed, struct account *account);

/* The hash is not kept. */
struct str pack_user(struct arena *arena, const struct user *user);
void unpack_user(struct str packed, struct user *user);

#endif
