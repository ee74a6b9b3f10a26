/*
 * Parses JSON texts to trees in the arena.  json_plain.c reads plain texts.
 * For all others this is the only file that uses json-c, the JSON library that
 * this project was given.  json-c's tree is copied and freed before json_parse
 * returns.  Bodies hold passwords, so json-c's copies of strings are wiped.
 *
 * json_scan.c validates the text and rewrites it for json-c.  The values that
 * json-c returns are counted and compared with the scan: if malloc fails,
 * json-c returns no value, or one with parts missing, and reports no error.
 */
#include "config.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <json.h>

#include "base/buf.h"
#include "http/json.h"
#include "http/json_mark.h"
#include "http/json_scan.h"
#include "http/json_tree.h"

enum { TEXT_MAX = INT_MAX / 8 }; /* the rewritten text must fit an int */

/* The state of one copy from json-c's tree. */
struct copy {
	struct arena *arena;
	struct json_tally tally; /* of the values copied so far */
	size_t longest;		 /* longest string so far, in bytes */
};

static void
copy_string(struct copy *copy, struct json *json, struct json_object *from)
{
	const char *ptr = json_object_get_string(from);
	size_t len = (size_t)json_object_get_string_len(from);

	json->kind = JSON_STRING;
	json->string = json_unmark(copy->arena, (struct str){ ptr, len });
	copy->tally.strings++;
	copy->tally.bytes += json->string.len;
	if (len > copy->longest)
		copy->longest = len;
	/* wipe the copy of json-c, which is not read again */
	explicit_bzero((char *)ptr, len);
}

static void
copy_integer(struct copy *copy, struct json *json, struct json_object *from)
{
	int64_t value = json_object_get_int64(from);
	uint64_t bits =
	    value < 0 ? (uint64_t)value : json_object_get_uint64(from);

	if (value < 0 || bits <= INT64_MAX) {
		json->kind = JSON_INTEGER;
		json->integer = value;
	} else {
		json->kind = JSON_LARGE;
		json->large = bits;
	}
	copy->tally.integers++;
	copy->tally.sum += bits;
}

/* Adds a member at the head of the list. */
static struct json *
add_member(struct copy *copy, struct json *json)
{
	struct json *member = arena_alloc(copy->arena, sizeof(*member));

	member->next = json->members;
	json->members = member;
	return member;
}

static void copy_value(
    struct copy *copy, struct json *json, struct json_object *from);

/*
 * Copies an object, which json_scan has rewritten to [1, name, value, ..].
 * Members are prepended, so json_member finds the last of equal names.
 */
static void
copy_members(struct copy *copy, struct json *json, struct json_object *from)
{
	size_t count = json_object_array_length(from);

	json->kind = JSON_OBJECT;
	for (size_t i = 1; i < count; i += 2) {
		struct json *member = add_member(copy, json);
		struct json name = { .kind = JSON_NULL };

		copy_value(copy, &name, json_object_array_get_idx(from, i));
		copy_value(
		    copy, member, json_object_array_get_idx(from, i + 1));
		member->key = name.string;
	}
}

/* Copies an array, which json_scan has rewritten to [0, element, ..]. */
static void
copy_elements(struct copy *copy, struct json *json, struct json_object *from)
{
	json->kind = JSON_ARRAY;
	for (size_t i = json_object_array_length(from); i > 1; i--)
		copy_value(copy, add_member(copy, json),
		    json_object_array_get_idx(from, i - 1));
}

static void
copy_container(struct copy *copy, struct json *json, struct json_object *from)
{
	struct json head = { .kind = JSON_NULL };

	copy->tally.arrays++;
	copy_value(copy, &head, json_object_array_get_idx(from, 0));
	if (head.integer == 1)
		copy_members(copy, json, from);
	else
		copy_elements(copy, json, from);
}

/* Recursion is bounded by max_depth, which json_scan has enforced. */
static void
copy_value(struct copy *copy, struct json *json, struct json_object *from)
{
	switch (json_object_get_type(from)) {
	case json_type_string:
		copy_string(copy, json, from);
		break;
	case json_type_int:
		copy_integer(copy, json, from);
		break;
	case json_type_array:
		copy_container(copy, json, from);
		break;
	case json_type_boolean:
		copy->tally.booleans++;
		json->kind = JSON_BOOLEAN;
		json->boolean = json_object_get_boolean(from);
		break;
	case json_type_double:
		copy->tally.fractions++;
		json->kind = JSON_NUMBER;
		break;
	default:
		copy->tally.nulls++;
		json->kind = JSON_NULL;
	}
}

/*
 * Wipes the scratch buffer of the tokener, which still holds the last string.
 * Parsing a string of spaces, as long as the longest one, overwrites it without
 * a reallocation.
 */
static void
wipe_scratch(struct json_tokener *tokener, struct arena *arena, size_t longest)
{
	char *blanks = arena_alloc(arena, longest + 3);

	memset(blanks, ' ', longest + 2);
	blanks[0] = blanks[longest + 1] = '"';
	json_tokener_reset(tokener);
	json_object_put(
	    json_tokener_parse_ex(tokener, blanks, (int)longest + 3));
}

