#ifndef SESSION_READ_H
#define SESSION_READ_H

#include "redis/session_store.h"

/* Reads a session and everything that decides whether it is valid. */

/* To be called before threads start.  False: OpenSSL has no SHA-1. */
bool session_read_init(void);

/* The session port's get, see store/ports.h. */
enum result redis_sessions_get(struct session_port *port, struct call *call,
    struct str token, struct session_facts *facts);

/*
 * Reads what decides about sessions whose records were read otherwise: fills
 * generation, account and now_ms of each, of the user session.user_id.
 */
enum result redis_sessions_judge(struct session_port *port, struct call *call,
    struct session_facts *facts, size_t count);

/*
 * Reads what decides about all sessions of a user: facts->generation, account
 * and now_ms.  Creates nothing.
 */
enum result redis_sessions_standing(struct session_port *port,
    struct call *call, struct str user_id, struct session_facts *facts);

#endif
