#ifndef URL_PARTS_H
#define URL_PARTS_H

#include <stdbool.h>

#include "base/str.h"

/*
 * The parts of a URL, for config/url.c.  The functions return NULL on success,
 * else an error.  A URL may hold a password, so each error is a constant text.
 */

/* A URL split at its delimiters, not decoded.  Absent parts are STR_NONE. */
struct url_parts {
	struct str scheme, user, password, host, port, path, query;
	struct str others; /* further hosts, after the first comma */
};

extern const char url_no_memory[];

/* Splits SCHEME://[user[:password]@]host[:port][,..][/path][?query]. */
const char *url_cut(struct str text, struct url_parts *parts);
/* Splits host[:port] or [address][:port]; sets host and port. */
const char *url_cut_host(struct str authority, struct url_parts *parts);

/*
 * Decodes a part into a new string, which the caller frees; *out is NULL if the
 * part is empty or absent.
 */
const char *url_decode(struct str part, const char **out);

/* Reads a port; *port is fallback if the part is absent. */
const char *url_read_port(struct str text, int fallback, int *port);
/* True for the name of a host (letters, digits, -._) or a numeric address. */
bool url_is_host(const char *host);
/* Decodes a host, which must be a name or an address. */
const char *url_read_host(struct str text, const char **host);

#endif
