/*
 * Parses plain JSON texts to trees in the arena, in one pass and without
 * json-c.
 *
 * A check that asks Redis reads three values.  They are nearly always plain,
 * since this program or JSON.stringify wrote them.  json-c allocates an object
 * for each value in them: it took 100,000 instructions a check, this file takes
 * 7,000.
 *
 * The parser accepts a part of JSON and nothing that is not JSON.  http/json.c
 * reads all other texts with json-c.
 */
#include "config.h"

#include "http/json_tree.h"

enum { DIGITS_MAX = 18 /* INT64_MAX has 19 */ };

struct plain {
	struct arena *arena;
	struct str rest;
	int depth_left;
};

static bool take_value(struct plain *plain, struct json *json);

static bool
take_byte(struct plain *plain, char c)
{
	if (plain->rest.len == 0 || plain->rest.ptr[0] != c)
		return false;
	plain->rest.ptr++;
	plain->rest.len--;
	return true;
}

static bool
take_string(struct plain *plain, struct str *string)
{
	if (!take_byte(plain, '"'))
		return false;
	*string = str_cut(&plain->rest, '"');
	return !str_is_none(plain->rest) && !str_has_char(*string, '\\') &&
	       str_is_printable(*string);
}

/*
 * Takes an integer.  A fraction or exponent is left, and the next token
 * declines it.
 */
static bool
take_integer(struct plain *plain, struct json *json)
{
	bool is_negative = take_byte(plain, '-');
	struct str digits = { plain->rest.ptr, 0 };
	int64_t value = 0;

	while (digits.len < plain->rest.len && digits.ptr[digits.len] >= '0' &&
	       digits.ptr[digits.len] <= '9' && digits.len <= DIGITS_MAX)
		digits.len++;
	if (digits.len == 0 || digits.len > DIGITS_MAX ||
	    (digits.ptr[0] == '0' && digits.len > 1))
		return false;
	for (size_t i = 0; i < digits.len; i++)
		value = value * 10 + (digits.ptr[i] - '0');
	plain->rest = str_from_byte(plain->rest, digits.len);
	json->kind = JSON_INTEGER;
	json->integer = is_negative ? -value : value;
	return true;
}

static bool
take_literal(struct plain *plain, struct json *json)
{
	static const struct {
		struct str text;
		enum json_kind kind;
		bool boolean;
	} words[] = {
		{ STR_INIT("true"), JSON_BOOLEAN, true },
		{ STR_INIT("false"), JSON_BOOLEAN, false },
		{ STR_INIT("null"), JSON_NULL, false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_starts(plain->rest, words[i].text))
			continue;
		plain->rest = str_from_byte(plain->rest, words[i].text.len);
		json->kind = words[i].kind;
		json->boolean = words[i].boolean;
		return true;
	}
	return false;
}

static struct json *
new_value(struct plain *plain)
{
	return arena_alloc(plain->arena, sizeof(struct json));
}

static bool
take_members(struct plain *plain, struct json *json)
{
	json->kind = JSON_OBJECT;
	if (take_byte(plain, '}'))
		return true;
	do {
		struct json *member = new_value(plain);

		if (!take_string(plain, &member->key) ||
		    !take_byte(plain, ':') || !take_value(plain, member))
			return false;
		member->next = json->members;
		json->members = member;
	} while (take_byte(plain, ','));
	return take_byte(plain, '}');
}

static bool
take_elements(struct plain *plain, struct json *json)
{
	struct json **last = &json->members;

	json->kind = JSON_ARRAY;
	if (take_byte(plain, ']'))
		return true;
	do {
		*last = new_value(plain);
		if (!take_value(plain, *last))
			return false;
		last = &(*last)->next;
	} while (take_byte(plain, ','));
	return take_byte(plain, ']');
}

/* Recursion is bounded by depth_left. */
static bool
take_value(struct plain *plain, struct json *json)
{
	bool is_plain;

	if (plain->rest.len == 0)
		return false;
	switch (plain->rest.ptr[0]) {
	case '"':
		json->kind = JSON_STRING;
		return take_string(plain, &json->string);
	case '{':
	case '[':
		if (plain->depth_left == 0)
			return false;
		plain->depth_left--;
		is_plain =
		    take_byte(plain, '{')
			? take_members(plain, json)
			: take_byte(plain, '[') && take_elements(plain, json);
		plain->depth_left++;
		return is_plain;
	case 't':
	case 'f':
	case 'n':
		return take_literal(plain, json);
	default:
		return take_integer(plain, json);
	}
}

struct json *
json_plain(struct arena *arena, struct str text, int max_depth)
{
	struct plain plain = {
		.arena = arena, .rest = text, .depth_left = max_depth
	};
	struct json *json = arena_alloc(arena, sizeof(*json));

	if (!take_value(&plain, json) || plain.rest.len > 0)
		return NULL;
	return json;
}
