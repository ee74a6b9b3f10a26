#ifndef SESSION_LIST_H
#define SESSION_LIST_H

#include "redis/session_store.h"

/*
 * usess:{<id>}: a sorted set of the names of a user's sessions, scored by the
 * time when they were last seen (ms).  A name may be of a session that has
 * ended: each reader checks and removes such names.  The key outlives every
 * session in it.
 */

/*
 * Queues the commands that add a session to the list; they return
 * SESSION_LIST_ADDS values.
 */
enum { SESSION_LIST_ADDS = 3 };
void session_list_add(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name, int64_t now_ms);

/*
 * Queues the command that removes a session from the list; it returns one
 * value.
 */
void session_list_remove(struct session_store *store, struct arena *arena,
    struct str user_id, struct str name);

/* Decodes the reply to ZSCORE, in ms; -1: not listed. */
int64_t session_list_read_seen(const struct resp_value *value);

/* Ends the least recently seen sessions of a user beyond [session] max. */
enum result session_list_cap(
    struct session_store *store, struct call *call, struct str user_id);

/* Operations of the session port, see store/ports.h. */
enum result redis_sessions_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms);
enum result redis_sessions_list(struct session_port *port, struct call *call,
    struct str user_id, struct session_list *list);
enum result redis_sessions_end_named(struct session_port *port,
    struct call *call, struct str user_id, struct str handle);
enum result redis_sessions_end_listed(struct session_port *port,
    struct call *call, struct str user_id, struct str keep, int64_t *count);

/*
 * For sessgatectl, which finds the names of records by SCAN.  Reads the records
 * of the given names into facts, which has space for count.  Keeps only
 * readable ones whose name is the right kind for [session] key; *found is their
 * number.  redis_sessions_judge sets the other facts.
 */
enum result redis_sessions_read(struct session_port *port, struct call *call,
    const struct str *given, size_t count, struct session_facts *facts,
    size_t *found);

/*
 * Deletes these records and removes them from the lists.  Adds the number that
 * existed to *ended.
 */
enum result redis_sessions_delete(struct session_port *port, struct call *call,
    const struct session_facts *facts, size_t count, int64_t *ended);

#endif
