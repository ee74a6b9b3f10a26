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

/* PAIRS_PAIR: name and value point into *rest, which is advanced. */
enum pairs_verdict pairs_next(
    struct str *rest, struct str *name, struct str *value);

#endif
