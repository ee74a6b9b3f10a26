#ifndef SESSION_LIST_H
#define SESSION_LIST_H

#include "redis/session_store.h"

/*
 * usess:{<id>}: the names of a user's sessions by when they were last seen.
 * A name in it may be of a session that is over: whoever lists looks, and
 * removes it.  The key lives longer than every session in it.
 */

/*
 * Puts the commands that list a session behind those that wait: LISTING_ADDS
 * values.
 */
enum { LISTING_ADDS = 3 };
void session_list_add(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name, int64_t now_ms);

/* The same for one that takes it off: one value. */
void session_list_remove(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name);

/* The reply of ZSCORE; -1 where it is not listed. */
int64_t session_list_read_seen(const struct resp_value *value);

/* Ends the least recently seen of a user's sessions beyond [session] max. */
enum result session_list_cap(
    struct session_store *store, struct call *call, struct str user_id);

/* See store/store.h. */
enum result redis_sessions_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms);
enum result redis_sessions_list(struct session_port *port, struct call *call,
    struct str user_id, struct session_list *list);
enum result redis_sessions_end_named(struct session_port *port,
    struct call *call, struct str user_id, struct str handle);
enum result redis_sessions_end_listed(struct session_port *port,
    struct call *call, struct str user_id, struct str keep, int64_t *count);

#endif
