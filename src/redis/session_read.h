#ifndef SESSION_READ_H
#define SESSION_READ_H

#include "redis/session_store.h"

/* Reading of sessions, with everything that decides whether they are valid. */

/*
 * Opens its scripts (script_open): may be repeated, and must have returned
 * before another thread uses them.  False: OpenSSL has no SHA-1.
 */
bool session_read_init(void);

/* The session port's get, see store/ports.h. */
enum result redis_sessions_get(struct session_port *port, struct call *call,
    struct str token, struct session_facts *facts);

/*
 * Completes facts whose records were read by redis_sessions_read: sets
 * generation, account and now_ms of each, for its session.user_id.
 */
enum result redis_sessions_judge(struct session_port *port, struct call *call,
    struct session_facts *facts, size_t count);

/*
 * Reads what decides about all sessions of a user: sets facts->generation,
 * account and now_ms.  Creates no generation.
 */
enum result redis_sessions_standing(struct session_port *port,
    struct call *call, struct str user_id, struct session_facts *facts);

#endif
