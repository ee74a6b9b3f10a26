#ifndef GENERATIONS_H
#define GENERATIONS_H

#include "redis/session_store.h"

/*
 * Opens its scripts (script_open): may be repeated, and must have returned
 * before another thread uses them.  False: OpenSSL has no SHA-1.
 */
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
    struct call *call, const struct supersession *what,
    struct generation *generation, int64_t *now_ms);

/*
 * Blocks a user for span_ms: ends all sessions and refuses logins.  The caller
 * sets by and reason of *block; its two times are set here.  The TTL of the key
 * is at least the longest life of a session, so that no session is valid again
 * after the block.  BAD: the texts are too long.  FAULT: no randomness.
 */
enum result redis_sessions_block(struct session_port *port, struct call *call,
    struct str user_id, int64_t span_ms, struct account_block *block);

/*
 * Replaces a blocked generation by a new one, which no session has.  MISS: the
 * user is not blocked, or the generation was changed meanwhile.
 */
enum result redis_sessions_unblock(
    struct session_port *port, struct call *call, struct str user_id);

/* Sets *now_ms to the time of Redis. */
enum result redis_sessions_time(
    struct session_port *port, struct call *call, int64_t *now_ms);

/*
 * Supersedes the generations of several users, at most GENERATIONS_MAX, as
 * supersede without a condition does for one.  Adds the number of replaced
 * generations to *ended; a blocked one is not replaced.
 */
enum { GENERATIONS_MAX = 256 };
enum result redis_sessions_supersede_many(struct session_port *port,
    struct call *call, const struct str *user_ids, size_t count,
    int64_t *ended);

#endif
