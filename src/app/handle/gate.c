/*
 * The gate.  It answers 2xx only for a session that app/guard.c accepts, or for
 * a path that the rules make public.  In any doubt it refuses.
 *
 * A 200 has no headers but the identity: Apache passes all others on to the
 * browser.
 */
#include "config.h"

#include "app/handle/gate.h"
#include "app/guard.h"
#include "app/origin.h"
#include "app/handle/pages.h"
#include "app/gate_rules.h"
#include "base/log.h"
#include "http/next.h"
#include "http/uri.h"
#include "secret/token.h"

enum gate_mode
gate_mode_of(const struct request *request)
{
	static const struct {
		struct str role;
		enum gate_mode mode;
	} rows[] = {
		{ STR_INIT("gate"), GATE_SUBREQUEST },
		{ STR_INIT("login-redirect"), GATE_LOGIN_REDIRECT },
		{ STR_INIT("refusal"), GATE_REFUSAL },
	};
	enum gate_mode mode = request->role.len > 0 ? GATE_UNKNOWN : GATE_NONE;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(request->role, rows[i].role))
			mode = rows[i].mode;
	if (mode != GATE_UNKNOWN && request->is_authorizer)
		return GATE_AUTHORIZER;
	if (mode == GATE_NONE && request->is_gate_only)
		return GATE_UNKNOWN;
	return mode;
}

/*
 * The values that a 200 passes to the site.  identity_names has their names as
 * FastCGI variables and as HTTP headers.
 */
enum identity_value {
	IDENTITY_USER,
	IDENTITY_ID,
	IDENTITY_EMAIL,
	IDENTITY_NAME,
	IDENTITY_ROLES,
	IDENTITY_SESSION,
	IDENTITY_EXPIRES_IN,
	IDENTITY_OTP, /* only if users may have a second factor */
	IDENTITIES
};

enum { VALUE_MAX = 768 /* bytes */ };

static const struct {
	const char *variable, *header;
} identity_names[IDENTITIES] = {
	/* clang-format off */
	[IDENTITY_USER] = { "Variable-REMOTE_USER", "X-Sessgate-User" },
	[IDENTITY_ID] = { "Variable-SESSGATE_USER_ID", "X-Sessgate-User-Id" },
	[IDENTITY_EMAIL] = { "Variable-SESSGATE_EMAIL", "X-Sessgate-Email" },
	[IDENTITY_NAME] = { "Variable-SESSGATE_NAME", "X-Sessgate-Name" },
	[IDENTITY_ROLES] = { "Variable-SESSGATE_ROLES", "X-Sessgate-Roles" },
	[IDENTITY_SESSION] = { "Variable-SESSGATE_SESSION", "X-Sessgate-Session" },
	[IDENTITY_EXPIRES_IN] = { "Variable-SESSGATE_EXPIRES_IN", "X-Sessgate-Expires-In" },
	[IDENTITY_OTP] = { "Variable-SESSGATE_OTP", "X-Sessgate-Otp" },
	/* clang-format on */
};

static struct str
remote_user(const struct context *c)
{
	switch (c->app->conf->gate_remote_user) {
	case CONF_REMOTE_USER_ID:
		return c->who.found.session.user_id;
	case CONF_REMOTE_USER_EMAIL:
		return c->who.found.account.email;
	case CONF_REMOTE_USER_LOGIN:
		break;
	}
	return identity_login(&c->who);
}

/* Leaves out an unprintable name, since it is for display only. */
static struct str
name_to_show(struct str name)
{
	return str_is_printable(name) ? name : STR_NONE;
}

/*
 * Returns the roles with commas between.  Without roles it is STR(""), not
 * STR_NONE: the header is sent, so that a client cannot forge it.
 */
static struct str
join_roles(struct arena *arena, const struct account *account)
{
	struct buf joined = buf_open(arena, REPLY_MAX);

	for (size_t i = 0; i < account->role_count; i++) {
		if (i > 0)
			buf_add_char(&joined, ',');
		buf_add(&joined, account->roles[i]);
	}
	return joined.len > 0 ? buf_str(&joined) : STR("");
}

static struct str
handle_of(const struct context *c, const struct session_facts *facts)
{
	return str_is_none(facts->handle)
		   ? token_handle(c->call->arena, facts->name)
		   : facts->handle;
}

