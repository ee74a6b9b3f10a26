/*
 * The ports of store.h over a cache.
 *
 * A check needs what three keys hold: the session's, and the generation and
 * the account of its user.  Each is kept by itself, so that whoever changes a
 * key is heard by name, and nobody has to know what hangs on what; a hit
 * needs all three.
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/cached.h"
#include "store/keys.h"
#include "store/pack.h"
#include "store/rows.h"

struct cached {
	struct session_port sessions;
	struct user_port users;
	struct account_port accounts;
	struct stores stores; /* the ports above, and those not cached */
	struct stores behind;
	struct cache *cache;
	enum conf_session_key mode;
	struct str prefix;
};

static struct cached *
of_sessions(struct session_port *port)
{
	return (struct cached *)(void *)((char *)port -
					 offsetof(struct cached, sessions));
}

static struct cached *
of_users(struct user_port *port)
{
	return (struct cached *)(void *)((char *)port -
					 offsetof(struct cached, users));
}

static struct cached *
of_accounts(struct account_port *port)
{
	return (struct cached *)(void *)((char *)port -
					 offsetof(struct cached, accounts));
}

struct lookup {
	struct cached *cached;
	struct arena *arena;
	const struct cache_look *look;
};

/*
 * A request looks once: what it finds is then no older than its beginning,
 * which is all that anybody can ask, and the question whether all was heard
 * costs a system call.
 */
static struct lookup
lookup_of(struct cached *cached, struct call *call)
{
	if (call->look == NULL) {
		call->look = arena_alloc(call->arena, sizeof(*call->look));
		*call->look = cache_look(cached->cache, clock_ms());
	}
	return (struct lookup){ cached, call->arena, call->look };
}

static struct str
find(const struct lookup *lookup, struct str key)
{
	return cache_find(
	    lookup->cached->cache, lookup->look, lookup->arena, key);
}

static void
keep(const struct lookup *lookup, struct str key, struct str value,
    int64_t life_ms)
{
	cache_keep(lookup->cached->cache, lookup->look, key, value, life_ms);
}

static struct str
generation_key(const struct lookup *lookup, struct str user_id)
{
	return keys_generation(lookup->arena, lookup->cached->prefix, user_id);
}

static struct str
account_key(const struct lookup *lookup, struct str user_id)
{
	return keys_account(lookup->arena, lookup->cached->prefix, user_id);
}

static void
forget(struct cached *cached, struct str key)
{
	cache_forget(cached->cache, key);
}

static void
forget_generation(
    struct cached *cached, const struct call *call, struct str user_id)
{
	forget(cached, keys_generation(call->arena, cached->prefix, user_id));
}

static void
forget_account(
    struct cached *cached, const struct call *call, struct str user_id)
{
	forget(cached, keys_account(call->arena, cached->prefix, user_id));
}

static void
forget_user(struct cached *cached, const struct call *call, struct str id)
{
	forget(cached, keys_user(call->arena, cached->prefix, id));
}

static void
forget_named(struct cached *cached, const struct call *call, struct str name)
{
	forget(cached, keys_session(call->arena, cached->prefix, name));
}

static void
forget_session(struct cached *cached, const struct call *call, struct str token)
{
	struct keys_form forms[KEYS_FORMS_MAX];
	int count =
	    keys_forms(call->arena, cached->mode, cached->prefix, token, forms);

	for (int i = 0; i < count; i++)
		forget(cached, forms[i].key);
}

/*
 * Time went on since the answer came.  Seen from when it came, not from when
 * it was asked for: what Redis' clock says is never ahead of it.
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
recall_user(const struct lookup *lookup, struct session_facts *facts)
{
	struct str id = facts->session.user_id;
	struct str generation = find(lookup, generation_key(lookup, id));
	struct str account = find(lookup, account_key(lookup, id));

	if (str_is_none(generation) || str_is_none(account))
		return false;
	unpack_generation(generation, &facts->generation);
	unpack_account(lookup->arena, account, &facts->account);
	return true;
}

static bool
recall_session(
    const struct lookup *lookup, struct str token, struct session_facts *facts)
{
	struct keys_form forms[KEYS_FORMS_MAX];
	int count = keys_forms(lookup->arena, lookup->cached->mode,
	    lookup->cached->prefix, token, forms);

	for (int i = 0; i < count; i++) {
		struct str session = find(lookup, forms[i].key);
		int64_t answered_ms;

		if (str_is_none(session))
			continue;
		unpack_session(session, facts, &answered_ms);
		facts->name = forms[i].name;
		age_facts(facts, answered_ms, lookup->look->now_ms);
		return recall_user(lookup, facts);
	}
	return false;
}

/* What an account has left to live at least, by what is known of it. */
static int64_t
account_life_ms(const struct session_facts *facts)
{
	int64_t left_ms =
	    facts->account.at_ms + ACCOUNT_LIFE_MS - facts->now_ms;

	if (!facts->account.is_known)
		return -1; /* nothing dies where nothing is */
	return left_ms > 0 ? left_ms : 0;
}

