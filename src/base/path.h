#ifndef PATH_H
#define PATH_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Does every server take the path, decoded once, for the same file?  It begins
 * with `/`; no segment is `.` or `..`, and none but the last is empty; it is
 * UTF-8 (a `/` or `.` in too many bytes is one to some decoders), and holds no
 * control byte and none of
 *	\	a `/` to some
 *	%	somebody may decode it once more
 *	;	what follows is a parameter to some, and not of the path
 *	? #	somebody may take it for the path's end
 */
bool path_is_plain(struct str path);

#endif
