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
	 * Validates stored and sets *cost, in a unit of this format.  False:
	 * stored has another format, or is malformed.
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
	/*
	 * The least cost at which a hash is as strong as a new one; 0: no hash
	 * of this format is.
	 */
	int64_t cost_strong;
	size_t password_max; /* bytes */
	/*
	 * The bound of password bytes times cost; 0: the length of the password
	 * does not change the time.
	 */
	int64_t work_max;
	/* Characters of the digest; 0: it is all after the last $ or :. */
	size_t digest_len;
	/*
	 * True: the stored hash begins with the digest.  False: it ends with
	 * it.
	 */
	bool is_digest_first;
	int variant; /* tells rows with one verify function apart */
};

/*
 * Finds the format of a stored hash, and sets *cost.  NULL: unknown, malformed,
 * or the cost is beyond the bounds.
 */
const struct format *format_find(struct str stored, int64_t *cost);

/* The digest in a stored hash of this format: a view into stored. */
struct str format_digest(const struct format *format, struct str stored);

/* The row of $2y$, for callers without a stored hash. */
extern const struct format format_bcrypt;

/*
 * The upper bounds of costs: log2 of the rounds, or of scrypt's N; and N times
 * r of scrypt (1 GiB of memory).
 */
#define FORMAT_LOG2_MAX 30
#define FORMAT_SCRYPT_MAX (INT64_C(1) << 23)

/* The alphabet of crypt(3) and phpass, in its order. */
#define FORMAT_ITOA64 \
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* The value of a character in FORMAT_ITOA64; -1 for any other. */
int format_digit(char c);

#endif
