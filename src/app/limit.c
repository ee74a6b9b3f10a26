/* Which counters a try is counted by. */
#include "config.h"

#include "app/audit.h"
#include "app/client_ip.h"
#include "app/device.h"
#include "app/limit.h"
#include "secret/digest.h"

struct str
limit_account(struct arena *arena, struct str login)
{
	struct buf lower = buf_open(arena, login.len);

	/* most collations take blanks at the end for nothing */
	while (login.len > 0 && login.ptr[login.len - 1] == ' ')
		login.len--;
	for (size_t i = 0; i < login.len; i++) {
		char c = login.ptr[i];

		buf_add_char(
		    &lower, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	return buf_str(&lower);
}

/* A limit that is off has no counter. */
static void
add_bucket(struct context *c, struct limit_ticket *ticket,
    const struct conf_rate *rate, struct str scope, struct str subject)
{
	if (rate->most == 0)
		return;
	ticket->buckets[ticket->count++] = (struct limit_bucket){
		.scope = scope,
		.name = digest_text(c->call->arena, subject, DIGEST_BYTES),
		.most = rate->most,
		.window_ms = rate->window_ms,
	};
}

static struct str
pair_of(struct arena *arena, struct str head, struct str tail)
{
	struct buf pair = buf_open(arena, head.len + 1 + tail.len);

	buf_add(&pair, head);
	buf_add_char(&pair, ' ');
	buf_add(&pair, tail);
	return buf_str(&pair);
}

/* An account without a name is nobody's: it has no counter. */
static void
list_buckets(struct context *c, struct str login, struct limit_ticket *ticket)
{
	const struct conf *conf = c->app->conf;
	struct arena *arena = c->call->arena;
	struct str account = limit_account(arena, login);
	struct str network = client_ip_network(arena, client_ip(c));
	struct str device = device_of(c, account);

	*ticket = (struct limit_ticket){ .count = 0 };
	if (!str_is_none(device)) {
		add_bucket(c, ticket, &conf->login_limit_pair, STR("device"),
		    pair_of(arena, device, account));
		return;
	}
	add_bucket(
	    c, ticket, &conf->login_limit_network, STR("network"), network);
	if (account.len == 0)
		return;
	add_bucket(c, ticket, &conf->login_limit_pair, STR("pair"),
	    pair_of(arena, network, account));
	if (app_keys(c->app).count > 0)
		add_bucket(c, ticket, &conf->login_limit_account,
		    STR("account"), account);
}

/* The scope of the full one, for the log. */
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
refuse_login(struct context *c, struct str login,
    const struct limit_ticket *ticket, const struct limit_verdict *verdict)
{
	audit_login_limited(c, note_refusal(c, ticket, verdict), login);
	return context_refuse(c, RESULT_LIMIT, ANSWER_LIMITED);
}

enum result
limit_take(struct context *c, struct str login, struct limit_ticket *ticket)
{
	struct limit_verdict verdict;
	enum result result;

	list_buckets(c, login, ticket);
	result = limits_take(
	    c->stores, c->call, ticket->buckets, ticket->count, &verdict);
	if (result == RESULT_LIMIT)
		return refuse_login(c, login, ticket, &verdict);
	return result;
}

enum result
limit_look(struct context *c, struct str login)
{
	struct limit_ticket ticket;
	struct limit_verdict verdict;
	enum result result;

	if (device_is_known(c)) /* maybe to this account: its row will tell */
		return RESULT_OK;
	list_buckets(c, login, &ticket);
	result = limits_look(
	    c->stores, c->call, ticket.buckets, ticket.count, &verdict);
	if (result == RESULT_LIMIT)
		return refuse_login(c, login, &ticket, &verdict);
	return result;
}

void
limit_give_back(struct context *c, const struct limit_ticket *ticket)
{
	const char *down_code = c->call->down_code;

	(void)!limits_give_back(
	    c->stores, c->call, ticket->buckets, ticket->count);
	c->call->down_code = down_code;
}

enum result
limit_request(struct context *c, struct limit_ticket *ticket)
{
	struct limit_verdict verdict;
	enum result result;

	*ticket = (struct limit_ticket){ .count = 0 };
	if (c->app->conf->server_limit.most == 0)
		return RESULT_OK;
	add_bucket(c, ticket, &c->app->conf->server_limit, STR("request"),
	    client_ip_network(c->call->arena, client_ip(c)));
	result = limits_take(
	    c->stores, c->call, ticket->buckets, ticket->count, &verdict);
	if (result == RESULT_LIMIT) {
		audit_request_limited(c, note_refusal(c, ticket, &verdict));
		return context_refuse(c, RESULT_LIMIT, ANSWER_LIMITED);
	}
	if (result != RESULT_OK) /* nothing was counted, or nobody knows */
		ticket->count = 0;
	c->call->down_code = NULL;
	return RESULT_OK;
}
