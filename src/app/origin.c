/* What Origin (RFC 6454, 7) and Sec-Fetch-Site tell of who sent a request. */
#include "config.h"

#include "app/origin.h"

static bool
is_port(struct str s)
{
	return str_only_digits(s);
}

/* The host of [IPv6][:PORT], with its brackets. */
static struct str
bracketed_host_of(struct str authority)
{
	struct str rest = authority;
	struct str host = str_cut(&rest, ']');

	if (str_is_none(rest))
		return STR_NONE;
	host.len++; /* the bracket */
	if (rest.len == 0 ||
	    (rest.ptr[0] == ':' && is_port(str_from_byte(rest, 1))))
		return host;
	return STR_NONE;
}

/* The host of HOST[:PORT]; absent where anything else stands behind it. */
static struct str
host_of(struct str authority)
{
	struct str rest = authority;
	struct str host;

	if (str_starts(authority, STR("[")))
		return bracketed_host_of(authority);
	host = str_cut(&rest, ':');
	return is_port(rest) ? host : STR_NONE;
}

/* The authority of SCHEME://AUTHORITY; absent for `null` and the like. */
static struct str
authority_of(struct str origin)
{
	static const struct str schemes[] = { STR_INIT("https://"),
		STR_INIT("http://") };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts(origin, schemes[i]))
			return str_from_byte(origin, schemes[i].len);
	return STR_NONE;
}

/*
 * Is it one of a comma-separated list?  An origin has one spelling.  `null`
 * is nobody's: every sandboxed frame has it.
 */
static bool
is_listed(const char *list, struct str origin)
{
	struct str rest = str_from(list);

	if (origin.len == 0 || str_eq(origin, STR("null")))
		return false;
	while (!str_is_none(rest))
		if (str_eq_nocase(str_trim(str_cut(&rest, ',')), origin))
			return true;
	return false;
}

static bool
is_allowed(const struct context *c)
{
	return is_listed(
	    c->app->conf->server_allowed_origins, c->request->origin);
}

/*
 * Scheme and port are compared with the configuration only: a proxy in front
 * may have changed both on the way.
 */
static bool
is_own(const struct context *c)
{
	const char *own = c->app->conf->server_origins;
	struct str host = host_of(authority_of(c->request->origin));

	if (own[0] != '\0')
		return is_listed(own, c->request->origin);
	return host.len > 0 && str_eq_nocase(host, host_of(c->request->host));
}

bool
origin_may_write(const struct context *c, bool is_form)
{
	const struct request *request = c->request;

	if (request->sec_fetch_site.len > 0)
		return str_eq(request->sec_fetch_site, STR("same-origin")) ||
		       str_eq(request->sec_fetch_site, STR("none")) ||
		       is_allowed(c);
	if (request->origin.len > 0)
		return is_own(c) || is_allowed(c);
	return !is_form;
}

void
origin_add_cors(struct context *c)
{
	if (c->app->conf->server_allowed_origins[0] == '\0')
		return;
	reply_header(c->reply, "Vary", STR("Origin"));
	if (!is_allowed(c))
		return;
	reply_header(
	    c->reply, "Access-Control-Allow-Origin", c->request->origin);
	reply_header(c->reply, "Access-Control-Allow-Credentials", STR("true"));
	reply_header(c->reply, "Access-Control-Expose-Headers",
	    STR("Retry-After, X-Sessgate-Code"));
}

void
origin_add_preflight(struct context *c, struct str methods)
{
	if (!is_allowed(c))
		return;
	reply_header(c->reply, "Access-Control-Allow-Methods", methods);
	reply_header(
	    c->reply, "Access-Control-Allow-Headers", STR("Content-Type"));
	reply_header(c->reply, "Access-Control-Max-Age", STR("600"));
}

/* Browsers take such a host for their own machine and accept Secure there. */
static bool
is_loopback(struct str host)
{
	return str_eq_nocase(host, STR("localhost")) ||
	       str_eq(host, STR("[::1]")) ||
	       (str_starts(host, STR("127.")) && str_only(host, "0123456789."));
}

bool
origin_drops_secure(const struct request *request)
{
	return str_starts(request->origin, STR("http://")) &&
	       !is_loopback(host_of(authority_of(request->origin)));
}
