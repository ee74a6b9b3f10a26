#ifndef GENERATIONS_H
#define GENERATIONS_H

#include "redis/session_store.h"

/* To be called before threads start.  False: OpenSSL has no SHA-1. */
bool generations_init(void);

/*
 * Decodes the reply to GET ugen:{<id>} into all of *generation.  A key of
 * another type is unreadable, a missing key is absent.
 */
void generations_read(struct arena *arena, const struct resp_value *value,
    struct generation *generation);

/* The session port's enter and supersede, see store/ports.h. */
enum result redis_sessions_enter(struct session_port *port, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms);

enum result redis_sessions_supersede(struct session_port *port,
    struct call *call, struct str user_id, const struct generation *known,
    bool is_conditional, struct generation *generation, int64_t *now_ms);

/*
 * Blocks a user for span_ms: ends all sessions, and no login works.  Sets the
 * times of *block; its texts are given.  The key lives at least as long as any
 * session, so that none revives.
 */
enum result redis_sessions_block(struct session_port *port, struct call *call,
    struct str user_id, int64_t span_ms, struct block *block);

/*
 * Replaces a blocked generation by a new one, which no session has.  MISS: the
 * user is not blocked.
 */
enum result redis_sessions_unblock(
    struct session_port *port, struct call *call, struct str user_id);

/* The time of Redis. */
enum result redis_sessions_time(
    struct session_port *port, struct call *call, int64_t *now_ms);

/*
 * Supersedes the generations of several users, as supersede without a condition
 * does for one.  At most GENERATIONS_MAX; *ended: how many were replaced, which
 * blocked ones are not.
 */
enum { GENERATIONS_MAX = 256 };
enum result redis_sessions_supersede_many(struct session_port *port,
    struct call *call, const struct str *user_ids, size_t count,
    int64_t *ended);

#endif
