#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "secret/password.h"

/* Room that holds any stored form that is accepted. */
#define FORMAT_LEN_MAX 255

/*
 * A stored form that can be verified: a row of the table in password.c, which
 * checks all bounds before it calls verify.
 */
struct format {
	enum password_family family;
	struct str prefix;
	/* False: not such a form, or not whole; *cost in the row's unit. */
	bool (*read_cost)(
	    const struct format *format, struct str stored, int64_t *cost);
	enum password_verdict (*verify)(const struct format *format,
	    struct str password, struct str stored);
	int64_t cost_min, cost_max;
	int64_t cost_strong; /* not weaker than a new form; 0: never */
	size_t password_max; /* bytes */
	int64_t work_max;    /* bytes times cost at most; 0: bytes are free */
	size_t digest_len;   /* characters at the end of the form */
	int variant;	     /* of functions that serve several rows */
};

/* The alphabet of crypt(3) and phpass, in its order. */
#define FORMAT_ITOA64 \
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* The value of such a character, -1 for any other. */
int format_digit(char c);

#endif
