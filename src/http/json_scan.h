#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* How much there is of each kind in a JSON value, at every depth. */
struct json_tally {
	size_t nulls, booleans, fractions, strings, arrays, integers;
	size_t bytes; /* of all strings, as UTF-8 */
	uint64_t sum; /* of all integers, modulo 2^64 */
};

/* A JSON text as json-c gets it, and what json-c must make of it. */
struct json_scanned {
	struct str ascii; /* with a NUL behind it that belongs to it */
	struct json_tally tally;
};

/*
 * Is text exactly one JSON value (RFC 8259), and which?
 *
 * Strict: strings are UTF-8 without lone surrogates, a member's name holds no
 * \u0000, and no bracket is nested deeper than max_depth.  It stops at the
 * first that is, so depth costs nothing.
 *
 * Lenient: all that JSON.parse takes.  A string that is not valid Unicode
 * becomes 0.5 (as a name: empty), and so does an array or object that is nested
 * deeper than max_depth.
 *
 * In ascii all bytes of strings above 0x7f are escapes, a number is an integer
 * from -INT64_MAX to UINT64_MAX or else 0.5, and [a,b] is [0,a,b], {"n":a} is
 * [1,"n",a]: json-c loses members and elements without a word where malloc
 * fails, and dies of names.  What is lost from arrays is missing in the tally.
 */
bool json_scan(struct arena *arena, struct str text, int max_depth,
    bool is_lenient, struct json_scanned *scanned);

#endif
