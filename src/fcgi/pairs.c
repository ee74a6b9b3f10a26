/* Reads name-value pairs; pure. */
#include "config.h"

#include "fcgi/pairs.h"

/* Reads one length; false if the bytes end before it. */
static bool
take_length(struct str *rest, size_t *length)
{
	const unsigned char *p = (const unsigned char *)rest->ptr;

	if (rest->len < 1)
		return false;
	if (p[0] < 0x80) {
		*length = p[0];
		*rest = str_from_byte(*rest, 1);
		return true;
	}
	if (rest->len < 4)
		return false;
	*length = (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 |
		  (size_t)p[2] << 8 | p[3];
	*rest = str_from_byte(*rest, 4);
	return true;
}

enum pairs_verdict
pairs_next(struct str *rest, struct str *name, struct str *value)
{
	struct str at = *rest;
	size_t name_len, value_len;

	if (at.len == 0)
		return PAIRS_END;
	if (!take_length(&at, &name_len) || !take_length(&at, &value_len) ||
	    name_len > at.len || value_len > at.len - name_len)
		return PAIRS_SHORT;
	*name = (struct str){ at.ptr, name_len };
	*value = (struct str){ at.ptr + name_len, value_len };
	*rest = str_from_byte(at, name_len + value_len);
	return PAIRS_PAIR;
}
