#ifndef ENTRIES_H
#define ENTRIES_H

#include "config/conf.h"
#include "store/cache/cache.h"
#include "store/store.h"

/*
 * Typed entries of the cache for one site.  A request takes one snapshot
 * (call->snapshot).  Its hits are as new as the snapshot, and all that it
 * stores was read from Redis after the snapshot.
 */
struct cache_entries {
	struct cache *cache;
	enum conf_session_key mode;
	struct str prefix;
};

/*
 * Reads all facts of a token's session.  False: at least one of the three
 * entries (session, generation, account) is missing; *facts is then undefined.
 */
bool entries_session(const struct cache_entries *cache_entries,
    struct call *call, struct str token, struct session_facts *facts);

/* Reads a user's row.  False: not cached. */
bool entries_user(const struct cache_entries *cache_entries, struct call *call,
    struct str id, struct user *user);

/*
 * Stores facts that Redis returned after entries_session missed.  Also computes
 * facts->handle, once for this answer and all later hits.
 */
void entries_keep_session(const struct cache_entries *cache_entries,
    struct call *call, struct session_facts *facts);

/*
 * Stores a row that came from user:<id> in Redis; any other row is not cached.
 * Also encodes user->text (JSON), once for this answer and all later hits.
 */
void entries_keep_user(const struct cache_entries *cache_entries,
    struct call *call, struct str id, struct user *user);

/*
 * Each invalidates an entry whose key this process changed, or may have
 * changed.  entries_forget_session: all key variants of a token.
 * entries_forget_named: the key with this hash or token.
 */
void entries_forget_session(const struct cache_entries *cache_entries,
    const struct call *call, struct str token);
void entries_forget_named(const struct cache_entries *cache_entries,
    const struct call *call, struct str name);
void entries_forget_generation(const struct cache_entries *cache_entries,
    const struct call *call, struct str user_id);
void entries_forget_account(const struct cache_entries *cache_entries,
    const struct call *call, struct str user_id);
void entries_forget_user(const struct cache_entries *cache_entries,
    const struct call *call, struct str id);

#endif
