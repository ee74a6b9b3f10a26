/*
 * The ports of store/ports.h, in front of the same ports.
 *
 * A check needs three keys: the session, and the generation and the account of
 * its user.  Each is an entry of its own, so that an invalidation of one key
 * removes exactly its entry, without an index of dependencies.  A hit needs all
 * three.
 *
 * Entries are copies of keys in Redis.  A write to the users table alone, for
 * example of a password hash, changes none of them.
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "store/cache/stores.h"
#include "store/cache/entries.h"

struct caching_stores {
	struct session_port sessions;
	struct user_port users;
	struct account_port accounts;
	struct stores stores; /* the ports above, and the uncached ones */
	struct stores behind;
	struct cache_entries cache_entries;
};

static struct caching_stores *
of_sessions(struct session_port *port)
{
	return (struct caching_stores *)(void *)((char *)port -
						 offsetof(struct caching_stores,
						     sessions));
}

static struct caching_stores *
of_users(struct user_port *port)
{
	return (struct caching_stores *)(void *)((char *)port -
						 offsetof(struct caching_stores,
						     users));
}

static struct caching_stores *
of_accounts(struct account_port *port)
{
	return (struct caching_stores *)(void *)((char *)port -
						 offsetof(struct caching_stores,
						     accounts));
}

static enum result
caching_get(struct session_port *port, struct call *call, struct str token,
    struct session_facts *facts)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result;

	if (entries_session(&caching_stores->cache_entries, call, token, facts))
		return RESULT_OK;
	result = sessions_get(&caching_stores->behind, call, token, facts);
	if (result == RESULT_OK)
		entries_keep_session(
		    &caching_stores->cache_entries, call, facts);
	return result;
}

static enum result
caching_put(struct session_port *port, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result =
	    sessions_put(&caching_stores->behind, call, token, session, ttl_ms);

	entries_forget_session(&caching_stores->cache_entries, call, token);
	return result;
}

static enum result
caching_end(struct session_port *port, struct call *call, struct str token)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result = sessions_end(&caching_stores->behind, call, token);

	entries_forget_session(&caching_stores->cache_entries, call, token);
	return result;
}

static enum result
caching_enter(struct session_port *port, struct call *call, struct str user_id,
    struct generation *generation, int64_t *now_ms)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result = sessions_enter(
	    &caching_stores->behind, call, user_id, generation, now_ms);

	entries_forget_generation(
	    &caching_stores->cache_entries, call, user_id);
	return result;
}

/*
 * The cached session holds its TTL and last-seen time, so a touch invalidates
 * it.
 */
static enum result
caching_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result =
	    sessions_touch(&caching_stores->behind, call, facts, ttl_ms);

	entries_forget_named(&caching_stores->cache_entries, call, facts->name);
	return result;
}

static enum result
caching_supersede(struct session_port *port, struct call *call,
    const struct supersession *what, struct generation *generation,
    int64_t *now_ms)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result = sessions_supersede(
	    &caching_stores->behind, call, what, generation, now_ms);

	entries_forget_generation(
	    &caching_stores->cache_entries, call, what->user_id);
	return result;
}

static enum result
caching_renew(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	struct caching_stores *caching_stores = of_sessions(port);
	enum result result =
	    sessions_renew(&caching_stores->behind, call, facts, gen);

	entries_forget_named(&caching_stores->cache_entries, call, facts->name);
	return result;
}

static void
on_ended(void *arg, struct call *call, struct str name)
{
	entries_forget_named(
	    &((struct caching_stores *)arg)->cache_entries, call, name);
}

/*
 * caching_end_later to caching_ping pass the call on: list and ping change
 * nothing, end_named and end_listed report what they end to on_ended, and
 * end_later follows an end, which has invalidated the session.
 */
static enum result
caching_end_later(
    struct session_port *port, struct call *call, struct str token)
{
	return sessions_end_later(&of_sessions(port)->behind, call, token);
}

static enum result
caching_list(struct session_port *port, struct call *call, struct str user_id,
    struct session_list *list)
{
	return sessions_list(&of_sessions(port)->behind, call, user_id, list);
}

