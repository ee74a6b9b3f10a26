/* phpBB's ways to prepare a password. */
#include "config.h"

#include <string.h>

#include "secret/phpbb.h"

#define ENTITY_MAX 6 /* &quot; */

/*
 * Returns what PHP's htmlspecialchars() and phpBB make of the character at the
 * start of s: an entity, LF for a lone CR, nothing for a CR before LF.
 */
static struct str
entity_of(const struct str s)
{
	switch (s.ptr[0]) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	case '\r':
		return s.len > 1 && s.ptr[1] == '\n' ? STR("") : STR("\n");
	default:
		return (struct str){ s.ptr, 1 };
	}
}

enum prepare_result
phpbb_escaped(struct str password, struct prepared *prepared)
{
	size_t len = 0;

	if (!prepare_open(prepared, ENTITY_MAX * password.len))
		return PREPARE_FAILED;
	for (size_t i = 0; i < password.len; i++) {
		struct str text = entity_of(str_from_byte(password, i));

		memcpy(prepared->bytes + len, text.ptr, text.len);
		len += text.len;
	}
	prepared->password.len = len;
	return PREPARE_DONE;
}

enum prepare_result
phpbb_escaped_only(struct str password, struct prepared *prepared)
{
	enum prepare_result result = phpbb_escaped(password, prepared);

	if (result == PREPARE_DONE && str_eq(prepared->password, password))
		return PREPARE_SAME;
	return result;
}

enum prepare_result
phpbb_unescaped(struct str password, struct prepared *prepared)
{
	struct prepared escaped = { .bytes = NULL };
	enum prepare_result result = phpbb_escaped_only(password, &escaped);

	prepare_close(&escaped);
	if (result == PREPARE_DONE)
		return prepare_as_given(password, prepared);
	return result;
}
