/*
 * The account page.
 *
 * A page may be out of date when one of its forms is sent: the session has
 * ended, or somebody else has logged in meanwhile.  So each form has a field
 * with the id of the user for whom it was made, and is refused for any other
 * user.
 */
#include "config.h"

#include <stdio.h>

#include "app/client_ip.h"
#include "app/guard.h"
#include "app/handle/account.h"
#include "app/handle/factor.h"
#include "app/handle/pages.h"
#include "app/own_password.h"
#include "app/session_life.h"
#include "app/theme.h"
#include "config/net.h"
#include "http/agent.h"
#include "http/form.h"
#include "secret/token.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };
enum { HOURS_SHOWN = 48 }; /* a longer time is shown in days */

static const int64_t day_ms = INT64_C(24) * HOUR_MS;
static const struct str yes = STR_INIT("1");

/*
 * The words of ?done= in the URL, and the value that each sets in the template.
 */
static const struct {
	const char *word;
	enum theme_value value;
} done_words[] = {
	{ "ended", THEME_DONE_ENDED },
	{ "others", THEME_DONE_OTHERS },
	{ "password", THEME_DONE_PASSWORD },
	{ "factor", THEME_DONE_FACTOR },
	{ "factor-removed", THEME_DONE_FACTOR_REMOVED },
};

static struct str
account_url(const struct context *c)
{
	return page_own_url(c, "/account");
}

void
account_done(struct context *c, const char *word)
{
	char below[64];

	snprintf(below, sizeof(below), "/account?done=%s", word);
	page_redirect(c, page_own_url(c, below));
}

void
account_send_there(struct context *c)
{
	page_redirect(c, account_url(c));
}

/* The live sessions that the page lists. */
struct rows {
	const struct context *c;
	const struct session_facts *facts[SESSIONS_LISTED_MAX];
	size_t count;
	bool has_other, is_full;
};

static enum result
read_rows(struct context *c, struct rows *rows)
{
	struct session_list list;
	enum result result = sessions_list(
	    c->stores, c->call, c->who.found.session.user_id, &list);

	*rows = (struct rows){ .c = c };
	if (result != RESULT_OK)
		return result;
	rows->is_full = list.count == SESSIONS_LISTED_MAX;
	for (size_t i = 0; i < list.count; i++) {
		if (!guard_check_another(c, &list.items[i]))
			continue;
		rows->facts[rows->count++] = &list.items[i];
		if (!str_eq(list.items[i].name, c->who.found.name))
			rows->has_other = true;
	}
	return RESULT_OK;
}

/*
 * Returns the network that the limits count: an IPv4 address, or the /64 of an
 * IPv6 address, whose rest changes from day to day.  STR_NONE: another program
 * wrote a text that is no address.
 */
static struct str
network_to_show(struct arena *arena, struct str address)
{
	struct conf_net net;
	struct str network = client_ip_network(arena, address);

	return conf_net_read(address, &net) ? str_cut(&network, '/') : STR_NONE;
}

/* Sets the time since the session was last seen, in minutes, hours or days. */
static void
put_seen(struct arena *arena, int64_t ago_ms, struct str *values)
{
	if (ago_ms < MINUTE_MS)
		ago_ms = MINUTE_MS; /* also for a time in the future */
	if (ago_ms < HOUR_MS)
		values[THEME_SEEN_MINUTES] =
		    buf_int_str(arena, ago_ms / MINUTE_MS);
	else if (ago_ms < HOURS_SHOWN * HOUR_MS)
		values[THEME_SEEN_HOURS] = buf_int_str(arena, ago_ms / HOUR_MS);
	else
		values[THEME_SEEN_DAYS] = buf_int_str(arena, ago_ms / day_ms);
}

static void
fill_row(void *arg, size_t row, struct str *values)
{
	const struct rows *rows = arg;
	const struct context *c = rows->c;
	const struct session_facts *facts = rows->facts[row];
	struct arena *arena = c->call->arena;
	bool is_own = str_eq(facts->name, c->who.found.name);

	values[THEME_HANDLE] = token_handle(arena, facts->name);
	values[THEME_DEVICE] = agent_device(arena, facts->session.agent);
	values[THEME_ADDRESS] = network_to_show(arena, facts->session.addr);
	values[THEME_CURRENT] = is_own ? yes : STR_NONE;
	values[THEME_SEEN_MINUTES] = values[THEME_SEEN_HOURS] =
	    values[THEME_SEEN_DAYS] = STR_NONE;
	put_seen(arena, c->who.found.now_ms - facts->seen_ms, values);
}

static bool
is_fresh(const struct context *c)
{
	return session_life_is_fresh(
	    c->app->conf, &c->who.found.session, c->who.found.now_ms);
}

