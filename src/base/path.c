/* Paths that every server resolves to the same file. */
#include "config.h"

#include "base/path.h"

static bool
has_doubtful_byte(struct str path)
{
	for (const char *c = "\\%;?#"; *c != '\0'; c++)
		if (str_has_char(path, *c))
			return true;
	return !str_is_printable(path);
}

bool
path_is_plain(struct str path)
{
	struct str rest = path;

	if (!str_starts(path, STR("/")) || has_doubtful_byte(path))
		return false;
	str_cut(&rest, '/');
	while (!str_is_none(rest)) {
		struct str segment = str_cut(&rest, '/');

		if ((segment.len == 0 && !str_is_none(rest)) ||
		    str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
			return false;
	}
	return true;
}
