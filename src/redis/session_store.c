/* Decoding shared by the files of the session store. */
#include "config.h"

#include "base/buf.h"
#include "base/log.h"
#include "redis/session_store.h"
#include "secret/token.h"
#include "store/id.h"
#include "store/rows.h"

bool
session_store_read_time(const struct resp_value *value, int64_t *now_ms)
{
	int64_t seconds, micros;

	if (value->type != RESP_LIST || value->count != 2 ||
	    !str_to_int(value->items[0].text, 0, INT64_MAX / 2000, &seconds) ||
	    !str_to_int(value->items[1].text, 0, 999999, &micros))
		return false;
	*now_ms = seconds * 1000 + micros / 1000;
	return true;
}

bool
session_store_unreadable(struct arena *arena, struct str name, const char *kind,
    const struct resp_value *value)
{
	log_event(LOG_WARN, "session unreadable",
	    log_str("handle", token_handle(arena, name)), log_text("key", kind),
	    log_str("reason", value->type == RESP_ERROR
				  ? value->text
				  : STR("it has another shape")),
	    LOG_END);
	return false;
}

bool
session_store_read_record(const struct session_store *store,
    struct arena *arena, const struct resp_value *value,
    struct session_facts *facts, bool *has_version)
{
	enum conf_user_id_type id_type = store->conf->user_id_type;

	if (value->type == RESP_NIL)
		return false;
	if (value->type != RESP_TEXT ||
	    !rows_session_decode(
		arena, value->text, &facts->session, has_version) ||
	    !id_is_wellformed(id_type, facts->session.user_id))
		return session_store_unreadable(
		    arena, facts->name, "sess:", value);
	facts->text = value->text;
	return true;
}

int
session_store_variants(const struct session_store *store, struct arena *arena,
    struct str token, struct key_variant variants[KEY_VARIANTS_MAX])
{
	return key_variants(
	    arena, store->conf->session_key, store->prefix, token, variants);
}

bool
session_store_read_variant(const struct session_store *store,
    struct arena *arena, const struct key_variant *variant,
    const struct resp_value *value, struct session_facts *facts)
{
	bool has_version;

	facts->name = variant->name;
	facts->handle = STR_NONE;
	facts->is_hashed = variant->is_hashed;
	return session_store_read_record(
		   store, arena, value, facts, &has_version) &&
	       key_variant_opens(variant, has_version);
}

int64_t
session_store_longest_ms(const struct session_store *store)
{
	const int64_t nodes_ms = INT64_C(7) * 86400 * 1000;
	int64_t life_ms = store->conf->session_life_ms;

	if (store->conf->session_key != CONF_KEY_SHA256 && life_ms < nodes_ms)
		return nodes_ms;
	return life_ms;
}

struct str
session_store_ttl_s(const struct session_store *store, struct arena *arena)
{
	const int64_t day_s = 86400;

	return buf_int_str(
	    arena, session_store_longest_ms(store) / 1000 + day_s);
}
