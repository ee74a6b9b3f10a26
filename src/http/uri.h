#ifndef URI_H
#define URI_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Is the path of a raw request target (RFC 9112, 3.2; REQUEST_URI) written
 * plainly?  Refused are dot segments (also as %2e), doubled slashes, slashes
 * and backslashes in disguise (%2f, %5c, \) and NUL (also as %00): with them
 * the path that a server decoded may not be the one that it checked.  The
 * query takes no part.  An absent target is clean.
 */
bool uri_target_is_clean(struct str target);

/*
 * *path: the path of a raw request target as a server looks for it among its
 * files, in the arena: without query, scheme and host, percent escapes decoded
 * once.
 *
 * False, and *path left alone, where a server, a module of it or what stands
 * behind it could read the target as another path: the decoded path is not
 * plain (base/path.h; so there are no dot segments to resolve), a slash is
 * encoded, an escape is malformed, a byte is none that a target may have
 * (RFC 3986, 2), it is longer than 4,096 bytes, it is neither origin-form nor
 * absolute-form with http or https and a bare host (RFC 9112, 3.2), or absent.
 */
bool uri_plain_path(struct arena *arena, struct str target, struct str *path);

/*
 * *below: the path less the mount prefix, "" or beginning with `/`.  False,
 * and *below left alone, where the path is not the mount itself and not below
 * it.  An empty mount, or `/`, is the root.
 */
bool uri_path_below(struct str path, struct str mount, struct str *below);

#endif
