#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A JSON value (RFC 8259) as a tree in the arena.  It is for reading only
 * (http/json_write.h writes) and is not freed on its own.  Its strings may be
 * views of the parsed text, which must stay valid as long.
 */
struct json;

enum { JSON_DEPTH_LIMIT = 64 };

/*
 * Parses text as one JSON value with at most max_depth nested brackets
 * (JSON_DEPTH_LIMIT or less).  NULL: it is not exactly one valid value
 * (json_scan.h has the rules), or longer than 256 MiB.  Without memory the
 * process exits, as in arena_alloc.  The last of several members with one name
 * counts, as in JSON.parse.
 */
struct json *json_parse(struct arena *arena, struct str text, int max_depth);

/*
 * json_parse for texts that other programs wrote: NULL only if JSON.parse
 * throws, or above 256 MiB.  Strings that are not valid Unicode, and arrays and
 * objects deeper than max_depth, become values for which all functions below
 * return false.
 */
struct json *json_parse_lenient(
    struct arena *arena, struct str text, int max_depth);

/*
 * The functions below accept NULL, an absent member, and return false or NULL
 * for it.
 */
bool json_is_object(const struct json *json);
bool json_is_null(const struct json *json);

/*
 * Returns the member with this name; NULL if there is none or json is no
 * object.
 */
struct json *json_member(const struct json *json, const char *key);

/*
 * Iterate over an array.  json_first returns NULL if it is empty or no array.
 * json_next returns NULL after the last element; element must not be NULL.
 */
bool json_is_array(const struct json *json);
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *element);

/*
 * True if the name of every member is in the list, which NULL ends.  Also true
 * if json is no object or NULL.
 */
bool json_has_only(const struct json *json, const char *const *names);

/*
 * Return the value in *out.  False: json has another type or is NULL, and *out
 * is unchanged.  A string may hold NUL bytes.  json_int accepts numbers without
 * fraction and exponent from -INT64_MAX to INT64_MAX; it does not truncate
 * larger ones.
 */
bool json_string(const struct json *json, struct str *out);
bool json_int(const struct json *json, int64_t *out);
bool json_uint(const struct json *json, uint64_t *out); /* 0 to UINT64_MAX */
bool json_boolean(const struct json *json, bool *out);

#endif
