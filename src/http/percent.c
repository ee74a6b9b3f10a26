/* Decoding percent escapes; buf_add_percent (base/buf.h) writes them. */
#include "config.h"

#include "http/percent.h"

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

/* The byte of an escape at the head of s, or -1. */
static int
escaped_byte(struct str s)
{
	int high, low;

	if (s.len < 3 || s.ptr[0] != '%')
		return -1;
	high = hex_value(s.ptr[1]);
	low = hex_value(s.ptr[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

struct str
percent_decode(struct arena *arena, struct str s, bool is_form)
{
	char *decoded;
	size_t len = 0;

	if (!str_has_char(s, '%') && !(is_form && str_has_char(s, '+')))
		return s;
	decoded = arena_alloc(arena, s.len + 1);
	while (s.len > 0) {
		int byte = escaped_byte(s);

		if (byte >= 0)
			decoded[len++] = (char)byte;
		else
			decoded[len++] =
			    is_form && s.ptr[0] == '+' ? ' ' : s.ptr[0];
		s = str_from_byte(s, byte >= 0 ? 3 : 1);
	}
	return (struct str){ decoded, len };
}
