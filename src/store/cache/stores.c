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

#include "store/cache/stores.h"
#include "store/cache/entries.h"

struct cached {
	struct session_port sessions;
	struct user_port users;
	struct account_port accounts;
	struct stores stores; /* the ports above, and those not cached */
	struct stores behind;
	struct recall recall;
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

static enum result
cached_get(struct session_port *port, struct call *call, struct str token,
    struct session_facts *facts)
{
	struct cached *cached = of_sessions(port);
	enum result result;

	if (recall_session(&cached->recall, call, token, facts))
		return RESULT_OK;
	result = sessions_get(&cached->behind, call, token, facts);
	if (result == RESULT_OK)
		recall_keep_session(&cached->recall, call, facts);
	return result;
}

static enum result
cached_put(struct session_port *port, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	struct cached *cached = of_sessions(port);
	enum result result =
	    sessions_put(&cached->behind, call, token, session, ttl_ms);

	recall_forget_session(&cached->recall, call, token);
	return result;
}

static enum result
cached_end(struct session_port *port, struct call *call, struct str token)
{
	struct cached *cached = of_sessions(port);
	enum result result = sessions_end(&cached->behind, call, token);

	recall_forget_session(&cached->recall, call, token);
	return result;
}

static enum result
cached_enter(struct session_port *port, struct call *call, struct str user_id,
    struct generation *generation, int64_t *now_ms)
{
	struct cached *cached = of_sessions(port);
	enum result result =
	    sessions_enter(&cached->behind, call, user_id, generation, now_ms);

	recall_forget_generation(&cached->recall, call, user_id);
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

	recall_forget_named(&cached->recall, call, facts->name);
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

	recall_forget_generation(&cached->recall, call, user_id);
	return result;
}

static enum result
cached_renew(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	struct cached *cached = of_sessions(port);
	enum result result = sessions_renew(&cached->behind, call, facts, gen);

	recall_forget_named(&cached->recall, call, facts->name);
	return result;
}

static void
on_ended(void *arg, struct call *call, struct str name)
{
	recall_forget_named(&((struct cached *)arg)->recall, call, name);
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

static enum result
cached_by_id(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	struct cached *cached = of_users(port);
	enum result result;

	if (recall_user(&cached->recall, call, id, user))
		return RESULT_OK;
	result = users_by_id(&cached->behind, call, id, user);
	if (result == RESULT_OK)
		recall_keep_user(&cached->recall, call, id, user);
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

	recall_forget_user(&cached->recall, call, id);
	recall_forget_account(&cached->recall, call, id);
	return result;
}

static enum result
cached_set_hash(struct user_port *port, struct call *call, struct str id,
    struct str old, struct str hash)
{
	struct cached *cached = of_users(port);
	enum result result =
	    users_set_hash(&cached->behind, call, id, old, hash);

	recall_forget_account(&cached->recall, call, id);
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
		recall_forget_account(&cached->recall, call, user_id);
	return result;
}

static enum result
cached_forget_account(
    struct account_port *port, struct call *call, struct str user_id)
{
	struct cached *cached = of_accounts(port);
	enum result result = accounts_forget(&cached->behind, call, user_id);

	recall_forget_account(&cached->recall, call, user_id);
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
	cached->accounts = (struct account_port){ .ask = cached_ask,
		.forget = cached_forget_account };
	cached->stores = *behind;
	cached->stores.sessions = &cached->sessions;
	cached->stores.users = &cached->users;
	cached->stores.accounts = &cached->accounts;
	behind->sessions->on_ended = on_ended;
	behind->sessions->on_ended_arg = cached;
	cached->behind = *behind;
	cached->recall = (struct recall){ .cache = cache,
		.mode = conf->session_key,
		.prefix = str_from(conf->redis_key_prefix) };
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
