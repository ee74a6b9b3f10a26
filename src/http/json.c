/*
 * JSON texts to arena trees.  The only file that knows json-c, the project's
 * reader of JSON: its tree is copied and freed before json_parse returns.
 * Bodies hold passwords, so what json-c copied of strings is wiped.
 *
 * json-c gets what json_scan.c has proven and written anew.  Its answer is
 * counted: where malloc fails it returns no value, or one in which something is
 * missing, and says that all went well.
 */
#include "config.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <json.h>

#include "base/buf.h"
#include "http/json.h"
#include "http/json_scan.h"

enum { TEXT_MAX = INT_MAX / 8 }; /* the ASCII of it still has an int's length */

enum json_kind {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_INTEGER,
	JSON_LARGE,  /* an integer above INT64_MAX that a uint64_t holds */
	JSON_NUMBER, /* any other: a fraction, an exponent, too large */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

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

/* A copy under way. */
struct copy {
	struct arena *arena;
	struct json_tally tally; /* of what was met */
	size_t longest;		 /* string met, in bytes */
};

static void
copy_string(struct copy *copy, struct json *json, struct json_object *from)
{
	const char *ptr = json_object_get_string(from);
	size_t len = (size_t)json_object_get_string_len(from);

	copy->tally.strings++;
	copy->tally.bytes += len;
	if (len > copy->longest)
		copy->longest = len;
	json->kind = JSON_STRING;
	json->string = arena_dup(copy->arena, (struct str){ ptr, len });
	/* the object's own copy, which nobody reads again */
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

/* A place at the head of the list. */
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

/* [1, name, value, ..]; of equal names the last one is met first. */
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

/* [0, element, ..] */
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

/* Recursion is bounded by max_depth: the scan saw every bracket. */
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
 * The tokener's scratch buffer still holds the last string.  Blanks as long
 * as the longest one go to the same place, without a reallocation.
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

/* This thread's, made once and kept to its end. */
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
	/* json-c counts the value inside the last bracket as well */
	tokener = json_tokener_new_ex(JSON_DEPTH_LIMIT + 1);
	if (tokener == NULL || !has_key ||
	    pthread_setspecific(tokener_key, tokener) != 0)
		arena_exhausted();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	return tokener;
}

/* Field by field, since a struct may have holes. */
static bool
is_whole(const struct json_tally *made, const struct json_tally *due)
{
	return made->nulls == due->nulls && made->booleans == due->booleans &&
	       made->integers == due->integers &&
	       made->fractions == due->fractions &&
	       made->strings == due->strings && made->arrays == due->arrays &&
	       made->bytes == due->bytes && made->sum == due->sum;
}

/* The value was proven to be one: if json-c has another, memory is lacking. */
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
parse(struct arena *arena, struct str text, int max_depth, bool is_lenient)
{
	struct json_scanned scanned;

	assert(max_depth <= JSON_DEPTH_LIMIT);
	if (text.len > TEXT_MAX ||
	    !json_scan(arena, text, max_depth, is_lenient, &scanned))
		return NULL;
	return build(arena, &scanned);
}

struct json *
json_parse(struct arena *arena, struct str text, int max_depth)
{
	return parse(arena, text, max_depth, false);
}

struct json *
json_parse_lenient(struct arena *arena, struct str text, int max_depth)
{
	return parse(arena, text, max_depth, true);
}

static bool
is_kind(const struct json *json, enum json_kind kind)
{
	return json != NULL && json->kind == kind;
}

bool
json_is_object(const struct json *json)
{
	return is_kind(json, JSON_OBJECT);
}

bool
json_is_null(const struct json *json)
{
	return is_kind(json, JSON_NULL);
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
	return is_kind(json, JSON_ARRAY);
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
	if (!is_kind(json, JSON_STRING))
		return false;
	*out = json->string;
	return true;
}

bool
json_int(const struct json *json, int64_t *out)
{
	if (!is_kind(json, JSON_INTEGER))
		return false;
	*out = json->integer;
	return true;
}

bool
json_uint(const struct json *json, uint64_t *out)
{
	if (is_kind(json, JSON_LARGE))
		*out = json->large;
	else if (is_kind(json, JSON_INTEGER) && json->integer >= 0)
		*out = (uint64_t)json->integer;
	else
		return false;
	return true;
}

bool
json_boolean(const struct json *json, bool *out)
{
	if (!is_kind(json, JSON_BOOLEAN))
		return false;
	*out = json->boolean;
	return true;
}
