/* Decides whether a session, an id or an address is admitted. */
#include "config.h"

#include "app/client_ip.h"
#include "app/guard.h"
#include "store/id.h"
#include "app/session_cookie.h"
#include "app/session_life.h"
#include "config/net.h"
#include "base/siphash.h"

/*
 * Judges a record of the Node application, which has no generation.  The record
 * is valid if the sessions of the user were never ended all at once, or if it
 * was created after that.  A date more than [session] clock_skew in the future
 * is not believed.
 */
static bool
is_younger_than_end(const struct conf *conf, const struct session_facts *facts)
{
	int64_t created_ms = facts->session.created_ms;
	int64_t ended_ms = facts->generation.ended_ms;

	if (facts->generation.is_unreadable)
		return false;
	if (ended_ms == 0)
		return true;
	return created_ms > ended_ms &&
	       created_ms <= facts->now_ms + conf->session_clock_skew_ms;
}

bool
guard_session_is_live(
    const struct conf *conf, const struct session_facts *facts)
{
	const struct session *session = &facts->session;

	if (generation_is_blocked(&facts->generation, facts->now_ms))
		return false;
	if (!id_is_wellformed(conf->user_id_type, session->user_id))
		return false;
	if (session->expires_ms >= 0 && session->expires_ms <= facts->now_ms)
		return false;
	if (!str_is_none(session->gen))
		return str_eq(session->gen, facts->generation.gen);
	if (conf->session_key == CONF_KEY_SHA256)
		return false;
	return is_younger_than_end(conf, facts);
}

/*
 * Records of the Node application have no end.  The TTL of their key counts, or
 * [session] life for a key without TTL.
 */
int64_t
guard_expires_ms(const struct conf *conf, const struct session_facts *facts)
{
	int64_t left_ms =
	    facts->ttl_ms >= 0 ? facts->ttl_ms : conf->session_life_ms;

	if (facts->session.expires_ms >= 0)
		return facts->session.expires_ms;
	return facts->now_ms + left_ms;
}

/*
 * A session ends when the password fingerprint differs from the one at login.
 * Account data older than the login cannot decide this; then the result is
 * MISS, and the caller asks SQL.
 */
static enum result
judge_fingerprint(const struct conf *conf, const struct session *session,
    const struct account *account)
{
	if (conf->login_rehash || str_is_none(session->pw) ||
	    str_is_none(account->pw) || str_eq(session->pw, account->pw))
		return RESULT_OK;
	return account->at_ms > session->created_ms ? RESULT_NOAUTH
						    : RESULT_MISS;
}

/*
 * Judges the account data.  OK: the user may use this session.  NOAUTH: the
 * user may not.  MISS: SQL must be asked first.
 */
static enum result
judge_account(struct context *c, const struct session *session,
    const struct account *account)
{
	if (!account->is_active)
		return context_refuse(
		    c, RESULT_NOAUTH, ANSWER_SESSION_USER_GONE);
	return judge_fingerprint(c->app->conf, session, account);
}

/*
 * Every user id has its own moment in each period of [user] recheck, a hash of
 * the id.  So users who were first seen together, as after a restart, are not
 * rechecked together.  The recheck comes at least recheck / 4 after at_ms: an
 * earlier moment is mapped linearly to recheck / 4 .. recheck.
 */
int64_t
guard_recheck_due_ms(const struct conf *conf, struct str id, int64_t at_ms)
{
	/* zeroes, so all processes agree */
	static const unsigned char seed[SIPHASH_SEED];
	int64_t recheck_ms = conf->user_recheck_ms;
	int64_t phase_ms, left_ms;

	if (recheck_ms <= 0)
		return at_ms;
	phase_ms = (int64_t)(siphash(seed, id) % (uint64_t)recheck_ms);
	left_ms = recheck_ms - (at_ms + phase_ms) % recheck_ms;
	if (left_ms < recheck_ms / 4)
		left_ms = recheck_ms / 4 + left_ms * 3;
	return at_ms + left_ms;
}

