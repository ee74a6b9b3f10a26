/* Names of keys. */
#include "config.h"

#include <string.h>

#include "config/key_kind.h"
#include "secret/token.h"
#include "store/keys.h"

/* Copies s to at and returns the end of the copy. */
static char *
put(char *at, struct str s)
{
	if (s.len > 0)
		memcpy(at, s.ptr, s.len);
	return at + s.len;
}

static struct str
join_key(struct arena *arena, struct str prefix, struct str head,
    struct str name, struct str tail)
{
	size_t len = prefix.len + head.len + name.len + tail.len;
	char *key = arena_alloc(arena, len);

	put(put(put(put(key, prefix), head), name), tail);
	return (struct str){ key, len };
}

struct str
keys_session(struct arena *arena, struct str prefix, struct str name)
{
	return join_key(arena, prefix, STR(KEY_KIND_SESSION), name, STR_NONE);
}

static struct key_variant
variant_of(
    struct arena *arena, struct str prefix, struct str name, bool is_hashed)
{
	return (struct key_variant){ name, keys_session(arena, prefix, name),
		is_hashed };
}

int
key_variants(struct arena *arena, enum conf_session_key mode, struct str prefix,
    struct str token, struct key_variant variants[KEY_VARIANTS_MAX])
{
	int count = 0;

	if (mode != CONF_KEY_PLAIN) {
		struct str hash = token_hash(arena, token);

		if (str_is_none(hash))
			return 0;
		variants[count++] = variant_of(arena, prefix, hash, true);
	}
	if (mode != CONF_KEY_SHA256)
		variants[count++] = variant_of(arena, prefix, token, false);
	return count;
}

struct str
keys_generation(struct arena *arena, struct str prefix, struct str user_id)
{
	return join_key(
	    arena, prefix, STR(KEY_KIND_GENERATION "{"), user_id, STR("}"));
}

struct str
keys_list(struct arena *arena, struct str prefix, struct str user_id)
{
	return join_key(
	    arena, prefix, STR(KEY_KIND_LIST "{"), user_id, STR("}"));
}

struct str
keys_account(struct arena *arena, struct str prefix, struct str user_id)
{
	return join_key(
	    arena, prefix, STR(KEY_KIND_ACCOUNT "{"), user_id, STR("}"));
}

struct str
keys_user(struct arena *arena, struct str prefix, struct str user_id)
{
	return join_key(arena, prefix, STR(KEY_KIND_USER), user_id, STR_NONE);
}

struct str
keys_rate(
    struct arena *arena, struct str prefix, struct str scope, struct str name)
{
	return join_key(arena,
	    join_key(arena, prefix, STR(KEY_KIND_RATE), scope, STR(":")), name,
	    STR_NONE, STR_NONE);
}

struct str
keys_reset(struct arena *arena, struct str prefix, struct str name)
{
	return join_key(arena, prefix, STR(KEY_KIND_RESET), name, STR_NONE);
}

struct str
keys_probe(struct arena *arena, struct str prefix, struct str name)
{
	return join_key(arena, prefix, STR(KEY_KIND_PROBE), name, STR_NONE);
}

void
keys_cached(
    struct arena *arena, struct str prefix, struct str prefixes[KEYS_CACHED])
{
	static const struct str kinds[KEYS_CACHED] = {
		STR_INIT(KEY_KIND_SESSION), STR_INIT(KEY_KIND_GENERATION),
		STR_INIT(KEY_KIND_ACCOUNT), STR_INIT(KEY_KIND_USER)
	};

	for (int i = 0; i < KEYS_CACHED; i++)
		prefixes[i] =
		    join_key(arena, prefix, kinds[i], STR_NONE, STR_NONE);
}
