/* Chooses the counters that count an attempt or a request. */
#include "config.h"

#include "app/audit.h"
#include "app/client_ip.h"
#include "app/device.h"
#include "app/limit_policy.h"
#include "base/clock.h"
#include "base/fold.h"
#include "secret/digest.h"

/*
 * GIVE_BACK_MS: the least time that a request has left to take a count back.
 * NAME_BYTES: a counter is named by the first 12 bytes of a hash, which are
 * NAME_LEN characters of base64url.
 */
enum { GIVE_BACK_MS = 100 };
enum { NAME_BYTES = 12, NAME_LEN = 16 };

/* A password change has no typed login: the account takes its place. */
struct limit_who
limit_who(struct arena *arena, struct str typed, const struct user *user)
{
	struct str login = str_is_none(user->login) ? typed : user->login;
	struct limit_who who = { .account = fold_text(arena, login),
		.id = user->id };

	who.typed = str_is_none(typed) ? who.account : fold_text(arena, typed);
	return who;
}

const struct conf_rate *
limit_policy_rate(const struct conf *conf, struct str scope)
{
	if (str_eq(scope, STR("network")))
		return &conf->login_limit_network;
	if (str_eq(scope, STR("account")))
		return &conf->login_limit_account;
	if (str_eq(scope, STR("request")))
		return &conf->server_limit;
	return &conf->login_limit_pair; /* the scopes pair and device */
}

/* Adds a counter, unless its limit is off. */
static void
add_bucket(const struct context *c, struct limit_ticket *ticket,
    struct str scope, struct str name)
{
	const struct conf_rate *rate = limit_policy_rate(c->app->conf, scope);

	if (rate->most == 0)
		return;
	ticket->buckets[ticket->count++] =
	    (struct limit_bucket){ .scope = scope,
		    .name = name,
		    .most = rate->most,
		    .window_ms = rate->window_ms,
		    .is_fading = str_eq(scope, STR("account")) };
}

struct str
limit_policy_name(struct arena *arena, struct str subject)
{
	return digest_text(arena, subject, NAME_BYTES);
}

static struct str
name_of(const struct context *c, struct str subject)
{
	return limit_policy_name(c->call->arena, subject);
}

/*
 * Returns ACCOUNT:OTHER, both hashed.  The account comes first, so that an
 * operator can find all counters of an account by one prefix.
 */
static struct str
pair_of(const struct context *c, struct str account, struct str other)
{
	struct buf pair = buf_open(c->call->arena, 2 * NAME_LEN + 1);

	buf_add(&pair, name_of(c, account));
	buf_add_char(&pair, ':');
	buf_add(&pair, name_of(c, other));
	return buf_str(&pair);
}

static struct str
client_network(const struct context *c)
{
	return client_ip_network(c->call->arena, client_ip(c));
}

/*
 * Lists the counters of an attempt.  An empty login has neither a pair counter
 * nor an account counter.
 */
static void
list_buckets(const struct context *c, const struct limit_who *who,
    struct limit_ticket *ticket)
{
	struct str device = device_of(c, who->id);
	struct str account = who->account, network = client_network(c);

	*ticket = (struct limit_ticket){ .count = 0 };
	if (!str_is_none(device)) {
		add_bucket(
		    c, ticket, STR("device"), pair_of(c, account, device));
		return;
	}
	add_bucket(c, ticket, STR("network"), name_of(c, network));
	if (who->typed.len > 0)
		add_bucket(
		    c, ticket, STR("pair"), pair_of(c, who->typed, network));
	if (account.len == 0 || app_keys(c->app).count == 0)
		return;
	add_bucket(c, ticket, STR("account"), name_of(c, account));
}

/* Sets c->retry_after_s.  Returns the scope of the full counter for the log. */
static struct str
note_refusal(struct context *c, const struct limit_ticket *ticket,
    const struct limit_verdict *verdict)
{
	c->retry_after_s = (verdict->left_ms + 999) / 1000;
	if (c->retry_after_s < 1)
		c->retry_after_s = 1;
	return ticket->buckets[verdict->full].scope;
}