static bool
is_old(const struct conf *conf, const struct session_facts *facts)
{
	int64_t at_ms = facts->account.at_ms;

	return !facts->account.is_known ||
	       at_ms > facts->now_ms + STORE_AHEAD_MS ||
	       guard_recheck_due_ms(conf, facts->session.user_id, at_ms) <=
		   facts->now_ms;
}

static enum result
ask_account(
    struct context *c, struct session_facts *facts, enum account_need need)
{
	const struct account known = facts->account;

	c->call->has_asked = true;
	return accounts_ask(c->stores, c->call,
	    &(struct account_question){
		facts->session.user_id, facts->now_ms, need, &known },
	    &facts->account);
}

/*
 * Checks that the user may still be logged in.  SQL is asked if the account
 * data is due for a recheck or cannot decide.  If the data is only due and SQL
 * is unavailable, the old data counts.
 */
static enum result
check_account(struct context *c, struct session_facts *facts)
{
	enum result result = RESULT_OK;

	if (is_old(c->app->conf, facts))
		result = ask_account(c, facts, ACCOUNT_IF_EASY);
	if (result == RESULT_OK)
		result = judge_account(c, &facts->session, &facts->account);
	if (result != RESULT_MISS)
		return result;
	result = ask_account(c, facts, ACCOUNT_NEW);
	if (result == RESULT_OK)
		result = judge_account(c, &facts->session, &facts->account);
	return result == RESULT_MISS ? RESULT_NOAUTH : result;
}

static enum result
check_session(struct context *c)
{
	struct session_facts facts;
	struct cookies cookies;
	enum result result;

	session_cookie_read(c, &cookies);
	if (cookies.counts == NULL)
		return context_refuse(c, RESULT_NOAUTH, ANSWER_TOKEN_MISSING);
	if (!cookies.counts->is_wellformed)
		return RESULT_NOAUTH;
	result =
	    sessions_get(c->stores, c->call, cookies.counts->token, &facts);
	if (result == RESULT_MISS)
		return RESULT_NOAUTH;
	if (result != RESULT_OK)
		return result;
	if (!guard_session_is_live(c->app->conf, &facts))
		return RESULT_NOAUTH;
	result = check_account(c, &facts);
	if (result != RESULT_OK)
		return result;
	session_life_touch(c, &facts);
	c->who.token = cookies.counts->token;
	c->who.found = facts;
	c->who.expires_ms = guard_expires_ms(c->app->conf, &facts);
	return RESULT_OK;
}

enum result
guard_session(struct context *c)
{
	enum result result;

	c->call->has_asked = false;
	result = check_session(c);
	tally_check(c, result);
	return result;
}

enum result
guard_fresh_session(struct context *c)
{
	enum result result = guard_session(c);

	if (result == RESULT_OK &&
	    !session_life_is_fresh(
		c->app->conf, &c->who.found.session, c->who.found.now_ms))
		return context_refuse(c, RESULT_DENY, ANSWER_LOGIN_TOO_OLD);
	return result;
}

bool
guard_listed_is_live(const struct conf *conf, struct str user_id,
    const struct session_facts *facts)
{
	return str_eq(facts->session.user_id, user_id) &&
	       guard_session_is_live(conf, facts) &&
	       judge_fingerprint(conf, &facts->session, &facts->account) !=
		   RESULT_NOAUTH;
}

bool
guard_check_another(const struct context *c, struct session_facts *facts)
{
	const struct session_facts *own = &c->who.found;

	facts->generation = own->generation;
	facts->account = own->account;
	facts->now_ms = own->now_ms;
	return guard_listed_is_live(c->app->conf, own->session.user_id, facts);
}

enum result
guard_user(struct context *c, bool is_read)
{
	const struct conf *conf = c->app->conf;
	bool is_me = str_eq(c->id, STR("me"));

	if (!is_me && !id_is_wellformed(conf->user_id_type, c->id))
		return context_refuse(c, RESULT_MISS, ANSWER_USER_NOT_FOUND);
	if (!is_me && is_read && conf->user_access == CONF_ACCESS_PUBLIC)
		return RESULT_OK;
	return guard_session(c);
}

bool
guard_admits_ops(const struct context *c)
{
	struct conf_net address;

	return conf_net_read(client_ip(c), &address) &&
	       conf_net_holds(&c->app->conf->ops_access, &address);
}
