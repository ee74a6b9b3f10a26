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
	JSON_LARGE,  /* an integer above INT64_MAX that a uint64_t holds */
	JSON_NUMBER, /* any other: with a fraction or an exponent, or too large
		      */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/*
 * Members of an object are linked from the last to the first, so that
 * json_member finds the last of equal names; elements of an array in their
 * order.
 */
struct json {
	enum json_kind kind;
	bool boolean;
	int64_t integer;
	uint64_t large;
	struct str string;
	struct json *members; /* of an object or array, linked by next */
	struct json *next;    /* of a member, like its key */
	struct str key;
};

/*
 * Reads a plain text: one without blanks and escapes, its numbers integers of
 * at most 18 digits.  Strings and names are views of text.  NULL: it is not
 * plain, nested deeper than max_depth, or not valid; http/json.c then finds out
 * which.
 */
struct json *json_plain(struct arena *arena, struct str text, int max_depth);

#endif
