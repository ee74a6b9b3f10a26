/*
 * Reads a session and everything that decides whether it is valid.
 *
 * A script does it in one exchange, since the user's keys follow from the
 * record.  Where Redis runs no scripts, or holds the keys on different nodes,
 * reading takes two exchanges.  The script's parsing of the record is not
 * trusted: if ours yields another user id, the user's keys are read once more.
 */
#include "config.h"

#include "base/buf.h"
#include "redis/generations.h"
#include "redis/session_list.h"
#include "redis/session_read.h"
#include "redis/wire/script.h"
#include "store/rows.h"

/*
 * KEYS: the key variants of the record.  ARGV: the prefix, `row` or nothing,
 * and the name in each key.  Returns the fields below, then the record and PTTL
 * of each key.  An error of Redis ends with the command and the kind of key.  A
 * value longer than BULK_BYTES_MAX (redis/wire/bulk_bound.h) is not sent.
 *
 * Each command costs Redis about a microsecond here, cjson three.  So the user
 * id is cut out of the text where userId is the first member, and one MGET
 * reads the generation and the account.  MGET shows a key of another type as
 * absent, and does not say which of the keys an ACL forbids.  So GET is sent if
 * MGET has no generation or fails.  The row of the user is read ahead for a
 * handler; if it cannot be read, the handler asks for it and gets the error.
 */
static struct script read_script = {
	.text =
	    "local function fit(reply, kind, command) "
	    "if type(reply) == 'table' and reply.err then "
	    "return {err = reply.err .. ' (' .. command .. ' ' .. kind .. ')'} "
	    "end "
	    "if type(reply) == 'string' and #reply > 65536 then "
	    "return {err = 'TOOLONG a value of ' .. #reply .. ' bytes'} end "
	    "return reply end "
	    "local function get(kind, key) "
	    "return fit(redis.pcall('GET', key), kind, 'GET') end "
	    "local function owner(record) "
	    "local id = string.match(record, "
	    "'^{\"userId\":\"?([%w._@-]+)\"?[,}]') "
	    "if not id then "
	    "local is_json, json = pcall(cjson.decode, record) "
	    "id = is_json and type(json) == 'table' and json.userId "
	    "if type(id) == 'number' then id = string.format('%.0f', id) end "
	    "end "
	    "return type(id) == 'string' and #id <= 64 and "
	    "string.find(id, '^[%w._@-]+$') and id end "
	    "local t = redis.call('TIME') "
	    "local reply = {t[1], t[2], false, false, false, false, false, "
	    "false} "
	    "for i, key in ipairs(KEYS) do "
	    "local record = get('sess:', key) "
	    "reply[7 + 2 * i] = record "
	    "reply[8 + 2 * i] = redis.call('PTTL', key) "
	    "local id = not reply[3] and type(record) == 'string' and "
	    "owner(record) "
	    "if id then "
	    "local user = '{' .. id .. '}' "
	    "local ugen = ARGV[1] .. 'ugen:' .. user "
	    "local uauth = ARGV[1] .. 'uauth:' .. user "
	    "local both = redis.pcall('MGET', ugen, uauth) "
	    "reply[3] = id "
	    "reply[4] = fit(both[1]) or get('ugen:', ugen) "
	    "if both.err then reply[5] = get('uauth:', uauth) "
	    "else reply[5] = fit(both[2]) end "
	    "reply[6] = fit(redis.pcall('ZSCORE', "
	    "ARGV[1] .. 'usess:' .. user, ARGV[2 + i]), 'usess:', 'ZSCORE') "
	    "if ARGV[2] == 'row' then "
	    "local row = redis.pcall('GET', ARGV[1] .. 'user:' .. id) "
	    "if type(row) ~= 'table' and #(row or '') <= 65536 then "
	    "reply[7] = row "
	    "reply[8] = redis.call('PTTL', ARGV[1] .. 'user:' .. id) "
	    "end end end end return reply"
};

enum { JUDGED_MAX = 64 }; /* users in one exchange */