static enum result
refuse_attempt(struct context *c, const struct limit_who *who,
    const struct limit_ticket *ticket, const struct limit_verdict *verdict)
{
	struct str scope = note_refusal(c, ticket, verdict);

	audit_login_limited(
	    c, scope, str_eq(scope, STR("pair")) ? who->typed : who->account);
	return context_refuse(c, RESULT_LIMIT, ANSWER_LIMITED);
}

enum result
limit_policy_take(
    struct context *c, const struct limit_who *who, struct limit_ticket *ticket)
{
	struct attempts *attempts = c->app->attempts;
	struct limit_verdict verdict;
	enum result result;
	uint64_t ended;

	list_buckets(c, who, ticket);
	do {
		ended = attempts_ended(attempts);
		result = limits_take(c->stores, c->call, ticket->buckets,
		    ticket->count, &verdict);
	} while (
	    result == RESULT_LIMIT &&
	    attempts_await(attempts, c->call->claims,
		&ticket->buckets[verdict.full], ended, c->call->deadline_ms));
	if (result == RESULT_LIMIT)
		return refuse_attempt(c, who, ticket, &verdict);
	if (result != RESULT_OK)
		return result;
	ticket->attempt = (struct attempt){ .buckets = ticket->buckets,
		.bucket_count = ticket->count };
	attempts_begin(attempts, &ticket->attempt);
	return RESULT_OK;
}

enum result
limit_policy_peek(struct context *c, struct str typed)
{
	const struct user nobody = { .id = STR_NONE };
	struct limit_who who = limit_who(c->call->arena, typed, &nobody);
	uint64_t ended = attempts_ended(c->app->attempts);
	struct limit_ticket ticket;
	struct limit_verdict verdict;
	enum result result;

	/* Only the row tells whether the cookie is of this account. */
	if (device_is_known(c))
		return RESULT_OK;
	list_buckets(c, &who, &ticket);
	result = limits_peek(
	    c->stores, c->call, ticket.buckets, ticket.count, &verdict);
	if (result != RESULT_LIMIT)
		return result;
	if (attempts_explain(
		c->app->attempts, &ticket.buckets[verdict.full], ended))
		return RESULT_OK;
	return refuse_attempt(c, &who, &ticket, &verdict);
}

void
limit_policy_give_back(struct context *c, const struct limit_ticket *ticket)
{
	int64_t deadline_ms = c->call->deadline_ms;
	int64_t least_ms = clock_ms() + GIVE_BACK_MS;

	/*
	 * A request past its deadline has tested no password either, so its
	 * count is taken back all the same.
	 */
	if (deadline_ms < least_ms)
		c->call->deadline_ms = least_ms;
	(void)!limits_give_back(
	    c->stores, c->call, ticket->buckets, ticket->count);
	c->call->deadline_ms = deadline_ms;
}

/*
 * Takes the count back before attempts_end wakes other attempts, which then
 * read the counters.
 */
void
limit_policy_end(struct context *c, struct limit_ticket *ticket, bool is_wrong)
{
	if (!is_wrong)
		limit_policy_give_back(c, ticket);
	attempts_end(c->app->attempts, &ticket->attempt);
}

enum result
limit_policy_request(struct context *c, struct limit_ticket *ticket)
{
	struct limit_verdict verdict;
	enum result result;

	*ticket = (struct limit_ticket){ .count = 0 };
	if (c->app->conf->server_limit.most == 0)
		return RESULT_OK;
	add_bucket(c, ticket, STR("request"), name_of(c, client_network(c)));
	result = limits_take(
	    c->stores, c->call, ticket->buckets, ticket->count, &verdict);
	if (result == RESULT_LIMIT) {
		audit_request_limited(c, note_refusal(c, ticket, &verdict));
		return context_refuse(c, RESULT_LIMIT, ANSWER_LIMITED);
	}
	/* Nothing was counted, or that is unknown: nothing is taken back. */
	if (result != RESULT_OK)
		ticket->count = 0;
	return RESULT_OK;
}
