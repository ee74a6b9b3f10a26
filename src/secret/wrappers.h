#ifndef WRAPPERS_H
#define WRAPPERS_H

#include "secret/format.h"
#include "secret/prepare.h"

#define WRAPPER_WAYS_MAX 4 /* fewer ways end with NULL */

/*
 * A product's wrapper around one of the formats: a prefix, and ways to prepare
 * the password.  The prefixes that end in a product's name and a colon are
 * sessgate's own: the SQL statement adds them to a stored hash that does not
 * itself show that its product prepares passwords.
 */
struct wrapper {
	struct str prefix; /* of the stored hash */
	size_t dropped;	   /* bytes of prefix to remove before the format */
	enum password_family family; /* PASSWORD_FAMILIES: the format's */
	enum password_family inner;  /* required family of the format; 0: any */
	int64_t cost_max;	     /* 0: the format's */
	/* tried in turn until NULL */
	enum prepare_result (*ways[WRAPPER_WAYS_MAX])(
	    struct str password, struct prepared *prepared);
};

/*
 * The number of ways that give different passwords.  A wrong password costs
 * that many verifications.
 */
int wrapper_tries(const struct wrapper *wrapper, struct str password);

/* The wrapper of a stored hash; a wrapper without effect if it has none. */
const struct wrapper *wrapper_find(struct str stored);

#endif