static enum result
caching_end_named(struct session_port *port, struct call *call,
    struct str user_id, struct str handle)
{
	return sessions_end_named(
	    &of_sessions(port)->behind, call, user_id, handle);
}

static enum result
caching_end_listed(struct session_port *port, struct call *call,
    struct str user_id, struct str keep, int64_t *count)
{
	return sessions_end_listed(
	    &of_sessions(port)->behind, call, user_id, keep, count);
}

static enum result
caching_ping(struct session_port *port, struct call *call, struct str *why)
{
	return sessions_ping(&of_sessions(port)->behind, call, why);
}

static enum result
caching_by_id(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	struct caching_stores *caching_stores = of_users(port);
	enum result result;

	if (entries_user(&caching_stores->cache_entries, call, id, user))
		return RESULT_OK;
	result = users_by_id(&caching_stores->behind, call, id, user);
	if (result == RESULT_OK)
		entries_keep_user(
		    &caching_stores->cache_entries, call, id, user);
	return result;
}

static enum result
caching_update(struct user_port *port, struct call *call, struct str id,
    const struct user_changes *changes)
{
	struct caching_stores *caching_stores = of_users(port);
	enum result result =
	    users_update(&caching_stores->behind, call, id, changes);

	entries_forget_user(&caching_stores->cache_entries, call, id);
	return result;
}

static enum result
caching_ask(struct account_port *port, struct call *call,
    const struct account_question *question, struct account *account)
{
	struct caching_stores *caching_stores = of_accounts(port);
	enum result result =
	    accounts_ask(&caching_stores->behind, call, question, account);

	/*
	 * If the account comes back unchanged (another worker refreshes it, or
	 * SQL is down) the cached copy is still right.
	 */
	if (result != RESULT_OK || !question->known->is_known ||
	    account->at_ms != question->known->at_ms)
		entries_forget_account(
		    &caching_stores->cache_entries, call, question->user_id);
	return result;
}

static enum result
caching_forget_account(
    struct account_port *port, struct call *call, struct str user_id)
{
	struct caching_stores *caching_stores = of_accounts(port);
	enum result result =
	    accounts_forget(&caching_stores->behind, call, user_id);

	entries_forget_account(&caching_stores->cache_entries, call, user_id);
	return result;
}

struct caching_stores *
caching_stores_open(
    struct cache *cache, const struct conf *conf, const struct stores *behind)
{
	struct caching_stores *caching_stores =
	    calloc(1, sizeof(*caching_stores));

	if (caching_stores == NULL)
		return NULL;
	caching_stores->sessions = (struct session_port){ .get = caching_get,
		.put = caching_put,
		.end = caching_end,
		.end_later = caching_end_later,
		.enter = caching_enter,
		.touch = caching_touch,
		.supersede = caching_supersede,
		.renew = caching_renew,
		.list = caching_list,
		.end_named = caching_end_named,
		.end_listed = caching_end_listed,
		.ping = caching_ping };
	caching_stores->users = (struct user_port){ .by_id = caching_by_id,
		.update = caching_update };
	caching_stores->accounts = (struct account_port){ .ask = caching_ask,
		.forget = caching_forget_account };
	caching_stores->stores = *behind;
	caching_stores->stores.sessions = &caching_stores->sessions;
	caching_stores->stores.users = &caching_stores->users;
	caching_stores->stores.accounts = &caching_stores->accounts;
	behind->sessions->on_ended = on_ended;
	behind->sessions->on_ended_arg = caching_stores;
	caching_stores->behind = *behind;
	caching_stores->cache_entries = (struct cache_entries){ .cache = cache,
		.mode = conf->session_key,
		.prefix = str_from(conf->redis_key_prefix) };
	return caching_stores;
}

void
caching_stores_close(struct caching_stores *caching_stores)
{
	free(caching_stores);
}

const struct stores *
caching_stores_get(const struct caching_stores *caching_stores)
{
	return &caching_stores->stores;
}
