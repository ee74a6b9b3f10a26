/* Choosing a language by Accept-Language. */
#include "config.h"

#include "http/language.h"

enum { WEIGHT_MAX = 1000 };

/*
 * True if a language range equals a tag of the template, ignoring case, with
 * `-` for `_`.
 */
static bool
is_same_tag(struct str range, struct str tag)
{
	if (range.len != tag.len)
		return false;
	for (size_t i = 0; i < tag.len; i++) {
		struct str theirs = { range.ptr + i, 1 };
		struct str ours = { tag.ptr + i, 1 };

		if (ours.ptr[0] == '_' ? theirs.ptr[0] != '-'
				       : !str_eq_nocase(theirs, ours))
			return false;
	}
	return true;
}

/* Returns the range without its last subtag; empty if it has only one. */
static struct str
shorten(struct str range)
{
	while (range.len > 0 && range.ptr[range.len - 1] != '-')
		range.len--;
	if (range.len > 0)
		range.len--;
	return range;
}

/* Returns the index of the first match; count if there is none. */
static size_t
find_language(struct str range, const struct str *languages, size_t count)
{
	for (; range.len > 0; range = shorten(range))
		for (size_t i = 0; i < count; i++)
			if (is_same_tag(range, languages[i]))
				return i;
	return count;
}

/* Returns a qvalue (RFC 9110, 12.4.2) in thousandths; 0 if it is malformed. */
static int
read_weight(struct str text)
{
	int weight = 0, unit = WEIGHT_MAX;

	for (size_t i = 0; i < text.len && unit > 0; i++) {
		if (i == 1 && text.ptr[i] == '.')
			continue;
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return 0;
		weight += (text.ptr[i] - '0') * unit;
		unit /= 10;
	}
	return weight < WEIGHT_MAX ? weight : WEIGHT_MAX;
}

/* Returns the weight of an item from its parameters; WEIGHT_MAX without q. */
static int
weight_of(struct str params)
{
	while (!str_is_none(params)) {
		struct str value = str_trim(str_cut(&params, ';'));
		struct str name = str_trim(str_cut(&value, '='));

		if (str_eq_nocase(name, STR("q")))
			return read_weight(str_trim(value));
	}
	return WEIGHT_MAX;
}

size_t
language_choose(
    struct str accept_language, const struct str *languages, size_t count)
{
	size_t chosen = 0;
	int best = 0;

	while (!str_is_none(accept_language)) {
		struct str params = str_cut(&accept_language, ',');
		struct str range = str_trim(str_cut(&params, ';'));
		size_t found = find_language(range, languages, count);
		int weight = weight_of(params);

		if (str_eq(range, STR("*")))
			found = 0;
		if (found < count && weight > best) {
			best = weight;
			chosen = found;
		}
	}
	return chosen;
}
