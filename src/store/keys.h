#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "config/conf.h"

/*
 * Names of the keys in Redis, built in the arena.  The caller has validated ids
 * and tokens.  The braces are part of a key: the hash tag of a Redis Cluster.
 * prefix is [redis] key_prefix.
 */

/* sess:<name>; name is a token or its hash. */
struct str keys_session(
    struct arena *arena, struct str prefix, struct str name);

/*
 * The keys that may hold the record of a token, the preferred one first: keyed
 * by the token's hash (sha256), by the token itself (plain, the layout of the
 * Node application), or both (migrate).  New records use the first key.
 */
enum { KEY_VARIANTS_MAX = 2 };

struct key_variant {
	struct str name, key;
	bool is_hashed;
};

/*
 * True if this token opens a record found under this key variant.  has_version:
 * the record has the member "v", so it was stored under a hash.  Such a record
 * under a plain key is refused: its key is a hash, and an attacker who saw that
 * hash in a dump could send it as a token.
 */
static inline bool
key_variant_opens(const struct key_variant *variant, bool has_version)
{
	return variant->is_hashed || !has_version;
}

/* Fills variants and returns their number; 0: OpenSSL failed. */
int key_variants(struct arena *arena, enum conf_session_key mode,
    struct str prefix, struct str token,
    struct key_variant variants[KEY_VARIANTS_MAX]);

/* ugen:{<id>}, the generation of a user's sessions. */
struct str keys_generation(
    struct arena *arena, struct str prefix, struct str user_id);
/* usess:{<id>}, the list of a user's sessions. */
struct str keys_list(
    struct arena *arena, struct str prefix, struct str user_id);
/* uauth:{<id>}, the account as SQL last reported it. */
struct str keys_account(
    struct arena *arena, struct str prefix, struct str user_id);
/* user:<id>, the user's row. */
struct str keys_user(
    struct arena *arena, struct str prefix, struct str user_id);
/* rate:<scope>:<name>, the counter of a limit. */
struct str keys_rate(
    struct arena *arena, struct str prefix, struct str scope, struct str name);

/* reset:<name>; name is the hash of a link's token. */
struct str keys_reset(struct arena *arena, struct str prefix, struct str name);

/*
 * The key that a process writes to prove that invalidations reach it, or that
 * Redis accepts its commands; one that is never written names a Cluster's slot.
 */
struct str keys_probe(struct arena *arena, struct str prefix, struct str name);

/* Sets how the keys that the cache keeps begin, as `PREFIXsess:`. */
enum { KEYS_CACHED = 4 };
void keys_cached(
    struct arena *arena, struct str prefix, struct str prefixes[KEYS_CACHED]);

#endif
