/* Paths that mean one thing. */
#include "config.h"

#include "base/path.h"

static bool
has_doubtful_byte(struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.ptr[i];

		if (byte < ' ' || byte == 0x7f ||
		    str_has_char(STR("\\%;?#"), path.ptr[i]))
			return true;
	}
	return false;
}

bool
path_is_plain(struct str path)
{
	struct str rest = path;

	if (!str_starts(path, STR("/")) || has_doubtful_byte(path) ||
	    !str_is_utf8(path))
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
