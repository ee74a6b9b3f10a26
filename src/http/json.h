#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A JSON value (RFC 8259) as a tree in the arena: nothing to close.  Reading
 * only; texts are written with buf_add_json.
 */
struct json;

enum { JSON_DEPTH_LIMIT = 64 };

/*
 * The value that text is, with at most max_depth (JSON_DEPTH_LIMIT or less)
 * brackets nested; NULL where it is not exactly one strict value (json_scan.h
 * says how strict), and for no other reason: where there is no memory the
 * process exits, as arena_alloc does.  Of members with the same name the last
 * counts, as in JSON.parse.
 */
struct json *json_parse(struct arena *arena, struct str text, int max_depth);

/*
 * The same for texts that other programs wrote: NULL where JSON.parse throws.
 * Strings that are not valid Unicode, and what is nested deeper than max_depth,
 * become values that none of the functions below answers true to.
 */
struct json *json_parse_lenient(
    struct arena *arena, struct str text, int max_depth);

/* All of these take NULL, the absent member, and answer false to it. */
bool json_is_object(const struct json *json);
bool json_is_null(const struct json *json);

/* The member of an object; NULL where there is none, or no object. */
struct json *json_member(const struct json *json, const char *key);

/* The elements of an array in turn; NULL ends them, and where it is none. */
bool json_is_array(const struct json *json);
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *element);

/* No member of the object has a name that is not in the list (NULL ends it). */
bool json_has_only(const struct json *json, const char *const *names);

/*
 * The value, if it is of that type; else false, and *out is left alone.  A
 * string may hold NUL bytes.  An integer is one written without fraction and
 * exponent that an int64_t holds (but for its lowest value); larger ones are
 * not cut down.
 */
bool json_string(const struct json *json, struct str *out);
bool json_int(const struct json *json, int64_t *out);
bool json_uint(const struct json *json, uint64_t *out); /* above that, too */
bool json_boolean(const struct json *json, bool *out);

#endif
