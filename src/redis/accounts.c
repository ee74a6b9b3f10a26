/*
 * Accounts in Redis, asked of the table.
 *
 * Who asks writes so into the value first, and what the table says replaces
 * exactly that claim: a DEL of the key (ours after a password change, PHP's
 * after an UPDATE) breaks it, and an answer from before is not kept.  While
 * somebody asks, the others go on with what is known.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "redis/accounts.h"
#include "store/keys.h"
#include "redis/lease.h"
#include "secret/token.h"
#include "store/rows.h"

enum { ASKING_MS = 2000 }; /* who asked and died is forgotten */

struct redis_accounts {
	struct account_port port; /* first: a port is its store */
	struct link *link;
	struct user_port *table;
	struct str prefix;
	const char *site; /* for the log; NULL: none */
	struct refresher *refresher;
};

/* One question about one user. */
struct question {
	struct redis_accounts *accounts;
	struct call *call;
	struct str id, key;
	int64_t now_ms;
	enum account_need need;
	struct account known;
	struct lease lease; /* ours while we ask; without a key: not ours */
};

/*
 * The names in a list with commas or blanks between: all of them, since one
 * that were left out would shut its bearer out without a word.
 */
static void
read_roles(struct arena *arena, struct str list, struct account *account)
{
	struct str *roles;

	account->role_count = 0;
	if (str_is_none(list))
		return;
	roles = arena_alloc(arena, (list.len / 2 + 1) * sizeof(roles[0]));
	while (list.len > 0) {
		struct str name = list;

		for (name.len = 0; name.len < list.len; name.len++)
			if (list.ptr[name.len] == ',' ||
			    list.ptr[name.len] == ' ')
				break;
		list = str_from_byte(
		    list, name.len + (name.len < list.len ? 1 : 0));
		if (name.len > 0)
			roles[account->role_count++] = name;
	}
	account->roles = roles;
}

/* The stored form of the password goes no further than this. */
static enum result
ask_table(const struct question *question, struct account *account)
{
	struct user_port *table = question->accounts->table;
	struct arena *arena = question->call->arena;
	struct user_state state;
	enum result result =
	    table->state(table, question->call, question->id, &state);

	if (result != RESULT_OK)
		return result;
	*account = (struct account){ .is_known = true,
		.at_ms = question->now_ms,
		.is_active = state.is_active,
		.login = state.login,
		.email = state.email,
		.name = state.name,
		.pw = token_fingerprint(arena, state.hash) };
	read_roles(arena, state.roles, account);
	return RESULT_OK;
}

static struct str
encode(const struct question *question, const struct account *account)
{
	struct buf text = buf_open(question->call->arena, ROWS_TEXT_MAX);

	rows_account_encode(&text, account);
	return text.is_full ? STR_NONE : buf_str(&text);
}

/* OK: this question is the one; MISS: another was faster. */
static enum result
claim_known(struct question *question)
{
	struct account claimed = question->known;
	enum result result;

	claimed.asking_ms = question->now_ms;
	question->lease.text = encode(question, &claimed);
	if (str_is_none(question->lease.text))
		return RESULT_MISS;
	result = lease_claim(question->accounts->link, question->call,
	    question->key, question->known.text, question->lease.text);
	if (result == RESULT_OK)
		question->lease.key = question->key;
	return result;
}

/*
 * Nothing was known; meanwhile something may be.  MISS with known filled, or
 * with a lease of somebody else's.
 */
static enum result
claim_unknown(struct question *question)
{
	struct str found;
	enum result result = lease_take(question->accounts->link,
	    question->call, question->key, ASKING_MS, &question->lease, &found);

	if (result != RESULT_MISS)
		return result;
	question->lease.key = STR_NONE;
	if (rows_account_decode(question->call->arena, found, &question->known))
		question->known.text = found;
	else if (!lease_is(found)) /* nobody could ever read it */
		return lease_seize(question->accounts->link, question->call,
		    question->key, ASKING_MS, &question->lease);
	return RESULT_MISS;
}

static enum result
claim(struct question *question)
{
	enum result result = RESULT_MISS;

	if (!question->known.is_known)
		result = claim_unknown(question);
	if (result == RESULT_MISS && question->known.is_known &&
	    question->need == ACCOUNT_NEW)
		result = claim_known(question);
	return result;
}

/* A write to a cache that fails never fails a read. */
static void
keep(const struct question *question, enum result answer,
    const struct account *account)
{
	struct link *link = question->accounts->link;
	struct call *call = question->call;
	struct str text = STR_NONE;

	if (str_is_none(question->lease.key))
		return;
	if (answer == RESULT_OK)
		text = encode(question, account);
	if (!str_is_none(text))
		(void)!lease_replace(
		    link, call, &question->lease, text, ACCOUNT_LIFE_MS);
	else if (!question->known.is_known)
		(void)!lease_release(link, call, &question->lease);
}

static enum result
ask_and_keep(struct question *question, struct account *account)
{
	enum result result = ask_table(question, account);

	keep(question, result, account);
	return result;
}

