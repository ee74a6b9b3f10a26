/* Characters that json-c cannot read. */
#include "config.h"

#include <string.h>

#include "http/json_mark.h"

bool
json_needs_mark(uint32_t code)
{
	return code == JSON_MARK ||
	       (code > 0xffff && (code & 0xf800) == 0xd800);
}

void
json_add_marked(struct buf *out, uint32_t code)
{
	const uint32_t codes[] = { JSON_MARK, JSON_MARK_BITS + (code >> 12),
		JSON_MARK_BITS + (code & 0xfff) };
	char escape[STR_ESCAPE_SIZE];

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		size_t len = str_json_escape(escape, codes[i]);

		buf_add(out, (struct str){ escape, len });
	}
}

struct str
json_unmark(struct arena *arena, struct str s)
{
	static const char mark[] = "\xef\xbf\xbf"; /* JSON_MARK in UTF-8 */
	enum { LEN = sizeof(mark) - 1 };
	const char *found;
	struct buf out;

	if (memmem(s.ptr, s.len, mark, LEN) == NULL)
		return arena_dup(arena, s);
	out = buf_open(arena, s.len);
	while ((found = memmem(s.ptr, s.len, mark, LEN)) != NULL) {
		size_t len = (size_t)(found - s.ptr);
		struct str upper = str_from_byte(s, len + LEN);
		struct str lower = str_from_byte(upper, LEN);

		if (lower.len < LEN)
			break; /* json-c had no memory for the rest */
		buf_add(&out, (struct str){ s.ptr, len });
		buf_add_utf8(
		    &out, (str_code_point(upper, LEN) - JSON_MARK_BITS) << 12 |
			      (str_code_point(lower, LEN) - JSON_MARK_BITS));
		s = str_from_byte(lower, LEN);
	}
	buf_add(&out, s);
	return buf_str(&out);
}
