#ifndef WRAPPERS_H
#define WRAPPERS_H

#include "secret/format.h"
#include "secret/prepare.h"

#define WRAPPER_WAYS_MAX 4 /* and a NULL */

/*
 * What a product does before one of the formats: a prefix, and ways to prepare
 * the password.  The prefixes that end in the name of a product and a colon
 * are ours: SQL puts them before a stored hash that does not tell by itself
 * that its product prepares passwords.
 */
struct wrapper {
	struct str prefix;	     /* the stored hash begins with it */
	size_t dropped;		     /* bytes of it that the format lacks */
	enum password_family family; /* PASSWORD_FAMILIES: the format's own */
	enum password_family inner;  /* the format's; 0: any */
	int64_t cost_max;	     /* 0: the format's own */
	/* tried one after the other; the first NULL ends them */
	enum prepare_result (*ways[WRAPPER_WAYS_MAX])(
	    struct str password, struct prepared *prepared);
};

/*
 * How many of its ways give different passwords: as many verifications as a
 * wrong password costs.
 */
int wrapper_tries(const struct wrapper *wrapper, struct str password);

/* The wrapper of a stored hash; one that does nothing where it has none. */
const struct wrapper *wrapper_find(struct str stored);

#endif
