/* Names of keys. */
#include "config.h"

#include "base/buf.h"
#include "redis/keys.h"

enum { KEY_MAX = 1024 };

static struct str
join(struct arena *arena, struct str prefix, struct str head, struct str name,
    struct str tail)
{
	struct buf key = buf_open(arena, KEY_MAX);

	buf_add(&key, prefix);
	buf_add(&key, head);
	buf_add(&key, name);
	buf_add(&key, tail);
	return buf_str(&key);
}

struct str
keys_session(struct arena *arena, struct str prefix, struct str name)
{
	return join(arena, prefix, STR("sess:"), name, STR_NONE);
}

struct str
keys_generation(struct arena *arena, struct str prefix, struct str user_id)
{
	return join(arena, prefix, STR("ugen:{"), user_id, STR("}"));
}

struct str
keys_list(struct arena *arena, struct str prefix, struct str user_id)
{
	return join(arena, prefix, STR("usess:{"), user_id, STR("}"));
}

struct str
keys_account(struct arena *arena, struct str prefix, struct str user_id)
{
	return join(arena, prefix, STR("uauth:{"), user_id, STR("}"));
}

struct str
keys_user(struct arena *arena, struct str prefix, struct str user_id)
{
	return join(arena, prefix, STR("user:"), user_id, STR_NONE);
}

struct str
keys_rate(
    struct arena *arena, struct str prefix, struct str scope, struct str name)
{
	return join(arena, join(arena, prefix, STR("rate:"), scope, STR(":")),
	    name, STR_NONE, STR_NONE);
}
