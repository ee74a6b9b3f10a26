/* What the Origin header tells. */
#include "config.h"

#include "app/origin.h"

/* The host of http://HOST[:PORT], an IPv6 address with its brackets. */
static struct str
host_of(struct str authority)
{
	struct str rest = authority;

	if (str_starts(authority, STR("["))) {
		struct str inside = str_cut(&rest, ']');

		return (struct str){ inside.ptr, inside.len + 1 };
	}
	return str_cut(&rest, ':');
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
	struct str http = STR("http://");

	return str_starts(request->origin, http) &&
	       !is_loopback(host_of(str_from_byte(request->origin, http.len)));
}
