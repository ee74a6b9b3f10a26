#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "secret/password.h"

/* The length of the longest stored hash that is accepted. */
#define FORMAT_LEN_MAX 511

/*
 * A supported format: a row of the table in formats.c.  verify is called only
 * if length and cost are within the bounds.
 */
struct format {
	enum password_family family;
	struct str prefix;
	/*
	 * Validates stored and sets *cost, in the row's unit.  False: another
	 * format, or malformed.
	 */
	bool (*read_cost)(
	    const struct format *format, struct str stored, int64_t *cost);
	/*
	 * Verifies a password of at most password_max bytes; it may hold NUL.
	 * PASSWORD_REFUSED if the library finds stored malformed.
	 */
	enum password_verdict (*verify)(const struct format *format,
	    struct str password, struct str stored);
	int64_t cost_min, cost_max;
	int64_t cost_strong; /* from this cost on as strong as a new hash; 0:
				never */
	size_t password_max; /* bytes */
	int64_t work_max;  /* bound of password bytes times cost; 0: the length
			      does not matter */
	size_t digest_len; /* characters; 0: all after the last $ or : */
	bool is_digest_first; /* the digest is at the beginning, else at the end
			       */
	int variant;	      /* for functions that serve several rows */
};

/*
 * The format of a stored hash, and its cost.  NULL: unknown, malformed, or
 * beyond the bounds.
 */
const struct format *format_find(struct str stored, int64_t *cost);

/* The part of a stored hash of that format that holds the digest. */
struct str format_digest(const struct format *format, struct str stored);

/* The row of $2y$, for callers without a stored hash. */
extern const struct format format_bcrypt;

/* Bounds of costs: the logarithm of rounds or N; N times r of scrypt, 1 GiB. */
#define FORMAT_LOG2_MAX 30
#define FORMAT_SCRYPT_MAX (INT64_C(1) << 23)

/* The alphabet of crypt(3) and phpass, in its order. */
#define FORMAT_ITOA64 \
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* The value of a character in FORMAT_ITOA64; -1 for any other. */
int format_digit(char c);

#endif
