/* Writes and ends sessions in Redis. */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"
#include "redis/generations.h"
#include "redis/session_list.h"
#include "redis/session_read.h"
#include "redis/sessions.h"
#include "redis/command_check.h"
#include "store/id.h"
#include "store/keys.h"
#include "store/rows.h"

/*
 * Deletes the session if all sessions ended while it was written; else applies
 * [session] max.  supersede first stores the new generation and then reads the
 * list.  Here the session is first listed and then the generation is read.  So
 * at least one of the two sees the other.
 */
static enum result
settle_put(struct session_store *store, struct call *call,
    const struct session *session, const struct key_variant *variant,
    const struct resp_value *stored, int64_t listed)
{
	struct generation generation;
	int64_t max = store->conf->session_max;
	struct resp_value values[2];

	generations_read(call->arena, stored, &generation);
	if (!str_eq(generation.gen, session->gen)) {
		link_add(store->link, STR("DEL"), variant->key);
		session_list_remove(
		    store, call->arena, session->user_id, variant->name);
		return link_exchange(store->link, call, values);
	}
	if (max > 0 && listed > max)
		return session_list_cap(store, call, session->user_id);
	return RESULT_OK;
}

/* Adds a session that was just written to the list. */
static enum result
enlist(struct session_store *store, struct call *call,
    const struct session *session, const struct key_variant *variant,
    int64_t now_ms)
{
	struct resp_value values[SESSION_LIST_ADDS + 2];
	struct str id = session->user_id;
	enum result result;

	session_list_add(store, call->arena, id, variant->name, now_ms);
	link_add(store->link, STR("ZCARD"),
	    keys_list(call->arena, store->prefix, id));
	link_add(store->link, STR("GET"),
	    keys_generation(call->arena, store->prefix, id));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	return settle_put(store, call, session, variant,
	    &values[SESSION_LIST_ADDS + 1], values[SESSION_LIST_ADDS].number);
}

static enum result
redis_sessions_put(struct session_port *port, struct call *call,
    struct str token, const struct session *session, int64_t ttl_ms)
{
	struct session_store *store = session_store_of(port);
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct resp_value values[2];
	struct key_variant variants[KEY_VARIANTS_MAX];
	int64_t now_ms;
	enum result result;

	if (session_store_variants(store, call->arena, token, variants) == 0)
		return RESULT_FAULT;
	rows_session_encode(&text, session, variants[0].is_hashed);
	if (text.is_full)
		return RESULT_FAULT;
	link_add(store->link, STR("SET"), variants[0].key, buf_str(&text),
	    STR("PX"), buf_int_str(call->arena, ttl_ms));
	link_add(store->link, STR("TIME"));
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	if (!session_store_read_time(&values[1], &now_ms))
		return link_odd_reply();
	return enlist(store, call, session, &variants[0], now_ms);
}

/* The SET neither creates the key nor changes its TTL. */
static enum result
redis_sessions_renew(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	struct session_store *store = session_store_of(port);
	struct buf text = buf_open(call->arena, ROWS_TEXT_MAX);
	struct resp_value value;
	enum result result;

	rows_session_set_gen(&text, facts->text, facts->session.gen, gen);
	if (text.is_full)
		return RESULT_FAULT;
	link_add(store->link, STR("SET"),
	    keys_session(call->arena, store->prefix, facts->name),
	    buf_str(&text), STR("XX"), STR("KEEPTTL"));
	result = link_exchange(store->link, call, &value);
	return result == RESULT_OK && value.type == RESP_NIL ? RESULT_MISS
							     : result;
}

/* One key variant of a session that is being ended. */
struct ending {
	const struct key_variant *variant;
	struct str user_id; /* the owner, if readable */
	bool is_ours;
	int64_t ended;
};

/*
 * Decides whether the record may be deleted.  Under a hash it may: only this
 * program writes such keys.  Under a plain key it is ours, or the Node
 * application's, if a user id can be read, even if the rest is damaged.
 * Otherwise it belongs to another application, or its key is the hash of a
 * token, and that hash ends nothing.
 */
static void
read_ending(const struct session_store *store, struct arena *arena,
    const struct resp_value *value, struct ending *ending)
{
	struct str id = STR_NONE;
	bool has_version = false;
	bool has_owner =
	    value->type == RESP_TEXT &&
	    rows_session_owner(arena, value->text, &id, &has_version) &&
	    id_is_wellformed(store->conf->user_id_type, id);

	ending->user_id = has_owner ? id : STR_NONE;
	ending->is_ours =
	    ending->variant->is_hashed ||
	    (has_owner && key_variant_opens(ending->variant, has_version));
	if (!has_owner && value->type != RESP_NIL)
		(void)session_store_unreadable(
		    arena, ending->variant->name, "sess:", value);
}