enum {
	FIELD_SECONDS,
	FIELD_MICROS,
	FIELD_ID, /* the user whose values come next */
	FIELD_GENERATION,
	FIELD_ACCOUNT,
	FIELD_SEEN,
	FIELD_ROW,
	FIELD_ROW_TTL, /* an integer if the row was read */
	FIELD_RECORDS
};

bool
session_read_init(void)
{
	return script_open(&read_script);
}

/* An unreadable account counts as unknown, so SQL will be asked. */
static void
read_account(struct call *call, struct str text, struct account *account)
{
	*account = (struct account){ .is_known = false };
	if (rows_account_decode(call->arena, text, account))
		account->text = text;
}

static void
read_user(struct call *call, const struct resp_value *generation,
    const struct resp_value *account, const struct resp_value *seen,
    struct session_facts *facts)
{
	generations_read(call->arena, generation, &facts->generation);
	if (facts->generation.is_unreadable)
		(void)session_store_unreadable(
		    call->arena, facts->name, "ugen:", generation);
	read_account(call,
	    account->type == RESP_TEXT ? account->text : STR_NONE,
	    &facts->account);
	facts->seen_ms = session_list_read_seen(seen);
}

/*
 * Sets generation, account and now_ms for at most JUDGED_MAX users, in one
 * exchange.
 */
static enum result
judge_some(struct session_store *store, struct call *call,
    struct session_facts *facts, size_t count)
{
	const struct resp_value nil = { .type = RESP_NIL };
	struct resp_value values[2 * JUDGED_MAX + 1];
	int64_t now_ms;
	enum result result;

	for (size_t i = 0; i < count; i++) {
		struct str id = facts[i].session.user_id;

		link_add(store->link, STR("GET"),
		    keys_generation(call->arena, store->prefix, id));
		link_add(store->link, STR("MGET"),
		    keys_account(call->arena, store->prefix, id));
	}
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!session_store_read_time(&values[2 * count], &now_ms))
		return link_odd_reply();
	for (size_t i = 0; i < count; i++) {
		int64_t seen_ms = facts[i].seen_ms;

		if (values[2 * i + 1].type != RESP_LIST ||
		    values[2 * i + 1].count != 1)
			return link_odd_reply();
		read_user(call, &values[2 * i], &values[2 * i + 1].items[0],
		    &nil, &facts[i]);
		facts[i].seen_ms = seen_ms;
		facts[i].now_ms = now_ms;
	}
	return RESULT_OK;
}

enum result
redis_sessions_judge(struct session_port *port, struct call *call,
    struct session_facts *facts, size_t count)
{
	struct session_store *store = session_store_of(port);
	enum result result = RESULT_OK;

	for (size_t at = 0; result == RESULT_OK && at < count; at += JUDGED_MAX)
		result = judge_some(store, call, facts + at,
		    count - at < JUDGED_MAX ? count - at : JUDGED_MAX);
	return result;
}

enum result
redis_sessions_standing(struct session_port *port, struct call *call,
    struct str user_id, struct session_facts *facts)
{
	*facts = (struct session_facts){ .session.user_id = user_id,
		.name = user_id /* for the log */ };
	return redis_sessions_judge(port, call, facts, 1);
}

/*
 * Reads the keys of the user.  GET for the generation, since a key of another
 * type must be an error.  MGET for the account, since there such a key counts
 * as absent.
 */
static enum result
ask_for_user(
    struct session_store *store, struct call *call, struct session_facts *facts)
{
	struct str id = facts->session.user_id;
	struct resp_value values[3];
	enum result result;

	link_add(store->link, STR("GET"),
	    keys_generation(call->arena, store->prefix, id));
	link_add(store->link, STR("MGET"),
	    keys_account(call->arena, store->prefix, id));
	link_add(store->link, STR("ZSCORE"),
	    keys_list(call->arena, store->prefix, id), facts->name);
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (values[1].type != RESP_LIST || values[1].count != 1)
		return link_odd_reply();
	read_user(call, &values[0], &values[1].items[0], &values[2], facts);
	return RESULT_OK;
}

/*
 * Finds the first record that is a session.  values has the record and the PTTL
 * of each key variant.  False: there is none.
 */
