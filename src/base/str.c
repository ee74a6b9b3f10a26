/* Views of bytes: comparing, cutting, parsing numbers.  Allocates nothing. */
#include "config.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static unsigned char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A' + 'a');
	return (unsigned char)c;
}

bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.ptr == NULL || b.ptr == NULL || a.len != b.len)
		return a.ptr == b.ptr && a.len == b.len;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

int
str_order_nocase(struct str a, struct str b)
{
	size_t least = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < least; i++) {
		unsigned char one = lower(a.ptr[i]);
		unsigned char other = lower(b.ptr[i]);

		if (one != other)
			return one < other ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

bool
str_has(struct str s, struct str part)
{
	return s.len > 0 && part.len > 0 &&
	       memmem(s.ptr, s.len, part.ptr, part.len) != NULL;
}

bool
str_has_nocase(struct str s, struct str part)
{
	for (; s.len >= part.len && part.len > 0; s = str_from_byte(s, 1))
		if (str_eq_nocase((struct str){ s.ptr, part.len }, part))
			return true;
	return false;
}

bool
str_has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return true;
	return false;
}

bool
str_only(struct str s, const char *set)
{
	bool is_of_set[UCHAR_MAX + 1] = { false };

	for (; *set != '\0'; set++)
		is_of_set[(unsigned char)*set] = true;
	for (size_t i = 0; i < s.len; i++)
		if (!is_of_set[(unsigned char)s.ptr[i]])
			return false;
	return true;
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && str_is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && str_is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str
str_cut(struct str *rest, char c)
{
	struct str part = *rest;
	const char *at = part.len > 0 ? memchr(part.ptr, c, part.len) : NULL;

	if (at == NULL) {
		*rest = STR_NONE;
		return part;
	}
	part.len = (size_t)(at - part.ptr);
	*rest = str_from_byte(*rest, part.len + 1);
	return part;
}

bool
str_to_int(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool is_negative = s.len > 0 && s.ptr[0] == '-';
	struct str digits = str_from_byte(s, is_negative ? 1 : 0);
	int64_t value = 0;

	if (digits.len == 0 || !str_only_digits(digits))
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		int64_t digit = digits.ptr[i] - '0';

		/*
		 * the value is built as a negative one, since -INT64_MIN would
		 * overflow
		 */
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	if (!is_negative && value == INT64_MIN)
		return false;
	if (!is_negative)
		value = -value;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool
str_to_uint(struct str s, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0 || !str_only_digits(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(
			value, (uint64_t)(s.ptr[i] - '0'), &value))
			return false;
	*out = value;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
str_percent_byte(struct str s)
{
	int high, low;

	if (s.len < 3 || s.ptr[0] != '%')
		return -1;
	high = hex_value(s.ptr[1]);
	low = hex_value(s.ptr[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/*
 * Characters above ASCII: the ranges of their first and second bytes (RFC 3629,
 * 4).
 */
static const struct utf8_row {
	unsigned char lead_min, lead_max, second_min, second_max;
	size_t len;
} utf8_rows[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static size_t
utf8_match(const struct utf8_row *row, const unsigned char *p, size_t len)
{
	if (p[0] < row->lead_min || p[0] > row->lead_max || len < row->len)
		return 0;
	if (p[1] < row->second_min || p[1] > row->second_max)
		return 0;
	for (size_t i = 2; i < row->len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return row->len;
}

size_t
str_utf8_head(struct str s)
{
	if (s.len == 0)
		return 0;
	if ((unsigned char)s.ptr[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(utf8_rows) / sizeof(utf8_rows[0]); i++) {
		size_t len = utf8_match(
		    &utf8_rows[i], (const unsigned char *)s.ptr, s.len);

		if (len > 0)
			return len;
	}
	return 0;
}

uint32_t
str_code_point(struct str s, size_t len)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)s.ptr[0] & lead_bits[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)s.ptr[i] & 0x3f);
	return code;
}

size_t
str_json_escape(char text[STR_ESCAPE_SIZE], uint32_t code)
{
	int len;

	if (code == '"' || code == '\\')
		len = snprintf(text, STR_ESCAPE_SIZE, "\\%c", (char)code);
	else if (code >= 0x20 && code < 0x7f)
		len = snprintf(text, STR_ESCAPE_SIZE, "%c", (char)code);
	else if (code < 0x10000)
		len = snprintf(text, STR_ESCAPE_SIZE, "\\u%04" PRIx32, code);
	else
		len = snprintf(text, STR_ESCAPE_SIZE,
		    "\\u%04" PRIx32 "\\u%04" PRIx32,
		    0xd800 + ((code - 0x10000) >> 10),
		    0xdc00 + ((code - 0x10000) & 0x3ff));
	return (size_t)len;
}

/*
 * Returns the number of bytes at the start of s from min to 0x7e, mostly all.
 */
static size_t
ascii_len(struct str s, unsigned char min)
{
	size_t len = 0;

	while (len < s.len && (unsigned char)s.ptr[len] >= min &&
	       (unsigned char)s.ptr[len] < 0x7f)
		len++;
	return len;
}

bool
str_is_utf8(struct str s)
{
	while ((s = str_from_byte(s, ascii_len(s, 0))).len > 0) {
		size_t len = str_utf8_head(s);

		if (len == 0)
			return false;
		s = str_from_byte(s, len);
	}
	return true;
}

bool
str_is_printable(struct str s)
{
	while ((s = str_from_byte(s, ascii_len(s, ' '))).len > 0) {
		size_t len = str_utf8_head(s);

		if (len <= 1) /* no character, or a control character */
			return false;
		s = str_from_byte(s, len);
	}
	return true;
}

struct str
str_utf8_cut(struct str s, size_t max)
{
	struct str rest = s;
	size_t kept = 0;

	while (rest.len > 0) {
		size_t len = str_utf8_head(rest);

		if (len == 0)
			len = 1;
		if (kept + len > max)
			return (struct str){ s.ptr, kept };
		kept += len;
		rest = str_from_byte(rest, len);
	}
	return s;
}