static pthread_key_t tokener_key;
static pthread_once_t tokener_once = PTHREAD_ONCE_INIT;
static bool has_key;

static void
free_tokener(void *tokener)
{
	json_tokener_free(tokener);
}

static void
make_key(void)
{
	has_key = pthread_key_create(&tokener_key, free_tokener) == 0;
}

/*
 * Returns the tokener of this thread, which is made once and freed when the
 * thread ends.
 */
static struct json_tokener *
borrow_tokener(void)
{
	struct json_tokener *tokener;

	pthread_once(&tokener_once, make_key);
	tokener = has_key ? pthread_getspecific(tokener_key) : NULL;
	if (tokener != NULL) {
		json_tokener_reset(tokener);
		return tokener;
	}
	/* json-c counts the innermost value as a level too */
	tokener = json_tokener_new_ex(JSON_DEPTH_LIMIT + 1);
	if (tokener == NULL || !has_key ||
	    pthread_setspecific(tokener_key, tokener) != 0)
		arena_exhausted();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	return tokener;
}

/*
 * True if json-c has returned all values.  Compares field by field, since a
 * struct may have padding.
 */
static bool
is_whole(const struct json_tally *made, const struct json_tally *due)
{
	return made->nulls == due->nulls && made->booleans == due->booleans &&
	       made->integers == due->integers &&
	       made->fractions == due->fractions &&
	       made->strings == due->strings && made->arrays == due->arrays &&
	       made->bytes == due->bytes && made->sum == due->sum;
}

/*
 * Builds the tree.  json_scan has validated the text: if the value of json-c
 * differs, malloc has failed.
 */
static struct json *
build(struct arena *arena, const struct json_scanned *scanned)
{
	struct copy copy = { .arena = arena };
	struct json *json = arena_alloc(arena, sizeof(*json));
	struct json_tokener *tokener = borrow_tokener();
	struct json_object *parsed = json_tokener_parse_ex(
	    tokener, scanned->ascii.ptr, (int)scanned->ascii.len);

	if (json_tokener_get_error(tokener) == json_tokener_success)
		copy_value(&copy, json, parsed);
	if (!is_whole(&copy.tally, &scanned->tally))
		arena_exhausted();
	wipe_scratch(tokener, arena, copy.longest);
	json_object_put(parsed);
	return json;
}

static struct json *
parse_tree(struct arena *arena, struct str text, int max_depth, bool is_lenient)
{
	struct json *json;
	struct json_scanned scanned;

	assert(max_depth <= JSON_DEPTH_LIMIT);
	if (text.len > TEXT_MAX)
		return NULL;
	json = json_plain(arena, text, max_depth);
	if (json != NULL)
		return json;
	if (!json_scan(arena, text, max_depth, is_lenient, &scanned))
		return NULL;
	return build(arena, &scanned);
}

struct json *
json_parse(struct arena *arena, struct str text, int max_depth)
{
	return parse_tree(arena, text, max_depth, false);
}

struct json *
json_parse_lenient(struct arena *arena, struct str text, int max_depth)
{
	return parse_tree(arena, text, max_depth, true);
}

static bool
is_of_type(const struct json *json, enum json_kind kind)
{
	return json != NULL && json->kind == kind;
}

bool
json_is_object(const struct json *json)
{
	return is_of_type(json, JSON_OBJECT);
}

bool
json_is_null(const struct json *json)
{
	return is_of_type(json, JSON_NULL);
}

struct json *
json_member(const struct json *json, const char *key)
{
	struct json *member = json_is_object(json) ? json->members : NULL;

	while (member != NULL && !str_eq(member->key, str_from(key)))
		member = member->next;
	return member;
}

bool
json_is_array(const struct json *json)
{
	return is_of_type(json, JSON_ARRAY);
}

const struct json *
json_first(const struct json *json)
{
	return json_is_array(json) ? json->members : NULL;
}

const struct json *
json_next(const struct json *element)
{
	return element->next;
}

static bool
is_one_of(struct str name, const char *const *names)
{
	while (*names != NULL && !str_eq(name, str_from(*names)))
		names++;
	return *names != NULL;
}

bool
json_has_only(const struct json *json, const char *const *names)
{
	const struct json *member = json_is_object(json) ? json->members : NULL;

	while (member != NULL && is_one_of(member->key, names))
		member = member->next;
	return member == NULL;
}

bool
json_string(const struct json *json, struct str *out)
{
	if (!is_of_type(json, JSON_STRING))
		return false;
	*out = json->string;
	return true;
}

bool
json_int(const struct json *json, int64_t *out)
{
	if (!is_of_type(json, JSON_INTEGER))
		return false;
	*out = json->integer;
	return true;
}

bool
json_uint(const struct json *json, uint64_t *out)
{
	if (is_of_type(json, JSON_LARGE))
		*out = json->large;
	else if (is_of_type(json, JSON_INTEGER) && json->integer >= 0)
		*out = (uint64_t)json->integer;
	else
		return false;
	return true;
}

bool
json_boolean(const struct json *json, bool *out)
{
	if (!is_of_type(json, JSON_BOOLEAN))
		return false;
	*out = json->boolean;
	return true;
}
