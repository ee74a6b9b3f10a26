/* Reading a Cookie header and writing Set-Cookie values. */
#include "config.h"

#include "http/cookie.h"
#include "http/percent.h"

static struct str
without_quotes(struct str s)
{
	if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return (struct str){ s.ptr + 1, s.len - 2 };
	return s;
}

/* Returns the raw value of the next cookie of that name; STR_NONE: none. */
static struct str
next_value(struct str *header, struct str name)
{
	while (!str_is_none(*header)) {
		struct str value = str_cut(header, ';');
		struct str its_name = str_trim(str_cut(&value, '='));

		if (!str_is_none(value) && str_eq(its_name, name))
			return str_trim(value);
	}
	return STR_NONE;
}

enum cookie_found
cookie_find(
    struct arena *arena, struct str header, struct str name, struct str *value)
{
	bool must_be_one = str_starts(name, STR("__Host-"));
	struct str raw = next_value(&header, name);
	struct str first;

	if (str_is_none(raw))
		return COOKIE_ABSENT;
	first = percent_decode(arena, without_quotes(raw), false);
	while (must_be_one) {
		raw = next_value(&header, name);
		if (str_is_none(raw))
			break;
		raw = percent_decode(arena, without_quotes(raw), false);
		if (!str_eq(raw, first))
			return COOKIE_CONFLICT;
	}
	*value = first;
	return COOKIE_FOUND;
}

static void
add_attribute(struct buf *buf, struct str name, struct str value)
{
	if (value.len == 0)
		return;
	buf_add(buf, name);
	buf_add(buf, value);
}

static void
add_head(struct buf *buf, const struct cookie_attributes *attributes,
    struct str value)
{
	buf_add(buf, attributes->name);
	buf_add_char(buf, '=');
	buf_add(buf, value);
	add_attribute(buf, STR("; Path="), attributes->path);
	add_attribute(buf, STR("; Domain="), attributes->domain);
}

static void
add_tail(struct buf *buf, const struct cookie_attributes *attributes)
{
	buf_add(buf, STR("; HttpOnly"));
	if (attributes->is_secure)
		buf_add(buf, STR("; Secure"));
	add_attribute(buf, STR("; SameSite="), attributes->samesite);
}

void
cookie_set(struct buf *buf, const struct cookie_attributes *attributes,
    struct str token, int64_t max_age_s)
{
	add_head(buf, attributes, token);
	if (max_age_s != COOKIE_UNTIL_CLOSED) {
		buf_add(buf, STR("; Max-Age="));
		buf_add_int(buf, max_age_s);
	}
	add_tail(buf, attributes);
}

void
cookie_expire(struct buf *buf, const struct cookie_attributes *attributes)
{
	add_head(buf, attributes, STR(""));
	buf_add(buf, STR("; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"));
	add_tail(buf, attributes);
}
