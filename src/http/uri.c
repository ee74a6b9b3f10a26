/* Request targets and paths, as they were sent: nothing is decoded here. */
#include "config.h"

#include "http/uri.h"

/* The path of an absolute-form target (http://host/path) begins later. */
static struct str
skip_authority(struct str target)
{
	struct str rest = target;
	struct str scheme = str_cut(&rest, ':');

	if (!str_starts(rest, STR("//")) || str_has_char(scheme, '/') ||
	    scheme.len == 0)
		return target;
	rest = str_from_byte(rest, 2);
	while (rest.len > 0 && rest.ptr[0] != '/')
		rest = str_from_byte(rest, 1);
	return rest;
}

/* Takes a dot, plain or as %2e, off the head of *s. */
static bool
take_dot(struct str *s)
{
	if (str_starts(*s, STR("."))) {
		*s = str_from_byte(*s, 1);
		return true;
	}
	if (s->len >= 3 &&
	    str_eq_nocase((struct str){ s->ptr, 3 }, STR("%2e"))) {
		*s = str_from_byte(*s, 3);
		return true;
	}
	return false;
}

/* `.` or `..` (RFC 3986, 3.3) */
static bool
is_dot_segment(struct str segment)
{
	if (!take_dot(&segment))
		return false;
	return segment.len == 0 || (take_dot(&segment) && segment.len == 0);
}

static bool
has_disguise(struct str segment)
{
	static const struct str escapes[] = { STR_INIT("%2f"), STR_INIT("%5c"),
		STR_INIT("%00") };

	if (str_has_char(segment, '\\') || str_has_char(segment, '\0'))
		return true;
	for (; segment.len >= 3; segment = str_from_byte(segment, 1)) {
		struct str head = { segment.ptr, 3 };

		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]);
		     i++)
			if (str_eq_nocase(head, escapes[i]))
				return true;
	}
	return false;
}

bool
uri_target_is_clean(struct str target)
{
	struct str path = str_cut(&target, '?');

	path = skip_authority(path);
	if (str_starts(path, STR("/")))
		path = str_from_byte(path, 1);
	while (!str_is_none(path)) {
		struct str segment = str_cut(&path, '/');
		bool is_last = str_is_none(path);

		if ((segment.len == 0 && !is_last) || is_dot_segment(segment) ||
		    has_disguise(segment))
			return false;
	}
	return true;
}

bool
uri_path_below(struct str path, struct str mount, struct str *below)
{
	if (mount.len > 0 && mount.ptr[mount.len - 1] == '/')
		mount.len--;
	if (!str_starts(path, mount))
		return false;
	path = str_from_byte(path, mount.len);
	if (path.len > 0 && path.ptr[0] != '/')
		return false;
	*below = path;
	return true;
}
