/*
 * http/json: accepts what RFC 8259 does, and nothing else, within our bounds
 * (http/json.h); any bytes written as a string are read back.
 */
#include "config.h"

#include "base/buf.h"
#include "fuzz.h"
#include "http/json.h"

enum { DEPTH_MAX = 8, TEXT_MAX = 1024 * 1024 };

/* A second reader, by the grammar of RFC 8259, that makes nothing. */
struct check {
	struct str rest;
	int depth;
};

static bool check_value(struct check *check);

static bool
take(struct check *check, char c)
{
	if (check->rest.len == 0 || check->rest.ptr[0] != c)
		return false;
	check->rest = str_from_byte(check->rest, 1);
	return true;
}

static bool
take_any(struct check *check, const char *set)
{
	if (check->rest.len == 0 ||
	    !str_only((struct str){ check->rest.ptr, 1 }, set))
		return false;
	check->rest = str_from_byte(check->rest, 1);
	return true;
}

static void
skip_blanks(struct check *check)
{
	while (take_any(check, " \t\r\n"))
		;
}

static bool
check_digits(struct check *check)
{
	bool came = false;

	while (take_any(check, "0123456789"))
		came = true;
	return came;
}

static bool
check_number(struct check *check)
{
	take(check, '-');
	if (!take(check, '0') && !check_digits(check))
		return false;
	if (take(check, '.') && !check_digits(check))
		return false;
	if (!take_any(check, "eE"))
		return true;
	take_any(check, "+-");
	return check_digits(check);
}

/* Four hexadecimal digits; -1 where there are none. */
static long
check_hex4(struct check *check)
{
	char digits[5] = "";

	for (int i = 0; i < 4; i++) {
		if (check->rest.len == 0)
			return -1;
		digits[i] = check->rest.ptr[0];
		if (!take_any(check, "0123456789abcdefABCDEF"))
			return -1;
	}
	return strtol(digits, NULL, 16);
}

static bool
check_escape(struct check *check, bool *has_nul)
{
	long code;

	if (!take(check, 'u'))
		return take_any(check, "\"\\/bfnrt");
	code = check_hex4(check);
	*has_nul = *has_nul || code == 0;
	if (code >= 0xd800 && code <= 0xdbff) {
		if (!take(check, '\\') || !take(check, 'u'))
			return false;
		code = check_hex4(check);
		return code >= 0xdc00 && code <= 0xdfff;
	}
	return code >= 0 && !(code >= 0xdc00 && code <= 0xdfff);
}

static bool
check_string(struct check *check, bool is_name)
{
	bool has_nul = false;

	if (!take(check, '"'))
		return false;
	while (!take(check, '"')) {
		size_t len = str_utf8_head(check->rest);

		if (take(check, '\\')) {
			if (!check_escape(check, &has_nul))
				return false;
			continue;
		}
		if (len == 0 || (unsigned char)check->rest.ptr[0] < 0x20)
			return false;
		check->rest = str_from_byte(check->rest, len);
	}
	return !(is_name && has_nul);
}

static bool
check_word(struct check *check, struct str word)
{
	if (!str_starts(check->rest, word))
		return false;
	check->rest = str_from_byte(check->rest, word.len);
	return true;
}

static bool
check_member(struct check *check)
{
	skip_blanks(check);
	if (!check_string(check, true))
		return false;
	skip_blanks(check);
	return take(check, ':') && check_value(check);
}

/* The text between the brackets, and the last one. */
static bool
check_items(struct check *check, char end, bool (*check_item)(struct check *))
{
	if (++check->depth > DEPTH_MAX)
		return false;
	skip_blanks(check);
	if (!take(check, end)) {
		do
			if (!check_item(check))
				return false;
		while (take(check, ','));
		if (!take(check, end))
			return false;
	}
	check->depth--;
	return true;
}

static bool
check_value(struct check *check)
{
	bool is_sound;

	skip_blanks(check);
	if (take(check, '{'))
		is_sound = check_items(check, '}', check_member);
	else if (take(check, '['))
		is_sound = check_items(check, ']', check_value);
	else if (check->rest.len > 0 && check->rest.ptr[0] == '"')
		is_sound = check_string(check, false);
	else
		is_sound = check_word(check, STR("true")) ||
			   check_word(check, STR("false")) ||
			   check_word(check, STR("null")) ||
			   check_number(check);
	skip_blanks(check);
	return is_sound;
}

static bool
is_json(struct str text)
{
	struct check check = { .rest = text };

	return check_value(&check) && check.rest.len == 0;
}

static void
judge_written(struct arena *arena, struct str value)
{
	struct buf text = buf_open(arena, TEXT_MAX);
	const struct json *json;
	struct str back;

	buf_add(&text, STR("{\"a\":"));
	buf_add_json(&text, value);
	buf_add_char(&text, '}');
	fuzz_claim(!text.is_full);
	json = json_parse(arena, buf_str(&text), 1);
	fuzz_claim(json_string(json_member(json, "a"), &back));
	if (str_is_utf8(value))
		fuzz_claim(str_eq(back, value));
	else
		fuzz_claim(str_is_utf8(back) && back.len > 0);
}

/* Asks a tree for all there is; texts go round. */
static void
judge_tree(struct arena *arena, const struct json *json)
{
	static const char *const names[] = { "a", "id", "email", "password",
		"remember", "" };
	struct str text = STR_NONE;
	int64_t number;
	bool boolean;
	int kinds = json_string(json, &text) + json_int(json, &number) +
		    json_boolean(json, &boolean) + json_is_null(json) +
		    json_is_object(json);

	fuzz_claim(kinds <= 1);
	if (!str_is_none(text))
		judge_written(arena, text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json *member = json_member(json, names[i]);

		if (member != NULL)
			judge_tree(arena, member);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str text = fuzz_copy(arena, fuzz_str(bytes, len));
	const struct json *json = json_parse(arena, text, DEPTH_MAX);

	fuzz_claim((json != NULL) == is_json(text));
	if (json != NULL)
		judge_tree(arena, json);
	judge_written(arena, text);
	arena_close(arena);
	return 0;
}
