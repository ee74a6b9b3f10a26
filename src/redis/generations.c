/* Generations in Redis: what all sessions of a user have in common. */
#include "config.h"

#include "base/buf.h"
#include "redis/generations.h"
#include "store/keys.h"
#include "redis/script.h"
#include "redis/swap.h"
#include "secret/token.h"
#include "store/rows.h"

enum { GEN_LEN = 22, TEXT_MAX = 256 };

/* Over a connection that died it may be run twice: ours is as good. */
static struct script swap_script = {
	.text = "local now = redis.call('GET', KEYS[1]) "
		"if now == ARGV[2] then return 1 end "
		"if now ~= ARGV[1] then return 0 end "
		"redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1"
};

bool
generations_init(void)
{
	return script_open(&swap_script) && swap_init();
}

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
	generation->text = encode(call->arena, generation);
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
	text = generation->text;
	link_add(store->link, STR("SET"), key, text, STR("EX"), life_s,
	    STR("NX"), STR("GET"));
	link_add(store->link, STR("EXPIRE"), key, life_s);
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!session_store_read_time(&values[2], now_ms))
		return link_odd_reply(call);
	if (values[0].type == RESP_NIL) /* there was none: ours stands */
		return RESULT_OK;
	if (values[0].type == RESP_TEXT &&
	    rows_generation_decode(call->arena, values[0].text, generation))
		return RESULT_OK;
	return overwrite(store, call, key, text);
}

static enum result
ask_time(struct session_store *store, struct call *call, int64_t *now_ms)
{
	struct resp_value value;
	enum result result;

	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, &value);
	if (result == RESULT_OK && !session_store_read_time(&value, now_ms))
		return link_odd_reply(call);
	return result;
}

/* What stood there is known, or is what was just written. */
static enum result
judge_former(struct str former, struct str known, struct str text)
{
	return str_eq(former, known) || str_eq(former, text) ? RESULT_OK
							     : RESULT_MISS;
}

/*
 * Where neither scripts nor transactions are allowed all sessions end in any
 * case: who was faster has ended ours already.
 */
static enum result
swap(struct session_store *store, struct call *call, struct str key,
    struct str known, struct str text)
{
	struct str life_s = session_store_life_s(store, call->arena);
	struct resp_value value = { .type = RESP_NIL };
	enum result result;

	if (str_is_none(known)) {
		link_add(store->link, STR("SET"), key, text, STR("EX"), life_s,
		    STR("NX"), STR("GET"));
		result = link_exchange(store->link, call, &value);
		return result == RESULT_OK
			   ? judge_former(value.text, known, text)
			   : result;
	}
	result = script_run(&swap_script, store->link, call, &value, 1, key,
	    known, text, life_s);
	if (result == RESULT_OK)
		return value.number == 1 ? RESULT_OK : RESULT_MISS;
	if (result == RESULT_DENY)
		result = swap_run(store->link, call, known, STR("SET"), key,
		    text, STR("EX"), life_s);
	if (result != RESULT_DENY)
		return result;
	link_add(
	    store->link, STR("SET"), key, text, STR("EX"), life_s, STR("GET"));
	result = link_exchange(store->link, call, &value);
	return result == RESULT_OK ? judge_former(value.text, known, text)
				   : result;
}

/* The time never goes back, or the origin's sessions would live again. */
enum result
generations_supersede(struct session_port *port, struct call *call,
    struct str user_id, const struct generation *known, bool is_conditional,
    struct generation *generation, int64_t *now_ms)
{
	struct session_store *store = session_store_of(port);
	struct str key = keys_generation(call->arena, store->prefix, user_id);
	enum result result = ask_time(store, call, now_ms);
	int64_t ended_ms;

	if (result != RESULT_OK)
		return result;
	ended_ms = *now_ms;
	if (ended_ms < known->ended_ms)
		ended_ms = known->ended_ms;
	if (!make(call, ended_ms, generation))
		return RESULT_FAULT;
	if (is_conditional)
		return swap(store, call, key, known->text, generation->text);
	return overwrite(store, call, key, generation->text);
}
