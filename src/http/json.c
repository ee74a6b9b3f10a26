/*
 * JSON texts to arena trees.  The only file that knows json-c: its tree is
 * copied and freed before json_parse returns.  Bodies hold passwords, so what
 * json-c copied of strings is wiped.
 */
#include "config.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
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
	JSON_NUMBER, /* any other: a fraction, an exponent, too large */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	enum json_kind kind;
	bool boolean;
	int64_t integer;
	struct str string;
	struct json *members; /* of an object or array, linked by next */
	struct json *next;    /* of a member, like its key */
	struct str key;
};

#define NUMBER_START "-0123456789"
#define NUMBER_CHARS "+.eE" NUMBER_START

/* A copy under way. */
struct copy {
	struct arena *arena;
	size_t longest; /* string or name met, in bytes */
};

static struct str
copy_text(struct copy *copy, const char *ptr, size_t len)
{
	if (len > copy->longest)
		copy->longest = len;
	return arena_dup(copy->arena, (struct str){ ptr, len });
}

static void
copy_string(struct copy *copy, struct json *json, struct json_object *from)
{
	const char *ptr = json_object_get_string(from);
	size_t len = (size_t)json_object_get_string_len(from);

	json->string = copy_text(copy, ptr, len);
	/* the object's own copy, which nobody reads again */
	explicit_bzero((char *)ptr, len);
}

/*
 * json-c clamps what is out of range: above INT64_MAX the unsigned view still
 * differs; INT64_MIN cannot be told from a number below it.
 */
static void
copy_integer(struct json *json, struct json_object *from)
{
	int64_t value = json_object_get_int64(from);
	bool is_exact = value >= 0
			    ? json_object_get_uint64(from) == (uint64_t)value
			    : value != INT64_MIN;

	json->kind = is_exact ? JSON_INTEGER : JSON_NUMBER;
	json->integer = is_exact ? value : 0;
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

/* Recursion is bounded by max_depth: the scan saw every bracket. */
static void
copy_value(struct copy *copy, struct json *json, struct json_object *from)
{
	static const enum json_kind kinds[] = {
		[json_type_null] = JSON_NULL,
		[json_type_boolean] = JSON_BOOLEAN,
		[json_type_double] = JSON_NUMBER,
		[json_type_int] = JSON_INTEGER,
		[json_type_object] = JSON_OBJECT,
		[json_type_array] = JSON_ARRAY,
		[json_type_string] = JSON_STRING,
	};

	json->kind = kinds[json_object_get_type(from)];
	if (json->kind == JSON_STRING) {
		copy_string(copy, json, from);
	} else if (json->kind == JSON_INTEGER) {
		copy_integer(json, from);
	} else if (json->kind == JSON_BOOLEAN) {
		json->boolean = json_object_get_boolean(from);
	} else if (json->kind == JSON_OBJECT) {
		json_object_object_foreach(from, key, value)
		{
			struct json *member = add_member(copy, json);

			member->key = copy_text(copy, key, strlen(key));
			copy_value(copy, member, value);
		}
	} else if (json->kind == JSON_ARRAY) {
		for (size_t i = json_object_array_length(from); i > 0; i--)
			copy_value(copy, add_member(copy, json),
			    json_object_array_get_idx(from, i - 1));
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

/* The code point of the UTF-8 character at the head of s (RFC 3629, 3). */
static uint32_t
code_point(struct str s, size_t len)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)s.ptr[0] & lead_bits[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)s.ptr[i] & 0x3f);
	return code;
}

/* A character of a string, an escape whole, moved over to ascii. */
static void
move_char(struct buf *ascii, struct str *text)
{
	size_t len = str_utf8_head(*text);
	uint32_t code = len > 1 ? code_point(*text, len) : 0;
	char escape[16];

	if (text->ptr[0] == '\\' && text->len > 1)
		len = 2;
	if (code >= 0x10000)
		snprintf(escape, sizeof(escape), "\\u%04x\\u%04x",
		    0xd800 + ((code - 0x10000) >> 10),
		    0xdc00 + ((code - 0x10000) & 0x3ff));
	else if (code > 0)
		snprintf(escape, sizeof(escape), "\\u%04x", code);
	buf_add(ascii,
	    code > 0 ? str_from(escape) : (struct str){ text->ptr, len });
	*text = str_from_byte(*text, len);
}

