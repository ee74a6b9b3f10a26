#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include "config/conf.h"
#include "redis/link.h"
#include "store/store.h"

/*
 * What the files behind the session port share: sessions.c (records),
 * generations.c (ugen) and listing.c (usess).  Nobody else includes this.
 */
struct session_store {
	struct session_port port; /* first: a port is its store */
	struct link *link;
	const struct conf *conf;
	struct str prefix;
	int64_t touch_after_ms; /* clock_ms; no touch before: one failed */
};

static inline struct session_store *
session_store_of(struct session_port *port)
{
	return (struct session_store *)port;
}

/* The reply of TIME: seconds and microseconds. */
bool session_store_read_time(const struct resp_value *value, int64_t *now_ms);

/* Redis answers, but not what was asked: a proxy, or a defect.  DOWN. */
enum result session_store_odd_reply(struct call *call);

/*
 * Reads the record under facts->name into facts->session and facts->text.
 * False: there is none, or it cannot be read (logged, never overwritten).
 */
bool session_store_read_record(const struct session_store *store,
    struct arena *arena, const struct resp_value *value,
    struct session_facts *facts, bool *has_version);

/*
 * The life of what outlives every session: the longest one and a day, in
 * seconds.
 */
struct str session_store_life_s(
    const struct session_store *store, struct arena *arena);

#endif