static void
read_identity(const struct context *c, struct str values[IDENTITIES])
{
	const struct identity *who = &c->who;
	int64_t left_ms = who->expires_ms - who->found.now_ms;

	values[IDENTITY_USER] = remote_user(c);
	values[IDENTITY_ID] = who->found.session.user_id;
	values[IDENTITY_EMAIL] = who->found.account.email;
	values[IDENTITY_NAME] = name_to_show(who->found.account.name);
	values[IDENTITY_ROLES] =
	    join_roles(c->call->arena, &who->found.account);
	values[IDENTITY_SESSION] = handle_of(c, &who->found);
	values[IDENTITY_EXPIRES_IN] =
	    buf_int_str(c->call->arena, left_ms / 1000);
	values[IDENTITY_OTP] = !user_table_has_totp(c->stores) ? STR_NONE
			       : who->found.session.has_otp    ? STR("1")
							       : STR("0");
}

/*
 * Leaves out long values other than the user: nginx answers 502 if the header
 * exceeds 4 KiB.
 */
static void
leave_out_long(const struct context *c, struct str values[IDENTITIES])
{
	for (int i = IDENTITY_USER + 1; i < IDENTITIES; i++) {
		if (values[i].len <= VALUE_MAX)
			continue;
		values[i] = STR_NONE;
		log_event(LOG_WARN, "gate value left out",
		    log_text("name", identity_names[i].variable),
		    log_text("reason", "above 768 bytes"),
		    log_str("id", c->who.found.session.user_id), LOG_END);
	}
}

/* Returns a value that cannot be passed on unchanged; IDENTITIES: all can. */
static enum identity_value
find_unfit(const struct str values[IDENTITIES])
{
	enum identity_value value = IDENTITY_USER;

	if (values[IDENTITY_USER].len == 0 ||
	    values[IDENTITY_USER].len > VALUE_MAX)
		return IDENTITY_USER;
	while (value < IDENTITIES && str_is_printable(values[value]))
		value++;
	return value;
}

/*
 * True if all values can be passed on unchanged.  A truncated or repaired value
 * could be the name of another account.
 */
static bool
may_be_passed_on(const struct context *c, const struct str values[IDENTITIES])
{
	enum identity_value unfit = find_unfit(values);

	if (unfit == IDENTITIES)
		return true;
	log_event(LOG_WARN, "gate refused",
	    log_text("name", identity_names[unfit].variable),
	    log_text("reason", unfit == IDENTITY_USER
				   ? "no user name that can be passed on"
				   : "no value that can be passed on"),
	    log_str("id", c->who.found.session.user_id), LOG_END);
	return false;
}

/*
 * Adds headers for mod_sessgate of Apache, which is an authorizer that names a
 * role.  It passes no header on to the browser.  X-Sessgate-Scope has the paths
 * that share this answer; the code `public` marks a 200 without a user, which
 * mod_sessgate would otherwise take for an error.
 */
static void
add_module_headers(struct context *c, bool is_stranger)
{
	const struct request *request = c->request;
	struct str scope;

	if (!request->is_authorizer || request->role.len == 0)
		return;
	scope = gate_rules_scope(
	    &c->app->conf->gate_rule, c->call->arena, request->target);
	if (!str_is_none(scope))
		reply_header(c->reply, "X-Sessgate-Scope", scope);
	if (is_stranger)
		reply_code(c->reply, "public");
}

static enum result
admit_user(struct context *c)
{
	struct str values[IDENTITIES];

	read_identity(c, values);
	leave_out_long(c, values);
	if (!may_be_passed_on(c, values))
		return context_refuse(c, RESULT_DENY, ANSWER_FORBIDDEN);
	reply_bare(c->reply, 200);
	for (int i = 0; i < IDENTITIES; i++)
		if (!str_is_none(values[i]))
			reply_header(c->reply,
			    c->gate_mode == GATE_AUTHORIZER
				? identity_names[i].variable
				: identity_names[i].header,
			    values[i]);
	add_module_headers(c, false);
	return RESULT_OK;
}

/* True if a redirect loses no body. */
static bool
is_read_only(const struct request *request)
{
	return str_eq(request->method, STR("GET")) ||
	       str_eq(request->method, STR("HEAD"));
}

static bool
may_be_sent_on(const struct context *c)
{
	return c->gate_mode != GATE_SUBREQUEST &&
	       c->gate_mode != GATE_REFUSAL &&
	       origin_is_navigation(c->request) && is_read_only(c->request);
}

