/* Syntax of user ids. */
#include "config.h"

#include <string.h>

#include "store/id.h"

enum { UUID_LEN = 36, TEXT_MAX_LEN = 64 };

static const struct str integer_max = STR_INIT("18446744073709551615");

/* Digit strings of equal length compare like the numbers. */
static bool
is_integer(struct str id)
{
	if (id.len < 1 || id.len > integer_max.len || id.ptr[0] == '0' ||
	    !str_only_digits(id))
		return false;
	return id.len < integer_max.len ||
	       memcmp(id.ptr, integer_max.ptr, id.len) <= 0;
}

static bool
is_uuid(struct str id)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (id.len != UUID_LEN)
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		struct str byte = { id.ptr + i, 1 };
		bool fits = shape[i] == '-'
				? id.ptr[i] == '-'
				: str_only(byte, "0123456789abcdef");

		if (!fits)
			return false;
	}
	return true;
}

static bool
is_text(struct str id)
{
	return id.len >= 1 && id.len <= TEXT_MAX_LEN &&
	       str_only(id, STR_LETTERS STR_DIGITS "._@-");
}

bool
id_is_wellformed(enum conf_user_id_type type, struct str id)
{
	switch (type) {
	case CONF_ID_INTEGER:
		return is_integer(id);
	case CONF_ID_UUID:
		return is_uuid(id);
	case CONF_ID_TEXT:
		return is_text(id);
	}
	return false;
}
