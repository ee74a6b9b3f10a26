/* Targets of the redirect after a login; prevents open redirects. */
#include "config.h"

#include "base/buf.h"
#include "http/next.h"

bool
next_is_local(struct str next)
{
	if (next.len == 0 || next.len > NEXT_MAX || next.ptr[0] != '/')
		return false;
	if (next.len > 1 && next.ptr[1] == '/')
		return false;
	for (size_t i = 0; i < next.len; i++)
		if (next.ptr[i] <= ' ' || next.ptr[i] >= 0x7f ||
		    next.ptr[i] == '\\')
			return false;
	return true;
}

/*
 * Encodes a target.  is_path_raw: bytes above 127 are encoded in the path, too.
 */
static struct str
encode_target(struct arena *arena, struct str text, bool is_path_raw)
{
	struct buf next = buf_open(arena, NEXT_MAX);
	bool is_query = false;

	for (size_t i = 0; i < text.len && !next.is_full; i++) {
		struct str byte = { text.ptr + i, 1 };
		bool is_wide = (unsigned char)byte.ptr[0] > 0x7f;

		if (byte.ptr[0] == '?')
			is_query = true;
		if (is_query ? is_wide || byte.ptr[0] == '\\'
			     : is_wide && is_path_raw)
			buf_add_percent(&next, byte);
		else
			buf_add(&next, byte);
	}
	if (next.is_full || !next_is_local(buf_str(&next)))
		return STR_NONE;
	return buf_str(&next);
}

struct str
next_read(struct arena *arena, struct str text)
{
	return encode_target(arena, text, false);
}

struct str
next_of_target(struct arena *arena, struct str target)
{
	return encode_target(arena, target, true);
}
