/* Reads name-value pairs; pure. */
#include "config.h"

#include "fcgi/pairs.h"

/* Reads one length; false if the bytes end before it. */
static inline bool
take_length(const unsigned char **at, const unsigned char *end, size_t *length)
{
	const unsigned char *p = *at;

	if (p == end)
		return false;
	if (p[0] < 0x80) {
		*length = p[0];
		*at = p + 1;
		return true;
	}
	if (end - p < 4)
		return false;
	*length = (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 |
		  (size_t)p[2] << 8 | p[3];
	*at = p + 4;
	return true;
}

enum pairs_verdict
pairs_next_of_any_size(struct str *rest, struct str *name, struct str *value)
{
	const unsigned char *at, *end;
	size_t name_len, value_len, left;

	if (rest->len == 0)
		return PAIRS_END;
	at = (const unsigned char *)rest->ptr;
	end = at + rest->len;
	if (!take_length(&at, end, &name_len) ||
	    !take_length(&at, end, &value_len))
		return PAIRS_SHORT;
	left = (size_t)(end - at);
	if (name_len > left || value_len > left - name_len)
		return PAIRS_SHORT;
	*name = (struct str){ (const char *)at, name_len };
	*value = (struct str){ name->ptr + name_len, value_len };
	*rest =
	    (struct str){ value->ptr + value_len, left - name_len - value_len };
	return PAIRS_PAIR;
}
