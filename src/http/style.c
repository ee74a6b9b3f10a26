/* Finding the <style> elements of an HTML text. */
#include "config.h"

#include <string.h>

#include "http/style.h"

/* True if s begins with the tag `name`, ignoring case. */
static bool
begins_tag(struct str s, struct str name)
{
	struct str head = s;

	if (s.len <= name.len)
		return false;
	head.len = name.len;
	return str_eq_nocase(head, name) &&
	       str_has_char(STR("\t\n\f\r />"), s.ptr[name.len]);
}

/*
 * Moves *rest to the next tag `name`, or to the end, and returns the text
 * before it.
 */
static struct str
cut_before_tag(struct str *rest, struct str name)
{
	struct str head = *rest;

	while (rest->len > 0 && !begins_tag(*rest, name))
		*rest = str_from_byte(*rest, 1);
	head.len -= rest->len;
	return head;
}

bool
style_next(struct str *rest, struct str *content)
{
	cut_before_tag(rest, STR("<style"));
	if (rest->len == 0)
		return false;
	str_cut(rest, '>');
	if (str_is_none(*rest))
		return false;
	*content = cut_before_tag(rest, STR("</style"));
	return true;
}