static bool
somebody_asks(const struct account *known, int64_t now_ms)
{
	return known->asking_ms + ASKING_MS > now_ms &&
	       known->asking_ms <= now_ms + STORE_AHEAD_MS;
}

struct str
redis_accounts_refresh(
    struct link *link, struct call *call, const struct refresh *what)
{
	struct redis_accounts accounts = {
		.link = link, .table = what->table, .prefix = what->prefix
	};
	struct question question = { .accounts = &accounts,
		.call = call,
		.id = what->id,
		.key = keys_account(call->arena, what->prefix, what->id),
		.now_ms = what->now_ms };
	struct account account;

	if (!rows_account_decode(call->arena, what->known, &question.known))
		return STR_NONE;
	question.known.text = what->known;
	/* MISS: somebody else asks.  DOWN: it cannot be kept, but it is known
	 */
	if (claim_known(&question) == RESULT_MISS ||
	    ask_and_keep(&question, &account) != RESULT_OK)
		return STR_NONE;
	return encode(&question, &account);
}

/*
 * Another request may have asked first, for an account that was replaced since.
 * What is ahead of the clock was kept before the clock was set back.
 */
static bool
is_newer(const struct account *fresh, const struct question *question)
{
	return fresh->at_ms >= question->known.at_ms ||
	       question->known.at_ms > question->now_ms + STORE_AHEAD_MS;
}

/*
 * What is known is old (stale-while-revalidate, single flight): one thread of
 * all hosts asks.  Where the answer takes long what is known will do: it
 * stands until its life in Redis ends.  Waiting takes a place, so that many
 * who wait leave workers to others.
 */
static enum result
renew(struct question *question, struct account *account)
{
	struct redis_accounts *accounts = question->accounts;
	struct call *call = question->call;
	const struct refresh what = { .table = accounts->table,
		.prefix = accounts->prefix,
		.id = question->id,
		.known = question->known.text,
		.now_ms = question->now_ms,
		.site = call->claims->site,
		.site_name = accounts->site };
	struct account fresh;
	struct str text;

	*account = question->known;
	if (somebody_asks(&question->known, question->now_ms))
		return RESULT_OK;
	text = refresher_ask(accounts->refresher, call, &what,
	    place_take(call->claims, PLACE_SQL));
	if (!str_is_none(text) &&
	    rows_account_decode(call->arena, text, &fresh) &&
	    is_newer(&fresh, question)) {
		*account = fresh;
		account->text = text;
	}
	return RESULT_OK;
}

/* Somebody else asks about a user whom nobody knows yet. */
static enum result
ask_beside(struct question *question, struct account *account)
{
	struct call *call = question->call;

	if (clock_ms() < call->lease_wait_until_ms) {
		call->claims->lacking = PLACE_KINDS;
		return RESULT_FULL;
	}
	return ask_table(question, account);
}

static enum result
redis_accounts_ask(struct account_port *port, struct call *call,
    struct str user_id, int64_t now_ms, enum account_need need,
    const struct account *known, struct account *account)
{
	struct redis_accounts *accounts = (struct redis_accounts *)port;
	struct question question = { .accounts = accounts,
		.call = call,
		.id = user_id,
		.key = keys_account(call->arena, accounts->prefix, user_id),
		.now_ms = now_ms,
		.need = need,
		.known = *known };
	enum result result;

	if (known->is_known && need == ACCOUNT_IF_EASY)
		return renew(&question, account);
	if (!place_take_ahead(call->claims, PLACE_SQL))
		return RESULT_FULL;
	result = claim(&question);
	if (result == RESULT_OK ||
	    (result == RESULT_MISS && need == ACCOUNT_NEW))
		return ask_and_keep(&question, account);
	if (result != RESULT_MISS) /* not to be written, but to be read */
		return ask_table(&question, account);
	if (!question.known.is_known)
		return ask_beside(&question, account);
	*account = question.known;
	return RESULT_OK;
}

static enum result
redis_accounts_forget(
    struct account_port *port, struct call *call, struct str user_id)
{
	struct redis_accounts *accounts = (struct redis_accounts *)port;
	struct resp_value value;

	link_add(accounts->link, STR("DEL"),
	    keys_account(call->arena, accounts->prefix, user_id));
	return link_exchange(accounts->link, call, &value);
}

struct account_port *
redis_accounts_open(struct link *link, const struct conf *conf,
    struct user_port *table, struct refresher *refresher)
{
	struct redis_accounts *accounts = calloc(1, sizeof(*accounts));

	if (accounts == NULL || !lease_init()) {
		free(accounts);
		return NULL;
	}
	accounts->port = (struct account_port){ .ask = redis_accounts_ask,
		.forget = redis_accounts_forget };
	accounts->link = link;
	accounts->table = table;
	accounts->prefix = str_from(conf->redis_key_prefix);
	accounts->site = conf->site;
	accounts->refresher = refresher;
	return &accounts->port;
}

void
redis_accounts_close(struct account_port *port)
{
	free(port);
}
