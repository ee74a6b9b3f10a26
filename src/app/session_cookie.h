#ifndef SESSION_COOKIE_H
#define SESSION_COOKIE_H

#include <stdbool.h>

#include "app/app.h"

/* A session cookie of a request, under one of its two names. */
struct session_cookie {
	const char *name; /* NULL: this name is not in use */
	bool came;	  /* it was sent, with a value */
	struct str token;
	bool is_wellformed; /* False: the token must never reach a store: it is
			       malformed, or its tag is not ours. */
};

/*
 * The session cookies: [cookie] name and, with [cookie] compat, the other name.
 */
enum { SESSION_COOKIES = 2 };
struct cookies {
	struct session_cookie cookies[SESSION_COOKIES];
	/*
	 * The cookie that counts; NULL: none came.  A __Host- cookie takes
	 * precedence even if it is invalid: a neighbour site, or an attacker on
	 * plain http, could have set the other one.
	 */
	const struct session_cookie *counts;
};

/* Reads both session cookies of the request and chooses the one that counts. */
void session_cookie_read(const struct context *c, struct cookies *cookies);

/* Adds Set-Cookie for a new session.  life_s: seconds. */
void session_cookie_set(struct context *c, struct str token, int64_t life_s);

/* Adds Set-Cookie for a session that ends when the browser is closed. */
void session_cookie_set_until_closed(struct context *c, struct str token);

/*
 * Adds Set-Cookie for another cookie of ours.  It is sent to this host only:
 * Path=/ and no Domain, whatever [cookie] says for the session cookie.
 */
void session_cookie_set_own(
    struct context *c, const char *name, struct str value, int64_t life_s);

/*
 * Expires every session cookie that came, and lets the browser drop the pages
 * that it cached.
 */
void session_cookie_expire(struct context *c, const struct cookies *cookies);

#endif
