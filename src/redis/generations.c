/* Generations of users' sessions in Redis. */
#include "config.h"

#include "base/buf.h"
#include "redis/generations.h"
#include "store/keys.h"
#include "redis/wire/script.h"
#include "redis/wire/compare_and_set.h"
#include "secret/token.h"
#include "store/rows.h"

enum {
	GEN_LEN = 22,
	TEXT_MAX = 256,
	ROUNDS_MAX = 4 /* tries while other requests change the value */
};

/*
 * Replaces the value ARGV[1] by ARGV[2].  The script may run twice after a
 * reconnect, so finding the new value counts as success.  cas_run returns MISS
 * then, and its script has no such case.
 */
static struct script replace_script = {
	.text = "local now = redis.call('GET', KEYS[1]) "
		"if now == ARGV[2] then return 1 end "
		"if now ~= ARGV[1] then return 0 end "
		"redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1"
};

bool
generations_init(void)
{
	return script_open(&replace_script) && cas_init();
}

static struct str
encode_generation(struct arena *arena, const struct generation *generation)
{
	struct buf text = buf_open(arena, TEXT_MAX);

	rows_generation_encode(&text, generation);
	return buf_str(&text);
}

static bool
make_generation(
    struct call *call, int64_t ended_ms, struct generation *generation)
{
	char *gen = arena_alloc(call->arena, TOKEN_LEN + 1);

	if (!token_new(gen))
		return false;
	*generation = (struct generation){ .gen = { gen, GEN_LEN },
		.ended_ms = ended_ms };
	generation->text = encode_generation(call->arena, generation);
	return true;
}

/*
 * Makes the generation that follows known.  ended_ms never decreases, or
 * sessions of the Node application, which have no generation, would become
 * valid again.
 */
static bool
make_successor(struct call *call, const struct generation *known,
    int64_t now_ms, struct generation *generation)
{
	return make_generation(call,
	    now_ms > known->ended_ms ? now_ms : known->ended_ms, generation);
}

void
generations_read(struct arena *arena, const struct resp_value *value,
    struct generation *generation)
{
	*generation = (struct generation){
		.is_unreadable = value->type != RESP_NIL,
	};
	if (value->type == RESP_TEXT)
		(void)rows_generation_decode(arena, value->text, generation);
}

static enum result
ask_time(struct session_store *store, struct call *call, int64_t *now_ms)
{
	struct resp_value value;
	enum result result;

	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, &value);
	if (result == RESULT_OK && !session_store_read_time(&value, now_ms))
		return link_odd_reply();
	return result;
}

static enum result
ask_current(struct session_store *store, struct call *call, struct str key,
    struct generation *generation)
{
	struct resp_value value;
	enum result result;

	link_add(store->link, STR("GET"), key);
	result = link_exchange(store->link, call, &value);
	if (result == RESULT_OK)
		generations_read(call->arena, &value, generation);
	return result;
}

/* Replaces the stored value known->text by text. */
struct replacement {
	struct session_store *store;
	struct call *call;
	struct str key, ttl_s;
	const struct generation *known;
	struct str text;
};

static enum result
set_where_absent(const struct replacement *r)
{
	struct link *link = r->store->link;
	struct resp_value value;
	enum result result;

	link_add(link, STR("SET"), r->key, r->text, STR("EX"), r->ttl_s,
	    STR("NX"), STR("GET"));
	result = link_exchange(link, r->call, &value);
	if (result != RESULT_OK || value.type == RESP_NIL)
		return result;
	return str_eq(value.text, r->text) ? RESULT_OK : RESULT_MISS;
}

/* Replaces a key of another type, which has no text to compare with. */
static enum result
set_in_any_case(const struct replacement *r)
{
	struct resp_value value;

	link_add(
	    r->store->link, STR("SET"), r->key, r->text, STR("EX"), r->ttl_s);
	return link_exchange(r->store->link, r->call, &value);
}

/*
 * For servers that allow neither scripts nor transactions: replaces without
 * comparing, so it ends all sessions, including those kept by a concurrent
 * change.  If the old value was a blocked generation it is put back, with the
 * TTL of its key.  No session can have got our generation in between.
 */
static enum result
set_and_restore_block(const struct replacement *r)
{
	struct link *link = r->store->link;
	struct generation former;
	struct resp_value value;
	enum result result;

	link_add(link, STR("SET"), r->key, r->text, STR("KEEPTTL"), STR("GET"));
	result = link_exchange(link, r->call, &value);
	if (result != RESULT_OK)
		return result;
	generations_read(r->call->arena, &value, &former);
	if (former.blocked_ms > 0 && !str_eq(former.text, r->known->text))
		link_add(link, STR("SET"), r->key, former.text, STR("KEEPTTL"));
	else
		link_add(link, STR("EXPIRE"), r->key, r->ttl_s,
		    value.type == RESP_NIL ? STR("NX") : STR("GT"));
	result = link_exchange(link, r->call, &value);
	if (result != RESULT_OK)
		return result;
	return str_eq(former.text, r->known->text) ||
		       str_eq(former.text, r->text)
		   ? RESULT_OK
		   : RESULT_MISS;
}

