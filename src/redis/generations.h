#ifndef GENERATIONS_H
#define GENERATIONS_H

#include "redis/session_store.h"

/* ugen:{<id>}: the generation of a user's sessions; see store/store.h. */
enum result generations_enter(struct session_port *port, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms);

#endif
