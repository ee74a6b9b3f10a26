/* A line of the log as JSON. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log_json.h"

enum { REPLACEMENT = 0xfffd };

struct out {
	char *ptr;
	size_t len, size;
	bool is_cut;
};

/* Adds all of the text or nothing.  `reserve` bytes must stay free after it. */
static bool
out_add(struct out *out, const char *text, size_t len, size_t reserve)
{
	if (len + reserve > out->size - out->len) {
		out->is_cut = true;
		return false;
	}
	memcpy(out->ptr + out->len, text, len);
	out->len += len;
	return true;
}

/*
 * Takes a character from the front of rest, or one byte that belongs to none.
 */
static uint32_t
take_character(struct str *rest)
{
	size_t len = str_utf8_head(*rest);
	uint32_t code = len > 0 ? str_code_point(*rest, len) : REPLACEMENT;

	*rest = str_from_byte(*rest, len > 0 ? len : 1);
	return code;
}

/*
 * Adds a string.  The opening quote is added only if the closing one fits, too.
 */
static bool
add_text(struct out *out, struct str value)
{
	char text[STR_ESCAPE_SIZE];

	if (!out_add(out, "\"", 1, 1))
		return false;
	while (value.len > 0) {
		size_t len = str_json_escape(text, take_character(&value));

		if (!out_add(out, text, len, 1))
			break;
	}
	return out_add(out, "\"", 1, 0);
}

static bool
add_value(struct out *out, const struct log_field *field)
{
	char digits[24];
	int len;

	if (!str_is_none(field->text))
		return add_text(out, field->text);
	len = snprintf(digits, sizeof(digits), "%" PRId64, field->number);
	return out_add(out, digits, (size_t)len, 0);
}

/* Adds a member, or nothing if not even its value can begin. */
static void
add_log_member(struct out *out, const struct log_field *field)
{
	size_t begin = out->len;

	if ((begin == 0 || out_add(out, ",", 1, 0)) &&
	    add_text(out, str_from(field->key)) && !out->is_cut &&
	    out_add(out, ":", 1, 0) && add_value(out, field))
		return;
	out->len = begin;
}

size_t
log_json_members(char *ptr, size_t size, bool *is_cut, const char *words,
    const char *site, const struct log_field *fields)
{
	struct out out = { .ptr = ptr, .size = size };
	struct log_field event = log_text("event", words);
	struct log_field of_site = log_text("site", site);

	add_log_member(&out, &event);
	if (site != NULL)
		add_log_member(&out, &of_site);
	for (; fields->key != NULL && !out.is_cut; fields++)
		add_log_member(&out, fields);
	*is_cut = out.is_cut;
	return out.len;
}
