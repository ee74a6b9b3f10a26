/*
 * Accounts in Redis, refreshed from the users table.
 *
 * Single flight by a claim: before SQL is asked, the time is written into the
 * value ("asking"), and SQL's answer replaces exactly that value
 * (compare-and-set).  A DEL of the key (ours after a password change, PHP's
 * after an UPDATE) breaks the claim, so an answer from before the DEL is not
 * stored.  Meanwhile other requests use the old value.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "redis/accounts.h"
#include "store/keys.h"
#include "redis/lease.h"
#include "secret/token.h"
#include "store/rows.h"

enum { ASKING_MS = 2000 }; /* a claim older than this is ignored */

struct redis_accounts {
	struct account_port port; /* first, so that the port converts to this */
	struct link *link;
	struct user_table_port *table;
	struct str prefix;
	const char *site; /* for the log; NULL: none */
	struct refresher *refresher;
};

/* One query about one user. */
struct query {
	struct redis_accounts *accounts;
	struct call *call;
	struct str id, key;
	int64_t now_ms;
	enum account_need need;
	struct account known;
	struct lease lease; /* held by this request if its key is set */
};

/*
 * Asks SQL.  The account gets the fingerprint of the stored password hash
 * instead of the hash.
 */
static enum result
ask_table(const struct query *query, struct account *account)
{
	struct user_table_port *table = query->accounts->table;
	struct arena *arena = query->call->arena;
	struct user_state state;
	enum result result =
	    table->state(table, query->call, query->id, &state);

	if (result != RESULT_OK)
		return result;
	*account = (struct account){ .is_known = true,
		.at_ms = query->now_ms,
		.is_active = state.is_active,
		.login = state.login,
		.email = state.email,
		.name = state.name,
		.pw = token_fingerprint(arena, state.hash) };
	account->role_count =
	    rows_roles_split(arena, state.roles, &account->roles);
	return RESULT_OK;
}

static struct str
encode_account(const struct query *query, const struct account *account)
{
	struct buf text = buf_open(query->call->arena, ROWS_TEXT_MAX);

	rows_account_encode(&text, account);
	return text.is_full ? STR_NONE : buf_str(&text);
}

/*
 * Writes a claim into a known account.  OK: this request has the claim.  MISS:
 * another request changed the value first.
 */
static enum result
claim_known(struct query *query)
{
	struct account claimed = query->known;
	enum result result;

	claimed.asking_ms = query->now_ms;
	query->lease.text = encode_account(query, &claimed);
	if (str_is_none(query->lease.text))
		return RESULT_MISS;
	result = lease_claim(query->accounts->link, query->call, query->key,
	    query->known.text, query->lease.text);
	if (result == RESULT_OK)
		query->lease.key = query->key;
	return result;
}

/*
 * Takes the lease of an account that is not known.  MISS: the key has a value
 * by now, which is an account (query->known is set to it) or another
 * request's lease.  Any other value is overwritten by our lease.
 */
static enum result
claim_unknown(struct query *query)
{
	struct str found;
	enum result result = lease_take(query->accounts->link, query->call,
	    query->key, ASKING_MS, &query->lease, &found);

	if (result != RESULT_MISS)
		return result;
	query->lease.key = STR_NONE;
	if (rows_account_decode(query->call->arena, found, &query->known))
		query->known.text = found;
	else if (!lease_is(found)) /* neither account nor lease */
		return lease_seize(query->accounts->link, query->call,
		    query->key, ASKING_MS, &query->lease);
	return RESULT_MISS;
}

static enum result
claim(struct query *query)
{
	enum result result = RESULT_MISS;

	if (!query->known.is_known)
		result = claim_unknown(query);
	if (result == RESULT_MISS && query->known.is_known &&
	    query->need == ACCOUNT_NEW)
		result = claim_known(query);
	return result;
}

/*
 * Stores the answer of SQL.  A failure to store is ignored: the answer itself
 * is valid.  Without an answer the lease of an unknown account is released.
 */
