#ifndef GENERATIONS_H
#define GENERATIONS_H

#include "redis/session_store.h"

/* Called before there are threads.  False: OpenSSL has no SHA-1. */
bool generations_init(void);

/*
 * The reply of GET ugen:{<id>} as all of *generation.  A key of another type is
 * unreadable, no key at all is absent.
 */
void generations_read(struct arena *arena, const struct resp_value *value,
    struct generation *generation);

/* ugen:{<id>}: the generation of a user's sessions; see store/store.h. */
enum result redis_sessions_enter(struct session_port *port, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms);

enum result redis_sessions_supersede(struct session_port *port,
    struct call *call, struct str user_id, const struct generation *known,
    bool is_conditional, struct generation *generation, int64_t *now_ms);

#endif
