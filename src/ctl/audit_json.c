/* Reads lines of the log that are JSON. */
#include "config.h"

#include "base/log.h"
#include "ctl/audit_json.h"
#include "http/json.h"

enum { TEXT_SIZE = 16 * 1024, FIELDS_MAX = 32 };

/* Returns the length of the JSON string at the start of s, with its quotes. */
static size_t
text_len(struct str s)
{
	size_t len = 1;

	while (len < s.len && s.ptr[len] != '"')
		len += s.ptr[len] == '\\' ? 2 : 1;
	return len < s.len ? len + 1 : s.len;
}

/*
 * Reads the next member, after `{` or `,`.  Keys of the log have no escapes.
 * False: there is none.
 */
static bool
next_member(
    struct arena *arena, struct str *rest, struct str *key, struct str *value)
{
	size_t len;

	if (rest->len < 2 || rest->ptr[0] == '}' || rest->ptr[1] != '"')
		return false;
	*rest = str_from_byte(*rest, 2);
	*key = str_cut(rest, '"');
	if (str_is_none(*rest) || !str_starts(*rest, STR(":")))
		return false;
	*rest = str_from_byte(*rest, 1);
	if (!str_starts(*rest, STR("\""))) {
		for (len = 0; len < rest->len; len++)
			if (rest->ptr[len] == ',' || rest->ptr[len] == '}')
				break;
		*value = (struct str){ rest->ptr, len };
	} else {
		len = text_len(*rest);
		if (!json_string(
			json_parse(arena, (struct str){ rest->ptr, len }, 1),
			value))
			return false;
	}
	*rest = str_from_byte(*rest, len);
	return true;
}

struct str
audit_text_of(struct arena *arena, struct str line, struct str *time)
{
	struct log_field fields[FIELDS_MAX + 1];
	char *text = arena_alloc(arena, TEXT_SIZE);
	struct str key, value, event = STR_NONE;
	size_t count = 0;

	while (count < FIELDS_MAX && next_member(arena, &line, &key, &value))
		if (str_eq(key, STR("event")))
			event = value;
		else if (str_eq(key, STR("time")))
			*time = value;
		else if (!str_eq(key, STR("level")) && !str_eq(key, STR("pid")))
			fields[count++] =
			    log_str(arena_cstr(arena, key), value);
	fields[count] = LOG_END;
	if (str_is_none(event))
		return STR_NONE;
	return (struct str){ text,
		log_format(text, TEXT_SIZE, arena_cstr(arena, event), fields) };
}