/* OK: replaced.  MISS: another value than known->text is stored. */
static enum result
replace(const struct replacement *r)
{
	struct str known = r->known->text;
	const struct end end = {
		.key = r->key, .text = r->text, .old = known, .ttl_s = r->ttl_s
	};
	struct resp_value value;
	enum result result;

	if (!r->known->is_unreadable)
		link_note_end(r->store->link, &end);
	if (str_is_none(known))
		return r->known->is_unreadable ? set_in_any_case(r)
					       : set_where_absent(r);
	result = script_run(&replace_script, r->store->link, r->call, &value, 1,
	    r->key, known, r->text, r->ttl_s);
	if (result == RESULT_OK)
		return value.number == 1 ? RESULT_OK : RESULT_MISS;
	if (result == RESULT_REFUSED)
		result = cas_run(r->store->link, r->call, known, STR("SET"),
		    r->key, r->text, STR("EX"), r->ttl_s);
	return result == RESULT_REFUSED ? set_and_restore_block(r) : result;
}

/*
 * Reads the generation or creates one.  The TTL is only ever extended: a
 * blocked generation lives as long as its block, which may exceed all sessions.
 */
static enum result
ask_or_make(struct session_store *store, struct call *call, struct str key,
    struct generation *generation, int64_t *now_ms)
{
	struct str ttl_s = session_store_ttl_s(store, call->arena);
	struct resp_value values[3];
	enum result result;

	if (!make_generation(call, 0, generation))
		return RESULT_FAULT;
	link_add(store->link, STR("SET"), key, generation->text, STR("EX"),
	    ttl_s, STR("NX"), STR("GET"));
	link_add(store->link, STR("EXPIRE"), key, ttl_s, STR("GT"));
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!session_store_read_time(&values[2], now_ms))
		return link_odd_reply();
	if (values[0].type != RESP_NIL) /* NIL: ours was stored */
		generations_read(call->arena, &values[0], generation);
	return RESULT_OK;
}

/*
 * An unreadable generation has ended all sessions, also those of the Node
 * application, which have no generation.  So its successor gets the current
 * time as ended_ms.
 */
enum result
redis_sessions_enter(struct session_port *port, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms)
{
	struct session_store *store = session_store_of(port);
	struct str key = keys_generation(call->arena, store->prefix, user_id);

	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct generation known;
		enum result result =
		    ask_or_make(store, call, key, &known, now_ms);

		*generation = known;
		if (result != RESULT_OK || !known.is_unreadable ||
		    generation_is_blocked(&known, *now_ms))
			return result;
		if (!make_generation(call, *now_ms, generation))
			return RESULT_FAULT;
		result = replace(&(struct replacement){ store, call, key,
		    session_store_ttl_s(store, call->arena), &known,
		    generation->text });
		if (result != RESULT_MISS)
			return result;
	}
	return link_odd_reply();
}

/*
 * If the call is unconditional and another change was faster, that change has
 * ended all sessions as well, but may have kept its own session, or blocked the
 * account.  So the current value is read again before each retry.
 */
enum result
redis_sessions_supersede(struct session_port *port, struct call *call,
    const struct supersession *what, struct generation *generation,
    int64_t *now_ms)
{
	struct session_store *store = session_store_of(port);
	struct str key =
	    keys_generation(call->arena, store->prefix, what->user_id);
	struct generation current = *what->known;
	enum result result = ask_time(store, call, now_ms);

	for (int round = 0; result == RESULT_OK && round < ROUNDS_MAX;
	     round++) {
		*generation = current;
		if (generation_is_blocked(&current, *now_ms))
			return what->is_conditional ? RESULT_MISS : RESULT_OK;
		if (!make_successor(call, &current, *now_ms, generation))
			return RESULT_FAULT;
		result = replace(&(struct replacement){ store, call, key,
		    session_store_ttl_s(store, call->arena), &current,
		    generation->text });
		if (result != RESULT_MISS || what->is_conditional)
			return result;
		result = ask_current(store, call, key, &current);
	}
	*generation = current;
	return result;
}

/*
 * The TTL of the key in seconds: the block, or the longest life of a session if
 * that is more.
 */
static struct str
block_ttl_s(
    const struct session_store *store, struct arena *arena, int64_t span_ms)
{
	int64_t longest_ms = session_store_longest_ms(store);

	if (span_ms <= longest_ms)
		return session_store_ttl_s(store, arena);
	return buf_int_str(arena, span_ms / 1000 + 1);
}

/*
 * ended_ms is the end of the block, so that a session which the Node
 * application opens during the block is not valid after it.  The SET does not
 * compare: the block holds whatever value was stored, and a concurrent
 * compare-and-set fails.
 */
enum result
redis_sessions_block(struct session_port *port, struct call *call,
    struct str user_id, int64_t span_ms, struct account_block *block)
{
	struct session_store *store = session_store_of(port);
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct resp_value value;
	struct generation generation;
	enum result result = ask_time(store, call, &block->at_ms);