/*
 * Ends one key variant.  Under a plain key the record is read before it is
 * deleted, since it may belong to another application.
 */
static enum result
end_variant(
    struct session_store *store, struct call *call, struct ending *ending)
{
	const struct end end = { .key = ending->variant->key };
	struct resp_value values[2] = { { .type = RESP_NIL } };
	enum result result;

	link_add(store->link, STR("GET"), end.key);
	if (ending->variant->is_hashed) {
		link_note_end(store->link, &end);
		link_add(store->link, STR("DEL"), end.key);
	}
	result = link_exchange(store->link, call, values);
	if (result != RESULT_OK)
		return result;
	read_ending(store, call->arena, &values[0], ending);
	if (!ending->variant->is_hashed && ending->is_ours) {
		link_note_end(store->link, &end);
		link_add(store->link, STR("DEL"), end.key);
		result = link_exchange(store->link, call, &values[1]);
	}
	ending->ended = values[1].number;
	return result;
}

/*
 * Removes the session from the list of its user, unless the record has no user
 * id or belongs to another application.  A failure is ignored: readers of the
 * list remove it later.
 */
static void
unlist(
    struct session_store *store, struct call *call, const struct ending *ending)
{
	struct resp_value removed;

	if (!ending->is_ours || str_is_none(ending->user_id))
		return;
	session_list_remove(
	    store, call->arena, ending->user_id, ending->variant->name);
	(void)!link_exchange(store->link, call, &removed);
}

static enum result
redis_sessions_end(
    struct session_port *port, struct call *call, struct str token)
{
	struct session_store *store = session_store_of(port);
	struct key_variant variants[KEY_VARIANTS_MAX];
	int count = session_store_variants(store, call->arena, token, variants);
	enum result result = RESULT_OK;
	int64_t ended = 0;

	if (count == 0)
		return RESULT_FAULT;
	/*
	 * The hashed key comes last: migration may move a record to it
	 * meanwhile.
	 */
	for (int i = count - 1; result == RESULT_OK && i >= 0; i--) {
		struct ending ending = { .variant = &variants[i] };

		result = end_variant(store, call, &ending);
		if (result == RESULT_OK)
			unlist(store, call, &ending);
		ended += ending.ended;
	}
	return result == RESULT_OK && ended == 0 ? RESULT_MISS : result;
}

/*
 * Asks Redis once more after the line is written: if Redis came back in
 * between, the prober may have read the spool without this line.
 */
static enum result
redis_sessions_end_later(
    struct session_port *port, struct call *call, struct str token)
{
	struct session_store *store = session_store_of(port);
	struct key_variant variants[KEY_VARIANTS_MAX];
	int count = session_store_variants(store, call->arena, token, variants);

	if (count != 1 || !variants[0].is_hashed ||
	    !link_spool_end(
		store->link, call, store->conf->site, variants[0].key))
		return RESULT_REDIS_DOWN;
	(void)!redis_sessions_end(port, call, token);
	return RESULT_OK;
}

static enum result
redis_sessions_ping(
    struct session_port *port, struct call *call, struct str *why)
{
	struct session_store *store = session_store_of(port);

	return command_check_write(store->link, call, store->prefix, why);
}

struct session_port *
redis_sessions_open(struct link *link, const struct conf *conf)
{
	struct session_store *store = calloc(1, sizeof(*store));

	if (store == NULL || !generations_init() || !session_read_init()) {
		free(store);
		return NULL;
	}
	store->port = (struct session_port){
		.get = redis_sessions_get,
		.put = redis_sessions_put,
		.end = redis_sessions_end,
		.end_later = redis_sessions_end_later,
		.enter = redis_sessions_enter,
		.touch = redis_sessions_touch,
		.supersede = redis_sessions_supersede,
		.renew = redis_sessions_renew,
		.list = redis_sessions_list,
		.end_named = redis_sessions_end_named,
		.end_listed = redis_sessions_end_listed,
		.ping = redis_sessions_ping,
	};
	store->link = link;
	store->conf = conf;
	store->prefix = str_from(conf->redis_key_prefix);
	return &store->port;
}

void
redis_sessions_close(struct session_port *port)
{
	free(port);
}
