#ifndef PATH_H
#define PATH_H

#include <stdbool.h>

#include "base/str.h"

/*
 * True if all servers resolve the path, percent-decoded once, to the same file:
 * it begins with `/`; no segment is `.` or `..`; only the last segment may be
 * empty; it is valid UTF-8 (some decoders accept an overlong form of `/` or
 * `.`), and holds no control byte and none of
 *
 *	\	some servers read it as `/`
 *	%	some server may decode it again
 *	;	some servers take the rest of the segment as parameters
 *	? #	some server may end the path there
 */
bool path_is_plain(struct str path);

#endif
