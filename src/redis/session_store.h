#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include "config/conf.h"
#include "redis/wire/link.h"
#include "redis/wire/script.h"
#include "store/keys.h"
#include "store/store.h"

/*
 * What the files behind the session port share: sessions.c and reading.c
 * (records), generations.c (ugen), listing.c (usess).  Nobody else includes
 * this.
 */
struct session_store {
	struct session_port port; /* first: a port is its store */
	struct link *link;
	const struct conf *conf;
	struct str prefix;
	int64_t touch_after_ms; /* clock_ms; not before, since one failed */
	struct script_pause pause;
};

static inline struct session_store *
session_store_of(struct session_port *port)
{
	return (struct session_store *)port;
}

/* The reply of TIME: seconds and microseconds. */
bool session_store_read_time(const struct resp_value *value, int64_t *now_ms);

/*
 * Logs that what stands under a kind of key ("sess:") of the session of this
 * name cannot be read, and why: it is of another type, too long, or of another
 * shape.  False.
 */
bool session_store_unreadable(struct arena *arena, struct str name,
    const char *kind, const struct resp_value *value);

/*
 * Reads the record under facts->name into facts->session and facts->text.
 * False: there is none, or it cannot be read (logged, never overwritten).
 */
bool session_store_read_record(const struct session_store *store,
    struct arena *arena, const struct resp_value *value,
    struct session_facts *facts, bool *has_version);

/* keys_variants of this store. */
int session_store_variants(const struct session_store *store,
    struct arena *arena, struct str token,
    struct key_variant forms[KEYS_FORMS_MAX]);

/* The same for what lies under one of a token's keys: see keys_form_opens. */
bool session_store_read_variant(const struct session_store *store,
    struct arena *arena, const struct key_variant *form,
    const struct resp_value *value, struct session_facts *facts);

/*
 * How long a session lives at most.  Those of the origin live for a week,
 * whatever [session] life says of ours: what ended them must not be forgotten
 * before they are.
 */
int64_t session_store_longest_ms(const struct session_store *store);

/*
 * The life of what outlives every session: the longest one and a day, in
 * seconds.
 */
struct str session_store_life_s(
    const struct session_store *store, struct arena *arena);

#endif
