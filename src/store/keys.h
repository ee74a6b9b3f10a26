#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "config/conf.h"

/*
 * The names under which things are stored.  Ids and tokens have been checked
 * against their alphabets before they come here.  Braces are literal: the
 * hash tag of a Redis Cluster.
 */
struct str keys_session(
    struct arena *arena, struct str prefix, struct str name);

/*
 * The keys under which a token's record may lie, the best first: under a hash
 * of it (sha256), under the token itself (plain, the origin's layout), or
 * under either (migrate).  New records go under the first.
 */
enum { KEYS_FORMS_MAX = 2 };

struct key_variant {
	struct str name, key;
	bool is_hashed;
};

/*
 * Is a record that was read, or is kept, in this form one that this token
 * opens?  A hash under which a record was stored is no token: whoever sees it
 * in a dump could send it as one.  has_version: the record is marked as stored
 * under a hash.
 */
static inline bool
keys_form_opens(const struct key_variant *form, bool has_version)
{
	return form->is_hashed || !has_version;
}

/* How many; 0: OpenSSL failed. */
int keys_variants(struct arena *arena, enum conf_session_key mode,
    struct str prefix, struct str token,
    struct key_variant forms[KEYS_FORMS_MAX]);

struct str keys_generation(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_list(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_account(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_user(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_rate(
    struct arena *arena, struct str prefix, struct str scope, struct str name);

/* What a process writes to see whether it is told of it. */
struct str keys_probe(
    struct arena *arena, struct str prefix, struct str process);

/* What the keys begin with that a cache keeps. */
enum { KEYS_CACHED = 4 };
void keys_cached(
    struct arena *arena, struct str prefix, struct str beginnings[KEYS_CACHED]);

#endif