static void
move_string(struct buf *ascii, struct str *text)
{
	buf_add_char(ascii, '"');
	*text = str_from_byte(*text, 1);
	while (text->len > 0 && text->ptr[0] != '"')
		move_char(ascii, text);
	if (text->len > 0) {
		buf_add_char(ascii, '"');
		*text = str_from_byte(*text, 1);
	}
}

/* An integer beyond int64_t becomes a fraction, which is no integer to us. */
static void
move_number(struct buf *ascii, struct str *text)
{
	struct str number = { text->ptr, 0 };
	int64_t value;

	while (
	    number.len < text->len &&
	    str_only((struct str){ text->ptr + number.len, 1 }, NUMBER_CHARS))
		number.len++;
	buf_add(ascii, number);
	if (number.len > 1 && str_only(number, "-0123456789") &&
	    !str_to_int(number, INT64_MIN, INT64_MAX, &value))
		buf_add(ascii, STR(".0"));
	*text = str_from_byte(*text, number.len);
}

/*
 * The same value as json-c of every version takes it, when strict.  0.17 and
 * 0.18 take bytes above 0x7f for control characters: they go as escapes (RFC
 * 8259, 7).  0.18 refuses integers beyond 64 bits, 0.16 clamps them.  The scan
 * has seen to it that all bytes of strings are well-formed.
 */
static struct str
for_json_c(struct arena *arena, struct str text)
{
	struct buf ascii = buf_open(arena, text.len * 6 + 1);

	while (text.len > 0) {
		if (text.ptr[0] == '"') {
			move_string(&ascii, &text);
		} else if (str_only(
			       (struct str){ text.ptr, 1 }, NUMBER_START)) {
			move_number(&ascii, &text);
		} else {
			buf_add_char(&ascii, text.ptr[0]);
			text = str_from_byte(text, 1);
		}
	}
	buf_add_char(&ascii, '\0');
	return buf_str(&ascii);
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

/* This thread's, made once and kept to its end; NULL: no memory. */
static struct json_tokener *
borrow_tokener(void)
{
	struct json_tokener *tokener;

	pthread_once(&tokener_once, make_key);
	if (!has_key)
		return NULL;
	tokener = pthread_getspecific(tokener_key);
	if (tokener != NULL) {
		json_tokener_reset(tokener);
		return tokener;
	}
	/* json-c counts the value inside the last bracket as well */
	tokener = json_tokener_new_ex(JSON_DEPTH_LIMIT + 1);
	if (tokener != NULL && pthread_setspecific(tokener_key, tokener) != 0) {
		json_tokener_free(tokener);
		return NULL;
	}
	if (tokener != NULL)
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	return tokener;
}

struct json *
json_parse(struct arena *arena, struct str text, int max_depth)
{
	struct copy copy = { .arena = arena };
	struct json_tokener *tokener;
	struct json_object *parsed;
	struct json *json = NULL;
	struct str ascii;

	assert(max_depth <= JSON_DEPTH_LIMIT);
	if (text.len > TEXT_MAX || !json_scan_accepts(text, max_depth))
		return NULL;
	tokener = borrow_tokener();
	if (tokener == NULL)
		return NULL;
	ascii = for_json_c(arena, text);
	parsed = json_tokener_parse_ex(tokener, ascii.ptr, (int)ascii.len);
	if (json_tokener_get_error(tokener) == json_tokener_success) {
		json = arena_alloc(arena, sizeof(*json));
		copy_value(&copy, json, parsed);
		wipe_scratch(tokener, arena, copy.longest);
	} else { /* nobody knows what it holds */
		pthread_setspecific(tokener_key, NULL);
		json_tokener_free(tokener);
	}
	json_object_put(parsed);
	return json;
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
json_boolean(const struct json *json, bool *out)
{
	if (!is_kind(json, JSON_BOOLEAN))
		return false;
	*out = json->boolean;
	return true;
}
