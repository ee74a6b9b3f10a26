#ifndef SESSION_COOKIE_H
#define SESSION_COOKIE_H

#include <stdbool.h>

#include "app/app.h"

/*
 * A session cookie of a request.  There are two names: that of [cookie] name
 * and, with [cookie] compat, another one.
 */
struct session_cookie {
	const char *name; /* NULL: no second name is in use */
	bool came;	  /* the request has it, and it is not empty */
	struct str token;
	/*
	 * False: the token must never reach a store, because it is malformed or
	 * its tag is wrong.
	 */
	bool is_wellformed;
};

enum { SESSION_COOKIES = 2 };
struct cookies {
	struct session_cookie cookies[SESSION_COOKIES];
	/*
	 * The cookie that decides; NULL: the request has none.  A __Host-
	 * cookie takes precedence even if it is invalid: a neighbour site, or
	 * an attacker on plain http, could have set the other one.
	 */
	const struct session_cookie *counts;
};

/*
 * Reads both session cookies of the request and chooses the one that decides.
 */
void session_cookie_read(const struct context *c, struct cookies *cookies);

/*
 * Adds Set-Cookie for a new session, which the browser keeps for life_s
 * seconds.
 */
void session_cookie_set(struct context *c, struct str token, int64_t life_s);

/* Adds Set-Cookie for a session that ends when the browser is closed. */
void session_cookie_set_until_closed(struct context *c, struct str token);

/*
 * Adds Set-Cookie for another cookie of this program, kept for life_s seconds.
 * It is sent to this host only: Path=/ and no Domain, whatever [cookie] says
 * for the session cookie.
 */
void session_cookie_set_own(
    struct context *c, const char *name, struct str value, int64_t life_s);

/*
 * Expires every session cookie of the request, and makes the browser drop the
 * pages that it has cached.
 */
void session_cookie_expire(struct context *c, const struct cookies *cookies);

#endif
