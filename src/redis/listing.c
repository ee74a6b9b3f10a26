/* The lists of users' sessions in Redis. */
#include "config.h"

#include "base/buf.h"
#include "base/clock.h"
#include "redis/keys.h"
#include "redis/listing.h"

enum { TOUCH_PAUSE_MS = 1000 /* after one that failed */ };

/* What was not seen for the longest life is over, and is forgotten. */
void
listing_add(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name, int64_t now_ms)
{
	struct str key = keys_list(arena, store->prefix, user_id);
	int64_t over_ms = now_ms - store->conf->session_life_ms;

	link_add(
	    store->link, STR("ZADD"), key, buf_int_str(arena, now_ms), name);
	link_add(store->link, STR("EXPIRE"), key,
	    session_store_life_s(store, arena));
	link_add(store->link, STR("ZREMRANGEBYSCORE"), key, STR("-inf"),
	    buf_int_str(arena, over_ms));
}

void
listing_remove(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name)
{
	link_add(store->link, STR("ZREM"),
	    keys_list(arena, store->prefix, user_id), name);
}

int64_t
listing_read_seen(const struct resp_value *value)
{
	int64_t seen_ms = -1;

	if (value->type == RESP_TEXT)
		(void)str_to_int(value->text, 0, INT64_MAX, &seen_ms);
	return seen_ms;
}

/*
 * PEXPIRE makes no key, so a session that was ended stays so; its name in the
 * list opens nothing.
 */
enum result
listing_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	struct session_store *store = session_store_of(port);
	struct resp_value values[1 + LISTING_ADDS];
	enum result result;

	if (clock_ms() < store->touch_after_ms)
		return RESULT_OK;
	if (ttl_ms > 0)
		link_add(store->link, STR("PEXPIRE"),
		    keys_session(call->arena, store->prefix, facts->name),
		    buf_int_str(call->arena, ttl_ms), STR("GT"));
	listing_add(store, call->arena, facts->session.user_id, facts->name,
	    facts->now_ms);
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		store->touch_after_ms = clock_ms() + TOUCH_PAUSE_MS;
	return result;
}
