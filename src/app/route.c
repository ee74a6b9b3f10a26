/*
 * The routes: one table that maps a request to its handler.
 *
 * The functions below follow the path of a request: role (gate or not), path
 * and method, [server] limit, body, origin, guard, handler, result.
 * route_dispatch at the end is the entry.
 */
#include "config.h"

#include "app/handle/account.h"
#include "app/handle/factor.h"
#include "app/handle/gate.h"
#include "app/guard.h"
#include "app/limit_policy.h"
#include "app/handle/login.h"
#include "app/handle/logout.h"
#include "app/handle/auth.h"
#include "app/handle/health.h"
#include "app/handle/metrics.h"
#include "app/origin.h"
#include "app/handle/pages.h"
#include "app/handle/password_change.h"
#include "app/handle/reset.h"
#include "app/reset_link.h"
#include "app/route.h"
#include "app/handle/sessions.h"
#include "app/handle/user.h"
#include "http/uri.h"

/*
 * The users that a route is open to.  route_is_there checks who may see the
 * route: a hidden one is answered with 404, as if it did not exist.
 * check_guard asks app/guard.c for the session.
 */
enum guard {
	GUARD_NONE,
	GUARD_SESSION,	/* a live session */
	GUARD_SELF,	/* a live session, read with the row of its user */
	GUARD_FRESH,	/* a login no older than [session] fresh */
	GUARD_PASSWORD, /* GUARD_FRESH; hidden if passwords are read-only */
	GUARD_USER,	/* decided by [user] access */
	GUARD_EDITOR,	/* a live session; hidden if profiles are read-only */
	GUARD_FACTOR,	/* hidden if no second factor can be written */
	GUARD_RESET,	/* hidden if no reset link can be made */
	GUARD_OPS,	/* [ops] access; hidden from other addresses */
	GUARD_OPS_RESET /* GUARD_OPS and GUARD_RESET */
};

enum body {
	BODY_NONE, /* the body is ignored */
	BODY_PAGE, /* the body is ignored; refusals are HTML pages */
	BODY_JSON,
	BODY_JSON_OR_FORM,
	BODY_FORM /* refusals are HTML pages */
};

/*
 * The first match counts; frequent requests come first.  A handler may run more
 * than once for a request: see struct context in app/app.h.
 */
