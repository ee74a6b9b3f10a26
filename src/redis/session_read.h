#ifndef SESSION_READ_H
#define SESSION_READ_H

#include "redis/session_store.h"

/* Reading a session, and all that it is judged by. */

/* Called before there are threads.  False: OpenSSL has no SHA-1. */
bool session_read_init(void);

/* See store/store.h: the session port's get. */
enum result redis_sessions_get(struct session_port *port, struct call *call,
    struct str token, struct session_facts *facts);

#endif
