/* Moves sessions from [session] key = plain to sha256. */
#include "config.h"

#include "base/buf.h"
#include "redis/migration.h"
#include "redis/session_list.h"
#include "redis/session_store.h"
#include "secret/token.h"
#include "store/rows.h"

/*
 * KEYS: the old and the new key.  ARGV: the record as it was read, the new
 * record, and the TTL (ms) if the old key has none.  The script does all in one
 * step, so that a concurrent end of the session either comes before it or finds
 * the new key.
 */
static struct script move_script = {
	.text = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
		"local ttl = redis.call('PTTL', KEYS[1]) "
		"if ttl < 1 then ttl = ARGV[3] end "
		"redis.call('SET', KEYS[2], ARGV[2], 'PX', ttl) "
		"redis.call('DEL', KEYS[1]) return 1"
};

/* One move. */
struct move {
	struct session_store *store;
	struct call *call;
	struct str from, to; /* keys */
	struct str known, text;
	int64_t ttl_ms;
};

/*
 * Moves a record where scripts are refused.  Writes the new record first.  If
 * the old one has ended meanwhile, deletes the new one again.
 */
static enum result
move_in_steps(const struct move *move)
{
	struct link *link = move->store->link;
	struct resp_value values[2];
	enum result result;

	link_add(link, STR("SET"), move->to, move->text, STR("PX"),
	    buf_int_str(move->call->arena, move->ttl_ms));
	link_add(link, STR("DEL"), move->from);
	result = link_exchange(link, move->call, values);
	if (result != RESULT_OK || values[1].number == 1)
		return result;
	link_add(link, STR("DEL"), move->to);
	result = link_exchange(link, move->call, values);
	return result == RESULT_OK ? RESULT_MISS : result;
}

static enum result
move_record(const struct move *move)
{
	struct resp_value value;
	enum result result;

	if (!script_open(&move_script))
		return RESULT_FAULT;
	result = script_run(&move_script, move->store->link, move->call, &value,
	    2, move->from, move->to, move->known, move->text,
	    buf_int_str(move->call->arena, move->ttl_ms));
	if (result == RESULT_REFUSED)
		return move_in_steps(move);
	if (result == RESULT_OK && value.number != 1)
		return RESULT_MISS;
	return result;
}

/*
 * Replaces the session's name in the user's list, and keeps the time when it
 * was last seen.
 */
static enum result
move_in_list(struct session_store *store, struct call *call,
    const struct session_facts *facts, struct str name)
{
	struct resp_value values[1 + SESSION_LIST_ADDS];
	struct str id = facts->session.user_id;
	int64_t seen_ms = facts->seen_ms > 0 ? facts->seen_ms : facts->now_ms;

	session_list_remove(store, call->arena, id, facts->name);
	session_list_add(store, call->arena, id, name, seen_ms);
	return link_exchange(store->link, call, values);
}

enum result
redis_sessions_move(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	struct session_store *store = session_store_of(port);
	struct str name = token_hash(call->arena, facts->name);
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct move move = { .store = store,
		.call = call,
		.from = keys_session(call->arena, store->prefix, facts->name),
		.to = keys_session(call->arena, store->prefix, name),
		.known = facts->text,
		.ttl_ms = facts->ttl_ms > 0 ? facts->ttl_ms
					    : store->conf->session_life_ms };
	enum result result;

	rows_session_set_hashed(&text, facts->text, gen);
	if (text.is_full)
		return RESULT_FAULT;
	move.text = buf_str(&text);
	result = move_record(&move);
	if (result == RESULT_OK)
		result = move_in_list(store, call, facts, name);
	return result;
}
