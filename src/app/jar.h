#ifndef JAR_H
#define JAR_H

#include <stdbool.h>

#include "app/app.h"

/* The session cookie: read from a request, set and expired in an answer. */
struct jar {
	struct str token;	  /* absent: no cookie, or an empty one */
	bool is_wellformed;	  /* else the token must never reach a store */
	bool has_name, has_other; /* which of the two names came with a value */
};

/*
 * Reads [cookie] name and, with compat, its other form.  Where a __Host-
 * cookie came the other is ignored, even if the first is bad: a neighbour or
 * an attacker on plain http could have planted it.
 */
struct jar jar_read(const struct context *c);

/* Set-Cookie for a new session that lives for life_s seconds. */
void jar_set(struct context *c, struct str token, int64_t life_s);

/* Set-Cookie that expires every name that came. */
void jar_expire(struct context *c, const struct jar *jar);

#endif