static const struct route {
	struct str method;
	/*
	 * The path, and the label that requests are counted with
	 * (base/counters.def).
	 */
	enum counter_request path;
	enum guard guard;
	enum body body;
	enum result (*handler)(struct context *c);
	/*
	 * the account page, or the form of it that posts here: account_guard
	 * guards a form, in place of `guard`
	 */
	enum account_form account;
} routes[] = {
	/* clang-format off */
	{ STR_INIT("GET"), REQUEST_USER, GUARD_USER, BODY_NONE, handle_user_show, ACCOUNT_NONE },
	{ STR_INIT("PATCH"), REQUEST_USER, GUARD_EDITOR, BODY_JSON, handle_user_patch, ACCOUNT_NONE },
	{ STR_INIT("PUT"), REQUEST_USER, GUARD_EDITOR, BODY_JSON, handle_user_put, ACCOUNT_NONE },
	{ STR_INIT("GET"), REQUEST_LOGIN, GUARD_NONE, BODY_PAGE, handle_login_page, ACCOUNT_NONE },
	{ STR_INIT("POST"), REQUEST_LOGIN, GUARD_NONE, BODY_JSON_OR_FORM, handle_login, ACCOUNT_NONE },
	{ STR_INIT("GET"), REQUEST_AUTH, GUARD_SELF, BODY_NONE, handle_auth, ACCOUNT_NONE },
	{ STR_INIT("GET"), REQUEST_LOGOUT, GUARD_NONE, BODY_PAGE, handle_logout_page, ACCOUNT_NONE },
	{ STR_INIT("POST"), REQUEST_LOGOUT, GUARD_NONE, BODY_JSON_OR_FORM, handle_logout, ACCOUNT_NONE },
	{ STR_INIT("POST"), REQUEST_LOGOUT_ALL, GUARD_FRESH, BODY_JSON_OR_FORM, handle_logout_all, ACCOUNT_OTHERS },
	{ STR_INIT("GET"), REQUEST_SESSIONS, GUARD_SESSION, BODY_NONE, handle_sessions_show, ACCOUNT_NONE },
	{ STR_INIT("DELETE"), REQUEST_SESSION, GUARD_SESSION, BODY_JSON, handle_sessions_end_one, ACCOUNT_NONE },
	{ STR_INIT("POST"), REQUEST_SESSION_END, GUARD_SESSION, BODY_JSON_OR_FORM, handle_sessions_end_one, ACCOUNT_SESSION },
	{ STR_INIT("POST"), REQUEST_PASSWORD, GUARD_PASSWORD, BODY_JSON_OR_FORM, handle_password_change, ACCOUNT_PASSWORD },
	{ STR_INIT("GET"), REQUEST_ACCOUNT, GUARD_NONE, BODY_PAGE, handle_account_page, ACCOUNT_PAGE },
	{ STR_INIT("GET"), REQUEST_FACTOR, GUARD_FACTOR, BODY_PAGE, handle_factor_page, ACCOUNT_FACTOR },
	{ STR_INIT("POST"), REQUEST_FACTOR, GUARD_FACTOR, BODY_FORM, handle_factor_change, ACCOUNT_FACTOR },
	{ STR_INIT("GET"), REQUEST_RESET, GUARD_RESET, BODY_PAGE, handle_reset_page, ACCOUNT_NONE },
	{ STR_INIT("POST"), REQUEST_RESET, GUARD_RESET, BODY_FORM, handle_reset, ACCOUNT_NONE },
	{ STR_INIT("POST"), REQUEST_RESET_LINK, GUARD_OPS_RESET, BODY_JSON, handle_reset_link, ACCOUNT_NONE },
	{ STR_INIT("GET"), REQUEST_HEALTHZ, GUARD_OPS, BODY_NONE, handle_health, ACCOUNT_NONE },
	{ STR_INIT("GET"), REQUEST_READYZ, GUARD_OPS, BODY_NONE, handle_ready, ACCOUNT_NONE },
	{ STR_INIT("GET"), REQUEST_METRICS, GUARD_OPS, BODY_NONE, handle_metrics, ACCOUNT_NONE },
	/* clang-format on */
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/*
 * The paths.  {NAME} stands for one segment that is not empty; a path has at
 * most one.
 */
#define PATH_OF(unused, name, path) [name] = STR_INIT(path),
static const struct str paths[] = { API_ROUTES(PATH_OF, ) };

/*
 * True if the path fits the pattern.  *id is set to the segment for {NAME}, if
 * the pattern has one.
 */
static bool
path_matches(struct str pattern, struct str path, struct str *id)
{
	struct str head = str_cut(&pattern, '{'), segment;

	if (str_is_none(pattern))
		return str_eq(head, path);
	if (!str_starts(path, head))
		return false;
	str_cut(&pattern, '}');
	path = str_from_byte(path, head.len);
	segment = path;
	for (segment.len = 0; segment.len < path.len; segment.len++)
		if (path.ptr[segment.len] == '/')
			break;
	if (segment.len == 0 ||
	    !str_eq(str_from_byte(path, segment.len), pattern))
		return false;
	*id = segment;
	return true;
}

/* True if the route exists for this client and with this configuration. */
static bool
route_is_there(const struct context *c, const struct route *route,
    struct str path, struct str *id)
{
	if (!path_matches(paths[route->path], path, id))
		return false;
	if (route->guard == GUARD_OPS)
		return guard_admits_ops(c);
	if (route->guard == GUARD_OPS_RESET)
		return guard_admits_ops(c) &&
		       reset_link_is_possible(c->app->conf);
	if (route->guard == GUARD_FACTOR)
		return factor_is_possible(c);
	if (route->guard == GUARD_RESET)
		return reset_link_is_possible(c->app->conf);
	if (route->guard == GUARD_PASSWORD)
		return c->stores->user_table->has_set_hash;
	return route->guard != GUARD_EDITOR ||
	       c->stores->user_table->editable != 0;
}

/*
 * HEAD is routed as GET; server/worker.c drops the body.  A missing method
 * becomes "", which matches no route (STR_NONE would match all).
 */
static struct str
effective_method(const struct request *request)
{
	if (str_is_none(request->method))
		return STR("");
	if (str_eq(request->method, STR("HEAD")))
		return STR("GET");
	return request->method;
}

static const struct route *
find_route(
    const struct context *c, struct str path, struct str method, struct str *id)
{
	for (int i = 0; i < ROUTES; i++)
		if ((str_is_none(method) || str_eq(routes[i].method, method)) &&
		    route_is_there(c, &routes[i], path, id))
			return &routes[i];
	return NULL;
}

/* Returns the methods of a path, for Allow (RFC 9110, 10.2.1). */
static struct str
list_methods(const struct context *c, struct str path)
{
	struct buf allow = buf_open(c->call->arena, 256);
	struct str id;

	for (int i = 0; i < ROUTES; i++) {
		if (!route_is_there(c, &routes[i], path, &id))
			continue;
		buf_add(&allow, routes[i].method);
		buf_add(&allow, STR(", "));
		if (str_eq(routes[i].method, STR("GET")))
			buf_add(&allow, STR("HEAD, "));
	}
	buf_add(&allow, STR("OPTIONS"));
	return buf_str(&allow);
}

static enum result
answer_options(struct context *c, struct str path)
{
	struct str methods = list_methods(c, path);

	reply_json(c->reply, 204);
	reply_header(c->reply, "Allow", methods);
	origin_add_preflight(c, methods);
	return RESULT_OK;
}

/* Compares the media type without its parameters (RFC 9110, 8.3.1). */
static bool
has_type(const struct request *request, const char *type)
{
	struct str rest = request->content_type;

	return str_eq_nocase(str_trim(str_cut(&rest, ';')), str_from(type));
}

static bool
is_for_ops(const struct route *route)
{
	return route->guard == GUARD_OPS || route->guard == GUARD_OPS_RESET;
}

static bool
takes_form(const struct route *route)
{
	return route->body == BODY_JSON_OR_FORM || route->body == BODY_FORM;
}

static bool
takes_body(const struct route *route)
{
	return route->body != BODY_NONE && route->body != BODY_PAGE;
}

/*
 * Runs before the first check, since a refusal by a check may have to be an
 * HTML page.
 */
static void
note_form(struct context *c, const struct route *route)
{
	c->is_form = takes_form(route) &&
		     has_type(c->request, "application/x-www-form-urlencoded");
	c->is_page =
	    c->is_form || route->body == BODY_PAGE || route->body == BODY_FORM;
	c->reset.is_here = route->path == REQUEST_RESET;
	if (c->is_page)
		c->account.form = route->account;
}

/* Content-Encoding is a list (RFC 9110, 8.4); only identity is supported. */
static bool
is_identity(struct str codings)
{
	while (!str_is_none(codings)) {
		struct str coding = str_trim(str_cut(&codings, ','));

		if (coding.len > 0 && !str_eq_nocase(coding, STR("identity")))
			return false;
	}
	return true;
}

/*
 * Checks the media type.  An empty body needs none, so that an empty POST can
 * log out.
 */
static enum result
check_body(struct context *c, const struct route *route)
{
	const struct request *request = c->request;

	if (!takes_body(route) || request->body.len == 0)
		return RESULT_OK;
	if ((c->is_form || (route->body != BODY_FORM &&
			       has_type(request, "application/json"))) &&
	    is_identity(request->content_encoding))
		return RESULT_OK;
	return context_refuse(c, RESULT_BAD, ANSWER_BAD_TYPE);
}

/*
 * Prevents CSRF: a request with side effects must come from a page of this
 * site.  The page of a reset link forbids the browser to send Referer, and
 * older browsers then send Origin: null.  Its form is accepted all the same,
 * because it holds the secret token of the link.
 */
static enum result
check_origin(struct context *c, const struct route *route)
{
	if (takes_body(route) && !origin_may_write(c, c->is_form) &&
	    !(c->reset.is_here && origin_is_hidden(c->request)))
		return context_refuse(c, RESULT_DENY, ANSWER_CROSS_SITE);
	return RESULT_OK;
}

static enum result
check_guard(struct context *c, const struct route *route)
{
	if (c->is_form && c->account.form != ACCOUNT_NONE)
		return account_guard(c);
	switch (route->guard) {
	case GUARD_SESSION:
		return guard_session(c);
	case GUARD_SELF:
		c->call->wants_row = true;
		return guard_session(c);
	case GUARD_FRESH:
	case GUARD_PASSWORD:
		return guard_fresh_session(c);
	case GUARD_USER:
		c->call->wants_row = true;
		return guard_user(c, true);
	case GUARD_EDITOR:
		return guard_user(c, false);
	case GUARD_FACTOR:
		return takes_body(route) ? account_guard(c) : RESULT_OK;
	case GUARD_NONE:
	case GUARD_RESET: /* route_is_there checks these */
	case GUARD_OPS:
	case GUARD_OPS_RESET:
		break;
	}
	return RESULT_OK;
}

/*
 * [server] limit skips logins, which have their own limits, and health checks,
 * which [ops] access restricts.
 */
static enum result
count_request(
    struct context *c, const struct route *route, struct limit_ticket *ticket)
{
	*ticket = (struct limit_ticket){ .count = 0 };
	if (route->handler == handle_login || is_for_ops(route))
		return RESULT_OK;
	return limit_policy_request(c, ticket);
}

static enum result
run_route(struct context *c, const struct route *route)
{
	struct limit_ticket ticket;
	enum result result;

	c->tally.request = route->path;
	note_form(c, route);
	result = count_request(c, route, &ticket);
	if (result == RESULT_OK)
		result = check_body(c, route);
	if (result == RESULT_OK)
		result = check_origin(c, route);
	if (result == RESULT_OK)
		result = check_guard(c, route);
	if (result == RESULT_OK)
		result = route->handler(c);
	/* the request will run again, and be counted again */
	if (result == RESULT_FULL && !places_are_committed(c->call->claims))
		limit_policy_give_back(c, &ticket);
	return result;
}

static void
refuse(struct context *c, enum answer answer)
{
	int status = answer_status(answer);

	c->refused = answer;
	if (c->gate_mode != GATE_NONE) {
		gate_refuse(c, answer);
		return;
	}
	if (answer == ANSWER_SESSION_INVALID &&
	    c->app->conf->session_expired_status == CONF_EXPIRED_401)
		status = 401;
	if (c->account.form == ACCOUNT_FACTOR)
		factor_refuse(c, answer, status);
	else if (c->account.form != ACCOUNT_NONE)
		account_refuse(c, answer, status);
	else if (c->reset.is_here)
		reset_refuse(c, answer, status);
	else if (c->is_page)
		page_refuse(c, answer, status);
	else
		answer_write_as(c->reply, answer, status);
	if (answer == ANSWER_LIMITED)
		reply_header(c->reply, "Retry-After",
		    buf_int_str(c->call->arena, c->retry_after_s));
}

/* Refuses a request without a route.  A person gets the refusal as a page. */
static enum result
refuse_without_route(struct context *c, enum result result)
{
	c->is_page = origin_is_navigation(c->request);
	return result;
}

/*
 * Finds the route and runs it.  A path that has other methods only is answered
 * with 405 and Allow.
 */
static enum result
find_and_run(struct context *c)
{
	const struct request *request = c->request;
	const struct route *route;
	struct str path;

	if (!uri_target_is_clean(request->target))
		return refuse_without_route(c, RESULT_BAD);
	if (str_eq(request->path, STR("/.well-known/change-password")) &&
	    str_eq(effective_method(request), STR("GET"))) {
		account_send_there(c);
		return RESULT_OK;
	}
	if (!uri_path_below(
		request->path, str_from(c->app->conf->server_mount), &path))
		return refuse_without_route(c, RESULT_MISS);
	route = find_route(c, path, effective_method(request), &c->id);
	if (route != NULL)
		return run_route(c, route);
	route = find_route(c, path, STR_NONE, &c->id);
	if (route == NULL)
		return refuse_without_route(c, RESULT_MISS);
	c->tally.request = route->path;
	if (str_eq(request->method, STR("OPTIONS")))
		return answer_options(c, path);
	c->is_page = origin_is_navigation(request);
	refuse(c, ANSWER_METHOD_NOT_ALLOWED);
	reply_header(c->reply, "Allow", list_methods(c, path));
	return RESULT_OK;
}

/*
 * Answers of the gate get no CORS headers: no page of another site may read
 * them.
 */
static void
add_cors(struct context *c)
{
	if (c->gate_mode == GATE_NONE)
		origin_add_cors(c);
}

/* Returns the refusal for a result; c->answer counts first, if it is set. */
static enum answer
answer_to(const struct context *c, enum result result)
{
	return c->answer != ANSWER_NONE ? c->answer : answer_of(result);
}

static void
note_gate_mode(struct context *c)
{
	c->gate_mode = gate_mode_of(c->request);
	if (c->gate_mode != GATE_NONE)
		c->tally.request = REQUEST_GATE;
}

void
route_refuse_site(struct context *c)
{
	note_gate_mode(c);
	answer_write(c->reply, ANSWER_FORBIDDEN);
}

/*
 * The role is decided before method and path, so that no path is special at the
 * gate.
 */
enum result
route_dispatch(struct context *c)
{
	enum result result;

	note_gate_mode(c);
	result = c->gate_mode != GATE_NONE ? handle_gate(c) : find_and_run(c);
	if (result == RESULT_FULL && !places_are_committed(c->call->claims))
		return RESULT_FULL;
	if (result != RESULT_OK)
		refuse(c, answer_to(c, result));
	add_cors(c);
	return RESULT_OK;
}

void
route_refuse(struct context *c, enum answer answer)
{
	refuse(c, answer);
	add_cors(c);
}
