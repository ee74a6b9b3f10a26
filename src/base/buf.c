/* A growing text in an arena, bounded by buf->max. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define FIRST_CAP 256

struct buf
buf_open(struct arena *arena, size_t max)
{
	return (struct buf){ .arena = arena, .max = max };
}

static void
buf_set_cap(struct buf *buf, size_t cap)
{
	char *larger = arena_alloc(buf->arena, cap);

	if (buf->len > 0)
		memcpy(larger, buf->ptr, buf->len);
	buf->ptr = larger;
	buf->cap = cap;
}

/*
 * Grows the buffer.  False: the text would exceed its maximum, or a write
 * before has done so.
 */
static bool
buf_grow(struct buf *buf, size_t more)
{
	size_t cap = buf->cap > 0 ? buf->cap : FIRST_CAP;

	if (buf->is_full || more > buf->max - buf->len) {
		buf->is_full = true;
		return false;
	}
	while (cap < buf->len + more)
		cap *= 2;
	buf_set_cap(buf, cap < buf->max ? cap : buf->max);
	return true;
}

void
buf_reserve(struct buf *buf, size_t more)
{
	if (more <= buf->max - buf->len && buf->cap - buf->len < more)
		buf_set_cap(buf, buf->len + more);
}

void
buf_add_more(struct buf *buf, struct str s)
{
	if (buf_grow(buf, s.len))
		buf_add(buf, s);
}

void
buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, (struct str){ &c, 1 });
}

void
buf_add_int(struct buf *buf, int64_t value)
{
	char digits[24];
	size_t at = sizeof(digits);
	/* -INT64_MIN overflows int64_t, but not uint64_t */
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		digits[--at] = '-';
	buf_add(buf, (struct str){ digits + at, sizeof(digits) - at });
}

static void
add_json_byte(struct buf *buf, unsigned char c)
{
	static const char *const short_form[0x60] = {
		['\b'] = "\\b",
		['\t'] = "\\t",
		['\n'] = "\\n",
		['\f'] = "\\f",
		['\r'] = "\\r",
		['"'] = "\\\"",
		['\\'] = "\\\\",
	};
	char escape[8];

	if (c < sizeof(short_form) / sizeof(short_form[0]) &&
	    short_form[c] != NULL) {
		buf_add(buf, str_from(short_form[c]));
	} else if (c < 0x20 || c == 0x7f) {
		snprintf(escape, sizeof(escape), "\\u%04x", c);
		buf_add(buf, str_from(escape));
	} else {
		buf_add_char(buf, (char)c);
	}
}

/* Returns the number of bytes at the start of s that need no escape. */
static size_t
plain_json_len(struct str s)
{
	size_t len = 0;

	while (len < s.len && s.ptr[len] >= ' ' && s.ptr[len] < 0x7f &&
	       s.ptr[len] != '"' && s.ptr[len] != '\\')
		len++;
	return len;
}

void
buf_add_json(struct buf *buf, struct str s)
{
	if (str_is_none(s)) {
		buf_add(buf, STR("null"));
		return;
	}
	buf_add_char(buf, '"');
	while (s.len > 0) {
		size_t len = plain_json_len(s);

		buf_add(buf, (struct str){ s.ptr, len });
		s = str_from_byte(s, len);
		if (s.len == 0)
			break;
		len = str_utf8_head(s);
		if (len == 1)
			add_json_byte(buf, (unsigned char)s.ptr[0]);
		else if (len == 0)
			buf_add(buf, STR("\xef\xbf\xbd"));
		else
			buf_add(buf, (struct str){ s.ptr, len });
		s = str_from_byte(s, len > 0 ? len : 1);
	}
	buf_add_char(buf, '"');
}

void
buf_add_utf8(struct buf *buf, uint32_t code)
{
	/* the first byte of a sequence, by how many follow it */
	static const unsigned char heads[] = { 0, 0xc0, 0xe0, 0xf0 };
	int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

	buf_add_char(buf, (char)(heads[more] | code >> 6 * more));
	while (more-- > 0)
		buf_add_char(buf, (char)(0x80 | (code >> 6 * more & 0x3f)));
}

void
buf_add_html(struct buf *buf, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.ptr[i]) {
		case '&':
			buf_add(buf, STR("&amp;"));
			break;
		case '<':
			buf_add(buf, STR("&lt;"));
			break;
		case '>':
			buf_add(buf, STR("&gt;"));
			break;
		case '"':
			buf_add(buf, STR("&quot;"));
			break;
		case '\'':
			buf_add(buf, STR("&#39;"));
			break;
		default:
			buf_add_char(buf, s.ptr[i]);
		}
	}
}

void
buf_add_percent(struct buf *buf, struct str s)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz"
					 "0123456789-._~";
	char escape[4];

	for (size_t i = 0; i < s.len; i++) {
		struct str byte = { s.ptr + i, 1 };

		if (str_only(byte, unreserved)) {
			buf_add(buf, byte);
		} else {
			snprintf(escape, sizeof(escape), "%%%02X",
			    (unsigned char)s.ptr[i]);
			buf_add(buf, str_from(escape));
		}
	}
}

struct str
buf_str(const struct buf *buf)
{
	return (struct str){ buf->ptr != NULL ? buf->ptr : "", buf->len };
}

struct str
buf_int_str(struct arena *arena, int64_t value)
{
	struct buf buf = buf_open(arena, 24);

	buf_add_int(&buf, value);
	return buf_str(&buf);
}
