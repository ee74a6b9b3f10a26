/* Sessions, generations, accounts and user rows in the cache, by key. */
#include "config.h"

#include "base/clock.h"
#include "base/counters.h"
#include "secret/token.h"
#include "store/keys.h"
#include "store/cache/pack.h"
#include "store/cache/entries.h"
#include "store/rows.h"

/* The cache as one request sees it. */
struct lookup {
	const struct cache_entries *cache_entries;
	struct arena *arena;
	struct cache_snapshot *snapshot;
};

/*
 * Takes the snapshot at the first lookup of a request.  So no hit is older than
 * the request, and no caller can expect newer data.  One snapshot is enough,
 * and each costs a system call, which checks that every invalidation was read.
 */
static struct lookup
lookup_of(const struct cache_entries *cache_entries, struct call *call)
{
	if (call->snapshot == NULL) {
		call->snapshot =
		    arena_alloc(call->arena, sizeof(*call->snapshot));
		*call->snapshot =
		    cache_snapshot(cache_entries->cache, clock_ms());
	}
	return (struct lookup){ cache_entries, call->arena, call->snapshot };
}

static struct str
find_entry(
    const struct lookup *lookup, enum counter_cached what, struct str key)
{
	struct str value = cache_find(
	    lookup->cache_entries->cache, lookup->snapshot, lookup->arena, key);

	if (str_is_none(value))
		counter_add(COUNTER_CACHE_MISSES, 1);
	else
		counter_add(COUNTER_CACHE_HITS + what, 1);
	return value;
}

static void
keep_entry(const struct lookup *lookup, struct str key, struct str value,
    int64_t ttl_ms)
{
	cache_keep(
	    lookup->cache_entries->cache, lookup->snapshot, key, value, ttl_ms);
}

static struct str
generation_key(const struct lookup *lookup, struct str user_id)
{
	return keys_generation(
	    lookup->arena, lookup->cache_entries->prefix, user_id);
}

static struct str
account_key(const struct lookup *lookup, struct str user_id)
{
	return keys_account(
	    lookup->arena, lookup->cache_entries->prefix, user_id);
}

static void
forget_entry(const struct cache_entries *cache_entries, struct str key)
{
	cache_forget(cache_entries->cache, key);
}

void
entries_forget_generation(const struct cache_entries *cache_entries,
    const struct call *call, struct str user_id)
{
	forget_entry(cache_entries,
	    keys_generation(call->arena, cache_entries->prefix, user_id));
}

void
entries_forget_account(const struct cache_entries *cache_entries,
    const struct call *call, struct str user_id)
{
	forget_entry(cache_entries,
	    keys_account(call->arena, cache_entries->prefix, user_id));
}

void
entries_forget_user(const struct cache_entries *cache_entries,
    const struct call *call, struct str id)
{
	forget_entry(
	    cache_entries, keys_user(call->arena, cache_entries->prefix, id));
}

void
entries_forget_named(const struct cache_entries *cache_entries,
    const struct call *call, struct str name)
{
	forget_entry(cache_entries,
	    keys_session(call->arena, cache_entries->prefix, name));
}

void
entries_forget_session(const struct cache_entries *cache_entries,
    const struct call *call, struct str token)
{
	struct key_variant variants[KEY_VARIANTS_MAX];
	int count = key_variants(call->arena, cache_entries->mode,
	    cache_entries->prefix, token, variants);

	for (int i = 0; i < count; i++)
		forget_entry(cache_entries, variants[i].key);
}

/*
 * Ages cached times by the time since the reply arrived, not since it was
 * requested, so that they never run ahead of Redis' clock.
 */
static void
age_facts(struct session_facts *facts, int64_t answered_ms, int64_t now_ms)
{
	int64_t passed_ms = now_ms > answered_ms ? now_ms - answered_ms : 0;

	facts->now_ms += passed_ms;
	if (facts->ttl_ms >= 0)
		facts->ttl_ms =
		    facts->ttl_ms > passed_ms ? facts->ttl_ms - passed_ms : 0;
}

static bool
find_user_facts(const struct lookup *lookup, struct session_facts *facts)
{
	struct str id = facts->session.user_id;
	struct str generation =
	    find_entry(lookup, CACHED_GENERATION, generation_key(lookup, id));
	struct str account =
	    find_entry(lookup, CACHED_ACCOUNT, account_key(lookup, id));

	if (str_is_none(generation) || str_is_none(account))
		return false;
	unpack_generation(generation, &facts->generation);
	unpack_account(lookup->arena, account, &facts->account);
	return true;
}

