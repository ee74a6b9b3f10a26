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
 * Finds the cookie `name` (case-sensitive) in the Cookie header; several
 * headers are joined, and the header may be absent.  The first cookie of the
 * name counts, as in the framework of the Node application that sessgate
 * replaces.  Double quotes around the value are dropped and percent escapes
 * decoded; malformed escapes stay.  *value is set with COOKIE_FOUND only; it
 * may be empty or hold any byte.
 *
 * Two different values of a __Host- name are a conflict: a browser sends only
 * one such cookie, so the other was injected.
 */
enum cookie_found cookie_find(
    struct arena *arena, struct str header, struct str name, struct str *value);

/*
 * The attributes, from the configuration, which validates them.  Empty ones are
 * left out.
 */
struct cookie_attributes {
	struct str name, path, domain, samesite;
	bool is_secure;
};

/*
 * Adds the Set-Cookie value of a cookie that lives for max_age_s seconds.
 * COOKIE_UNTIL_CLOSED leaves out Max-Age: the browser then drops the cookie
 * when it is closed.
 */
#define COOKIE_UNTIL_CLOSED (-1)
void cookie_set(struct buf *buf, const struct cookie_attributes *attributes,
    struct str token, int64_t max_age_s);

/* Adds the Set-Cookie value that makes a browser delete the cookie. */
void cookie_expire(struct buf *buf, const struct cookie_attributes *attributes);

#endif