/*
 * Returns the page that led to this request, if it belongs to this site.
 * STR_NONE for the pages of this program, which would lead here again, and for
 * the refused URL itself, which may answer only to POST.
 */
static struct str
came_from(const struct context *c)
{
	struct str mount = str_from(c->app->conf->server_mount), below;
	struct str target = origin_own_target(c, c->request->referer);
	struct str rest = target, path = str_cut(&rest, '?');

	if (str_eq(target, c->request->target) ||
	    (mount.len > 0 && uri_path_below(path, mount, &below)))
		return STR_NONE;
	return next_of_target(c->call->arena, target);
}

/*
 * Sets the links of a refusal page: c->form.next for after a login, c->back for
 * a way without one.
 */
static void
note_ways_on(struct context *c, enum answer answer)
{
	struct str target = next_of_target(c->call->arena, c->request->target);
	struct str former = came_from(c);

	c->is_unsaved = !is_read_only(c->request);
	c->form.next = c->is_unsaved ? former : target;
	if (answer_status(answer) >= 500)
		c->back = c->form.next;
	else if (answer == ANSWER_FORBIDDEN || answer == ANSWER_OTP_NEEDED)
		c->back = !str_is_none(former)	     ? former
			  : str_eq(target, STR("/")) ? STR_NONE
						     : STR("/");
}

/*
 * Returns the status that the gate sends for an answer; see the table in
 * sessgate(8).
 */
static int
status_of(enum answer answer)
{
	int status = answer_status(answer);

	switch (answer) {
	case ANSWER_TOKEN_MISSING:
	case ANSWER_SESSION_INVALID:
	case ANSWER_SESSION_USER_GONE:
		return 401;
	default:
		return status >= 500 ? status : 403;
	}
}

/*
 * A public path is never refused, neither for a bad session nor during an
 * outage of Redis or overload.  The visitor is admitted without an identity.
 */
void
gate_refuse(struct context *c, enum answer answer)
{
	int status = status_of(answer);

	reply_reset(c->reply);
	if (c->is_public) {
		reply_bare(c->reply, 200);
		add_module_headers(c, true);
		return;
	}
	note_ways_on(c, answer);
	if (status == 401 && may_be_sent_on(c))
		page_send_to_login(c, c->form.next);
	else if (origin_is_navigation(c->request))
		page_refuse(c, answer, status);
	else
		answer_write_as(c->reply, answer, status);
}

/* Checks the session, and the rules for the path.  OK: they admit this user. */
static enum result
apply_rules(struct context *c)
{
	const struct gate_rules_demand demand = gate_rules_find(
	    &c->app->conf->gate_rule, c->call->arena, c->request->target);
	const struct account *account = &c->who.found.account;
	enum result result;

	c->is_public = demand.is_public;
	result = guard_session(c);
	if (result != RESULT_OK)
		return result;
	if (!gate_rules_admit(&demand, identity_login(&c->who), account->roles,
		account->role_count))
		return context_refuse(c, RESULT_DENY, ANSWER_FORBIDDEN);
	if (gate_rules_need_otp(&demand) && !c->who.found.session.has_otp)
		return context_refuse(c, RESULT_DENY, ANSWER_OTP_NEEDED);
	return RESULT_OK;
}

/*
 * Answers for an error page.  The web server has refused already, for a reason
 * of its own or because the gate did.  The check is repeated to choose the
 * message.
 */
static enum result
explain_refusal(struct context *c)
{
	enum result result = apply_rules(c);

	c->is_public = false;
	c->tally.is_checked = false; /* the gate has counted it */
	return result == RESULT_OK
		   ? context_refuse(c, RESULT_DENY, ANSWER_FORBIDDEN)
		   : result;
}

enum result
handle_gate(struct context *c)
{
	enum result result;

	if (c->gate_mode == GATE_UNKNOWN)
		return context_refuse(c, RESULT_DENY, ANSWER_FORBIDDEN);
	if (c->gate_mode == GATE_LOGIN_REDIRECT) {
		c->tally.request = REQUEST_LOGIN_REDIRECT;
		return context_refuse(c, RESULT_NOAUTH, ANSWER_TOKEN_MISSING);
	}
	if (c->gate_mode == GATE_REFUSAL)
		return explain_refusal(c);
	result = apply_rules(c);
	return result == RESULT_OK ? admit_user(c) : result;
}
