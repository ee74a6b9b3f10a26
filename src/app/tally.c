/* The labels that a request is counted with. */
#include "config.h"

#include <string.h>

#include "app/app.h"
#include "app/tally.h"

static enum counter_check
check_of(enum result result)
{
	if (result == RESULT_OK)
		return CHECK_ALLOWED;
	return result == RESULT_NOAUTH || result == RESULT_DENY ? CHECK_DENIED
								: CHECK_AWAY;
}

void
tally_check(struct context *c, enum result result)
{
	c->tally.is_checked = true;
	c->tally.check = check_of(result);
	c->tally.from = c->call->has_asked ? FROM_REDIS : FROM_PROCESS;
}

void
tally_login(struct context *c, enum counter_login login)
{
	c->tally.has_login_result = true;
	c->tally.login = login;
}

void
tally_login_failed(struct context *c, const char *reason)
{
	static const struct {
		const char *reason;
		enum counter_login login;
	} rows[] = {
		{ "unknown", LOGIN_UNKNOWN },
		{ "closed", LOGIN_CLOSED },
		{ "changed", LOGIN_CHANGED },
		{ "code", LOGIN_CODE },
	};
	enum counter_login login = LOGIN_PASSWORD;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(reason, rows[i].reason) == 0)
			login = rows[i].login;
	tally_login(c, login);
}

static void
count_login(const struct context *c)
{
	if (!c->tally.is_login)
		return;
	if (c->tally.has_login_result)
		counter_add_site(COUNTER_LOGINS + c->tally.login, 1);
	else if (c->refused == ANSWER_LIMITED)
		counter_add_site(COUNTER_LOGINS + LOGIN_LIMITED, 1);
	else if (c->refused == ANSWER_BUSY)
		counter_add_site(COUNTER_LOGINS + LOGIN_BUSY, 1);
	else if (c->refused == ANSWER_REDIS_UNAVAILABLE ||
		 c->refused == ANSWER_MYSQL_UNAVAILABLE)
		counter_add_site(COUNTER_LOGINS + LOGIN_AWAY, 1);
}

/*
 * At the gate the answer decides what is counted, since a public path admits
 * everybody.
 */
static void
count_check(const struct context *c)
{
	enum counter_check check = c->tally.check;

	if (!c->tally.is_checked)
		return;
	if (c->tally.request == REQUEST_GATE)
		check = c->reply->status >= 500	  ? CHECK_AWAY
			: c->reply->status == 200 ? CHECK_ALLOWED
						  : CHECK_DENIED;
	counter_add_site(COUNTER_CHECKS + check * FROMS + c->tally.from, 1);
}

/*
 * Counts an answer 503 by the kind of place that was not free.  If none was
 * lacking (PLACE_NONE), a login waited too long for its hash.
 */
static void
count_refused_place(const struct context *c)
{
	enum place_kind lacking = c->call->claims->lacking;

	_Static_assert((int)PLACE_HASH_LABEL == (int)PLACE_LOGIN &&
			   (int)PLACE_SQL_LABEL == (int)PLACE_SQL,
	    "counters.def has the places in their order");
	if (lacking == PLACE_NONE)
		lacking = PLACE_LOGIN;
	counter_add(COUNTER_PLACES_REFUSED + lacking, 1);
}

void
tally_count(const struct context *c)
{
	counter_add_request(c->tally.request, c->reply->status);
	count_check(c);
	count_login(c);
	if (c->refused == ANSWER_BUSY)
		count_refused_place(c);
}

enum counter_role
tally_role(const struct context *c)
{
	if (c->tally.request == REQUEST_GATE)
		return ROLE_GATE;
	return c->tally.request == REQUEST_LOGIN_REDIRECT ? ROLE_LOGIN_REDIRECT
							  : ROLE_API;
}
