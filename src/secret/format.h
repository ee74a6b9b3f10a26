#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "secret/password.h"

/* Characters of the longest stored hash that is accepted. */
#define FORMAT_LEN_MAX 511

/*
 * A format that can be verified: a row of the table in formats.c.  The bounds
 * are checked before verify is called.
 */
struct format {
	enum password_family family;
	struct str prefix;
	/* False: another format, or not whole; *cost in the row's unit. */
	bool (*read_cost)(
	    const struct format *format, struct str stored, int64_t *cost);
	enum password_verdict (*verify)(const struct format *format,
	    struct str password, struct str stored);
	int64_t cost_min, cost_max;
	int64_t cost_strong;  /* not weaker than a new hash; 0: never */
	size_t password_max;  /* bytes */
	int64_t work_max;     /* bytes times cost at most; 0: bytes are free */
	size_t digest_len;    /* characters; 0: all behind the last $ or : */
	bool is_digest_first; /* it is at the beginning, else at the end */
	int variant;	      /* of functions that serve several rows */
};

/*
 * The format of a stored hash, and its cost; NULL where it has none, is not
 * whole, or is beyond the bounds.
 */
const struct format *format_find(struct str stored, int64_t *cost);

/* The digest of a stored hash of that format. */
struct str format_digest(const struct format *format, struct str stored);

/* A bcrypt format, for those that hold no other. */
extern const struct format format_bcrypt;

/* The alphabet of crypt(3) and phpass, in its order. */
#define FORMAT_ITOA64 \
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* The value of such a character, -1 for any other. */
int format_digit(char c);

#endif
