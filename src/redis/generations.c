/* Generations in Redis: what all sessions of a user have in common. */
#include "config.h"

#include "base/buf.h"
#include "redis/generations.h"
#include "redis/keys.h"
#include "secret/token.h"
#include "store/rows.h"

enum { GEN_LEN = 22, TEXT_MAX = 256 };

static struct str
encode(struct arena *arena, const struct generation *generation)
{
	struct buf text = buf_open(arena, TEXT_MAX);

	rows_generation_encode(&text, generation);
	return buf_str(&text);
}

static bool
make(struct call *call, int64_t ended_ms, struct generation *generation)
{
	char *gen = arena_alloc(call->arena, TOKEN_LEN + 1);

	if (!token_new(gen))
		return false;
	*generation = (struct generation){ .gen = { gen, GEN_LEN },
		.ended_ms = ended_ms };
	return true;
}

/* One that cannot be read ended all sessions already: it is replaced. */
static enum result
overwrite(struct session_store *store, struct call *call, struct str key,
    struct str text)
{
	struct resp_value value;

	link_add(store->link, STR("SET"), key, text, STR("EX"),
	    session_store_life_s(store, call->arena));
	return link_exchange(store->link, call, &value);
}

enum result
generations_enter(struct session_port *port, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms)
{
	struct session_store *store = session_store_of(port);
	struct str key = keys_generation(call->arena, store->prefix, user_id);
	struct str life_s = session_store_life_s(store, call->arena);
	struct resp_value values[3];
	struct str text;
	enum result result;

	if (!make(call, 0, generation))
		return RESULT_FAULT;
	text = encode(call->arena, generation);
	link_add(store->link, STR("SET"), key, text, STR("EX"), life_s,
	    STR("NX"), STR("GET"));
	link_add(store->link, STR("EXPIRE"), key, life_s);
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!session_store_read_time(&values[2], now_ms))
		return session_store_odd_reply(call);
	if (values[0].type == RESP_NIL) /* there was none: ours stands */
		return RESULT_OK;
	if (values[0].type == RESP_TEXT &&
	    rows_generation_decode(call->arena, values[0].text, generation))
		return RESULT_OK;
	return overwrite(store, call, key, text);
}
