#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "redis/wire/script.h"
#include "store/keys.h"
#include "store/store.h"

/*
 * State and functions shared by the files of the session port: sessions.c and
 * session_read.c (records), generations.c (ugen), session_list.c (usess),
 * migration.c.
 */
struct session_store {
	struct session_port port; /* first, so that the port converts to this */
	struct link *link;
	const struct conf *conf;
	struct str prefix;
	int64_t touch_after_ms; /* by clock_ms; set after a failed touch */
	struct script_pause pause;
};

static inline struct session_store *
session_store_of(struct session_port *port)
{
	return (struct session_store *)port;
}

/*
 * Decodes the reply to TIME (seconds, microseconds) to ms.  False: another
 * shape.
 */
bool session_store_read_time(const struct resp_value *value, int64_t *now_ms);

/*
 * Logs that a key of this kind ("sess:"), of the session of this name, cannot
 * be read, and why: another type, too long, or another shape.  Returns false.
 */
bool session_store_unreadable(struct arena *arena, struct str name,
    const char *kind, const struct resp_value *value);

/*
 * Decodes the record of facts->name into facts->session and facts->text.
 * *has_version is that of rows_session_decode.  False: there is no record, or
 * it cannot be read; that is logged, and the record is never overwritten.
 */
bool session_store_read_record(const struct session_store *store,
    struct arena *arena, const struct resp_value *value,
    struct session_facts *facts, bool *has_version);

/* Calls key_variants for this store, with its results. */
int session_store_variants(const struct session_store *store,
    struct arena *arena, struct str token,
    struct key_variant variants[KEY_VARIANTS_MAX]);

/*
 * Decodes the record under one of a token's keys; also sets facts->name and
 * is_hashed.  False also if the token does not open it (key_variant_opens).
 */
bool session_store_read_variant(const struct session_store *store,
    struct arena *arena, const struct key_variant *variant,
    const struct resp_value *value, struct session_facts *facts);

/*
 * The longest life of a session (ms): [session] life, but at least a week where
 * sessions of the Node application are valid.  A generation has to live longer
 * than all sessions that it has ended.
 */
int64_t session_store_longest_ms(const struct session_store *store);

/*
 * The TTL of keys that outlive every session: the longest life and a day, in
 * seconds.
 */
struct str session_store_ttl_s(
    const struct session_store *store, struct arena *arena);

#endif
