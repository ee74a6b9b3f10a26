#ifndef COOKIE_H
#define COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Reading Cookie headers and writing Set-Cookie values (RFC 6265). */

enum cookie_found {
	COOKIE_ABSENT,
	COOKIE_FOUND,
	COOKIE_CONFLICT /* a __Host- name with two different values */
};

/*
 * Looks for name, spelt exactly so, in a Cookie header (all of them joined,
 * or absent).  The first of one name counts, as in the origin's framework;
 * double quotes around it are dropped and its percent escapes decoded, but
 * malformed ones stay as they are.  *value, set only with COOKIE_FOUND, may be
 * empty or hold any byte.
 *
 * Two different values under a __Host- name are a conflict: a browser sends
 * one, so somebody planted the other.
 */
enum cookie_found cookie_find(
    struct arena *arena, struct str header, struct str name, struct str *value);

/* From the configuration, checked there; an empty domain is not written. */
struct cookie_attributes {
	struct str name, path, domain, samesite;
	bool is_secure;
};

/*
 * The Set-Cookie value of a login; max_age_s in seconds, COOKIE_UNTIL_CLOSED
 * for a cookie that the browser forgets when it ends.
 */
#define COOKIE_UNTIL_CLOSED (-1)
void cookie_set(struct buf *buf, const struct cookie_attributes *attributes,
    struct str token, int64_t max_age_s);

/* The Set-Cookie value that makes a browser forget the cookie. */
void cookie_expire(struct buf *buf, const struct cookie_attributes *attributes);

#endif
