/* Raw request targets and paths. */
#include "config.h"

#include "base/path.h"
#include "http/uri.h"

#define HOST_CHARS "-._~:[]" STR_DIGITS STR_LETTERS

enum { PLAIN_MAX = 4096 };

/* Removes scheme and host of an absolute-form target (http://host/path). */
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

/* Removes a dot, plain or as %2e, from the start of *s. */
static bool
take_dot(struct str *s)
{
	if (s->len > 0 && s->ptr[0] == '.') {
		*s = str_from_byte(*s, 1);
		return true;
	}
	if (s->len >= 3 && s->ptr[0] == '%' &&
	    str_eq_nocase((struct str){ s->ptr, 3 }, STR("%2e"))) {
		*s = str_from_byte(*s, 3);
		return true;
	}
	return false;
}

/* True for `.` and `..` (RFC 3986, 3.3). */
static bool
is_dot_segment(struct str segment)
{
	if (!take_dot(&segment))
		return false;
	return segment.len == 0 || (take_dot(&segment) && segment.len == 0);
}

/*
 * True if the path holds a byte or an escape that another program may read as a
 * slash or as the end.
 */
static bool
has_disguise(struct str path)
{
	static const struct str escapes[] = { STR_INIT("2f"), STR_INIT("5c"),
		STR_INIT("00") };

	if (str_has_char(path, '\\') || str_has_char(path, '\0'))
		return true;
	for (str_cut(&path, '%'); path.len >= 2; str_cut(&path, '%')) {
		struct str digits = { path.ptr, 2 };

		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]);
		     i++)
			if (str_eq_nocase(digits, escapes[i]))
				return true;
	}
	return false;
}

bool
uri_target_is_clean(struct str target)
{
	struct str path = str_cut(&target, '?');

	path = skip_authority(path);
	if (has_disguise(path))
		return false;
	if (str_starts(path, STR("/")))
		path = str_from_byte(path, 1);
	while (!str_is_none(path)) {
		struct str segment = str_cut(&path, '/');
		bool is_last = str_is_none(path);

		if ((segment.len == 0 && !is_last) || is_dot_segment(segment))
			return false;
	}
	return true;
}

/* Returns the target from its path on; STR_NONE if it has neither form. */
static struct str
strip_origin(struct str target)
{
	struct str rest = target, host;
	struct str scheme = str_cut(&rest, ':');

	if (str_starts(target, STR("/")))
		return target;
	if ((!str_eq_nocase(scheme, STR("http")) &&
		!str_eq_nocase(scheme, STR("https"))) ||
	    !str_starts(rest, STR("//")))
		return STR_NONE;
	host = rest = str_from_byte(rest, 2);
	while (rest.len > 0 && rest.ptr[0] != '/')
		rest = str_from_byte(rest, 1);
	host.len -= rest.len;
	if (host.len == 0 || !str_only(host, HOST_CHARS))
		return STR_NONE;
	return rest.len > 0 ? rest : STR("/");
}

/*
 * Decodes raw.  False: it holds a byte that is not allowed in a target, or an
 * encoded slash.  The % of a malformed escape stays, and path_is_plain refuses
 * it.
 */
static bool
decode_path(struct str raw, char *decoded, size_t *len)
{
	size_t to = 0;

	for (size_t at = 0; at < raw.len; at++) {
		char c = raw.ptr[at];
		int byte =
		    c == '%' ? str_percent_byte(str_from_byte(raw, at)) : -1;

		if (byte >= 0 ? byte == '/' : c <= ' ' || c > '~')
			return false;
		decoded[to++] = byte >= 0 ? (char)byte : c;
		at += byte >= 0 ? 2 : 0;
	}
	*len = to;
	return true;
}

bool
uri_plain_path(struct arena *arena, struct str target, struct str *path)
{
	struct str raw = strip_origin(str_cut(&target, '?'));
	struct str plain;
	char *decoded;

	if (str_is_none(raw) || raw.len > PLAIN_MAX)
		return false;
	decoded = arena_alloc(arena, raw.len);
	plain.ptr = decoded;
	if (!decode_path(raw, decoded, &plain.len) || !path_is_plain(plain))
		return false;
	*path = plain;
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
