#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Counts of the values of each type in a JSON value, at all depths. */
struct json_tally {
	size_t nulls, booleans, fractions, strings, arrays, integers;
	size_t bytes; /* length of all strings in UTF-8 */
	uint64_t sum; /* sum of all integers, modulo 2^64 */
};

/*
 * A JSON text that is rewritten for json-c, and the tally of the values in it.
 */
struct json_scanned {
	struct str ascii; /* ends with a NUL byte, which len includes */
	struct json_tally tally;
};

/*
 * Validates text as exactly one JSON value (RFC 8259), and rewrites it for
 * json-c.  False: it is not valid.
 *
 * Strict: strings are UTF-8 without lone surrogates, the name of a member holds
 * no \u0000, and brackets are nested at most max_depth deep.  The scan stops at
 * the first violation, so a deep text costs nothing.
 *
 * Lenient: everything that JSON.parse accepts.  A string that is not valid
 * Unicode becomes 0.5 (as a name: empty), and so does an array or object that
 * is nested deeper than max_depth.
 *
 * In `ascii`, bytes of strings above 0x7f are escapes, some characters are
 * marked (http/json_mark.h), and every number is an
 * integer from -INT64_MAX to UINT64_MAX, or 0.5 in place of any other.  [a,b]
 * becomes [0,a,b], and {"n":a} becomes [1,"n",a]: if malloc fails, json-c
 * silently loses members and elements, and crashes on names.  If an array loses
 * an element, the tallies differ.
 */
bool json_scan(struct arena *arena, struct str text, int max_depth,
    bool is_lenient, struct json_scanned *scanned);

#endif