static void
keep_account(const struct query *query, enum result answer,
    const struct account *account)
{
	struct link *link = query->accounts->link;
	struct call *call = query->call;
	struct str text = STR_NONE;

	if (str_is_none(query->lease.key))
		return;
	if (answer == RESULT_OK)
		text = encode_account(query, account);
	if (!str_is_none(text))
		(void)!lease_replace(
		    link, call, &query->lease, text, ACCOUNT_LIFE_MS);
	else if (!query->known.is_known)
		(void)!lease_release(link, call, &query->lease);
}

static enum result
ask_and_keep(struct query *query, struct account *account)
{
	enum result result = ask_table(query, account);

	keep_account(query, result, account);
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
	struct query query = { .accounts = &accounts,
		.call = call,
		.id = what->id,
		.key = keys_account(call->arena, what->prefix, what->id),
		.now_ms = what->now_ms };
	struct account account;

	if (!rows_account_decode(call->arena, what->known, &query.known))
		return STR_NONE;
	query.known.text = what->known;
	/*
	 * MISS: another request is asking.  After DOWN the answer cannot be
	 * stored, but it is still returned.
	 */
	if (claim_known(&query) == RESULT_MISS ||
	    ask_and_keep(&query, &account) != RESULT_OK)
		return STR_NONE;
	return encode_account(&query, &account);
}

/*
 * True if fresh may replace the known account.  fresh may be the answer to
 * another request, and older.  A known time ahead of the clock was written
 * before the clock was set back, and does not count.
 */
static bool
is_newer(const struct account *fresh, const struct query *query)
{
	return fresh->at_ms >= query->known.at_ms ||
	       query->known.at_ms > query->now_ms + STORE_AHEAD_MS;
}

/*
 * Stale-while-revalidate, single flight: one thread of all hosts refreshes the
 * account.  If its answer takes too long the stale value is returned; it is
 * valid until its TTL in Redis ends.  Waiting takes a place for SQL, which
 * bounds the workers that wait.
 */
static enum result
renew(struct query *query, struct account *account)
{
	struct redis_accounts *accounts = query->accounts;
	struct call *call = query->call;
	const struct refresh what = { .table = accounts->table,
		.prefix = accounts->prefix,
		.id = query->id,
		.known = query->known.text,
		.now_ms = query->now_ms,
		.site = place_site(call->claims),
		.site_name = accounts->site };
	struct account fresh;
	struct str text;

	*account = query->known;
	if (somebody_asks(&query->known, query->now_ms))
		return RESULT_OK;
	text = refresher_ask(accounts->refresher, call, &what,
	    place_try(call->claims, PLACE_SQL));
	if (!str_is_none(text) &&
	    rows_account_decode(call->arena, text, &fresh) &&
	    is_newer(&fresh, query)) {
		*account = fresh;
		account->text = text;
	}
	return RESULT_OK;
}

/*
 * Used while another request asks about a user who is not known.  FULL: the
 * request is requeued to wait for that answer.  After the wait, asks the table.
 */
static enum result
ask_beside(struct query *query, struct account *account)
{
	struct call *call = query->call;

	if (clock_ms() < call->lease_wait_until_ms &&
	    place_ask_again(call->claims))
		return RESULT_FULL;
	return ask_table(query, account);
}

static enum result
redis_accounts_ask(struct account_port *port, struct call *call,
    const struct account_question *question, struct account *account)
{
	struct redis_accounts *accounts = (struct redis_accounts *)port;
	struct query query = { .accounts = accounts,
		.call = call,
		.id = question->user_id,
		.key = keys_account(
		    call->arena, accounts->prefix, question->user_id),
		.now_ms = question->now_ms,
		.need = question->need,
		.known = *question->known };
	enum result result;

	if (query.known.is_known && query.need == ACCOUNT_IF_EASY)
		return renew(&query, account);
	if (!place_take_ahead(call->claims, PLACE_SQL))
		return RESULT_FULL;
	result = claim(&query);
	if (result == RESULT_OK ||
	    (result == RESULT_MISS && query.need == ACCOUNT_NEW))
		return ask_and_keep(&query, account);
	if (result != RESULT_MISS) /* Redis failed, but SQL may work */
		return ask_table(&query, account);
	if (!query.known.is_known)
		return ask_beside(&query, account);
	*account = query.known;
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
    struct user_table_port *table, struct refresher *refresher)
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
