#ifndef STORE_H
#define STORE_H

#include "store/ports.h"

/* The ports of one worker. */
struct stores {
	struct session_port *sessions;
	struct user_table_port *user_table;
	struct user_port *users;
	struct account_port *accounts;
	struct limit_port *limits;
	struct reset_port *resets;
};

/*
 * Each function PORT_OPERATION calls that operation of that port, with its
 * results; see store/ports.h.
 */
static inline MUST_CHECK enum result
sessions_get(const struct stores *stores, struct call *call, struct str token,
    struct session_facts *facts)
{
	return stores->sessions->get(stores->sessions, call, token, facts);
}

static inline MUST_CHECK enum result
sessions_put(const struct stores *stores, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	return stores->sessions->put(
	    stores->sessions, call, token, session, ttl_ms);
}

static inline MUST_CHECK enum result
sessions_end_later(
    const struct stores *stores, struct call *call, struct str token)
{
	return stores->sessions->end_later(stores->sessions, call, token);
}

static inline MUST_CHECK enum result
sessions_end(const struct stores *stores, struct call *call, struct str token)
{
	return stores->sessions->end(stores->sessions, call, token);
}

static inline MUST_CHECK enum result
sessions_enter(const struct stores *stores, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms)
{
	return stores->sessions->enter(
	    stores->sessions, call, user_id, generation, now_ms);
}

static inline MUST_CHECK enum result
sessions_touch(const struct stores *stores, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	return stores->sessions->touch(stores->sessions, call, facts, ttl_ms);
}

static inline MUST_CHECK enum result
sessions_supersede(const struct stores *stores, struct call *call,
    const struct supersession *what, struct generation *generation,
    int64_t *now_ms)
{
	return stores->sessions->supersede(
	    stores->sessions, call, what, generation, now_ms);
}

static inline MUST_CHECK enum result
sessions_renew(const struct stores *stores, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	return stores->sessions->renew(stores->sessions, call, facts, gen);
}

static inline MUST_CHECK enum result
sessions_list(const struct stores *stores, struct call *call,
    struct str user_id, struct session_list *list)
{
	return stores->sessions->list(stores->sessions, call, user_id, list);
}

static inline MUST_CHECK enum result
sessions_end_named(const struct stores *stores, struct call *call,
    struct str user_id, struct str handle)
{
	return stores->sessions->end_named(
	    stores->sessions, call, user_id, handle);
}

static inline MUST_CHECK enum result
sessions_end_listed(const struct stores *stores, struct call *call,
    struct str user_id, struct str keep, int64_t *count)
{
	return stores->sessions->end_listed(
	    stores->sessions, call, user_id, keep, count);
}

static inline MUST_CHECK enum result
sessions_ping(const struct stores *stores, struct call *call, struct str *why)
{
	return stores->sessions->ping(stores->sessions, call, why);
}

static inline MUST_CHECK enum result
user_table_by_login(const struct stores *stores, struct call *call,
    struct str login, struct user *user)
{
	return stores->user_table->by_login(
	    stores->user_table, call, login, user);
}

static inline MUST_CHECK enum result
user_table_by_id(const struct stores *stores, struct call *call, struct str id,
    struct user *user)
{
	return stores->user_table->by_id(stores->user_table, call, id, user);
}

static inline MUST_CHECK enum result
user_table_set_hash(const struct stores *stores, struct call *call,
    struct str id, struct str old, struct str hash)
{
	return stores->user_table->set_hash(
	    stores->user_table, call, id, old, hash);
}

static inline MUST_CHECK enum result
user_table_set_totp(const struct stores *stores, struct call *call,
    struct str id, struct str totp, struct str codes)
{
	return stores->user_table->set_totp(
	    stores->user_table, call, id, totp, codes);
}

static inline MUST_CHECK enum result
user_table_set_recovery(const struct stores *stores, struct call *call,
    struct str id, struct str old, struct str codes)
{
	return stores->user_table->set_recovery(
	    stores->user_table, call, id, old, codes);
}

/* True if users may have recovery codes. */
static inline bool
user_table_has_recovery(const struct stores *stores)
{
	return stores->user_table->has_set_recovery;
}

static inline bool
user_table_has_totp(const struct stores *stores)
{
	return stores->user_table->has_totp(stores->user_table);
}

static inline MUST_CHECK enum result
user_table_ping(const struct stores *stores, struct call *call, struct str *why)
{
	return stores->user_table->ping(stores->user_table, call, why);
}

static inline MUST_CHECK enum result
users_by_id(const struct stores *stores, struct call *call, struct str id,
    struct user *user)
{
	return stores->users->by_id(stores->users, call, id, user);
}

static inline MUST_CHECK enum result
users_update(const struct stores *stores, struct call *call, struct str id,
    const struct user_changes *changes)
{
	return stores->users->update(stores->users, call, id, changes);
}

static inline MUST_CHECK enum result
accounts_ask(const struct stores *stores, struct call *call,
    const struct account_question *question, struct account *account)
{
	return stores->accounts->ask(stores->accounts, call, question, account);
}

static inline MUST_CHECK enum result
accounts_forget(
    const struct stores *stores, struct call *call, struct str user_id)
{
	return stores->accounts->forget(stores->accounts, call, user_id);
}

static inline MUST_CHECK enum result
limits_take(const struct stores *stores, struct call *call,
    const struct limit_bucket *buckets, size_t count,
    struct limit_verdict *verdict)
{
	return stores->limits->take(
	    stores->limits, call, buckets, count, verdict);
}

static inline MUST_CHECK enum result
limits_peek(const struct stores *stores, struct call *call,
    const struct limit_bucket *buckets, size_t count,
    struct limit_verdict *verdict)
{
	return stores->limits->peek(
	    stores->limits, call, buckets, count, verdict);
}

static inline MUST_CHECK enum result
limits_give_back(const struct stores *stores, struct call *call,
    const struct limit_bucket *buckets, size_t count)
{
	return stores->limits->give_back(stores->limits, call, buckets, count);
}

static inline MUST_CHECK enum result
limits_claim(const struct stores *stores, struct call *call, struct str scope,
    struct str name, int64_t ttl_ms)
{
	return stores->limits->claim(stores->limits, call, scope, name, ttl_ms);
}

static inline MUST_CHECK enum result
resets_put(const struct stores *stores, struct call *call, struct str token,
    const struct reset *reset, int64_t ttl_ms, int64_t *now_ms)
{
	return stores->resets->put(
	    stores->resets, call, token, reset, ttl_ms, now_ms);
}

static inline MUST_CHECK enum result
resets_get(const struct stores *stores, struct call *call, struct str token,
    struct reset *reset, int64_t *left_ms)
{
	return stores->resets->get(stores->resets, call, token, reset, left_ms);
}

static inline MUST_CHECK enum result
resets_take(const struct stores *stores, struct call *call, struct str token)
{
	return stores->resets->take(stores->resets, call, token);
}

#endif