static int64_t
session_life_ms(const struct session_facts *facts)
{
	const struct session *session = &facts->session;
	int64_t life_ms = facts->ttl_ms == -1 || facts->ttl_ms > 0
			      ? facts->ttl_ms
			      : 0; /* gone between GET and PTTL */
	int64_t left_ms = session->expires_ms - facts->now_ms;

	if (session->expires_ms < 0 || (life_ms >= 0 && life_ms < left_ms))
		return life_ms;
	return left_ms > 0 ? left_ms : 0;
}

static void
remember(const struct lookup *lookup, const struct session_facts *facts)
{
	struct arena *arena = lookup->arena;
	struct str id = facts->session.user_id;

	keep(lookup, keys_session(arena, lookup->cached->prefix, facts->name),
	    pack_session(arena, facts, clock_ms()), session_life_ms(facts));
	keep(lookup, generation_key(lookup, id),
	    pack_generation(arena, &facts->generation), -1);
	keep(lookup, account_key(lookup, id),
	    pack_account(arena, &facts->account), account_life_ms(facts));
}

static enum result
cached_get(struct session_port *port, struct call *call, struct str token,
    struct session_facts *facts)
{
	struct cached *cached = of_sessions(port);
	struct lookup lookup = lookup_of(cached, call);
	enum result result;

	if (recall_session(&lookup, token, facts))
		return RESULT_OK;
	result = sessions_get(&cached->behind, call, token, facts);
	if (result == RESULT_OK)
		remember(&lookup, facts);
	return result;
}

static enum result
cached_put(struct session_port *port, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	struct cached *cached = of_sessions(port);
	enum result result =
	    sessions_put(&cached->behind, call, token, session, ttl_ms);

	forget_session(cached, call, token);
	return result;
}

static enum result
cached_end(struct session_port *port, struct call *call, struct str token)
{
	struct cached *cached = of_sessions(port);
	enum result result = sessions_end(&cached->behind, call, token);

	forget_session(cached, call, token);
	return result;
}

static enum result
cached_enter(struct session_port *port, struct call *call, struct str user_id,
    struct generation *generation, int64_t *now_ms)
{
	struct cached *cached = of_sessions(port);
	enum result result =
	    sessions_enter(&cached->behind, call, user_id, generation, now_ms);

	forget_generation(cached, call, user_id);
	return result;
}

/* What it extends and notes is in what is kept of it. */
static enum result
cached_touch(struct session_port *port, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	struct cached *cached = of_sessions(port);
	enum result result =
	    sessions_touch(&cached->behind, call, facts, ttl_ms);

	forget_named(cached, call, facts->name);
	return result;
}

static enum result
cached_supersede(struct session_port *port, struct call *call,
    struct str user_id, const struct generation *known, bool is_conditional,
    struct generation *generation, int64_t *now_ms)
{
	struct cached *cached = of_sessions(port);
	enum result result = sessions_supersede(&cached->behind, call, user_id,
	    known, is_conditional, generation, now_ms);

	forget_generation(cached, call, user_id);
	return result;
}

static enum result
cached_renew(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	struct cached *cached = of_sessions(port);
	enum result result = sessions_renew(&cached->behind, call, facts, gen);

	forget_named(cached, call, facts->name);
	return result;
}

static void
on_ended(void *arg, struct call *call, struct str name)
{
	forget_named(arg, call, name);
}

static enum result
cached_list(struct session_port *port, struct call *call, struct str user_id,
    struct session_list *list)
{
	return sessions_list(&of_sessions(port)->behind, call, user_id, list);
}

static enum result
cached_end_named(struct session_port *port, struct call *call,
    struct str user_id, struct str handle)
{
	return sessions_end_named(
	    &of_sessions(port)->behind, call, user_id, handle);
}

static enum result
cached_end_listed(struct session_port *port, struct call *call,
    struct str user_id, struct str keep, int64_t *count)
{
	return sessions_end_listed(
	    &of_sessions(port)->behind, call, user_id, keep, count);
}