static bool
find_session(
    const struct lookup *lookup, struct str token, struct session_facts *facts)
{
	struct key_variant variants[KEY_VARIANTS_MAX];
	int count = key_variants(lookup->arena, lookup->cache_entries->mode,
	    lookup->cache_entries->prefix, token, variants);

	for (int i = 0; i < count; i++) {
		struct str session =
		    find_entry(lookup, CACHED_SESSION, variants[i].key);
		int64_t answered_ms;

		if (str_is_none(session))
			continue;
		unpack_session(session, facts, &answered_ms);
		if (facts->is_hashed != variants[i].is_hashed)
			continue;
		facts->name = variants[i].name;
		age_facts(facts, answered_ms, lookup->snapshot->now_ms);
		return find_user_facts(lookup, facts);
	}
	return false;
}

/* A lower bound of the remaining TTL (ms) of an account. */
static int64_t
account_ttl_ms(const struct session_facts *facts)
{
	int64_t left_ms =
	    facts->account.at_ms + ACCOUNT_LIFE_MS - facts->now_ms;

	if (!facts->account.is_known)
		return -1; /* there is no key, so nothing expires */
	return left_ms > 0 ? left_ms : 0;
}

static int64_t
session_ttl_ms(const struct session_facts *facts)
{
	const struct session *session = &facts->session;
	int64_t ttl_ms = facts->ttl_ms == -1 || facts->ttl_ms > 0
			     ? facts->ttl_ms
			     : 0; /* deleted between GET and PTTL */
	int64_t left_ms = session->expires_ms - facts->now_ms;

	if (session->expires_ms < 0 || (ttl_ms >= 0 && ttl_ms < left_ms))
		return ttl_ms;
	return left_ms > 0 ? left_ms : 0;
}

static void
keep_session(const struct lookup *lookup, struct session_facts *facts)
{
	struct arena *arena = lookup->arena;
	struct str id = facts->session.user_id;

	facts->handle = token_handle(arena, facts->name);
	keep_entry(lookup,
	    keys_session(arena, lookup->cache_entries->prefix, facts->name),
	    pack_session(arena, facts, clock_ms()), session_ttl_ms(facts));
	keep_entry(lookup, generation_key(lookup, id),
	    pack_generation(arena, &facts->generation), -1);
	keep_entry(lookup, account_key(lookup, id),
	    pack_account(arena, &facts->account), account_ttl_ms(facts));
}

/*
 * Caches only rows that Redis holds: only their keys get invalidations.  The
 * JSON is encoded once for all hits.
 */
static void
keep_user(const struct lookup *lookup, struct str key, struct user *user)
{
	struct buf text = buf_open(lookup->arena, ROWS_TEXT_MAX);

	if (!user->was_cached)
		return;
	rows_user_encode(&text, user);
	if (!text.is_full)
		user->text = buf_str(&text);
	keep_entry(lookup, key, pack_user(lookup->arena, user),
	    user->ttl_ms == -1 || user->ttl_ms > 0 ? user->ttl_ms : 0);
}

bool
entries_session(const struct cache_entries *cache_entries, struct call *call,
    struct str token, struct session_facts *facts)
{
	struct lookup lookup = lookup_of(cache_entries, call);

	return find_session(&lookup, token, facts);
}

void
entries_keep_session(const struct cache_entries *cache_entries,
    struct call *call, struct session_facts *facts)
{
	struct lookup lookup = lookup_of(cache_entries, call);

	keep_session(&lookup, facts);
}

bool
entries_user(const struct cache_entries *cache_entries, struct call *call,
    struct str id, struct user *user)
{
	struct lookup lookup = lookup_of(cache_entries, call);
	struct str row = find_entry(&lookup, CACHED_USER,
	    keys_user(call->arena, cache_entries->prefix, id));

	if (!str_is_none(row))
		unpack_user(row, user);
	return !str_is_none(row);
}

void
entries_keep_user(const struct cache_entries *cache_entries, struct call *call,
    struct str id, struct user *user)
{
	struct lookup lookup = lookup_of(cache_entries, call);

	keep_user(
	    &lookup, keys_user(call->arena, cache_entries->prefix, id), user);
}
