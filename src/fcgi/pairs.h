#ifndef PAIRS_H
#define PAIRS_H

#include "base/str.h"

/*
 * Name-value pairs (FastCGI 1.0, 3.4): lengths of one or four bytes, then
 * name and value.
 */
enum pairs_verdict {
	PAIRS_PAIR, /* one was taken off the head of *rest */
	PAIRS_END,  /* *rest is empty */
	PAIRS_SHORT /* a length reaches beyond the bytes there are */
};

enum pairs_verdict pairs_next(
    struct str *rest, struct str *name, struct str *value);

#endif
