#ifndef JSON_TREE_H
#define JSON_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* The tree behind http/json.h, for the files that make it. */
enum json_kind {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_INTEGER,
	JSON_LARGE, /* an integer above INT64_MAX that a uint64_t holds */
	/* any other number: with a fraction or exponent, or too large */
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/*
 * A node of the tree.  The members of an object are linked from the last to the
 * first, so that json_member finds the last of equal names; the elements of an
 * array are linked in their order.
 */
struct json {
	enum json_kind kind;
	bool boolean;
	int64_t integer;
	uint64_t large;
	struct str string;
	struct json *members; /* members of an object or elements of an array */
	struct json *next;    /* the next member or element */
	struct str key;
};

/*
 * Reads a plain text: it has no blanks and no escapes, and its numbers are
 * integers of at most 18 digits.  Strings and names are views of text.  NULL:
 * the text is not plain, is nested deeper than max_depth, or is not valid;
 * http/json.c then finds out the reason.
 */
struct json *json_plain(struct arena *arena, struct str text, int max_depth);

#endif
