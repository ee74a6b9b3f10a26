#ifndef SESSION_READ_H
#define SESSION_READ_H

#include "redis/session_store.h"

/* Reading a session, and all that it is judged by. */

/* Called before there are threads.  False: OpenSSL has no SHA-1. */
bool reading_init(void);

/* See store/store.h: the session port's get. */
enum result reading_get(struct session_port *port, struct call *call,
    struct str token, struct session_facts *facts);

#endif