/*
 * Returns the relative URL of the mount, seen from the URL of a refused form.
 */
static struct str
way_up(enum account_form form)
{
	switch (form) {
	case ACCOUNT_OTHERS:
		return STR("../");
	case ACCOUNT_SESSION:
		return STR("../../");
	default:
		return STR("");
	}
}

static struct template_list
put_page(const struct context *c, struct rows *rows, struct str *values)
{
	const struct account_request *account = &c->account;

	values[THEME_ACCOUNT] = page_user_name(&c->who);
	values[THEME_USER_ID] = c->who.found.session.user_id;
	values[THEME_UP] = way_up(account->form);
	if (rows->count > 0)
		values[THEME_SESSIONS] = yes;
	if (rows->is_full)
		values[THEME_LIST_FULL] = yes;
	if (rows->has_other)
		values[THEME_OTHERS] = yes;
	if (c->stores->user_table->has_set_hash)
		values[THEME_CAN_CHANGE] = yes;
	if (factor_is_possible(c))
		values[THEME_CAN_FACTOR] = yes;
	if (!is_fresh(c))
		values[THEME_ASKS] = yes;
	if (account->differs)
		values[THEME_DIFFER] = yes;
	if (account->is_other_user)
		values[THEME_OTHER_USER] = yes;
	return (struct template_list){ .name = THEME_SESSIONS,
		.count = rows->count,
		.fill = fill_row,
		.arg = rows };
}

static void
put_done(const struct context *c, struct str *values)
{
	struct str word;

	if (!form_find(c->call->arena, c->request->query, STR("done"), &word))
		return;
	for (size_t i = 0; i < sizeof(done_words) / sizeof(done_words[0]); i++)
		if (str_eq(word, str_from(done_words[i].word)))
			values[THEME_DONE] = values[done_words[i].value] = yes;
}

enum result
handle_account_page(struct context *c)
{
	struct str values[THEME_COUNT] = { STR_NONE };
	struct rows rows;
	struct template_list list;
	enum result result = guard_session(c);

	if (result == RESULT_NOAUTH) {
		page_send_to_login(c, account_url(c));
		return RESULT_OK;
	}
	if (result == RESULT_OK)
		result = read_rows(c, &rows);
	if (result != RESULT_OK)
		return result;
	list = put_page(c, &rows, values);
	put_done(c, values);
	page_write(c, 200, values, &list);
	return RESULT_OK;
}

/*
 * Refuses a form that was made for another user.  A page that the site wrote
 * itself may lack the field `user`.
 */
static enum result
check_user(struct context *c)
{
	struct str user_id;

	if (!form_find(
		c->call->arena, c->request->body, STR("user"), &user_id) ||
	    str_eq(user_id, c->who.found.session.user_id))
		return RESULT_OK;
	c->account.is_other_user = true;
	return context_refuse(c, RESULT_DENY, ANSWER_FORBIDDEN);
}

/*
 * Accepts the password in place of a fresh login, to end all sessions.  POST
 * /password asks for the password in any case.
 */
static enum result
check_fresh(struct context *c)
{
	struct str given = STR_NONE;
	struct user user;

	if (c->account.form != ACCOUNT_OTHERS || is_fresh(c))
		return RESULT_OK;
	form_find(c->call->arena, c->request->body, STR("current"), &given);
	if (given.len == 0)
		return context_refuse(c, RESULT_DENY, ANSWER_LOGIN_TOO_OLD);
	return own_password_verify(c, given, &user);
}

enum result
account_guard(struct context *c)
{
	enum result result = guard_session(c);

	if (result == RESULT_OK)
		result = check_user(c);
	if (result == RESULT_OK)
		result = check_fresh(c);
	return result;
}

/*
 * Writes the refusal as the account page.  False: it was not written, because
 * there is no session, or the sessions cannot be read.
 */
static bool
write_refused(struct context *c, enum answer answer, int status)
{
	struct str values[THEME_COUNT] = { STR_NONE };
	struct rows rows;
	struct template_list list;

	if (c->account.form == ACCOUNT_PAGE || status >= 500 ||
	    str_is_none(c->who.token) || page_is_logged_out(answer) ||
	    read_rows(c, &rows) != RESULT_OK)
		return false;
	list = put_page(c, &rows, values);
	page_write_refusal(c, answer, status, values, &list);
	return true;
}

void
account_refuse(struct context *c, enum answer answer, int status)
{
	c->form.next = account_url(c);
	c->is_unsaved = c->account.form != ACCOUNT_PAGE;
	if (!page_is_logged_out(answer))
		c->back = c->form.next;
	if (!write_refused(c, answer, status))
		page_refuse(c, answer, status);
}