static bool
find_record(const struct session_store *store, struct call *call,
    const struct key_variant *variants, int count,
    const struct resp_value *values, struct session_facts *facts)
{
	for (int i = 0; i < count; i++) {
		if (!session_store_read_variant(store, call->arena,
			&variants[i], &values[2 * i], facts))
			continue;
		facts->ttl_ms = values[2 * i + 1].number;
		return true;
	}
	return false;
}

static enum result
ask_twice(struct session_store *store, struct call *call,
    const struct key_variant *variants, int count, struct session_facts *facts)
{
	struct resp_value values[2 * KEY_VARIANTS_MAX + 1];
	enum result result;

	for (int i = 0; i < count; i++) {
		link_add(store->link, STR("GET"), variants[i].key);
		link_add(store->link, STR("PTTL"), variants[i].key);
	}
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!session_store_read_time(&values[2 * count], &facts->now_ms))
		return link_odd_reply();
	if (!find_record(store, call, variants, count, values, facts))
		return RESULT_MISS;
	return ask_for_user(store, call, facts);
}

/*
 * Keeps the row that the script read ahead for the handler.  row has its value
 * and its PTTL.
 */
static void
keep_ahead(const struct session_store *store, struct call *call,
    const struct resp_value *row, struct str user_id)
{
	if (row[1].type != RESP_INT)
		return;
	call->ahead = (struct read_ahead){
		.key = keys_user(call->arena, store->prefix, user_id),
		.value = row[0].type == RESP_TEXT ? row[0].text : STR_NONE,
		.ttl_ms = row[1].number,
	};
}

static enum result
read_reply(struct session_store *store, struct call *call,
    const struct key_variant *variants, int count,
    const struct resp_value *reply, struct session_facts *facts)
{
	const struct resp_value *fields = reply->items;

	if (reply->type != RESP_LIST ||
	    reply->count != FIELD_RECORDS + 2 * (size_t)count ||
	    !session_store_read_time(
		&(struct resp_value){
		    .type = RESP_LIST, .items = reply->items, .count = 2 },
		&facts->now_ms))
		return link_odd_reply();
	if (!find_record(
		store, call, variants, count, &fields[FIELD_RECORDS], facts))
		return RESULT_MISS;
	if (fields[FIELD_ID].type != RESP_TEXT ||
	    !str_eq(fields[FIELD_ID].text, facts->session.user_id))
		return ask_for_user(store, call, facts);
	read_user(call, &fields[FIELD_GENERATION], &fields[FIELD_ACCOUNT],
	    &fields[FIELD_SEEN], facts);
	keep_ahead(store, call, &fields[FIELD_ROW], facts->session.user_id);
	return RESULT_OK;
}

/* Reads all by the script.  REFUSED: this server runs no scripts. */
static enum result
ask_once(struct session_store *store, struct call *call,
    const struct key_variant *variants, int count, struct session_facts *facts)
{
	struct str args[2 * KEY_VARIANTS_MAX + 2];
	struct resp_value reply;
	enum result result;

	args[count] = store->prefix;
	args[count + 1] = call->wants_row ? STR("row") : STR("");
	for (int i = 0; i < count; i++) {
		args[i] = variants[i].key;
		args[count + 2 + i] = variants[i].name;
	}
	result = script_run_unless_paused(&store->pause, &read_script,
	    store->link, call, &reply,
	    &(struct script_args){
		args, 2 * (size_t)count + 2, (size_t)count });
	if (result != RESULT_OK)
		return result;
	return read_reply(store, call, variants, count, &reply, facts);
}

enum result
redis_sessions_get(struct session_port *port, struct call *call,
    struct str token, struct session_facts *facts)
{
	struct session_store *store = session_store_of(port);
	struct key_variant variants[KEY_VARIANTS_MAX];
	int count = session_store_variants(store, call->arena, token, variants);
	enum result result;

	if (count == 0)
		return RESULT_FAULT;
	result = ask_once(store, call, variants, count, facts);
	if (result == RESULT_REFUSED)
		result = ask_twice(store, call, variants, count, facts);
	return result;
}
