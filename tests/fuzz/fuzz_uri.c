/*
 * http/uri: a target that is called clean has, once decoded, the path that was
 * seen; a path that is called plain is one whichever way it is asked for.  The
 * input is a mount, a newline, and a target.
 */
#include "config.h"

#include "fuzz.h"
#include "http/uri.h"

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* Decodes a path as a web server does: once; %zz stays. */
static struct str
decoded(struct arena *arena, struct str path)
{
	char *out = arena_alloc(arena, path.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < path.len; i++) {
		bool is_escape = path.ptr[i] == '%' && i + 2 < path.len &&
				 hex_value(path.ptr[i + 1]) >= 0 &&
				 hex_value(path.ptr[i + 2]) >= 0;

		out[len++] = is_escape
				 ? (char)(hex_value(path.ptr[i + 1]) * 16 +
					  hex_value(path.ptr[i + 2]))
				 : path.ptr[i];
		i += is_escape ? 2 : 0;
	}
	return (struct str){ out, len };
}

/* No segment of it leads elsewhere, none but the last is empty. */
static void
judge_decoded(struct str path)
{
	fuzz_claim(!str_has_char(path, '\\'));
	fuzz_claim(!str_has_char(path, '\0'));
	while (!str_is_none(path)) {
		struct str segment = str_cut(&path, '/');

		fuzz_claim(!str_eq(segment, STR(".")));
		fuzz_claim(!str_eq(segment, STR("..")));
		fuzz_claim(segment.len > 0 || str_is_none(path));
	}
}

static size_t
slashes(struct str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++)
		count += s.ptr[i] == '/';
	return count;
}

/* Origin form only: where an absolute one's path begins is uri.c's to say. */
static void
judge_clean(struct arena *arena, struct str target)
{
	struct str raw = str_cut(&target, '?');
	struct str path = decoded(arena, raw);

	if (!str_starts(raw, STR("/")))
		return;
	fuzz_claim(slashes(raw) == slashes(path));
	judge_decoded(str_from_byte(path, 1));
}

/* Every byte of the path but its slashes as an escape. */
static struct str
encoded(struct arena *arena, struct str path)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_alloc(arena, 3 * path.len);
	size_t len = 0;

	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.ptr[i];

		if (byte == '/') {
			out[len++] = '/';
			continue;
		}
		out[len++] = '%';
		out[len++] = digits[byte / 16];
		out[len++] = digits[byte % 16];
	}
	return (struct str){ out, len };
}

static void
judge_plain(struct arena *arena, struct str target, struct str path)
{
	struct str again = STR_NONE;

	fuzz_claim(uri_target_is_clean(target));
	fuzz_claim(str_starts(path, STR("/")) && str_is_utf8(path));
	judge_decoded(str_from_byte(path, 1));
	for (size_t i = 0; i < path.len; i++)
		fuzz_claim((unsigned char)path.ptr[i] >= ' ' &&
			   path.ptr[i] != 0x7f && path.ptr[i] != '%' &&
			   path.ptr[i] != ';' && path.ptr[i] != '?' &&
			   path.ptr[i] != '#');
	if (str_starts(target, STR("/")))
		fuzz_claim(str_eq(path, decoded(arena, str_cut(&target, '?'))));
	if (path.len <= 1024) {
		fuzz_claim(uri_plain_path(arena, encoded(arena, path), &again));
		fuzz_claim(str_eq(again, path));
	}
}

static void
judge_below(struct str path, struct str mount)
{
	struct str below = STR_NONE;

	if (str_starts(mount, STR("/")) && mount.len > 0 &&
	    mount.ptr[mount.len - 1] == '/')
		mount.len--;
	if (!uri_path_below(path, mount, &below)) {
		fuzz_claim(str_is_none(below));
		return;
	}
	fuzz_claim(below.len == 0 || below.ptr[0] == '/');
	fuzz_claim(str_starts(path, mount) || mount.len > 0);
	fuzz_claim(below.len <= path.len);
	fuzz_claim(
	    below.len == 0 || below.ptr == path.ptr + (path.len - below.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str target = fuzz_str(bytes, len);
	struct str mount = fuzz_line(arena, &target);
	struct str path = STR_NONE;

	if (uri_target_is_clean(target))
		judge_clean(arena, target);
	fuzz_claim(uri_target_is_clean(STR_NONE));
	if (uri_plain_path(arena, target, &path))
		judge_plain(arena, target, path);
	else
		fuzz_claim(str_is_none(path));
	judge_below(target, mount);
	arena_close(arena);
	return 0;
}
