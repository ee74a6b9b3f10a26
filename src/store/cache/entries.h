#ifndef ENTRIES_H
#define ENTRIES_H

#include "config/conf.h"
#include "store/cache/cache.h"
#include "store/store.h"

/*
 * What the cache holds of one site.  A request looks once (call->look): what
 * it finds is as of then, and what it keeps was asked for after.
 */
struct cache_entries {
	struct cache *cache;
	enum conf_session_key mode;
	struct str prefix;
};

/* False: not all that a check needs is there; facts then are nothing. */
bool entries_session(const struct cache_entries *cache_entries,
    struct call *call, struct str token, struct session_facts *facts);

bool entries_user(const struct cache_entries *cache_entries, struct call *call,
    struct str id, struct user *user);

/*
 * What the stores behind said after the request had looked for it in vain.
 * Also makes the session's handle, for this answer and all hits.
 */
void entries_keep_session(const struct cache_entries *cache_entries,
    struct call *call, struct session_facts *facts);

/* Also makes the row's JSON, user->text, for this answer and all hits. */
void entries_keep_user(const struct cache_entries *cache_entries,
    struct call *call, struct str id, struct user *user);

/* This process has, or may have, changed it. */
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
