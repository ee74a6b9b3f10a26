#ifndef PAIRS_H
#define PAIRS_H

#include "base/str.h"

/*
 * Name-value pairs (FastCGI 1.0, 3.4): two lengths of one or four bytes each,
 * then name and value.
 */
enum pairs_verdict {
	PAIRS_PAIR, /* one pair was removed from the head of *rest */
	PAIRS_END,  /* *rest is empty */
	PAIRS_SHORT /* a length exceeds the bytes that are left */
};

/* Does what pairs_next does, with lengths of any size. */
enum pairs_verdict pairs_next_of_any_size(
    struct str *rest, struct str *name, struct str *value);

/*
 * Takes one pair.  PAIRS_PAIR: name and value point into *rest, which is
 * advanced.  A request has some thirty pairs, nearly all with lengths of one
 * byte, so these are read in line.
 */
static inline enum pairs_verdict
pairs_next(struct str *rest, struct str *name, struct str *value)
{
	const unsigned char *at = (const unsigned char *)rest->ptr;

	if (rest->len < 2 || (at[0] | at[1]) >= 0x80 ||
	    rest->len - 2 < (size_t)at[0] + at[1])
		return pairs_next_of_any_size(rest, name, value);
	*name = (struct str){ rest->ptr + 2, at[0] };
	*value = (struct str){ name->ptr + at[0], at[1] };
	*rest = (struct str){ value->ptr + at[1],
		rest->len - 2 - name->len - value->len };
	return PAIRS_PAIR;
}

#endif
