/*
 * Which request is answered by whom: one table, read from top to bottom of
 * this file: role, path, method, body, guard, handler, result.
 */
#include "config.h"

#include "app/guard.h"
#include "app/login.h"
#include "app/logout.h"
#include "app/me.h"
#include "app/ops.h"
#include "app/route.h"
#include "app/user.h"
#include "http/uri.h"

/* Who gets in; the second half of each lies in app/guard.c. */
enum guard {
	GUARD_NONE,
	GUARD_SESSION, /* who has a session */
	GUARD_USER,    /* as [user] access says */
	GUARD_OPS      /* who [ops] access names; to others it is not there */
};

enum body {
	BODY_NONE, /* not looked at */
	BODY_JSON
};

static const struct route {
	struct str method;
	struct str path; /* {id}: one segment, not empty */
	enum guard guard;
	enum body body;
	enum result (*handler)(struct context *c);
} routes[] = {
	/* clang-format off */
	{ STR_INIT("POST"), STR_INIT("/login"), GUARD_NONE, BODY_JSON, login_create },
	{ STR_INIT("GET"), STR_INIT("/auth"), GUARD_SESSION, BODY_NONE, me_show },
	{ STR_INIT("POST"), STR_INIT("/logout"), GUARD_NONE, BODY_NONE, logout_create },
	{ STR_INIT("GET"), STR_INIT("/user/{id}"), GUARD_USER, BODY_NONE, user_show },
	{ STR_INIT("GET"), STR_INIT("/healthz"), GUARD_OPS, BODY_NONE, ops_health },
	{ STR_INIT("GET"), STR_INIT("/readyz"), GUARD_OPS, BODY_NONE, ops_ready },
	/* clang-format on */
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/*
 * The role comes first, before method and path: at the gate no path is
 * special.  Until there is a gate it is shut.
 */
static bool
is_for_the_gate(const struct request *request)
{
	return request->is_authorizer || request->is_gate_only ||
	       request->role.len > 0;
}

static bool
path_matches(struct str pattern, struct str path, struct str *id)
{
	struct str literal = str_cut(&pattern, '{');

	if (str_is_none(pattern))
		return str_eq(literal, path);
	if (!str_starts(path, literal))
		return false;
	*id = str_from_byte(path, literal.len);
	return id->len > 0 && !str_has_char(*id, '/');
}

static bool
route_is_there(
    const struct context *c, const struct route *route, struct str path)
{
	struct str id;

	return path_matches(route->path, path, &id) &&
	       (route->guard != GUARD_OPS || guard_admits_ops(c));
}

/* HEAD is GET without a body: server/worker.c leaves it out. */
static struct str
effective_method(const struct request *request)
{
	if (str_eq(request->method, STR("HEAD")))
		return STR("GET");
	return request->method;
}

static const struct route *
find_route(const struct context *c, struct str path, struct str method)
{
	for (int i = 0; i < ROUTES; i++)
		if (route_is_there(c, &routes[i], path) &&
		    (str_is_none(method) || str_eq(routes[i].method, method)))
			return &routes[i];
	return NULL;
}

/* RFC 9110, 10.2.1. */
static void
add_allow(struct context *c, struct str path)
{
	struct buf allow = buf_open(c->call->arena, 256);

	for (int i = 0; i < ROUTES; i++) {
		if (!route_is_there(c, &routes[i], path))
			continue;
		buf_add(&allow, routes[i].method);
		buf_add(&allow, STR(", "));
		if (str_eq(routes[i].method, STR("GET")))
			buf_add(&allow, STR("HEAD, "));
	}
	buf_add(&allow, STR("OPTIONS"));
	reply_header(c->reply, "Allow", buf_str(&allow));
}

static enum result
answer_options(struct context *c, struct str path)
{
	reply_json(c->reply, 204);
	add_allow(c, path);
	return RESULT_OK;
}

/* `application/json`, whatever parameters follow (RFC 9110, 8.3.1). */
static bool
is_json(struct str content_type)
{
	struct str type = str_cut(&content_type, ';');

	return str_eq_nocase(str_trim(type), STR("application/json"));
}

static enum result
check_body(struct context *c, const struct route *route)
{
	const struct request *request = c->request;

	if (route->body == BODY_JSON && request->body.len > 0 &&
	    !is_json(request->content_type))
		return context_refuse(c, RESULT_BAD, ANSWER_BAD_TYPE);
	return RESULT_OK;
}

static enum result
check_guard(struct context *c, const struct route *route)
{
	switch (route->guard) {
	case GUARD_SESSION:
		return guard_session(c);
	case GUARD_USER:
		return guard_user(c);
	case GUARD_NONE:
	case GUARD_OPS: /* asked already: it decides whether the path is there
			 */
		break;
	}
	return RESULT_OK;
}

static enum result
run_route(struct context *c, const struct route *route, struct str path)
{
	enum result result;

	path_matches(route->path, path, &c->id);
	result = check_body(c, route);
	if (result == RESULT_OK)
		result = check_guard(c, route);
	if (result == RESULT_OK)
		result = route->handler(c);
	return result;
}

static enum result
find_and_run(struct context *c)
{
	const struct request *request = c->request;
	const struct route *route;
	struct str path;

	if (is_for_the_gate(request))
		return context_refuse(c, RESULT_DENY, ANSWER_FORBIDDEN);
	if (!uri_target_is_clean(request->target))
		return RESULT_BAD;
	if (!uri_path_below(
		request->path, str_from(c->app->conf->server_mount), &path) ||
	    find_route(c, path, STR_NONE) == NULL)
		return RESULT_MISS;
	if (str_eq(request->method, STR("OPTIONS")))
		return answer_options(c, path);
	route = find_route(c, path, effective_method(request));
	if (route != NULL)
		return run_route(c, route, path);
	route_refuse(c, ANSWER_METHOD_NOT_ALLOWED);
	add_allow(c, path);
	return RESULT_OK;
}

void
route_refuse(struct context *c, enum answer answer)
{
	if (answer == ANSWER_SESSION_INVALID &&
	    c->app->conf->session_expired_status == CONF_EXPIRED_401)
		answer_write_as(c->reply, answer, 401);
	else
		answer_write(c->reply, answer);
}

/* The answer of a result that says enough by itself. */
static enum answer
answer_of(const struct context *c, enum result result)
{
	static const enum answer answers[] = {
		[RESULT_MISS] = ANSWER_NOT_FOUND,
		[RESULT_NOAUTH] = ANSWER_SESSION_INVALID,
		[RESULT_DENY] = ANSWER_FORBIDDEN,
		[RESULT_BAD] = ANSWER_BAD_REQUEST,
		[RESULT_LIMIT] = ANSWER_BUSY,
		[RESULT_FULL] = ANSWER_BUSY,
		[RESULT_FAULT] = ANSWER_INTERNAL,
	};

	if (c->answer != ANSWER_NONE)
		return c->answer;
	if (result == RESULT_DOWN)
		return answer_by_code(c->call->down_code);
	return answers[result];
}

enum result
route_dispatch(struct context *c)
{
	enum result result = find_and_run(c);

	if (result == RESULT_FULL)
		return RESULT_FULL;
	if (result != RESULT_OK)
		route_refuse(c, answer_of(c, result));
	return RESULT_OK;
}