	if (result != RESULT_OK)
		return result;
	block->until_ms = block->at_ms + span_ms;
	if (!make_generation(call, block->until_ms, &generation))
		return RESULT_FAULT;
	rows_block_encode(&text, &generation, block);
	if (text.is_full)
		return RESULT_BAD;
	link_add(store->link, STR("SET"),
	    keys_generation(call->arena, store->prefix, user_id),
	    buf_str(&text), STR("EX"),
	    block_ttl_s(store, call->arena, span_ms));
	return link_exchange(store->link, call, &value);
}

/* Replaces by compare-and-set, so that a newer block stays. */
enum result
redis_sessions_unblock(
    struct session_port *port, struct call *call, struct str user_id)
{
	struct session_store *store = session_store_of(port);
	struct str key = keys_generation(call->arena, store->prefix, user_id);
	struct generation known, generation;
	int64_t now_ms;
	enum result result = ask_time(store, call, &now_ms);

	if (result == RESULT_OK)
		result = ask_current(store, call, key, &known);
	if (result != RESULT_OK)
		return result;
	if (!generation_is_blocked(&known, now_ms))
		return RESULT_MISS;
	if (!make_generation(call, now_ms, &generation))
		return RESULT_FAULT;
	return replace(&(struct replacement){ store, call, key,
	    session_store_ttl_s(store, call->arena), &known, generation.text });
}

enum result
redis_sessions_time(
    struct session_port *port, struct call *call, int64_t *now_ms)
{
	return ask_time(session_store_of(port), call, now_ms);
}

/* The users of one call of redis_sessions_supersede_many. */
struct batch {
	const struct str *user_ids;
	size_t count;
	int64_t now_ms;
	struct generation known[GENERATIONS_MAX];
	bool is_done[GENERATIONS_MAX]; /* replaced by replace_many */
};

/* Reads the generations and the time, in one exchange. */
static enum result
ask_many(struct session_store *store, struct call *call, struct batch *batch)
{
	struct resp_value values[GENERATIONS_MAX + 1];
	enum result result;

	for (size_t i = 0; i < batch->count; i++)
		link_add(store->link, STR("GET"),
		    keys_generation(
			call->arena, store->prefix, batch->user_ids[i]));
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result == RESULT_OK &&
	    !session_store_read_time(&values[batch->count], &batch->now_ms))
		return link_odd_reply();
	for (size_t i = 0; result == RESULT_OK && i < batch->count; i++)
		generations_read(call->arena, &values[i], &batch->known[i]);
	return result;
}

/*
 * Runs one compare-and-set for each generation, all in one exchange.  If the
 * server lacks the script none is replaced, and the result is OK.  is_done is
 * set for each user: true if the generation was replaced.  The caller handles
 * all others.
 */
static enum result
replace_many(
    struct session_store *store, struct call *call, struct batch *batch)
{
	struct str ttl_s = session_store_ttl_s(store, call->arena);
	struct resp_value values[GENERATIONS_MAX];
	size_t sent[GENERATIONS_MAX], sent_count = 0;
	enum result result = RESULT_OK;

	for (size_t i = 0; i < batch->count; i++) {
		const struct generation *known = &batch->known[i];
		struct generation generation;

		batch->is_done[i] = false;
		if (str_is_none(known->text) ||
		    generation_is_blocked(known, batch->now_ms))
			continue;
		if (!make_successor(call, known, batch->now_ms, &generation))
			return RESULT_FAULT;
		link_add(store->link, STR("EVALSHA"),
		    str_from(replace_script.sha), STR("1"),
		    keys_generation(
			call->arena, store->prefix, batch->user_ids[i]),
		    known->text, generation.text, ttl_s);
		sent[sent_count++] = i;
	}
	if (sent_count > 0)
		result = link_try(store->link, call, values);
	for (size_t i = 0; result == RESULT_OK && i < sent_count; i++)
		batch->is_done[sent[i]] =
		    values[i].type == RESP_INT && values[i].number == 1;
	return result;
}

/*
 * A generation that replace_many did not replace (no script, or it was changed)
 * is superseded by an exchange of its own.
 */
enum result
redis_sessions_supersede_many(struct session_port *port, struct call *call,
    const struct str *user_ids, size_t count, int64_t *ended)
{
	struct batch batch = { .user_ids = user_ids, .count = count };
	struct generation generation;
	enum result result = ask_many(session_store_of(port), call, &batch);

	if (result == RESULT_OK)
		result = replace_many(session_store_of(port), call, &batch);
	for (size_t i = 0; result == RESULT_OK && i < count; i++) {
		const struct generation *known = &batch.known[i];
		bool is_done = batch.is_done[i];

		if (!is_done && !generation_is_blocked(known, batch.now_ms)) {
			result = redis_sessions_supersede(port, call,
			    &(struct supersession){
				.user_id = user_ids[i], .known = known },
			    &generation, &batch.now_ms);
			is_done =
			    !generation_is_blocked(&generation, batch.now_ms);
		}
		*ended += is_done;
	}
	return result;
}