static enum result
cached_ping(struct session_port *port, struct call *call)
{
	return sessions_ping(&of_sessions(port)->behind, call);
}

/* Only what Redis holds is kept; its JSON is made once, for all hits. */
static void
remember_user(const struct lookup *lookup, struct str key, struct user *user)
{
	struct buf text = buf_open(lookup->arena, ROWS_TEXT_MAX);

	if (!user->was_cached)
		return;
	rows_user_encode(&text, user);
	if (!text.is_full)
		user->text = buf_str(&text);
	keep(lookup, key, pack_user(lookup->arena, user),
	    user->ttl_ms == -1 || user->ttl_ms > 0 ? user->ttl_ms : 0);
}

static enum result
cached_by_id(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	struct cached *cached = of_users(port);
	struct lookup lookup = lookup_of(cached, call);
	struct str key = keys_user(call->arena, cached->prefix, id);
	struct str row = find(&lookup, key);
	enum result result;

	if (!str_is_none(row)) {
		unpack_user(row, user);
		return RESULT_OK;
	}
	result = users_by_id(&cached->behind, call, id, user);
	if (result == RESULT_OK)
		remember_user(&lookup, key, user);
	return result;
}

static enum result
cached_by_id_now(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	return users_by_id_now(&of_users(port)->behind, call, id, user);
}

static enum result
cached_by_login(struct user_port *port, struct call *call, struct str login,
    struct user *user)
{
	return users_by_login(&of_users(port)->behind, call, login, user);
}

static enum result
cached_state(struct user_port *port, struct call *call, struct str id,
    struct user_state *state)
{
	struct user_port *behind = of_users(port)->behind.users;

	return behind->state(behind, call, id, state);
}

static enum result
cached_update(struct user_port *port, struct call *call, struct str id,
    const struct user_changes *changes)
{
	struct cached *cached = of_users(port);
	enum result result = users_update(&cached->behind, call, id, changes);

	forget_user(cached, call, id);
	forget_account(cached, call, id);
	return result;
}

static enum result
cached_set_hash(struct user_port *port, struct call *call, struct str id,
    struct str old, struct str hash)
{
	struct cached *cached = of_users(port);
	enum result result =
	    users_set_hash(&cached->behind, call, id, old, hash);

	forget_account(cached, call, id);
	return result;
}

static enum result
cached_users_ping(struct user_port *port, struct call *call)
{
	return users_ping(&of_users(port)->behind, call);
}

static enum result
cached_ask(struct account_port *port, struct call *call, struct str user_id,
    int64_t now_ms, enum account_need need, const struct account *known,
    struct account *account)
{
	struct cached *cached = of_accounts(port);
	enum result result = accounts_ask(
	    &cached->behind, call, user_id, now_ms, need, known, account);

	/* while another asks, and while SQL is away, what is known is old news
	 */
	if (result != RESULT_OK || !known->is_known ||
	    account->at_ms != known->at_ms)
		forget_account(cached, call, user_id);
	return result;
}

struct cached *
cached_open(
    struct cache *cache, const struct conf *conf, const struct stores *behind)
{
	struct cached *cached = calloc(1, sizeof(*cached));

	if (cached == NULL)
		return NULL;
	cached->sessions = (struct session_port){ .get = cached_get,
		.put = cached_put,
		.end = cached_end,
		.enter = cached_enter,
		.touch = cached_touch,
		.supersede = cached_supersede,
		.renew = cached_renew,
		.list = cached_list,
		.end_named = cached_end_named,
		.end_listed = cached_end_listed,
		.ping = cached_ping };
	cached->users = (struct user_port){ .editable = behind->users->editable,
		.has_set_hash = behind->users->has_set_hash,
		.by_login = cached_by_login,
		.by_id = cached_by_id,
		.by_id_now = cached_by_id_now,
		.state = cached_state,
		.update = cached_update,
		.set_hash = cached_set_hash,
		.ping = cached_users_ping };
	cached->accounts = (struct account_port){ .ask = cached_ask };
	cached->stores = *behind;
	cached->stores.sessions = &cached->sessions;
	cached->stores.users = &cached->users;
	cached->stores.accounts = &cached->accounts;
	behind->sessions->on_ended = on_ended;
	behind->sessions->on_ended_arg = cached;
	cached->behind = *behind;
	cached->cache = cache;
	cached->mode = conf->session_key;
	cached->prefix = str_from(conf->redis_key_prefix);
	return cached;
}

void
cached_close(struct cached *cached)
{
	free(cached);
}

const struct stores *
cached_stores(const struct cached *cached)
{
	return &cached->stores;
}
