/* Origin (RFC 6454, 7) and Sec-Fetch-Site: which page sent a request. */
#include "config.h"

#include "app/origin.h"

static bool
is_port(struct str s)
{
	return str_only_digits(s);
}

/* Returns the host of [IPv6][:PORT], with its brackets. */
static struct str
bracketed_host_of(struct str authority)
{
	struct str rest = authority;
	struct str host = str_cut(&rest, ']');

	if (str_is_none(rest))
		return STR_NONE;
	host.len++; /* include the bracket */
	if (rest.len == 0 ||
	    (rest.ptr[0] == ':' && is_port(str_from_byte(rest, 1))))
		return host;
	return STR_NONE;
}

/* Returns the host of HOST[:PORT]; STR_NONE if the rest is not a port. */
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

/*
 * Compares hosts.  A host may end with a dot, for the DNS root (RFC 3986,
 * 3.2.2).
 */
static bool
is_same_host(struct str a, struct str b)
{
	if (a.len > 1 && a.ptr[a.len - 1] == '.')
		a.len--;
	if (b.len > 1 && b.ptr[b.len - 1] == '.')
		b.len--;
	return a.len > 0 && str_eq_nocase(a, b);
}

/*
 * Returns the authority of SCHEME://AUTHORITY; STR_NONE for `null` and other
 * texts.
 */
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

/* Compares scheme, host and port. */
static bool
is_same_origin(struct str a, struct str b)
{
	struct str a_host = host_of(authority_of(a));
	struct str b_host = host_of(authority_of(b));
	struct str a_scheme = a, b_scheme = b;

	if (!is_same_host(a_host, b_host))
		return str_eq_nocase(a, b);
	a_scheme.len = (size_t)(a_host.ptr - a.ptr);
	b_scheme.len = (size_t)(b_host.ptr - b.ptr);
	return str_eq_nocase(a_scheme, b_scheme) &&
	       str_eq(str_from_byte(a, a_scheme.len + a_host.len),
		   str_from_byte(b, b_scheme.len + b_host.len));
}

/*
 * True if the origin is in the comma-separated list.  `null` is never in it:
 * every sandboxed frame sends it.
 */
static bool
is_listed(const char *list, struct str origin)
{
	struct str rest = str_from(list);

	if (origin.len == 0 || str_eq(origin, STR("null")))
		return false;
	while (!str_is_none(rest))
		if (is_same_origin(str_trim(str_cut(&rest, ',')), origin))
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
 * Without [server] origins only the hosts are compared: a proxy in front may
 * have changed scheme and port.
 */
static bool
is_own_origin(const struct context *c, struct str origin)
{
	const char *own = c->app->conf->server_origins;

	if (own[0] != '\0')
		return is_listed(own, origin);
	return is_same_host(
	    host_of(authority_of(origin)), host_of(c->request->host));
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
		return is_own_origin(c, request->origin) || is_allowed(c);
	return !is_form;
}

bool
origin_is_hidden(const struct request *request)
{
	return request->sec_fetch_site.len == 0 &&
	       str_eq(request->origin, STR("null"));
}

struct str
origin_own_target(const struct context *c, struct str url)
{
	struct str rest = authority_of(url), origin = url;

	while (rest.len > 0 && rest.ptr[0] != '/' && rest.ptr[0] != '?')
		rest = str_from_byte(rest, 1);
	origin.len -= rest.len;
	if (str_is_none(rest) || !is_own_origin(c, origin))
		return STR_NONE;
	return rest.len > 0 ? rest : STR("/");
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

/*
 * True for a host that browsers treat as local: they accept Secure cookies from
 * it.
 */
static bool
is_loopback(struct str host)
{
	return is_same_host(host, STR("localhost")) ||
	       str_eq(host, STR("[::1]")) ||
	       (str_starts(host, STR("127.")) && str_only(host, "0123456789."));
}

bool
origin_drops_secure(const struct request *request)
{
	return str_starts(request->origin, STR("http://")) &&
	       !is_loopback(host_of(authority_of(request->origin)));
}

/*
 * Sec-Fetch-Mode decides (Fetch Metadata, 2.2), but browsers send it over https
 * only.  Otherwise Accept decides (RFC 9110, 12.5.1), unless a script sent
 * X-Requested-With.
 */
bool
origin_is_navigation(const struct request *request)
{
	if (!str_is_none(request->sec_fetch_mode))
		return str_eq(request->sec_fetch_mode, STR("navigate"));
	return request->requested_with.len == 0 &&
	       str_has_nocase(request->accept, STR("text/html"));
}

struct str
origin_first(const struct conf *conf)
{
	struct str origins = str_from(conf->server_origins);

	return str_trim(str_cut(&origins, ','));
}
