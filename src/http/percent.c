/* Decoding percent escapes; buf_add_percent (base/buf.h) writes them. */
#include "config.h"

#include "http/percent.h"

struct str
percent_decode(struct arena *arena, struct str s, bool is_form)
{
	char *decoded;
	size_t len = 0;

	if (!str_has_char(s, '%') && !(is_form && str_has_char(s, '+')))
		return s;
	decoded = arena_alloc(arena, s.len + 1);
	while (s.len > 0) {
		int byte = str_percent_byte(s);

		if (byte >= 0)
			decoded[len++] = (char)byte;
		else
			decoded[len++] =
			    is_form && s.ptr[0] == '+' ? ' ' : s.ptr[0];
		s = str_from_byte(s, byte >= 0 ? 3 : 1);
	}
	return (struct str){ decoded, len };
}
