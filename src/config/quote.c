/* Quoting a part of the input in an error message. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "config/quote.h"

/*
 * True for a control character, U+0080 to U+009F included, and for a byte that
 * is no UTF-8.
 */
static bool
is_control(struct str text, size_t char_len)
{
	unsigned char first = (unsigned char)text.ptr[0];

	return char_len == 0 || first < ' ' || first == 0x7f ||
	       (first == 0xc2 && (unsigned char)text.ptr[1] < 0xa0);
}

void
quote_text(struct str text, char quoted[QUOTE_SIZE])
{
	size_t len = 0;

	quoted[len++] = '"';
	while (text.len > 0 && len < QUOTE_SIZE - 10) {
		size_t char_len = str_utf8_head(text);

		if (is_control(text, char_len)) {
			quoted[len++] = '?';
		} else {
			memcpy(quoted + len, text.ptr, char_len);
			len += char_len;
		}
		text = str_from_byte(text, char_len > 0 ? char_len : 1);
	}
	snprintf(quoted + len, QUOTE_SIZE - len, "%s",
	    text.len > 0 ? "...\"" : "\"");
}
