#ifndef URI_H
#define URI_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * True if the path of a raw request target (RFC 9112, 3.2; REQUEST_URI) is
 * unambiguous.  It must not have dot segments (also as %2e), doubled slashes,
 * backslashes, encoded slashes and backslashes (%2f, %5c) or NUL (also as %00):
 * with them the path that a server serves may differ from the one that it
 * checked.  The query is ignored.  An absent target is clean.
 */
bool uri_target_is_clean(struct str target);

/*
 * Sets *path to the path of a raw request target as a server maps it to a file:
 * without query, scheme and host, percent escapes decoded once.  In the arena.
 *
 * False, and *path unchanged, if a server, one of its modules or a backend
 * could read the target as another path:
 *
 *	the decoded path is not plain (base/path.h)
 *	a slash is encoded, or an escape is malformed
 *	a byte is not allowed in a target (RFC 3986, 2)
 *	the path is longer than 4,096 bytes
 *	the target is absent, or neither origin-form nor absolute-form
 *	with http or https and a bare host (RFC 9112, 3.2)
 */
bool uri_plain_path(struct arena *arena, struct str target, struct str *path);

/*
 * Sets *below to the path without the mount prefix: "" or beginning with `/`.
 * False, and *below unchanged, if the path is neither the mount nor below it.
 * An empty mount, or `/`, is the root.
 */
bool uri_path_below(struct str path, struct str mount, struct str *below);

#endif
