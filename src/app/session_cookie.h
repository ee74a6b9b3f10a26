#ifndef SESSION_COOKIE_H
#define SESSION_COOKIE_H

#include <stdbool.h>

#include "app/app.h"

/* A cookie of ours by its name. */
struct session_cookie {
	const char *name; /* NULL: there is no such name */
	bool came;	  /* with a value */
	struct str token;
	bool is_wellformed; /* else the token must never reach a store: it is
			     * none, or its tag is not ours */
};

/* The session cookies of a request: [cookie] name and, with compat, its twin.
 */
enum { JAR_COOKIES = 2 };
struct cookies {
	struct session_cookie cookies[JAR_COOKIES];
	/*
	 * The one that counts; NULL: none came.  Where a __Host- cookie came
	 * the other is ignored, even if the first is bad: a neighbour or an
	 * attacker on plain http could have planted it.
	 */
	const struct session_cookie *counts;
};

void session_cookie_read(const struct context *c, struct cookies *cookies);

/* Set-Cookie for a new session that lives for life_s seconds. */
void session_cookie_set(struct context *c, struct str token, int64_t life_s);

/* The same for one that the browser forgets when it ends. */
void session_cookie_set_until_closed(struct context *c, struct str token);

/*
 * Set-Cookie for something else of ours that no other host shall have: Path=/
 * and no Domain, whatever [cookie] says of the session's.
 */
void session_cookie_set_own(
    struct context *c, const char *name, struct str value, int64_t life_s);

/*
 * A Set-Cookie that expires it for every name that came, and what makes the
 * browser forget the pages that it has seen with it.
 */
void session_cookie_expire(struct context *c, const struct cookies *cookies);

#endif
