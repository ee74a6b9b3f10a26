#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A JSON value (RFC 8259) as a tree in the arena; nothing to free.  Its strings
 * may be views of the text, which has to stay as long.  For reading only:
 * http/json_write.h is the writer.
 */
struct json;

enum { JSON_DEPTH_LIMIT = 64 };

/*
 * Parses text as one JSON value with at most max_depth nested brackets
 * (JSON_DEPTH_LIMIT or less).  NULL if it is not exactly one valid value
 * (json_scan.h has the rules), and for no other reason: without memory the
 * process exits, as in arena_alloc.  The last of several members with one name
 * counts, as in JSON.parse.
 */
struct json *json_parse(struct arena *arena, struct str text, int max_depth);

/*
 * json_parse for texts that other programs wrote: NULL only where JSON.parse
 * throws.  Strings that are not valid Unicode, and arrays and objects deeper
 * than max_depth, become values for which all functions below return false.
 */
struct json *json_parse_lenient(
    struct arena *arena, struct str text, int max_depth);

/* NULL is an absent member; these functions return false or NULL for it. */
bool json_is_object(const struct json *json);
bool json_is_null(const struct json *json);

/* The member with this name; NULL if there is none or json is no object. */
struct json *json_member(const struct json *json, const char *key);

/*
 * Iterates over an array.  json_first: NULL if it is empty or no array.
 * json_next: NULL after the last element; element must not be NULL.
 */
bool json_is_array(const struct json *json);
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *element);

/*
 * True if every member's name is in the list (ended by NULL).  True as well if
 * json is no object or NULL.
 */
bool json_has_only(const struct json *json, const char *const *names);

/*
 * These return the value in *out.  False: json has another type or is NULL, and
 * *out is unchanged.  A string may hold NUL bytes.  json_int: a number without
 * fraction and exponent, from -INT64_MAX to INT64_MAX; larger ones are not
 * truncated.
 */
bool json_string(const struct json *json, struct str *out);
bool json_int(const struct json *json, int64_t *out);
bool json_uint(const struct json *json, uint64_t *out); /* 0 to UINT64_MAX */
bool json_boolean(const struct json *json, bool *out);

#endif
